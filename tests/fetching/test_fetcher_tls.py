from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from digest.errors import FetchError
from digest.fetching.fetched import Limits
from digest.fetching.fetcher import Fetcher
from tests.fetching.hostile import redirect, reply, serving

LIMITS = Limits(timeout_s=5)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_side(authority: trustme.CA, name: str, expires: datetime | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=expires).configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> Fetcher:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return Fetcher(LIMITS, allow_hosts=("localhost", "127.0.0.1"), tls=context)


async def test_a_page_is_fetched_over_tls(authority):
    tls = server_side(authority, "localhost")
    async with serving(lambda _: reply(b"ok"), tls=tls) as server, trusting(authority) as fetcher:
        assert (await fetcher.fetch(server.url(host="localhost", scheme="https"))).body == b"ok"


@pytest.mark.parametrize(
    ("name", "expires", "words"),
    [
        ("localhost", datetime.now(UTC) - timedelta(days=1), "expired"),
        ("elsewhere.test", None, "mismatch"),
    ],
)
async def test_a_certificate_that_is_not_valid_is_refused_with_the_reason(authority, name, expires, words):
    tls = server_side(authority, name, expires)
    async with serving(lambda _: reply(b"ok"), tls=tls) as server, trusting(authority) as fetcher:
        with pytest.raises(FetchError, match=f"certificate is not valid: .*{words}"):
            await fetcher.fetch(server.url(host="localhost", scheme="https"))
    assert server.asked == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(authority):
    tls, stranger = server_side(authority, "localhost"), Fetcher(LIMITS, allow_hosts=("localhost",))
    async with serving(lambda _: reply(b"ok"), tls=tls) as server, stranger as fetcher:
        with pytest.raises(FetchError, match="certificate is not valid"):
            await fetcher.fetch(server.url(host="localhost", scheme="https"))


async def test_a_redirect_from_https_to_http_is_refused(authority):
    async with (
        serving(lambda _: reply(b"plain")) as plain,
        serving(lambda _: redirect(plain.url("/feed")), tls=server_side(authority, "localhost")) as server,
        trusting(authority) as fetcher,
    ):
        with pytest.raises(FetchError, match="from https to http") as caught:
            await fetcher.fetch(server.url(host="localhost", scheme="https"))
    assert plain.url("/feed") in caught.value.remedy
    assert plain.asked == []
