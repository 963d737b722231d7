"""``ainews feeds``: the list of feeds that the monitor reads, and how each of them is."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot.cli.app import FAILED, PARTLY_FAILED, err, out, print_json, run, settings

if TYPE_CHECKING:
    from digest.feeds.discovery import Proven
    from digest.feeds.entry import Problem
    from digest.feeds.feed import Feed
    from digest.feeds.listing import Changed
    from digest.feeds.ports import FeedRead, FeedState
    from digest.settings import Settings

_SHOWN: Final = 20
_ALSO_SHOWN: Final = 5


class Format(StrEnum):
    """What a list of feeds is written as."""

    yaml = "yaml"
    opml = "opml"


_Json = Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")]
_Which = Annotated[str | None, typer.Argument(metavar="[NAME]", help="Name or URL of one feed. Default: all.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The list of feeds that the monitor reads.")
    group.command("list")(list_feeds)
    group.command()(add)
    group.command()(remove)
    group.command()(check)
    group.command("import")(import_feeds)
    group.command()(export)
    app.add_typer(group, name="feeds")


def list_feeds(as_json: _Json = False) -> None:
    """Show the feeds in use, and how each is, in a word."""
    from bot.cli import feeds_shown
    from digest.feeds.listing import DEFAULT_LIST, feeds_path, read_feeds
    from digest.rendering.words import count

    loaded = settings()
    path = feeds_path(loaded)
    feeds = read_feeds(path)
    states = run(_states_if_any(loaded, feeds))
    if as_json:
        listed = [feeds_shown.described(f, s) for f, s in zip(feeds, states, strict=True)]
        print_json({"file": str(path), "shipped": path == DEFAULT_LIST, "feeds": listed})
        return
    feeds_shown.show(out(), feeds_shown.listed(feeds, states))
    kind = "the list shipped with the program" if path == DEFAULT_LIST else str(path)
    err().print(f"{count(len(feeds), 'feed')} in {kind}.", markup=False, soft_wrap=True)


def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The feed, or a page of the site whose feed is wanted.")],
    name: Annotated[str, typer.Option(help="Publisher of its articles. Default: the feed's own title.")] = "",
    category: Annotated[str, typer.Option(help="Where its documents are filed. Default: by topic.")] = "",
    tier: Annotated[int, typer.Option(min=1, max=3, help="1 tells it first, 2 reports, 3 comments.")] = 2,
    interval: Annotated[str, typer.Option(help="Least time between two refreshes: 30m, 2h, 1d.")] = "",
    no_check: Annotated[bool, typer.Option("--no-check", help="Take the URL as it is, asking nobody.")] = False,
) -> None:
    """Find the feed of a site and add it to the list."""
    from digest.errors import ConfigurationError
    from digest.feeds.discovery import Proven
    from digest.feeds.entry import made, name_of

    loaded = settings()
    url = url.strip() if "://" in url else f"https://{url.strip()}"
    try:
        made(name or _host(url) or url, url, category=category, interval=interval)
        found = (Proven(url, "", 0),) if no_check else run(_found(loaded, url))
        title = name_of(name) or name_of(found[0].title) or _host(found[0].url)
        feed = made(title, found[0].url, category=category, tier=str(tier), interval=interval)
    except ValueError as error:
        raise ConfigurationError(f"It cannot be added: {error}", remedy="See: ainews feeds add --help.") from error
    _show_added(loaded, feed, found, checked=not no_check)


def remove(which: Annotated[str, typer.Argument(metavar="NAME|URL", help="The feed's name as listed, or its URL.")]) -> None:
    """Take a feed off the list, and forget what is remembered of it."""
    from digest.errors import NotFound
    from digest.feeds import listing

    loaded = settings()
    meant = _meant(which, listing.feeds_in_use(loaded))
    if len(meant) > 1:
        urls = ", ".join(f.url for f in meant[:5])
        raise NotFound(f"There are {len(meant)} feeds named '{which}'", remedy=f"Give the URL of one: {urls}.")
    changed = listing.remove(loaded, {meant[0].url})
    _tell_made(changed)
    out().print(f"Removed {meant[0].name} ({meant[0].url}) from {changed.path}.", markup=False, soft_wrap=True)
    _forget(loaded, changed.removed)


def check(
    which: _Which = None,
    as_json: _Json = False,
    now: Annotated[bool, typer.Option("--now", help="Ask them now, storing nothing of what they hold.")] = False,
) -> None:
    """Show how the feeds are: last success, entries, what went wrong, and when each is asked next.

    With --now, exit code 3: some failed; 1: all of them did.
    """
    from bot.cli import feeds_shown
    from digest.feeds.listing import feeds_in_use
    from digest.rendering.words import count

    loaded = settings()
    listed = feeds_in_use(loaded)
    feeds = _meant(which, listed) if which else listed
    reads = run(_asked(loaded, feeds, quiet=as_json)) if now else {}
    states = [reads[f.url].state for f in feeds] if now else run(_states(loaded, feeds))
    failed = sum(s.failures > 0 for s in states)
    if as_json:
        told = [feeds_shown.described(f, s, reads.get(f.url)) for f, s in zip(feeds, states, strict=True)]
        print_json({"checked": len(feeds), "failing": failed, "feeds": told})
    else:
        feeds_shown.show(out(), feeds_shown.checked(feeds, states, reads, datetime.now(UTC)))
        never = sum(s.checked is None for s in states)
        note = f", {never} never asked (--now asks)" if never else ""
        err().print(f"{count(len(feeds), 'feed')}, {failed} failing{note}.", markup=False, soft_wrap=True)
    if now and failed:
        raise typer.Exit(FAILED if failed == len(feeds) else PARTLY_FAILED)


def import_feeds(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="YAML or OPML; '-' is standard input.")],
    replace: Annotated[bool, typer.Option("--replace", help="Keep these feeds and no others.")] = False,
) -> None:
    """Add the feeds of a file that are not listed yet. Exit code 3: some of its entries were wrong; 1: all were."""
    from digest.errors import ConfigurationError
    from digest.feeds import listing

    loaded = settings()
    try:
        found = listing.parsed(_bytes_of(file))
    except ValueError as error:
        raise ConfigurationError(f"{file} cannot be imported: {error}", remedy="A list of feeds is YAML or OPML.") from error
    _show_problems(found.problems)
    if found.problems and not found.feeds:
        err().print("Nothing was imported.")
        raise typer.Exit(FAILED)
    changed = listing.replace(loaded, found.feeds) if replace else listing.add(loaded, found.feeds)
    _tell_made(changed)
    counts = f"{len(changed.added)} new, {len(found.feeds) - len(changed.added)} listed already, {len(found.problems)} wrong"
    gone = f", {len(changed.removed)} removed" if replace else ""
    out().print(f"Imported into {changed.path}: {counts}{gone}.", markup=False, soft_wrap=True)
    _forget(loaded, changed.removed)
    if found.problems:
        raise typer.Exit(PARTLY_FAILED)


def export(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="File to write. Default: standard output.")] = "-",
    form: Annotated[Format | None, typer.Option("--format", help="Default: by the file's name, else YAML.")] = None,
) -> None:
    """Write the list as YAML or OPML."""
    from digest.errors import PublishError
    from digest.feeds import listing

    loaded = settings()
    text = listing.exported(loaded, form.value if form else listing.format_by_name(Path(file)))
    if file == "-":
        sys.stdout.write(text)
        return
    try:
        listing.write_whole(Path(file), text)
    except OSError as error:
        raise PublishError(f"{file} cannot be written: {(error.strerror or str(error)).lower()}") from error
    err().print(f"Wrote {file}.", markup=False, soft_wrap=True)


async def _found(loaded: Settings, url: str) -> tuple[Proven, ...]:
    from digest.reaching import open_feed_finder

    async with open_feed_finder(loaded) as find:
        return await find(url)


async def _states(loaded: Settings, feeds: tuple[Feed, ...]) -> list[FeedState]:
    from digest.factory import open_parts

    async with open_parts(loaded) as parts:
        return await parts.feed_states.states([f.url for f in feeds])


async def _states_if_any(loaded: Settings, feeds: tuple[Feed, ...]) -> list[FeedState | None]:
    """What is remembered of ``feeds``; a list can be shown without."""
    from digest.errors import StoreError

    try:
        return [*await _states(loaded, feeds)]
    except StoreError as error:
        err().print(f"How they are is not known: {error}.", style="yellow", markup=False, soft_wrap=True)
        return [None for _ in feeds]


async def _asked(loaded: Settings, feeds: tuple[Feed, ...], *, quiet: bool) -> dict[str, FeedRead]:
    """What came of asking ``feeds`` now. That they were asked is remembered; what they hold is not, and will be read again."""
    from dataclasses import replace

    from bot.cli.progress import counting
    from digest.factory import open_parts
    from digest.feeds.schedule import only_checked
    from digest.reaching import open_feed_reader

    found: dict[str, FeedRead] = {}
    since = datetime.now(UTC) - timedelta(days=loaded.monitor_days)
    with counting("Asking", len(feeds), hidden=quiet) as asked:
        async with open_parts(loaded) as parts, open_feed_reader(loaded) as reader:
            before = {s.url: s for s in await parts.feed_states.states([f.url for f in feeds])}
            async for reads in reader.read([(f, before[f.url]) for f in feeds], since):
                seen = [replace(r, state=only_checked(before[r.feed.url], r.state)) for r in reads]
                await parts.feed_states.remember([r.state for r in seen])
                found |= {r.feed.url: r for r in seen}
                asked(len(seen))
    return found


def _meant(which: str, feeds: tuple[Feed, ...]) -> tuple[Feed, ...]:
    """The feeds that ``which`` names: one by its URL, or all of that name. Raises NotFound with what may have been meant."""
    from difflib import get_close_matches

    from digest.errors import NotFound
    from digest.stories.urls import canonical_url

    name = which.strip().casefold()
    try:
        url = canonical_url(which)
    except ValueError:
        url = ""
    meant = tuple(f for f in feeds if url == canonical_url(f.url)) or tuple(f for f in feeds if name == f.name.casefold())
    if meant:
        return meant
    names = {text.casefold(): text for f in feeds for text in (f.url, f.name)}
    near = [names[n] for n in get_close_matches(name, names, n=3, cutoff=0.5)]
    near += [n for key, n in names.items() if name in key and n not in near]
    remedy = f"Did you mean {', '.join(near[:5])}?" if near else "See: ainews feeds list."
    raise NotFound(f"There is no feed '{which}' in the list", remedy=remedy)


def _show_added(loaded: Settings, feed: Feed, found: tuple[Proven, ...], *, checked: bool) -> None:
    from digest.feeds import listing
    from digest.rendering.words import count
    from digest.stories.urls import canonical_url

    changed = listing.add(loaded, [feed])
    _tell_made(changed)
    console = out()
    if changed.added:
        holds = f", {count(found[0].entries, 'entry', 'entries')}" if checked else ""
        console.print(f"Added {feed.name} ({feed.url}{holds}) to {changed.path}.", markup=False, soft_wrap=True)
    else:
        known = next(f for f in listing.feeds_in_use(loaded) if canonical_url(f.url) == canonical_url(feed.url))
        console.print(f"{feed.url} is listed already, as {known.name}.", markup=False, soft_wrap=True)
    for other in found[1 : _ALSO_SHOWN + 1]:
        err().print(f"  also there: {other.url}  {other.title}", style="dim", markup=False, soft_wrap=True)


def _tell_made(changed: Changed) -> None:
    if changed.made:
        err().print(f"Made {changed.path}, which is your list from now on.", markup=False, soft_wrap=True)


def _forget(loaded: Settings, feeds: tuple[Feed, ...]) -> None:
    """Forget what is remembered of ``feeds``. That cannot undo that they are off the list."""
    from digest.errors import StoreError
    from digest.factory import open_parts

    async def forget() -> None:
        async with open_parts(loaded) as parts:
            await parts.feed_states.forget([f.url for f in feeds])

    try:
        if feeds:
            run(forget())
    except StoreError as error:
        err().print(f"What is remembered of it stays: {error}.", style="yellow", markup=False, soft_wrap=True)


def _show_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems[:_SHOWN]:
        err().print(f"  {problem}", style="red", markup=False, soft_wrap=True)
    if len(problems) > _SHOWN:
        err().print(f"  … and {len(problems) - _SHOWN:,} more.", style="red")


def _bytes_of(file: str) -> bytes:
    from digest.feeds.listing import MAX_BYTES, bytes_of

    return sys.stdin.buffer.read(MAX_BYTES + 1) if file == "-" else bytes_of(Path(file))


def _host(url: str) -> str:
    from urllib.parse import urlsplit

    return (urlsplit(url).hostname or url).removeprefix("www.")
