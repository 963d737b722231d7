"""``ainews digest``: the digest of a day, in any format."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.cli.app import USAGE, err, out, run, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.factory import Parts
    from digest.model import Digest, Subscription
    from digest.rendering.templates import Templates
    from digest.settings import Settings


class Format(StrEnum):
    """How a digest is drawn."""

    terminal = "terminal"
    slack = "slack"
    html = "html"
    markdown = "markdown"
    text = "text"
    json = "json"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(digest)


def digest(
    on: Annotated[str | None, typer.Option("--date", "-d", help="Day: 2026-03-31, today or yesterday.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How to draw it.")] = Format.terminal,
    to: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
    threshold: Annotated[float | None, typer.Option(help="Lowest score, 0 to 10.")] = None,
    stories: Annotated[int | None, typer.Option(help="Most stories.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Only stories on this topic. May be given again.")] = None,
    max_age_h: Annotated[float | None, typer.Option(help="Hours back that count as news.")] = None,
    channel: Annotated[
        str | None, typer.Option("--channel", "-c", help="What this channel would get, by its subscription where it has one.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Tell also what was left out, and why.")] = False,
    issue: Annotated[
        bool, typer.Option("--issue", help="Remember what it shows: later digests leave that out until something new is told.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Show the digest of a day: today's as of now, an earlier day's as of its end."""
    wanted = {"threshold": threshold, "stories": stories, "topics": tuple(topic) if topic else None, "max_age_h": max_age_h}
    loaded = settings(**wanted)
    form = Format.json if as_json else form
    given = tuple(name for name, value in wanted.items() if value is not None)
    run(_digest(loaded, channel, given, on, form, to, explain=explain, issue=issue))


def moment(on: str | None, time_zone: str) -> tuple[date, datetime]:
    """The local day that ``on`` names, and the instant (aware UTC) its digest looks back from: now, or the end of a past day.

    Ends with exit code 2 where ``on`` is no date or lies ahead.
    """
    zone = ZoneInfo(time_zone)
    now = datetime.now(UTC)
    today = now.astimezone(zone).date()
    match (on or "today").strip().lower():
        case "today":
            day = today
        case "yesterday":
            day = today - timedelta(days=1)
        case text:
            try:
                day = date.fromisoformat(text)
            except ValueError:
                err().print(f"'{on}' is no date. Write it as {today.isoformat()}, or today or yesterday.", markup=False)
                raise typer.Exit(USAGE) from None
    if day > today:
        err().print(f"{day} has not come yet.")
        raise typer.Exit(USAGE)
    midnight_after = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    return day, min(now, midnight_after)


async def _digest(
    loaded: Settings,
    channel: str | None,
    given: Sequence[str],
    on: str | None,
    form: Format,
    to: Path | None,
    *,
    explain: bool,
    issue: bool,
) -> None:
    from digest.factory import digest_of, open_parts
    from digest.publishing.page import write_whole

    if channel is None:  # a date that is none is told before anything is opened
        moment(on, loaded.time_zone)
    async with open_parts(loaded) as parts:
        subscription = await _subscription(parts, channel, given)
        day, until = moment(on, subscription.time_zone)
        made = await digest_of(parts, subscription, day=day, until=until)
        if issue:
            edition = await parts.pages.publish(made)
            await parts.editions.record(edition)
            err().print(f"Issued as {edition.where}.", markup=False, soft_wrap=True)
        newest = None if made.articles else await parts.articles.newest()
        if form is Format.terminal and to is None:
            from digest.rendering.terminal import render_terminal

            out().print(render_terminal(made))
            if explain:
                _explain(made)
        else:
            text = draw(made, form, parts.templates)
            if to is None:
                sys.stdout.write(text if text.endswith("\n") else text + "\n")
            else:
                write_whole(to, text)
                err().print(f"Wrote {to}.", markup=False, soft_wrap=True)
    if newest is not None:
        err().print(f"Nothing held is dated near {day}. The newest is of {newest:%Y-%m-%d}: try --date {newest:%Y-%m-%d}.")
    elif not made.articles:
        err().print("Nothing is held yet. Collect something first: ainews collect --knowledge-base DIR.")


async def _subscription(parts: Parts, channel: str | None, given: Sequence[str]) -> Subscription:
    """What the channel asked for, with the fields named in ``given`` as on the command line; without a subscription, the settings."""
    by_settings = parts.settings.subscription() if channel is None else parts.settings.subscription(channel)
    stored = None if channel is None else await parts.subscriptions.get(channel)
    if stored is None:
        if channel is not None:
            err().print(f"{channel} has no subscription: this is by the settings.", markup=False)
        return by_settings
    named: dict[str, Any] = {name: getattr(by_settings, name) for name in given}
    return replace(stored, **named)


def _explain(made: Digest) -> None:
    """What was chosen, point by point with what the channel wants, and what was left out, by which rule."""
    from digest.rendering.cleaning import one_line

    console = out()
    for chosen in made.chosen:
        parts = " + ".join(f"{p.points:.2f} {p.name}" for p in chosen.parts).replace("+ -", "− ")
        console.print(
            f"{chosen.rank:>3}. {chosen.points:.2f} = {parts}  {chosen.story.lead.article.title}", markup=False, soft_wrap=True
        )
        for part in (p for p in chosen.parts if p.name == "taste"):
            console.print(f"     {one_line(part.because)}", markup=False, soft_wrap=True)
    for left in made.left_out:
        console.print(f"  –  {left.story.lead.article.title}: {left.reason}", style="dim", markup=False, soft_wrap=True)


def draw(made: Digest, form: Format, templates: Templates) -> str:
    """``made`` as text in ``form``; the terminal's without colour. Raises RenderError."""
    import orjson

    match form:
        case Format.slack:
            from digest.rendering.slack import render_slack

            return orjson.dumps(_message(render_slack(made, templates)), option=orjson.OPT_INDENT_2).decode()
        case Format.html:
            from digest.rendering.pages import render_html

            return render_html(made, templates)
        case Format.markdown:
            from digest.rendering.pages import render_markdown

            return render_markdown(made, templates)
        case Format.json:
            from digest.codec import described_digest

            return orjson.dumps(described_digest(made), option=orjson.OPT_INDENT_2).decode()
        case Format.text | Format.terminal:
            from digest.rendering.pages import render_text

            return render_text(made, templates)


def _message(message: Any) -> dict[str, Any]:
    return {"text": message.text, "blocks": list(message.blocks), "replies": [_message(r) for r in message.replies]}
