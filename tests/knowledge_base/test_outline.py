"""Documents as people and other programs misspell them give the same article as written the usual way."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from digest.knowledge_base import outline
from digest.knowledge_base.document import Document, parse_document
from tests.data import data
from tests.documents import monitored, processed

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_NAMES = "Summary|Key Insights|Full Content|Scoring Analysis"


def parsed(text: str) -> Document:
    return parse_document(text.encode(), now=NOW)


def sub(pattern: str, to: str, count: int = 0) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, to, text, count=count, flags=re.MULTILINE)


def headings(to: str) -> Callable[[str], str]:
    return sub(rf"^## ({_NAMES})$", to)


#: Ways to write a document otherwise, by what a reader of the failure wants to know.
OTHERWISE: dict[str, Callable[[str], str]] = {
    "windows line ends": lambda t: t.replace("\n", "\r\n"),
    "old mac line ends": lambda t: t.replace("\n", "\r"),
    "byte order mark": lambda t: "\ufeff" + t,
    "byte order mark of the original": lambda t: t.replace("\n---\nsource:", "\n\ufeff---\nsource:"),
    "blank lines above": lambda t: "\n\n" + t,
    "spaces at line ends": sub(r"$", "  "),
    "headings one level down": headings(r"### \1"),
    "headings at the top level": headings(r"# \1"),
    "headings with a colon": headings(r"## \1:"),
    "headings closed": headings(r"## \1 ##"),
    "headings without a space": headings(r"##\1"),
    "headings with a hard space": headings("##\u00a0\\1"),
    "headings in bold": headings(r"## **\1**"),
    "bold lines for headings": sub(r"^## (Summary|Key Insights)$", r"**\1**"),
    "headings with a sign": headings("## \N{MEMO} \\1"),
    "headings with a number": headings(r"## 2. \1"),
    "headings underlined": headings("\\1\n-------"),
    "headings in capitals": lambda t: re.sub(rf"^## ({_NAMES})$", lambda m: f"## {m[1].upper()}", t, flags=re.MULTILINE),
    "headings in lower case": lambda t: re.sub(rf"^## ({_NAMES})$", lambda m: f"## {m[1].lower()}", t, flags=re.MULTILINE),
    "takeaways": sub("^## Key Insights$", "## Key Takeaways"),
    "original article": sub("^## Full Content$", "## Original Article"),
    "stars for bullets": sub(r"^- ", "* "),
    "numbers for bullets": sub(r"^- ", "1. "),
    "bullets indented": sub(r"^- ", "  - "),
    "bullets parted": sub(r"^- ", "\n- "),
    "no empty lines": sub(r"\n\n+(?=## |- )", "\n"),
    "twice as many empty lines": lambda t: t.replace("\n\n", "\n\n\n"),
    "no line end at the end": lambda t: t.rstrip("\n"),
    "another field": sub(r"\A---\n", "---\nowner: Jane: Doe\nextra:\n  nested: {a: b}\n  - x\n# comment\n", 1),
    "front matter ended by dots": lambda t: re.sub(r"\A---\n(.*?)\n---\n", r"---\n\1\n...\n", t, count=1, flags=re.DOTALL),
    "longer rules around front matter": lambda t: re.sub(
        r"\A---\n(.*?)\n---\n", r"-----\n\1\n-----\n", t, count=1, flags=re.DOTALL
    ),
    "no rule above front matter": sub(r"\A---\n", "", 1),
    "all in a block of code": lambda t: f"```markdown\n{t}```\n",
    "fields with a capital": sub(
        r"^(url|source|published|relevance_score|primary_topic|title|tags):", lambda m: f"{m[1].title()}:"
    ),  # type: ignore[arg-type]
    "fields with a hyphen": sub(r"^(relevance|primary)_", r"\1-"),
    "fields with a space": sub(r"^(relevance|primary)_", r"\1 "),
    "address in angle brackets": sub(r"^url: (.*)$", r"url: <\1>"),
    "address as a link": sub(r"^url: (.*)$", r"url: [\1](\1)"),
    "address in quotes": sub(r"^url: (.*)$", r'url: "\1"'),
    "score of ten": sub(r"^relevance_score: (\d)$", r"relevance_score: \1/10 (high)"),
    "no labels below the heading": sub(r"^\*\*(Source|URL|Published|Relevance Score)\*\*:.*\n", ""),
    "colons within the bold": sub(r"\*\*(Primary Topic|Reason|Source|URL|Published|Relevance Score)\*\*:", r"**\1:**"),
    "labels not bold": sub(r"^\*\*(Primary Topic|Reason|Source|URL|Published|Relevance Score)\*\*:", r"\1:"),
    "labels in a list": sub(r"^\*\*(Primary Topic|Reason|Source|URL|Published|Relevance Score)\*\*:", r"- **\1**:"),
    "labels with numbers": sub(r"^\*\*(Primary Topic|Reason|Source|URL|Published|Relevance Score)\*\*:", r"1. **\1**:"),
    "no footer of the monitor": lambda t: re.sub(r"---\n\n\*Article fetched.*?(?=\n---\n|\Z)", "", t, flags=re.DOTALL),
    "half a footer of the monitor": sub(r"^\*(Article fetched|Full content).*\n", ""),
    "no footer of the processor": lambda t: re.sub(r"---\n\n\*Processed from.*\Z", "", t, flags=re.DOTALL),
    "half a footer of the processor": sub(r"^\*Processed from .*\n", ""),
    "footers without stars": sub(r"^\*((?:Article|Full|Processed|Original) .*)\*$", r"\1"),
}


@pytest.mark.parametrize("change", OTHERWISE.values(), ids=OTHERWISE.keys())
@pytest.mark.parametrize("text", [processed(), monitored()], ids=["processed", "monitored"])
def test_a_document_written_otherwise_is_the_same_article(text: str, change: Callable[[str], str]) -> None:
    assert parsed(change(text)) == parsed(text)


@pytest.mark.parametrize("change", OTHERWISE.values(), ids=OTHERWISE.keys())
def test_real_documents_written_otherwise_are_the_same_articles(change: Callable[[str], str]) -> None:
    for file in sorted(data("knowledge-base").rglob("*.md"))[::7]:
        text = file.read_text(encoding="utf-8")
        assert parsed(change(text)) == parsed(text), file.name


def test_the_order_of_summary_and_insights_does_not_matter() -> None:
    whole = re.compile(r"(## Summary\n.*?)(## Key Insights\n.*?)(?=## Full Content)", re.DOTALL)
    assert parsed(whole.sub(r"\2\1", processed(), count=1)) == parsed(processed())


def test_an_articles_own_headings_of_those_names_stay_its_own() -> None:
    own = "### Full content\n\nOne.\n\n### Key Takeaways\n\nTwo.\n\n#### Scoring analysis\n\nThree.\n\n**Summary**\n\nFour."
    for text in (monitored(content=own), processed(content=own)):
        document = parsed(text)
        assert [w for w in ("One.", "Two.", "Three.", "Four.") if w not in document.body] == []
        assert document.reason == parsed(processed()).reason
    assert parsed(monitored(content=own)).summary == ()
    assert parsed(f"# T\n\nhttps://e.example/a\n\n{own}").summary == ()


def test_a_processed_document_without_the_original_has_an_empty_body() -> None:
    head, _, _ = processed().partition("## Full Content")
    document = parsed(head.replace("source_type: article", "source_type: article\nurl: https://e.example/a"))
    assert (document.url, document.body) == ("https://e.example/a", "")
    assert (document.summary, document.key_insights) == (parsed(processed()).summary, parsed(processed()).key_insights)


def test_what_follows_the_insights_under_another_heading_is_the_article() -> None:
    text = processed().replace("## Full Content", "## The Article")
    assert "Forty shops in Leeds" in parsed(text).body
    assert parsed(text).summary == parsed(processed()).summary


def test_without_front_matter_of_the_monitors_its_labels_serve() -> None:
    bare = re.sub(r"---\nsource: The Example.*?\n---\n", "", processed(), flags=re.DOTALL)
    wanted = replace(parsed(processed()), collected=datetime(2025, 11, 19, tzinfo=UTC), category="")
    assert parsed(bare) == wanted


def test_the_name_of_a_file_is_no_publisher() -> None:
    text = re.sub(r"^(source: The Example.*|\*\*Source\*\*.*)\n", "", processed(), flags=re.MULTILINE)
    assert parsed(text).publisher == ""
    assert parsed(text.replace("source: 2025-11-19_ai_shops.md", "source: The Outer")).publisher == "The Outer"


@pytest.mark.parametrize("between", ["", "\n", "\n---\n", "\n---\n\n", "\n--- \n \n", "\nrule ---\n", "\n---\n  "])
@pytest.mark.parametrize("text", ["An article.", "An article.\n\n---\n*Processed from inbox on Monday*\n\nMore of it.", ""])
def test_the_last_footer_of_the_processor_ends_the_article(text: str, between: str) -> None:
    footer = f"{between}\n*Processed from inbox on 2026-01-01*\n*Original file: a.md*\n"
    rule = "" if between.startswith("\nrule") or "---" not in between else "\n"
    kept = outline.without_processor_footer("\n" + text + footer, 1)
    assert kept == (text + between if not rule else text)
