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
_CELL: Final = "\x1f"
#: What tables consist of. A parser moves what stands between cells out of the table, so cells are parted before it.
_TABLE: Final = re.compile(r"<(/?(?:table|thead|tbody|tfoot|tr|caption|td|th))(?=[\s>/])[^<>]*>", re.IGNORECASE)
#: ``<`` that begins no tag, as in "x<y": another one or the end of the text comes first, and it is no tag that was cut off.
_LESS_THAN: Final = re.compile(
    r"<(?=[a-zA-Z][^<>=\"']*(?:<|\Z))(?!(?:a|b|i|u|p|br|h[1-6]|em|div|img|span|strong|table|ul|ol|li|td|tr|hr|code|pre)?\b\s*/?\Z)"
)
_CDATA: Final = re.compile(r"<!\[CDATA\[|\]\]>")
#: What is an entity still after entities were decoded was encoded twice. ``&lt;`` is not among them: text may speak of tags.
ENCODED_TWICE: Final = re.compile(
    r"&(?:#\d{2,6}|#[xX][0-9a-fA-F]{2,5}|amp|quot|apos|nbsp|[lr][sd]quo|[nm]dash|hellip|bull|middot|trade|copy|reg|euro|pound"
    r"|[A-Za-z](?:acute|grave|circ|uml|tilde|cedil));"
)
_BLOCK: Final = re.compile(
    r"<(?=/?(?:p|div|br|li|h[1-6]|tr|ul|ol|dl|dt|dd|blockquote|section|article|aside|header|footer|figure|figcaption|table"
    r"|pre|hr|form|main|nav|details|summary)\b)",
    re.IGNORECASE,
)
_MARKUP: Final = re.compile(r"<[a-zA-Z/!?]")
#: A tag, with attributes in which nothing looks like one; the first group is its name.
_TAG_OF: Final = re.compile(r"""<(/?[a-zA-Z][a-zA-Z0-9]*)[^<>"']*+(?:"[^"<>]*+"[^<>"']*+|'[^'<>]*+'[^<>"']*+)*+>""")
_PLAIN_COMMENT: Final = re.compile("<!--[^<>]*-->")


class _Meanings(dict[str, str]):
    """What a tag leaves in the text, by its name: a break, nothing, or something that looks like markup still."""

    def __missing__(self, name: str) -> str:
        meaning = self.get(name.lower(), "<!")
        if len(self) < _MOST_SPELLINGS:
            self[name] = meaning
        return meaning


