"""``ainews ask``: a question, answered from an article or from all that is held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.app import out, print_json, run, settings

if TYPE_CHECKING:
    from digest.answers.ports import Answer
    from digest.model import Article
    from digest.ports import Usage
    from digest.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(ask)


def ask(
    asked: Annotated[
        list[str], typer.Argument(metavar="[ID] QUESTION", help="An article's ID or URL and a question, or a question alone.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="The answer with its citations, as one line of JSON.")] = False,
) -> None:
    """Ask an article, or without ID all that is held. The answer quotes, or says that the article doesn't say."""
    if len(asked) > 2:
        raise typer.BadParameter("put the question in quotation marks")
    answer, elsewhere, articles = run(_ask(settings(), asked))
    if as_json:
        print_json(described(answer, elsewhere))
        return
    from bot.cli.answer import drawn

    out().print(drawn(answer, articles, elsewhere))


def described(answer: Answer, elsewhere: Answer | None = None) -> dict[str, Any]:
    """As JSON: ``cost_usd`` and ``tokens`` are 0 without a model, and for an answer that was given before. ``elsewhere``: what other
    articles say where the one that was asked does not."""
    used = answer.usage
    return {
        "answer": answer.text,
        "citations": _cited(answer),
        "elsewhere": _cited(elsewhere) if elsewhere else [],
        "abstained": answer.abstained,
        "provenance": answer.provenance,
        "articles": answer.articles,
        "notes": list(answer.notes),
        "model": answer.model or None,
        "tokens": _tokens(used) if used else 0,
        "cost_usd": used.dollars if used else 0.0,
    }


def _cited(answer: Answer) -> list[dict[str, Any]]:
    return [{"article": c.article_id, "start": c.start, "end": c.end, "quote": c.quote} for c in answer.citations]


def _tokens(used: Usage) -> int:
    return used.input_tokens + used.output_tokens + used.cache_write_tokens + used.cache_read_tokens


async def _ask(loaded: Settings, asked: list[str]) -> tuple[Answer, Answer | None, dict[str, Article]]:
    from digest.answers.ports import Asker
    from digest.factory import open_parts

    who = Asker("", "terminal", "terminal")
    async with open_parts(loaded) as parts:
        if len(asked) == 1:
            answer, articles = await parts.questions.of_everything(asked[0], who=who)
            return answer, None, articles
        held = await parts.lookups.find(asked[0])
        answer, articles = await parts.questions.of_article(held, asked[1], who=who)
        if not answer.abstained:
            return answer, None, articles
        elsewhere, others = await parts.questions.elsewhere([held], asked[1])
        return answer, elsewhere, {**articles, **others}
