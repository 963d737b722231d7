"""From pages as they are served to the article on them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.errors import SourceError
from digest.fulltext.extraction import MAX_TEXT_CHARS, decoded, extract

PARAGRAPHS = (
    "Retailers said on Monday that assistants which shop on behalf of people now place one order in nine.",
    "The trade body asked 400 shops in twelve countries, most of them small, between August and October.",
    "Half of them changed how they describe their goods, so that programs can compare prices, sizes and delivery.",
    "Analysts expect the share to double within a year, though returns are higher than for orders placed by hand.",
)
URL = "https://paper.test/2026/11/orders"


def page(*paragraphs: str, head: str = "", around: str = "", lang: str = "en", title: str = "Assistants place orders") -> str:
    """A page as a publisher's site serves it: navigation, an article, a sidebar, a footer."""
    text = "".join(f"<p>{p}</p>" for p in paragraphs or PARAGRAPHS)
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title} | The Paper</title>'
        f'<meta property="og:site_name" content="The Paper"><meta property="og:title" content="{title}">{head}</head><body>'
        '<nav><ul><li><a href="/">Home</a></li><li><a href="/ai">AI</a></li><li><a href="/ads">Ads</a></li></ul></nav>'
        f"<main><article><h1>{title}</h1>{text}</article></main>{around}"
        '<aside><h2>Most read</h2><ul><li><a href="/1">Ten prompts for spring</a></li></ul></aside>'
        "<footer><p>Copyright The Paper. All rights reserved. Cookie settings.</p></footer></body></html>"
    )


def test_the_text_is_the_article_and_nothing_around_it() -> None:
    found = extract(page().encode(), url=URL)
    assert found.text == "\n\n".join(PARAGRAPHS)
    assert (found.title, found.publisher, found.language, found.url) == ("Assistants place orders", "The Paper", "en", URL)


def test_lists_quotes_headings_and_tables_are_paragraphs_of_their_own() -> None:
    more = (
        "<h2>What they asked</h2><ul><li>Which programs buy, and how often they come back</li><li>What they buy, and what is sent"
        " back</li></ul><blockquote><p>We write for machines first now, said one owner.</p></blockquote>"
        "<table><tr><th>Country</th><th>Share</th></tr><tr><td>France</td><td>9 %</td></tr></table>"
    )
    text = extract(page().replace("</article>", f"{more}<p>{PARAGRAPHS[0][::-1]}</p></article>").encode(), url=URL).text
    paragraphs = text.split("\n\n")
    for expected in (
        "What they asked",
        "Which programs buy, and how often they come back",
        "What they buy, and what is sent back",
    ):
        assert expected in paragraphs
    assert "We write for machines first now, said one owner." in paragraphs
    assert "France | 9 %" in paragraphs


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2026-11-20T09:30:00+01:00">',
        '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-11-20T08:30:00Z"}</script>',
        '<meta name="date" content="Fri, 20 Nov 2026 08:30:00 GMT">',
    ],
)
def test_the_date_is_the_one_the_page_gives(head: str) -> None:
    assert extract(page(head=head).encode(), url=URL).published == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "author"),
    [
        ('<meta name="author" content="Ada  Writer">', "Ada Writer"),
        ('<meta name="author" content="By Ada Writer and Ben Lee">', "Ada Writer; Ben Lee"),
        (
            '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",'
            '"author":{"@type":"Person","name":"Ada Writer"}}</script>',
            "Ada Writer",
        ),
        ('<meta property="article:author" content="https://social.example/ada">', ""),
        ("", ""),
    ],
)
def test_the_author_is_the_one_the_page_names(head: str, author: str) -> None:
    assert extract(page(head=head).encode(), url=URL).author == author


def test_a_page_without_a_date_has_none() -> None:
    assert extract(page().encode(), url="https://paper.test/orders").published is None


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<link rel="canonical" href="/orders">', "https://paper.test/orders"),
        ('<meta property="og:url" content="https://paper.test/orders?id=7">', "https://paper.test/orders?id=7"),
        ('<link rel="canonical" href="https://paper.test/">', URL),  # some sites name their front page on each
        ('<link rel="canonical" href="javascript:alert(1)">', URL),
        ('<link rel="canonical" href="http://[half">', URL),
    ],
)
def test_the_address_is_the_page_s_own_where_that_is_one(head: str, url: str) -> None:
    assert extract(page(head=head).encode(), url=URL).url == url


@pytest.mark.parametrize(
    ("charset", "server"), [("utf-8", ""), ("windows-1252", "windows-1252"), ("iso-8859-1", "ISO-8859-1"), ("utf-16", "utf-16")]
)
def test_the_charset_is_the_one_the_server_names(charset: str, server: str) -> None:
    told = page(
        "Die Händler sagten am Montag, Agenten bestellten heute für viele Käufer: neun von hundert Aufträgen.", *PARAGRAPHS
    )
    told = told.replace('<meta charset="utf-8">', "")
    assert "Händler" in extract(told.encode(charset), url=URL, charset=server).text


def test_the_charset_is_the_one_the_page_names_else() -> None:
    told = page("小売業者は月曜日、買い物を代行するプログラムが注文の九分の一を占めると述べた。" * 3, lang="ja")
    data = told.replace("utf-8", "shift_jis").encode("cp932")
    assert "小売業者" in extract(data, url=URL).text


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        (b"caf\xc3\xa9", "iso-8859-1", "café"),  # valid UTF-8 beyond ASCII is UTF-8, whatever is claimed
        (b"caf\xe9", "", "café"),
        (b"caf\xe9", "utf-8", "café"),
        (b"\x93so\x94", "iso-8859-1", "“so”"),  # browsers read Latin-1 as Windows-1252
        (("é" * 50).encode() + b"\xff", "", "é" * 50 + "\ufffd"),
    ],
)
def test_bytes_become_text_as_they_were_meant(data: bytes, charset: str, text: str) -> None:
    assert decoded(data, charset) == text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01\x02\x03" * 100,
        b"<html><body></body></html>",
        b"<html><body><script>var a = 1</script></body></html>",
        b"%PDF-1.7 not a page",
        b"<" * 100_000,
        b"<!doctype html><html><body>" + b"<div>" * 5_000,
    ],
)
def test_what_has_no_text_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(SourceError, match="it "):
        extract(data, url=URL)


def test_scripts_and_their_addresses_do_not_become_text() -> None:
    told = page(
        PARAGRAPHS[0] + '<script>alert("x")</script><a href="javascript:alert(1)">more</a>', *PARAGRAPHS[1:],
        "<img src=x onerror=alert(2)>" + PARAGRAPHS[0],
    )  # fmt: skip
    text = extract(told.encode(), url=URL).text
    assert "alert" not in text
    assert "javascript" not in text


def test_a_very_long_text_is_cut_between_paragraphs() -> None:
    told = page(*(f"{PARAGRAPHS[n % 4]} This is paragraph number {n} of the report." for n in range(2_500)))
    text = extract(told.encode(), url=URL).text
    assert len(text) <= MAX_TEXT_CHARS
    assert text.endswith("of the report.")
