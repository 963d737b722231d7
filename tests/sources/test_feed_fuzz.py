"""Damaged feeds, as many as asked for: ``AINEWS_FUZZ=20000 python -m pytest -s tests/sources/test_feed_fuzz.py``; others with another
``AINEWS_FUZZ_SEED``.

Half the damage breaks bytes, half moves what is well-formed to where it does not belong, since only that can go the fast way.
Each feed must be parsed or refused in words, and where the fast way takes it, feedparser must say the same.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import warnings
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from digest.errors import SourceError
from digest.sources.entries import ParsedFeed, article_of, keys
from digest.sources.fast_parsing import parse_fast
from digest.sources.feed_parsing import parse_feed
from tests.data import _ROOT
from tests.feed_samples import SAMPLES

_TRIES: Final = int(os.environ.get("AINEWS_FUZZ", "400"))
_SEED: Final = int(os.environ.get("AINEWS_FUZZ_SEED", "2026"))
#: A folder to which what escaped is written.
_KEEP: Final = os.environ.get("AINEWS_FUZZ_KEEP", "")
_NOW: Final = datetime(2100, 1, 1, tzinfo=UTC)
_LARGEST: Final = 20_000
_LEAF: Final = re.compile(rb"<([A-Za-z][\w:.-]*)(?:\s[^<>]*)?>[^<]*</\1>|<[A-Za-z][\w:.-]*(?:\s[^<>]*)?/>")
_ATTRIBUTE: Final = re.compile(rb"""\s([\w:.-]+)=("[^"<]*"|'[^'<]*')""")
_NAME: Final = re.compile(rb"(?<=</)[A-Za-z][\w:.-]*|(?<=<)[A-Za-z][\w:.-]*")
_NASTY: Final = (
    b"<![CDATA[", b"]]>", b"&bogus;", b"&nbsp;", b"&#0;", b"&#xD800;", b"&#150;", b"<!ENTITY x 'y'>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"\x00", b"\x85", b"\xc2\x85", b"\xff", b"</item>", b"<item>", b"<b", b"<?x y?>", b"<!-- -->", b"\xef\xbb\xbf", b"<p>x</p>", b" ",
    b'xmlns="http://www.w3.org/1999/xhtml" ', b' xml:base="b/" ', b" type='xhtml' ", b'<svg xmlns="http://www.w3.org/2000/svg"/>',
)  # fmt: skip
_ENCODINGS: Final = ("utf-16", "utf-8-sig", "latin-1", "cp1252", "utf-16-le", "utf-32", "shift_jis", "utf-7", "koi8-r")


@dataclass(slots=True)
class Figures:
    """What became of the damaged feeds."""

    tried: int = 0
    fast: int = 0
    refused: int = 0
    escaped: list[tuple[str, bytes]] = field(default_factory=list)

    def try_one(self, feed: bytes, url: str) -> None:
        self.tried += 1
        slow: ParsedFeed | None = None
        try:
            slow = parse_feed(feed, url=url)
        except SourceError:
            self.refused += 1
        except Exception as error:  # noqa: BLE001 it is what is looked for
            self.escaped.append((f"feedparser: {error!r}", feed))
        try:
            fast = parse_fast(feed, url=url)
        except Exception as error:  # noqa: BLE001 it is what is looked for
            self.escaped.append((f"fast: {error!r}", feed))
            return
        self.fast += fast is not None
        if fast is not None and fast != slow:
            self.escaped.append(("the two differ", feed))
        try:
            _read_to_the_end(slow)
        except Exception as error:  # noqa: BLE001 it is what is looked for
            self.escaped.append((f"cleaning: {error!r}", feed))


def _read_to_the_end(feed: ParsedFeed | None) -> None:
    """Every entry as an article, which is what becomes of it, or refused in words."""
    for entry, key in zip(feed.entries, keys(feed.entries), strict=True) if feed else ():
        with contextlib.suppress(SourceError):
            article_of(entry, feed, source="feed", key=key, now=_NOW)


