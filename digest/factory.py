"""The composition root: the only module that knows which adapter serves which Protocol, and the only one that imports them.

``open_parts`` gives an entry point everything it may need, each made when first asked for, and closes what was opened.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from digest.stores.keys import Keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
    from pathlib import Path

    from redis.asyncio import Redis

    from digest.assessment.batches import BatchAssessor
    from digest.assessment.claude import ClaudeAssessor
    from digest.assessment.offline import OfflineAssessor
    from digest.assessment.profile import Profile
    from digest.feeds.discovery import Proven
    from digest.feeds.ports import Candidates, FeedReader, FeedStates
    from digest.fetching.fetcher import Fetcher
    from digest.fulltext.full_text import FullText
    from digest.model import Article, Assessment
    from digest.monitor import Monitor
    from digest.ports import Assessor, Batches, Editions, SearchIndex, Source, SpendingLedger
    from digest.processing import Processor
    from digest.publishing.page import PagePublisher
    from digest.reindex import Rebuild
    from digest.rendering.templates import Templates
    from digest.settings import Settings
    from digest.stores.redis_articles import RedisArticles


class Parts:
    """What one installation is made of. Made by ``open_parts``."""

    def __init__(self, settings: Settings, client: Redis, where: str, closing: AsyncExitStack) -> None:
        self._closing = closing
        self.settings = settings
        self.client = client
        #: Which server holds the data, for people: no password in it.
        self.where = where
        self.keys = Keys(settings.workspace)

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
    def editions(self) -> Editions:
        """Which digests were issued."""
        from digest.stores.redis_editions import RedisEditions

        return RedisEditions(self.client, self.keys)

    @cached_property
    def spending(self) -> SpendingLedger:
        """What Claude has cost, and the day's cap."""
        from digest.stores.spending import RedisSpendingLedger

        return RedisSpendingLedger(self.client, self.keys)

    @cached_property
    def profile(self) -> Profile:
        """The rubric in use."""
        return profile(self.settings)

    @cached_property
    def offline(self) -> OfflineAssessor:
        """The assessor that needs nothing."""
        return offline_assessor(self.profile)

    @cached_property
    def claude(self) -> ClaudeAssessor | None:
        """The assessor that asks Claude, where Claude is configured."""
        if not uses_claude(self.settings):
            return None
        from digest.assessment.claude import claude_assessor

        claude = claude_assessor(self.settings, self.profile, self.spending)
        self._closing.push_async_callback(claude.close)
        return claude

    @cached_property
    def assessor(self) -> Assessor:
        """Who fills what is missing: Claude with the offline assessor behind it, or the offline one alone."""
        from digest.assessment.fallback import FallbackAssessor

        return FallbackAssessor(self.claude, self.offline) if self.claude else self.offline

    @cached_property
    def patient_assessor(self) -> Assessor:
        """The same, but where Claude is only away for now that is raised instead of judging offline."""
        from digest.assessment.breaker import PASSING
        from digest.assessment.fallback import FallbackAssessor

        return FallbackAssessor(self.claude, self.offline, PASSING) if self.claude else self.offline

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
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Everything, over the Redis that is configured or over the embedded one. Raises StoreError where neither is to be had."""
    from digest.stores.connection import connect

    async with AsyncExitStack() as stack:
        if settings.redis_url is None:
            from digest.stores.embedded import embedded_server

            url = await stack.enter_async_context(embedded_server(settings.data_dir))
            where = f"embedded Valkey in {settings.data_dir}"
        else:
            from digest.stores.connection import redacted

            url = settings.redis_url.get_secret_value()
            where = redacted(url)
        client = connect(url, timeout_s=settings.redis_timeout_s)
        stack.push_async_callback(client.aclose)
        yield Parts(settings, client, where, stack)


@asynccontextmanager
async def open_fetcher(settings: Settings) -> AsyncIterator[Fetcher]:
    """Connections to what strangers serve, within the limits of the settings."""
    from digest.fetching.fetched import Limits
    from digest.fetching.fetcher import Fetcher

    limits = Limits(timeout_s=settings.fetch_timeout_s, max_bytes=settings.fetch_max_bytes)
    async with Fetcher(limits, allow_hosts=settings.fetch_allow_hosts) as fetcher:
        yield fetcher


@asynccontextmanager
async def open_feed_reader(settings: Settings, *, processes: int = 1) -> AsyncIterator[FeedReader]:
    """What asks many feeds at once. ``processes`` read what was fetched; from some hundred feeds on a second one pays."""
    from digest.sources.feed_entries import FeedProcesses
    from digest.sources.feed_reader import ManyFeeds

    async with open_fetcher(settings) as fetcher, AsyncExitStack() as stack:
        entries = FeedProcesses(processes)
        stack.push_async_callback(entries.close)
        yield ManyFeeds(
            fetcher,
            entries,
            concurrency=settings.feed_concurrency,
            per_host=settings.feed_per_host,
            interval_s=settings.feed_interval_min * 60,
        )


@asynccontextmanager
async def open_feed_finder(settings: Settings) -> AsyncIterator[Callable[[str], Awaitable[tuple[Proven, ...]]]]:
    """What finds the feeds of a site; see ``feeds.discovery.find_feeds``."""
    from functools import partial

    from digest.feeds.discovery import find_feeds
    from digest.sources.feed import ACCEPT
    from digest.sources.feed_looking import LookingProcess

    async with open_fetcher(settings) as fetcher, AsyncExitStack() as stack:
        look = LookingProcess()
        stack.push_async_callback(look.close)
        yield partial(find_feeds, fetch=partial(fetcher.fetch, headers={"Accept": ACCEPT}), look=look)


@asynccontextmanager
async def open_full_text(settings: Settings) -> AsyncIterator[FullText]:
    """What reads articles' pages; its process starts with the first."""
    from digest.fulltext.full_text import FullText
    from digest.fulltext.pages import PageProcesses

    async with open_fetcher(settings) as fetcher, PageProcesses() as pages:
        yield FullText(fetcher, pages)


