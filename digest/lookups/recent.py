"""The stories of the last weeks, kept in memory as the store changes: what is newest, best, and talked about.

It follows the store's change log, so that one more article costs one more article: nothing is read or compared twice. Where the store
holds fewer articles than were seen, some expired or were taken out, which is no change: then it is asked which are there.

Comparing and grouping are on a thread. They go on when whoever asked has gone, so that a deadline never leaves half of it behind; all
who ask meanwhile wait for the same.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from digest.errors import StoreError
from digest.model import AssessedArticle
from digest.ports import Held
from digest.stories.events import Events
from digest.stories.group import stories
from digest.stories.telling import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date, datetime

    from digest.model import Article, Story
    from digest.ports import ChangeLog
    from digest.stories.meaning import Meaning

#: What is older is looked up by search alone.
DAYS: Final = 31.0
#: The store is asked for changes at most so often.
_EVERY_S: Final = 1.0
#: Articles read from the store at a time: some 10 ms of the event loop.
_PAGE: Final = 200
#: Articles compared in one go: a tenth of a second of a thread.
_TOGETHER: Final = 50


class DayChanges:
    """How often something was changed of the articles of each day, in one life of the store."""

    def __init__(self) -> None:
        self._day_of: dict[str, date] = {}
        self._times: Counter[date] = Counter()

    def __len__(self) -> int:
        """How many articles there are."""
        return len(self._day_of)

    def take_in(self, article: Article) -> None:
        """It is new, or changed; maybe it is of another day now."""
        day = day_of(article)
        self._times[day] += 1
        before = self._day_of.get(article.id, day)
        if before != day:
            self._times[before] += 1
        self._day_of[article.id] = day

    def keep(self, ids: set[str]) -> None:
        """Articles of other ids are gone."""
        for gone in self._day_of.keys() - ids:
            self._times[self._day_of.pop(gone)] += 1

    def __contains__(self, article_id: object) -> bool:
        return article_id in self._day_of

    def around(self, day: date, days: float) -> int:
        """Changes of articles at most ``days`` before or after ``day``: another number whenever there was one."""
        reach = ceil(days)
        return sum(self._times[day + timedelta(days=n)] for n in range(-reach, reach + 1))


class Recent:
    """``now`` gives the present, aware UTC. ``meaning`` helps to tell stories of headlines, where there is one. Not for several
    threads."""

    def __init__(
        self, log: ChangeLog, now: Callable[[], datetime], *, days: float = DAYS, meaning: Meaning | None = None
    ) -> None:
        self._log = log
        self._now = now
        self._days = timedelta(days=days)
        self._meaning = meaning
        self._under_way: asyncio.Task[tuple[Story, ...]] | None = None
        self._forget()

    def _forget(self) -> None:
        self._asked = float("-inf")
        self._epoch, self._last = "", 0
        #: Of all articles in the store, the old ones too.
        self.days = DayChanges()
        self._held: dict[str, Held] = {}
        self._events = Events()
        self._stories: tuple[Story, ...] | None = None
        self._story_of: dict[str, Story] = {}

    async def stories(self) -> tuple[Story, ...]:
        """All of the last days, the newest first. Their articles have no bodies. Raises StoreError."""
        if self._stories is not None and time.monotonic() - self._asked < _EVERY_S:
            return self._stories
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(self._renewed())
            self._under_way.add_done_callback(seen)
        return await asyncio.shield(self._under_way)

    async def of(self, ids: Iterable[str]) -> dict[str, Story]:
        """The stories that articles are in, by their ids; those that are not at hand are left out: all, before ``stories`` was first
        asked for. Raises StoreError."""
        if self._stories is None and not self._story_of:
            return {}
        await self.stories()
        return {i: self._story_of[i] for i in ids if i in self._story_of}

    @property
    def version(self) -> tuple[str, int, int] | None:
        """Another whenever the store has changed, as far as it was followed; None before it was."""
        return None if self._stories is None else (self._epoch, self._last, len(self.days))

    async def close(self) -> None:
        """Stop what goes on, whoever waits for it."""
        if self._under_way is not None:
            self._under_way.cancel()
            await asyncio.wait([self._under_way])

    async def _renewed(self) -> tuple[Story, ...]:
        try:
            await self._follow()
            found = await asyncio.to_thread(self._grouped) if self._stories is None else self._stories
        except StoreError:  # what was taken in is whole, and the next to ask goes on from there
            raise
        except BaseException:
            self._forget()
            raise
        self._asked, self._stories = time.monotonic(), found
        return found

    async def _follow(self) -> None:
        since = self._now() - self._days
        while True:
            changes = await self._log.changes(self._last, _PAGE)
            if changes.epoch != self._epoch:
                begun = self._last > 0
                self._forget()
                self._epoch = changes.epoch
                if begun:  # these come after a number of another life
                    continue
            await self._take_in(changes.held, since)
            if changes.last == self._last:
                break
            self._last = changes.last
        await self._take_out(await self._gone(since))

    async def _gone(self, since: datetime) -> list[str]:
        """Which of those at hand are too old by now, or no longer in the store."""
        if await self._log.total() != len(self.days):
            self.days.keep(set(await self._log.ids()))
        return [i for i, h in self._held.items() if h.lead.article.dated <= since or i not in self.days]

    async def _take_in(self, held: Sequence[Held], since: datetime) -> None:
        for each in held:
            self.days.take_in(each.lead.article)
        for start in range(0, len(held), _TOGETHER):
            some = held[start : start + _TOGETHER]
            recent = [h for h in some if h.lead.article.dated > since]
            if recent:
                await asyncio.to_thread(self._compare, self._events, recent)
                self._held.update((h.lead.article.id, bare(h)) for h in recent)
                self._stories = None
            older = (h.lead.article.id for h in some if h.lead.article.dated <= since)
            await self._take_out([i for i in older if i in self._held])

    async def _take_out(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), _TOGETHER):
            some = ids[start : start + _TOGETHER]
            await asyncio.to_thread(self._events.remove, *some)
            for each in some:
                del self._held[each]
            self._stories = None

    def _compare(self, events: Events, held: Sequence[Held]) -> None:
        """On a thread: takes in those of which the text or the date is another; an assessment alone changes nothing here."""
        made = [told(h.lead.article, self._meaning) for h in held]
        events.add(*(t for t in made if t.id not in self._held or events.told(t.id) != t))

    def _grouped(self) -> tuple[Story, ...]:
        """On a thread: the stories, the newest first, and on the way by article the one it is in."""
        made = stories(self._held.values(), self._events.clusters().values())
        made.sort(key=lambda s: (-s.lead.article.dated.timestamp(), s.id))
        self._story_of = {a.article.id: s for s in made for a in s.articles}
        return tuple(made)


def day_of(article: Article) -> date:
    """The day that an article is of, in UTC."""
    return article.dated.astimezone(UTC).date()


def bare(held: Held) -> Held:
    """Without what takes most room: ten thousand bodies are 50 MB, and nobody is shown one in a list."""
    return Held(without_body(held.lead), tuple(map(without_body, held.copies)), ())


def without_body(told: AssessedArticle) -> AssessedArticle:
    """The same article and assessment."""
    return AssessedArticle(replace(told.article, body=""), told.assessment)


def seen(task: asyncio.Task[Any]) -> None:
    """What went wrong is told to whoever waits; where nobody waits any more, the next to ask finds out."""
    if not task.cancelled():
        task.exception()
