"""``ainews why``: why an article has its score, and its place in a digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.app import out, print_json, run, settings

if TYPE_CHECKING:
    from digest.lookups.lookups import Why
    from digest.ports import Held
    from digest.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(why)


def why(
    article: Annotated[str, typer.Argument(help="The article's ID, the beginning of one, or its URL.")],
    channel: Annotated[str | None, typer.Option("--channel", "-c", help="With what this channel voted for.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
) -> None:
    """Tell why an article has its score, and what its story's place in a digest is made of now."""
    held, reasons = run(_why(settings(), article, channel))
    if as_json:
        _print_json(held, reasons)
    else:
        _draw(held, reasons)


async def _why(loaded: Settings, article: str, channel: str | None) -> tuple[Held, Why]:
    from datetime import UTC, datetime

    from digest.factory import open_parts
    from digest.stories.taste import taste

    async with open_parts(loaded) as parts:
        held = await parts.lookups.find(article)
        wanted = None if channel is None else taste(await parts.votes.votes(channel), datetime.now(UTC))
        return held, await parts.lookups.why(held, wanted)


def _print_json(held: Held, reasons: Why) -> None:
    from digest.codec import described_around, described_parts

    article, assessment = held.lead.article, held.lead.assessment
    around = described_around(article.id, reasons.story, ())
    print_json(
        {
            "id": article.id, "title": article.title, "url": article.url, "score": assessment.score,
            "scored_by": assessment.provenance.score, "reason": assessment.reason, "topic": assessment.topic,
            "points": round(sum(p.points for p in reasons.parts), 3), "parts": described_parts(reasons.parts),
            "story": around["story"], "also_covered_by": around["also_covered_by"],
        }
    )  # fmt: skip


def _draw(held: Held, reasons: Why) -> None:
    from rich.text import Text

    from bot.cli.stories import print_table, table_of
    from digest.rendering import words
    from digest.rendering.cleaning import one_line

    article, assessment, console = held.lead.article, held.lead.assessment, out()
    by = {"source": "by its source", "claude": "by Claude", "offline": "offline"}.get(assessment.provenance.score, "")
    score = "It has no score" if assessment.score is None else f"Score {words.score(assessment.score)} {by}".rstrip()
    console.print(Text(one_line(article.title), style="bold"), soft_wrap=True)
    console.print(Text(article.url, style=f"link {article.url}"), soft_wrap=True)
    console.print(Text(f"\n{score}. {one_line(assessment.reason)}".rstrip()), soft_wrap=True)
    lead = reasons.story.lead.article
    if lead.id != article.id:
        console.print(Text(f"Its story is led by: {one_line(lead.title)} ({lead.id})"), soft_wrap=True)
    console.print(Text(f"\nIts place in a digest now: {sum(p.points for p in reasons.parts):.1f} points", style="bold"))
    table = table_of("Points", "Part", "Because", right=("Points",))
    for part in reasons.parts:
        table.add_row(f"{part.points:+.1f}", part.name, Text(one_line(part.because)))
    print_table(table)
