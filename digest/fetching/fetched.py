"""The values of a fetch: its limits, and what came of it. The network, and the heavy import for it, are elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9_.:+-]{1,40})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may take. ``max_bytes`` counts after decompression as well as before."""

    timeout_s: float = 20.0
    max_bytes: int = 10_000_000
    max_redirects: int = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. ``url`` is what was asked for, ``final_url`` where it was found.

    ``status`` is 2xx, or 304 where the request was conditional. ``headers`` have names in lower case.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters; empty where none was given."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The charset as the server named it; empty where it did not."""
        found = _CHARSET.search(self.headers.get("content-type", ""))
        return found[1] if found else ""


class Fetches(Protocol):
    """Something that fetches; see ``fetcher.Fetcher``."""

    async def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """What ``url`` serves. Raises FetchError, and nothing else."""


def retry_after_s(value: str, now: datetime) -> float | None:
    """A ``Retry-After`` header as seconds from ``now``, 0 or more; None where it says nothing (RFC 9110, 10.2.3)."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) <= 9:
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0.0, ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds())
