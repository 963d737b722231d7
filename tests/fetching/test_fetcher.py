from __future__ import annotations

import asyncio
import gzip
import time
import tracemalloc

import pytest

from digest.errors import FetchError
from digest.fetching.fetched import Limits
from digest.fetching.fetcher import Fetcher, fetch
from digest.fetching.guard import AddressGuard
from tests.fetching.hostile import redirect, reply, serving

LOCAL = ("127.0.0.1",)
QUICK = Limits(timeout_s=0.6, max_bytes=100_000)


class Names:
    """A name server for tests: a list of answers for each name, the last one repeated."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): given for name, given in answers.items()}
        self.asked: list[str] = []

    async def addresses(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        given = self.answers.get(host)
        if given is None:
            raise OSError("no such name")
        return given.pop(0) if len(given) > 1 else given[0]


async def refused(url: str, limits: Limits = QUICK, **options) -> FetchError:
    options.setdefault("allow_hosts", LOCAL)
    with pytest.raises(FetchError) as caught:
        await fetch(url, limits, **options)
    return caught.value


async def test_an_answer_comes_with_its_headers_and_charset():
    answer = reply("<é>".encode("latin-1"), "Content-Type: Text/XML; charset=ISO-8859-1", 'ETag: "a"')
    async with serving(lambda _: answer) as server:
        got = await fetch(server.url("/feed?x=1#top"), QUICK, allow_hosts=LOCAL)
    assert (got.status, got.body, got.content_type, got.charset) == (200, b"<\xe9>", "text/xml", "ISO-8859-1")
    assert got.headers["etag"] == '"a"'
    assert got.final_url == server.url("/feed?x=1")


async def test_a_server_is_told_honestly_who_asks_and_nothing_else():
    async with serving(lambda _: reply()) as server:
        await fetch(server.url(), QUICK, allow_hosts=LOCAL, headers={"Accept": "text/xml"})
    head = server.asked[0].lower()
    assert "user-agent: ainews" in head
    assert "accept: text/xml" in head
    assert "accept-encoding: gzip, deflate\r\n" in head
    assert "cookie" not in head
    assert "authorization" not in head


async def test_many_fetches_share_one_fetcher():
    async with serving(lambda path: reply(path.encode())) as server, Fetcher(QUICK, allow_hosts=LOCAL) as fetcher:
        got = await asyncio.gather(*(fetcher.fetch(server.url(f"/{n}")) for n in range(20)))
    assert [g.body for g in got] == [f"/{n}".encode() for n in range(20)]


# --- where it may go ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "127.1", "0x7f.1", "0x7f000001", "2130706433", "0177.0.0.1",
        "127.0.0.1.", "0.0.0.0", "0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "１２７.0.0.1", "127。0。0。1", "10.0.0.1",
        "169.254.169.254", "100.100.100.200", "168.63.129.16", "[fd00:ec2::254]", "[fe80::1%25lo]",
        "LOCALHOST",
    ],
)  # fmt: skip
async def test_a_private_address_is_refused_in_every_spelling_and_never_dialled(host):
    async with serving(lambda _: reply(b"secret")) as server:
        error = await refused(server.url(host=host), allow_hosts=())
    assert "not public" in str(error)
    assert "AINEWS_FETCH_ALLOW_HOSTS" in error.remedy
    assert server.asked == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "only http and https"),
        ("ftp://127.0.0.1/", "only http and https"),
        ("javascript:alert(1)", "only http and https"),
        ("example.com/feed", "only http and https"),
        ("", "only http and https"),
        ("http://", "no host"),
        ("http:///feed", "no host"),
        ("http://user:secret@127.0.0.1/", "user name or password"),
        ("http://user@127.0.0.1/", "user name or password"),
        ("http://127.0.0.1:99999/", "not valid"),
        ("http://127.0.0.1:0/", "no host"),
        ("http://127.0.0.1\\@example.com/", "not valid"),
        ("http://[::1/", "not valid"),
        ("http://1.2.3.400/", "not valid"),
        ("http://127.0.0.1/" + "a" * 9000, "longer than"),
    ],
)
async def test_what_is_no_plain_web_address_is_refused(url, reason):
    error = await refused(url)
    assert reason in str(error)
    assert "secret" not in f"{error} {error.where} {error.remedy}"


async def test_a_name_with_a_private_address_is_refused_unless_it_is_allowed():
    names = Names(feed_test=[["127.0.0.1"]])
    async with serving(lambda _: reply(b"ok")) as server:
        url = server.url(host="feed.test")
        assert "not public (loopback)" in str(await refused(url, allow_hosts=LOCAL, resolver=names))
        assert (await fetch(url, QUICK, allow_hosts=("Feed.Test:80",), resolver=names)).body == b"ok"
    assert len(server.asked) == 1
    assert "host: feed.test:" in server.asked[0].lower()


async def test_only_the_public_addresses_of_a_name_may_be_dialled():
    guard = AddressGuard(resolver=Names(both_test=[["10.0.0.1", "93.184.216.34", "::1", "2606:2800::1"]]))
    assert await guard.addresses("both.test", 80) == ("93.184.216.34", "2606:2800::1")


async def test_an_answer_that_changes_after_the_check_changes_nothing():
    names = Names(feed_test=[["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"]])
    async with serving(lambda _: reply(b"ok")) as server:
        got = await fetch(server.url(host="feed.test"), QUICK, allow_hosts=("feed.test",), resolver=names)
    assert got.body == b"ok"
    assert names.asked == ["feed.test"]


async def test_the_socket_itself_refuses_what_was_not_checked(monkeypatch):
    async def lies(self: AddressGuard, host: str, port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)

    monkeypatch.setattr(AddressGuard, "addresses", lies)
    async with serving(lambda _: reply(b"secret")) as server:
        error = await refused(server.url(host="public.test"), allow_hosts=())
    assert "not public" in str(error)
    assert server.asked == []


async def test_a_name_that_does_not_exist_is_told_in_words():
    assert "cannot be resolved" in str(await refused("http://nowhere.test/", resolver=Names()))


async def test_a_proxy_in_the_environment_is_not_used(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with serving(lambda _: reply(b"direct")) as server:
        assert (await fetch(server.url(), QUICK, allow_hosts=LOCAL)).body == b"direct"


# --- redirects ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_redirects_are_followed_and_the_last_address_is_told(status):
    pages = {"/a": redirect("b?x=1", status), "/b?x=1": redirect("/c", status), "/c": reply(b"here")}
    async with serving(pages.__getitem__) as server:
        got = await fetch(server.url("/a"), QUICK, allow_hosts=LOCAL)
    assert (got.body, got.url, got.final_url) == (b"here", server.url("/a"), server.url("/c"))


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        (["301 Moved Permanently", "308 Permanent Redirect"], "/2"),
        (["308 Permanent Redirect", "302 Found"], "/1"),
        (["302 Found", "301 Moved Permanently"], ""),
        ([], ""),
    ],
)
async def test_where_it_moved_for_good_is_told_up_to_the_first_redirect_that_is_for_now(statuses, moved_to):
    pages = {f"/{n}": redirect(f"/{n + 1}", status) for n, status in enumerate(statuses)}
    async with serving(lambda path: pages.get(path) or reply(b"here")) as server:
        got = await fetch(server.url("/0"), QUICK, allow_hosts=LOCAL)
        assert got.moved_to == (server.url(moved_to) if moved_to else "")


async def test_five_redirects_are_followed_and_a_sixth_is_not():
    async with serving(lambda path: redirect(f"/{n - 1}") if (n := int(path[1:])) else reply(b"here")) as server:
        assert (await fetch(server.url("/5"), QUICK, allow_hosts=LOCAL)).body == b"here"
        assert "more than 5 times" in str(await refused(server.url("/6")))


async def test_a_redirect_in_a_circle_ends_at_once():
    async with serving(lambda path: redirect("/b" if path == "/a" else "/a")) as server:
        assert "in a circle" in str(await refused(server.url("/a")))
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "target",
    [
        "http://localhost:{port}/", "http://127.1:{port}/", "http://[::1]:{port}/", "http://169.254.169.254/latest/meta-data/",
        "http://inside.test:{port}/", "//localhost:{port}/", "file:///etc/passwd", "http://user:pw@127.0.0.1:{port}/",
        "javascript:alert(1)", "http://[/", "gopher://127.0.0.1:{port}/",
    ],
)  # fmt: skip
async def test_a_redirect_to_where_it_may_not_go_is_refused(target):
    names = Names(inside_test=[["127.0.0.1"]], localhost=[["127.0.0.1"]])
    async with serving(lambda _: redirect(target.format(port=server.port))) as server:
        await refused(server.url("/start"), allow_hosts=LOCAL, resolver=names)
    assert len(server.asked) == 1


async def test_the_body_of_a_redirect_is_not_read():
    async def endless():
        yield b"HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n"
        while True:
            yield b"x" * 65536

    async with serving(lambda path: endless() if path == "/" else reply(b"there")) as server:
        assert (await fetch(server.url(), QUICK, allow_hosts=LOCAL)).body == b"there"


async def test_cookies_are_not_kept():
    pages = {"/": reply(b"", "Location: /b", "Set-Cookie: a=b; Path=/", status="302 Found"), "/b": reply(b"")}
    async with serving(pages.__getitem__) as server:
        await fetch(server.url(), QUICK, allow_hosts=LOCAL)
    assert "cookie" not in server.asked[1].lower()


# --- limits ---------------------------------------------------------------------------------------------------------


async def dripping(head: bytes, pause_s: float = 0.1):
    for byte in head + b"x" * 1000:
        yield bytes([byte])
        await asyncio.sleep(pause_s)


async def silent():
    await asyncio.sleep(60)
    yield b""


async def heads():
    while True:
        yield b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        await asyncio.sleep(0.001)


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: dripping(b"HTTP/1.1 200 OK\r\n"),
        lambda _: dripping(b"", pause_s=0.05),
        lambda _: silent(),
        lambda _: heads(),
    ],
    ids=["headers byte by byte", "no HTTP, byte by byte", "silence", "endless interim answers"],
)
async def test_the_deadline_holds_however_slowly_a_server_talks(answer):
    began = time.monotonic()
    async with serving(answer) as server:
        error = await refused(server.url())
    assert time.monotonic() - began < 2
    assert "within 0.6 s" in str(error) or "not valid HTTP" in str(error)


async def test_the_deadline_holds_for_a_body_of_a_byte_now_and_then():
    async def body():
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        async for byte in dripping(b""):
            yield byte

    began = time.monotonic()
    async with serving(lambda _: body()) as server:
        assert "within 0.6 s" in str(await refused(server.url()))
    assert time.monotonic() - began < 2


async def test_the_deadline_spans_redirects():
    async def slow(path: str):
        await asyncio.sleep(0.25)
        yield redirect(path + "x")

    began = time.monotonic()
    async with serving(slow) as server:
        assert "within 0.6 s" in str(await refused(server.url()))
    assert time.monotonic() - began < 2


async def endless(head: str):
    yield head.encode() + b"\r\n\r\n"
    while True:
        yield b"10000\r\n" + b"x" * 65536 + b"\r\n" if "chunked" in head else b"x" * 65536


@pytest.mark.parametrize("head", ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"])
async def test_an_endless_body_is_left_at_the_limit(head):
    async with serving(lambda _: endless(head)) as server:
        assert "larger than 100,000 bytes" in str(await refused(server.url(), Limits(timeout_s=10, max_bytes=100_000)))


async def test_a_body_announced_as_too_large_is_not_read_at_all():
    async with serving(lambda _: silent_after(b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n")) as server:
        assert "larger than" in str(await refused(server.url()))


async def silent_after(head: bytes):
    yield head
    await asyncio.sleep(60)


async def test_a_body_of_exactly_the_limit_is_taken():
    async with serving(lambda _: reply(b"x" * 100_000)) as server:
        assert len((await fetch(server.url(), QUICK, allow_hosts=LOCAL)).body) == 100_000


async def test_a_bomb_costs_no_more_memory_than_the_limit():
    bomb = reply(gzip.compress(bytes(100_000_000), 9), "Content-Encoding: gzip")
    async with serving(lambda _: bomb) as server:
        tracemalloc.start()
        try:
            error = await refused(server.url(), Limits(timeout_s=10, max_bytes=1_000_000))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert "larger than 1,000,000 bytes" in str(error)
    assert peak < 6_000_000


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (["Content-Encoding: gzip, gzip"], "2 times over"),
        (["Content-Encoding: gzip", "Content-Encoding: gzip"], "2 times over"),
        (["Content-Encoding: br"], "'br', which was not asked for"),
        (["Content-Encoding: zstd"], "'zstd'"),
    ],
)
async def test_compression_that_was_not_asked_for_is_refused(headers, reason):
    body = gzip.compress(gzip.compress(b"x"))
    async with serving(lambda _: reply(body, *headers)) as server:
        assert reason in str(await refused(server.url()))


async def test_one_layer_of_compression_is_undone_and_the_inner_one_is_left():
    inner = gzip.compress(b"x" * 1000)
    async with serving(lambda _: reply(gzip.compress(inner), "Content-Encoding: gzip")) as server:
        assert (await fetch(server.url(), QUICK, allow_hosts=LOCAL)).body == inner


@pytest.mark.parametrize(
    "headers", [["X: " + "y" * 20_000], [f"X-{n}: y" for n in range(5000)]], ids=["a long header", "many headers"]
)
async def test_headers_beyond_measure_are_refused(headers):
    async with serving(lambda _: reply(b"x", *headers)) as server:
        assert "headers are too large" in str(await refused(server.url(), Limits(timeout_s=5)))


# --- answers that are none ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"",
    ],
)
async def test_an_answer_that_breaks_off_is_never_taken_for_the_whole(answer):
    async with serving(lambda _: answer) as server:
        assert "broke off" in str(await refused(server.url()))


async def test_a_compressed_answer_that_breaks_off_is_never_taken_for_the_whole():
    packed = gzip.compress(bytes(range(256)) * 100)
    async with serving(lambda _: reply(packed[:-20], "Content-Encoding: gzip")) as server:
        assert "ended early" in str(await refused(server.url()))


async def test_what_is_not_http_is_told_in_words():
    async with serving(lambda _: b"SSH-2.0-OpenSSH_9.6\r\n\r\n") as server:
        assert "not valid HTTP" in str(await refused(server.url()))


async def test_a_port_where_nobody_listens_is_told_in_words():
    async with serving(lambda _: b"") as server:
        url = server.url()
    error = await refused(url)
    assert "cannot be reached" in str(error)
    assert error.where == url


@pytest.mark.parametrize(("status", "words"), [("404 Not Found", "404 (Not Found)"), ("299 Odd", ""), ("599 Odd", "599")])
async def test_a_status_other_than_success_is_an_error_that_carries_it(status, words):
    async with serving(lambda _: reply(b"x", status=status)) as server:
        if not words:
            assert (await fetch(server.url(), QUICK, allow_hosts=LOCAL)).status == 299
            return
        error = await refused(server.url())
    assert words in str(error)
    assert error.status == int(status[:3])


async def test_a_server_that_is_busy_says_when_to_come_back():
    async with serving(lambda _: reply(b"", "Retry-After: 120", status="503 Busy")) as server:
        error = await refused(server.url())
    assert (error.status, error.retry_after_s) == (503, 120.0)


async def test_not_modified_is_an_answer_only_to_a_condition():
    async with serving(lambda _: reply(status="304 Not Modified")) as server:
        got = await fetch(server.url(), QUICK, allow_hosts=LOCAL, headers={"If-None-Match": '"a"'})
        assert (got.status, got.body) == (304, b"")
        assert (await refused(server.url())).status == 304


async def test_a_redirect_to_nowhere_is_an_error():
    async with serving(lambda _: reply(status="302 Found")) as server:
        assert (await refused(server.url())).status == 302
