"""The rubric as its file says now, and an assessor that judges by it: a change takes no restart.

A file that became wrong is told in the log, and the rubric before stays in use.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import structlog

from digest.assessment.profile import load_profile
from digest.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from digest.assessment.profile import Profile
    from digest.model import Article, Assessment
    from digest.ports import Assessor

#: The file is looked at so often at most.
_EVERY_S: Final = 5.0

_log = structlog.get_logger(__name__)


class FollowedProfile:
    """The rubric in the file ``path``; without one, that which ships. The first reading raises ConfigurationError."""

    def __init__(self, path: Path | None, *, every_s: float = _EVERY_S) -> None:
        self._path = path
        self._every_s = every_s
        self._known = load_profile(path)
        self._stamp = self._stamped()
        self._looked = time.monotonic()

    def now(self) -> Profile:
        """As it is now: the same object as long as nothing changed."""
        if self._path is not None and time.monotonic() - self._looked >= self._every_s:
            self._looked = time.monotonic()
            stamp = self._stamped()
            if stamp != self._stamp:
                self._stamp = stamp
                self._read_again(self._path)
        return self._known

    def _read_again(self, path: Path) -> None:
        try:
            self._known = load_profile(path)
        except ConfigurationError as error:
            _log.error("profile_not_read", path=str(path), reason=str(error), remedy=error.remedy)
        else:
            _log.info("profile_read_again", path=str(path), profile=self._known.name)

    def _stamped(self) -> tuple[int, int]:
        """Of the file and, where it names one, of nothing else: learned weights belong to the rubric that they were learned for."""
        try:
            found = self._path.stat() if self._path else None
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size) if found else (0, 0)


class FollowingAssessor:
    """``ports.Assessor``: that which ``make`` makes for the rubric as it is now."""

    def __init__(self, profile: FollowedProfile, make: Callable[[Profile], Assessor]) -> None:
        self._profile = profile
        self._make = make
        self._made_for = profile.now()
        self._made = make(self._made_for)

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        """See ``ports.Assessor``."""
        profile = self._profile.now()
        if profile is not self._made_for:
            self._made_for = profile
            try:
                self._made = self._make(profile)
            except ConfigurationError as error:  # its weights cannot be used
                _log.error("profile_not_usable", profile=profile.name, reason=str(error), remedy=error.remedy)
        return await self._made.assess(article, known)
