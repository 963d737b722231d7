"""Links added over real sockets, into a real store and a real folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from digest import pipeline
from digest.adding import Added, LinkAdder, link_in
from digest.collected import Collected
from digest.errors import AinewsError, FetchError, SourceError, StoreError
from digest.factory import offline_assessor, profile, sources
from digest.fetching.fetched import Limits
from digest.fetching.fetcher import Fetcher
from digest.fulltext.extraction import extracted
from digest.fulltext.full_text import FullText
from digest.fulltext.page import Extracted, Page
from digest.knowledge_base.document import parse_document
from digest.model import Article, Assessment, Incoming
from digest.settings import Settings
from digest.sources.linked import InboxFiles, KnowledgeBaseDocuments, LinkedPages
from digest.stores.keys import Keys
from digest.stores.memory import MemoryArticles
from digest.stores.redis_articles import RedisArticles
from digest.stories.urls import canonical_url
from tests.builders import MOMENT, article, entry
from tests.feed_server import FeedServer, feed_server
from tests.fulltext.test_extraction import PARAGRAPHS, page

HTML = {"Content-Type": "text/html; charset=utf-8"}
HEAD = (
    '<meta property="article:published_time" content="2026-11-20T09:30:00+01:00"><meta name="author" content="Ada Writer">'
    '<link rel="canonical" href="/orders">'
)
TEXT = "\n\n".join(PARAGRAPHS)


class Assessed:
    """The offline assessor, and for whom it was asked."""

    def __init__(self) -> None:
        self._offline = offline_assessor(profile(Settings.load()))
        self.asked: list[str] = []

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        self.asked.append(article.id)
        await asyncio.sleep(0.01)
        return await self._offline.assess(article, known)


async def here(given: Page) -> Extracted:
    """Reads a page in this process."""
    return extracted(given)


@dataclass
class Place:
    """A publisher's server whose ``/orders`` is an article, a store, a knowledge base, and what adds links to them."""

    site: FeedServer
    store: RedisArticles
    root: Path
    adder: LinkAdder
    assessor: Assessed = field(default_factory=Assessed)

    @property
    def documents(self) -> list[Path]:
        """What is filed."""
        return sorted(p for p in self.root.rglob("*.md") if p.name != "INDEX.md")

    def serve(self, path: str, body: str, kind: str = HTML["Content-Type"]) -> str:
        """Put a page on the server; its address."""
        self.site.feeds[path], self.site.headers[path] = body, {"Content-Type": kind}
        return self.site.url(path)

    async def failure(self, text: str) -> AinewsError:
        """Why the link cannot be added; nothing is kept of it."""
        with pytest.raises(AinewsError) as caught:
            await self.adder.add(text)
        assert (await self.store.total(), self.documents) == (0, [])
        return caught.value


Opens = Any


@pytest.fixture
async def opens(redis_client: Redis, keys: Keys, tmp_path: Path) -> Opens:
    """Opens a place; ``allow``: hosts of this machine that may be fetched, ``inbox``: articles are left there."""

    @asynccontextmanager
    async def opened(
        *, allow: tuple[str, ...] = ("127.0.0.1",), inbox: bool = False, limits: Limits | None = None, **given: Any
    ) -> AsyncIterator[Place]:
        root = tmp_path / "kb"
        store = RedisArticles(redis_client, keys)
        held_as = sources(Settings.load(), knowledge_bases=[root])[0].name
        documents = InboxFiles(tmp_path / "inbox", held_as=held_as) if inbox else KnowledgeBaseDocuments(root, held_as=held_as)
        assessor = Assessed()
        async with feed_server() as site, Fetcher(limits or Limits(timeout_s=5), allow_hosts=allow) as fetcher:
            pages = LinkedPages(FullText(fetcher, here, pause_s=0.0), clock=lambda: MOMENT)
            place = Place(site, store, root, LinkAdder(pages, documents, store, assessor, **given), assessor)
            place.serve("/orders", page(head=HEAD))
            yield place

    return opened


