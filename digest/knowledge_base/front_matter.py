"""Front matter, read as people and pipelines write it: ``key: value`` lines between two ``---``.

About half of the real documents are no valid YAML (a colon in an unquoted title), and a YAML parser is more than text from
outside should be handed. So this reads the part of YAML that such documents use, and nothing that can refer, construct or
expand: plain, quoted and block scalars, and lists in both styles. What YAML would make an anchor, an alias, a tag, a merge or
a nested mapping is plain text or is left out. For front matter that is valid YAML of strings and lists of strings the result
is the same as YAML's; a test compares them.
"""

from __future__ import annotations

import re
from typing import Final

from digest.errors import SourceError

Value = str | tuple[str, ...]

#: Real front matter is under 1 KB. A document whose front matter is longer has lost its end.
MAX_CHARS: Final = 65_536
_FENCE: Final = re.compile(r"\s*---[ \t]*\n")
_END: Final = re.compile(r"^(?:---|\.\.\.)[ \t]*$\n?", re.MULTILINE)
#: Front matter between longer rules, or without the first: a field must stand there, and its end must be near.
_LONG_FENCE: Final = re.compile(
    r"\s*(?:-{4,}[ \t]*\n|(?=title[ \t]*:|source[ \t]*:))(?=[^\W\d][\w .-]{0,63}:[ \t])", re.IGNORECASE
)
_LONG_END: Final = re.compile(r"^-{3,}[ \t]*$\n?", re.MULTILINE)
_NEAR_CHARS: Final = 4_096
_NAME: Final = re.compile(r"[^\W\d][\w .-]{0,63}\Z")
#: How a line begins that goes on with the field above it; the empty string is the beginning of an empty line.
_CONTINUES: Final = ("", " ", "\t")
#: A line that does, or one that ends otherwise than in a line feed.
_GOES_ON: Final = re.compile(r"^(?:\s|-[ \t])", re.MULTILINE)
_FIELD: Final = re.compile(r"^([^\W\d][\w .-]{0,63}):(?=[ \t]|$)(.*)", re.MULTILINE)
_FIELD_OR_MORE: Final = re.compile(r"[^\W\d][\w .-]{0,63}:(?:[ \t]|$)|[ \t]|- |#")
#: How a value begins that is more than a plain text: a quote, a list, a block.
_SPECIAL: Final = "\"'[|>"
_NULL: Final = ("null", "~")
#: Names of fields that need no second look.
USUAL_NAMES: Final = frozenset(
    "title source url published relevance_score primary_topic fetched category date_added last_updated tags source_type".split()
)
_BRACKETS: Final = re.compile(r"""[\[\]]|(?<=[\[,\s])"(?:[^"\\]|\\.)*"|(?<=[\[,\s])'(?:[^']|'')*'""")
_BLOCK_SCALAR: Final = re.compile(r"[|>][+-]?\d?\s*\Z")


def split(text: str) -> tuple[dict[str, Value], str] | None:
    """The front matter of ``text`` and what follows it; None where it begins with none.

    Raises SourceError where front matter begins and does not end within 65,536 characters.
    """
    start = _FENCE.match(text)
    if start is None:
        return _split_loosely(text)
    if (at := _usual_end(text, start.end())) > 0:
        return read(text[start.end() : at]), text[at + 4 :]
    end = _END.search(text, start.end(), start.end() + MAX_CHARS)
    if end is None:
        raise SourceError("its front matter has no end: the closing '---' is missing")
    return read(text[start.end() : end.start()]), text[end.end() :]


def _usual_end(text: str, start: int) -> int:
    """Where the line of three hyphens stands that ends what begins at ``start``, by a quick way; 0 where it may end otherwise."""
    at = text.find("\n---", start - 1, start + MAX_CHARS - 4)
    usual = at > 0 and text.startswith("\n", at + 4) and text.find("\n...", start - 1, at) < 0
    return at + 1 if usual else 0


def _split_loosely(text: str) -> tuple[dict[str, Value], str] | None:
    start = _LONG_FENCE.match(text)
    end = start and _LONG_END.search(text, start.end(), start.end() + _NEAR_CHARS)
    if start is None or end is None:
        return None
    block = text[start.end() : end.start()]
    if any(line and not _FIELD_OR_MORE.match(line) for line in block.split("\n")):
        return None
    return read(block), text[end.end() :]


def read(block: str) -> dict[str, Value]:
    """The fields of a front matter block, keys in lower case. Of a key given twice the last counts."""
    usual = _read_usual(block)
    if usual is not None:
        return usual
    if not _GOES_ON.search(block):  # as most others are written: each field on a line of its own
        pairs = ((name, first.strip()) for name, first in _FIELD.findall(block))
        return {
            name.rstrip().lower(): _value(first, []) if first[:1] in _SPECIAL or first in _NULL else first
            for name, first in pairs
        }
    return _read_lines(block)


