"""Made-up articles about AI and marketing, as many as asked for, the same for the same seed.

Words are invented from syllables and inflected, and occur by a Zipf–Mandelbrot law, so that an index of them has the shape of
one of real news: some 40,000 distinct words, a few everywhere, most of them rare, and each document keeping to its own. No
text is taken from anywhere. What is measured on them, and against what, is for the benchmarks.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from digest.model import Article, AssessedArticle, Assessment, article_id, judged_by
from digest.stories.urls import canonical_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: The moment up to which the articles are dated, unless another is given, and the days they spread over.
UNTIL: Final = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DAYS: Final = 60

_STEMS: Final = 12_000
_ENDINGS: Final = ("", "s", "ed", "ing", "er", "ers", "ment", "able", "ation", "al")
_COMMON: Final = tuple(
    "the to and of a in is for that on with as it are by this from their at be or can more will how have not has its they "
    "which your an you what into than we our but these new about who was also while when one up out like all so if other "
    "just been do over most us where through now even no may could many way those between should before being only after "
    "without across because make need still such first use already work them some there says said help would any same it's "
    "get two well both much then each last under against during every were".split()
)
_FIELD: Final = tuple(
    "AI marketing data search ads brands content customers marketers campaign google business model models agents tools "
    "advertising media platform performance budget audience consumers creative strategy creators social product "
    "search-engine video analytics measurement automation optimization attribution conversion shopping retail commerce "
    "email influencer generative assistant chatbot prompt ranking traffic clicks visibility revenue growth spend agency "
    "agencies publishers privacy consent cookies targeting bidding keywords insights personalization loyalty engagement "
    "training inference enterprise copilot workflow launch partnership funding startup regulation copyright".split()
)
_PUBLISHERS: Final = 60
_CATEGORIES: Final = (
    "AI News",
    "Google Ads",
    "Analytics",
    "Content Marketing",
    "Social",
    "Industry Insights",
    "Strategy",
)
_FOLDERS: Final = ("ai-strategy", "search", "analytics", "creative", "social", "industry-insights")
_SCORES: Final = (6, 7, 8, 9)
_SCORE_WEIGHTS: Final = (35, 35, 24, 6)


def articles(count: int, seed: int = 0, *, duplicates: float = 0.0, until: datetime = UNTIL) -> Iterator[AssessedArticle]:
    """``count`` articles, one at a time; the first n of any count are the same.

    ``duplicates``: 0 to 1, the share that are an earlier article filed again: its URL, headline and text under another title
    with another summary. ``until`` (aware UTC) is the latest an article is dated.
    """
    law = _law()
    for number in range(count):
        first = _first_filed(number, seed, duplicates)
        made = _article(first, seed, law, until)
        yield made if first == number else _filed_again(made, number, seed, law)


@lru_cache(maxsize=1)
def vocabulary() -> tuple[str, ...]:
    """Every word that may occur, the most frequent first: some 40,000."""
    rng = random.Random("vocabulary")
    onsets = "b c d f g h l m n p r s t v w br ch cl cr dr fl gr pl pr sh sl sp st str th tr qu".split()
    vowels = "a e i o u ai ea ee io ou oa".split()
    codas = ("", "", "", "n", "r", "l", "s", "t", "m", "ck", "nd", "nt", "st", "rt", "lm")
    stems: dict[str, None] = {}
    while len(stems) < _STEMS:
        syllables = rng.choices((1, 2, 3, 4), (25, 50, 20, 5))[0]
        stem = "".join(rng.choice(onsets) + rng.choice(vowels) + rng.choice(codas) for _ in range(syllables))
        if len(stem) > 3:
            stems[stem] = None
    inflected = dict.fromkeys(s + e for s in stems for e in rng.sample(_ENDINGS, rng.randint(1, 6)))
    rare = sorted(inflected, key=lambda word: len(word) + rng.gauss(0, 4))  # the shorter, the more frequent
    top = [*_COMMON[:40], *(w for pair in zip(_COMMON[40:], _FIELD, strict=False) for w in pair), *_COMMON, *_FIELD]
    return tuple(dict.fromkeys([*top, *rare]))


#: How finely the law is drawn from: a word stands in the urn once for each 1/URN of all occurrences, and at least once.
_URN: Final = 1 << 19


@dataclass(frozen=True, slots=True)
class _Law:
    """Words, and an urn that holds each as often as it occurs by Zipf and Mandelbrot's law (the usual constants of news)."""

    words: tuple[str, ...]
    urn: tuple[str, ...]

    def draw(self, rng: random.Random, count: int) -> list[str]:
        """``count`` words by their frequency."""
        return rng.choices(self.urn, k=count)

    def draw_telling(self, rng: random.Random, count: int) -> list[str]:
        """``count`` words of the kind an article is about: of the field, or rare."""
        return [
            rng.choice(_FIELD) if rng.random() < 0.4 else self.words[_rare_rank(rng, len(self.words))] for _ in range(count)
        ]


