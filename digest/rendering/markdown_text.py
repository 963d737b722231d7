"""Escaping for CommonMark, so that text from strangers stays text: no emphasis, link, image, code, HTML or heading."""

from __future__ import annotations

import re
from typing import Final

#: Backslash escapes work for any ASCII punctuation (CommonMark 0.31, section 2.4); these are what can begin something
#: inline. ``:`` and ``@`` and ``.`` are for the autolinks of GitHub's dialect.
_INLINE: Final = re.compile(r"([\\`*_\[\]<>&!~|$^=#])")
_AUTOLINK: Final = re.compile(r"(?<=\w)(:)(?=//)|(?i:(?<=\bwww)(\.))|(?<=\w)(@)(?=\w)")
#: What begins a block at the start of a line: a heading, a list, a rule, a fence, a setext underline, a front matter.
_OPENING: Final = re.compile(r"^([+\-:]|\d{1,9}(?=[.)]))")


def escape_markdown(text: str) -> str:
    """``text``, one line of it, as CommonMark that reads as the same text, anywhere in a line."""
    text = _INLINE.sub(r"\\\1", text)
    text = _AUTOLINK.sub(lambda found: f"\\{found.group()}", text)
    opening = _OPENING.match(text)
    if opening is None:
        return text
    begun = opening.group()
    return f"{begun}\\{text[len(begun) :]}" if begun.isdigit() else f"\\{text}"


def markdown_link(text: str, url: str) -> str:
    """``text`` as a link to ``url``, which ``links.web_link`` has made; as text alone where ``url`` is empty."""
    return f"[{escape_markdown(text)}](<{url}>)" if url else escape_markdown(text)
