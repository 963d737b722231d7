"""The assessor that needs no key, no network and no model: it judges by words and quotes the article.

It is what an installation without a key uses, and what takes over where Claude fails or the day's spending is used up. It owns
putting an assessment together; how each part is found is in ``relevance.py``, ``summary.py`` and ``topics.py``. The same
article always gets the same assessment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from digest.assessment.relevance import Judgement, Relevance
from digest.assessment.sentences import has_letters
from digest.assessment.summary import extract
from digest.assessment.topics import Topics
from digest.model import Article, Assessment, judged_by

if TYPE_CHECKING:
    from digest.assessment.profile import Profile

#: A headline of more is no headline. The longest of 175 sample documents has 160.
MAX_HEADLINE_CHARS: Final = 1_000


class OfflineAssessor:
    """Fills what is missing of an assessment by ``profile``. Raises ConfigurationError where its weights are not usable.

    Milliseconds per article and bounded for any text whatever: only its beginning is looked at where it is longer than a very
    long article (``sentences.MAX_CHARS``).
    """

    def __init__(self, profile: Profile) -> None:
        self._relevance = Relevance(profile)
        self._topics = Topics(profile)

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        """``known`` with what it lacks filled and marked ``offline``.

        An article without a single letter stays unscored, as there is nothing to judge. Key insights stay empty where a text is
        so short that its summary has said it all.
        """
        return self.judge(article, known)

    def judge(self, article: Article, known: Assessment) -> Assessment:
        """The same without waiting: nothing in it waits for anything."""
        missing = frozenset(known.missing)
        if not missing:
            return known
        filled = Assessment(**self._fields(article, known, missing))
        return known.filled_from(judged_by("offline", filled))

    def _fields(self, article: Article, known: Assessment, missing: frozenset[str]) -> dict[str, Any]:
        headline = (article.headline or article.title)[:MAX_HEADLINE_CHARS]
        if not (has_letters(headline) or has_letters(article.body)):
            return {"reason": "Offline: there is no text to judge."} if "reason" in missing else {}
        fields: dict[str, Any] = {}
        if missing & {"score", "reason"}:
            spoken_of = " ".join((headline, known.topic, *(t.replace("-", " ") for t in known.tags)))[: 2 * MAX_HEADLINE_CHARS]
            judgement = self._relevance.judge(spoken_of, article.body, given=known.score)
            fields |= {"score": judgement.score, "reason": reason(judgement)}
        if missing & {"topic", "tags"}:
            fields["topic"], fields["tags"] = self._topics.find(headline, article.body)
        if missing & {"summary", "key_insights"}:
            found = extract(headline, article.body)
            fields |= {"summary": found.summary, "key_insights": _unsaid(found.insights, known.summary)}
        return {name: value for name, value in fields.items() if name in missing}


def reason(judgement: Judgement) -> str:
    """The judgement in sentences that say that it rests on words alone."""
    if not judgement.mentions:
        return "Offline, by words alone: it mentions none of the profile's words."
    parts = [f"Offline, by words alone: it mentions {_listed(judgement.mentions)}."]
    if judgement.favour:
        parts.append(f"What speaks for it: {_listed(judgement.favour)}.")
    if judgement.against:
        parts.append(f"What speaks against it: {_listed(judgement.against)}.")
    if judgement.criterion:
        parts.append(f"Closest of the criteria for {judgement.band} relevance: “{judgement.criterion.rstrip('.')}”.")
    return " ".join(parts)


def _listed(words: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _unsaid(insights: tuple[str, ...], summary: tuple[str, ...]) -> tuple[str, ...]:
    """The insights that are not in a summary that came with the article."""
    said = {" ".join(s.split()).rstrip(".") for s in summary}
    return tuple(i for i in insights if i.rstrip(".") not in said)
