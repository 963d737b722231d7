"""``ainews demo``: the main job on the sample that ships with the program, with nothing configured."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from bot.cli.app import out, run, settings

if TYPE_CHECKING:
    from digest.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo() -> None:
    """Collect the sample and show today's digest, here and as a page.

    It has a data folder of its own, always runs the embedded Valkey and the offline assessor, and costs nothing: what is
    configured for the real thing is left alone.
    """
    loaded = settings()
    run(_demo(loaded.model_copy(
        update={"data_dir": loaded.data_dir / "demo", "redis_url": None, "workspace": "demo", "assessor": "offline"}
    )))  # fmt: skip


async def _demo(loaded: Settings) -> None:
    from digest import pipeline
    from digest.factory import digest_of, open_parts, sources
    from digest.publishing.terminal import TerminalPublisher
    from digest.sample.write import write_sample

    console = out()
    now = datetime.now(UTC)
    sample = write_sample(loaded.data_dir / "sample", now=now)
    places = sources(loaded, knowledge_bases=[sample.knowledge_base, sample.inbox], feeds=[str(sample.feed)])
    async with open_parts(loaded) as parts:
        result = await pipeline.collect(places, parts.articles, parts.assessor)
        day = now.astimezone(ZoneInfo(loaded.time_zone)).date()
        made = await digest_of(parts, loaded.subscription(), day=day, until=now)
        await TerminalPublisher(console).publish(made)
        edition = await parts.pages.publish(made)
        await parts.editions.record(edition)
        where = parts.where
    counts = result.counts()
    console.print()
    console.print(
        f"Read {counts['seen']} documents of the sample: {counts['new']} new, {counts['updated']} updated, "
        f"{counts['duplicate']} duplicate, {counts['unchanged']} unchanged, {counts['failed']} failed. Held in the {where}.",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    console.print(f"The same digest as a page: {edition.where}", markup=False, soft_wrap=True)
    console.print("Next, your own: ainews collect --knowledge-base DIR, then ainews digest.", markup=False, soft_wrap=True)
