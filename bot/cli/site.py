"""``ainews site``: the editions as static pages, with search, charts and a feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bot.cli.app import err, out, run, settings

if TYPE_CHECKING:
    from digest.factory import Parts
    from digest.model import Edition
    from digest.settings import Settings

#: As many editions as are kept of a channel.
_EDITIONS = 366


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(site)


def site(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write the pages into.")],
    channel: Annotated[
        list[str] | None, typer.Option("--channel", "-c", help="Editions of this channel only. May be given again.")
    ] = None,
    address: Annotated[
        str, typer.Option("--address", help="Where the archive will stand on the web, for the feed: https://news.example.com/")
    ] = "",
) -> None:
    """Write the archive: a page for each day, story and topic, search in the page, charts, and an Atom feed.

    Without --channel it has the editions of all channels and those issued on the command line, direct messages left out.
    """
    run(_site(settings(), folder, channel or [], _checked(address)))


def _checked(address: str) -> str:
    from digest.errors import ConfigurationError
    from digest.rendering.links import web_link

    if address and not web_link(address):
        raise ConfigurationError(f"'{address}' is no address on the web", remedy="Give one as https://news.example.com/.")
    return address if not address or address.endswith("/") else f"{address}/"


async def _site(loaded: Settings, folder: Path, channels: list[str], address: str) -> None:
    from digest.errors import PublishError
    from digest.factory import open_parts
    from digest.rendering.words import count, listed
    from digest.site.archive import archive
    from digest.site.writing import pages, write
    from digest.trends.held import recent_stories

    zone, now = ZoneInfo(loaded.time_zone), datetime.now(UTC)
    async with open_parts(loaded) as parts:
        editions = await _editions(parts, channels)
        ids = list(dict.fromkeys(i for edition in editions for story in edition.stories for i in (story.id, *story.articles)))
        held = {h.lead.article.id: h.lead for h in await parts.articles.get(ids) if h is not None}
        made = archive(editions, held, zone)
        stories = await recent_stories(parts.articles, now, timedelta(days=loaded.retention_days), parts.meaning)
        try:
            written = await write(folder, pages(made, stories, now, zone, parts.templates, address=address))
        except OSError as error:
            raise PublishError(
                f"The archive could not be written: {error}", remedy="Name a folder that can be written."
            ) from error
    counts = (count(len(made.days), "day"), count(len(made.stories), "story", "stories"), count(len(made.topics), "topic"))
    out().print(
        f"{listed(counts)} in {folder / 'index.html'}: {count(written.changed, 'file')} written, {written.same} as they were,"
        f" {written.removed} removed.", markup=False, soft_wrap=True,
    )  # fmt: skip
    if not editions:
        err().print("No edition has been issued yet: ainews digest --issue, or the bot in a channel.")


async def _editions(parts: Parts, channels: list[str]) -> list[Edition]:
    """Of the channels named, or of all but direct messages."""
    if not channels:
        subscribed = [s.channel for s in await parts.subscriptions.every() if not s.channel.startswith("D")]
        channels = list(dict.fromkeys([*subscribed, parts.settings.subscription().channel]))
    return [edition for channel in channels for edition in await parts.editions.issued(channel, _EDITIONS)]
