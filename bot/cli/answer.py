"""An answer as a terminal shows it: what is quoted, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from digest.rendering.cleaning import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.answers.ports import Answer
    from digest.model import Article


def drawn(answer: Answer, articles: Mapping[str, Article], elsewhere: Answer | None = None) -> Group:
    """``articles``: those cited, by id. ``elsewhere``: what others say where those that were asked don't."""
    parts: list[RenderableType] = []
    if answer.abstained:
        parts.append(Text(answer.text))
    elif answer.sentences:
        parts += [Text(" ".join(one_line(s.told()) for s in answer.sentences)), Text("")]
    parts += _sources(answer, articles)
    if elsewhere is not None and elsewhere.citations:
        parts += [Text("\nElsewhere in the knowledge base:"), *_sources(elsewhere, articles)]
    notes = [one_line(note) for note in answer.notes]
    if answer.provenance == "offline" and not answer.abstained:
        notes.append("Quoted, without a model.")
    if answer.usage is not None:
        used = answer.usage
        notes.append(f"{answer.model}: {used.input_tokens + used.output_tokens:,} tokens, ${used.dollars:.4f}.")
    return Group(*parts, *(Text(note, style="dim") for note in notes))


def _sources(answer: Answer, articles: Mapping[str, Article]) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for number, cited in enumerate(answer.citations, start=1):
        article = articles.get(cited.article_id)
        title = f"{one_line(article.title)}, {one_line(article.publisher)} ({article.id})" if article else cited.article_id
        parts += [
            Text.assemble((f"[{number}] ", "bold"), f"“{one_line(cited.quote)}”"),
            Padding(Text(title, style="dim"), (0, 0, 1, 4)),
        ]
    return parts