@lru_cache(maxsize=1)
def _law() -> _Law:
    words = vocabulary()
    weights = [(rank + 2.7) ** -1.07 for rank in range(len(words))]
    share = _URN / sum(weights)
    return _Law(words, tuple(w for w, weight in zip(words, weights, strict=True) for _ in range(max(1, round(share * weight)))))


def _rare_rank(rng: random.Random, size: int) -> int:
    return int(240 * (size / 240) ** rng.random())


class _Writer:
    """Writes the texts of one article: three words of four by the law, the fourth of what the article is about."""

    def __init__(self, rng: random.Random, law: _Law, about: Sequence[str]) -> None:
        self._rng, self._law, self._about = rng, law, about

    def words(self, count: int) -> list[str]:
        drawn = self._law.draw(self._rng, count)
        told = len(drawn[1::4])
        drawn[1::4] = self._rng.choices(self._about, k=told)
        return drawn

    def title(self, low: int = 6, high: int = 14) -> str:
        """A title of ``low`` to ``high`` words; about half have a colon, which no front matter likes."""
        words = [w[:1].upper() + w[1:] for w in self.words(self._rng.randint(low, high))]
        if self._rng.random() < 0.5:
            words[1] += ":"
        return " ".join(words)

    def sentences(self, count: int) -> list[str]:
        """Sentences of ``count`` words in all."""
        pending = iter(self.words(count))
        found = []
        while words := list(islice(pending, self._rng.randint(9, 26))):
            if len(words) > 14:
                words[6] += ","
            sentence = " ".join(words)
            found.append(sentence[:1].upper() + sentence[1:] + ".")
        return found

    def bullets(self, low: int, high: int) -> tuple[str, ...]:
        """``low`` to ``high`` bullets of 12 to 24 words."""
        return tuple(
            " ".join(self.sentences(self._rng.randint(12, 24))).rstrip(".") for _ in range(self._rng.randint(low, high))
        )

    def body(self) -> str:
        """40 to 800 words, lognormal: most are excerpts, a few are whole articles."""
        length = min(800, max(40, int(self._rng.lognormvariate(4.0, 0.95))))
        found = self.sentences(length)
        return "\n\n".join(" ".join(found[at : at + 4]) for at in range(0, len(found), 4))


def _rng(number: int, seed: int, purpose: str = "") -> random.Random:
    return random.Random(f"{purpose}{seed}/{number}")


def _first_filed(number: int, seed: int, duplicates: float) -> int:
    """The number of the article that ``number`` is: its own, or an earlier one's."""
    while number and duplicates:
        rng = _rng(number, seed, "filed ")
        if rng.random() >= duplicates:
            break
        number = rng.randrange(number)
    return number


