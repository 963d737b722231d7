"""An inbox becomes documents: over real files, with the offline assessor, and against a store that holds the knowledge base."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from digest import pipeline
from digest.assessment.offline import OfflineAssessor
from digest.assessment.profile import load_profile
from digest.errors import SourceError, StoreUnavailable
from digest.fulltext.extraction import extracted
from digest.fulltext.page import Extracted, Page
from digest.knowledge_base.document import parse_document
from digest.knowledge_base.folder import KnowledgeBaseFolder
from digest.knowledge_base.writing import monitor_file
from digest.model import Article, Assessment
from digest.processing import Processed, Processor, Steps
from digest.sources.inbox import PROCESSED, InboxFolder
from digest.sources.knowledge_base import KnowledgeBaseSource
from digest.stores.memory import MemoryArticles
from tests.fulltext.test_extraction import page
from tests.knowledge_base.test_writing import NOW, document

TEXT = "Forty shops in Leeds took on an AI assistant for their ads.\n\nSales rose by 12 percent in a month."


async def read_page(given: Page) -> Extracted:
    return extracted(given)


class Counting(OfflineAssessor):
    """The offline assessor, and what it was asked about."""

    asked: list[str]

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        self.asked.append(article.url)
        await asyncio.sleep(0)
        return await super().assess(article, known)


class Place:
    """An inbox and a knowledge base in ``root``, and what processes one into the other."""

    def __init__(self, root: Path) -> None:
        self.inbox, self.knowledge_base = root / "inbox", root / "kb"
        self.inbox.mkdir(exist_ok=True)
        self.assessor = Counting(load_profile(None))
        self.assessor.asked = []
        self.steps = Steps(self.assessor, category=lambda _: "Ads")

    def put(self, name: str, text: str) -> None:
        (self.inbox / name).write_text(text, encoding="utf-8")

    async def process(self, store: MemoryArticles | None = None) -> Processed:
        source = KnowledgeBaseSource(self.knowledge_base, clock=lambda: NOW)
        self.knowledge_base.mkdir(exist_ok=True)
        if store is None:
            store = MemoryArticles()
            await pipeline.collect([source], store, self.assessor)
        inbox = InboxFolder(self.inbox, read_page, clock=lambda: NOW)
        folder = KnowledgeBaseFolder(self.knowledge_base)
        return await Processor(inbox, folder, store, self.steps, held_as=source.name, clock=lambda: NOW).run()

    def documents(self) -> list[str]:
        return sorted(p.relative_to(self.knowledge_base).as_posix() for p in self.knowledge_base.rglob("*.md"))

    def waiting(self) -> list[str]:
        return sorted(p.name for p in self.inbox.iterdir() if p.is_file())

    def aside(self) -> list[str]:
        return sorted(p.name for p in (self.inbox / PROCESSED).iterdir())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def monitored(**fields: object) -> str:
    return monitor_file(document(**{"summary": (), "key_insights": (), "tags": (), **fields}))


async def test_a_file_becomes_a_document_with_the_original_inside_and_is_moved_aside(place: Place) -> None:
    text = monitored().replace("AI news monitor", "somebody's monitor")
    place.put("2026-11-22_ai_shops.md", text)
    run = await place.process()
    assert place.documents() == ["ai-news/2026-11-22_forty-shops-take-on-assistants.md"]
    written = (place.knowledge_base / place.documents()[0]).read_text()
    assert text.strip() in written
    read = parse_document(written.encode(), now=NOW)
    assert (read.score, read.assessed_by, read.summarised_by) == (8.0, "", "offline")
    assert read.summary
    assert read.tags
    assert (place.waiting(), place.aside()) == ([], ["2026-11-22_ai_shops.md"])
    assert run.counts() == {
        "files": 1, "known": 0, "waiting": 0, "full_text": 0, "excerpts": 0, "written": 1, "failed": 0, "passed_over": 0,
    }  # fmt: skip


async def test_what_the_assessor_adds_is_in_the_document_too(place: Place) -> None:
    place.put("a.md", monitored(score=None, topic="", reason=""))
    await place.process()
    read = parse_document((place.knowledge_base / place.documents()[0]).read_bytes(), now=NOW)
    assert read.score is not None
    assert read.reason
    assert (read.assessed_by, read.summarised_by) == ("offline", "offline")


async def test_texts_and_saved_pages_are_read_too(place: Place) -> None:
    place.put("note.txt", f"Shops adopt assistants\n\nhttps://paper.test/shops\n\n{TEXT}")
    place.put("page.HTML", f"<!-- saved from url=(0025)https://paper.test/orders -->{page()}")
    run = await place.process()
    assert place.documents() == ["ads/2026-11-23_assistants-place-orders.md", "ads/2026-11-23_shops-adopt-assistants.md"]
    assert len(run.documents) == 2


async def test_what_cannot_be_read_stays_and_says_why(place: Place) -> None:
    place.put("a-good.txt", f"Shops\n\nhttps://paper.test/shops\n\n{TEXT}")
    place.put("b-nowhere.txt", TEXT)
    place.put("c-empty.md", "")
    place.put("d-blank.html", "<html><body></body></html>")
    place.put("e-local.txt", f"Shops\n\nURL: file:///etc/passwd\n\n{TEXT}")
    place.put("photo.png", "x")
    place.put(".hidden.md", "x")
    run = await place.process()
    assert [f.where for f in run.failures] == ["b-nowhere.txt", "c-empty.md", "d-blank.html", "e-local.txt"]
    assert "Give it a line 'URL: https://…'" in run.failures[0].reason
    assert run.passed_over == ["photo.png"]
    assert place.aside() == ["a-good.txt"]
    assert place.waiting() == [".hidden.md", "b-nowhere.txt", "c-empty.md", "d-blank.html", "e-local.txt", "photo.png"]


async def test_an_article_that_has_a_document_is_not_judged_again(place: Place) -> None:
    place.put("a.md", monitored())
    await place.process()
    asked = len(place.assessor.asked)
    place.put("a.md", monitored(url="http://www.news.example/shops-adopt-assistants?utm_source=x"))
    run = await place.process()
    assert (run.known, len(run.documents), len(place.documents())) == (1, 0, 1)
    assert len(place.assessor.asked) == asked
    assert place.aside() == ["a-2.md", "a.md"]


async def test_two_files_with_one_article_give_one_document(place: Place) -> None:
    for number in range(5):
        place.put(f"{number}.md", monitored(headline=f"Title {number}", title=f"Title {number}"))
    run = await place.process()
    assert (run.known, len(run.documents), len(place.documents())) == (4, 1, 1)
    assert len(place.assessor.asked) == 1
    assert len(place.aside()) == 5


async def test_an_article_that_only_a_feed_gave_gets_its_document(place: Place) -> None:
    store = MemoryArticles()
    place.put("a.md", monitored())
    other = InboxFolder(place.inbox, read_page, clock=lambda: NOW)
    file = await other.read("a.md")
    assert file is not None
    await store.put([replace(file.incoming, origin=replace(file.incoming.origin, source="feed:https://paper.test"))])
    run = await place.process(store)
    assert len(run.documents) == 1


async def test_whoever_is_killed_after_writing_goes_on_with_moving(place: Place) -> None:
    place.put("a.md", monitored())
    await place.process()
    os.rename(place.inbox / PROCESSED / "a.md", place.inbox / "a.md")
    run = await place.process()
    assert (run.known, place.waiting(), place.aside()) == (1, [], ["a.md"])


async def test_a_document_that_somebody_edited_is_left_as_it_is(place: Place) -> None:
    place.put("a.md", monitored())
    await place.process()
    path = place.knowledge_base / place.documents()[0]
    edited = path.read_text().replace("Forty shops in Leeds", "Some shops in Leeds")
    path.write_text(edited)
    place.put("a.md", monitored(score=2.0))
    await place.process()
    assert path.read_text() == edited
    assert len(place.documents()) == 1


async def test_a_file_that_is_still_written_waits(place: Place) -> None:
    place.put("a.md", monitored())
    with open(place.inbox / "a.md", "a", encoding="utf-8") as file:
        file.write("more")
        file.flush()
        run = await place.process()
    assert (run.waiting, run.documents, place.waiting()) == (1, [], ["a.md"])


async def test_an_excerpt_is_replaced_by_its_page_where_that_can_be_read(place: Place) -> None:
    async def whole(article: Article) -> Article:
        if article.url.endswith("/a"):
            return replace(article, body=TEXT)
        return replace(article, excerpt_only="robots.txt does not allow it")

    place.steps = replace(place.steps, full_text=whole)
    place.put("a.md", monitored(url="https://paper.test/a", headline="A", title="A", body="Forty shops […]"))
    place.put("b.md", monitored(url="https://paper.test/b", headline="B", title="B", body="Forty shops […]"))
    run = await place.process()
    assert (run.full_text, run.excerpts) == (1, 1)
    a, b = (parse_document((place.knowledge_base / d).read_bytes(), now=NOW) for d in place.documents())
    assert (a.body, a.excerpt_only) == (TEXT, "")
    assert (b.body, b.excerpt_only) == ("Forty shops […]", "robots.txt does not allow it")


async def test_a_store_that_is_away_stops_the_run_and_nothing_is_moved(place: Place) -> None:
    class Away(MemoryArticles):
        async def get(self, ids: object) -> list[None]:
            raise StoreUnavailable("it is away")

    place.put("a.md", monitored())
    with pytest.raises(StoreUnavailable):
        await place.process(Away())
    assert place.waiting() == ["a.md"]


async def test_a_defect_costs_one_file(place: Place) -> None:
    class Broken(Counting):
        async def assess(self, article: Article, known: Assessment) -> Assessment:
            if article.url.endswith("/a"):
                raise RuntimeError("a defect")
            return await super().assess(article, known)

    broken = Broken(load_profile(None))
    broken.asked = []
    place.steps = replace(place.steps, assessor=broken)
    place.put("a.md", monitored(url="https://paper.test/a"))
    place.put("b.md", monitored(url="https://paper.test/b"))
    run = await place.process()
    assert [f.reason for f in run.failures] == ["it could not be read (RuntimeError)"]
    assert (place.waiting(), place.aside()) == (["a.md"], ["b.md"])


async def test_a_folder_that_is_not_there_is_told(place: Place) -> None:
    place.inbox.rmdir()
    with pytest.raises(SourceError, match="cannot be read"):
        await place.process()


async def test_nothing_moved_aside_replaces_what_is_there(place: Place) -> None:
    for number in range(3):
        place.put("same.md", monitored(url=f"https://paper.test/{number}", headline=f"T {number}", title=f"T {number}"))
        await place.process()
    assert place.aside() == ["same-2.md", "same-3.md", "same.md"]
    assert len({(place.inbox / PROCESSED / name).read_text() for name in place.aside()}) == 3
