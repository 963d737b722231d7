from __future__ import annotations

import io
import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console
from selectolax.lexbor import LexborHTMLParser

from digest.rendering.cleaning import is_blank, one_line
from digest.rendering.markdown_text import escape_markdown, markdown_link
from digest.rendering.pages import render_html, render_markdown, render_text
from digest.rendering.templates import Templates
from digest.rendering.terminal import render_terminal
from digest.rendering.view import digest_view
from tests.builders import assessed, assessment, chosen, digest, left_out, story, unscored

if TYPE_CHECKING:
    from digest.model import Digest

TEMPLATES = Templates()
BREAKOUTS = (
    '"><script>alert(1)</script><img src=x onerror=alert(1)>',
    "</style></title><svg/onload=alert(1)>",
    "[click](https://evil.example) ![x](https://evil.example/i.png) <https://evil.example>",
    "# heading * _em_ ``code`` ~~~ --- === | table | &copy; \\",
    "1. one", "- minus", "+ plus", "> quote", "    indented", "=====", "---", "* * *",
    "www.evil.example me@evil.example",
    "[red]not markup[/red] [link=https://evil.example]x[/link] :smile:",
    "{{ 7*7 }} {% include 'x' %}",
)  # fmt: skip


def breaking(text: str) -> Digest:
    judged = assessment(topic=text, reason=text, summary=(text, text), key_insights=(text,), tags=(text,), note=text)
    also = [assessed(text, publisher=f"B {text}", url="https://b.example/")]
    told = story(f"{text}!", judged=judged, publisher=text, url="https://a.example/", also=also)
    return digest([chosen(1, told, why=text)], notes=(text,), left_out=(left_out(text, reason=text, url="https://c.example/"),))


def printed(whole: Digest, width: int = 100) -> str:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, legacy_windows=False).print(render_terminal(whole))
    return out.getvalue()


@pytest.mark.parametrize("text", BREAKOUTS)
def test_html_shows_any_text_as_text(text: str) -> None:
    page = LexborHTMLParser(render_html(breaking(text), TEMPLATES))
    assert page.css("script, img, iframe, object, embed, link, base, form") == []
    assert {a.attributes["href"] for a in page.css("a")} == {
        "#stories",
        "https://a.example/",
        "https://b.example/",
        "https://c.example/",
    }
    assert not [n for n in page.css("*") if any(k.startswith("on") or k == "style" for k in n.attributes)]
    assert page.css_first("h2").text().strip() == one_line(f"{text}!")
    assert page.css_first(".summary li").text() == one_line(text)


