"""The seams towards the workspaces that a bot serves: each Protocol's docstring is its contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Deliveries(Protocol):
    """What others delivered to us, each by a name of theirs: so that what is delivered twice has one effect."""

    async def first(self, name: str, ttl_s: int) -> bool:
        """Whether ``name`` was not delivered in the last ``ttl_s`` seconds. Of any number of callers one is told True."""

    async def forget(self, name: str) -> None:
        """It was not delivered after all: the next is the first."""

    async def begin(self, name: str, body: bytes) -> bool:
        """The same for a day, and ``body`` is kept until it is finished."""

    async def body(self, name: str) -> bytes | None:
        """What was delivered; None where it is finished, or never came."""

    async def hold(self, name: str, who: str, ttl_s: float) -> bool:
        """Whether ``who`` is at it alone for ``ttl_s`` seconds from now; False where another is."""

    async def let_go(self, name: str, who: str) -> None:
        """``who`` is at it no more; nothing happens where it was not."""

    async def finish(self, name: str) -> None:
        """It had its effect."""

    async def keep(self, names: Sequence[str]) -> None:
        """Whoever began these is still at them. Nothing happens to those that are finished."""

    async def take_over(self, older_than_s: float) -> list[tuple[str, bytes]]:
        """Those begun, or kept last, longer ago and not finished, the oldest first: a crash came between. Of any number of callers one is
        given each, and is at it from then on. Those that were first taken over an hour ago are given up."""


class Installations(Protocol):
    """Where the app is installed, by the workspace's id; and installing that has begun. What is kept is sealed by whoever puts it."""

    async def put(self, team: str, sealed: bytes) -> None:
        """In place of what was kept of that workspace."""

    async def get(self, team: str) -> bytes | None:
        """What was put; None where it is not installed."""

    async def remove(self, team: str) -> None:
        """It is installed no more; nothing happens where it was not."""

    async def teams(self) -> list[str]:
        """All of them, sorted."""

    async def begin(self, state: str, ttl_s: int) -> None:
        """Somebody begins to install, under a name that cannot be guessed."""

    async def end(self, state: str) -> bool:
        """Whether that was begun in its ``ttl_s`` seconds. Of any number of callers one is told True."""
