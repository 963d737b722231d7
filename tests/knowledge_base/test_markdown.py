from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.knowledge_base.document import parse_document
from digest.knowledge_base.html_text import text_of_html
from digest.knowledge_base.markdown import html_of_line, html_of_markdown, literal
from tests.documents import monitored, processed

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ("## What is new\n\nA **bold** word and an *odd* one.", "What is new\n\nA bold word and an odd one."),
        ("It has:\n\n- one\n- two\n\n1. three\n2. four", "It has:\n\none\n\ntwo\n\nthree\n\nfour"),
        ("See [the page](https://e.example/x_(y)) and `code`.", "See the page and code."),
        ("Before ![a chart](https://e.example/c.png) after", "Before after"),
        ("> He said\n> so.", "He said so."),
        ("Run:\n\n```python\nprint('<b>')\n```\n\nDone.", "Run:\n\nprint('<b>')\n\nDone."),
        ("| Plan | Price |\n| --- | ---: |\n| Basic | $10 |", "Plan | Price\n\nBasic | $10"),
        ("One.\n\n---\n\nTwo\\_2.", "One.\n\nTwo_2."),
        ("<p>One &amp; two</p>\n\n### Three\n\n- **four**", "One & two\n\nThree\n\nfour"),
        ("<p>**not bold** in HTML</p>", "**not bold** in HTML"),
        ("snake_case_name, 2*3*4, 5 * 6 and C# stay", "snake_case_name, 2*3*4, 5 * 6 and C# stay"),
        ("$9 - $10 a seat [sic] [\u2026]", "$9 - $10 a seat [sic] [\u2026]"),
    ],
)
def test_markdown_in_an_article_becomes_text(content: str, body: str) -> None:
    for text in (monitored(content=content), processed(content=content)):
        assert parse_document(text.encode(), now=NOW).body == body


def test_bullets_and_reasons_lose_their_marks() -> None:
    text = processed(summary="- **Price**: [ten](https://e.example) `USD`", reason="It is **useful**.", headline="*New* Ads")
    document = parse_document(text.encode(), now=NOW)
    assert document.summary == ("Price: ten USD",)
    assert (document.reason, document.headline) == ("It is useful.", "New Ads")


_pieces = st.lists(
    st.sampled_from(["*", "_", "`", "[", "](", ")", "#", "- ", "\n", "\n\n", ">", "|", "<", "<b>", "a", " ", "1.", "&lt;"])
)


@given(st.one_of(st.text(), _pieces.map("".join)))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(text_of_html(html_of_markdown(text)), str)
    assert isinstance(html_of_line(text), str)


@given(st.lists(st.text("*_`[]()#->|<!\\~=1. ab", min_size=1).map(str.split).map(" ".join).filter(bool), min_size=1))
def test_what_is_written_literally_is_read_literally(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    assert text_of_html(html_of_markdown(literal(text.replace("<", "&lt;")))) == text_of_html(text.replace("<", "&lt;"))


def test_a_megabyte_of_marks_is_no_trouble() -> None:
    for mark in ("[", "**a* ", "> ", "![a](", "|a"):
        assert isinstance(html_of_markdown(mark * (1_000_000 // len(mark))), str)
