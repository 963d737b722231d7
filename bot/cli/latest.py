"""``ainews latest`` and ``ainews top``: the newest stories, and the best of a period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from bot.cli.app import run, settings

if TYPE_CHECKING:
    from digest.lookups.lookups import Page, Period
    from digest.settings import Settings

_COUNT: Final = 5
_MOST: Final = 100
_EMPTY: Final = "No story of {} is held. What there is comes with: ainews collect, or ainews monitor."
#: Days that hold the newest stories as a rule, with what came before on them: reading a month to show five takes seconds.
_FEW_DAYS: Final = 10.0

_Offset = Annotated[int, typer.Option("--offset", min=0, help="Stories to pass over.")]
_Json = Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(latest)
    app.command()(top)


def latest(
    count: Annotated[int, typer.Argument(metavar="[N]", min=1, max=_MOST, help="Most stories.")] = _COUNT,
    offset: _Offset = 0,
    as_json: _Json = False,
) -> None:
    """List the newest stories."""
    loaded = settings()
    page = run(_latest(loaded, count, offset))
    from bot.cli.stories import show

    show(page, empty=_EMPTY.format("the last month"), zone=loaded.time_zone, as_json=as_json, counted=False)


def top(
    what: Annotated[list[str] | None, typer.Argument(metavar="[N] [today|week|month]", help="Most stories; of when.")] = None,
    offset: _Offset = 0,
    as_json: _Json = False,
) -> None:
    """List the stories that matter most, of the last 24 hours, seven days (where nothing is said) or thirty."""
    count, period = _wanted(what or [])
    loaded = settings()
    page = run(_top(loaded, count, period, offset))
    from bot.cli.stories import show

    show(
        page, empty=_EMPTY.format({"today": "today"}.get(period, f"the last {period}")), zone=loaded.time_zone, as_json=as_json
    )


def _wanted(what: list[str]) -> tuple[int, Period]:
    """How many, and of when, in any order."""
    count, period = _COUNT, "week"
    for word in what:
        if word.isascii() and word.isdigit() and 1 <= int(word[:9]) <= _MOST:
            count = int(word)
        elif word.lower() in ("today", "week", "month"):
            period = word.lower()
        else:
            raise typer.BadParameter(f"'{word}' is neither a number from 1 to {_MOST} nor today, week or month.")
    return count, cast("Period", period)


async def _latest(loaded: Settings, count: int, offset: int) -> Page:
    from digest.factory import open_parts
    from digest.lookups.recent import DAYS

    async with open_parts(loaded) as parts:
        page = await parts.lookups_of(_FEW_DAYS).latest(count, offset)
        if page.total > offset + count:
            return page
        return await parts.lookups_of(DAYS).latest(count, offset)


async def _top(loaded: Settings, count: int, period: Period, offset: int) -> Page:
    from digest.factory import open_parts
    from digest.lookups.lookups import PERIODS
    from digest.lookups.recent import DAYS
    from digest.pipeline import EVENT_DAYS

    days = min(DAYS, PERIODS[period].days + EVENT_DAYS)  # a story of today may have begun a week ago
    async with open_parts(loaded) as parts:
        return await parts.lookups_of(days).top(count, period, offset)
