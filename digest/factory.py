"""The composition root: the only module that knows which adapter serves which Protocol, and the only one that imports them.

``open_parts`` gives an entry point everything it may need, each made when first asked for, and closes what was opened.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from digest.assessment_parts import AssessmentParts, offline_assessor, profile, uses_claude
from digest.stores.keys import Keys
from digest.team_parts import TeamParts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from digest.answers.ports import Asker
    from digest.answers.questions import Questions
    from digest.assessment.batches import BatchAssessor
    from digest.assessment.spending import Spending
    from digest.feeds.ports import Candidates, FeedStates
    from digest.lookups.lookups import Lookups
    from digest.model import Article, Assessment, Digest, Subscription
    from digest.ports import Batches, SearchIndex, Source
    from digest.publishing.page import PagePublisher
    from digest.reindex import Rebuild
    from digest.rendering.templates import Templates
    from digest.semantics.wordllama import WordLlamaMeaning
    from digest.settings import Settings
    from digest.stores.connection import Server
    from digest.stores.redis_articles import RedisArticles
    from digest.translating.wordings import Wordings
    from digest.workspaces.ports import Installations


#: The present, aware UTC.
present = partial(datetime.now, UTC)


__all__ = [
    "Parts",
    "digest_of",
    "meaning",
    "offline_assessor",
    "open_parts",
    "present",
    "profile",
    "sources",
    "templates",
    "uses_claude",
]


class Parts(AssessmentParts):
    """What one installation is made of, with its own workspace's. Made by ``open_parts``."""

    def __init__(
        self,
        settings: Settings,
        server: Server,
        url: str,
        where: str,
        closing: AsyncExitStack,
        now: Callable[[], datetime] = present,
    ) -> None:
        super().__init__(server, Keys(settings.workspace), settings, closing)
        self._now = now
        #: Which server holds the data, for people: no password in it.
        self.where = where
        #: The same for a program: its URL, password and all.
        self.redis_at = url

    def of_team(self, team_id: str) -> TeamParts:
        """What belongs to another workspace of Slack. Articles are the installation's for all."""
        return TeamParts(self.server, Keys(f"{self.settings.workspace}-{team_id}"))

    @cached_property
    def articles(self) -> RedisArticles:
        """The store: ArticleStore, Backlog and ChangeLog."""
        from digest.stores.redis_articles import RedisArticles

        return RedisArticles(self.client, self.keys, retention_days=self.settings.retention_days)

    @cached_property
    def candidates(self) -> Candidates:
        """What waits to be assessed by the monitor."""
        from digest.stores.redis_candidates import RedisCandidates

        return RedisCandidates(self.client, self.keys, retention_days=self.settings.retention_days)

    @cached_property
    def rebuild(self) -> Rebuild:
        """A store beside the one in use, for ``ainews reindex``."""
        from digest.stores.redis_rebuild import RedisRebuild

        return RedisRebuild(self.client, self.keys, retention_days=self.settings.retention_days)

    @cached_property
    def feed_states(self) -> FeedStates:
        """What is remembered of feeds."""
        from digest.stores.redis_feeds import RedisFeedStates

        return RedisFeedStates(self.client, self.keys)

    @cached_property
    def installations(self) -> Installations:
        """The workspaces that installed the app."""
        from digest.stores.redis_installations import RedisInstallations

        return RedisInstallations(self.client, self.keys)

    @cached_property
    def lookups(self) -> Lookups:
        """What people look up."""
        from digest.lookups.recent import DAYS

        return self.lookups_of(DAYS)

    def lookups_of(self, days: float) -> Lookups:
        """The same over so many days, for who asks one thing and ends."""
        from digest.lookups.lookups import Lookups

        made = Lookups(self.articles, self.search, self._now, days=days, meaning=self.meaning)
        self._closing.push_async_callback(made.close)
        return made

    @cached_property
    def questions(self) -> Questions:
        """What people ask, and what answers: Claude with the offline answerer behind it, or the offline one alone."""
        from digest.answers.answering import answering
        from digest.answers.claude import claude_answerer
        from digest.answers.questions import Questions
        from digest.stores.redis_answers import RedisAnswerCache, RedisQuotas
        from digest.translating.composing import purse_of as channels_purse

        claude = (
            claude_answerer(self.settings, self.spending, self.rates)
            if uses_claude(self.settings, self.settings.answerer)
            else None
        )
        if claude is not None:
            self._closing.push_async_callback(claude.close)

        async def purse_of(who: Asker) -> Spending | None:
            own = self.of_team(who.team) if self.settings.slack_client_id and who.team else self
            subscription = await own.subscriptions.get(who.channel)
            if claude is None or (subscription is None and own is self):
                return None
            return channels_purse(self, own, subscription, claude.spending.prices, "answer")

        kept = RedisAnswerCache(self.client, self.keys), RedisQuotas(self.client, self.keys)
        answers = answering(self.settings, claude, *kept, purse_of)
        return Questions(answers, self.articles, self.search, self.lookups, self.activity)

    @cached_property
    def batches(self) -> Batches:
        """Message batches under way."""
        from digest.stores.redis_batches import RedisBatches

        return RedisBatches(self.client, self.keys)

    @cached_property
    def batch_assessor(self) -> BatchAssessor:
        """Claude at half price, within a day, for what the monitor has waiting. Raises ConfigurationError where Claude is not set
        up."""
        from digest.assessment.batches import batch_assessor

        async def waiting(ids: Sequence[str]) -> list[tuple[Article, Assessment] | None]:
            found = await self.candidates.get(ids)
            return [None if c is None else (c.incoming.article, c.incoming.assessment) for c in found]

        made = batch_assessor(self.settings, self.profile, self.spending, self.batches, waiting)
        self._closing.push_async_callback(made.close)
        return made

    @cached_property
    def meaning(self) -> WordLlamaMeaning | None:
        """What headlines mean, where the extra for it is installed."""
        return meaning(self.settings)

    @cached_property
    def wordings(self) -> Wordings | None:
        """Who says summaries in other languages, where a model is configured."""
        from digest.translating.composing import wordings

        if made := wordings(self):
            self._closing.push_async_callback(made.translator.close)
        return made

    @cached_property
    def templates(self) -> Templates:
        """The templates, the operator's before those shipped."""
        return templates(self.settings)

    @cached_property
    def pages(self) -> PagePublisher:
        """Issues digests as HTML pages under the data folder."""
        from digest.publishing.page import PagePublisher

        return PagePublisher(self.settings.data_dir / "editions" / self.settings.workspace, self.templates)

    @cached_property
    def search(self) -> SearchIndex:
        """The index of this process, which follows the store."""
        from digest.search.index import TantivyIndex

        return TantivyIndex(self.settings.data_dir / "search" / self.settings.workspace, self.articles)


