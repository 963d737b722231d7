"""The archive as values and as files: what is on a page, what leads where, and that nothing from a feed is markup."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import feedparser
import pytest
from selectolax.lexbor import LexborHTMLParser

from digest.model import AssessedArticle, Edition, EditionStory
from digest.rendering.templates import Templates
from digest.site.archive import archive
from digest.site.writing import pages, write
from tests.builders import assessed, assessment, story

ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)> {{ 7*7 }} ]]>'


def edition(day: int, *stories: EditionStory, channel: str = "C1") -> Edition:
    issued = datetime(2026, 11, day, 9, 0, tzinfo=UTC)
    return Edition(channel, date(2026, 11, day), issued, "https://slack.example/1", stories)


def shown(told: AssessedArticle, *others: AssessedArticle, title: str = "", name: str = "") -> EditionStory:
    ids = tuple(a.article.id for a in (told, *others))
    return EditionStory(name or told.article.id, title or told.article.title, ids)


def held(*told: AssessedArticle) -> dict[str, AssessedArticle]:
    return {a.article.id: a for a in told}


def test_days_and_stories_come_newest_first_and_a_story_of_two_days_is_one_page() -> None:
    first, other = assessed("First told"), assessed("Another")
    later = assessed("What came of it")
    name = first.article.id
    made = archive(
        [edition(20, shown(first), shown(other)), edition(21, shown(later, first, name=name))], held(first, other, later), ZONE
    )
    assert [day.date.day for day in made.days] == [21, 20]
    assert [s.title for s in made.stories] == ["What came of it", "Another"]
    assert made.stories[0].days == (date(2026, 11, 21), date(2026, 11, 20))
    assert [a.title for a in made.stories[0].also] == ["First told"]
    assert made.days[1].stories[0].title == "First told"
    assert made.days[1].stories[0].page == made.stories[0].page


def test_a_day_of_two_channels_has_each_story_once() -> None:
    one, two = assessed("One"), assessed("Two")
    made = archive([edition(20, shown(one)), edition(20, shown(two), shown(one), channel="C2")], held(one, two), ZONE)
    assert [s.title for s in made.days[0].stories] == ["One", "Two"]


def test_a_topic_has_a_page_from_two_stories_on_or_where_it_is_a_storys_own() -> None:
    one = assessed("One", judged=assessment(topic="AI agents", tags=("Retail", "rare")))
    two = assessed("Two", judged=assessment(topic="Pricing", tags=("retail", "ai-agents")))
    made = archive([edition(20, shown(one), shown(two))], held(one, two), ZONE)
    assert [(t.name, len(t.stories)) for t in made.topics] == [("AI agents", 2), ("Retail", 2), ("Pricing", 1)]
    assert len({t.page for t in made.topics}) == 3


def test_what_is_held_no_more_keeps_its_title_and_days() -> None:
    gone = assessed("Long ago")
    made = archive([edition(20, shown(gone))], {}, ZONE)
    (told,) = made.stories
    assert (told.title, told.lead, told.days) == ("Long ago", None, (date(2026, 11, 20),))


def test_names_of_files_stay_within_the_folder_whatever_is_stored() -> None:
    odd = assessed("Odd", judged=assessment(topic="../../etc/passwd", tags=("..", "/", "日本語")))
    made = archive([edition(20, shown(odd, name="../../../tmp/x"))], held(odd), ZONE)
    for page in (made.stories[0].page, *(t.page for t in made.topics)):
        assert re.fullmatch(r"(stories|topics)/[\w-]+\.html", page)


async def written(folder: Path, *, address: str = "") -> dict[str, str]:
    one = assessed("First told", judged=assessment(topic="AI agents"))
    bad = assessed(
        HOSTILE, publisher=HOSTILE, judged=assessment(topic=HOSTILE, reason=HOSTILE, summary=(HOSTILE,), tags=(HOSTILE,))
    )
    made = archive([edition(20, shown(one)), edition(21, shown(bad))], held(one, bad), ZONE)
    files = pages(made, [story("First told"), story("Bad", publisher=HOSTILE)], NOW, ZONE, Templates(), address=address)
    await write(folder, files)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.html")}


async def test_every_link_leads_to_a_file_of_the_archive_and_nothing_is_loaded(tmp_path: Path) -> None:
    files = await written(tmp_path)
    for name, text in files.items():
        page = LexborHTMLParser(text)
        assert not page.css("img, iframe, link[rel=stylesheet], script[src], object, embed")
        for link in page.css("a[href], link[href]"):
            href = (link.attributes["href"] or "").partition("#")[0]
            if href and not href.startswith("https://news.example/"):
                assert ((tmp_path / name).parent / href).resolve().is_file(), f"{name} leads to {href}"
        policy = page.css_first("meta[http-equiv]").attributes["content"] or ""
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy


async def test_text_of_feeds_is_text_on_every_page(tmp_path: Path) -> None:
    files = await written(tmp_path)
    assert any("alert(1)" in text for text in files.values())
    for name, text in files.items():
        page = LexborHTMLParser(text)
        scripts = [node.text() for node in page.css("script")]
        assert len(scripts) == (name == "search.html")
        assert not any("alert" in script for script in scripts)
        assert not [node for node in page.css("*") if any(a.startswith("on") for a in node.attributes)]


@pytest.mark.parametrize("address", ["", "https://news.example.com/ai/"])
async def test_the_feed_is_atom_with_an_entry_for_each_day(tmp_path: Path, address: str) -> None:
    await written(tmp_path, address=address)
    feed = feedparser.parse(io.BytesIO((tmp_path / "feed.xml").read_bytes()))
    assert not feed.bozo, feed.bozo_exception
    assert feed.version == "atom10"
    assert [entry.title for entry in feed.entries] == ["AI news of 21 November 2026", "AI news of 20 November 2026"]
    assert feed.entries[0].link.endswith("days/2026-11-21.html")
    assert feed.entries[0].link.startswith(address)
    assert "alert(1)" in feed.entries[0].content[0].value
    assert "<script" not in feed.entries[0].content[0].value


async def test_writing_again_changes_what_has_changed_and_takes_away_what_is_gone_and_nothing_else(tmp_path: Path) -> None:
    one, two = assessed("One"), assessed("Two")
    (tmp_path / "mine.html").write_text("my own")

    async def run(*editions: Edition):  # type: ignore[no-untyped-def]
        return await write(tmp_path, pages(archive(editions, held(one, two), ZONE), [], NOW, ZONE, Templates()))

    first = await run(edition(20, shown(one)), edition(21, shown(two)))
    assert (first.same, first.removed) == (0, 0)
    again = await run(edition(20, shown(one)), edition(21, shown(two)))
    assert (again.changed, again.removed) == (0, 0)
    less = await run(edition(20, shown(one)))
    assert less.removed == 4, "a day, a story, and the two topics that only it shared"
    assert not (tmp_path / "days" / "2026-11-21.html").exists()
    assert (tmp_path / "mine.html").read_text() == "my own"


async def test_a_list_of_files_that_names_others_is_not_believed(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (tmp_path / "precious").write_text("kept")
    (folder / ".ainews-site.json").write_text('["../precious", "/etc/hostname"]')
    await write(folder, pages(archive([], {}, ZONE), [], NOW, ZONE, Templates()))
    assert (tmp_path / "precious").read_text() == "kept"
    assert "No edition has been issued yet" in (folder / "index.html").read_text()
