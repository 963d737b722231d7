"""robots.txt as RFC 9309 has it, over real sockets."""

from __future__ import annotations

import pytest

from digest.fetching.fetched import Limits
from digest.fetching.fetcher import Fetcher
from digest.fulltext.robots import MAX_BYTES, Robots, parsed, site_of
from tests.feed_server import feed_server


def refusal(robots: str | bytes, path: str) -> str:
    data = robots.encode() if isinstance(robots, str) else robots
    return parsed(data).refusal(f"https://paper.test{path}")


@pytest.mark.parametrize(
    ("robots", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /private/", "/private/a", False),
        ("User-agent: *\nDisallow: /private/", "/public/a", True),
        ("User-agent: *\nDisallow: /\nAllow: /news/", "/news/a", True),  # the longest match decides
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: GPTBot\nDisallow: /", "/a", True),
        ("User-agent: AINews\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),
        ("User-agent: ainews/1.0\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: ainews\nDisallow:", "/a", True),
        ("User-agent: GPTBot\nUser-agent: ainews\nDisallow: /", "/a", False),
        ("\ufeffUser-agent: *\r\nDisallow: /", "/a", False),
        ("<!doctype html><title>Not found</title>", "/a", True),
        (b"\xff\xfe\x00binary\x00", "/a", True),
    ],
)  # fmt: skip
def test_what_is_allowed(robots: str | bytes, path: str, allowed: bool) -> None:
    assert (not refusal(robots, path)) == allowed


def test_a_line_that_is_cut_off_allows_nothing_by_accident() -> None:
    filler = "# " + "x" * 98 + "\n"
    robots = "User-agent: *\nDisallow: /\n" + filler * (MAX_BYTES // len(filler) - 1)
    cut = robots + "Allow: /" + "a" * (MAX_BYTES - len(robots) - len("Allow: /") + 5)
    assert refusal(cut, "/aaa")


def test_a_large_hostile_file_comes_to_an_end() -> None:
    agents = "".join(f"User-agent: bot{n}\n" for n in range(12_000))
    robots = agents + "".join(f"Disallow: /{n}*a*b*c$\n" for n in range(12_000))
    assert refusal(robots, "/a") == ""  # without bounds this takes hours


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://paper.test/a/b?c", "https://paper.test"),
        ("http://paper.test:8080/a", "http://paper.test:8080"),
        ("https://user:secret@paper.test/a", "https://paper.test"),
        ("http://[::1]:80/a", "http://[::1]:80"),
    ],
)
def test_a_robots_txt_is_for_a_scheme_host_and_port(url: str, site: str) -> None:
    assert site_of(url) == site


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_it_is_asked_for_once_an_hour() -> None:
    clock = Clock()
    async with feed_server() as server, Fetcher(Limits(), allow_hosts=["127.0.0.1"]) as fetcher:
        server.feeds["/robots.txt"] = "User-agent: *\nDisallow: /no"
        robots = Robots(fetcher, clock=clock)
        assert await robots.refusal(server.url("/no/1")) == "robots.txt does not allow it"
        assert await robots.refusal(server.url("/yes")) == ""
        clock.now += 3599
        await robots.rules(server.url("/yes"))
        assert len(server.asked) == 1
        clock.now += 2
        await robots.rules(server.url("/yes"))
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("status", "allowed"), [(404, True), (403, True), (410, True), (429, False), (500, False), (503, False)]
)
async def test_without_a_file_all_is_allowed_and_while_it_cannot_be_had_nothing(status: int, allowed: bool) -> None:
    clock = Clock()
    async with feed_server() as server, Fetcher(Limits(), allow_hosts=["127.0.0.1"]) as fetcher:
        server.statuses["/robots.txt"] = status
        robots = Robots(fetcher, clock=clock)
        refused = await robots.refusal(server.url("/a"))
        assert (not refused) == allowed
        assert allowed or str(status) in refused
        del server.statuses["/robots.txt"]
        clock.now += 601
        assert await robots.refusal(server.url("/a")) == ""


async def test_a_host_that_does_not_answer_allows_nothing() -> None:
    async with Fetcher(Limits(timeout_s=2), allow_hosts=["127.0.0.1"]) as fetcher:
        assert "cannot be had now" in await Robots(fetcher).refusal("http://127.0.0.1:9/a")


async def test_asked_for_a_pause_it_says_how_long() -> None:
    assert parsed(b"User-agent: *\nCrawl-delay: 7").delay_s == 7
    assert parsed(b"User-agent: other\nCrawl-delay: 7").delay_s == 0
