"""A digest as one Slack message with replies for its thread, every one of them within Slack's limits.

The templates in ``slack/`` say how each part looks, ``slack_layout`` where it stands. What the templates made is
checked here before anybody can send it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from digest.errors import RenderError
from digest.model import Message
from digest.rendering import words
from digest.rendering.slack_layout import StoryUnits, Unit, lay_out
from digest.rendering.slack_limits import FALLBACK_TEXT, check_weighed, weigh_text
from digest.rendering.templates import run
from digest.rendering.view import digest_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Template

    from digest.model import Digest
    from digest.rendering.slack_limits import Json
    from digest.rendering.slack_split import Weighed
    from digest.rendering.templates import Templates
    from digest.rendering.view import DigestView, StoryView

#: From this many stories on they stand closer: a divider above each would use up the 50 blocks of a message.
_MANY: Final = 13
_PARTS: Final = ("heading", "headline", "summary", "insights", "actions")


def render_slack(digest: Digest, templates: Templates) -> Message:
    """``digest`` as a root message with its thread.

    Raises ConfigurationError where a template is missing or broken, RenderError where one fails or makes what Slack
    refuses.
    """
    view = digest_view(digest)
    made = _Made(view, templates.get("slack/story.json.j2"), templates.get("slack/closing.json.j2"))
    opening = Unit.of(_blocks(templates.get("slack/opening.json.j2"), digest=view))
    notes = Unit.of(_blocks(templates.get("slack/notes.json.j2"), digest=view))
    stories = [made.story(story) for story in view.stories]
    root, thread = lay_out(opening, notes, stories, closing=made.closing, going_on=made.going_on, headlines_only=made.brief)
    by_rank = {s.rank: s for s in view.stories}
    reply = templates.get("slack/reply.j2")
    return Message(
        text=_text(templates.get("slack/text.j2"), view, view.stories),
        blocks=_checked(root.weighed),
        replies=tuple(
            Message(_text(reply, view, [by_rank[r] for r in f.ranks]), _checked(f.weighed), ranks=tuple(f.ranks))
            for f in thread
        ),
        ranks=tuple(root.ranks),
    )


def render_slow_day(digest: Digest, templates: Templates) -> Message:
    """One line, for a day on which there is too little to say. Raises as ``render_slack``."""
    view = digest_view(digest)
    unit = Unit.of(_blocks(templates.get("slack/slow_day.json.j2"), digest=view))
    return Message(_text(templates.get("slack/slow_day.j2"), view, ()), _checked(unit.weighed))


@dataclass(frozen=True, slots=True)
class _Made:
    """The parts of the message that depend on a story or on the layout, made by their templates."""

    view: DigestView
    story_template: Template
    closing_template: Template

    @property
    def brief(self) -> bool:
        """Whether the root has a line or two for each story, and the thread the rest."""
        return self.view.layout == "compact"

    def story(self, story: StoryView, *, continued: bool = False) -> StoryUnits:
        compact = self.brief or len(self.view.stories) >= _MANY
        made = _json(self.story_template, digest=self.view, story=story, compact=compact, continued=continued)
        if not isinstance(made, dict) or not all(isinstance(made.get(k), list) for k in _PARTS):
            raise _refused(self.story_template, f"must make an object with the lists {words.listed(_PARTS)}")
        return StoryUnits(story.rank, *(Unit.of(made[k]) for k in _PARTS))

    def closing(self, continued: str) -> Unit:
        return Unit.of(_blocks(self.closing_template, digest=self.view, continued=continued))

    def going_on(self, rank: int) -> Unit:
        story = next((s for s in self.view.stories if s.rank == rank), None)
        return Unit.of([]) if story is None else self.story(story, continued=True).heading


def _blocks(template: Template, **values: Any) -> list[Json]:
    made = _json(template, **values)
    if not isinstance(made, list):
        raise _refused(template, "must make a list of blocks")
    return made


def _json(template: Template, **values: Any) -> Any:
    text = run(template, values)
    try:
        made = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        line = text.splitlines()[error.lineno - 1 : error.lineno]
        raise _refused(template, f"made what is no JSON ({error}): {''.join(line).strip()[:80]}") from error
    return _without_null(made) if "null" in text and isinstance(made, (dict, list)) else made


def _without_null(node: Any) -> Any:
    """``node`` with every null taken out of its lists: a template writes it for an element that is not there."""
    if type(node) is list and None in node:
        node[:] = [n for n in node if n is not None]
    for value in node.values() if type(node) is dict else node:
        if type(value) in (dict, list):
            _without_null(value)
    return node


def _text(template: Template, view: DigestView, stories: Sequence[StoryView]) -> str:
    """The text beside the blocks, naming as many of ``stories`` as it has room for."""
    named = len(stories)
    while True:
        values = {"digest": view, "stories": stories[:named], "more": len(stories) - named}
        text = run(template, values).strip()
        if weigh_text(text) <= FALLBACK_TEXT:
            return text
        if not named:
            raise _refused(template, f"made a text of more than {FALLBACK_TEXT} characters")
        named //= 2


def _checked(weighed: Sequence[Weighed]) -> tuple[Json, ...]:
    if problems := check_weighed(weighed):
        raise RenderError(
            f"The templates in slack/ made what Slack refuses: {'; '.join(problems[:5])}", template="slack/",
            remedy="Correct the templates in the folder that AINEWS_TEMPLATES names.",
        )  # fmt: skip
    return tuple(block for block, _ in weighed)


def _refused(template: Template, what: str) -> RenderError:
    name = template.name or ""
    return RenderError(f"The template {name} {what}", template=name, remedy="Correct it, or use the one that ships.")
