"""Offers what is counted to Prometheus, at an address of this machine alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import start_http_server

from digest.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable


def offered(port: int, host: str = "127.0.0.1") -> Callable[[], None]:
    """Offer it at ``/metrics`` from now on; what ends that. Raises ConfigurationError where the port cannot be listened on."""
    try:
        server, thread = start_http_server(port, host)
    except OSError as error:
        raise ConfigurationError(
            f"port {port} of {host} cannot be listened on: {error.strerror}", remedy="Set AINEWS_METRICS_PORT to a free one."
        ) from error

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end