def seeds() -> list[bytes]:
    real = sorted((_ROOT / "feeds").iterdir()) if (_ROOT / "feeds").is_dir() else []
    return [s.encode() for s in SAMPLES.values()] + [_shortened(path) for path in real]


def _shortened(path: Path) -> bytes:
    """A real feed of at most four entries, so that each try is quick."""
    feed = path.read_bytes()
    ends = [m.end() for m in re.finditer(rb"</(?:item|entry)>", feed)]
    return feed[: ends[3]] + feed[ends[-1] :] if len(ends) > 4 else feed[:_LARGEST]


def damaged(feed: bytes, others: list[bytes], chance: random.Random) -> bytes:
    moves = chance.random() < 0.5
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        feed = _moved(feed, others, chance) if moves else _broken(feed, chance)
        if not feed:
            break
    return feed


def _broken(feed: bytes, chance: random.Random) -> bytes:
    at, length = chance.randrange(len(feed)), chance.randint(1, 80)
    match chance.randrange(8):
        case 0:
            return feed[:at] + bytes((chance.randrange(256),)) + feed[at + 1 :]
        case 1:
            return feed[:at] + feed[at + length :]
        case 2:
            return feed[:at] + feed[at : at + length] + feed[at:]
        case 3:
            return feed[:at] if chance.random() < 0.3 else feed[:at] + feed[at + 1 :]
        case 4:
            names = list(_NAME.finditer(feed))
            if names:
                name = chance.choice(names)
                return feed[: name.start()] + chance.choice((b"", b"x", b"item", b"x:y")) + feed[name.end() :]
        case 5:
            text = feed.decode("utf-8", "ignore")
            return text.encode(chance.choice(_ENCODINGS), "replace")
        case 6:
            declared = b'<?xml version="1.0" encoding="%b"?>' % chance.choice(_ENCODINGS).encode()
            return declared + re.sub(rb"\A<\?xml[^>]*>", b"", feed)
    return feed[:at] + chance.choice(_NASTY) + feed[at:]


def _moved(feed: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """Well-formed, as a rule: elements taken from elsewhere, doubled, renamed, wrapped or left out; attributes likewise."""
    here = list(_LEAF.finditer(feed))
    there = list(_LEAF.finditer(chance.choice(others)))
    if not here or not there:
        return _broken(feed, chance)
    one, another = chance.choice(here), chance.choice(there)[0]
    before, behind = feed[: one.start()], feed[one.end() :]
    match chance.randrange(8):
        case 0 | 1 | 2:
            return before + another + one[0] + behind
        case 3:
            return before + behind
        case 4:
            return before + another + behind
        case 5:
            holder = chance.choice(
                (b"x:y", b"media:group", b"media:content", b"source", b"author", b"image", b"item", b"entry")
            )
            return before + b"<" + holder + b">" + one[0] + b"</" + holder + b">" + behind
        case 6:
            name = _NAME.search(another)
            old = _NAME.search(one[0])
            if name and old:
                return before + one[0].replace(old[0], name[0]) + behind
    attributes = _ATTRIBUTE.findall(chance.choice(others))
    name, value = chance.choice(attributes) if attributes else (b"type", b'"html"')
    return before + re.sub(rb"\A<[\w:.-]+", rb"\g<0> " + name + b"=" + value.replace(b"\\", b""), one[0]) + behind


def test_damaged_feeds_are_parsed_or_refused_and_both_ways_say_the_same():
    chance, feeds, figures = random.Random(_SEED), seeds(), Figures()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dates in odd dialects make dateparser warn
        for _ in range(_TRIES):
            feed = damaged(chance.choice(feeds), feeds, chance)
            figures.try_one(feed, chance.choice(("", "https://feeds.test/dir/feed.xml")))
    kinds = Counter(kind for kind, _ in figures.escaped)
    print(f"\ntried {figures.tried:,}: fast way {figures.fast:,}, refused in words {figures.refused:,}, escaped {kinds}")
    for number, (kind, feed) in enumerate(figures.escaped if _KEEP else ()):
        (Path(_KEEP) / f"{number}-{kind[:12]}.xml").write_bytes(feed)
    assert not figures.escaped, figures.escaped[0]
