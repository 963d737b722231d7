"""One article, and why it stands where it does, as blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.slack import ids
from bot.slack.drawing.elements import Json, actions, blocks, bullets, button, context, link, rich, section, text
from bot.slack.drawing.stories import meta_of, story_actions, title_of
from digest.rendering import words
from digest.rendering.cleaning import lines, one_line, shorten
from digest.rendering.slack_split import split_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from digest.around import Around
    from digest.lookups.lookups import Why
    from digest.model import AssessedArticle, Part

_OTHERS: Final = 10
_JUDGES: Final = {
    "source": "came with the article",
    "claude": "written by Claude",
    "offline": "written offline",
    "": "not assessed",
}


def article_blocks(told: AssessedArticle, found: Around, zone: ZoneInfo) -> list[Json]:
    """Summary, key insights, score with its reason, who else covers it, and what is related."""
    article, judged = told.article, told.assessment
    others = [a for a in found.story.articles if a.article.id != article.id][:_OTHERS]
    made = [
        rich(section([link(title_of(article), article.url, bold=True), text(f"\n{meta_of(told, zone)}")])),
        _listed("Summary", judged.summary),
        _listed("Key insights", judged.key_insights),
        rich(section([text("Why it is relevant: ", bold=True), text(one_line(judged.reason))]))
        if one_line(judged.reason)
        else None,
        _articles("Also covered by", others, zone),
        _articles("Related", found.related, zone),
        context(
            words.offline_mark(judged),
            ", ".join(lines(judged.tags)) and f"Tags: {', '.join(lines(judged.tags))}",
            f"ID {article.id}",
        ),
        story_actions(article.id, title_of(article)),
    ]
    return _fitting(blocks(made))


def insights_blocks(told: AssessedArticle) -> list[Json]:
    """The key insights of an article, for the thread of the digest that has it."""
    insights = lines(told.assessment.key_insights)
    title = shorten(title_of(told.article), 200)
    said = bullets(insights) if insights else section([text("There are no key insights of this article.", italic=True)])
    return _fitting(
        blocks([rich(section([text("Key insights: ", bold=True), link(title, told.article.url, bold=True)]), said)])
    )


def why_blocks(told: AssessedArticle, why: Why, zone: ZoneInfo) -> list[Json]:
    """The score and who gave it, then the order part by part."""
    article, judged = told.article, told.assessment
    by = judged.provenance
    given = "It has no score." if judged.score is None else f"Score {words.score(judged.score)}, {_JUDGES[by.score]}."
    reason = one_line(judged.reason)
    total = sum(p.points for p in why.parts)
    made = [
        rich(
            section(
                [text("Why: ", bold=True), link(title_of(article), article.url, bold=True), text(f"\n{meta_of(told, zone)}")]
            )
        ),
        rich(section([text(given, bold=True), text(f" {reason}" if reason else "")])),
        rich(section([text(f"Its place in a digest now: {total:.1f} points", bold=True)]), bullets(_parts(why.parts))),
        context(f"Topic: {one_line(judged.topic) or 'none'} ({_JUDGES[by.topic]})", one_line(judged.note)),
        actions(
            button("More like this", ids.MORE, article.id, label=f"More like {shorten(title_of(article), 40)}"),
            button("Less like this", ids.LESS, article.id, label=f"Less like {shorten(title_of(article), 40)}"),
            button("Details", ids.SHOW, article.id, label=f"Details of {shorten(title_of(article), 40)}"),
        ),
    ]
    return _fitting(blocks(made))


def _parts(parts: Iterable[Part]) -> list[str]:
    return [f"{p.points:+.1f} {p.name}: {one_line(p.because)}" for p in parts]


def _listed(title: str, said: Sequence[str]) -> Json | None:
    held = lines(tuple(said))
    return rich(section([text(title, bold=True)]), bullets(held)) if held else None


def _articles(title: str, told: Sequence[AssessedArticle], zone: ZoneInfo) -> Json | None:
    elements = [text(title, bold=True)]
    for each in told:
        publisher, date = one_line(each.article.publisher), words.dated(each.article, zone)
        elements += [text("\n"), link(shorten(title_of(each.article), 150), each.article.url), text(f" · {publisher} · {date}")]
    return rich(section(elements)) if told else None


def _fitting(made: list[Json]) -> list[Json]:
    """Long rich text in several blocks, so that Slack takes each."""
    return [block for block, _ in split_blocks(made)]
