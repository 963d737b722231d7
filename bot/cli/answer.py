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


def drawn(answer: Answer, articles: Mapping[str, Article]) -> Group:
    """``articles``: those cited, by id."""
    if answer.abstained:
        return Group(Text(answer.text))
    parts: list[RenderableType] = []
    for number, cited in enumerate(answer.citations, start=1):
        article = articles.get(cited.article_id)
        title = f"{one_line(article.title)}, {one_line(article.publisher)} ({article.id})" if article else cited.article_id
        parts += [
            Text.assemble((f"[{number}] ", "bold"), f"“{one_line(cited.quote)}”"),
            Padding(Text(title, style="dim"), (0, 0, 1, 4)),
        ]
    notes = [Text(one_line(note), style="dim") for note in answer.notes]
    if answer.provenance == "offline":
        notes.append(Text("Quoted, without a model.", style="dim"))
    return Group(*parts, *notes)
