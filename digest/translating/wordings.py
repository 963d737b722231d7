"""A digest in the language that its channel asked for: what was translated before is taken, the rest is asked for, within a time.

What cannot be had stays as it is written, and the digest says so in a sentence. What Claude wrote is English already.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import structlog

from digest.errors import AssessmentError, StoreError
from digest.translating.ports import Bullets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.assessment.prices import Prices
    from digest.assessment.spending import Spending
    from digest.model import AssessedArticle, Digest
    from digest.translating.ports import Translations, Translator

#: For all of a digest: whoever previews it waits for 25 seconds at most.
WITHIN_S: Final = 18.0
_AT_ONCE: Final = 8

_WHY_NOT: Final = {
    "invalid": "Claude gave no usable translation", "refusal": "Claude declined to translate them", "truncated": "Claude was cut short",
}  # fmt: skip

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Wanted:
    name: str
    bullets: Bullets


@dataclass(slots=True)
class Wordings:
    """Over a translator, whose calls cost ``prices``, and what it translated before."""

    translator: Translator
    kept: Translations
    prices: Prices
    within_s: float = WITHIN_S
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def digest(self, made: Digest, purse: Spending) -> Digest:
        """``made`` with its stories' summaries and key insights in its channel's language. Never raises."""
        language = made.subscription.language
        leads = [c.story.lead for c in made.chosen]
        told, why_not = await self.articles(leads, language, purse)
        if told == leads and not why_not:
            return made
        chosen = tuple(replace(c, story=replace(c.story, lead=lead)) for c, lead in zip(made.chosen, told, strict=True))
        note = f"Some summaries stay in the language they were written in: {why_not}." if why_not else ""
        notes = ("Summaries were translated by Claude.",) if told != leads else ()
        return replace(made, chosen=chosen, notes=(*made.notes, *notes, *((note,) if note else ())))

    async def articles(
        self, told: Sequence[AssessedArticle], language: str, purse: Spending
    ) -> tuple[list[AssessedArticle], str]:
        """``told`` in ``language``, and in a clause why some are not; empty where all are. Never raises."""
        wanted = [_wanted(t, language) for t in told]
        asked = list(dict.fromkeys(w for w in wanted if w is not None))
        if not asked:
            return list(told), ""
        found, why_not = await self._found(asked, language, purse)
        return [_with(t, found.get(w.name) if w else None) for t, w in zip(told, wanted, strict=True)], why_not

    async def _found(self, asked: Sequence[_Wanted], language: str, purse: Spending) -> tuple[dict[str, Bullets], str]:
        try:
            held = await self.kept.get([w.name for w in asked])
        except StoreError:
            return {}, "what is stored cannot be reached"
        found = {w.name: bullets for w, bullets in zip(asked, held, strict=True) if bullets is not None}
        tasks = [asyncio.create_task(self._made(w, language, purse)) for w in asked if w.name not in found]
        if not tasks:
            return found, ""
        done, late = await self._waited(tasks)
        why_not = "Claude did not answer in time" if late else ""
        for task in done:
            wanted, answer = task.result()
            if isinstance(answer, AssessmentError):
                why_not = (
                    str(answer)[:1].lower() + str(answer)[1:]
                    if answer.kind == "budget"
                    else _WHY_NOT.get(answer.kind, "Claude is away")
                )
            else:
                found[wanted.name] = answer
        return found, why_not

    async def _waited(
        self, tasks: list[asyncio.Task[tuple[_Wanted, Bullets | AssessmentError]]]
    ) -> tuple[set[asyncio.Task[tuple[_Wanted, Bullets | AssessmentError]]], bool]:
        """Those that ended within the time, and whether any did not."""
        try:
            done, late = await asyncio.wait(tasks, timeout=self.within_s)
        finally:
            ended = [t for t in tasks if not t.done() and t.cancel()]
            if ended:
                await asyncio.wait(ended)
        return done, bool(late)

    async def _made(self, wanted: _Wanted, language: str, purse: Spending) -> tuple[_Wanted, Bullets | AssessmentError]:
        try:
            async with self._places:
                said = await self.translator.translate(wanted.bullets, language, purse)
        except AssessmentError as error:
            _log.warning("not_translated", kind=error.kind, reason=str(error))
            return wanted, error
        try:
            await self.kept.put(wanted.name, said)
        except StoreError as error:
            _log.warning("translation_not_kept", reason=str(error))
        return wanted, said


def _wanted(told: AssessedArticle, language: str) -> _Wanted | None:
    """What of ``told`` is to be translated; None where there is nothing, or it is in that language already."""
    judged = told.assessment
    bullets = Bullets(judged.summary, judged.key_insights)
    if not language or not (judged.summary or judged.key_insights) or _in(told, language):
        return None
    of = hashlib.sha256("\x1f".join(("\x1e".join(judged.summary), "\x1e".join(judged.key_insights))).encode("utf-8", "replace"))
    return _Wanted(f"{language}:{told.article.id}:{of.hexdigest()[:16]}", bullets)


def _in(told: AssessedArticle, language: str) -> bool:
    """Whether the bullets are in ``language``: what Claude wrote is English, the rest is taken to be in the article's; and that, where the
    article does not say, for English."""
    by = told.assessment.provenance
    judges = {
        j for j, bullets in ((by.summary, told.assessment.summary), (by.key_insights, told.assessment.key_insights)) if bullets
    }
    written = told.article.language.partition("-")[0].lower() or "en"
    spoken = {"en" if judge == "claude" else written for judge in judges}
    return spoken == {language.partition("-")[0].lower()}


def _with(told: AssessedArticle, said: Bullets | None) -> AssessedArticle:
    if said is None:
        return told
    return replace(told, assessment=replace(told.assessment, summary=said.summary, key_insights=said.key_insights))
