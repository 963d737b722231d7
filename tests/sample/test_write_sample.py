"""The sample holds one of everything that real input holds, agrees with itself, and is written as of a moment."""

from __future__ import annotations

import io
import re
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import feedparser
import pytest
import yaml

from digest.assessment.grounding import Evidence, unsupported
from digest.knowledge_base.document import Document, parse_document
from digest.sample.write import Sample, write_sample
from digest.stories.urls import canonical_url

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 17, 9, 20, 41, tzinfo=UTC)


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    return write_sample(tmp_path, now=NOW)


def paths(sample: Sample) -> list[Path]:
    return sorted([*sample.knowledge_base.rglob("*.md"), *sample.inbox.rglob("*.md")])


def read(sample: Sample, now: datetime = NOW) -> dict[str, Document]:
    return {p.name: parse_document(p.read_bytes(), now=now) for p in paths(sample)}


def entries(sample: Sample) -> list[dict[str, str]]:
    parsed = feedparser.parse(io.BytesIO(sample.feed.read_bytes()))
    assert not parsed.bozo
    return list(parsed.entries)


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(p.relative_to(folder)): (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}


# --- what it holds


def test_there_are_some_fifteen_articles_from_several_publishers(sample: Sample) -> None:
    documents = read(sample).values()
    urls = {canonical_url(d.url) for d in documents} | {canonical_url(e["link"]) for e in entries(sample)}
    assert 15 <= len(urls) <= 20
    assert len({d.publisher for d in documents}) >= 7


def test_both_dialects_of_document_and_both_dialects_of_date_occur(sample: Sample) -> None:
    processed = [p for p in paths(sample) if "## Full Content" in p.read_text()]
    assert [p for p in processed if not p.is_relative_to(sample.knowledge_base)] == []
    assert len(processed) == len(list(sample.knowledge_base.rglob("*.md"))) >= 8
    assert len(list(sample.inbox.glob("*.md"))) >= 4
    published = [re.search(r"^published: (.+)$", p.read_text(), re.MULTILINE)[1] for p in paths(sample)]  # type: ignore[index]
    kinds = Counter("iso" if re.match(r"\d{4}-", d) else "rfc2822" for d in published)
    assert kinds["iso"] >= 3
    assert kinds["rfc2822"] >= 3


def test_one_article_is_filed_twice_under_names_of_its_own(sample: Sample) -> None:
    filed = Counter(canonical_url(d.url) for d in read(sample).values())
    [(url, count)] = [(u, n) for u, n in filed.items() if n > 1]
    assert count == 2
    one, other = [d for d in read(sample).values() if canonical_url(d.url) == url]
    assert one.url != other.url
    assert one.title != other.title
    assert "utm_" in one.url + other.url


def test_the_feed_repeats_one_document_and_brings_two_articles_of_its_own(sample: Sample) -> None:
    held = {canonical_url(d.url) for d in read(sample).values()}
    links = [canonical_url(e["link"]) for e in entries(sample)]
    assert len(links) == len(set(links)) == 3
    assert sum(link in held for link in links) == 1


def test_one_story_is_told_by_three_outlets_in_other_words(sample: Sample) -> None:
    told = [d for d in read(sample).values() if "Fennwick" in d.body and "Handshake" in d.body]
    assert len(told) == len({d.publisher for d in told}) == len({canonical_url(d.url) for d in told}) == 3
    for one in told:
        for other in told:
            if one is not other:
                runs = {tuple(one.body.split()[i : i + 8]) for i in range(len(one.body.split()) - 7)}
                other_runs = {tuple(other.body.split()[i : i + 8]) for i in range(len(other.body.split()) - 7)}
                assert len(runs & other_runs) < len(runs) * 0.05


def test_one_text_stands_verbatim_at_two_publishers(sample: Sample) -> None:
    by_body: dict[str, set[str]] = {}
    for d in read(sample).values():
        by_body.setdefault(d.body, set()).add(d.publisher)
    assert sorted(len(publishers) for publishers in by_body.values())[-2:] == [1, 2]


