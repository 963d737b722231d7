"""``ainews editions``: what was posted, what is pending, blocked or expired, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.app import out, print_json, run, settings
from bot.cli.publish import described, told

if TYPE_CHECKING:
    from datetime import date

    from digest.publishing.publication import Publication
    from digest.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(editions)


def editions(
    channel: Annotated[str | None, typer.Option("--channel", "-c", help="Only this channel (its id, C…).")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="At most so many, the newest first.")] = 20,
    team: Annotated[str | None, typer.Option("--team", help="Id of the workspace (T…), where the bot is in several.")] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Read what was posted in Slack's history, and remember it where it is not known.")
    ] = False,
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="With --rebuild: so many days back.")] = 62,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
) -> None:
    """List the digests of channels: posted, pending, blocked or expired, and why. Nothing is asked of Slack but with --rebuild."""
    if rebuild:
        from bot.cli.editions_again import rebuild as read_again

        read_again(settings(), [channel] if channel else [], team, days, as_json=as_json)
        return
    found = run(_editions(settings(), channel or "", limit, team))
    if as_json:
        print_json({"editions": [described(p, where) for p, where in found]})
        return
    if not found:
        out().print("No digest was posted to a channel yet. `ainews serve` does it when one is due, `ainews publish` now.")
        return
    _show(found)


async def _editions(loaded: Settings, channel: str, limit: int, team: str | None) -> list[tuple[Publication, str]]:
    from digest.factory import open_parts

    async with open_parts(loaded) as parts:
        own = parts.of_team(team) if team else parts
        found = await own.ledger.newest(limit, channel)
        where: dict[tuple[str, date, str], str] = {}
        for name in {p.name.channel for p in found}:
            where |= {(name, e.day, e.kind): e.where for e in await own.editions.issued(name, 400)}
    return [(p, where.get((p.name.channel, p.name.day, p.name.kind), "")) for p in found]


def _show(found: list[tuple[Publication, str]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("day", "channel", "state", "stories", "next try", "where"):
        table.add_column(title, overflow="fold")
    for p, where in found:
        kind = "" if p.name.kind == "daily" else f" {p.name.kind}"
        later = p.not_before is not None and not p.closed and p.not_before > datetime.now(UTC)
        again = f"{p.not_before:%H:%M:%S} UTC" if later and p.not_before else ""
        table.add_row(f"{p.name.day}{kind}", p.name.channel, told(p), str(len(p.stories)), again, where)
    out().print(table)
