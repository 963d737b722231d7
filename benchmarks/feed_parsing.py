"""How fast feeds are parsed and cleaned, and how often what comes of it is what plain feedparser says.

Ours is from bytes to entries with the text of their titles and of their longest content, HTML taken out, which is what feedparser
as it comes does with its cleaning; feedparser without, and fastfeedparser, only parse. Figures are of processor time, the best of three
runs (one with ``--quick``). Agreement is with ``feedparser.parse(io.BytesIO(data))`` as it comes, on how many entries there are,
their titles as text, links, and dates to the second; a file on which that raises is not compared. A file that is no feed is
refused in words; anything else that is raised, in parsing, in cleaning or on the way to articles, escaped and counts as raised.
``expat`` and ``tree`` bound what can be had: the first only looks whether a feed is well-formed, the second makes elements of it.
"""

from __future__ import annotations

import gc
import io
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError, XMLParser
from xml.parsers.expat import ExpatError, ParserCreate

from digest.errors import SourceError
from digest.knowledge_base.html_text import line_of_html
from digest.sources.entries import Entry, article_of, cleaned, keys
from digest.sources.fast_parsing import parse_fast
from digest.sources.feed_ways import parse_either

RUNS: Final = 3
_NOW: Final = datetime(2100, 1, 1, tzinfo=UTC)  # no date of a feed is too late for it
_FILE_LIMIT: Final = 50_000_000


def measure(feeds: dict[str, bytes], *, runs: int = RUNS) -> dict[str, Any]:
    """Figures of ``feeds`` by name. ``differing`` says of each that disagrees with feedparser, in what."""
    kinds = {name: _compared(data) for name, data in feeds.items()}
    compared = {name: kind for name, kind in kinds.items() if kind is not None}
    differing = {name: kind for name, kind in compared.items() if kind}
    figures = parse_speed(list(feeds.values()), runs=runs)
    return {
        "files": len(feeds),
        "compared": len(compared),
        "agree": len(compared) - len(differing),
        **figures,
        "differing": differing,
    }


def parse_speed(feeds: Sequence[bytes], *, runs: int = RUNS) -> dict[str, Any]:
    """Entries a second of processor time, from bytes to articles, and of other parsers on the same bytes.

    ``speedup_over_feedparser`` is ours over feedparser's as it comes; ``fast_share`` is of the feeds that have entries.
    """
    import fastfeedparser
    import feedparser

    def plain(data: bytes) -> int:
        return len(feedparser.parse(io.BytesIO(data)).entries)

    def unsanitised(data: bytes) -> int:
        return len(feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False).entries)

    ours = _timed(_cleaned, feeds, runs)
    articles = _timed(_articles, feeds, runs)
    only = _timed(lambda data: len(parse_either(data).entries), feeds, runs)
    bounds = {"expat": _timed(_expat, feeds, runs), "tree": _timed(_tree, feeds, runs)}
    others = {
        "feedparser": _timed(plain, feeds, runs),
        "feedparser_unsanitised": _timed(unsanitised, feeds, runs),
        "fastfeedparser": _timed(lambda data: len(fastfeedparser.parse(data).entries), feeds, runs),
    }
    filled = [data for data in feeds if _count(data)]
    fast = sum(parse_fast(data) is not None for data in filled)
    return {
        "raised": max(each["raised"] for each in (ours, articles, only)),
        "refused": ours["refused"],
        "entries": ours["entries"],
        "fast_share": round(fast / len(filled), 4) if filled else 0.0,
        "entries_per_s": ours["entries_per_s"],
        "parse_entries_per_s": only["entries_per_s"],
        "article_entries_per_s": articles["entries_per_s"],
        **{f"{name}_entries_per_s": round(ours["entries"] / each["s"]) if each["s"] else 0 for name, each in bounds.items()},
        **{f"{name}_entries_per_s": each["entries_per_s"] for name, each in others.items()},
        "feedparser_raised": others["feedparser"]["raised"],
        "fastfeedparser_raised": others["fastfeedparser"]["raised"],
        "speedup_over_feedparser": round(ours["entries_per_s"] / max(1, others["feedparser"]["entries_per_s"]), 1),
    }


