"""How a Status is drawn in a terminal: what is wrong stands out, and what is not there takes no line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from bot.cli.feeds_shown import ago, ahead
from digest.rendering.cleaning import one_line
from digest.rendering.words import count, day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rich.console import RenderableType

    from digest.publishing.publication import Publication
    from digest.watching.ports import Ran, Waiting
    from digest.watching.publishing import Late, PublishingStatus
    from digest.watching.spending import Spent
    from digest.watching.status import Feeds, Status

#: Lines of each kind; more are counted.
_LINES: Final = 5
_BAD: Final = "red"
_WAITING: Final = {"entry": ("entry to assess", "entries to assess"), "article": ("article to complete", "articles to complete"),
                   "delivery": ("delivery of Slack's", "deliveries of Slack's")}  # fmt: skip
_COUNTED: Final = {"asked": "feeds asked", "seen": "looked at", "files": "files", "new": "new", "duplicate": "duplicate", "kept": "kept",
                   "written": "written", "assessed": "assessed", "postponed": "postponed", "failed": "failed"}  # fmt: skip
_BY: Final = {"claude": "by Claude", "offline": "offline", "kept": "as before"}
_STATES: Final = {"sent": "green", "verified": "green", "blocked": _BAD, "expired": _BAD, "missing": _BAD}


def shown(status: Status) -> RenderableType:
    """All of it."""
    s = status
    table = _table()
    for title, said in _lines(s):
        table.add_row(Text(title, style="bold"), said)
    for team in s.publishing:
        for title, said in _digests(team, s.at, several=len(s.publishing) > 1):
            table.add_row(Text(title, style="bold"), said)
    now = f"{day(s.at.date())}, {s.at:%H:%M:%S} UTC"
    head = Text.assemble((f"ainews {s.version}", "bold"), f"  workspace {s.workspace}  {now}\n", (s.store, "dim"))
    return Group(head, Text(""), table)


def _lines(s: Status) -> Iterator[tuple[str, Text]]:
    yield (
        "Articles",
        Text(f"{s.articles:,} held, the newest {_ago(s.newest, s.at)}" if s.newest else "none has been collected yet"),
    )
    yield "Feeds", _feeds(s.feeds, s.at)
    yield "Waiting", _waiting(s.waiting, s.at)
    for n, run in enumerate(s.runs):
        yield "" if n else "Last runs", _run(run, s.at)
    yield "Questions", _questions(dict(s.answers))
    yield from _spending(s.spent)


def _feeds(feeds: Feeds, now: datetime) -> Text:
    if feeds.problem:
        return Text(f"the list cannot be read: {one_line(feeds.problem)}", style=_BAD)
    total, failing = sum(feeds.by_health.values()), feeds.by_health.get("failing", 0)
    if not feeds.asked:
        return Text(f"{total:,} listed; the monitor has read none of them")
    words = [f"{n:,} {word}" for word in ("ok", "moved", "new") if (n := feeds.by_health.get(word, 0))]
    told = Text.assemble(f"{total:,} listed: ", ", ".join(words) or "none ok")
    if failing:
        told.append(f", {failing:,} failing", style=_BAD)
    return told.append(f"; last success {_ago(feeds.succeeded, now)}" if feeds.succeeded else "; never a success")


def _waiting(waiting: Sequence[Waiting], now: datetime) -> Text:
    told = [
        count(w.count, *_WAITING.get(w.kind, (f"task '{w.kind}'", f"tasks '{w.kind}'")))
        + (f", the first due {_ago(w.due, now)}" if w.due else "")
        for w in waiting
        if w.count
    ]
    return Text("; ".join(told) or "nothing")


def _run(run: Ran, now: datetime) -> Text:
    told = Text(f"{run.task}, {_ago(run.at, now)}, in {run.seconds:.1f} s: ")
    if run.error:
        return told.append(f"failed: {one_line(run.error)}", style=_BAD)
    counts = [f"{n:,} {word}" for name, word in _COUNTED.items() if (n := run.counts.get(name, 0))]
    return told.append(", ".join(counts) or "nothing there")


def _questions(answers: dict[str, int]) -> Text:
    abstained = answers.pop("abstained", 0)
    if not answers:
        return Text("none today")
    by = ", ".join(f"{n:,} {_BY.get(who, who)}" for who, n in answers.items())
    told = f"{sum(answers.values()):,} today: {by}"
    return Text(told + (f"; the articles did not say in {abstained:,}" if abstained else ""))


def _spending(spent: Spent) -> Iterator[tuple[str, Text]]:
    most = f" of at most ${spent.cap:.2f}" if spent.cap is not None else ""
    full = spent.cap is not None and spent.cap > 0 and spent.dollars >= 0.9 * spent.cap
    said = f"${spent.dollars:.2f} today in {count(spent.calls, 'call')}{most}"
    yield "Spending", Text(f"{said}; ${spent.month:.2f} this month", style=_BAD if full else "")
    if spent.month or spent.forecast.month:
        yield "", Text(f"forecast: ${spent.forecast.day:.2f} by midnight UTC, ${spent.forecast.month:.2f} by the month's end")
    for name, usage in spent.today.items():
        purpose, _, model = name.partition("/")
        if usage.calls:
            tokens = f"{usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens:,} tokens in, {usage.output_tokens:,} out"
            yield "", Text(f"{purpose} with {model}: ${usage.dollars:.2f}, {count(usage.calls, 'call')}, {tokens}", style="dim")


def _digests(team: PublishingStatus, now: datetime, *, several: bool) -> Iterator[tuple[str, Text]]:
    title = f"Digests, {team.workspace}" if several else "Digests"
    states = ", ".join(f"{n:,} {state}" for state, n in sorted(team.open.items()))
    said = f"{count(team.channels, 'channel')} subscribed" + (f"; open: {states}" if states else "")
    yield title, Text(said if team.channels or team.newest else "no channel has subscribed")
    yield from _some("Late", [_late(late, now) for late in team.late])
    yield from _some("Next", [Text(f"{n.name}, {n.due:%H:%M} UTC, {ahead((n.due - now).total_seconds())}") for n in team.next])
    yield from _some("Last", [_publication(p) for p in team.newest])


def _some(title: str, lines: Sequence[Text]) -> Iterator[tuple[str, Text]]:
    for n, line in enumerate(lines[:_LINES]):
        yield "" if n else f"  {title}", line
    if len(lines) > _LINES:
        yield "", Text(f"and {len(lines) - _LINES:,} more", style="dim")


def _late(late: Late, now: datetime) -> Text:
    why = f": {one_line(late.reason)}" if late.reason else ": nobody has prepared it" if late.state == "missing" else ""
    return Text(f"{late.name}, {late.state}, due {_ago(late.due, now)}{why}", style=_BAD)


def _publication(p: Publication) -> Text:
    told = Text.assemble(f"{p.name}, ", (p.state, _STATES.get(p.state, "yellow")))
    posted = f" at {p.posted:%H:%M} UTC, {count(len(p.stories), 'story', 'stories')}" if p.posted else ""
    return told.append(posted + (f": {one_line(p.reason)}" if p.reason else ""))


def _ago(then: datetime | None, now: datetime) -> str:
    return ago((now - then).total_seconds()) if then else "never"


def _table() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table
