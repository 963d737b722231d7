"""How often the offline answerer quotes the answer to a question, and how well it tells that an article does not answer.

    python -m benchmarks.answers FILE.jsonl [--quick] [--held-out [--whole]] [--model NAME]

FILE has lines of ``{"id", "article", "question", "answers": [...], "answerable": true|false}``. ``gold_in_quote``: of the answerable
questions that it answers, the share whose quoted passage (two sentences at most) has one of the labelled answers in it;
``gold_in_quote_all`` counts those it abstains on as missed. ``token_f1``: of the quoted passage against the nearest labelled answer, as
SQuAD counts words (a quote is longer than an answer: this is low by design). ``answered``: share of all questions. Abstaining is
counted as a class of its own. The baseline always quotes the sentence that has most words in common with the question.

``--model claude-sonnet-5-5`` asks Claude instead, by the settings in the environment (``ANTHROPIC_API_KEY``, the daily cap): then the
passages cited are the quote, and what it cost is printed too.

The weights that ship are learned from a file like this one; on that file they flatter. ``--held-out`` learns anew for each fifth of the
articles from the other four (``benchmarks.learn_answers``; needs scikit-learn); with ``--whole`` each question is asked of all paragraphs
of its article, joined, with what was learned from single paragraphs of others.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import string
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table

from digest.answers.claude import claude_answerer
from digest.answers.offline import LEARNED, OfflineAnswerer, Weights, answered
from digest.answers.ports import Answer, Passage
from digest.assessment.sentences import spans
from digest.errors import AssessmentError
from digest.settings import Settings
from digest.stores.memory_spending import MemorySpendingLedger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ARTICLES: Final = frozenset({"a", "an", "the"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question on a text with its answers."""

    id: str
    article: str
    question: str
    answers: tuple[str, ...]
    answerable: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one question."""

    item: Labelled
    answer: Answer
    baseline: str
    seconds: float

    @property
    def quoted(self) -> str:
        """All that is cited."""
        return " ".join(c.quote for c in self.answer.citations)


def read(file: Path) -> list[Labelled]:
    """The labelled questions of a file."""
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip():
            raw = json.loads(line)
            found.append(
                Labelled(
                    str(raw["id"]), raw["article"], raw["question"], tuple(raw.get("answers", ())), bool(raw["answerable"])
                )
            )
    return found


def judged(item: Labelled, weights: Weights = LEARNED) -> Judged:
    """Answer one question."""
    begun = time.perf_counter()
    answer = answered(item.question, [Passage("a", item.article)], weights)
    return Judged(item, answer, baseline(item), time.perf_counter() - begun)


async def by_claude(items: Sequence[Labelled], model: str) -> list[Judged]:
    """Every question answered by Claude, eight at a time; one that fails is answered by nobody."""
    settings = Settings.load(answer_model=model)
    claude = claude_answerer(settings, MemorySpendingLedger())
    places = asyncio.Semaphore(8)

    async def one(item: Labelled) -> Judged:
        async with places:
            begun = time.perf_counter()
            try:
                answer = await claude.answer(item.question, [Passage("a", item.article)])
            except AssessmentError as error:
                answer = Answer("", (), abstained=True, provenance="claude", articles=0, notes=(str(error),))
            return Judged(item, answer, baseline(item), time.perf_counter() - begun)

    try:
        return list(await asyncio.gather(*map(one, items)))
    finally:
        await claude.close()


def baseline(item: Labelled) -> str:
    """The sentence with most words in common."""
    asked = set(normal(item.question))
    texts = [item.article[a:b] for a, b in spans(item.article)]
    return max(texts, key=lambda t: len(asked & set(normal(t))), default="")


def normal(text: str) -> list[str]:
    """Words as SQuAD's evaluation counts them: in lower case, without punctuation and articles."""
    bare = "".join(c for c in text.lower() if c not in string.punctuation)
    return [w for w in bare.split() if w not in _ARTICLES]