@asynccontextmanager
async def open_parts(settings: Settings, *, now: Callable[[], datetime] = present, raw: bool = False) -> AsyncIterator[Parts]:
    """Everything, over the Redis that is configured or over the embedded one. Raises StoreError where neither is to be had, StateError
    where what it holds is another program's; ``raw``: without looking at that."""
    from digest.stores.connection import open_server, redacted
    from digest.stores.schema import ready

    async with AsyncExitStack() as stack:
        if settings.redis_url is None:
            from digest.stores.embedded import embedded_server

            url = await stack.enter_async_context(embedded_server(settings.data_dir))
            where = f"embedded Valkey in {settings.data_dir}"
        else:
            url = settings.redis_url.get_secret_value()
            where = redacted(url)
        server = open_server(url, timeout_s=settings.redis_timeout_s)
        stack.push_async_callback(server.aclose)
        if not raw:
            await ready(server, Keys(settings.workspace))
        yield Parts(settings, server, url, where, stack, now)


async def digest_of(
    parts: Parts,
    subscription: Subscription,
    *,
    day: date,
    until: datetime,
    team: TeamParts | None = None,
    remember: bool = True,
) -> Digest:
    """The digest for ``subscription``, given what ``parts`` hold, what its channel was shown and what it wants more and less of. See
    ``pipeline.make_digest``. ``team``: the workspace that the channel is in, where it is not the installation's own. Without
    ``remember`` what was shown counts for nothing."""
    from digest.pipeline import make_digest
    from digest.stories.memory import EDITIONS
    from digest.stories.taste import taste
    from digest.translating.composing import in_its_language

    own = team or parts
    issued = await own.editions.issued(subscription.channel, EDITIONS) if remember else []
    wanted = taste(await own.votes.votes(subscription.channel), until)
    made = await make_digest(
        parts.articles, subscription, day=day, until=until, issued=issued, taste=wanted, meaning=parts.meaning
    )
    return await in_its_language(made, parts, own)


def meaning(settings: Settings) -> WordLlamaMeaning | None:
    """What headlines mean, where the extra for it is installed and the settings do not turn it off."""
    from digest.semantics.wordllama import WordLlamaMeaning, installed

    return WordLlamaMeaning() if settings.meaning == "auto" and installed() else None


def templates(settings: Settings) -> Templates:
    """The templates, the operator's before those shipped."""
    from digest.rendering.templates import Templates

    return Templates(settings.templates)


def sources(
    settings: Settings,
    *,
    knowledge_bases: Iterable[Path] = (),
    feeds: Iterable[str] = (),
    json_lines: Iterable[str] = (),
    now: Callable[[], datetime] = present,
) -> list[Source]:
    """A source for each place named, in the order of the parameters (``-`` is standard input). By ``now`` dates are judged."""
    from digest.sources.feed import FeedSource
    from digest.sources.jsonl import JsonLinesSource
    from digest.sources.knowledge_base import KnowledgeBaseSource

    return [
        *(KnowledgeBaseSource(root, max_bytes=settings.max_document_bytes, clock=now) for root in knowledge_bases),
        *(FeedSource(location, settings, clock=now) for location in feeds),
        *(JsonLinesSource(place, max_bytes=settings.max_document_bytes, clock=now) for place in json_lines),
    ]
