"""``ainews ask``: a question, answered from an article or from all that is held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.app import out, print_json, run, settings

if TYPE_CHECKING:
    from digest.answers.ports import Answer
    from digest.model import Article
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
    answer, articles = run(_ask(settings(), asked))
    if as_json:
        print_json(described(answer))
        return
    from bot.cli.answer import drawn

    out().print(drawn(answer, articles))


def described(answer: Answer) -> dict[str, Any]:
    """As JSON: ``cost_usd`` and ``tokens`` are 0 without a model."""
    used = answer.usage
    return {
        "answer": answer.text,
        "citations": [{"article": c.article_id, "start": c.start, "end": c.end, "quote": c.quote} for c in answer.citations],
        "abstained": answer.abstained,
        "provenance": answer.provenance,
        "articles": answer.articles,
        "notes": list(answer.notes),
        "tokens": used.input_tokens + used.output_tokens if used else 0,
        "cost_usd": used.dollars if used else 0.0,
    }


async def _ask(loaded: Settings, asked: list[str]) -> tuple[Answer, dict[str, Article]]:
    from digest.factory import open_parts

    async with open_parts(loaded) as parts:
        if len(asked) == 1:
            return await parts.questions.of_everything(asked[0])
        held = await parts.lookups.find(asked[0])
        return await parts.questions.of_article(held, asked[1])