_MOST_SPELLINGS: Final = 1_000
#: Tags around text that neither hide nor move it: what most feeds consist of. Taking them out gives the text that a parser would
#: give, at a third of its time.
_PLAIN: Final = _Meanings(
    {
        slash + name: meaning
        for meaning, names in (
            (
                _BREAK,
                "p div br li h1 h2 h3 h4 h5 h6 ul ol dl dt dd blockquote figure figcaption hr pre section article aside header "
                "footer main nav details summary",
            ),
            (
                "",
                "a b i u s em strong span small sub sup code cite img abbr big center del ins font kbd mark q samp source time tt "
                "var wbr picture video audio",
            ),
        )
        for name in names.split()
        for slash in ("", "/")
    }
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

_THE_POST: Final = (
    r"(?:\n\nThe post [^\n]{1,400}?|(?-i:\bThe post )(?:(?!(?-i:\bThe post )).){1,400}?) "
    r"(?:appeared first on|first appeared on) .{1,120}?\.?\s*\Z"
)
#: What feeds add to the end of an article, each with a word that must occur among so many last characters for it to be looked
#: for. WordPress: "The post T
#: appeared first on P.", in both orders; Reddit: who submitted it and its two links; many: "read more" or "continue reading", the title
#: behind it or not;
#: Hacker News: the one word "Comments".
_BOILERPLATE: Final = tuple(
    (word, reach, re.compile(pattern, re.IGNORECASE))
    for word, reach, pattern in (
        ("appeared", 600, _THE_POST),
        ("submitted", 600, r"\bsubmitted by\s+/?u/\S+(?:\s+to\s+/?r/\S+)?\s*(?:\[link\])?\s*(?:\[comments\])?\s*\Z"),
        ("eading", 40, r"\b(?:continue|keep) reading\W{0,4}\s*\Z"),
        ("ontinue reading", 300, r"(?:\A|\n\n|(?<=…)|(?<=\.\.\.)|(?<=\]))\s*Continue reading [^\n]{1,250}\Z"),
        ("Read ", 140, r"\n\nRead (?:more|the (?:full|rest of (?:the|this)) (?:article|post|story)) [^\n]{1,120}\Z"),
        ("ead ", 40, r"\bread (?:more|the full (?:article|story))\W{0,4}\s*\Z"),
        ("omments", 40, r"\A\s*(?:view )?comments\s*\Z"),
    )
)
_LONGEST_BOILERPLATE: Final = 600


def text_of_html(html: str) -> str:
    """The text of ``html``, or of text that is none: paragraphs parted by an empty line, each on one line.

    Entities are decoded, scripts, styles and comments dropped, images leave nothing, blank lines are kept as the end of a
    paragraph. Any string is taken; the result has no control characters and no space at either end.
    """
    source = html if html.isprintable() else html.replace(_BREAK, " ").replace(_CELL, " ")
    if _MARKUP.search(source):
        source = _prepared(source)
        if "\n" in source:
            source = _BLANK_LINE.sub(_BREAK, source)
        plain = _without_plain_tags(source)
        text = _parsed(_BLOCK.sub(_BREAK + "<", source)) if _MARKUP.search(plain) else unescape(plain)
    else:
        text = _BLANK_LINE.sub(_BREAK, unescape(source))
    if "<" in text:
        text = _ESCAPED_TAG.sub(_BREAK, text)
    if "&" in text:
        text = _decoded_again(text)
    if text.isprintable() and "  " not in text:  # no break either
        return without_boilerplate(text)
    paragraphs = [_spaced(p) for p in text.split(_BREAK) if p and not p.isspace()]
    if not "".join(paragraphs).isprintable():
        paragraphs = [_CONTROL.sub("", p) for p in paragraphs]
    return without_boilerplate("\n\n".join(filter(None, paragraphs)))


def _prepared(source: str) -> str:
    """HTML in which tables are breaks and cells, and ``<`` that is no markup is an entity."""
    if "<![CDATA[" in source:
        source = _CDATA.sub("", source)
    if "<t" in source or "<T" in source:
        source = _TABLE.sub(lambda tag: _CELL if tag[1][-2:].lower() in ("td", "th") else _BREAK, source)
    return _LESS_THAN.sub("&lt;", source)


def _decoded_again(text: str) -> str:
    return ENCODED_TWICE.sub(lambda entity: unescape(entity[0]), text)


def _spaced(text: str) -> str:
    """One paragraph on one line, the cells of a row parted by ``|``."""
    if _CELL in text:
        return " | ".join(filter(None, (" ".join(cell.split()) for cell in text.split(_CELL))))
    if text.isprintable() and "  " not in text:  # nearly every one, and quick
        return text.strip()
    return " ".join(text.split())


def _without_plain_tags(source: str) -> str:
    if "<!--" in source:
        source = _PLAIN_COMMENT.sub("", source)
    parts = _TAG_OF.split(source)
    parts[1::2] = map(_PLAIN.__getitem__, parts[1::2])
    return "".join(parts)


def line_of_html(html: str) -> str:
    """The text of a title or a name that may hold entities or markup, on one line."""
    if html.isprintable() and "  " not in html and "<" not in html and "&" not in html:  # nearly every one
        return html.strip()
    text = _parsed(html) if "<" in html and _MARKUP.search(html) else unescape(html) if "&" in html else html
    text = _decoded_again(text) if "&" in text else text
    text = " ".join(text.split())
    return text if text.isprintable() else _CONTROL.sub("", text)


def without_boilerplate(text: str) -> str:
    """``text`` without what feeds append to an article."""
    text = text.strip()
    for word, reach, pattern in _BOILERPLATE:
        if word in text[-reach:]:
            start = max(0, len(text) - _LONGEST_BOILERPLATE)
            text = (text[:start] + pattern.sub("", text[start:])).rstrip()
    return text


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
