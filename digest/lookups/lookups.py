"""What ``/ainews`` and the command line look up: stories in an order, how many there are in all, and what to try where there are none.

``today`` is the last 24 hours, ``week`` the last seven days, ``month`` the last thirty. What nobody scored comes last among the best.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, Protocol

from digest.around import around, story_of
from digest.errors import NotFound
from digest.lookups.earlier import Earlier, Kept
from digest.lookups.filters import asked
from digest.lookups.found import Matches, matches
from digest.lookups.recent import DAYS, Recent, without_body
from digest.lookups.tallies import SUGGESTED, Tally, nearest, sources, topics
from digest.ports import ArticleStore, ChangeLog
from digest.selection import on_topic, order_parts
from digest.stories.group import stories
from digest.stories.publishers import publisher_key
from digest.stories.telling import events

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence

    from digest.around import Around
    from digest.lookups.filters import Asked
    from digest.model import Part, Story
    from digest.ports import Held, SearchIndex
    from digest.stories.meaning import Meaning
    from digest.stories.taste import Taste

Period = Literal["today", "week", "month"]
PERIODS: Final = {"today": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
#: Ids with one beginning that are looked at: all that a person would tell apart.
_NAMED: Final = 20
#: Answers that are kept until the store changes: people page on, and press what others pressed.
_AROUND_KEPT: Final = 1_000
_SEARCHES_KEPT: Final = 100
#: Of a name that is looked for: no topic is kept longer.
_MOST_CHARS: Final = 200


class Store(ArticleStore, ChangeLog, Protocol):
    """What look-ups need of the store."""

    async def find(self, text: str) -> list[str]:
        """Ids of the articles that ``text`` names: an id, a URL, or the beginning of ids."""


@dataclass(frozen=True, slots=True)
class Page:
    """Stories from ``offset`` on, of ``total`` in all; their articles may come without bodies. ``notes`` are sentences on how it was
    understood; ``try_next``, where there is none, commands and words to try."""

    stories: tuple[Story, ...]
    offset: int
    total: int
    notes: tuple[str, ...] = ()
    try_next: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """Why an article stands where it does: its story, and the parts of the story's order now."""

    story: Story
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Searched:
    stories: tuple[Story, ...]
    notes: tuple[str, ...]
    tries: tuple[str, ...]


