"""What a site's robots.txt allows us, by RFC 9309: asked for once an hour, within bounds, and kept to.

4xx: there is none, and everything is allowed. No answer, or 5xx: nothing is for now, and it is asked for again ten minutes later; 429
counts as that too. The rules are read by protego; which of them concern us is decided here, and no others reach it: a file of
500 KB can name 20,000 programs with 20,000 rules each, which it would all write down.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from digest.errors import FetchError
from digest.stories.urls import split_http

if TYPE_CHECKING:
    from collections.abc import Callable

    from protego import Protego

    from digest.fetching.fetched import Fetches

#: The product token by which robots.txt names us.
PRODUCT: Final = "ainews"
KEPT_S: Final = 3600.0
KEPT_AWAY_S: Final = 600.0
#: Read of one file; RFC 9309, 2.5 asks for as much.
MAX_BYTES: Final = 512_000
_MOST_SITES: Final = 2_000
_OTHERS: Final = "others"
_AGENT: Final = re.compile(r"\s*user[- ]?agent\s*(?::|\s)\s*([^#]*)", re.IGNORECASE)
_TOO_MANY: Final = 429


@dataclass(frozen=True, slots=True)
class Rules:
    """What one site allows. ``away``: why its robots.txt could not be had, in words; then nothing is allowed, and ``remedy`` says what
    to do."""

    parsed: Protego | None = None
    away: str = ""
    remedy: str = ""

    def refusal(self, url: str) -> str:
        """Why ``url`` is not to be fetched, in words; empty where it may be."""
        if self.away:
            return f"its robots.txt cannot be had now: {self.away}"
        if self.parsed is None or self.parsed.can_fetch(url, PRODUCT):
            return ""
        return "robots.txt does not allow it"

    @property
    def delay_s(self) -> float:
        """Seconds to wait between two pages, 0 or more, as the site asks (``Crawl-delay``)."""
        return (self.parsed.crawl_delay(PRODUCT) or 0.0) if self.parsed else 0.0


class Robots:
    """The rules of sites, by ``fetcher``, each kept for an hour. ``clock`` gives seconds that only grow."""

    def __init__(self, fetcher: Fetches, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._kept: dict[str, tuple[float, Rules]] = {}

    async def rules(self, url: str) -> Rules:
        """The rules of the site of ``url``, which must be http(s). Raises ValueError where that is no address."""
        site = site_of(url)
        until, rules = self._kept.get(site, (0.0, Rules()))
        if self._clock() < until:
            return rules
        rules = await self._asked(site)
        self._kept.pop(site, None)
        while len(self._kept) >= _MOST_SITES:
            del self._kept[next(iter(self._kept))]
        self._kept[site] = self._clock() + (KEPT_AWAY_S if rules.away else KEPT_S), rules
        return rules

    async def refusal(self, url: str) -> str:
        """Why ``url`` is not to be fetched, in words; empty where it may be. Raises ValueError as ``rules`` does."""
        return await asyncio.to_thread((await self.rules(url)).refusal, url)

    async def _asked(self, site: str) -> Rules:
        try:
            answer = await self._fetcher.fetch(f"{site}/robots.txt")
        except FetchError as error:
            if error.status is not None and 400 <= error.status < 500 and error.status != _TOO_MANY:
                return Rules()
            return Rules(away=str(error), remedy=error.remedy or "Check the address, or try again in ten minutes.")
        return await asyncio.to_thread(parsed, answer.body)


def site_of(url: str) -> str:
    """Scheme, host and port of ``url``: what one robots.txt is for. Raises ValueError where that is no http(s) address."""
    parts = split_http(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")


def parsed(body: bytes) -> Rules:
    """The rules in ``body``, the bytes of a robots.txt, that concern us. Whatever it is, there are rules, if only none."""
    from protego import Protego

    text = body[:MAX_BYTES].decode("utf-8-sig", "replace")
    lines = text.splitlines()
    if len(body) > MAX_BYTES and lines:
        del lines[-1]  # half a line could allow more than the whole
    return Rules(Protego.parse("\n".join(map(_ours, lines))))


def _ours(line: str) -> str:
    """``line``, but every program that is named in it and is not us, or everybody, is the same one."""
    agent = _AGENT.match(line)
    if agent is None:
        return line
    name = agent[1].strip().lower().partition("/")[0].strip()
    return f"User-agent: {name if name in ('*', PRODUCT) else _OTHERS}"
