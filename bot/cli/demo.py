"""``ainews demo``: the main job on the sample that ships with the program, with nothing configured."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bot.cli.app import out, run, settings

if TYPE_CHECKING:
    from digest.factory import Parts
    from digest.model import Edition
    from digest.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    next_day: Annotated[
        bool,
        typer.Option("--next-day", help="Take the sample as yesterday's, and show what today's digest makes of today's news."),
    ] = False,
) -> None:
    """Collect the sample and show today's digest, here and as a page.

    It has a data folder of its own, always runs the embedded Valkey and the offline assessor, and costs nothing: what is
    configured for the real thing is left alone.
    """
    loaded = settings()
    name = "demo-next-day" if next_day else "demo"
    run(_demo(loaded.model_copy(
        update={"data_dir": loaded.data_dir / name, "redis_url": None, "workspace": name, "assessor": "offline"}
    ), next_day=next_day))  # fmt: skip


async def _demo(loaded: Settings, *, next_day: bool) -> None:
    from digest import pipeline
    from digest.factory import open_parts, sources
    from digest.sample.write import write_next_day, write_sample

    now = datetime.now(UTC)
    begun = now - timedelta(days=1) if next_day else now
    sample = write_sample(loaded.data_dir / "sample", now=begun)
    places = sources(loaded, knowledge_bases=[sample.knowledge_base, sample.inbox], feeds=[str(sample.feed)])
    async with open_parts(loaded) as parts:
        result = await pipeline.collect(places, parts.articles, parts.assessor)
        edition = await _issued(parts, begun, quiet=next_day)
        if next_day:
            out().print(f"Yesterday's digest as a page: {edition.where}", markup=False, soft_wrap=True)
            write_next_day(loaded.data_dir / "sample", now=now)
            result = await pipeline.collect(places, parts.articles, parts.assessor)
            edition = await _issued(parts, now, quiet=False)
        _tell(result.counts(), parts.where, edition)


async def _issued(parts: Parts, moment: datetime, *, quiet: bool) -> Edition:
    """The digest as of ``moment``: shown here unless ``quiet``, written as a page, and remembered."""
    from digest.factory import digest_of
    from digest.publishing.terminal import TerminalPublisher

    loaded = parts.settings
    day = moment.astimezone(ZoneInfo(loaded.time_zone)).date()
    made = await digest_of(parts, loaded.subscription(), day=day, until=moment)
    if not quiet:
        await TerminalPublisher(out()).publish(made)
    edition = await parts.pages.publish(made)
    await parts.editions.record(edition)
    return edition


def _tell(counts: dict[str, int], where: str, edition: Edition) -> None:
    console = out()
    console.print()
    console.print(
        f"Read {counts['seen']} documents of the sample: {counts['new']} new, {counts['updated']} updated, "
        f"{counts['duplicate']} duplicate, {counts['unchanged']} unchanged, {counts['failed']} failed. Held in the {where}.",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    console.print(f"The same digest as a page: {edition.where}", markup=False, soft_wrap=True)
    console.print("Next, your own: ainews collect --knowledge-base DIR, then ainews digest.", markup=False, soft_wrap=True)
