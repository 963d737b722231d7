"""Remembers again, after what was stored is lost or older than the channels, which digests stand in them: editions, and their publications.

A channel's history has of each digest its key, its messages and, in the buttons, the ids of the articles that lead its stories. What
else an edition remembers of a story is made from its articles as they were by then, so articles come back first. What is remembered
already stays. All messages that stand of a digest count as the whole of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from digest.model import Edition, EditionStory, Story
from digest.publishing.doubles import kept
from digest.publishing.publication import Piece, Publication, sealed
from digest.stories.memory import edition_story

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from digest.ports import ArticleStore, Editions, Held
    from digest.publishing.ports import Ledger, Posted
    from digest.publishing.publication import Name, State
    from digest.publishing.timing import Timing

#: A publication is remembered for so long anyway.
_LEDGER_DAYS: Final = 39
_ALL: Final = 400


@dataclass(frozen=True, slots=True)
class Standing:
    """A message of a digest that stands in its channel. ``leads``: ids of the articles whose stories it tells, in order, with the titles
    that its buttons name, where they do."""

    name: Name
    posted: Posted
    text: str
    blocks: tuple[dict[str, Any], ...]
    leads: tuple[tuple[str, str], ...] = ()

    @property
    def at(self) -> datetime:
        """When it was posted, aware UTC."""
        return datetime.fromtimestamp(float(self.posted.ts), UTC)


class Stories(Protocol):
    """What look-ups know of stories."""

    async def story(self, held: Held) -> Story:
        """The story that it is in now; its articles may have no bodies. Raises StoreError."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """One digest that was found. ``new``: no edition was remembered of it. ``unknown``: stories whose articles are not held."""

    edition: Edition
    new: bool
    unknown: int


class Recovering:
    """Of one workspace of Slack. ``permalink`` gives the address of a message, by channel and ``ts``."""

    def __init__(
        self,
        editions: Editions,
        ledger: Ledger,
        articles: ArticleStore,
        stories: Stories,
        clock: Callable[[], datetime],
        timing: Timing,
    ) -> None:
        self._editions = editions
        self._ledger = ledger
        self._articles = articles
        self._stories = stories
        self._clock = clock
        self._timing = timing

    async def recover(self, standing: Sequence[Standing], permalink: Callable[[str, str], Awaitable[str]]) -> list[Recovered]:
        """Remember the digests that these messages are of, the oldest first. Raises StoreError; done again nothing is doubled."""
        done = []
        for name in sorted({s.name for s in standing}, key=lambda n: (n.day, n)):
            of_it = [s for s in standing if s.name == name]
            chosen = kept([s.posted for s in of_it])
            if 0 not in chosen:  # somebody deleted its first message, and with it the digest
                continue
            by_ts = {s.posted.ts: s for s in of_it}
            messages = [by_ts[p.ts] for _, p in sorted(chosen.items())]
            done.append(await self._one(name, messages, permalink))
        return done

    async def _one(self, name: Name, messages: list[Standing], permalink: Callable[[str, str], Awaitable[str]]) -> Recovered:
        root = messages[0]
        issued = {(e.day, e.kind): e for e in await self._editions.issued(name.channel, _ALL)}
        there = issued.get((name.day, name.kind))
        if there is not None and there.ts == root.posted.ts:
            await self._in_ledger(name, messages, there.stories)
            return Recovered(there, new=False, unknown=0)
        stories, unknown = await self._told(messages)
        where = await permalink(name.channel, root.posted.ts)
        edition = Edition(name.channel, name.day, root.at, where, stories, root.posted.ts, name.kind)
        await self._in_ledger(name, messages, stories)
        await self._editions.record(edition)
        return Recovered(edition, new=True, unknown=unknown)

    async def _told(self, messages: list[Standing]) -> tuple[tuple[EditionStory, ...], int]:
        """The stories of a digest in their order, and how many of them no article is held of."""
        by, told_in, titles = messages[0].at, dict[str, str](), dict[str, str]()
        for message in messages:
            for lead, title in message.leads:
                told_in.setdefault(lead, message.posted.ts)
                titles[lead] = titles.get(lead) or title
        stories, unknown = [], 0
        for (lead, ts), held in zip(told_in.items(), await self._articles.get(list(told_in)), strict=True):
            if held is None:
                made, unknown = EditionStory(lead, titles[lead] or lead, (lead,)), unknown + 1
            else:
                made = edition_story(await self._as_it_was(held, by))
            stories.append(replace(made, ts=ts))
        return tuple(stories), unknown

    async def _as_it_was(self, held: Held, by: datetime) -> Story:
        """The story that it leads, of the articles that were collected by then, with their texts."""
        lead = held.lead
        story = await self._stories.story(held)
        others = [a.article.id for a in (*story.articles, *story.earlier) if a.article.id != lead.article.id]
        full = [h.lead for h in await self._articles.get(others) if h is not None and h.lead.article.collected <= by]
        return Story(story.id, lead, tuple(full))

    async def _in_ledger(self, name: Name, messages: list[Standing], stories: tuple[EditionStory, ...]) -> None:
        """So that nobody prepares it again. What waits to be posted stays: it finds itself in the channel."""
        at, now = messages[0].at, self._clock()
        if now - at > timedelta(days=_LEDGER_DAYS):
            return
        pieces = tuple(Piece(m.text, m.blocks, ts=m.posted.ts) for m in messages)
        swept = sum(now >= at + timedelta(seconds=s) for s in self._timing.sweeps_s)
        state: State = "verified" if swept == len(self._timing.sweeps_s) else "sent"
        seal = sealed(pieces)
        await self._ledger.add(Publication(name, at, at, at, pieces, seal, stories, state=state, posted=at, swept=swept))
