"""Publishes a digest to a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from digest.model import Edition
from digest.rendering.terminal import render_terminal
from digest.stories.memory import edition_stories

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from digest.model import Digest


class TerminalPublisher:
    """Prints on ``console``."""

    def __init__(self, console: Console, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._console = console
        self._clock = clock

    async def publish(self, digest: Digest) -> Edition:
        """Print it. Its Edition's ``where`` is empty: a terminal keeps nothing."""
        self._console.print(render_terminal(digest))
        return Edition(digest.subscription.channel, digest.day, self._clock(), "", edition_stories(digest))