def holds(text: str, answers: Iterable[str]) -> bool:
    """Whether one of ``answers`` is in ``text``, from word to word."""
    found = f" {' '.join(normal(text))} "
    lowered = re.sub(r"\s+", " ", text.lower())
    return any(f" {' '.join(normal(a))} " in found or _within(re.sub(r"\s+", " ", a.lower()), lowered) for a in answers)


def _within(words: str, text: str) -> bool:
    return bool(words) and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


def token_f1(text: str, answers: Sequence[str]) -> float:
    """Against the nearest of ``answers``, 0 to 1."""
    return max((_f1(normal(text), normal(a)) for a in answers), default=0.0)


def _f1(found: list[str], gold: list[str]) -> float:
    same = sum((Counter(found) & Counter(gold)).values())
    return 2 * same / (len(found) + len(gold)) if same else 0.0


def figures(found: Sequence[Judged]) -> dict[str, Any]:
    """All figures; shares are 0 to 1."""
    answerable = [j for j in found if j.item.answerable]
    given = [j for j in answerable if not j.answer.abstained]
    hits = sum(holds(j.quoted, j.item.answers) for j in given)
    abstained = [j for j in found if j.answer.abstained]
    right = sum(not j.item.answerable for j in abstained)
    unanswerable = len(found) - len(answerable)
    precision, recall = right / max(1, len(abstained)), right / max(1, unanswerable)
    cited = [(j.item.article, c) for j in found for c in j.answer.citations]
    times = sorted(j.seconds * 1_000 for j in found)
    return {
        "gold_in_quote": round(hits / max(1, len(given)), 4),
        "gold_in_quote_all": round(hits / max(1, len(answerable)), 4),
        "token_f1": round(sum(token_f1(j.quoted, j.item.answers) for j in given) / max(1, len(given)), 4),
        "answered": round(1 - len(abstained) / max(1, len(found)), 4),
        "abstention_precision": round(precision, 4),
        "abstention_recall": round(recall, 4),
        "abstention_f1": round(2 * precision * recall / max(1e-9, precision + recall), 4),
        "citations_exact": round(sum(a[c.start : c.end] == c.quote for a, c in cited) / max(1, len(cited)), 4),
        "median_ms": round(median(times), 3) if times else 0.0,
        "p95_ms": round(quantiles(times, n=20)[18], 3) if len(times) > 1 else 0.0,
        "baseline_gold_in_quote": round(
            sum(holds(j.baseline, j.item.answers) for j in answerable) / max(1, len(answerable)), 4
        ),
        "failed": sum(j.answer.abstained and not j.answer.text for j in found),
        "cost_usd": round(sum(j.answer.usage.dollars for j in found if j.answer.usage), 4),
        "questions": len(found),
        "unanswerable": unanswerable,
    }


def show(found: dict[str, Any], title: str) -> None:
    """For people."""
    table = Table(title=title)
    table.add_column("figure")
    table.add_column("", justify="right")
    for name, value in found.items():
        table.add_row(name.replace("_", " "), str(value))
    Console().print(table)


def main() -> None:
    """Print a table and one line of JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.answers", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--quick", action="store_true", help="one question in ten")
    parser.add_argument("--held-out", action="store_true", help="weights learned from other articles than those asked about")
    parser.add_argument("--whole", action="store_true", help="with --held-out: ask whole articles instead of paragraphs")
    parser.add_argument("--model", help="ask Claude, by this name, instead of the offline answerer")
    given = parser.parse_args()
    items = read(given.file)[:: 10 if given.quick else 1]
    if given.model:
        found = asyncio.run(by_claude(items, given.model))
    elif given.held_out:
        from benchmarks.learn_answers import held_out

        found = held_out(items, whole=given.whole)
    else:
        asyncio.run(OfflineAnswerer().answer("Is it warm?", [Passage("a", "It is warm.")]))
        found = [judged(item) for item in items]
    line = figures(found)
    show(
        line,
        f"Questions answered by {given.model}"
        if given.model
        else "Questions answered offline" + (", weights of other articles" if given.held_out else ""),
    )
    print(json.dumps(line))


if __name__ == "__main__":
    main()
