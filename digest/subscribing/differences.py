"""What differs between two subscriptions of a channel, in words for its people. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from digest.subscribing.quiet import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from digest.model import Subscription

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def differences(old: Subscription | None, new: Subscription | None) -> tuple[str, ...]:
    """``threshold: 6 → 7`` for each thing that changed, in the order in which they are shown; empty where nothing did. None is no
    subscription."""
    if old is None or new is None:
        return () if old is new else ("subscribed",) if old is None else ("unsubscribed",)
    told = [(name, in_words(old), in_words(new)) for name, in_words in _FIELDS]
    return tuple(f"{name}: {before} → {after}" for name, before, after in told if before != after)


def begun(old: Subscription | None, new: Subscription, at: datetime) -> Subscription:
    """``new`` with when its channel subscribed: now, unless it had a subscription."""
    return replace(new, since=at if old is None else old.since)


def described(subscription: Subscription) -> tuple[tuple[str, str], ...]:
    """What a channel asked for: each thing's name and how it stands, in words."""
    return tuple((name, in_words(subscription)) for name, in_words in _FIELDS)


def days(chosen: Sequence[int]) -> str:
    """Days of the week, 0 for Monday: ``every day``, ``Mon–Fri``, ``Mon, Wed, Sat–Sun``, ``never``."""
    left = sorted({d for d in chosen if 0 <= d < len(DAYS)})
    if len(left) == len(DAYS):
        return "every day"
    runs: list[list[int]] = []
    for day in left:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(_run(r) for r in runs) or "never"


def _run(run: Sequence[int]) -> str:
    return DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}–{DAYS[run[-1]]}"


def _words(given: Sequence[str]) -> str:
    return ", ".join(given) or "none"


def _hours(hours: float) -> str:
    return f"{hours / 24:g} days" if hours >= 48 and hours % 24 == 0 else f"{hours:g} hours"


def _weekly(subscription: Subscription) -> str:
    return "none" if subscription.weekly is None else DAYS[subscription.weekly]


def _budget(dollars: float | None) -> str:
    return "none of its own" if dollars is None else f"${dollars:.2f} a day"


#: What is told of a subscription, in the order in which it is shown. The channel is no part of it.
_FIELDS: Final[tuple[tuple[str, Callable[[Subscription], str]], ...]] = (
    ("time", lambda s: f"{s.at:%H:%M}"),
    ("time zone", lambda s: s.time_zone),
    ("days", lambda s: days(s.days)),
    ("weekly edition", _weekly),
    ("weekly time", lambda s: f"{s.weekly_at:%H:%M}"),
    ("quiet days", lambda s: shown(s.quiet) or "none"),
    ("topics", lambda s: _words(s.topics)),
    ("left out", lambda s: _words(s.exclude)),
    ("threshold", lambda s: f"{s.threshold:g}"),
    ("stories", lambda s: str(s.stories)),
    ("of one publisher", lambda s: str(s.per_publisher)),
    ("looks back", lambda s: _hours(s.max_age_h)),
    ("layout", lambda s: s.layout),
    ("language", lambda s: s.language or "as written"),
    ("budget", lambda s: _budget(s.budget_usd)),
)
