"""Pages and what they say, as values; and the seam between who fetches pages and who reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was fetched or saved: from ``url``, in ``charset`` as its server says; both may be empty."""

    html: bytes
    url: str = ""
    charset: str = ""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a page says. ``text`` is clean: paragraphs parted by an empty line, each on one line, no markup; never empty.

    ``url`` is the address the page gives for itself, else where it was found; http(s) or empty. ``published`` is aware UTC.
    Whatever is not known is empty, or None.
    """

    title: str
    url: str
    publisher: str
    published: datetime | None
    text: str
    language: str = ""
    author: str = ""


class ReadsPages(Protocol):
    """Something that finds the article on a page."""

    async def __call__(self, page: Page) -> Extracted:
        """What ``page`` says. Raises SourceError, in words that follow the page's address."""
