"""What the benchmark of answers prints, and how it divides what it learns from."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.answers import Labelled, figures, holds, judged, normal, token_f1
from benchmarks.learn_answers import by_article, whole_articles
from tests.answers.claude_stream import said, serve_stream

ROOT = Path(__file__).parents[2]
TEXT = "Fennwick takes 1.5 percent of what is spent. It opened in Rotterdam. The weather was fine that day."
ITEMS = [
    Labelled("q1", TEXT, "How much does Fennwick take?", ("1.5 percent",), answerable=True),
    Labelled("q1-elsewhere", "Another paragraph tells of ships.", "How much does Fennwick take?", (), answerable=False),
    Labelled("q2", "Shelf labels cost 12 euros.", "What do shelf labels cost?", ("12 euros",), answerable=True),
]
KEYS = (
    "gold_in_quote", "token_f1", "answered", "abstention_precision", "abstention_recall", "abstention_f1", "citations_exact", "median_ms",
    "p95_ms", "baseline_gold_in_quote",
)  # fmt: skip


def lines(folder: Path) -> Path:
    file = folder / "questions.jsonl"
    told = [
        {"id": i.id, "article": i.article, "question": i.question, "answers": i.answers, "answerable": i.answerable}
        for i in ITEMS
    ]
    file.write_text("".join(json.dumps(t) + "\n" for t in told), encoding="utf-8")
    return file


def test_figures_count_what_they_say() -> None:
    found = figures([judged(i) for i in ITEMS])
    assert (found["gold_in_quote"], found["answered"]) == (1.0, round(2 / 3, 4))
    assert (found["abstention_precision"], found["abstention_recall"], found["abstention_f1"]) == (1.0, 1.0, 1.0)
    assert found["citations_exact"] == 1.0
    assert set(KEYS) <= set(found)


def test_words_are_counted_as_squad_does() -> None:
    assert normal("The 1,500 Shops, a day") == ["1500", "shops", "day"]
    assert holds("It takes 1.5 percent.", ["1.5 percent"])
    assert not holds("It takes 11.5 percents.", ["1.5 percent"])
    assert token_f1("takes 1.5 percent", ["1.5 percent"]) == pytest.approx(0.8)


def test_paragraphs_that_one_question_is_asked_of_are_of_one_article_and_are_held_out_together() -> None:
    numbers = by_article(ITEMS)
    assert numbers[ITEMS[0].article] == numbers[ITEMS[1].article] != numbers[ITEMS[2].article]
    whole = whole_articles(ITEMS)
    assert TEXT in whole[0].article
    assert "ships" in whole[0].article
    assert TEXT not in whole[1].article  # what does not answer has no paragraph that does


async def test_it_prints_its_figures_offline_and_of_claude(tmp_path: Path) -> None:
    def run(*more: str, **environment: str) -> dict[str, float]:
        made = subprocess.run(
            [sys.executable, "-m", "benchmarks.answers", str(lines(tmp_path)), *more], cwd=ROOT, capture_output=True, text=True, check=True,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **environment},
        )  # fmt: skip
        return dict(json.loads(made.stdout.splitlines()[-1]))

    offline = await asyncio.to_thread(run)
    assert set(KEYS) <= set(offline)
    assert offline["cost_usd"] == 0
    for claude in serve_stream():
        claude.model = lambda sent: (
            said(("It takes 1.5 percent.", "1.5 percent")) if TEXT in json.dumps(sent) else said("The article doesn't say.")
        )
        named = ("--model", "claude-sonnet-5-5")
        by_claude = await asyncio.to_thread(run, *named, ANTHROPIC_API_KEY="sk-ant-1", ANTHROPIC_BASE_URL=claude.url)
        assert (by_claude["gold_in_quote"], by_claude["answered"]) == (1.0, round(1 / 3, 4))
        assert by_claude["cost_usd"] > 0
