from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SourceError
from digest.knowledge_base.document import Document, parse_document
from tests.data import data
from tests.documents import monitored, processed

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def parsed(text: str) -> Document:
    return parse_document(text.encode(), now=NOW)


def test_every_field_of_a_processed_document() -> None:
    assert parsed(processed()) == Document(
        title="Retail: forty shops adopt AI assistants",
        headline="Shops adopt assistants",
        url="https://news.example/shops-adopt-assistants/",
        publisher="The Example - AI",
        published=datetime(2025, 11, 18, 16, 29, 24, tzinfo=UTC),
        collected=datetime(2025, 11, 19, 4, 6, 37, 314870, tzinfo=UTC),
        score=8.0,
        topic="AI assistants in retail",
        reason="It tells what shops pay for assistants and what these sell.",
        summary=("Forty shops took on an assistant", "Sales rose by 12 percent"),
        key_insights=("Small shops can afford it",),
        tags=("retail", "ai-assistants", "Leeds"),
        category="AI News",
        source_type="article",
        body="Forty shops in Leeds took on an assistant in May & June.\n\nSales rose by 12 percent.",
        notes=(),
    )


def test_a_bare_monitors_file_has_the_headline_as_title_and_no_summary() -> None:
    document = parsed(monitored())
    assert document.title == document.headline == "Shops adopt assistants"
    assert (document.summary, document.key_insights, document.tags) == ((), (), ())
    assert document.body.startswith("Forty shops in Leeds")


def test_the_bodys_own_headings_are_not_the_documents() -> None:
    content = "Intro.\n\n## Summary\n\n- not the summary\n\n## Scoring Analysis\n\n**Reason**: not the reason\n\n## Full Content\n\nThe end."
    document = parsed(processed(content=content))
    assert document.summary == ("Forty shops took on an assistant", "Sales rose by 12 percent")
    assert document.reason == "It tells what shops pay for assistants and what these sell."
    for words in ("not the summary", "not the reason", "The end."):
        assert words in document.body


@pytest.mark.parametrize(("line", "title"), [("# Why C#", "Why C#"), ("# Closed ##", "Closed"), ("#  Wide   ", "Wide")])
def test_what_closes_a_heading_is_no_part_of_it(line: str, title: str) -> None:
    assert parsed(monitored().replace("# Shops adopt assistants", line)).headline == title


def test_rules_and_asterisks_in_the_body_are_no_footer() -> None:
    document = parsed(processed(content="One.\n\n---\n\n*Two* in italics.\n\n---\n\nThree."))
    assert document.body.endswith("Three.")


def test_footers_are_gone_from_the_body_and_from_the_reason() -> None:
    document = parsed(processed())
    for text in (document.body, document.reason):
        assert "fetched by" not in text
        assert "Processed from" not in text
        assert "Original" not in text


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("8", 8.0),
        ("9/10", 9.0),
        ("7.5", 7.5),
        ("nine", None),
        ("11", None),
        ("-1", None),
        ("", None),
        ("8 # high", 8.0),
        ("**8**/10", 8.0),
        ("8/10 (high)", 8.0),
        ("80/100", None),
    ],
)
def test_a_score_that_makes_no_sense_is_unscored_with_a_note(given: str, meant: float | None) -> None:
    document = parsed(f"---\nurl: https://e.example/a\nrelevance_score: {given}\n---\n\n# T\n\nBody")
    assert document.score == meant
    assert bool(document.notes) == (meant is None and given != "")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("Tue, 18 Nov 2025 16:29:24 EST", datetime(2025, 11, 18, 21, 29, 24, tzinfo=UTC)),
        ("2025-11-18T16:29:24+02:00", datetime(2025, 11, 18, 14, 29, 24, tzinfo=UTC)),
        ("2025-11-18", datetime(2025, 11, 18, tzinfo=UTC)),
        ("20251118", datetime(2025, 11, 18, tzinfo=UTC)),
        ("20251118T162924Z", datetime(2025, 11, 18, 16, 29, 24, tzinfo=UTC)),
        ("Tue, 18 Nov 2025 16:29:24 CET", datetime(2025, 11, 18, 15, 29, 24, tzinfo=UTC)),
        ("Tue Nov 18 16:29:24 UTC 2025", datetime(2025, 11, 18, 16, 29, 24, tzinfo=UTC)),
        ("Tue, 18 Nov 25 16:29:24 GMT", datetime(2025, 11, 18, 16, 29, 24, tzinfo=UTC)),
        ("18 November 2025", datetime(2025, 11, 18, tzinfo=UTC)),
        ("Nov 18, 2025 4:30 pm", datetime(2025, 11, 18, 16, 30, tzinfo=UTC)),
        ("last Tuesday", None),
        ("yesterday", None),
        ("31 February 2025", None),
        ("2042-01-01", None),
    ],
)
def test_dates_in_the_usual_dialects(given: str, meant: datetime | None) -> None:
    document = parsed(monitored(published=given))
    assert document.published == meant
    assert bool(document.notes) == (meant is None)


