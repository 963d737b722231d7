"""How long a digest of 30 stories takes to become valid Slack messages, and the other formats; beside writing its JSON.

The stories are made up, with texts as long as those of a knowledge-base document: five summary bullets of some 125
characters, four insights of some 165, a reason of 400. The floor is ``json.dumps`` of the very blocks that were made.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from digest.model import (
    Article,
    AssessedArticle,
    Assessment,
    ChosenStory,
    Digest,
    Part,
    Story,
    Subscription,
    article_id,
    judged_by,
)
from digest.rendering.pages import render_html, render_markdown, render_text
from digest.rendering.slack import render_slack
from digest.rendering.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.model import Message

UNTIL = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SENTENCE = "The platform's <new> model writes, tests & measures campaigns, and 62% of teams in the survey say it saves hours. "


def main() -> None:
    """Print a table for people and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the runs")
    parser.add_argument("--stories", type=int, default=30)
    given = parser.parse_args()
    whole, templates = made_up(given.stories), Templates()
    message = render_slack(whole, templates)
    shapes: dict[str, Callable[[], object]] = {
        "slack": lambda: render_slack(whole, templates),
        "slack_and_sdk": lambda: judged_by_sdk(render_slack(whole, templates)),
        "floor": lambda: [json.dumps(m.blocks) for m in (message, *message.replies)],
        "html": lambda: render_html(whole, templates),
        "markdown": lambda: render_markdown(whole, templates),
        "text": lambda: render_text(whole, templates),
    }
    timed = {name: milliseconds(shape, 30 if given.quick else 300) for name, shape in shapes.items()}
    show(timed, given.stories)
    figures = {f"{n}_median_ms": round(median(t), 3) for n, t in timed.items() if n != "slack"}
    slack = timed["slack"]
    messages = (message, *message.replies)
    line = {
        "median_ms": round(median(slack), 3),
        "p95_ms": round(p95(slack), 3),
        "least_ms": round(min(slack), 3),
        **figures,
        "ratio_to_floor": round(median(slack) / median(timed["floor"]), 1),
        "stories": given.stories,
        "runs": len(slack),
        "messages": len(messages),
        "blocks": sum(len(m.blocks) for m in messages),
    }
    print(json.dumps(line))


def made_up(stories: int) -> Digest:
    """A digest of ``stories`` stories, every third told by two more publishers, every fifth assessed offline."""
    return Digest(
        day=date(2026, 11, 23),
        until=UNTIL,
        subscription=Subscription(),
        chosen=tuple(story(n) for n in range(1, stories + 1)),
        articles=stories * 4,
        notes=("Claude did not answer in 30 s; assessed offline (6 stories)",),
    )


def story(rank: int) -> ChosenStory:
    """The story of that rank."""
    judged = Assessment(
        score=9.5 - rank / 10,
        topic="AI in advertising and measurement",
        reason=(SENTENCE * 4)[:400],
        summary=tuple(f"{n}. {SENTENCE}" for n in range(5)),
        key_insights=tuple(f"{n}. {SENTENCE * 2}"[:165] for n in range(4)),
        tags=("google-ads", "automation", "ai"),
    )
    lead = AssessedArticle(article(rank, 0), judged_by("source" if rank % 5 else "offline", judged))
    also = tuple(AssessedArticle(article(rank, n), judged) for n in (1, 2)) if rank % 3 == 0 else ()
    parts = (Part("relevance", 9.5 - rank / 10, "scored"), Part("freshness", 0.5, f"published {rank} hours before"))
    return ChosenStory(rank, Story(lead.article.id, lead, also), parts, f"Scored 9 of 10, published {rank} hours before.")


def article(rank: int, copy: int) -> Article:
    """An article about story ``rank`` of the publisher numbered ``copy``."""
    url = f"https://publisher-{copy}.example/news/2026/11/search-giant-hands-ad-budgets-to-an-assistant-{rank}"
    title = f"Search giant hands ad budgets to an assistant, and keeps the receipts, part {rank}"
    moment = UNTIL - timedelta(hours=rank)
    made = Article(article_id(url), url, url, title, title, f"Publisher {copy}", moment, moment, SENTENCE * 20)
    return replace(made, language="en")


def judged_by_sdk(message: Message) -> None:
    """Slack's own models over every block."""
    from slack_sdk.models.blocks import Block

    for block in (b for m in (message, *message.replies) for b in m.blocks):
        parsed = Block.parse(block)
        if parsed is None:
            raise ValueError(block)
        parsed.validate_json()


def milliseconds(work: Callable[[], object], runs: int) -> list[float]:
    """Wall time of each of ``runs`` runs, after three to warm up."""
    for _ in range(3):
        work()
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def median(taken: list[float]) -> float:
    return statistics.median(taken)


def p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


def show(timed: dict[str, list[float]], stories: int) -> None:
    """The table for people."""
    words = {
        "slack": "Slack, rendered and checked",
        "slack_and_sdk": "… and by slack_sdk's models",
        "floor": "floor: json.dumps of its blocks",
        "html": "HTML page",
        "markdown": "markdown",
        "text": "plain text",
    }
    table = Table(title=f"A digest of {stories} stories")
    table.add_column("format")
    for column in ("median ms", "p95 ms", "least ms"):
        table.add_column(column, justify="right")
    for name, taken in timed.items():
        table.add_row(words[name], f"{median(taken):.2f}", f"{p95(taken):.2f}", f"{min(taken):.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
