"""The composition root of what reaches out: what fetches feeds and pages, the monitor, what processes an inbox, and what
adds links.

Beside ``factory``, the only module that imports concrete adapters. Each opens what it needs and closes it.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import structlog

from digest.factory import sources
from digest.garbage import seldom_collected
from digest.monitor_tasks import ASSESS_LEASE_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from digest.adding import LinkAdder
    from digest.factory import Parts
    from digest.feeds.discovery import Proven
    from digest.feeds.ports import FeedReader
    from digest.fetching.fetcher import Fetcher
    from digest.fulltext.full_text import FullText
    from digest.model import Article
    from digest.monitor import Monitor
    from digest.monitor_tasks import MonitorTasks
    from digest.processing import Processor
    from digest.settings import Settings
    from digest.tasks import Tasks

_log = structlog.get_logger(__name__)


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

    settings, topics = parts.settings, lru_cache(maxsize=1)(Topics)

    def category(article: Article) -> str:
        return topics(parts.profile).named(article.headline, article.body)

    inbox = inbox or settings.monitor_inbox
    files = FiledInInbox(inbox) if inbox else FiledAsDocuments(settings.knowledge_base_folder)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(seldom_collected())  # of the time of 500 feeds it took a fortieth
        reader = await stack.enter_async_context(open_feed_reader(settings, processes=processes))
        pages = await stack.enter_async_context(open_full_text(settings)) if settings.full_text else None
        yield Monitor(
            reader,
            parts.feed_states,
            parts.candidates,
            parts.articles,
            Assessors(parts.patient_assessor, parts.assessor, category),
            files,
            rules=Rules(settings.monitor_threshold, settings.monitor_days),
            full_text=pages.completed if pages else None,
            batches=Batching(parts.batches, parts.batch_assessor, parts.offline) if parts.claude else None,
        )


@asynccontextmanager
async def open_monitor_tasks(parts: Parts, tasks: Tasks, *, lease_s: float = ASSESS_LEASE_S) -> AsyncIterator[MonitorTasks]:
    """The same, piece by piece: what ``tasks`` are done with. The feeds are those listed whenever it is looked. ``lease_s``: for so long
    nobody else gets an entry."""
    from datetime import UTC, datetime

    from digest import pipeline
    from digest.feeds.listing import feeds_in_use
    from digest.knowledge_base.index_page import index_written
    from digest.monitor_tasks import MonitorTasks
    from digest.watching.runs import running

    settings, root = parts.settings, parts.settings.knowledge_base_folder

    async def collect() -> None:
        root.mkdir(parents=True, exist_ok=True)
        failure = await asyncio.to_thread(index_written, root)
        run = await pipeline.collect(sources(settings, knowledge_bases=[root]), parts.articles, parts.assessor)
        for each in [*run.failures, *([failure] if failure else [])]:
            _log.warning("not_collected", where=each.where, reason=each.reason)

    async with open_monitor(parts) as monitor:
        yield MonitorTasks(
            tasks,
            monitor,
            parts.feed_states,
            parts.candidates,
            listed=lambda: feeds_in_use(settings),
            collect=collect,
            clock=lambda: datetime.now(UTC),
            lease_s=lease_s,
            watched=partial(running, parts.activity, settings.workspace, "monitor"),
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


@asynccontextmanager
async def open_link_adder(parts: Parts) -> AsyncIterator[LinkAdder]:
    """What adds links that people give to ``parts``, and files them where the monitor does. Its process starts with the first."""
    from digest.adding import LinkAdder
    from digest.assessment.topics import Topics
    from digest.sources.linked import InboxFiles, KnowledgeBaseDocuments, LinkedPages

    settings, topics = parts.settings, Topics(parts.profile)
    root = settings.knowledge_base_folder
    held_as = sources(settings, knowledge_bases=[root])[0].name

    def category(article: Article) -> str:
        return topics.named(article.headline, article.body)

    documents = (
        InboxFiles(settings.monitor_inbox, held_as=held_as, category=category)
        if settings.monitor_inbox
        else KnowledgeBaseDocuments(root, held_as=held_as, category=category, max_bytes=settings.max_document_bytes)
    )
    async with open_full_text(settings) as pages:
        yield LinkAdder(LinkedPages(pages), documents, parts.articles, parts.assessor)
