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
_TAG_OF: Final = re.compile(r"""<(/?[a-zA-Z][a-zA-Z0-9]*+)(?:>|[^<>"']*+(?:"[^"<>]*+"[^<>"']*+|'[^'<>]*+'[^<>"']*+)*+>)""")
_PLAIN_COMMENT: Final = re.compile("<!--[^<>]*-->")
#: An embedded player or a script, whole, with nothing in it that could end it elsewhere.
_UNSEEN: Final = re.compile(
    r"""<(iframe|script|style|noscript)(?=[\s>])[^<>"']*+(?:"[^"<>]*+"[^<>"']*+|'[^'<>]*+'[^<>"']*+)*+>"""
    r"[^<]*+(?:<(?!/?(?:iframe|script|style|noscript)|!--)[^<]*+)*+</\1>",
    re.IGNORECASE,
)


class _Meanings(dict[str, str]):
    """What a tag leaves in the text, by its name: a break, a mark between cells, something that looks like markup still, or else nothing."""

    def __missing__(self, name: str) -> str:
        meaning = self.get(name.lower(), "")
        if len(self) < _MOST_SPELLINGS:
            self[name] = meaning
        return meaning


class _Characters(dict[str, str]):
    """What a reference stands for."""

    def __missing__(self, reference: str) -> str:
        meaning = unescape(reference)
        if len(self) < _MOST_SPELLINGS:
            self[reference] = meaning
        return meaning


#: What ``html.unescape`` takes for a reference.
_REFERENCE: Final = re.compile(r"(&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?))")
_CHARACTERS: Final = _Characters()
_MOST_SPELLINGS: Final = 1_000
#: Tags that do more than stand around text, as nearly all do, names that HTML does not know among them: they hide their text, move
#: it or change how it is read. Taking out the others gives the text that a parser would give, at a third of its time.
_FOR_THE_PARSER: Final = (
    "script style template noscript iframe svg math head title textarea object select option optgroup frameset noembed noframes "
    "xmp plaintext"
)
_LEFT: Final = _Meanings(
    {
        slash + name: meaning
        for meaning, names in (
            (
                _BREAK,
                "p div br li h1 h2 h3 h4 h5 h6 ul ol dl dt dd blockquote figure figcaption hr pre section article aside header "
                "footer main nav details summary table thead tbody tfoot caption tr form",
            ),
            (_CELL, "td th"),
            ("<!", _FOR_THE_PARSER),
        )
        for name in names.split()
        for slash in ("", "/")
    }
)
_DROPPED: Final = ["script", "style", "template", "noscript", "iframe", "svg", "head", "title", "textarea", "object"]
#: What a title holds only by a slip of its feed, as a tag that was never closed; its text is seen all the same.
_HOLDER: Final = re.compile(
    r"</?(?:head|title|textarea|iframe|noscript|noembed|noframes|object|template|svg|select|option|xmp|plaintext)\b[^<>]*>",
    re.IGNORECASE,
)
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2060\ufeff\ud800-\udfff]")
#: What is not printable in ASCII, as bytes.
_UNPRINTABLE: Final = bytes((*range(32), 127))
_SPACES: Final = re.compile("  +")
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
#: What feeds add to the end of an article, by how many last characters hold a word without which it is not looked for.
#: WordPress: "The post T appeared first on P.", in both orders; Reddit: who submitted it and its two links; many: "read more" or
#: "continue reading", the title behind it or not; Hacker News: the one word "Comments".
_BOILERPLATE: Final = tuple(
    (reach, tuple((word, re.compile(pattern, re.IGNORECASE)) for word, pattern in kinds))
    for reach, kinds in (
        (
            600,
            (
                ("appeared", _THE_POST),
                ("submitted", r"\bsubmitted by\s+/?u/\S+(?:\s+to\s+/?r/\S+)?\s*(?:\[link\])?\s*(?:\[comments\])?\s*\Z"),
            ),
        ),
        (
            300,
            (
                ("ontinue reading", r"(?:\A|\n\n|(?<=…)|(?<=\.\.\.)|(?<=\]))\s*Continue reading [^\n]{1,250}\Z"),
                ("Read ", r"\n\nRead (?:more|the (?:full|rest of (?:the|this)) (?:article|post|story)) [^\n]{1,120}\Z"),
            ),
        ),
        (
            40,
            (
                ("eading", r"\b(?:continue|keep) reading\W{0,4}\s*\Z"),
                ("ead ", r"\bread (?:more|the full (?:article|story))\W{0,4}\s*\Z"),
                ("omments", r"\A\s*(?:view )?comments\s*\Z"),
            ),
        ),
    )
)
_LONGEST_BOILERPLATE: Final = 600


