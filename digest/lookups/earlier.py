"""What was reckoned before and is asked for again: stories of articles too old to be at hand, what stands around an article, what a search
found. All of it holds until the store changes; of old days, until something within a week of them changes.

Old stories are told a day at a time: to tell one article's, all articles within a week of it have to be compared, and that is the same
work for every article of the day.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from digest.lookups.recent import DayChanges, bare, day_of, seen
from digest.pipeline import EVENT_DAYS
from digest.stories.group import stories
from digest.stories.telling import events

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable, Sequence
    from datetime import date

    from digest.model import Story
    from digest.ports import ArticleStore, Held
    from digest.stories.meaning import Meaning

#: Days of old stories that are kept; without bodies a busy one is some 100 kB.
DAYS_KEPT: Final = 64

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The ``most`` answers asked for last, each made once however many ask at once, and anew where its ``version`` is another."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[K, tuple[Any, asyncio.Task[V]]] = OrderedDict()

    async def get(self, key: K, version: Any, make: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """What ``make`` gives; kept where it raises nothing. It goes on when whoever asked has gone, as others may wait for it."""
        known, task = self._held.get(key, (None, None))
        if task is None or known != version or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = asyncio.create_task(make())
            task.add_done_callback(seen)
            self._held[key] = (version, task)
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        self._held.move_to_end(key)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Stop what is being made."""
        tasks = [t for _, t in self._held.values() if not t.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


class Earlier:
    """Stories of articles of other days, without bodies."""

    def __init__(self, store: ArticleStore, meaning: Meaning | None) -> None:
        self._store = store
        self._meaning = meaning
        self._days: Kept[date, dict[str, Story]] = Kept(DAYS_KEPT)

    async def story(self, held: Held, changes: DayChanges) -> Story | None:
        """The one that it is in, with what ``changes`` say of the days around; None where it came to the store since. Raises
        StoreError."""
        day = day_of(held.lead.article)
        version = (changes, changes.around(day, EVENT_DAYS + 1))
        return (await self._days.get(day, version, lambda: self._of(day))).get(held.lead.article.id)

    async def close(self) -> None:
        """Stop what is being reckoned."""
        await self._days.close()

    async def _of(self, day: date) -> dict[str, Story]:
        begin = datetime.combine(day, time(), UTC)
        week = timedelta(days=EVENT_DAYS)
        near = await self._store.between(begin - week, begin + timedelta(days=1) + week)
        return await asyncio.to_thread(_stories, near, day, self._meaning)


def _stories(near: Sequence[Held], day: date, meaning: Meaning | None) -> dict[str, Story]:
    """On a thread: by each article of ``day`` the story that it is in."""
    made = stories([bare(h) for h in near], events(near, meaning))
    return {a.article.id: s for s in made for a in s.articles if day_of(a.article) == day}