def test_one_document_has_no_score_and_one_is_not_worth_reading(sample: Sample) -> None:
    scores = [d.score for d in read(sample).values()]
    assert scores.count(None) == 1
    assert [s for s in scores if s is not None and s <= 3] == [2.0]
    assert sum(s is not None and s >= 8 for s in scores) >= 8


def test_some_front_matter_is_no_valid_yaml_for_a_colon_in_the_title(sample: Sample) -> None:
    broken = [p for p in paths(sample) if not _valid_yaml(p.read_text())]
    assert 1 <= len(broken) <= 4
    for p in broken:
        assert parse_document(p.read_bytes(), now=NOW).title.count(": ") == 1


def test_html_occurs_in_a_body_and_comes_through_as_text(sample: Sample) -> None:
    marked = [p for p in paths(sample) if "<p>" in p.read_text()]
    assert marked
    for p in marked:
        assert "<" not in parse_document(p.read_bytes(), now=NOW).body


def test_bodies_are_long_enough_to_be_asked_about(sample: Sample) -> None:
    for name, d in read(sample).items():
        assert 80 <= len(d.body.split()) <= 350, name


# --- that it agrees with itself


def test_every_document_is_complete(sample: Sample) -> None:
    for name, d in read(sample).items():
        assert d.title, name
        assert d.headline, name
        assert d.publisher, name
        assert d.published is not None, name
        assert d.notes == (), name
        if d.score is not None:
            assert d.topic, name
            assert d.reason, name
    for p in sample.knowledge_base.rglob("*.md"):
        d = parse_document(p.read_bytes(), now=NOW)
        assert 3 <= len(d.summary) <= 5, p.name
        assert 2 <= len(d.key_insights) <= 4, p.name
        assert 3 <= len(d.tags) <= 6, p.name


def test_summaries_and_insights_have_no_number_and_no_name_that_the_article_lacks(sample: Sample) -> None:
    for name, d in read(sample).items():
        evidence = Evidence(f"{d.headline}\n{d.body}\n{d.publisher}")
        for bullet in (*d.summary, *d.key_insights):
            assert unsupported(bullet, evidence) == (), (name, bullet)


def test_scores_are_those_of_the_rubric(sample: Sample) -> None:
    for name, d in read(sample).items():
        if d.score is not None and d.score >= 8:
            assert re.search(r"advertis|market|media|retail|commerce|search|campaign", d.topic + d.reason, re.IGNORECASE), name


def test_the_url_is_the_same_wherever_a_document_repeats_it(sample: Sample) -> None:
    for p in paths(sample):
        text = p.read_text()
        stated = re.findall(r"^(?:url: |\*\*URL\*\*: |\*\*Original URL\*\*: )(\S+)$", text, re.MULTILINE)
        assert len(stated) == 3, p.name
        assert len(set(stated)) == 1, p.name


def test_every_address_is_reserved_for_examples(sample: Sample) -> None:
    namespaces = ("http://www.w3.org/", "http://purl.org/")
    for p in [*paths(sample), sample.feed]:
        for url in re.findall(r"https?://[^\s\"'<>)]+", p.read_text()):
            assert url.startswith(namespaces) or (urlsplit(url).hostname or "").endswith(".example"), url


def test_every_sample_document_is_named_as_real_ones_are(sample: Sample) -> None:
    for p in sample.inbox.glob("*.md"):
        assert re.fullmatch(r"2026-03-\d\d_ai_[a-z0-9-]{10,60}\.md", p.name)
    for p in sample.knowledge_base.rglob("*.md"):
        assert re.fullmatch(r"(2026-03-\d\d_)?[a-z0-9-]{10,60}\.md", p.name)
        assert p.parent.parent == sample.knowledge_base
    assert len({p.parent for p in sample.knowledge_base.rglob("*.md")}) >= 4