def test_double_escaped_html_and_feed_boilerplate_are_gone() -> None:
    content = '<p>It works.</p><p>The post <a href="x">Shops</a> first appeared on <a href="y">PPC</a>.&lt;/p&gt;</p>'
    assert parsed(monitored(content=content)).body == "It works."
    reddit = '<div class="md"><p>It works.</p></div> &#32; submitted by &#32; <a href="u"> /u/Some_1 </a> <br/> <span><a>[link]</a></span> &#32; <span><a>[comments]</a></span>'
    assert parsed(monitored(content=reddit)).body == "It works."


def test_line_ends_of_windows_and_a_byte_order_mark_change_nothing() -> None:
    assert parse_document(b"\xef\xbb\xbf" + processed().replace("\n", "\r\n").encode(), now=NOW) == parsed(processed())


def test_utf16_is_read_and_another_encoding_is_noted() -> None:
    assert parse_document(processed(headline="Café").encode("utf-16"), now=NOW).headline == "Café"
    latin = parse_document(processed(headline="Café").encode("latin-1"), now=NOW)
    assert latin.headline == "Café"
    assert latin.notes == ("not UTF-8: read as Windows-1252",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (bytes(range(256)) * 20, "binary"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        (b"---\ntitle: x\n", "no end"),
    ],
)
def test_what_is_no_document_is_refused_in_words(content: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        parse_document(content, now=NOW)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_document_or_a_source_error(content: bytes) -> None:
    try:
        parse_document(content, now=NOW)
    except SourceError:
        pass


_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=300)


@given(_text, _text)
def test_any_content_keeps_the_documents_own_fields(content: str, reason: str) -> None:
    document = parsed(processed(content=content, reason="r " + " ".join(reason.split()), tags="a, b"))
    assert document.url == "https://news.example/shops-adopt-assistants/"
    assert document.score == 8.0
    assert document.tags == ("a", "b")
    assert document.summary[0] == "Forty shops took on an assistant"


def test_all_real_documents_come_through_whole() -> None:
    folder = data("knowledge-base")
    files = [*sorted(folder.rglob("*.md")), data("seed.md")]
    assert len(files) > 100
    for file in files:
        document = parse_document(file.read_bytes(), now=datetime(2026, 11, 23, tzinfo=UTC))
        text = file.read_text(encoding="utf-8")
        assert document.notes == (), file
        for name in ("title", "headline", "url", "publisher", "published", "score", "topic", "reason", "body"):
            assert getattr(document, name), (file, name)
        assert f"\nurl: {document.url}\n" in text, file
        assert f"\nsource: {document.publisher}\n" in text, file
        if "## Full Content" in text:
            head = text.split("\n## Full Content")[0]
            assert f"title: {document.title}\n" in text, file
            assert [f"- {b}" for b in (*document.summary, *document.key_insights)] == [
                line.strip() for line in head.split("\n") if line.startswith("- ")
            ], file
            assert document.tags, file
        for left in (
            "<p",
            "</",
            "Scoring Analysis",
            "fetched by AI",
            "Processed from inbox",
            "**Original URL**",
            "&#",
            "&quot;",
        ):
            assert left not in document.body, (file, left)
