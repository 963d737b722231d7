"""When a feed is asked next, and what is remembered of it: pure policy, over ``feeds.ports.FeedState``.

A feed that answers is asked again after its interval, later where its server says that the answer stays fresh. One that fails is
asked less and less often, down to once a day; what its server asks for by ``Retry-After`` counts if it is longer. Where a
feed moved for good it is asked there, once that has proved to be a feed; when the new place fails, the listed one is tried again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from digest.feeds.feed import Feed
    from digest.feeds.ports import FeedState

#: Servers that say "fresh for a year" mean their pictures: a feed is asked four times a day whatever they say.
LONGEST_FRESH_S: Final = 6 * 3600.0
#: Failures double the wait up to this.
LONGEST_WAIT_S: Final = 24 * 3600.0
#: A server may ask for more patience than we would have, but not for ever.
LONGEST_RETRY_AFTER_S: Final = 7 * 24 * 3600.0
#: Failures in a row at the place where a feed moved, after which the listed one is tried again.
_FAILURES_AFTER_MOVE: Final = 2
_DOUBLINGS: Final = 10


def is_due(state: FeedState, now: datetime) -> bool:
    """Whether the feed may be asked at ``now``. One that was never asked may."""
    return state.next_try is None or state.next_try <= now


def answered(
    feed: Feed,
    state: FeedState,
    now: datetime,
    *,
    interval_s: float,
    fresh_s: float = 0.0,
    moved_to: str = "",
    etag: str = "",
    last_modified: str = "",
    seen: str = "",
    entries: int | None = None,
) -> FeedState:
    """The state after a useful answer. ``entries`` is None where nothing had changed, and the validators and ``seen`` may be empty:
    those remembered stay. ``interval_s`` is the monitor's, used where the feed has none of its own."""
    wait_s = max(feed.interval_s or interval_s, min(fresh_s, LONGEST_FRESH_S))
    unchanged = entries is None
    return replace(
        state,
        moved_to=_moved(feed, state, moved_to),
        etag=etag or (state.etag if unchanged else ""),
        last_modified=last_modified or (state.last_modified if unchanged else ""),
        seen=seen or (state.seen if unchanged else ""),
        checked=now,
        succeeded=now,
        entries=state.entries if entries is None else entries,
        failures=0,
        error="",
        next_try=now + timedelta(seconds=wait_s),
    )


def failed(
    feed: Feed,
    state: FeedState,
    now: datetime,
    *,
    interval_s: float,
    error: str,
    status: int | None = None,
    retry_after_s: float | None = None,
) -> FeedState:
    """The state after a failure, which is told in words. What was read before is still known, so the validators stay."""
    failures = state.failures + 1
    wait_s = min((feed.interval_s or interval_s) * 2 ** min(failures, _DOUBLINGS), LONGEST_WAIT_S)
    if status == HTTPStatus.GONE:
        wait_s, error = LONGEST_RETRY_AFTER_S, f"{error}: it is gone for good, so remove it from the list"
    wait_s = max(wait_s, feed.interval_s or 0.0, min(retry_after_s or 0.0, LONGEST_RETRY_AFTER_S))
    return replace(
        state,
        moved_to="" if failures >= _FAILURES_AFTER_MOVE else state.moved_to,
        checked=now,
        failures=failures,
        error=error,
        next_try=now + timedelta(seconds=wait_s),
    )


def only_checked(before: FeedState, after: FeedState) -> FeedState:
    """``after`` as it is remembered where what the feed holds was shown and not kept: its entries are asked for again, as soon as they
    would have been."""
    waits = after.failures > 0 or (before.failures > 0 and before.next_try is not None)
    return replace(
        after,
        etag=before.etag,
        last_modified=before.last_modified,
        seen=before.seen,
        next_try=after.next_try if waits else before.next_try,
    )


def _moved(feed: Feed, state: FeedState, moved_to: str) -> str:
    """Where to ask from now on: a further move counts, one back to the listed address ends it."""
    place = moved_to or state.moved_to
    return "" if place == feed.url else place
