from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.knowledge_base.html_text import line_of_html, text_of_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One &amp; two</p><p>Three</p>", "One & two\n\nThree"),
        ("One<br/>two", "One\n\ntwo"),
        ("plain text\n\nin two\nparagraphs", "plain text\n\nin two paragraphs"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("a <b>bo</b>ld word", "a bold word"),
        ("<script>evil()</script><style>p{}</style><!-- no -->seen", "seen"),
        ("a < b and c > d", "a < b and c > d"),
        ("5 &lt; 6", "5 < 6"),
        ("<img alt='x' src='y'>after", "after"),
        ("unclosed <p>para <b>bold", "unclosed\n\npara bold"),
        ("zero\u200bwidth", "zerowidth"),
        ("two  spaces,\na line and\xa0one that does not break", "two spaces, a line and one that does not break"),
        ("a &nbsp; &#8203; b &hellip; &unknown; &amp;amp;", "a b … &unknown; &"),
        ('before<iframe src="https://v.test/?a>b" title="x > y">none</iframe> after', "before after"),
        ('before<script type="x">if (a < b && "<p>") {}</script><p>after', "before\n\nafter"),
        ("before<script>'<script>' + x</script> after", "before after"),
        ("before<style>a{}<!-- </style> --></style>after", "before -->after"),
        ("<table><tr><td>a</td><th>b</th></tr><tr><td>c</td></tr></table>d", "a | b\n\nc\n\nd"),
        ("<svg></svg><table><tr><td>a</td><th>b</th></tr><tr><td>c</td></tr></table>d", "a | b\n\nc\n\nd"),
        ("a<noscript><img src='x'></noscript> <o:p>b</o:p><g-emoji x='1'>c</g-emoji><unknown/>", "a bc"),
        ("a<select><option>b</select>c", "abc"),
        ("<p>a<label>b</label><strike>c</strike><dfn>d</dfn>", "abcd"),
        ("Keep this. Read more…", "Keep this."),
        ("Comments", ""),
        ("<table><tr><td>a</td><td>b</td></tr><tr><th>x<th></th><th>y</th></tr></table>after", "a | b\n\nx | y\n\nafter"),
        ("<TABLE> <TR><TD> <p>alone</p> </TD></TR></TABLE>", "alone"),
        ("if x<y then <b>stop</b>", "if x<y then stop"),
        ("for i<n", "for i<n"),
        ('cut off <a href="https://e.exam', "cut off"),
        ("cut off <strong", "cut off"),
        ("<![CDATA[<p>hi</p>]]>", "hi"),
        ("<p>It&amp;#8217;s R&amp;amp;D &amp;lt;b&amp;gt;</p>", "It\u2019s R&D &lt;b&gt;"),
        ("<p>Text\u2026</p><p><a>Continue reading <span>The title of it</span></a></p>", "Text\u2026"),
        ("<p>Text.</p><p>Read the full article on the site</p>", "Text."),
        ("We continue reading books.", "We continue reading books."),
        ("<p>The post office shut.</p><p>The post The post office appeared first on News.</p>", "The post office shut."),
        ("The post office shut. The post Offices appeared first on News.", "The post office shut."),
        ("Comments are closed.", "Comments are closed."),
        ("They read more now than then", "They read more now than then"),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    assert text_of_html(html) == text


def test_a_title_is_one_line_without_markup() -> None:
    assert line_of_html(" Artists &amp; <i>Robots</i>\n agency ") == "Artists & Robots agency"


def test_a_title_whose_tag_was_never_closed_keeps_its_words() -> None:
    assert line_of_html("A title</el><title>Paper") == "A titlePaper"
    assert line_of_html('safe<object data="x">still here</object><script>x()</script>') == "safestill here"


@given(st.text())
def test_any_string_gives_clean_paragraphs(html: str) -> None:
    text = text_of_html(html)
    assert text == text.strip()
    assert "\n\n\n" not in text
    assert all(c.isprintable() or c in "\n" or c.isspace() or ord(c) > 0x9F for c in text)


def test_a_megabyte_of_open_tags_is_no_trouble() -> None:
    assert text_of_html("<div>" * 200_000 + "x") == "x"
    assert text_of_html("<" * 500_000) == "<" * 500_000
    assert text_of_html("<script>" * 100_000).strip() == ""


_piece = st.one_of(
    st.text("abc &;#<>=/\n\"'\u00e9", max_size=12),
    st.sampled_from(
        [
            "&amp;",
            "&#8217;",
            "&lt;p&gt;",
            "<p>",
            "</p>",
            "<p class='x y'>",
            "<br/>",
            "<br />",
            '<a href="https://a.example/?b=1&c">',
        ]
    ),
    st.sampled_from(
        [
            "</a>",
            "<em>",
            "</em>",
            "<b",
            "<img src=x alt='a > b'>",
            "<li>",
            "</ul>",
            "<H2 id=q>",
            "</H2>",
            "<strong>",
            "</strong >",
        ]
    ),
)


@given(st.lists(_piece, max_size=12).map("".join))
def test_plain_tags_give_the_same_text_with_and_without_a_parser(html: str) -> None:
    parsed = text_of_html("<wbr>" + html)  # a tag that is not among the plain ones, and has no text
    assert text_of_html(html) == parsed or not re.search("<[a-zA-Z/!?]", html)  # what is no markup is not parsed
