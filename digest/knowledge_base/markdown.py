"""Markdown within documents: read as what it says, and written so that text stays text.

Most documents hold HTML or plain text; people and some programs write markdown. It owns telling the one from the other, and
leaves the reading to markdown-it and the HTML that it gives to ``html_text``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

#: What text within a line has in markdown only: strong, emphasis, code, links, escapes. Each with what must occur for it to be
#: looked for: that is quick, and nearly always the end of it.
_INLINE: Final = (
    ("*", re.compile(r"\*(?:\*[^\s*]|(?<![\w*]\*)\w[^*\n]{0,300}?[\w.!?]\*(?![\w*]))")),
    ("_", re.compile(r"_(?<!\w_)\w[^_\n]{0,300}?[\w.!?]_(?!\w)")),
    ("`", re.compile(r"`[^`\n]+`")),
    ("](", re.compile(r"\]\(\S")),
    ("\\", re.compile(r"\\[\\`*_\[\]#<>]")),
)
#: How a line begins that is a heading, a bullet, a number, a quote, a fence, a row or a rule.
_BLOCK: Final = re.compile(
    r"\n[ ]{0,8}(?=[-#*+>`~|=_\d])(?:\#{1,6}[ \t]+\S|[-*+][ \t]+\S|\d{1,2}[.)][ \t]+\S|>[ \t]?\S|```|~~~|\|[^\n]*\|[ \t]*(?=\n|\Z)"
    r"|(?:-{3,}|\*{3,}|_{3,}|={3,})[ \t]*(?=\n|\Z))"
)
#: 200,000 characters of the worst that was tried take 3 s; longer ones are left as they are.
_MOST_CHARS: Final = 200_000
#: All that markdown gives a meaning, and a number that would begin a list.
_MEANING: Final = re.compile(r"[\\`*_\[\]#>|~!+=-]|(?<=\d)[.)](?=\s|$)")


def html_of_markdown(text: str) -> str:
    """``text`` as HTML where it has markdown in it, with the HTML in it kept; else as it is."""
    if len(text) > _MOST_CHARS or not _has_markdown(text):
        return text
    html: str = _reader().render(text)
    return html


def html_of_line(text: str) -> str:
    """The same for one line, in which only what stands within a line has a meaning."""
    if len(text) > _MOST_CHARS or not _has_marks(text):
        return text
    html: str = _reader().renderInline(text)
    return html


def has_signs(text: str) -> bool:
    """Whether ``text`` has a character that may have a meaning within a line."""
    return "*" in text or "_" in text or "`" in text or "\\" in text or ("]" in text and "](" in text)


def literal(text: str) -> str:
    """``text``, HTML, so written that it has no markdown in it and means the same."""
    return _MEANING.sub(lambda found: f"&#{ord(found[0])};", text) if _has_markdown(text) else text


def _has_marks(line: str) -> bool:
    return has_signs(line) and any(sign in line and mark.search(line) for sign, mark in _INLINE)


def _has_markdown(text: str) -> bool:
    return bool(_BLOCK.search(text if text.startswith("\n") else "\n" + text)) or _has_marks(text)


@cache
def _reader() -> MarkdownIt:
    """CommonMark with tables, in which indented text is text: in an article it is hardly ever code."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable("table").disable("code")