class Lookups:
    """``now`` gives the present, aware UTC; ``days`` is how far back it looks but for searches. All raise StoreError; what searches
    raises SearchError too. Whatever looks at all stories does so on a thread."""

    def __init__(
        self,
        store: Store,
        index: SearchIndex,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        days: float = DAYS,
        meaning: Meaning | None = None,
    ) -> None:
        self._store = store
        self._index = index
        self._now = now
        self._meaning = meaning
        self._recent = Recent(store, now, days=days, meaning=meaning)
        self._earlier = Earlier(store, meaning)
        self._around: Kept[str, Around] = Kept(_AROUND_KEPT)
        self._searches: Kept[tuple[str, str, datetime], _Searched] = Kept(_SEARCHES_KEPT)
        self._counted: tuple[Sequence[Story], tuple[Tally, ...], tuple[Tally, ...]] = ((), (), ())

    async def warm(self) -> int:
        """Read what the first answer would have to wait for; how many stories there are."""
        return len(await self._recent.stories())

    async def close(self) -> None:
        """Read no more of the store."""
        for each in (self._recent, self._earlier, self._around, self._searches):
            await each.close()

    async def every(self, about: str = "") -> tuple[Story, ...]:
        """All stories of the last days, the newest first, without bodies; with ``about``, those on that topic."""
        if not about:
            return await self._recent.stories()
        wanted = about[:_MOST_CHARS]
        return tuple(await self._kept(lambda story: bool(on_topic(story, (wanted,)))))

    async def latest(self, count: int = 5, offset: int = 0) -> Page:
        """The newest stories."""
        return _page(await self._recent.stories(), count, offset)

    async def top(self, count: int = 5, period: Period = "week", offset: int = 0) -> Page:
        """The best of a period, by the score of their leading article; the newer first among equals."""
        since = self._now() - PERIODS[period]
        return _page(await asyncio.to_thread(_best, await self._recent.stories(), since), count, offset)

    async def topic(self, name: str, *, count: int = 5, offset: int = 0) -> Page:
        """Stories on a topic: its words occur in topic, tags, category or title."""
        wanted = name[:_MOST_CHARS]
        found = await self._kept(lambda story: bool(on_topic(story, (wanted,))))
        return _page(found, count, offset, () if found else await self._near(name, "topic"))

    async def source(self, name: str, *, count: int = 5, offset: int = 0) -> Page:
        """Stories that a publisher tells: its name is, or begins with, ``name``."""
        wanted = publisher_key(name)
        found = await self._kept(
            lambda story: any(publisher_key(a.article.publisher).startswith(wanted) for a in story.articles)
        )
        found = found if wanted else []
        return _page(found, count, offset, () if found else await self._near(name, "source"))

    async def topics(self) -> tuple[Tally, ...]:
        """Topics and tags, those with most stories first."""
        return (await self._tallies())[0]

    async def sources(self) -> tuple[Tally, ...]:
        """Publishers, those with most stories first."""
        return (await self._tallies())[1]

    async def search(self, text: str, *, count: int = 5, offset: int = 0, time_zone: str = "UTC") -> Page:
        """Stories about the words of ``text``, the most relevant first, narrowed by its filters (``filters``); without words the newest
        that pass them."""
        moment = self._now().replace(second=0, microsecond=0)  # by which "since:7d" is understood
        version = await self._version()

        def search() -> Coroutine[None, None, _Searched]:
            return self._searched(text, time_zone)

        found = await (self._searches.get((text, time_zone, moment), version, search) if version else search())
        return _page(found.stories, count, offset, found.tries, found.notes)

    async def _searched(self, text: str, time_zone: str) -> _Searched:
        wanted = asked(text, now=self._now(), time_zone=time_zone)
        found, more = await self._found(wanted)
        kept = await asyncio.to_thread(lambda: tuple(s for s in found if wanted.takes(s)))
        notes = (*wanted.problems, *(("There may be more: name something rarer.",) if more else ()))
        return _Searched(kept, notes, () if kept else await self._instead(wanted, bool(found)))

    async def _version(self) -> tuple[str, int, int] | None:
        """Of the store, where this is warm; a look-up for who asks one thing and ends keeps nothing."""
        if self._recent.version is not None:
            await self._recent.stories()
        return self._recent.version

    async def find(self, text: str) -> Held:
        """The article that ``text`` names: an id, the beginning of one, or its URL. Raises NotFound, which says what there is."""
        text = text.strip()
        web = "://" not in text and "." in text.partition("/")[0] and "/" in text  # an address as Slack and browsers shorten it
        ids = await self._store.find(f"https://{text}" if web else text)
        held = [h for h in await self._store.get(ids[:_NAMED]) if h is not None]
        if len(held) == 1 and len(ids) <= _NAMED:
            return held[0]
        if held:
            named = ", ".join(f"{h.lead.article.id} ({h.lead.article.title[:60]})" for h in held[:SUGGESTED])
            raise NotFound(f"“{text[:60]}” is the beginning of {len(ids)} ids", remedy=f"Say which: {named}.")
        raise NotFound(
            f"no article is called “{text[:60]}”", remedy="Give an id of at least 4 characters, or the article's address."
        )

    async def why(self, held: Held, taste: Taste | None = None) -> Why:
        """Why it stands where it does; ``taste`` is that of the channel that asks."""
        story = await self.story(held)
        return Why(story, order_parts(story, self._now(), taste))

    async def around(self, held: Held) -> Around:
        """What stands around it. Its articles may have no bodies."""
        version = await self._version()

        async def look() -> Around:
            found = await around(held, self._store, self._index, story=await self.story(held), meaning=self._meaning)
            return replace(found, related=tuple(map(without_body, found.related)))

        return await (self._around.get(held.lead.article.id, version, look) if version else look())

    async def story(self, held: Held) -> Story:
        """The story that it is in. Its articles may have no bodies."""
        article = held.lead.article.id
        at_hand = (await self._recent.of([article])).get(article)
        if at_hand is not None:
            return at_hand
        old = await self._earlier.story(held, self._recent.days) if self._recent.version else None
        return old or await story_of(held, self._store, meaning=self._meaning)

    async def _kept(self, wanted: Callable[[Story], bool]) -> list[Story]:
        recent = await self._recent.stories()
        return await asyncio.to_thread(lambda: [s for s in recent if wanted(s)])

    async def _found(self, wanted: Asked) -> tuple[Sequence[Story], bool]:
        """Stories of what the index finds, the best first, and whether there may be more; without words, all recent ones."""
        if not wanted.words:
            return await self._recent.stories() if wanted.filtered else (), False
        await self._index.follow()
        found = await matches(self._index, self._store, self._recent, wanted)
        return await asyncio.to_thread(_told, found, self._meaning), found.more

    async def _tallies(self) -> tuple[tuple[Tally, ...], tuple[Tally, ...]]:
        recent = await self._recent.stories()
        if self._counted[0] is not recent:
            self._counted = (recent, await asyncio.to_thread(topics, recent), await asyncio.to_thread(sources, recent))
        return self._counted[1:]

    async def _near(self, said: str, command: Literal["topic", "source"]) -> tuple[str, ...]:
        """Commands that somebody who said that may have meant."""
        tallies = (await self._tallies())[command == "source"]
        near = await asyncio.to_thread(nearest, said, tallies)
        return tuple(f"{command} {name}" for name in near) or (f"{command}s",)

    async def _instead(self, wanted: Asked, unfiltered: bool) -> tuple[str, ...]:
        tries = [f"search {wanted.words}"] if wanted.words and wanted.filtered and unfiltered else []
        near = [t for t in await self._near(wanted.words, "topic") if t != "topics"] if wanted.words else []
        return (*tries, *near[: SUGGESTED - len(tries)], "topics", "latest")


def _page(found: Sequence[Story], count: int, offset: int, tries: Iterable[str] = (), notes: Iterable[str] = ()) -> Page:
    return Page(tuple(found[offset : offset + count]), offset, len(found), tuple(notes), tuple(tries))


def _best(recent: Sequence[Story], since: datetime) -> list[Story]:
    """``recent`` is newest first, and sorting leaves equals as they are."""
    return sorted((s for s in recent if s.lead.article.dated > since), key=lambda s: -_score(s))


def _score(story: Story) -> float:
    score = story.lead.assessment.score
    return -1.0 if score is None else score


def _told(found: Matches, meaning: Meaning | None) -> list[Story]:
    """The stories that matching articles are in, the one with the best of them first."""
    made = {s.id: s for s in (*found.at_hand.values(), *stories(found.held, events(found.held, meaning)))}
    least = len(found.rank)
    place = {s.id: min(found.rank.get(a.article.id, least) for a in s.articles) for s in made.values()}
    return sorted(made.values(), key=lambda s: (place[s.id], s.id))
