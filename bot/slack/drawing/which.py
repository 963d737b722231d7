"""The question back: which story of the digest was meant, with a button for each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bot.slack import ids
from bot.slack.asked import Reply
from bot.slack.drawing.answers import quotable
from bot.slack.drawing.elements import Json, actions, blocks, button, context, rich, section, text
from digest.rendering.cleaning import shorten

if TYPE_CHECKING:
    from digest.model import Edition

#: A button's text has 75 characters, and its value 2,000 bytes: what does not fit is asked again by number.
_TITLE: Final = 60
_VALUE: Final = 1_900
#: Buttons of one block, and of one message.
_IN_A_ROW: Final = 5
_MOST: Final = 24
_ALL: Final = "all"
_WHICH: Final = "Which story do you mean?"


def which_reply(question: str, edition: Edition) -> Reply:
    """Asks which of the stories of ``edition`` is meant. The buttons carry the question."""
    made: list[Json | None] = [rich(section([text(_WHICH, bold=True)]))]
    fits = len(_value(_ALL, question).encode()) <= _VALUE
    if fits:
        elements = [
            button(f"{n + 1}. {shorten(quotable(s.title), _TITLE)}", ids.WHICH, _value(n, question), label=f"Story {n + 1}")
            for n, s in enumerate(edition.stories[:_MOST])
        ]
        elements.append(button("All of them", ids.WHICH, _value(_ALL, question), label="Ask all stories"))
        rows = [elements[n : n + _IN_A_ROW] for n in range(0, len(elements), _IN_A_ROW)]
        made += [actions(*row) for row in rows]
    else:
        made.append(
            rich(
                section([text("\n".join(f"{n}. {shorten(quotable(s.title), 150)}" for n, s in enumerate(edition.stories, 1)))])
            )
        )
    made.append(context("Or begin your question with the story's number, as in “2: who pays for it?”"))
    titles = "; ".join(f"{n}. {shorten(quotable(s.title), _TITLE)}" for n, s in enumerate(edition.stories, 1))
    return Reply(f"{_WHICH} {titles}", tuple(blocks(made)))


def chosen_reply(title: str, question: str) -> Reply:
    """In the place of the question back, when somebody has answered it."""
    said = f"About: {quotable(title)}"
    return Reply(
        said,
        tuple(
            blocks(
                [
                    rich(section([text("Question: ", bold=True), text(shorten(quotable(question), 300), italic=True)])),
                    context(said),
                ]
            )
        ),
    )


def chosen(value: str) -> tuple[int | None, str]:
    """The index of the story that was chosen, None for all of them, and the question. Raises ValueError where it is something else."""
    match json.loads(value):
        case [int(index), str(question)] if 0 <= index < 1_000:
            return index, question
        case ["all", str(question)]:
            return None, question
    raise ValueError("this is no choice of a story")


def _value(which: int | str, question: str) -> str:
    return json.dumps([which, question.encode("utf-8", "replace").decode()], ensure_ascii=False)
