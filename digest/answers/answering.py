"""Who answers a question: what was answered before, else Claude within the quotas, else the offline answerer, which says why it did.

No question is lost by a model's failure, and none is answered by what was not checked: where Claude broke off, the sentences that it had
written stand, and passages are quoted beside them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import structlog

from digest.answers.offline import OfflineAnswerer
from digest.answers.ports import CutOff
from digest.errors import AssessmentError, StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from digest.answers.claude import ClaudeAnswerer
    from digest.answers.ports import Answer, AnswerCache, Asker, Follow, Passage, Quotas, Turn
    from digest.assessment.spending import Spending
    from digest.settings import Settings

#: Raise it where instructions, checks or what is kept of an answer change: answers given before are not given again then.
VERSION: Final = 1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Most questions to a model in one UTC day: of a person, in a channel, in all."""

    person: int = 50
    channel: int = 200
    day: int = 500

    def of(self, who: Asker) -> dict[str, int]:
        """By the names that they are counted by."""
        place = f"{who.team}:" if who.team else ""
        return {f"person:{place}{who.person}": self.person, f"channel:{place}{who.channel}": self.channel, "day": self.day}


@dataclass(slots=True)
class Answering:
    """Implements ``ports.Answerer``, and raises nothing but what ``follow`` raises. ``who`` asks is counted where Claude is asked.
    ``purse_of``: what Claude is paid from where that channel asks; None there: from the installation's."""

    offline: OfflineAnswerer
    claude: ClaudeAnswerer | None = None
    cache: AnswerCache | None = None
    quotas: Quotas | None = None
    limits: Limits = field(default_factory=Limits)
    purse_of: Callable[[Asker], Awaitable[Spending | None]] | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def streams(self) -> bool:
        """Whether an answer may take a while and come sentence by sentence."""
        return self.claude is not None

    async def answer(
        self,
        asked: str,
        passages: Sequence[Passage],
        said: Sequence[Turn] = (),
        *,
        follow: Follow | None = None,
        who: Asker | None = None,
    ) -> Answer:
        """See ``ports.Answerer``."""
        if self.claude is None or not passages or not asked.strip():
            return await self.offline.answer(asked, passages, said)
        key = answer_key(self.claude.model, asked, passages, said)
        if (given := await self._given(key)) is not None:
            return replace(given, usage=None)
        if full := await self._over_quota(who):
            return await self._instead(full, asked, passages, said)
        try:
            answer = await self.claude.answer(asked, passages, said, follow=follow, purse=await self._purse(who))
        except CutOff as error:
            log.info("answer_cut_off", kind=error.kind, reason=str(error), sentences=len(error.sofar.sentences))
            return await self._completed(error, asked, passages, said)
        except AssessmentError as error:
            log.info("answered_offline", kind=error.kind, reason=str(error))
            return await self._instead(str(error), asked, passages, said)
        await self._keep(key, answer)
        return answer

    async def _purse(self, who: Asker | None) -> Spending | None:
        """What this answer is paid from, where that is not the installation's alone. Raises AssessmentError where that is not known."""
        try:
            return await self.purse_of(who) if self.purse_of and who else None
        except StoreError as error:
            raise AssessmentError("What the channel may spend could not be looked up", kind="ledger") from error

    async def _instead(self, why: str, asked: str, passages: Sequence[Passage], said: Sequence[Turn]) -> Answer:
        answer = await self.offline.answer(asked, passages, said)
        what = "looked up without it" if answer.abstained else "quoted without it"
        return replace(answer, notes=(*answer.notes, f"{why.rstrip('.')}; {what}."))

    async def _completed(self, error: CutOff, asked: str, passages: Sequence[Passage], said: Sequence[Turn]) -> Answer:
        """What was written so far, with what the offline answerer quotes."""
        quoted = await self.offline.answer(asked, passages, said)
        held = {(c.article_id, c.start, c.end) for c in error.sofar.citations}
        more = [c for c in quoted.citations if (c.article_id, c.start, c.end) not in held]
        cited = (*error.sofar.citations, *more)
        beside = " The passages beside it were found without it." if more else ""
        note = f"{str(error).rstrip('.')}: what it wrote before is above, and may not be all.{beside}"
        return replace(
            error.sofar, citations=cited, articles=len({c.article_id for c in cited}), notes=(*error.sofar.notes, note)
        )

    async def _given(self, key: str) -> Answer | None:
        try:
            return await self.cache.get(key) if self.cache else None
        except StoreError as error:
            log.warning("answers_given_unknown", reason=str(error))
            return None

    async def _keep(self, key: str, answer: Answer) -> None:
        try:
            if self.cache is not None:
                await self.cache.put(key, answer)
        except StoreError as error:
            log.warning("answer_not_kept", reason=str(error))

    async def _over_quota(self, who: Asker | None) -> str:
        """Why Claude is not asked, in words; empty where it may be."""
        if self.quotas is None or who is None:
            return ""
        try:
            full = await self.quotas.take(self.now().astimezone(UTC).date(), self.limits.of(who))
        except StoreError as error:
            log.warning("questions_not_counted", reason=str(error))
            return "How many questions were asked today could not be looked up, so Claude was not asked"
        return _FULL[full.partition(":")[0]] if full else ""


_FULL: Final[Mapping[str, str]] = {
    "person": "You have asked as many questions of Claude today as one person may",
    "channel": "This channel has asked as many questions of Claude today as one may",
    "day": "As many questions as are allowed were asked of Claude today",
}


def answer_key(model: str, asked: str, passages: Sequence[Passage], said: Sequence[Turn]) -> str:
    """The same for the same question, in the same conversation, to the same texts: another revision of an article has another key."""
    told = [
        VERSION, model, " ".join(asked.casefold().split()), [[p.article_id, p.title, p.about, p.text] for p in passages],
        [[t.question, t.answer] for t in said],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def answering(
    settings: Settings,
    claude: ClaudeAnswerer | None,
    cache: AnswerCache | None,
    quotas: Quotas | None,
    purse_of: Callable[[Asker], Awaitable[Spending | None]] | None = None,
) -> Answering:
    """The answering that ``settings`` describe."""
    limits = Limits(settings.answers_per_person, settings.answers_per_channel, settings.answers_per_day)
    return Answering(OfflineAnswerer(), claude, cache, quotas, limits, purse_of)