def files(folder: Path) -> list[Path]:
    """What is taken for a feed in ``folder``: every file below it that is not larger than what is ever fetched."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size <= _FILE_LIMIT)


def _cleaned(data: bytes) -> int:
    entries = parse_either(data).entries
    for entry in entries:
        cleaned(entry)
    return len(entries)


def _expat(data: bytes) -> int:
    """Nothing but to look whether it is well-formed: what no way of parsing by expat can undercut."""
    parser = ParserCreate(None, "}")
    with suppress(ExpatError):
        parser.Parse(data, True)
    return 0


def _tree(data: bytes) -> int:
    """A tree of its elements, of which nothing is read."""
    parser = XMLParser()
    with suppress(ParseError):
        parser.feed(data)
        parser.close()
    return 0


def _articles(data: bytes) -> int:
    feed = parse_either(data)
    made = 0
    for entry, key in zip(feed.entries, keys(feed.entries), strict=True):
        made += 1
        try:
            article_of(entry, feed, source="feed", key=key, now=_NOW)
        except SourceError:
            continue  # it has no link, say; it was read all the same
    return made


def _count(data: bytes) -> int:
    try:
        return len(parse_either(data).entries)
    except SourceError:
        return 0


def _timed(parse: Callable[[bytes], int], feeds: Sequence[bytes], runs: int) -> dict[str, Any]:
    best, entries, raised, refused = float("inf"), 0, 0, 0
    gc.collect()
    gc.freeze()  # so that no parser's garbage makes Python look through what the benchmark holds
    for _ in range(runs):
        entries = raised = refused = 0
        begun = time.process_time()
        for data in feeds:
            try:
                entries += parse(data)
            except SourceError:
                refused += 1
            except Exception:  # noqa: BLE001 parsers raise what they like
                raised += 1
        best = min(best, time.process_time() - begun)
    gc.unfreeze()
    per_s = round(entries / best) if best else 0
    return {"entries": entries, "raised": raised, "refused": refused, "entries_per_s": per_s, "s": best}


def _compared(data: bytes) -> list[str] | None:
    """In what our reading differs from feedparser's, for people; None where feedparser raises."""
    import feedparser

    try:
        theirs = feedparser.parse(io.BytesIO(data)).entries
    except Exception:  # noqa: BLE001 it raises many kinds
        return None
    try:
        ours = parse_either(data).entries
    except SourceError as error:
        return [f"refused: {error}"] if theirs else []
    if len(ours) != len(theirs):
        return [f"{len(ours)} entries, not {len(theirs)}"]
    found: dict[str, list[str]] = {}
    for mine, other in zip(ours, theirs, strict=True):
        for what, difference in _differences(mine, other):
            found.setdefault(what, []).append(difference)
    return [f"{len(each)} {what}: {each[0]}" for what, each in found.items()]


def _differences(ours: Entry, theirs: Any) -> list[tuple[str, str]]:
    title, other = line_of_html(ours.title), line_of_html(dict.get(theirs, "title", ""))
    found = []
    if title != other:
        found.append(("titles", f"{title!r}, not {other!r}"))
    links = [dict.get(theirs, name) for name in ("link", "feedburner_origlink", "id")]
    if ours.link not in links and (ours.link or links[0]):
        found.append(("links", f"{ours.link!r}, not {links[0]!r}"))
    dates = [date.instant.strftime("%Y-%m-%dT%H:%M:%S") for date in ours.dates if date.instant]
    stamps = [dict.get(theirs, f"{name}_parsed") for name in ("published", "updated")]
    wanted = [time.strftime("%Y-%m-%dT%H:%M:%S", stamp) for stamp in stamps if stamp]
    if dates != wanted:
        found.append(("dates", f"{dates}, not {wanted}"))
    return found


def show(figures: dict[str, Any], differing: dict[str, list[str]]) -> None:
    """Print the figures of ``measure``, or of ``parse_speed`` where nothing was compared."""
    print(
        f"{figures['files']:,} files, {figures['entries']:,} entries; {figures['refused']} refused in words, {figures['raised']} raised"
    )
    print(f"{figures['fast_share']:.1%} of the files with entries went the fast way")
    if figures["compared"]:
        print(f"{figures['agree']:,} of {figures['compared']:,} agree with feedparser on entries, titles, links and dates\n")
    for name, kinds in differing.items():
        print(f"  {name}: {'; '.join(kinds)[:240]}")
    print(f"\n{'entries a second of processor time':40}{'':>12}")
    for label, name in (
        ("ours, parsed and cleaned", ""),
        ("ours, parsing alone", "parse_"),
        ("ours, bytes to articles", "article_"),
        ("feedparser", "feedparser_"),
        ("feedparser, not sanitising", "feedparser_unsanitised_"),
        ("fastfeedparser", "fastfeedparser_"),
        ("a tree of elements, unread", "tree_"),
        ("bare expat, nothing made", "expat_"),
    ):
        print(f"{label:40}{figures[f'{name}entries_per_s']:>12,}")
    print(f"\n{figures['speedup_over_feedparser']:.1f} times feedparser as it comes, cleaning included")
