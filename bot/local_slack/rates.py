"""Slack's rate limits: a tier of calls a minute for each method and workspace, and one message a second in each channel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.local_slack.clock import Clock

#: docs.slack.dev/apis/web-api/rate-limits: calls a minute; tier 0 is "special", which is not limited here but for posting.
TIERS: Final = {1: 1, 2: 20, 3: 50, 4: 100}
POSTS_A_SECOND: Final = 1.0
#: "Short bursts of more than one a second" are allowed; how many is not said.
POST_BURST: Final = 3.0


class Rates:
    """Buckets that fill with time. Off unless ``limited``."""

    def __init__(self, clock: Clock, *, limited: bool = False) -> None:
        self._clock = clock
        self.limited = limited
        self._buckets: dict[tuple[str, ...], tuple[float, float]] = {}

    def wait_for_call(self, team: str, method: str, tier: int) -> int:
        """Whole seconds to wait before ``method`` may be called, 0 where it may be now, which is then counted."""
        if not self.limited or tier not in TIERS:
            return 0
        return self._take((team, method), TIERS[tier] / 60, float(TIERS[tier]))

    def wait_for_post(self, team: str, channel: str) -> int:
        """The same for a message into ``channel``."""
        return self._take((team, "post", channel), POSTS_A_SECOND, POST_BURST) if self.limited else 0

    def _take(self, key: tuple[str, ...], per_second: float, most: float) -> int:
        now = self._clock.now()
        level, then = self._buckets.get(key, (most, now))
        level = min(most, level + max(0.0, now - then) * per_second)
        if level >= 1.0:
            self._buckets[key] = (level - 1.0, now)
            return 0
        self._buckets[key] = (level, now)
        return max(1, math.ceil((1.0 - level) / per_second))
