from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from digest import pipeline
from digest.assessment.offline import OfflineAssessor
from digest.assessment.profile import load_profile
from digest.errors import AssessmentError, SourceError
from digest.model import Article, Assessment, Subscription
from digest.ports import Found, Known
from digest.sources.knowledge_base import KnowledgeBaseSource
from digest.stores.memory import MemoryArticles
from tests.data import data
from tests.documents import monitored, processed

NOW = datetime(2025, 11, 20, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "kb"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def offline() -> OfflineAssessor:
    return OfflineAssessor(load_profile())


def source(root: Path) -> KnowledgeBaseSource:
    return KnowledgeBaseSource(root, clock=lambda: NOW)


class Refusing:
    """An assessor that judges nothing."""

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        raise AssessmentError("it refuses", kind="refusal")


class Broken:
    """A source that breaks after its first find."""

    name = "broken"

    def __init__(self, first: KnowledgeBaseSource) -> None:
        self._first = first

    def size(self) -> int | None:
        return None

    async def read(self, known: Mapping[str, Known]) -> AsyncIterator[Found]:
        async for found in self._first.read(known):
            yield found
            raise SourceError("the line went dead", where="somewhere")


async def test_every_arrow_is_counted(root: Path, offline: OfflineAssessor) -> None:
    (root / "a.md").write_text(processed())
    (root / "b.md").write_text(processed(title="Filed again"))
    (root / "c.md").write_text(monitored(url="https://news.example/bare", score="nine"))
    (root / "d.md").write_text("")
    store = MemoryArticles()
    first = await pipeline.collect([source(root)], store, offline)
    assert first.counts() == {
        "seen": 4, "new": 2, "updated": 0, "duplicate": 1, "unchanged": 0, "failed": 1, "deferred": 0, "unscored": 1,
        "same_text": 1, "assessed": 1, "gone": 0,
    }  # fmt: skip
    assert first.failures[0].reason == "the file is empty"
    assert first.notes == [("c.md", "'nine' is no score from 0 to 10: unscored")]
    (root / "d.md").unlink()
    second = await pipeline.collect([source(root)], store, offline)
    assert (second.new, second.updated, second.duplicate, second.unchanged) == (0, 0, 0, 3)


async def test_a_moved_document_is_updated_and_counted_once(root: Path, offline: OfflineAssessor) -> None:
    (root / "a.md").write_text(processed())
    store = MemoryArticles()
    await pipeline.collect([source(root)], store, offline)
    (root / "a.md").rename(root / "b.md")
    moved = await pipeline.collect([source(root)], store, offline)
    assert (moved.updated, moved.duplicate, moved.gone) == (1, 0, 1)


async def test_what_is_missing_is_filled_and_what_came_is_kept(root: Path, offline: OfflineAssessor) -> None:
    (root / "a.md").write_text(monitored())
    store = MemoryArticles()
    await pipeline.collect([source(root)], store, offline)
    (change,) = (await store.changes(0, 10)).held
    assessment = change.lead.assessment
    assert (assessment.score, assessment.provenance.score) == (8.0, "source")
    assert assessment.provenance.summary == "offline"
    assert assessment.summary
    assert set(assessment.missing) <= {"key_insights"}  # a short text may have none, and none is invented


async def test_an_assessor_that_fails_loses_no_article_and_is_asked_again(root: Path, offline: OfflineAssessor) -> None:
    (root / "a.md").write_text(monitored())
    store = MemoryArticles()
    failed = await pipeline.collect([source(root)], store, Refusing())
    assert (failed.new, failed.assessed, failed.failed) == (1, 0, 1)
    again = await pipeline.collect([source(root)], store, offline)
    assert (again.unchanged, again.assessed, again.failed) == (1, 1, 0)


async def test_a_source_that_breaks_is_a_failure_and_what_it_gave_is_kept(root: Path, offline: OfflineAssessor) -> None:
    (root / "a.md").write_text(processed())
    other = root / "other"
    other.mkdir()
    (other / "b.md").write_text(processed(url="https://news.example/b"))
    store = MemoryArticles()
    run = await pipeline.collect([Broken(source(root)), source(other)], store, offline)
    assert run.failures[0].reason == "the line went dead"
    assert run.new == 2


async def test_a_digest_is_of_what_is_dated_in_its_hours(root: Path, offline: OfflineAssessor) -> None:
    for name, published in {"old": "2025-11-10", "within": "2025-11-18", "ahead": "2025-11-21"}.items():
        (root / f"{name}.md").write_text(
            processed(url=f"https://{name}.example/", published=published, content=name, publisher=name)
        )
    store = MemoryArticles()
    await pipeline.collect([source(root)], store, offline)
    digest = await pipeline.make_digest(store, Subscription(), day=date(2025, 11, 20), until=NOW)
    assert [c.story.lead.article.url for c in digest.chosen] == ["https://within.example/"]
    assert digest.articles == 1


async def test_the_real_documents_go_through_with_none_failed_and_every_duplicate_found(offline: OfflineAssessor) -> None:
    folder = data("knowledge-base")
    store = MemoryArticles()
    run = await pipeline.collect([source_of_real(folder)], store, offline)
    urls = [line for f in folder.rglob("*.md") for line in f.read_text().split("\n") if line.startswith("url: ")]
    assert run.failed == 0
    assert run.new == len(set(urls)) == await store.total()
    assert run.duplicate == len(urls) - len(set(urls))
    assert {n for h in (await store.changes(0, 1000)).held for n in h.lead.assessment.missing} <= {"key_insights"}


def source_of_real(folder: Path) -> KnowledgeBaseSource:
    return KnowledgeBaseSource(folder)
