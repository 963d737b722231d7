"""One article drawn for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from digest.around import Around
    from digest.model import Article, AssessedArticle
    from digest.ports import Held


def drawn(held: Held, found: Around) -> RenderableType:
    """Everything held under one canonical URL, and what was ``found`` around it. Text from outside is never read as markup."""
    article, assessment = held.lead.article, held.lead.assessment
    by = assessment.provenance
    score = "unscored" if assessment.score is None else f"{assessment.score:g}/10"
    published = f"{article.published:%d %b %Y %H:%M} UTC" if article.published else "no date"
    parts: list[Text] = [
        Text(article.title, style="bold"),
        Text(article.url, style=f"link {article.url}"),
        Text(" · ".join(filter(None, (article.publisher, article.author, published, article.id))), style="dim"),
        Text(f"\n{score}{_mark(by.score)} · {assessment.topic or 'no topic'}{_mark(by.topic)}"),
    ]
    if article.headline != article.title:
        parts.insert(1, Text(f"Headline: {article.headline}", style="italic"))
    if assessment.reason:
        parts.append(Text(assessment.reason + _mark(by.reason)))
    parts += _listed("Summary", assessment.summary, by.summary)
    parts += _listed("Key insights", assessment.key_insights, by.key_insights)
    if assessment.tags:
        parts.append(Text(f"\nTags: {', '.join(assessment.tags)}{_mark(by.tags)}"))
    parts += [Text(f"Category: {assessment.category}")] if assessment.category else []
    parts += [Text(f"Note: {note}", style="yellow") for note in (*article.notes, _excerpt(article), assessment.note) if note]
    parts += [Text(f"Read from: {o.source} {o.key}", style="dim") for o in held.origins]
    if article.same_text_as:
        parts.append(Text(f"Same text as: {article.same_text_as}", style="dim"))
    parts += _articles("Also covered by", [a for a in found.story.articles if a.article.id != article.id])
    parts += _articles("Related", found.related)
    parts += [Text("\nText", style="bold"), Text(article.body or "(none)")]
    return Group(*parts)


def _articles(heading: str, told: Sequence[AssessedArticle]) -> list[Text]:
    lines = [Text(f"• {a.article.publisher}: {a.article.title} ({a.article.dated:%d %b %Y}, {a.article.id})") for a in told]
    return [Text(f"\n{heading}", style="bold"), *lines] if lines else []


def _listed(heading: str, bullets: tuple[str, ...], by: str) -> list[Text]:
    return [Text(f"\n{heading}{_mark(by)}", style="bold"), *(Text(f"• {b}") for b in bullets)] if bullets else []


def _excerpt(article: Article) -> str:
    return f"an excerpt only: {article.excerpt_only}" if article.excerpt_only else ""


def _mark(by: str) -> str:
    return "" if by in ("", "source") else f" ({by})"
