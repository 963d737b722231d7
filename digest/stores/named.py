"""Which article somebody names: by its id, by the beginning of one, or by its address."""

from __future__ import annotations

import re
from typing import Final

from digest.model import article_id
from digest.stories.urls import canonical_url

ID_CHARS: Final = 12
_ID: Final = re.compile(r"[0-9a-f]{4,12}")


def id_named(text: str) -> str:
    """The id, or the beginning of ids, that ``text`` names, at least 4 hex digits; empty where it names none."""
    text = text.strip()
    if "://" not in text:
        return text.lower() if _ID.fullmatch(text.lower()) else ""
    try:
        return article_id(canonical_url(text))
    except ValueError:
        return ""