@pytest.fixture
async def place(opens: Opens) -> AsyncIterator[Place]:
    async with opens() as opened:
        yield opened


async def test_a_new_link_becomes_an_assessed_article_and_a_document(place: Place) -> None:
    added = await place.adder.add(place.site.url("/orders"))
    found, judged = added.lead.article, added.lead.assessment
    assert added.outcome == "new"
    assert (found.title, found.publisher, found.author, found.body) == (
        "Assistants place orders",
        "The Paper",
        "Ada Writer",
        TEXT,
    )
    assert f"{found.published:%Y-%m-%d %H:%M %Z}" == "2026-11-20 08:30 UTC"
    assert found.url == place.site.url("/orders")
    assert judged.score is not None
    assert judged.provenance.score == judged.provenance.summary == "offline"
    assert [str(p) for p in place.documents] == [added.document]
    document = parse_document(place.documents[0].read_bytes(), now=MOMENT)
    assert (document.title, document.score, document.summary, document.body) == (
        found.title,
        judged.score,
        judged.summary,
        TEXT,
    )
    assert found.title in (place.root / "INDEX.md").read_text()


async def test_the_store_knows_the_document_before_the_knowledge_base_is_collected(place: Place) -> None:
    added = await place.adder.add(place.site.url("/orders"))
    collected = await pipeline.collect(
        sources(Settings.load(), knowledge_bases=[place.root]), place.store, place.assessor, again=False
    )
    assert {k: v for k, v in collected.counts().items() if v} == {"seen": 1, "unchanged": 1}
    assert (await place.store.get([added.lead.article.id]))[0] == added.held


@pytest.mark.parametrize("again", ["/orders", "/orders?utm_source=x&fbclid=1", "/orders/#top", "/moved", "/orders.amp.html"])
async def test_the_same_link_again_is_held_however_it_is_decorated(place: Place, again: str) -> None:
    first = await place.adder.add(place.site.url("/orders"))
    place.site.moved["/moved"] = (302, "/orders")
    place.serve("/orders.amp.html", page(head=HEAD))
    second = await place.adder.add(place.site.url(again))
    assert (second.outcome, second.held, second.document) == ("held", first.held, "")
    assert (len(place.documents), len(place.assessor.asked)) == (1, 1)


async def test_a_link_with_tracking_is_kept_under_the_address_of_its_page(place: Place) -> None:
    added = await place.adder.add(place.site.url("/orders?utm_source=newsletter"))
    assert added.lead.article.url == place.site.url("/orders")


async def test_of_many_who_add_one_link_at_once_one_is_told_that_it_is_new(place: Place) -> None:
    place.site.wait_s = 0.05
    link = place.site.url("/orders")
    added = await asyncio.gather(*(place.adder.add(f"{link}?utm_source={n}") for n in range(12)))
    assert sorted(a.outcome for a in added) == ["held"] * 11 + ["new"]
    assert (len(place.documents), len(place.assessor.asked)) == (1, 1)


async def test_two_addresses_of_one_page_added_at_once_are_one_article(place: Place) -> None:
    place.site.moved["/moved"] = (302, "/orders")
    added = await place.adder.add_each([place.site.url("/orders"), place.site.url("/moved")])
    assert sorted(a.outcome for a in added if isinstance(a, Added)) == ["held", "new"]
    assert len(place.documents) == 1


async def test_a_redirect_is_followed_to_the_page(place: Place) -> None:
    place.site.moved["/go"] = (301, "/orders")
    assert (await place.adder.add(place.site.url("/go"))).lead.article.url == place.site.url("/orders")


async def test_the_same_text_elsewhere_is_an_article_that_says_so(place: Place) -> None:
    first = await place.adder.add(place.site.url("/orders"))
    second = await place.adder.add(place.serve("/reprint", page()))
    assert second.outcome == "new"
    assert second.lead.article.same_text_as == first.lead.article.id