def text_of_html(html: str) -> str:
    """The text of ``html``, or of text that is none: paragraphs parted by an empty line, each on one line.

    Entities are decoded, scripts, styles and comments dropped, images leave nothing, blank lines are kept as the end of a
    paragraph. Any string is taken; the result has no control characters and no space at either end.
    """
    source = html.replace(_BREAK, " ").replace(_CELL, " ") if _BREAK in html or _CELL in html else html
    marked = "<" in source and _MARKUP.search(source) is not None
    if marked:
        if "\n" in source:
            source = _BLANK_LINE.sub(_BREAK, source)
        text = _of_plain_tags(source)
        if text is None:
            source = _prepared(source)
            text = _of_plain_tags(_UNSEEN.sub("", source))
        if text is None:
            text = _parsed(_BLOCK.sub(_BREAK + "<", _without_tables(source)))
    else:
        text = _unescaped(source)
        if "\n" in text:
            text = _BLANK_LINE.sub(_BREAK, text)
    if "<" in text:
        text = _ESCAPED_TAG.sub(_BREAK, text)
    if "&" in text:
        text = _decoded_again(text)
    return without_boilerplate(_in_paragraphs(text))


def _prepared(source: str) -> str:
    """HTML in which what surrounds CDATA is gone, and ``<`` that is no markup is an entity."""
    if "<![CDATA[" in source:
        source = _CDATA.sub("", source)
    return _LESS_THAN.sub("&lt;", source)


def _without_tables(source: str) -> str:
    return _TABLE.sub(lambda tag: _CELL if tag[1][-2:].lower() in ("td", "th") else _BREAK, source)


def _decoded_again(text: str) -> str:
    return ENCODED_TWICE.sub(lambda entity: unescape(entity[0]), text)


def _in_paragraphs(text: str) -> str:
    """``text`` with an empty line for every break, one space between words, the cells of a row parted by ``|``, and nothing that cannot
    be seen."""
    for space in "\n\t\xa0":
        if space in text:
            text = text.replace(space, " ")
    if _CELL in text:
        text = _BREAK.join(map(_in_a_row, text.split(_BREAK)))
    paragraphs = list(filter(None, map(str.strip, text.split(_BREAK))))
    if not is_printable("".join(paragraphs)):
        paragraphs = [_CONTROL.sub("", " ".join(p.split())) for p in paragraphs]
        text = "\n\n".join(filter(None, paragraphs))
    else:
        text = "\n\n".join(paragraphs)
    return _SPACES.sub(" ", text) if "  " in text else text


def _in_a_row(text: str) -> str:
    return " | ".join(filter(None, map(str.strip, text.split(_CELL))))


def is_printable(text: str) -> bool:
    """``text.isprintable()``, quickly where it is long."""
    if text.isascii():  # a third of the time that ``isprintable`` takes
        return len(text.encode().translate(None, _UNPRINTABLE)) == len(text)
    return text.isprintable()


def _unescaped(text: str) -> str:
    """As ``html.unescape``, which looks up every reference anew."""
    if "&" not in text:
        return text
    parts = _REFERENCE.split(text)
    parts[1::2] = map(_CHARACTERS.__getitem__, parts[1::2])
    return "".join(parts)


def _of_plain_tags(source: str) -> str | None:
    """The text of ``source``, if its tags are all plain."""
    if "<!--" in source:
        source = _PLAIN_COMMENT.sub("", source)
    parts = _TAG_OF.split(source)
    parts[1::2] = map(_LEFT.__getitem__, parts[1::2])
    plain = "".join(parts)
    return None if "<" in plain and _MARKUP.search(plain) else _unescaped(plain)


def line_of_html(html: str) -> str:
    """The text of a title or a name that may hold entities or markup, on one line."""
    if html.isprintable() and "  " not in html and "<" not in html and "&" not in html:  # nearly every one
        return html.strip()
    text = _parsed(_HOLDER.sub("", html)) if "<" in html and _MARKUP.search(html) else _unescaped(html)
    text = _decoded_again(text) if "&" in text else text
    text = " ".join(text.split())
    return text if text.isprintable() else _CONTROL.sub("", text)


def without_boilerplate(text: str) -> str:
    """``text`` without what feeds append to an article."""
    text = text.strip()
    for reach, kinds in _BOILERPLATE:
        end = text[-reach:]
        for word, pattern in kinds:
            if word in end:
                start = max(0, len(text) - _LONGEST_BOILERPLATE)
                text = (text[:start] + pattern.sub("", text[start:])).rstrip()
                end = text[-reach:]
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
