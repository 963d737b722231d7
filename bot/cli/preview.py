"""``ainews preview``: a digest as it looks in Slack, as a picture."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bot.cli.app import err, run, settings
from bot.cli.digest import moment

if TYPE_CHECKING:
    from digest.factory import Parts
    from digest.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(preview)


def preview(
    png: Annotated[Path, typer.Option("--png", help="The picture to write.")],
    on: Annotated[str | None, typer.Option("--date", "-d", help="Day: 2026-03-31, today or yesterday.")] = None,
    channel: Annotated[
        str | None, typer.Option("--channel", "-c", help="What this channel would get, by its subscription.")
    ] = None,
    stories: Annotated[int | None, typer.Option(help="Most stories.")] = None,
    width: Annotated[
        int, typer.Option("--width", min=320, max=2_000, help="Width in pixels; a picture has twice as many.")
    ] = 800,
    dark: Annotated[bool, typer.Option("--dark", help="As it looks in Slack's dark theme.")] = False,
    sample: Annotated[bool, typer.Option("--sample", help="Of the sample's articles instead of those held.")] = False,
) -> None:
    """Draw a digest as it looks in Slack, with the templates in use. It needs a Chromium, and nothing of Slack."""
    from digest.stores.embedded import throwaway_folder

    loaded = settings(stories=stories)
    if not sample:
        run(_preview(loaded, png, on, channel, stories, width, dark=dark, sample=False))
        return
    with throwaway_folder("preview") as folder:
        own = loaded.model_copy(update={"data_dir": folder, "redis_url": None, "assessor": "offline"})
        run(_preview(own, png, on, channel, stories, width, dark=dark, sample=True))


async def _preview(
    loaded: Settings,
    png: Path,
    on: str | None,
    channel: str | None,
    stories: int | None,
    width: int,
    *,
    dark: bool,
    sample: bool,
) -> None:
    from dataclasses import replace

    from bot.playground.chromium import found
    from bot.playground.picture import picture_of
    from digest.factory import digest_of, open_parts

    found()  # before anything is opened
    async with open_parts(loaded) as parts:
        if sample:
            await _collect_sample(parts)
        stored = await parts.subscriptions.get(channel) if channel else None
        subscription = stored or loaded.subscription(channel or "terminal")
        if stories is not None:
            subscription = replace(subscription, stories=stories)
        day, until = moment(on, subscription.time_zone)
        made = await digest_of(parts, subscription, day=day, until=until)
        picture = await picture_of(made, parts, width=width, dark=dark)
    await asyncio.to_thread(_write, png, picture)
    err().print(f"Wrote {png}.", markup=False, soft_wrap=True)
    if not made.articles:
        err().print(f"Nothing held is dated near {day}: try another --date, or --sample.")


def _write(png: Path, picture: bytes) -> None:
    png.parent.mkdir(parents=True, exist_ok=True)
    png.write_bytes(picture)


async def _collect_sample(parts: Parts) -> None:
    from digest import pipeline
    from digest.factory import sources
    from digest.sample.write import write_sample

    now = datetime.now(UTC).astimezone(ZoneInfo(parts.settings.time_zone))
    sample = write_sample(parts.settings.data_dir / "sample", now=now)
    places = sources(parts.settings, knowledge_bases=[sample.knowledge_base, sample.inbox], feeds=[str(sample.feed)])
    await pipeline.collect(places, parts.articles, parts.assessor)