def test_html_loads_nothing_and_says_so_in_its_policy() -> None:
    html = render_html(digest(), TEMPLATES)
    assert not re.search(r"(\bsrc=|srcset|@import|url\()", html)
    policy = LexborHTMLParser(html).css_first("meta[http-equiv]").attributes["content"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_html_headings_go_down_by_one_and_every_part_has_its_landmark() -> None:
    many = digest([story(f"Story {n}") for n in range(9)], left_out=(left_out(),))
    page = LexborHTMLParser(render_html(many, TEMPLATES))
    levels = [int(h.tag[1]) for h in page.css("h1, h2, h3, h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert len(page.css("header, main, footer, nav")) == 4
    ids = [n.attributes["id"] for n in page.css("[id]")]
    assert len(ids) == len(set(ids))
    named = [n.attributes["aria-labelledby"] for n in page.css("[aria-labelledby]")]
    assert set(named) <= set(ids)
    assert page.css_first("html").attributes["lang"] == "en"


def test_html_says_the_score_in_words_and_not_by_colour_alone() -> None:
    page = LexborHTMLParser(render_html(digest([story(), story(judged=unscored())]), TEMPLATES))
    said = [" ".join(s.text().split()) for s in page.css(".score")]
    assert said == ["Relevance 8 of 10 high", "Not scored for relevance"]


def test_html_links_open_without_telling_where_from() -> None:
    page = LexborHTMLParser(render_html(breaking("x"), TEMPLATES))
    outside = [a for a in page.css("a") if not (a.attributes["href"] or "").startswith("#")]
    assert outside
    assert all(a.attributes["rel"] == "noopener noreferrer" for a in outside)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_html_colours_have_the_contrast_that_text_needs(scheme: str) -> None:
    css = LexborHTMLParser(render_html(digest(), TEMPLATES)).css_first("style").text()
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[0] + (blocks[1] if scheme == "dark" else "")))
    pairs = [(text, ground) for text in ("ink", "soft", "strong", "accent") for ground in ("paper", "panel")]
    pairs += [(band, f"{band}-soft") for band in ("medium", "low", "accent")] + [("ink", "medium-soft")]
    assert min(contrast(colours[a], colours[b]) for a, b in pairs) >= 4.5


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, 1.4.3."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("text", BREAKOUTS)
@pytest.mark.parametrize("dialect", ["commonmark", "gfm-like"])
def test_markdown_shows_any_text_as_text(text: str, dialect: str) -> None:
    html = LexborHTMLParser(MarkdownIt(dialect).render(render_markdown(breaking(text), TEMPLATES)))
    assert html.css("script, img, code, pre, table, h3, em em") == []
    assert {a.attributes["href"] for a in html.css("a")} == {
        "https://a.example/",
        "https://b.example/",
        "https://c.example/",
    }
    assert html.css_first("h2").text().strip() == "1. " + one_line(f"{text}!")
    assert html.css_first("li").text().strip() == one_line(text)


@given(st.text(max_size=60))
@settings(deadline=None)
def test_markdown_escaping_is_undone_by_reading_it(text: str) -> None:
    text = one_line(text)
    if is_blank(text):
        return
    for source in (
        escape_markdown(text),
        f"- {escape_markdown(text)}",
        f"## {markdown_link(text, 'https://a.example/(')}",
    ):
        html = MarkdownIt("commonmark").render(source)
        assert LexborHTMLParser(html).body.text().strip() == text  # type: ignore[union-attr]


@pytest.mark.parametrize("text", BREAKOUTS)
def test_the_terminal_shows_any_text_as_text(text: str) -> None:
    shown = "".join(printed(breaking(text), 400).split())
    assert shown.count("".join(text.split())) >= 6
    assert "\x1b" not in shown


def test_the_terminal_links_titles_where_it_can() -> None:
    out = io.StringIO()
    Console(file=out, width=100, force_terminal=True).print(render_terminal(digest([story(url="https://a.example/x")])))
    assert "\x1b]8;" in out.getvalue()
    assert ";https://a.example/x\x1b\\" in out.getvalue()


def test_plain_text_keeps_to_78_columns() -> None:
    text = render_text(breaking("word " * 60), TEMPLATES)
    assert max(map(len, text.splitlines())) == 78


@pytest.mark.parametrize("make", [render_html, render_markdown, render_text, lambda d, _: printed(d)])
def test_a_digest_without_stories_says_so_and_why(make: object) -> None:
    assert callable(make)
    left = (left_out(), left_out("Other"), left_out("None", rule="unscored", judged=unscored()))
    some = " ".join(make(digest([], left_out=left, articles=3), TEMPLATES).split())
    assert "No stories today. 3 stories left out: 2 below the threshold, 1 unscored." in some
    none = " ".join(make(digest([]), TEMPLATES).split())
    assert "No stories today: no article of the last 72 hours was found." in none


@pytest.mark.parametrize("make", [render_html, render_markdown, render_text, lambda d, _: printed(d)])
def test_an_address_that_may_not_be_linked_is_in_no_format(make: object) -> None:
    assert callable(make)
    assert "javascript" not in make(digest([story("Plain", url="javascript:alert(1)")]), TEMPLATES)


def test_also_covered_by_names_each_other_publisher_once() -> None:
    also = [
        assessed("The lead's own second feed", publisher="The Example - AI", url="https://b.example/1"),
        assessed("A copy at the lead's site", publisher="Elsewhere", url="https://news.example/2"),
        assessed("Told first", publisher="The Courier", url="https://courier.example/1"),
        assessed("Told again", publisher="The Courier | News", url="https://courier.example/2"),
        assessed("Another", publisher="The Ledger", url="https://ledger.example/"),
    ]
    (told,) = digest_view(digest([story(also=also)])).stories
    assert [a.title for a in told.also] == ["Told first", "Another"]
    assert told.publishers == 3
    assert digest_view(digest([story(also=also), story("Another of it")])).totals.endswith("from 3 publishers")


def test_a_summary_that_only_repeats_the_title_is_not_shown() -> None:
    (told,) = digest_view(digest([story("Shops sell more", judged=assessment(summary=("Shops sell more", "By 12 %")))])).stories
    assert told.summary == ("By 12 %",)
