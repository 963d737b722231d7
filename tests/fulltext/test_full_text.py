"""Articles' pages fetched over real sockets: with leave, one after the other, and with a reason where it was in vain."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from digest.errors import SourceError
from digest.fetching.fetched import Limits
from digest.fetching.fetcher import Fetcher
from digest.fulltext.extraction import extracted
from digest.fulltext.full_text import FullText
from digest.fulltext.page import Extracted, Page
from digest.fulltext.pages import PageProcesses
from tests.builders import article
from tests.feed_server import FeedServer, feed_server
from tests.fulltext.test_extraction import PARAGRAPHS, page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from digest.fulltext.page import ReadsPages
    from digest.model import Article

EXCERPT = PARAGRAPHS[0][:60] + " […]"
TEXT = "\n\n".join(PARAGRAPHS)
HTML = {"Content-Type": "text/html; charset=utf-8"}


async def here(given: Page) -> Extracted:
    """Reads a page in this process."""
    return extracted(given)


@asynccontextmanager
async def reading(pages: ReadsPages = here, **given: Any) -> AsyncIterator[tuple[FeedServer, FullText]]:
    """A publisher's server, and what reads its pages; ``/orders`` is an article."""
    async with feed_server() as server, Fetcher(Limits(timeout_s=5), allow_hosts=["127.0.0.1"]) as fetcher:
        server.feeds["/orders"] = page()
        server.headers["/orders"] = HTML
        yield server, FullText(fetcher, pages, **{"pause_s": 0.0, **given})


def excerpt(server: FeedServer, path: str = "/orders", **fields: Any) -> Article:
    """An article at ``path``, of which a feed gave the beginning."""
    return article("Assistants place orders", **{"url": server.url(path), "body": EXCERPT, **fields})


async def test_an_excerpt_becomes_the_text_of_its_page() -> None:
    async with reading() as (server, full_text):
        given = excerpt(server)
        whole = await full_text.completed(given)
    assert whole.body == TEXT
    assert (whole.excerpt_only, whole.language) == ("", "en")
    assert (whole.id, whole.title, whole.publisher, whole.published) == (
        given.id,
        given.title,
        given.publisher,
        given.published,
    )


async def test_a_whole_text_is_left_as_it_is_and_nobody_is_asked() -> None:
    async with reading() as (server, full_text):
        given = excerpt(server, body=TEXT * 3)
        assert await full_text.completed(given) == given
        assert server.asked == []


@pytest.mark.parametrize(
    ("own", "believed"),
    [
        ("/a?id=1", True),
        ("http://127.0.0.1/b", True),
        ("https://bank.example/b", False),
        ("https://a.127.0.0.1.nip.example/b", False),
    ],
)
async def test_a_page_is_believed_on_its_own_address_where_that_is_on_its_host(own: str, believed: bool) -> None:
    async with reading() as (server, full_text):
        server.feeds["/orders"] = page(head=f'<link rel="canonical" href="{own}">')
        read = await full_text.read(server.url("/orders"))
        assert (read.url == server.url("/orders")) != believed


async def test_what_robots_txt_forbids_is_not_fetched() -> None:
    async with reading() as (server, full_text):
        server.feeds["/robots.txt"] = "User-agent: *\nDisallow: /orders"
        left = await full_text.completed(excerpt(server))
        assert (left.body, left.excerpt_only) == (EXCERPT, "robots.txt does not allow it")
        assert [path for path, _ in server.asked] == ["/robots.txt"]


async def test_a_page_to_which_a_redirect_leads_needs_leave_too() -> None:
    async with reading() as (server, full_text):
        server.moved["/go"] = (302, "/orders")
        assert (await full_text.completed(excerpt(server, "/go"))).body == TEXT
        server.feeds["/robots.txt"] = "User-agent: *\nDisallow: /orders"
    async with reading() as (server, full_text):
        server.moved["/go"] = (302, "/orders")
        server.feeds["/robots.txt"] = "User-agent: *\nDisallow: /orders"
        assert (await full_text.completed(excerpt(server, "/go"))).excerpt_only == "robots.txt does not allow it"


@pytest.mark.parametrize(
    ("served", "kind", "reason"),
    [
        ("", "text/html", "it is no page"),
        ("<p></p>", "text/html", "there is no text"),
        ("%PDF-1.7 and so on", "application/octet-stream", "it is a PDF"),
        ("%PDF-1.7 and so on", "text/html", "it is a PDF"),
        ("{}", "application/json", "it is JSON"),
        (page("Please accept cookies, or choose what to share with our 812 partners, before you go on to the site." * 3), "text/html",
         "shows something else"),
        (page(PARAGRAPHS[0][:60]), "text/html", "hardly more than the feed gave"),
    ],
)  # fmt: skip
async def test_a_page_that_does_not_help_leaves_the_excerpt(served: str, kind: str, reason: str) -> None:
    async with reading() as (server, full_text):
        server.feeds["/orders"], server.headers["/orders"] = served, {"Content-Type": kind}
        left = await full_text.completed(excerpt(server))
    assert left.body == EXCERPT
    assert reason in left.excerpt_only


@pytest.mark.parametrize("status", [404, 403, 451, 500])
async def test_a_page_that_is_refused_leaves_the_excerpt(status: int) -> None:
    async with reading() as (server, full_text):
        server.statuses["/orders"] = status
        left = await full_text.completed(excerpt(server))
    assert left.body == EXCERPT
    assert str(status) in left.excerpt_only


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest/meta-data", "http://10.0.0.1/a", "http://localhost:1/"])
async def test_private_addresses_are_refused(url: str) -> None:
    async with reading() as (_, full_text):
        with pytest.raises(SourceError):
            await full_text.read(url)


async def test_one_that_was_left_is_not_looked_at_again() -> None:
    async with reading() as (server, full_text):
        server.statuses["/orders"] = 404
        left = await full_text.completed(excerpt(server))
        asked = len(server.asked)
        assert await full_text.completed(left) == left
        assert len(server.asked) == asked


async def test_pages_of_one_host_are_fetched_one_at_a_time_with_a_pause_between() -> None:
    async with reading(pause_s=0.2) as (server, full_text):
        loop = asyncio.get_running_loop()
        server.wait_s = 0.05
        begun = loop.time()
        whole = await asyncio.gather(*(full_text.completed(excerpt(server)) for _ in range(4)))
        taken = loop.time() - begun
        assert {w.body for w in whole} == {TEXT}
        assert server.most == 1
    assert taken >= 3 * 0.2


async def test_who_gets_no_turn_in_time_stays_an_excerpt() -> None:
    async with reading(pause_s=30.0, patience_s=0.5) as (server, full_text):
        first = await full_text.completed(excerpt(server))
        second = await full_text.completed(excerpt(server))
    assert first.body == TEXT
    assert second.excerpt_only == "its host gave no turn in 0.5 s"


async def test_a_page_that_takes_too_long_to_read_is_given_up() -> None:
    async with PageProcesses(deadline_s=2) as hasty, reading(hasty) as (server, full_text):
        server.feeds["/orders"] = page(*(f"{p} {n}" for n in range(15_000) for p in PARAGRAPHS))
        left = await full_text.completed(excerpt(server))
        assert left.excerpt_only.startswith("it took longer than 2 s to read")
        server.feeds["/orders"] = page()
        assert (await full_text.completed(excerpt(server))).body == TEXT