@asynccontextmanager
async def open_monitor(parts: Parts, *, inbox: Path | None = None, processes: int = 1) -> AsyncIterator[Monitor]:
    """The monitor over ``parts``. ``inbox``: where it leaves inbox files instead of filing documents. ``processes``: as in
    ``open_feed_reader``."""
    from digest.assessment.topics import Topics
    from digest.knowledge_base.filing import FiledAsDocuments, FiledInInbox
    from digest.monitor import Assessors, Monitor, Rules
    from digest.monitor_batches import Batching

    settings, topics = parts.settings, Topics(parts.profile)
    inbox = inbox or settings.monitor_inbox
    files = FiledInInbox(inbox) if inbox else FiledAsDocuments(settings.knowledge_base_folder)
    async with AsyncExitStack() as stack:
        reader = await stack.enter_async_context(open_feed_reader(settings, processes=processes))
        pages = await stack.enter_async_context(open_full_text(settings)) if settings.full_text else None
        yield Monitor(
            reader,
            parts.feed_states,
            parts.candidates,
            parts.articles,
            Assessors(parts.patient_assessor, parts.assessor, lambda article: topics.named(article.headline, article.body)),
            files,
            rules=Rules(settings.monitor_threshold, settings.monitor_days),
            full_text=pages.completed if pages else None,
            batches=Batching(parts.batches, parts.batch_assessor, parts.offline) if parts.claude else None,
        )


@asynccontextmanager
async def open_processor(parts: Parts, inbox: Path) -> AsyncIterator[Processor]:
    """What turns the files of ``inbox`` into documents of the knowledge base, which ``parts`` must hold as it is."""
    from digest.assessment.topics import Topics
    from digest.fulltext.pages import PageProcesses
    from digest.knowledge_base.folder import KnowledgeBaseFolder
    from digest.processing import Processor, Steps
    from digest.sources.inbox import InboxFolder

    settings, topics = parts.settings, Topics(parts.profile)
    root = settings.knowledge_base_folder
    async with AsyncExitStack() as stack:
        saved = await stack.enter_async_context(PageProcesses())
        pages = await stack.enter_async_context(open_full_text(settings)) if settings.full_text else None
        yield Processor(
            InboxFolder(inbox, saved, max_bytes=settings.max_document_bytes),
            KnowledgeBaseFolder(root),
            parts.articles,
            Steps(
                parts.assessor,
                pages.completed if pages else None,
                lambda article: topics.named(article.headline, article.body),
            ),
            held_as=sources(settings, knowledge_bases=[root])[0].name,
        )


def profile(settings: Settings) -> Profile:
    """The rubric in use. Raises ConfigurationError."""
    from digest.assessment.profile import load_profile

    return load_profile(settings.profile)


def offline_assessor(rubric: Profile) -> OfflineAssessor:
    """The assessor that needs nothing. Raises ConfigurationError where the rubric's weights are not usable."""
    from digest.assessment.offline import OfflineAssessor

    return OfflineAssessor(rubric)


def uses_claude(settings: Settings) -> bool:
    """Whether Claude assesses, by the settings."""
    from digest.assessment.clients import claude_configured

    if settings.assessor == "auto":
        return claude_configured(settings)
    return settings.assessor == "claude"


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
) -> list[Source]:
    """A source for each place named, in the order knowledge bases, feeds, JSON lines (``-`` is standard input)."""
    from digest.sources.feed import FeedSource
    from digest.sources.jsonl import JsonLinesSource
    from digest.sources.knowledge_base import KnowledgeBaseSource

    return [
        *(KnowledgeBaseSource(root, max_bytes=settings.max_document_bytes) for root in knowledge_bases),
        *(FeedSource(location, settings) for location in feeds),
        *(JsonLinesSource(place, max_bytes=settings.max_document_bytes) for place in json_lines),
    ]
