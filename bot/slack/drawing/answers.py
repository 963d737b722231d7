"""An answer to a question, as blocks: the answer, its sources as numbered quotes, and what it is based on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.slack import ids
from bot.slack.drawing.elements import Json, blocks, context, link, quote, rich, section, text
from digest.rendering import words
from digest.rendering.cleaning import one_line, shorten
from digest.rendering.slack_split import split_blocks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.answers.ports import Answer
    from digest.model import Article

_QUOTE: Final = 600


def answer_blocks(question: str, answer: Answer, articles: Mapping[str, Article]) -> list[Json]:
    """``articles``: those that are cited, by id. Links are ours alone."""
    asked = section([text("Question: ", bold=True), text(shorten(one_line(question), 300), italic=True)])
    # Without a model the quotes are the answer.
    said = section([text(one_line(answer.text))]) if answer.abstained or answer.provenance != "offline" else None
    sources: list[Json | None] = []
    for number, cited in enumerate(answer.citations, start=1):
        article = articles.get(cited.article_id)
        named = link(shorten(one_line(article.title), 120), article.url) if article else None
        sources.append(quote([text(f"[{number}] ", bold=True), text(f"“{shorten(one_line(cited.quote), _QUOTE)}” "), named]))
    based = f"Based on {words.count(answer.articles, 'article')}." if answer.articles > 1 else ""
    by = "" if answer.abstained else _BY[answer.provenance]
    made = blocks([rich(asked, said), rich(*sources), context(based, by, *map(one_line, answer.notes))])
    feedback = blocks([_feedback(answer.citations[0].article_id) if answer.citations else None])
    return [*(block for block, _ in split_blocks(made)), *feedback]


def _feedback(article_id: str) -> Json:
    """Slack's own buttons: what is pressed counts as a wish for more or less like the article that is cited first."""
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": ids.FEEDBACK,
                "positive_button": _vote("Good answer", f"{ids.MORE}|{article_id}", "More answers and stories like this"),
                "negative_button": _vote("Bad answer", f"{ids.LESS}|{article_id}", "Fewer answers and stories like this"),
            }
        ],
    }


def _vote(words: str, value: str, label: str) -> Json:
    return {"text": {"type": "plain_text", "text": words}, "value": value, "accessibility_label": label}


_BY: Final = {"offline": "Quoted word for word, without a model.", "claude": "Written by Claude from the passages quoted."}
