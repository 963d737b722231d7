"""``ainews editions --rebuild``: what was posted is read in Slack's history, and remembered again where it is not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

import typer

from bot.cli.app import FAILED, PARTLY_FAILED, err, out, print_json, run

if TYPE_CHECKING:
    from bot.slack.publishing.channels import SlackChannels
    from bot.slack.publishing.desks import Publishing
    from digest.factory import Parts
    from digest.publishing.recovering import Recovered
    from digest.settings import Settings

#: Days that look-ups go back: a month, as where people look things up.
_STORIES_DAYS: Final = 31.0

_Failures = list[tuple[str, str]]


def rebuild(loaded: Settings, channels: list[str], team: str | None, days: int, *, as_json: bool) -> None:
    """Read the channels that are named, or all that subscribed, ``days`` back."""
    found, failures = run(_rebuild(loaded, channels, team, days, quiet=as_json))
    if as_json:
        failed = [{"channel": c, "reason": why} for c, why in failures]
        print_json({"editions": [_described(r) for r in found], "failed": failed})
    else:
        _show(found, failures)
    if failures:
        raise typer.Exit(PARTLY_FAILED if found else FAILED)


async def _rebuild(
    loaded: Settings, channels: list[str], team: str | None, days: int, *, quiet: bool
) -> tuple[list[Recovered], _Failures]:
    from bot.cli.progress import counting
    from bot.cli.publish import publishing_in
    from digest.errors import NotFound, PublishError
    from digest.factory import open_parts

    found: list[Recovered] = []
    failures: _Failures = []
    async with open_parts(loaded) as parts:
        publishing = await publishing_in(parts, loaded, team)
        wanted = channels or [s.channel for s in await publishing.team.own.subscriptions.every()]
        if not wanted:
            raise NotFound(
                "No channel has subscribed, so there is none to read",
                remedy="Put a backup in place, subscribe again, or name channels with --channel.",
            )
        with counting("Reading channels", len(wanted), hidden=quiet) as advance:
            for channel in wanted:
                try:
                    found += await _of(publishing, parts, channel, days)
                except PublishError as error:
                    failures.append((channel, str(error)))
                advance(1)
    return found, failures


async def _of(publishing: Publishing, parts: Parts, channel: str, days: int) -> list[Recovered]:
    from bot.slack.publishing.history import SlackHistory
    from digest.publishing.recovering import Recovering

    office, own, now = publishing.desk.office, publishing.team.own, publishing.team.now
    history = SlackHistory(cast("SlackChannels", office.channels), bot_id=office.bot, workspace=own.keys.workspace)
    standing = await history.standing(channel, now() - timedelta(days=days))
    lookups = parts.lookups_of(_STORIES_DAYS)
    await lookups.warm()
    recovering = Recovering(own.editions, office.ledger, parts.articles, lookups, now, office.timing)
    return await recovering.recover(standing, office.channels.permalink)


def _described(recovered: Recovered) -> dict[str, Any]:
    e = recovered.edition
    return {
        "channel": e.channel, "day": e.day, "kind": e.kind, "posted": e.issued, "ts": e.ts, "permalink": e.where or None,
        "stories": [{"id": s.id, "title": s.title} for s in e.stories], "new": recovered.new, "unknown_stories": recovered.unknown,
    }  # fmt: skip


def _show(found: list[Recovered], failures: _Failures) -> None:
    from digest.rendering.words import count

    new = [r for r in found if r.new]
    for r in new:
        e = r.edition
        kind = "" if e.kind == "daily" else f" {e.kind}"
        stories = count(len(e.stories), "story", "stories")
        out().print(f"{e.channel}  {e.day}{kind}  {stories}  {e.where}".rstrip(), markup=False, soft_wrap=True)
    stand = f"Read in Slack: {count(len(found), 'digest')}"
    out().print(f"{stand}; {len(new):,} not known before, and remembered now." if new else f"{stand}; none that was not known.")
    unknown = sum(r.unknown for r in new)
    if unknown:
        out().print(
            f"No article is held of {count(unknown, 'story', 'stories')}: after `ainews reindex` or `ainews collect` more would have been "
            "remembered of them.", soft_wrap=True,
        )  # fmt: skip
    for _, why in failures:
        err().print(why, style="yellow", markup=False, soft_wrap=True)