async def test_an_article_that_came_otherwise_becomes_a_document_with_its_page_and_keeps_what_was_judged(place: Place) -> None:
    link = place.site.url("/orders")
    excerpt = entry("Assistants place orders", url=link, canonical_url=canonical_url(link), body=PARAGRAPHS[0][:60] + " […]")
    await place.store.put([excerpt])
    await pipeline.assess(place.store, place.assessor, Collected())
    before = (await place.store.get([excerpt.article.id]))[0]
    assert before is not None
    added = await place.adder.add(place.site.url("/orders"))
    assert (added.outcome, added.lead.article.body, len(place.documents)) == ("updated", TEXT, 1)
    assert added.lead.assessment.score == before.lead.assessment.score
    assert added.lead.assessment.summary == before.lead.assessment.summary
    assert (await place.adder.add(place.site.url("/orders"))).outcome == "held"
    assert [s.outcome for s in await place.store.put([excerpt])] == ["duplicate"]
    led = (await place.store.get([excerpt.article.id]))[0]
    assert led is not None
    assert led.lead.article.body == TEXT


async def test_an_article_whose_document_was_taken_away_gets_another(place: Place) -> None:
    first = await place.adder.add(place.site.url("/orders"))
    place.documents[0].unlink()
    again = await place.adder.add(place.site.url("/orders"))
    assert (again.outcome, again.lead.assessment, len(place.documents)) == ("updated", first.lead.assessment, 1)
    counts = (
        await pipeline.collect(sources(Settings.load(), knowledge_bases=[place.root]), place.store, place.assessor)
    ).counts()
    assert {k: v for k, v in counts.items() if v} == {"seen": 1, "unchanged": 1}


async def test_killed_before_the_store_knew_adding_it_again_finds_the_document(place: Place) -> None:
    class Away(MemoryArticles):
        async def put(self, batch: Any) -> Any:
            raise StoreError("Redis is away")

    away = LinkAdder(place.adder._pages, place.adder._documents, Away(), place.assessor)
    with pytest.raises(StoreError):
        await away.add(place.site.url("/orders"))
    assert len(place.documents) == 1
    added = await place.adder.add(place.site.url("/orders"))
    assert (added.outcome, added.document, len(place.documents)) == ("new", "", 1)


async def test_with_an_inbox_the_store_holds_it_and_a_file_waits_there(opens: Opens, tmp_path: Path) -> None:
    async with opens(inbox=True) as place:
        added = await place.adder.add(place.site.url("/orders"))
        assert (added.outcome, place.documents) == ("new", [])
        assert [str(p) for p in (tmp_path / "inbox").iterdir()] == [added.document]
        assert added.lead.assessment.summary
        assert (await place.adder.add(place.site.url("/orders"))).outcome == "held"


async def test_a_page_names_only_addresses_of_its_own_host(place: Place) -> None:
    link = place.serve("/x", page(head='<link rel="canonical" href="https://bank.example/statement">'))
    added = await place.adder.add(link)
    assert (added.lead.article.url, added.lead.article.canonical_url) == (link, canonical_url(link))


async def test_a_page_without_a_title_has_its_first_words(place: Place) -> None:
    link = place.serve("/x", f"<html><body><article><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p></article></body></html>")
    assert (await place.adder.add(link)).lead.article.title.startswith("Retailers said on Monday that")


@pytest.mark.parametrize(
    ("body", "kind", "told"),
    [
        ("%PDF-1.7", "application/pdf", "the page cannot be added: it is a PDF, not a page"),
        ("{}", "application/json", "the page cannot be added: it is JSON, not a page"),
        ("x", "image/png", "the page cannot be added: it is image/png, not a page"),
        ("x", "<!channel> a", "the page cannot be added: it is of no known type, not a page"),
        ("", "text/html", "the page cannot be added: it is no page of HTML"),
        ("<html><body></body></html>", "text/html", "the page cannot be added: there is no text on it that could be found"),
        (
            "<html><body><p>Please turn on scripts.</p></body></html>",
            "text/html",
            "the page cannot be added: there is hardly any",
        ),
    ],
)
async def test_what_is_no_page_with_an_article_is_told(place: Place, body: str, kind: str, told: str) -> None:
    failed = await place.failure(place.serve("/x", body, kind))
    assert str(failed).startswith(told)
    assert ("Give the address" if "not a page" in told else "can be saved from the browser") in failed.remedy


