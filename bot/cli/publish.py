"""``ainews publish``: posts a digest by hand, through the same ledger as the bot: what stands already is not posted again."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bot.cli.app import FAILED, PARTLY_FAILED, out, print_json, run, settings
from bot.cli.digest import moment

if TYPE_CHECKING:
    from bot.slack.publishing.desks import Publishing
    from digest.factory import Parts
    from digest.model import EditionKind, Subscription
    from digest.publishing.publication import Name, Publication
    from digest.settings import Settings

#: How often to look whether there is more to be done.
_LOOK_S: Final = 0.5
_DONE: Final = frozenset({"sent", "verified", "expired", "skipped", "blocked"})
_WAITS: Final = "Waiting until the channel's history can be believed: about a minute …"
_FAILED: Final = frozenset({"expired", "blocked"})


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(publish)


@dataclass(frozen=True, slots=True)
class _Asked:
    channel: str | None
    on: str | None
    kind: EditionKind
    dry_run: bool
    correct: bool


def publish(
    channel: Annotated[str | None, typer.Option("--channel", "-c", help="Only this channel (its id, C…).")] = None,
    on: Annotated[str | None, typer.Option("--date", "-d", help="Day: 2026-03-31, today or yesterday.")] = None,
    weekly: Annotated[bool, typer.Option("--weekly", help="The weekly edition of that day.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be posted; post nothing.")] = False,
    correct: Annotated[
        bool, typer.Option("--correct", help="Draw what was posted again, from the articles as they are now, and change it.")
    ] = False,
    team: Annotated[str | None, typer.Option("--team", help="Id of the workspace (T…), where the bot is in several.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
) -> None:
    """Post the digest of a day now, to one channel or to all that subscribed. What stands in a channel already stays as it is."""
    loaded = settings()
    asked = _Asked(channel, on, "weekly" if weekly else "daily", dry_run, correct)
    found = run(_publish(loaded, asked, team))
    if as_json:
        print_json({"publications": [described(p, where) for p, where in found]})
    else:
        for publication, where in found:
            _show(publication, where, dry_run=dry_run)
        if not found:
            out().print("No channel has subscribed. Name one with --channel, or type /ainews subscribe in it.")
    failed = sum(p.state in _FAILED for p, _ in found)
    if failed:
        raise typer.Exit(FAILED if failed == len(found) else PARTLY_FAILED)


async def _publish(loaded: Settings, asked: _Asked, team_id: str | None) -> list[tuple[Publication, str]]:
    from digest.context import work
    from digest.factory import open_parts
    from digest.tracing import tracing

    async with open_parts(loaded) as parts, tracing(loaded, "ainews-publish"), AsyncExitStack() as stack:
        publishing = await publishing_in(parts, loaded, team_id)
        stack.enter_context(work(publishing.team.own.keys.workspace, "publish"))
        own = publishing.team.own.subscriptions
        if asked.channel is None:
            wanted = await own.every()
        else:
            wanted = [await own.get(asked.channel) or loaded.subscription(asked.channel)]
        if asked.correct and asked.channel is None:  # of all, those to which something was posted
            wanted = [s for s in wanted if (there := await _there(publishing, s, asked)) is not None and there.root]
        return [await _one(publishing, subscription, asked) for subscription in wanted]


async def _there(publishing: Publishing, subscription: Subscription, asked: _Asked) -> Publication | None:
    from digest.publishing.publication import Name

    day, _ = moment(asked.on, subscription.time_zone)
    return await publishing.desk.office.ledger.get(Name(subscription.channel, day, asked.kind))


async def publishing_in(parts: Parts, loaded: Settings, team_id: str | None) -> Publishing:
    """Publishing of the one workspace, or of the one that is named. Raises ConfigurationError, PublishError."""
    from bot.slack.assembling import identities_of
    from bot.slack.publishing.desks import publishing_of
    from bot.slack.services import Services
    from digest.errors import ConfigurationError

    services = Services(parts, loaded, lambda: datetime.now(UTC))
    known = {str(i.team_id): i for i in await (await identities_of(services)).every()}
    if team_id is None and len(known) == 1:
        team_id = next(iter(known))
    if team_id not in known:
        there = ", ".join(sorted(known)) or "none"
        raise ConfigurationError(f"the bot is in these workspaces: {there}", remedy="Name one of them with --team.")
    return publishing_of(services.team(team_id), known[team_id])


async def _one(publishing: Publishing, subscription: Subscription, asked: _Asked) -> tuple[Publication, str]:
    from bot.slack.publishing.desks import digest_for, prepared_from
    from digest.publishing.publication import Name
    from digest.publishing.rounds import by_hand

    day, until = moment(asked.on, subscription.time_zone)
    name = Name(subscription.channel, day, asked.kind)
    owed = by_hand(subscription, day, asked.kind, publishing.team.now())
    desk = publishing.desk
    there = await _there(publishing, subscription, asked)
    if asked.correct:
        return await _corrected(publishing, there, name), await _where(publishing, name)
    if there is not None and there.root and not asked.dry_run:
        return await _settled(publishing, name, there), await _where(publishing, name)
    made = prepared_from(publishing.team, await digest_for(publishing.team, subscription, name, until), name, owed)
    if asked.dry_run:
        return made, ""
    taken = await desk.take_up_again(made)
    return await _settled(publishing, name, taken or made), await _where(publishing, name)


async def _settled(publishing: Publishing, name: Name, publication: Publication) -> Publication:
    """Bring it as far as it goes: posted, or hindered."""
    from bot.cli.progress import waiting

    with waiting(_WAITS) as say:
        while publication.state not in _DONE:
            publication = await publishing.desk.advance(name) or publication
            say(f"{name.channel}: {publication.reason} …" if publication.reason else _WAITS)
            await asyncio.sleep(_LOOK_S)
    return publication


async def _corrected(publishing: Publishing, there: Publication | None, name: Name) -> Publication:
    from digest.errors import NotFound, PublishError
    from digest.publishing.preparing import drawn_again
    from digest.translating.composing import in_its_language

    if there is None or not there.root:
        raise NotFound(f"Nothing was posted to {name.channel} for {name.day}.", remedy="See `ainews editions`.")
    team = publishing.team
    corrected = await drawn_again(
        there, team.parts.articles, team.parts.templates, lambda made: in_its_language(made, team.parts, team.own)
    )
    changed = await publishing.desk.correct(there.name, corrected)
    if changed is None:
        raise PublishError(
            "Slack did not take the correction, or another process works on it.", remedy="Try again in a minute."
        )
    return await _settled(publishing, there.name, changed)


async def _where(publishing: Publishing, name: Name) -> str:
    issued = await publishing.team.own.editions.issued(name.channel, 400)
    return next((e.where for e in issued if e.day == name.day and e.kind == name.kind), "")


def described(publication: Publication, where: str) -> dict[str, Any]:
    """For people's scripts."""
    p = publication
    return {
        "channel": p.name.channel, "day": p.name.day, "kind": p.name.kind, "state": p.state, "reason": p.reason or None, "due": p.due,
        "until": p.until, "posted": p.posted, "parts": len(p.pieces), "parts_posted": sum(bool(i.ts) for i in p.pieces),
        "stories": [{"id": s.id, "title": s.title} for s in p.stories], "ts": p.root or None, "permalink": where or None,
        "next_try": p.not_before, "doubles_removed": p.removed,
    }  # fmt: skip


def _show(publication: Publication, where: str, *, dry_run: bool) -> None:
    p, console = publication, out()
    said = "would be posted" if dry_run and p.state == "prepared" else told(p)
    console.print(f"{p.name.channel}  {p.name.day} {p.name.kind}  {said}  {where}".rstrip(), markup=False, soft_wrap=True)
    if dry_run:
        for number, piece in enumerate(p.pieces):
            console.print("In its thread:" if number else "", markup=False)
            console.print(piece.text, markup=False, soft_wrap=True)


def told(publication: Publication) -> str:
    """How it stands, in words."""
    p = publication
    reason = f": {p.reason}" if p.reason else ""
    match p.state:
        case "sent" | "verified":
            return f"posted {p.posted:%Y-%m-%d %H:%M} UTC" + reason if p.posted else "posted"
        case "blocked":
            return f"blocked{reason}"
        case "prepared" | "sending" | "unknown":
            return f"pending{reason}"
        case _:
            return f"{p.state}{reason}"
