"""AINEWS_REDIS_URL in its parts."""

from __future__ import annotations

import traceback

import pytest

from digest.errors import ConfigurationError
from digest.stores.address import Address, Host, each_node, parse, redacted
from digest.stores.connection import open_server

SECRET = "%2F%40%3A%25%3F%23%2C"
MEANT = "/@:%?#,"


@pytest.mark.parametrize(
    ("url", "meant", "shown"),
    [
        ("redis://h", Address("server", False, (Host("h", 6379),)), "redis://h:6379/0"),
        (
            f"rediss://user:{SECRET}@h:6380/2?client_name=x",
            Address("server", True, (Host("h", 6380),), db=2, username="user", password=MEANT, options={"client_name": "x"}),
            "rediss://h:6380/2",
        ),
        (f"unix://:{SECRET}@/run/s?db=3", Address("server", False, (), path="/run/s", db=3, password=MEANT), "unix:///run/s"),
        (
            "redis+cluster://h1,h2:7001,[::1]:7002",
            Address("cluster", False, (Host("h1", 6379), Host("h2", 7001), Host("::1", 7002))),
            "redis+cluster://h1:6379,h2:7001,[::1]:7002",
        ),
        (
            f"rediss-cluster://u:{SECRET}@h1:1,h2:2/0?ssl_cert_reqs=none",
            Address(
                "cluster", True, (Host("h1", 1), Host("h2", 2)), username="u", password=MEANT, options={"ssl_cert_reqs": "none"}
            ),
            "rediss+cluster://h1:1,h2:2",
        ),
        (
            f"redis+sentinel://u:{SECRET}@s1,[::1]:5/my%20news/4?sentinel_username=w&sentinel_password={SECRET}",
            Address(
                "sentinel", False, (Host("s1", 26379), Host("::1", 5)), db=4, primary="my news", username="u", password=MEANT,
                sentinel_username="w", sentinel_password=MEANT,
            ),
            "redis+sentinel://s1:26379,[::1]:5/my news/4",
        ),
        (
            "rediss+sentinel://s1/news", Address("sentinel", True, (Host("s1", 26379),), primary="news"),
            "rediss+sentinel://s1:26379/news/0",
        ),
    ],
)  # fmt: skip
def test_a_url_is_read_in_its_parts_and_shown_without_who_we_are(url: str, meant: Address, shown: str) -> None:
    found = parse(url)
    assert found == meant
    assert redacted(url) == shown
    assert MEANT not in repr(found)
    open_server(url)  # nothing is connected


@pytest.mark.parametrize(
    "url",
    [
        "redis+cluster://",
        "redis+cluster:///0",
        "redis+cluster://:wr0ng-secret@",
        "redis+cluster://:wr0ng/secret@h:1",
        "redis+cluster://:wr0ng?secret@h:1",
        "redis+cluster://:wr0ng#secret@h:1",
        "redis+cluster://:wr0ng-secret@h:port",
        "redis+cluster://:wr0ng-secret@h:1,h:port/",
        "redis+cluster://:wr0ng-secret@h:1/1",
        "redis+cluster://:wr0ng-secret@h:1/0?db=1",
        "redis+cluster://:wr0ng-secret@h:1/0?sentinel_password=x",
        "redis+cluster://:wr0ng-secret@h:1/0?read_from_replicas=true",
        "redis+cluster://:wr0ng-secret@[::1,h:1/0",
        "redis+sentinel://:wr0ng-secret@s:1",
        "redis+sentinel://:wr0ng-secret@s:1/",
        "redis+sentinel://:wr0ng-secret@s:1/news/first",
        "redis+sentinel://:wr0ng-secret@s:1/news/0/1",
        "redis+sentinel://s:1/news?sentinel_password=wr0ng@secret",
        "redis+sentinel://s:1/news?sentinel_password=wr0ng&decode_responses=secret",
        "rediss+cluster://:wr0ng-secret@h:1?ssl_ca_certs=/nowhere/secret",
        "redis+other://:wr0ng-secret@h",
        "redis://:wr0ng-secret@h1:1,h2:2/0",
    ],
)
def test_a_url_that_is_none_is_told_without_any_of_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match="AINEWS_REDIS_URL is not valid") as caught:
        open_server(url)
    told = "".join(traceback.format_exception(caught.value, chain=True))
    assert not any(part in f"{told} {caught.value.remedy}" for part in ("wr0ng", "secret"))
    assert redacted(url) == "a URL that is not valid"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("redis://:pw@a:1/0", ["redis://:pw@a:1/0"]),
        ("unix:///run/s", ["unix:///run/s"]),
        ("Redis-Cluster://u:p%40w@a:1,b/?ssl_cert_reqs=none", [f"redis+cluster://u:p%40w@{h}/?ssl_cert_reqs=none" for h in ("a:1", "b:6379")]),
        ("rediss+cluster://[::1]:7,c:8", ["rediss+cluster://[::1]:7", "rediss+cluster://c:8"]),
        ("redis-sentinel://s1,s2:5/news/0", ["redis+sentinel://s1,s2:5/news/0"]),
    ],
)  # fmt: skip
def test_others_are_given_one_node_of_a_cluster_and_no_alias(url: str, wanted: list[str]) -> None:
    assert each_node(url) == wanted