@pytest.mark.parametrize(
    ("status", "remedy"),
    [(404, "there is no such page"), (403, "not open to everybody"), (500, "try again later"), (402, "not open to everybody")],
)
async def test_what_the_server_refuses_is_told(place: Place, status: int, remedy: str) -> None:
    place.site.statuses["/x"] = status
    failed = await place.failure(place.site.url("/x"))
    assert isinstance(failed, FetchError)
    assert failed.status == status
    assert str(failed).startswith(f"the page cannot be reached: the server answered {status}")
    assert remedy in failed.remedy


async def test_what_robots_txt_forbids_is_told(place: Place) -> None:
    place.serve("/robots.txt", "User-agent: *\nDisallow: /orders", "text/plain")
    assert str(await place.failure(place.site.url("/orders"))) == "the page cannot be added: robots.txt does not allow it"


@pytest.mark.parametrize(
    "link", ["http://169.254.169.254/latest", "http://10.0.0.1/a", "http://localhost:1/", "http://[::1]/a"]
)
async def test_private_addresses_are_refused(place: Place, link: str) -> None:
    failed = await place.failure(link)
    assert "not public" in str(failed)
    assert "AINEWS_FETCH_ALLOW_HOSTS" in failed.remedy


async def test_a_redirect_to_a_private_address_is_refused(place: Place) -> None:
    place.site.moved["/go"] = (302, f"http://localhost:{place.site.port}/orders")
    failed = await place.failure(place.site.url("/go"))
    assert "it redirects to where it may not" in str(failed) or "not public" in str(failed)
    assert "/orders" not in [path for path, _ in place.site.asked]


async def test_a_page_that_is_too_large_is_told(opens: Opens) -> None:
    async with opens(limits=Limits(timeout_s=5, max_bytes=2_000)) as place:
        failed = await place.failure(place.serve("/x", page(*PARAGRAPHS * 9)))
    assert "it is larger than 2,000 bytes" in str(failed)
    assert "AINEWS_FETCH_MAX_BYTES" in failed.remedy


async def test_a_server_that_does_not_answer_is_given_up(opens: Opens) -> None:
    async with opens(patience_s=0.3) as place:
        place.site.wait_s = 2.0
        assert str(await place.failure(place.site.url("/orders"))) == "the page could not be read within 0.3 s"


async def test_a_knowledge_base_that_cannot_be_written_is_told_and_nothing_is_stored(place: Place) -> None:
    place.root.write_text("a file where the folder should be")
    failed = await place.failure(place.site.url("/orders"))
    assert "cannot be filed" in str(failed)


async def test_of_several_links_each_fails_by_itself(place: Place) -> None:
    became = await place.adder.add_each([place.site.url("/none"), place.site.url("/orders"), "nothing"])
    assert [b.outcome if isinstance(b, Added) else type(b) for b in became] == [FetchError, "new", SourceError]


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://paper.test/a", "https://paper.test/a"),
        ("  HTTPS://Paper.test/a\n", "HTTPS://Paper.test/a"),
        ("<https://paper.test/a|the paper>", "https://paper.test/a"),
        ("See (https://paper.test/a), it says.", "https://paper.test/a"),
        ("https://paper.test/a_(b)", "https://paper.test/a_(b)"),
        ("“https://paper.test/a?b=1&c=2”!", "https://paper.test/a?b=1&c=2"),
        ("first http://one.test/ then https://two.test/", "http://one.test/"),
    ],
)
def test_the_first_link_of_a_text_is_meant(text: str, link: str) -> None:
    assert link_in(text) == link


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "there is no link"),
        ("\x00 \u200b", "there is no link"),
        ("paper.test/a", "there is no link in “paper.test/a”"),
        ("javascript:alert(1)", "only http and https are fetched, not javascript"),
        ("file:///etc/passwd", "only http and https are fetched, not file"),
        ("data:text/html,<b>x", "only http and https are fetched, not data"),
        ("https://", "there is no link in “https://”"),
        ("https://.", "that is no link: the URL names no host"),
        ("http://[::1", "that is no link: the URL is not valid"),
        ("https://ada:secret@paper.test/", "the link holds a user name or password"),
        (f"https://paper.test/{'a' * 9_000}", "that is no link: the URL is longer than 8192 characters"),
    ],
)
def test_what_is_no_link_is_told_with_what_to_do(text: str, told: str) -> None:
    with pytest.raises(SourceError) as caught:
        link_in(text)
    assert str(caught.value).startswith(told)
    assert caught.value.remedy
    assert "secret" not in f"{caught.value} {caught.value.remedy} {caught.value.where}"


