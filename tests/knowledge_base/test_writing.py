from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from digest.knowledge_base.document import Document, parse_document
from digest.knowledge_base.front_matter import split
from digest.knowledge_base.html_text import line_of_html, text_of_html
from digest.knowledge_base.writing import monitor_file, processed_document
from tests.data import data

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)


def document(**fields: object) -> Document:
    given = Document(
        title="Shops take on assistants: what forty of them found",
        headline="Forty Shops Take On Assistants",
        url="https://news.example/shops-adopt-assistants/",
        publisher="The Example",
        published=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        collected=datetime(2026, 11, 22, 10, 0, 0, 314870, tzinfo=UTC),
        score=8.0,
        topic="AI in retail",
        reason="It has figures: sales rose by 12 percent.",
        summary=("Forty shops took on an assistant", "Sales rose by 12 percent"),
        key_insights=("Small shops gained most",),
        tags=("retail", "ai-assistants"),
        category="AI News",
        source_type="article",
        body="Forty shops in Leeds took on an assistant.\n\nTheir sales rose.",
        notes=(),
    )
    return replace(given, **fields)  # type: ignore[arg-type]


def written(wanted: Document) -> str:
    return processed_document(wanted, inner=monitor_file(wanted), original="2026-11-22_shops.md", on=DAY)


def read(text: str) -> Document:
    return parse_document(text.encode(), now=NOW)


def test_a_processed_document_looks_like_those_of_the_knowledge_base() -> None:
    assert (
        written(document())
        == """\
---
title: "Shops take on assistants: what forty of them found"
source: 2026-11-22_shops.md
date_added: 2026-11-23
last_updated: 2026-11-23
tags: [retail, ai-assistants]
source_type: article
---

## Summary

- Forty shops took on an assistant
- Sales rose by 12 percent

## Key Insights

- Small shops gained most

## Full Content

---
source: The Example
url: https://news.example/shops-adopt-assistants/
published: Sun, 22 Nov 2026 09:30:00 +0000
relevance_score: 8
primary_topic: AI in retail
fetched: 2026-11-22T10:00:00.314870+00:00
category: AI News
---

# Forty Shops Take On Assistants

**Source**: The Example
**URL**: https://news.example/shops-adopt-assistants/
**Published**: Sun, 22 Nov 2026 09:30:00 +0000
**Relevance Score**: 8/10

## Summary

Forty shops in Leeds took on an assistant.

Their sales rose.

## Scoring Analysis

**Primary Topic**: AI in retail
**Reason**: It has figures: sales rose by 12 percent.

---

*Article fetched by AI news monitor*
*Full content will be processed by knowledge base system*

**Original URL**: https://news.example/shops-adopt-assistants/


---

*Processed from inbox on 2026-11-23*
*Original file: 2026-11-22_shops.md*
"""
    )


def test_what_is_written_is_read_back_the_same() -> None:
    assert read(written(document())) == document()


def test_the_monitors_file_alone_has_all_but_the_processors_parts() -> None:
    alone = document(title="Forty Shops Take On Assistants", summary=(), key_insights=(), tags=())
    assert read(monitor_file(document())) == alone


@pytest.mark.parametrize(
    "body",
    [
        "## Full Content\n\n## Scoring Analysis\n\n**Reason**: none",
        "---\n\nsource: x\n\n---",
        "*Article fetched by somebody*\n\n*Processed from inbox on 2020-01-01*\n\nmore",
        "# A heading\n\n## Summary\n\n- a bullet\n\n* another",
        "AT&T and &amp; and <b> and a < b and &#42;",
        "**Source**: another\n\n**Original URL**: https://evil.example",
    ],
)
def test_a_body_that_looks_like_a_document_stays_a_body(body: str) -> None:
    assert read(written(document(body=body))).body == body
    assert read(written(document(body=body))) == document(body=body)
    assert read(monitor_file(document(body=body))).body == body


@pytest.mark.parametrize(
    "title",
    [
        "C#",
        "Why 3 < 4 & 5",
        "null",
        "2026-11-23",
        "12",
        "[a]",
        "'quoted'",
        "- dash",
        "a: b # c",
        "yes",
        "#1 in ads",
        "é ü 漢",
        "*",
    ],
)
def test_a_title_that_yaml_would_take_otherwise_is_quoted(title: str) -> None:
    wanted = document(title=title, headline=title, publisher=title, topic=title, tags=(title.strip("#"),), category=title)
    assert read(written(wanted)) == wanted
    outer = yaml.safe_load(written(wanted).split("---\n")[1])
    assert line_of_html(outer["title"]) == title


def test_an_unscored_and_undated_document_stays_so() -> None:
    wanted = document(score=None, published=None, topic="", reason="", summary=(), key_insights=(), tags=(), category="")
    assert read(written(wanted)) == wanted


_marks = st.lists(
    st.sampled_from(
        ["*", "**", "_", "`", "[a](", ")", "# ", "- ", "1. ", "> ", "|", "\\\\", "!", "a", " ", "&amp;", "~~~", "=="]
    )
)
_line = (
    st.one_of(st.text(st.characters(codec="utf-8"), max_size=60), _marks.map("".join))
    .map(line_of_html)
    .map(lambda t: " ".join(t.split()))
)
_some = _line.filter(bool)
_lines = st.lists(_some, max_size=4).map(lambda found: tuple(dict.fromkeys(found)))
_body = st.lists(st.one_of(_line, st.sampled_from(["## Full Content", "---", "*Article fetched by x*", "- a"])), max_size=5)
_judges = st.sampled_from(["", "claude", "offline"])
_instants = st.datetimes(NOW.replace(year=1995, tzinfo=None), NOW.replace(tzinfo=None), timezones=st.just(UTC))


@given(
    st.builds(
        document,
        title=_some, headline=_some, publisher=_line.filter(lambda name: "://" not in name),  # an address is no name
        topic=_line, reason=_line, category=_line,
        summary=_lines, key_insights=_lines, tags=_lines.map(lambda found: tuple(t for t in found if t[0] != "#")),
        score=st.one_of(st.none(), st.integers(0, 100).map(lambda n: n / 10)),
        published=st.one_of(st.none(), _instants), collected=_instants,
        body=_body.map("\n\n".join).map(text_of_html).map(text_of_html),
        assessed_by=_judges, summarised_by=_judges, excerpt_only=_line, author=_line, tier=st.integers(0, 3),
    )
)  # fmt: skip
def test_any_document_is_read_back_as_it_was_and_is_valid_yaml(wanted: Document) -> None:
    text = written(wanted)
    assert read(text) == wanted
    for part in (text, monitor_file(wanted)):
        block = re.split(r"^---\n", part, maxsplit=2, flags=re.MULTILINE)[1]
        front = split(part)
        assert front is not None
        assert set(yaml.safe_load(block)) == set(front[0])


def test_every_real_document_survives_read_write_read() -> None:
    folder = data("knowledge-base")
    files = [*sorted(folder.rglob("*.md")), data("seed.md")]
    assert len(files) == 176
    for file in files:
        once = parse_document(file.read_bytes(), now=NOW + timedelta(days=1))
        once = replace(once, notes=())
        assert read(written(once)) == once, file.name
