"""The part of the composition root that judges articles: the rubric in use, Claude, the offline assessor, and what Claude has cost."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from digest.team_parts import TeamParts

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AsyncExitStack

    from digest.assessment.claude import ClaudeAssessor
    from digest.assessment.fallback import FallbackAssessor
    from digest.assessment.following import FollowedProfile
    from digest.assessment.offline import OfflineAssessor
    from digest.assessment.profile import Profile
    from digest.ports import Assessor, SpendingLedger
    from digest.settings import Settings
    from digest.stores.connection import Server
    from digest.stores.keys import Keys


class AssessmentParts(TeamParts):
    """Of one installation. What is opened is closed with ``closing``."""

    def __init__(self, server: Server, keys: Keys, settings: Settings, closing: AsyncExitStack) -> None:
        super().__init__(server, keys)
        self.settings = settings
        self._closing = closing

    @cached_property
    def spending(self) -> SpendingLedger:
        """What Claude has cost, and the day's cap."""
        from digest.stores.spending import RedisSpendingLedger

        return RedisSpendingLedger(self.client, self.keys)

    @cached_property
    def profiles(self) -> FollowedProfile:
        """The rubric, as its file says now. Raises ConfigurationError."""
        from digest.assessment.following import FollowedProfile

        return FollowedProfile(self.settings.profile)

    @property
    def profile(self) -> Profile:
        """The rubric in use."""
        return self.profiles.now()

    @cached_property
    def offline(self) -> OfflineAssessor:
        """The assessor that needs nothing, by the rubric as it was first."""
        return offline_assessor(self.profile)

    @cached_property
    def claude(self) -> ClaudeAssessor | None:
        """The assessor that asks Claude, by the rubric as it was first, where Claude is configured."""
        return self._claude_for(self.profile)

    @cached_property
    def assessor(self) -> Assessor:
        """Who fills what is missing, by the rubric as it is: Claude with the offline assessor behind it, or the offline one alone."""
        return self._following(self._both)

    @cached_property
    def patient_assessor(self) -> Assessor:
        """The same, but where Claude is only away for now that is raised instead of judging offline."""
        from digest.assessment.breaker import PASSING

        return self._following(lambda profile: self._both(profile, PASSING))

    def _following(self, make: Callable[[Profile], Assessor]) -> Assessor:
        from digest.assessment.following import FollowingAssessor

        return FollowingAssessor(self.profiles, make) if self.settings.profile else make(self.profile)

    def _both(self, profile: Profile, raised: frozenset[str] = frozenset()) -> FallbackAssessor | OfflineAssessor:
        from digest.assessment.fallback import FallbackAssessor

        first = profile is self._first
        claude = self.claude if first else self._claude_for(profile)
        offline = self.offline if first else offline_assessor(profile)
        return FallbackAssessor(claude, offline, raised) if claude else offline

    @cached_property
    def _first(self) -> Profile:
        return self.profile

    def _claude_for(self, profile: Profile) -> ClaudeAssessor | None:
        if not uses_claude(self.settings):
            return None
        from digest.assessment.claude import claude_assessor

        claude = claude_assessor(self.settings, profile, self.spending, self.rates)
        self._closing.push_async_callback(claude.close)
        return claude


def profile(settings: Settings) -> Profile:
    """The rubric in use. Raises ConfigurationError."""
    from digest.assessment.profile import load_profile

    return load_profile(settings.profile)


def offline_assessor(rubric: Profile) -> OfflineAssessor:
    """The assessor that needs nothing. Raises ConfigurationError where the rubric's weights are not usable."""
    from digest.assessment.offline import OfflineAssessor

    return OfflineAssessor(rubric)


def uses_claude(settings: Settings, who: str = "") -> bool:
    """Whether Claude assesses, by the settings; ``who``: another setting of that kind (``auto``, ``claude``, ``offline``)."""
    from digest.assessment.clients import claude_configured

    chosen = who or settings.assessor
    return claude_configured(settings) if chosen == "auto" else chosen == "claude"
