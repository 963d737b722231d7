"""The time zones that people choose from: IANA's, those of places, by region."""

from __future__ import annotations

from functools import cache
from typing import Final
from zoneinfo import available_timezones

from bot.slack.drawing.elements import Json, option

_REGIONS: Final = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
#: Slack's most in a select.
_MOST: Final = 100


@cache
def known() -> frozenset[str]:
    """Every name that stands for a zone, old ones too."""
    return frozenset(available_timezones())


@cache
def zones() -> tuple[str, ...]:
    """UTC, then every zone named for a place, by name."""
    named = sorted(z for z in known() if z.partition("/")[0] in _REGIONS and "/" in z)
    return ("UTC", *named)


def zones_like(typed: str) -> list[Json]:
    """Options for what somebody typed so far: zones whose place begins with it, then those that have it anywhere."""
    wanted = "_".join(typed.split()).casefold()
    begin = [z for z in zones() if z.rpartition("/")[2].casefold().startswith(wanted)]
    contain = [z for z in zones() if wanted in z.casefold() and z not in begin]
    return [zone_option(z) for z in (*begin, *contain)[:_MOST]]


def zone_option(zone: str) -> Json:
    """A zone as an option."""
    return option(zone.replace("_", " "), zone)


def zone_named(said: str) -> str | None:
    """The zone that ``said`` names: whole, or by its place alone ("berlin", "New York"); None where none or several do."""
    wanted = "_".join(said.strip().split()).casefold()
    whole = [z for z in (*zones(), *known()) if z.casefold() == wanted]
    if whole:
        return whole[0]
    by_place = [z for z in zones() if z.rpartition("/")[2].casefold() == wanted]
    return by_place[0] if len(by_place) == 1 else None