async def test_a_redirector_is_not_asked_but_the_page_it_names(opens: Opens) -> None:
    async with opens() as place:
        link = place.site.url("/orders").replace(":", "%3A").replace("/", "%2F")
        added = await place.adder.add(f"https://www.google.com/url?q={link}&sa=D")
    assert added.lead.article.url == place.site.url("/orders")


_PIECES = st.sampled_from(
    [
        "http://", "https://", "HTTPS://", "://", "@", ":", "/", "?", "#", "%", "%00", "[", "]", "::1", "127.0.0.1", "0x7f.1", "10.0.0.1",
        "localhost", "paper.test", "user:pw@", "javascript:", "..", "\u202e", "\ud800", "\x00", " ", "\n", "|", "<", ">", "é", ":99999",
        "google.com/url?q=", "https://google.com/url?q=https://", "xn--", "a" * 300, "redirect?url=",
    ]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(st.one_of(_PIECES, st.text(max_size=5)), max_size=8).map("".join)))
def test_any_text_is_a_link_or_told_in_a_sentence(text: str) -> None:
    try:
        url = link_in(text)
    except AinewsError as error:
        assert str(error)
        assert error.remedy
    else:
        assert link_in(url) == url
        assert canonical_url(url).startswith("https://")


@given(st.one_of(st.text(), st.lists(st.one_of(_PIECES, st.text(max_size=5)), max_size=8).map("".join)))
def test_any_text_gives_an_article_or_an_error_of_ours(text: str) -> None:
    class Everything:
        """A web on which every page that is asked for is there."""

        async def read(self, url: str) -> Incoming:
            given = entry(url=canonical_url(url))
            return replace(given, article=article(url=canonical_url(url)))

        async def completed(self, article: Article) -> Article:
            return article

    class Nowhere:
        async def has(self, held: Any) -> bool:
            return True

        async def keep(self, incoming: Incoming) -> tuple[Incoming, str]:
            return incoming, ""

    class Nobody:
        async def assess(self, article: Article, known: Assessment) -> Assessment:
            return known

    async def added() -> None:
        adder = LinkAdder(Everything(), Nowhere(), MemoryArticles(), Nobody())
        (first,), (second,) = await adder.add_each([text]), await adder.add_each([text])
        if isinstance(first, Added):
            assert isinstance(second, Added)
            assert (first.outcome, second.outcome) == ("new", "held")
        else:
            assert isinstance(first, AinewsError)

    asyncio.run(added())


@given(st.lists(st.one_of(_PIECES, st.text(max_size=5)), max_size=8).map("".join))
def test_any_link_over_a_network_that_is_away_gives_an_error_of_ours(rest: str) -> None:
    async def added() -> None:
        async with Fetcher(Limits(timeout_s=0.2)) as fetcher:
            pages = LinkedPages(FullText(fetcher, here, pause_s=0.0))
            adder = LinkAdder(pages, KnowledgeBaseDocuments(Path("kb"), held_as="kb:x"), MemoryArticles(), Assessed())
            (became,) = await adder.add_each([f"https://{rest}"])
        assert isinstance(became, AinewsError)
        assert str(became)

    asyncio.run(added())