def _article(number: int, seed: int, law: _Law, until: datetime) -> AssessedArticle:
    rng = _rng(number, seed)
    about = law.draw_telling(rng, 12)
    writer = _Writer(rng, law, about)
    headline = writer.title()
    place = int(_PUBLISHERS * rng.random() ** 2)
    slug = "-".join(headline.lower().replace(":", "").replace("'", "").split())[:70].rstrip("-")
    url = f"https://www.publisher-{place}.example/{rng.choice(_FOLDERS)}/{slug}-{seed}-{number}/"
    canonical = canonical_url(url)
    published = until - timedelta(seconds=int(rng.random() * DAYS * 86_400) + 86_400)
    article = Article(
        id=article_id(canonical),
        url=url,
        canonical_url=canonical,
        title=writer.title(),
        headline=headline,
        publisher=f"{law.words[1000 + place].title()} {('News', 'Daily', 'Wire', 'Journal')[place % 4]}",
        published=published,
        collected=published + timedelta(minutes=rng.randint(5, 720)),
        body=writer.body(),
        folder=rng.choice(_FOLDERS),
    )
    return AssessedArticle(article, _assessment(rng, writer, about))


def _assessment(rng: random.Random, writer: _Writer, about: Sequence[str]) -> Assessment:
    told = Assessment(
        score=float(rng.choices(_SCORES, _SCORE_WEIGHTS)[0]),
        topic=writer.title(3, 7).replace(":", ""),
        reason=" ".join(writer.sentences(rng.randint(25, 50))),
        summary=writer.bullets(3, 5),
        key_insights=writer.bullets(3, 4),
        tags=tuple(dict.fromkeys(f"{a}-{b}".lower() for a, b in zip(about[:4], about[4:8], strict=True))),
        category=rng.choice(_CATEGORIES),
    )
    return judged_by("source", told)


def _filed_again(made: AssessedArticle, number: int, seed: int, law: _Law) -> AssessedArticle:
    """The same article as somebody else would have summed it up."""
    rng = _rng(number, seed, "again ")
    writer = _Writer(rng, law, made.article.headline.lower().replace(":", "").split())
    told = replace(made.assessment, summary=writer.bullets(3, 5), key_insights=writer.bullets(3, 4))
    return AssessedArticle(replace(made.article, title=writer.title()), told)


def document(assessed: AssessedArticle) -> str:
    """``assessed`` as a knowledge-base document: the processor's part, and the monitor's file below ``## Full Content``.

    Titles stand unquoted and every other text is HTML, as in documents found in the wild.
    """
    article, told = assessed.article, assessed.assessment
    day = f"{article.collected:%Y-%m-%d}"
    file = f"{day}_ai_{article.url.rstrip('/').rpartition('/')[2][:48]}.md"
    return "\n".join(
        (
            "---",
            f"title: {article.title}",
            f"source: {file}",
            f"date_added: {day}",
            f"last_updated: {day}",
            f"tags: [{', '.join(told.tags)}]",
            f"source_type: {article.source_type}",
            "---\n\n## Summary\n",
            *(f"- {bullet}" for bullet in told.summary),
            "\n## Key Insights\n",
            *(f"- {bullet}" for bullet in told.key_insights),
            "\n## Full Content\n",
            _monitored(article, told),
            "\n\n---\n",
            f"*Processed from inbox on {day}*",
            f"*Original file: {file}*\n",
        )
    )


def _monitored(article: Article, told: Assessment) -> str:
    """The monitor's file."""
    published = format_datetime(article.dated)
    score = "" if told.score is None else f"{told.score:g}"
    return "\n".join(
        (
            "---",
            f"source: {article.publisher}",
            f"url: {article.url}",
            f"published: {published}",
            f"relevance_score: {score}",
            f"primary_topic: {told.topic}",
            f"fetched: {article.collected.replace(tzinfo=None).isoformat()}",
            f"category: {told.category}",
            "---\n",
            f"# {article.headline}\n",
            f"**Source**: {article.publisher}",
            f"**URL**: {article.url}",
            f"**Published**: {published}",
            f"**Relevance Score**: {score}/10",
            "\n## Summary\n",
            _content(article),
            "\n## Scoring Analysis\n",
            f"**Primary Topic**: {told.topic}",
            f"**Reason**: {told.reason}",
            "\n---\n",
            "*Article fetched by AI news monitor*",
            "*Full content will be processed by knowledge base system*",
            f"\n**Original URL**: {article.url}",
        )
    )


def _content(article: Article) -> str:
    if int(article.id, 16) % 2:
        return article.body
    return "\n".join(f"<p>{paragraph}</p>" for paragraph in article.body.split("\n\n"))
