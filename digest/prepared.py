"""What a process that reads hands over instead of the values it made: bytes, and what is asked of them on the way to the store.

To send the values themselves from one process to another, and make JSON of them there, takes five times as long.
"""

from __future__ import annotations

from typing import NamedTuple


class Prepared(NamedTuple):
    """An Incoming ready to be stored (``codec.prepared``): its origin, what is asked of it on the way, and itself as JSON.

    ``dated_ms``: when it is news, in milliseconds since 1970. ``missing``: whether a field of its assessment is; ``unscored``: whether
    the score is. ``fingerprint`` and ``sketch`` are those of its text; empty where that is too short for one.
    """

    source: str
    key: str
    revision: str
    stamp: str
    article_id: str
    dated_ms: int
    missing: bool
    unscored: bool
    notes: tuple[str, ...]
    fingerprint: str
    sketch: bytes
    data: bytes
