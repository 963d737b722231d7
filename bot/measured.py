"""What a process that goes on shows of itself: ``/metrics``, ``/healthz`` and ``/readyz`` at one port, and its traces.

``/healthz`` is answered by the event loop that does the work, so one that hangs does not answer; it is 503 where a task that has to run for
ever has ended. Whoever watches starts the process again. ``/readyz`` is 503, with the reasons, while the store does not answer, while what
else the process needs is not there, and from when it is told to stop: nothing should be sent to it, and starting it again would not help.
Whoever can reach the port can read all three: no secret, channel or person is in them.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import structlog
from aiohttp import web
from prometheus_client import REGISTRY, CollectorRegistry, disable_created_metrics
from prometheus_client.exposition import choose_encoder

from bot.listening import listened
from digest import measures
from digest.context import unless_said
from digest.errors import AinewsError
from digest.tracing import tracing
from digest.watching.gauges import Gauges

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from prometheus_client.core import Metric

    from digest.factory import Parts
    from digest.settings import Settings
    from digest.tasks import Engine

#: A probe waits a second or two.
_STORE_WITHIN_S: Final = 1.0
_END_WITHIN_S: Final = 1.0

_log = structlog.get_logger(__name__)


class Health:
    """How this process is. Whoever runs adds what it needs."""

    def __init__(self) -> None:
        self.stopping = False
        #: What this process does tasks by, or leaves them to; what waits there is told.
        self.engine: Engine | None = None
        self._needs: dict[str, Callable[[], str]] = {}
        self._tasks: dict[str, asyncio.Task[Any]] = {}

    def needs(self, name: str, wrong: Callable[[], str]) -> None:
        """It is ready only where ``wrong`` gives no words."""
        self._needs[name] = wrong

    def goes_on(self, name: str, task: asyncio.Task[Any]) -> None:
        """It is healthy only while ``task`` runs."""
        self._tasks[name] = task

    def stop(self) -> None:
        """It is ready no more."""
        self.stopping = True

    def ended(self) -> dict[str, str]:
        """The tasks that should go on and have ended, and why."""
        return {} if self.stopping else {name: _why(task) for name, task in self._tasks.items() if task.done()}

    def lacking(self) -> dict[str, str]:
        """What it needs and has not, in words."""
        stopping = {"process": "it is stopping"} if self.stopping else {}
        return stopping | {name: said for name, wrong in self._needs.items() if (said := wrong())}


@asynccontextmanager
async def measured(parts: Parts, settings: Settings, service: str = "ainews") -> AsyncIterator[Health]:
    """Send traces as ``service``, and offer the rest at ``AINEWS_METRICS_PORT``, each where that is set, while the context is open. Raises
    ConfigurationError where the port cannot be listened on, or what sends traces is not installed."""
    disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, of which nobody asks
    measures.begin(settings.workspace)
    unless_said(settings.workspace)
    async with tracing(settings, service), _offered(parts, settings) as health:
        yield health


@asynccontextmanager
async def _offered(parts: Parts, settings: Settings) -> AsyncIterator[Health]:
    health = Health()
    if settings.metrics_port is None:
        yield health
        return
    page = _Page(parts, settings, health)
    runner = web.AppRunner(page.application(), access_log=None, shutdown_timeout=_END_WITHIN_S)
    await runner.setup()
    try:
        remedy = "Set AINEWS_METRICS_PORT and AINEWS_METRICS_HOST to one that is free and this machine's."
        host, port = await listened(runner, settings.metrics_host, settings.metrics_port, remedy)
        _log.info("measures_offered", host=host, port=port)
        yield health
    finally:
        health.stop()
        await runner.cleanup()


class _Page:
    def __init__(self, parts: Parts, settings: Settings, health: Health) -> None:
        self._parts = parts
        self._settings = settings
        self._health = health
        self._gauges = Gauges(parts, lambda: datetime.now(UTC), engine=lambda: health.engine)
        self._began = time.monotonic()

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/readyz", self._readyz)
        return application

    async def _metrics(self, request: web.Request) -> web.Response:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Both(await self._gauges.current()))
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    async def _healthz(self, request: web.Request) -> web.Response:
        return self._told(self._health.ended(), "healthy")

    async def _readyz(self, request: web.Request) -> web.Response:
        wrong = self._health.ended() | self._health.lacking()
        if said := await self._store():
            wrong["store"] = said
        return self._told(wrong, "ready")

    async def _store(self) -> str:
        try:
            async with asyncio.timeout(_STORE_WITHIN_S):
                await self._parts.articles.total()
        except TimeoutError:
            return f"it did not answer within {_STORE_WITHIN_S:g} s"
        except AinewsError:
            return "it cannot be reached"
        return ""

    def _told(self, wrong: dict[str, str], word: str) -> web.Response:
        said: dict[str, Any] = {
            "status": word if not wrong else f"not {word}",
            "reasons": wrong,
            "workspace": self._settings.workspace,
            "uptime_s": round(time.monotonic() - self._began, 1),
        }
        return web.json_response(said, status=503 if wrong else 200)


class _Both:
    """What this process counted, and what the store says."""

    def __init__(self, gauges: list[Any]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        yield from REGISTRY.collect()
        yield from self._gauges


def _why(task: asyncio.Task[Any]) -> str:
    if task.cancelled():
        return "it was cancelled"
    error = task.exception()
    return f"it failed ({type(error).__name__})" if error else "it ended"
