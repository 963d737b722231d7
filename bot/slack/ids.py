"""Names that Slack gives back: ids of actions, modals and shortcuts, and what their values hold. Drawing and listening share them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

# Buttons of a story. Values are the id of its leading article.
SHOW: Final = "story_show"
INSIGHTS: Final = "story_insights"
ASK: Final = "story_ask"
SAVE: Final = "story_save"
DROP: Final = "story_drop"
MORE: Final = "story_more"
LESS: Final = "story_less"
WHY: Final = "story_why"
#: A menu of the same; the option's value is ``ACTION|ID``.
MENU: Final = "story_menu"
#: A button that only opens a link; Slack tells of it all the same.
LINK: Final = "open_link"

#: Runs a command: its value is the text after ``/ainews``, and the offset from which on it goes on.
RUN: Final = "run_command"
SETTINGS: Final = "open_settings"
SUBSCRIBE_HERE: Final = "subscribe_here"
PREVIEW: Final = "preview_settings"
FORGET_TASTE: Final = "forget_taste"
FEEDBACK: Final = "answer_feedback"

#: Which story a question is about: its value is a number from 0, or ``all``, and the question.
WHICH: Final = "which_story"
#: Shows the passages of an answer in their articles.
PASSAGES: Final = "answer_passages"

#: A select whose options are asked for as somebody types.
ZONE: Final = "zone"

SETTINGS_VIEW: Final = "settings"
ASK_VIEW: Final = "ask"
PREVIEW_VIEW: Final = "preview"

#: Of a message: adds its link to the knowledge base.
ADD_LINK: Final = "add_link"

STORY_ACTIONS: Final = (SHOW, INSIGHTS, ASK, SAVE, DROP, MORE, LESS, WHY)


def named(action: str) -> re.Pattern[str]:
    """What finds ``action``, also where a block has several of them."""
    return re.compile(rf"{action}(?::\d+)?\Z")


@dataclass(frozen=True, slots=True)
class Again:
    """A command to run from a button: the text after the slash command, from ``offset`` on."""

    text: str
    offset: int = 0

    def value(self) -> str:
        """For a button's value: a text that is too long for one is cut."""
        text = self.text[:1_500].encode("utf-8", "replace").decode()
        return json.dumps([text, self.offset], ensure_ascii=False)


def again(value: str) -> Again:
    """What ``Again.value`` made. Raises ValueError where it is something else."""
    made = json.loads(value)
    match made:
        case [str(text), int(offset)] if 0 <= offset < 100_000:
            return Again(text, offset)
    raise ValueError("this is no command to run again")
