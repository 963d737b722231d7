"""How feeds are shown: tables for people, and the same as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.table import Table
from rich.text import Text

from digest.feeds.entry import interval
from digest.feeds.health import health
from digest.rendering.cleaning import one_line
from digest.rendering.words import count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from rich.console import Console

    from digest.feeds.feed import Feed
    from digest.feeds.ports import FeedRead, FeedState

_PIPED_COLUMNS: Final = 240
_STYLES: Final = {"ok": "green", "failing": "red", "moved": "yellow", "new": "dim", "unknown": "dim"}


def described(feed: Feed, state: FeedState | None, read: FeedRead | None = None) -> dict[str, Any]:
    """A feed and what is known of it, for JSON; ``now`` is what came of asking it, where it was asked."""
    told: dict[str, Any] = {
        "name": feed.name,
        "url": feed.url,
        "category": feed.category,
        "tier": feed.tier,
        "interval_s": feed.interval_s,
        "health": health(state),
    }
    if state is not None:
        told |= {
            "last_success": state.succeeded,
            "last_asked": state.checked,
            "entries": state.entries,
            "failures": state.failures,
            "error": state.error,
            "next_try": state.next_try,
            "moved_to": state.moved_to,
        }
    if read is not None:
        told["now"] = {"unchanged": read.unchanged, "recent": len(read.entries), "old": read.old}
    return told


def listed(feeds: Sequence[Feed], states: Sequence[FeedState | None]) -> Table:
    """The list as a table."""
    table = _table("Name", "Category", "Tier", "Every", "Health", "URL")
    for feed, state in zip(feeds, states, strict=True):
        every = interval(feed.interval_s) if feed.interval_s else ""
        table.add_row(Text(feed.name), Text(feed.category), str(feed.tier), every, _word(state), Text(feed.url))
    return table


def checked(feeds: Sequence[Feed], states: Sequence[FeedState], reads: Mapping[str, FeedRead], now: datetime) -> Table:
    """How the feeds are as a table, with what came of asking them where they were asked."""
    table = _table("Name", "Health", "Last success", "Entries", "Next try", "What")
    for feed, state in zip(feeds, states, strict=True):
        succeeded = "never" if state.succeeded is None else ago((now - state.succeeded).total_seconds())
        next_try = "when next run" if state.next_try is None else ahead((state.next_try - now).total_seconds())
        what = Text(". ".join(_remarks(state, reads.get(feed.url))))
        table.add_row(Text(feed.name), _word(state), succeeded, f"{state.entries:,}", next_try, what)
    return table


def show(console: Console, table: Table) -> None:
    """Print ``table``, in whole lines where nobody looks at them through a window."""
    if not console.is_terminal:
        console.width = _PIPED_COLUMNS
    console.print(table)


def ago(seconds: float) -> str:
    """``2 hours ago``; ``just now`` below a minute."""
    return f"{_span(seconds)} ago" if seconds >= 60 else "just now"


def ahead(seconds: float) -> str:
    """``in 25 minutes``; ``when next run`` for what is due."""
    return f"in {_span(max(seconds, 60))}" if seconds > 0 else "when next run"


def _span(seconds: float) -> str:
    minutes, hours, days = (round(seconds / size) for size in (60, 3_600, 86_400))
    if minutes < 60:
        return count(minutes, "minute")
    return count(hours, "hour") if hours < 24 else count(days, "day")


def _remarks(state: FeedState, read: FeedRead | None) -> list[str]:
    """What there is to say of a feed beyond figures."""
    told: list[str] = []
    if state.failures:
        times = f" ({count(state.failures, 'time')} in a row)" if state.failures > 1 else ""
        told.append(one_line(state.error) + times)
    elif read is not None:
        told.append("nothing new" if read.unchanged else f"{len(read.entries)} recent, {read.old} older")
        told += [f"{count(len(read.failures), 'entry', 'entries')} not readable"] if read.failures else []
    if state.moved_to:
        told.append(f"moved to {one_line(state.moved_to)}")
    return told


def _word(state: FeedState | None) -> Text:
    word = health(state)
    return Text(word, style=_STYLES[word])


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name, overflow="fold", no_wrap=name in ("Tier", "Every", "Health"), justify="left")
    return table
