"""Which requests are Slack's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from bot.slack.signed_http import signed_by_slack

NOW = 1_763_900_000.0


def signed(body: bytes, secret: str = "secret", at: float = NOW) -> dict[str, str]:
    stamp = str(int(at))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    assert signature
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}


@given(st.binary(max_size=200).filter(lambda b: b.decode("utf-8", "replace").encode() == b))
def test_what_the_real_sdk_signs_is_signed(body: bytes) -> None:
    assert signed_by_slack("secret", signed(body), body, NOW)


@pytest.mark.parametrize("late_s", [-301, 301, 10**6])
def test_a_signature_of_another_time_is_none(late_s: float) -> None:
    assert not signed_by_slack("secret", signed(b"a=1", at=NOW + late_s), b"a=1", NOW)
    assert signed_by_slack("secret", signed(b"a=1", at=NOW + 299), b"a=1", NOW)


def test_another_body_or_secret_is_not_signed() -> None:
    assert not signed_by_slack("secret", signed(b"a=1"), b"a=2", NOW)
    assert not signed_by_slack("other", signed(b"a=1"), b"a=1", NOW)


@given(st.text(max_size=40), st.text(max_size=90))
def test_no_header_whatever_raises_or_is_believed(stamp: str, signature: str) -> None:
    assert not signed_by_slack("secret", {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}, b"a", NOW)


@pytest.mark.parametrize("stamp", ["", "junk", "1e9", "-1", "٣", " 1763900000", "17639000000000000000000000"])
def test_a_timestamp_that_is_none_is_refused(stamp: str) -> None:
    headers = {**signed(b"a"), "X-Slack-Request-Timestamp": stamp}
    assert not signed_by_slack("secret", headers, b"a", NOW)


def test_without_headers_nothing_is_signed() -> None:
    assert not signed_by_slack("secret", {}, b"", NOW)
    assert not signed_by_slack("secret", {"X-Slack-Request-Timestamp": str(int(NOW))}, b"", NOW)
