"""Publishes a digest as an HTML page in a folder: the publisher that needs nothing but a disk."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from digest.errors import PublishError
from digest.model import Edition
from digest.rendering.pages import render_html
from digest.stories.memory import edition_stories

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from digest.model import Digest
    from digest.rendering.templates import Templates


class PagePublisher:
    """Writes ``folder/CHANNEL/DAY.html``, in place of an earlier page of that day."""

    def __init__(
        self, folder: Path, templates: Templates, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._folder = folder
        self._templates = templates
        self._clock = clock

    async def publish(self, digest: Digest) -> Edition:
        """Write the page. Its Edition's ``where`` is the page's absolute path. Raises PublishError, RenderError."""
        channel = digest.subscription.channel
        page = self._folder / re.sub(r"[^\w-]+", "_", channel) / f"{digest.day.isoformat()}.html"
        text = render_html(digest, self._templates)
        try:
            await asyncio.to_thread(write_whole, page, text)
        except OSError as error:
            raise PublishError(
                f"The page {page} could not be written: {error.strerror}.",
                remedy="Set AINEWS_DATA_DIR to a folder that can be.",
            ) from error
        return Edition(channel, digest.day, self._clock(), str(page.absolute()), edition_stories(digest))


def write_whole(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` so that at every moment the file there is whole: the old one or the new. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(partial, 0o644)
        os.replace(partial, path)
    except BaseException:
        os.unlink(partial)
        raise