def _read_usual(block: str) -> dict[str, Value] | None:
    """The fields of ``block`` where each stands on a line of its own, under a name that needs no second look; else None."""
    found: dict[str, Value] = {}
    for line in block.removesuffix("\n").split("\n"):
        name, colon, first = line.partition(": ")
        if not colon or name not in USUAL_NAMES:
            return None
        first = first.strip()
        found[name] = _value(first, []) if first[:1] in _SPECIAL or first in _NULL else first
    return found


def _read_lines(block: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    lines = block.split("\n")
    at, end = 0, len(lines)
    while at < end:
        name, colon, first = lines[at].partition(":")
        at += 1
        if not colon or (first and first[0] not in " \t") or not (name.isidentifier() or _NAME.match(name)):
            continue
        start = at
        while at < end and ((line := lines[at])[:1] in _CONTINUES or line.startswith(("- ", "-\t")) or line.isspace()):
            at += 1
        first = first.strip()
        if start == at and first and first[0] not in _SPECIAL and first not in _NULL:
            found[name.lower()] = first
        else:
            found[name.rstrip().lower()] = _value(first, lines[start:at])
    return found


def text_of(value: Value | None) -> str:
    """A field as one text; a list is joined by commas."""
    return value if isinstance(value, str) else ", ".join(value or ())


def list_of(value: Value | None) -> tuple[str, ...]:
    """A field as a list; a text is split at its commas."""
    parts = value.split(",") if isinstance(value, str) else value or ()
    return tuple(dict.fromkeys(p for part in parts if (p := part.strip().lstrip("#").strip())))


def _value(first: str, more: list[str]) -> Value:
    while more and not more[-1].strip():
        more = more[:-1]
    if not first:
        items = [line.strip() for line in more if line.strip()]
        if items and all(i == "-" or i.startswith(("- ", "-\t")) for i in items):
            return tuple(_scalar(i[1:].strip()) for i in items if i != "-")
        return _scalar(_joined("", more)) if items else ""
    if first[0] == "[":
        text = _joined(first, more)
        end = _closed_at(text)
        below = text[end:].lstrip()
        return text if below and not below.startswith("#") else _flow_list(text[:end])
    if _BLOCK_SCALAR.match(first):
        return _block(first, more)
    return _scalar(_joined(first, more)) if first[0] not in "\"'" else _quoted("\n".join([first, *more]))


def _joined(first: str, more: list[str]) -> str:
    return " ".join(filter(None, [first, *(line.strip() for line in more)]))


def _block(indicator: str, more: list[str]) -> str:
    margin = min((len(line) - len(line.lstrip()) for line in more if line.strip()), default=0)
    body = "\n".join(line[margin:].rstrip() for line in more)
    return body if indicator[0] == "|" else re.sub(r"(?<!\n)\n(?!\n)", " ", body).replace("\n\n", "\n")


def _scalar(text: str) -> str:
    return _quoted(text) if text[:1] in ('"', "'") else "" if text in _NULL else text


def _quoted(text: str) -> str:
    """A quoted scalar. Whatever stands in the quotes is text, so YAML may read it; where it is not well-formed it is kept."""
    quote, end = text[0], text.rstrip()
    closed = len(end) > 1 and end[-1] == quote
    if closed and not set(end[1:-1]) & {quote, "\\", "\n"}:
        return end[1:-1]
    if closed:
        import yaml

        try:
            value = yaml.load(end, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 a safe loader
        except yaml.YAMLError:
            value = None
        if isinstance(value, str):
            return value
    return " ".join(end.split())


def _closed_at(text: str) -> int:
    """Where the bracket at the start of ``text`` was closed: in a list at its end, in a title like "[New] Ads arrive" before it."""
    if text.endswith("]") and text.count("[") == text.count("]") == 1:  # nearly every one
        return len(text)
    depth = 0
    for part in _BRACKETS.finditer(text):
        depth += {"[": 1, "]": -1}.get(part[0], 0)
        if depth == 0:
            return part.end()
    return len(text)


def _flow_list(text: str) -> tuple[str, ...]:
    inner = text[1:].rstrip()
    inner = inner[:-1] if inner.endswith("]") else inner
    if '"' not in inner and "'" not in inner:
        return tuple(filter(None, (part.strip() for part in inner.split(","))))
    return tuple(
        filter(None, (_scalar(m.strip()) for m in re.findall(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,])+""", inner)))
    )
