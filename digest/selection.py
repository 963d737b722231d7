"""What a channel gets, in which order, and why. Pure: stories, a subscription and a moment in, a Digest out.

A story is left out, by the first of these rules that holds: an earlier edition of the channel had it and nothing new was told
since (``stories.memory``); it has no score; its score is under the threshold; it is on an
excluded topic; it is on none of the topics asked for. The rest are ordered by points and taken from the top, as many as asked
for, at most so many of one publisher. A story's points are the sum of

    relevance   the score, 0 to 10
    freshness   1 for a story of this minute, halved every 24 hours: among equals the newer first, and never enough to lift a
                story over one that is a whole point more relevant
    coverage    half a point for each doubling of the independent publishers that tell it, at most 1.5 (eight publishers)
    taste       what the channel's people voted for more and less of, between -1.5 and 1.5 (``stories.taste``)

so relevance decides, and the others order what is about equally relevant. Ties go to the newer story, then by id.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from digest.model import ChosenStory, Digest, LeftOut, Part
from digest.stories.memory import Memory, update
from digest.stories.publishers import independent, publisher_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from digest.model import Article, Edition, Story, Subscription
    from digest.stories.taste import Taste

FRESHNESS_HALF_LIFE_H: Final = 24.0
COVERAGE_PER_DOUBLING: Final = 0.5
MOST_COVERAGE: Final = 1.5
_WORD: Final = re.compile(r"[^\W_]+")


def choose(
    stories: Sequence[Story],
    subscription: Subscription,
    *,
    day: date,
    until: datetime,
    issued: Iterable[Edition] = (),
    taste: Taste | None = None,
) -> Digest:
    """The digest of ``stories`` for ``subscription``, for the local date ``day``, as seen from ``until`` (aware UTC).

    ``issued``: earlier editions of the channel; ``taste``: what it wants more and less of. The result is the same for any order of ``stories``. Every story is either chosen or
    left out with its reason.
    """
    memory = Memory(issued, day)
    left_out: list[LeftOut] = []
    fit: list[ChosenStory] = []
    for story in stories:
        candidate = _considered(story, subscription, memory, until, taste)
        if isinstance(candidate, ChosenStory):
            fit.append(candidate)
        else:
            left_out.append(candidate)
    fit.sort(key=lambda c: (-c.points, -c.story.lead.article.dated.timestamp(), c.story.id))
    chosen, over = _take(fit, subscription)
    ordered = sorted(left_out, key=lambda o: (-(o.story.lead.assessment.score or 0.0), o.story.id))
    articles = sum(len(s.articles) for s in stories)
    return Digest(day, until, subscription, chosen, (*over, *ordered), articles, _notes(chosen))


def _considered(
    story: Story, subscription: Subscription, memory: Memory, until: datetime, taste: Taste | None
) -> ChosenStory | LeftOut:
    """``story`` as it may be chosen, or why it may not."""
    shown, said = memory.shown(story), None
    if shown is not None:
        again = update(story, shown)
        if again is None:
            day = shown.newest.day
            return LeftOut(story, "shown", f"it was in the digest of {day.day} {day:%B}, and nothing new is told since")
        story, said = again
    refusal = _refusal(story, subscription)
    return refusal or ChosenStory(0, story, order_parts(story, until, taste), "", said)


def order_parts(story: Story, until: datetime, taste: Taste | None = None) -> tuple[Part, ...]:
    """The addends of a story's place, as seen from ``until``. An unscored story has no relevance part; one has a taste part
    where the channel voted on anything like it."""
    parts: list[Part] = []
    score = story.lead.assessment.score
    if score is not None:
        parts.append(Part("relevance", score, f"scored {score:g} of 10{_by(story)}"))
    age_h = max(0.0, (until - story.lead.article.dated).total_seconds() / 3600)
    parts.append(Part("freshness", 0.5 ** (age_h / FRESHNESS_HALF_LIFE_H), _age(story.lead.article, age_h)))
    publishers = len(independent(story))
    coverage = min(MOST_COVERAGE, COVERAGE_PER_DOUBLING * math.log2(publishers))
    if coverage:
        parts.append(Part("coverage", coverage, f"told by {publishers} independent publishers"))
    if taste and (wanted := taste.part(story)):
        parts.append(wanted)
    return tuple(parts)


def _take(fit: Iterable[ChosenStory], subscription: Subscription) -> tuple[tuple[ChosenStory, ...], list[LeftOut]]:
    chosen: list[ChosenStory] = []
    over: list[LeftOut] = []
    taken: Counter[str] = Counter()
    for candidate in fit:
        publisher = publisher_key(candidate.story.lead.article.publisher)
        if len(chosen) >= subscription.stories:
            over.append(LeftOut(candidate.story, "full", f"the digest already has its {subscription.stories} stories"))
        elif taken[publisher] >= subscription.per_publisher:
            name = candidate.story.lead.article.publisher
            over.append(LeftOut(candidate.story, "publisher", f"there are already {taken[publisher]} stories of {name}"))
        else:
            taken[publisher] += 1
            chosen.append(replace(candidate, rank=len(chosen) + 1, why=_why(candidate, subscription)))
    return tuple(chosen), over


def _refusal(story: Story, subscription: Subscription) -> LeftOut | None:
    score = story.lead.assessment.score
    if score is None:
        return LeftOut(story, "unscored", "it has no score")
    if score < subscription.threshold:
        return LeftOut(story, "threshold", f"its score of {score:g} is under the threshold of {subscription.threshold:g}")
    if unwanted := on_topic(story, subscription.exclude):
        return LeftOut(story, "excluded", f"it is on the excluded topic '{unwanted}'")
    if subscription.topics and not on_topic(story, subscription.topics):
        return LeftOut(story, "topic", "it is on none of the topics asked for")
    return None


def on_topic(story: Story, topics: Sequence[str]) -> str:
    """The first of ``topics`` whose words occur, next to each other, in topic, tags, category or title; else empty."""
    if not topics:
        return ""
    lead = story.lead
    texts = (lead.assessment.topic, *lead.assessment.tags, lead.assessment.category, lead.article.title, lead.article.headline)
    running = " | ".join(" ".join(_WORD.findall(t.casefold())) for t in texts)
    padded = f" {running} "
    return next((t for t in topics if (words := " ".join(_WORD.findall(t.casefold()))) and f" {words} " in padded), "")


def _why(candidate: ChosenStory, subscription: Subscription) -> str:
    """One sentence from the parts of the order, and the topic that was asked for."""
    said = [p.because for p in candidate.parts]
    if candidate.update:
        said.insert(0, f"an update to the digest of {candidate.update.day.day} {candidate.update.day:%B}")
    if wanted := on_topic(candidate.story, subscription.topics):
        said.append(f"on the topic '{wanted}'")
    sentence = ", ".join(said)
    return sentence[:1].upper() + sentence[1:] + "."


def _by(story: Story) -> str:
    return " (offline)" if story.lead.assessment.provenance.score == "offline" else ""


def _age(article: Article, age_h: float) -> str:
    done = "published" if article.published else "collected"
    if age_h < 1:
        return f"{done} within the hour"
    if age_h < 48:
        return f"{done} {age_h:.0f} hour{'' if round(age_h) == 1 else 's'} ago"
    return f"{done} {age_h / 24:.0f} days ago"


def _notes(chosen: Sequence[ChosenStory]) -> tuple[str, ...]:
    """What readers should know of how the stories were assessed, each once, with how many stories it concerns."""
    counts = Counter(c.story.lead.assessment.note for c in chosen if c.story.lead.assessment.note)
    return tuple(f"{note} ({n} {'story' if n == 1 else 'stories'})" for note, n in counts.items())
