"""Takes HTTP connections at an address, or says in words why it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from digest.errors import ConfigurationError

if TYPE_CHECKING:
    from aiohttp.web_runner import BaseRunner


async def listened(runner: BaseRunner, host: str, port: int, remedy: str) -> tuple[str, int]:
    """Where ``runner``, which is set up, listens from now on. Raises ConfigurationError with ``remedy`` where it cannot."""
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError as error:
        raise ConfigurationError(f"port {port} of {host} cannot be listened on: {error.strerror}", remedy=remedy) from error
    where, taken = runner.addresses[0][:2]
    return str(where), int(taken)
