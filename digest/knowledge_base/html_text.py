"""HTML made text: what an article says, in paragraphs, without markup or the boilerplate that feeds append.

It owns only the text. Making HTML safe to show as HTML is not needed anywhere: text from outside is never shown as HTML.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final

from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from collections.abc import Iterator

_BREAK: Final = "\x1e"
_BLOCK: Final = re.compile(
    r"<(?=/?(?:p|div|br|li|h[1-6]|tr|ul|ol|dl|dt|dd|blockquote|section|article|aside|header|footer|figure|figcaption|table"
    r"|pre|hr|form|main|nav|details|summary)\b)",
    re.IGNORECASE,
)
_MARKUP: Final = re.compile(r"<[a-zA-Z/!?]")
#: Tags around text that neither hide nor move it, with attributes in which nothing looks like a tag: what most feeds consist
#: of. Taking them out gives the text that a parser would give, at a tenth of its time.
_PLAIN_TAG: Final = re.compile(
    r"</?(?:(p|div|br|li|h[1-6]|ul|ol|blockquote|figure|figcaption|hr)|a|b|i|u|s|em|strong|span|small|sub|sup|code|cite|img)"
    r"""\b[^<>"']*(?:"[^"<>]*"[^<>"']*|'[^'<>]*'[^<>"']*)*>""",
    re.IGNORECASE,
)
_DROPPED: Final = ["script", "style", "template", "noscript", "iframe", "svg", "head", "title", "textarea", "object"]
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2060\ufeff\ud800-\udfff]")
_BLANK_LINE: Final = re.compile(r"\n[ \t]*\n\s*")
#: A page of 20,000 tags is a megabyte of real HTML; 20,000 nested ones take 0.7 s to parse.
_MOST_TAGS: Final = 20_000
_HIDING: Final = re.compile(r"<(?:(script|style)\b|!--)", re.IGNORECASE)
_SHOWN_AGAIN: Final = {"": re.compile("-->"), "script": re.compile("</script", re.I), "style": re.compile("</style", re.I)}
_TAG: Final = re.compile(r"<[a-zA-Z/!?][^<>]{0,2000}>")
_ESCAPED_TAG: Final = re.compile(r"</?(?:p|br|div)\s*/?>", re.IGNORECASE)

#: What feeds add to the end of an article, each with a word that must occur for it to be looked for. WordPress: "The post T
#: appeared first on P.", in both orders; Reddit: who submitted it and its two links; many: "read more" or "continue reading";
#: Hacker News: the one word "Comments".
_BOILERPLATE: Final = tuple(
    (word, re.compile(pattern, re.IGNORECASE))
    for word, pattern in (
        ("appeared", r"\bThe post .{1,400}? (?:appeared first on|first appeared on) .{1,120}?\.?\s*\Z"),
        ("submitted", r"\bsubmitted by\s+/?u/\S+(?:\s+to\s+/?r/\S+)?\s*(?:\[link\])?\s*(?:\[comments\])?\s*\Z"),
        ("eading", r"\b(?:continue|keep) reading\W{0,4}\s*\Z"),
        ("ead ", r"\bread (?:more|the full (?:article|story))\W{0,4}\s*\Z"),
        ("omments", r"\A\s*(?:view )?comments\s*\Z"),
    )
)
_LONGEST_BOILERPLATE: Final = 600


def text_of_html(html: str) -> str:
    """The text of ``html``, or of text that is none: paragraphs parted by an empty line, each on one line.

    Entities are decoded, scripts, styles and comments dropped, images leave nothing, blank lines are kept as the end of a
    paragraph. Any string is taken; the result has no control characters and no space at either end.
    """
    source = html.replace(_BREAK, " ")
    if _MARKUP.search(source):
        source = _BLANK_LINE.sub(_BREAK, source)
        plain = _PLAIN_TAG.sub(lambda tag: _BREAK if tag[1] else "", source)
        text = _parsed(_BLOCK.sub(_BREAK + "<", source)) if _MARKUP.search(plain) else unescape(plain)
    else:
        text = _BLANK_LINE.sub(_BREAK, unescape(source) if "&" in source else source)
    if "<" in text:
        text = _ESCAPED_TAG.sub(_BREAK, text)
    paragraphs = (" ".join(p.split()) for p in text.split(_BREAK))
    return without_boilerplate(_CONTROL.sub("", "\n\n".join(filter(None, paragraphs))))


def line_of_html(html: str) -> str:
    """The text of a title or a name that may hold entities or markup, on one line."""
    if html.isprintable() and "  " not in html and "<" not in html and "&" not in html:  # nearly every one
        return html.strip()
    text = _parsed(html) if "<" in html and _MARKUP.search(html) else unescape(html) if "&" in html else html
    text = " ".join(text.split())
    return text if text.isprintable() else _CONTROL.sub("", text)


def without_boilerplate(text: str) -> str:
    """``text`` without what feeds append to an article."""
    start = max(0, len(text) - _LONGEST_BOILERPLATE)
    tail = text[start:]
    for word, pattern in _BOILERPLATE:
        if word in tail:
            tail = pattern.sub("", tail)
    return (text[:start] + tail).strip()


def _parsed(html: str) -> str:
    """The text within HTML. Lexbor's time grows with the square of the depth of nesting, so what could be nested deeper than
    any article is stripped of its tags without being parsed."""
    if html.count("<") > _MOST_TAGS:
        return unescape(_TAG.sub(" ", "".join(_shown(html))))
    tree = LexborHTMLParser(html)
    tree.strip_tags(_DROPPED)
    return tree.body.text() if tree.body is not None else ""


def _shown(html: str) -> Iterator[str]:
    """The parts of ``html`` that are no comment, script or style; each character is looked at once."""
    at = 0
    while hiding := _HIDING.search(html, at):
        yield html[at : hiding.start()]
        shown = _SHOWN_AGAIN[(hiding[1] or "").lower()].search(html, hiding.end())
        if shown is None:
            return
        at = shown.start() if hiding[1] else shown.end()
    yield html[at:]