# --- dates


def moments_of(sample: Sample, now: datetime) -> list[datetime]:
    documents = read(sample, now).values()
    stated = [d.published for d in documents] + [d.collected for d in documents]
    dated = [parsedate_to_datetime(e["published"]) for e in entries(sample)]
    return [m for m in stated if m is not None] + dated


@pytest.mark.parametrize(
    "now",
    [
        NOW,
        datetime(2026, 1, 1, 0, 0, tzinfo=UTC),
        datetime(2028, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=13, minutes=45))),
    ],
)
def test_nothing_is_dated_later_than_now_and_most_is_from_the_last_two_days(tmp_path: Path, now: datetime) -> None:
    sample = write_sample(tmp_path, now=now)
    moments = moments_of(sample, now)
    assert max(moments) <= now
    assert sum(now - m <= timedelta(hours=48) for m in moments) >= 0.8 * len(moments)
    assert sum(now - d.published > timedelta(days=3) for d in read(sample, now).values() if d.published) == 2
    for p in [*paths(sample), sample.feed]:
        assert p.stat().st_mtime <= now.timestamp()
    for d in read(sample, now).values():
        assert d.published is not None
        assert d.published < d.collected


def test_the_feed_is_well_formed_and_its_entries_have_unique_ids(sample: Sample) -> None:
    root = ET.fromstring(sample.feed.read_bytes())
    guids = [g.text for g in root.iter("guid")]
    assert len(guids) == len(set(guids)) == 3
    assert sample.feed.read_bytes().startswith(b"<?xml")


# --- writing


def test_no_marker_is_left_in_what_is_written(sample: Sample) -> None:
    for p in [*paths(sample), sample.feed]:
        assert not re.search(r"\{\{|\{%|%\}|\}\}|DATE", p.read_text()), p.name


def test_writing_again_touches_nothing(tmp_path: Path) -> None:
    write_sample(tmp_path, now=NOW)
    before = {p: (p.stat().st_ino, p.stat().st_mtime_ns, p.stat().st_ctime_ns) for p in tmp_path.rglob("*")}
    write_sample(tmp_path, now=NOW + timedelta(seconds=10))
    assert {p: (p.stat().st_ino, p.stat().st_mtime_ns, p.stat().st_ctime_ns) for p in tmp_path.rglob("*")} == before


def test_the_same_moment_gives_the_same_bytes_and_times_anywhere(tmp_path: Path) -> None:
    write_sample(tmp_path / "one", now=NOW)
    write_sample(tmp_path / "two", now=NOW.astimezone(timezone(timedelta(hours=-8))))
    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")


def test_the_next_day_takes_the_place_of_this_one_and_leaves_other_files_alone(tmp_path: Path) -> None:
    sample = write_sample(tmp_path, now=NOW)
    own = sample.knowledge_base / "ai-strategy" / "2026-03-16_notes-of-our-own.md"
    own.write_text("mine")
    count = len(paths(sample))
    tomorrow = write_sample(tmp_path, now=NOW + timedelta(days=1))
    assert len(paths(tomorrow)) == count
    assert own.read_text() == "mine"
    shutil.rmtree(tmp_path)
    fresh = write_sample(tmp_path, now=NOW + timedelta(days=1))
    assert len(paths(fresh)) == count - 1


def test_a_folder_that_cannot_be_written_is_an_oserror(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="taken"):
        write_sample(tmp_path / "taken", now=NOW)


def test_the_templates_are_package_data_under_the_package_itself() -> None:
    documents = files("digest.sample") / "documents"
    assert (documents / "feed.xml.j2").is_file()
    assert (documents / "bodies").is_dir()


def _valid_yaml(text: str) -> bool:
    try:
        return isinstance(yaml.safe_load(text.split("---\n")[1]), dict)
    except yaml.YAMLError:
        return False
