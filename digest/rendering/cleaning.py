"""Text from strangers, made fit for one line on any screen. Nothing that a person could read is lost.

What goes: control characters, lone surrogates and noncharacters; zero-width characters that join nothing; and the bidi
embeddings, overrides and isolates, with which a title could turn the rest of a page around. What stays: every script,
the joiners that emoji and Persian need, the marks LRM, RLM and ALM, and the tags of a flag. Escaping is the formats'
own.
"""

from __future__ import annotations

import re
from typing import Final

#: Dropped. Bidi controls U+202A to U+202E and U+2066 to U+2069: right-to-left text needs none of them to be read, by
#: UAX #9.
_UNSEEN: Final = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # C0 and C1 controls that are no white space
    "\u00ad\u180e\u200b\u2060-\u2064\ufeff"  # soft hyphen, zero-width space, word joiner, byte-order mark
    "\u202a-\u202e\u2066-\u206f"  # bidi embeddings, overrides, isolates, and the deprecated controls behind them
    "\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff"  # interlinear annotation, noncharacters
)
_DROP: Final = re.compile(f"[{_UNSEEN}]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
#: Tag characters spell the region in the flag of England and the like, after a black flag; anywhere else they hide
#: text.
_TAGS: Final = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f)|[\U000e0000-\U000e007f]")
_SPACES: Final = re.compile(r"\s+")
_BLANK: Final = re.compile("[\\s\u200c-\u200f\u061c\u2800\u3164\u115f\u1160\uffa0\ufe00-\ufe0f]*")


def one_line(text: str) -> str:
    """``text`` on one line, without unseen characters, each run of white space one space, none at the ends."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")
    text = _SPACES.sub(" ", text)
    text = _SURROGATE.sub("\ufffd", _DROP.sub("", text))
    text = _TAGS.sub(lambda tag: tag.group(1) or "", text)
    return _SPACES.sub(" ", text).strip()


def lines(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Each of ``texts`` on one line, without those in which there is nothing to see."""
    cleaned = (one_line(t) for t in texts)
    return tuple(t for t in cleaned if not is_blank(t))


def is_blank(text: str) -> bool:
    """Whether there is nothing in ``text`` that a person would see."""
    return not (text[:1].isascii() and text[:1].isalnum()) and _BLANK.fullmatch(text) is not None


def shorten(text: str, length: int) -> str:
    """``text``, or if it has more than ``length`` characters its beginning and ``…``: for what is elsewhere in full."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    at_word = head.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > length // 2 else head).rstrip() + "…"
