"""What somebody typed after ``/ainews``: which command, its words, and whether the answer is for all. Pure.

The commands are listed here once: help, the manifest, and the README's list are made of, or compared with, ``COMMANDS``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

SLASH: Final = "/ainews"


@dataclass(frozen=True, slots=True)
class Command:
    """One command. ``takes``: what may follow it, as help shows it. ``also``: other words for it."""

    name: str
    takes: str
    about: str
    also: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """As it is typed, without the slash command itself."""
        return f"{self.name} {self.takes}".rstrip()


COMMANDS: Final = (
    Command("latest", "[N]", "the newest stories", ("new", "newest", "recent")),
    Command("top", "[N] [today|week|month]", "the stories that matter most", ("best",)),
    Command("search", "WORDS", "stories about something; narrowed by topic:, source:, score:>7, since:7d", ("find",)),
    Command("topic", "NAME", "stories on a topic"),
    Command("topics", "", "the topics there are"),
    Command("source", "NAME", "stories of a publisher", ("publisher",)),
    Command("sources", "", "the publishers there are", ("publishers",)),
    Command("trends", "[TOPIC]", "how many stories each day, and on which topics", ("trend",)),
    Command("show", "ID", "an article: summary, key insights, score and who else covers it"),
    Command("why", "ID", "why an article has its score and its place"),
    Command("digest", "[DATE]", "this channel's digest of a day, or a preview of the next", ("preview",)),
    Command("ask", "QUESTION", "a question, answered from the knowledge base"),
    Command("save", "ID", "keep an article for yourself"),
    Command("saved", "", "the articles you kept"),
    Command("subscribe", "[TIME] [ZONE]", "bring the daily digest to this channel"),
    Command("unsubscribe", "", "stop the daily digest here"),
    Command("settings", "", "when the digest comes to this channel, and what is in it"),
    Command("status", "", "feeds, last run, next digest, spending"),
    Command("help", "", "this list", ("?", "commands")),
)
_BY_WORD: Final = {word: c for c in COMMANDS for word in (c.name, *c.also)}
#: Phones make one dash of two.
_SHARE: Final = re.compile(r"(?:^|\s)(?:--|—|–)share(?=\s|$)", re.IGNORECASE)
_NEAR: Final = 0.6
_BEGINNING: Final = 3
#: ``<https://a.example|a.example>``, ``<@U1|ann>``, ``<#C1|general>``, ``<!here>``: what Slack makes of what was typed.
_MARKED: Final = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class Typed:
    """``command`` is None where the word is no command; then ``near`` is the one it is most like, if any. ``words``: the rest, or all
    of it where there is no command."""

    command: Command | None
    words: str
    share: bool = False
    near: Command | None = None


def read(text: str) -> Typed:
    """What ``text``, as Slack sends it, asks for. Nothing typed is a question for help."""
    plain = plain_text(text).strip()
    share = _SHARE.search(plain) is not None
    plain = _SHARE.sub(" ", plain).strip()
    if not plain:
        return Typed(_BY_WORD["help"], "", share)
    word, _, rest = plain.partition(" ")
    command = _BY_WORD.get(word.lower())
    if command is not None:
        return Typed(command, " ".join(rest.split()), share)
    return Typed(None, " ".join(plain.split()), share, _nearest(word.lower()))


def _nearest(word: str) -> Command | None:
    """The command that begins like ``word`` (three letters at least), or is written most like it."""
    begun = [w for w in _BY_WORD if len(word) >= _BEGINNING and w.startswith(word)]
    near = begun or get_close_matches(word, _BY_WORD, 1, _NEAR)
    return _BY_WORD[near[0]] if near else None


def plain_text(text: str) -> str:
    """``text`` as it was typed, without what Slack made of links and names, and with straight quotation marks."""
    shown = _MARKED.sub(_typed, text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").translate(_STRAIGHT)


_STRAIGHT: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " "})


def _typed(found: re.Match[str]) -> str:
    kind, target, label = found[1], found[2], found[3]
    return f"{kind}{label or target}" if kind else target


def number(words: str, *, default: int, most: int) -> tuple[int, str]:
    """The number that ``words`` begin with, from 1 to ``most``, and the rest; ``default`` where there is none."""
    first, _, rest = words.partition(" ")
    if first.isascii() and first.isdigit():
        return min(most, max(1, int(first[:9]))), rest.strip()
    return default, words.strip()
