"""A question in a conversation: which story it is about, what was said before, the answer told as it is written, and what is remembered.

A conversation is a thread, or a direct message as a whole. In the thread of an edition the stories of that edition are asked; anywhere
else everything that is held. Where it is not sure which story is meant, that is asked back, with buttons.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import structlog

from bot.slack.answering import PATIENCE_S, in_words
from bot.slack.asked import Reply
from bot.slack.drawing.answers import asked_block, said_blocks, source_blocks
from bot.slack.drawing.which import which_reply
from bot.slack.telling import Telling
from bot.slack.threads import story_of_thread
from digest.answers.matching import Told, meant, without_number
from digest.answers.ports import LONGEST_QUESTION, Asker, Turn
from digest.errors import NotFound, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.services import Team
    from bot.slack.telling import Place
    from digest.answers.ports import Answer
    from digest.model import Article, Edition
    from digest.ports import Held

#: A model's own deadline is below it; searching and telling take the rest.
DEADLINE_S: Final = PATIENCE_S
READING: Final = "is reading …"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and of what: the stories of ``edition``, the article ``article``, else everything. ``story``: its index in the
    edition where somebody chose it; ``all_stories``: they chose all. ``shown``: with the question, where nobody sees it."""

    text: str
    edition: Edition | None = None
    article: str = ""
    story: int | None = None
    all_stories: bool = False
    shown: bool = False


@dataclass(frozen=True, slots=True)
class _Answered:
    answer: Answer
    articles: dict[str, Article]
    elsewhere: Answer | None
    about: tuple[str, ...]


def conversation_of(place: Place) -> str:
    """The name of the conversation at ``place``."""
    return f"{place.channel}:{place.thread}"


async def converse(question: Question, place: Place, team: Team, client: AsyncWebClient) -> Reply | None:
    """Answer ``question`` at ``place``, or say there why not; where the question is shown, because it was asked elsewhere, that is
    given back instead, for whoever asked. Never raises."""
    telling = Telling(client, place)
    if team.parts.questions.streams:
        await telling.think(READING)
    above = [b for b in (asked_block(question.text) if question.shown else None,) if b]
    telling.begin_with(above)
    parts: list[_Answered] = []
    work = _reply(question, place, team, telling, parts)
    reply = await in_words(work, what="question", deadline_s=DEADLINE_S, watch=team.watch)
    if not parts:
        if reply.private and question.shown and not telling.begun:
            return reply
        await telling.finish(reply)
        return None
    (found,) = parts
    said, below = said_blocks(found.answer), source_blocks(found.answer, found.articles, found.elsewhere)
    try:  # before whoever asked can read the answer and ask on
        turn = Turn(question.text, found.answer.text, found.about)
        await team.own.conversations.add(conversation_of(place), turn)
    except StoreError as error:
        _log.warning("turn_not_remembered", reason=str(error))
    await telling.finish(replace(reply, blocks=(*above, *said, *below)), [*above, *said], below)
    return None


async def _reply(question: Question, place: Place, team: Team, telling: Telling, parts: list[_Answered]) -> Reply:
    async with team.lanes.turn(team.lanes.slow):
        said = await _said(place, team)
        asked = without_number(question.text)[:LONGEST_QUESTION]
        held = await _asked_of(question, place, team, said)
        if held is None and question.edition is not None:
            return which_reply(question.text, question.edition)
        who = Asker(team.id, place.channel, place.person)
        if held is None:
            answer, articles = await team.parts.questions.of_everything(asked, said, who=who, follow=telling.say)
        else:
            answer, articles = await team.parts.questions.of_articles(held, asked, said, who=who, follow=telling.say)
        elsewhere: Answer | None = None
        if answer.abstained and held is not None:
            elsewhere, more = await team.parts.questions.elsewhere(held, asked, said)
            articles = {**articles, **more}
    about = [h.lead.article.id for h in held or ()] + [c.article_id for c in answer.citations]
    parts.append(_Answered(answer, articles, elsewhere, tuple(dict.fromkeys(about))))
    return Reply(answer.text)


async def _said(place: Place, team: Team) -> list[Turn]:
    try:
        return await team.own.conversations.turns(conversation_of(place))
    except StoreError as error:
        _log.warning("conversation_unknown", reason=str(error))
        return []


async def _asked_of(question: Question, place: Place, team: Team, said: Sequence[Turn]) -> list[Held] | None:
    """What is asked; None for everything, and in an edition where it is not sure which story is. Raises NotFound, StoreError."""
    if question.article:
        return [await team.parts.lookups.find(question.article)]
    if question.edition is None:
        return None
    stories = await _stories(question.edition, team)
    if question.all_stories:
        found = [h for h in stories if h is not None]
        if not found:
            raise NotFound("none of this digest's articles is held any more", remedy="They are kept for a time that is set.")
        return found
    index = question.story
    if index is None:
        index = story_of_thread(question.edition, place.thread)
    if index is None:
        told = [Told(s.title, _text(h)) for s, h in zip(question.edition.stories, stories, strict=True)]
        index = await asyncio.to_thread(meant, question.text, told, _last(question.edition, said))
    if index is None or not 0 <= index < len(stories):
        return None
    if (held := stories[index]) is None:
        title = question.edition.stories[index].title
        raise NotFound(f"“{title}” is no longer held", remedy="Articles are kept for a time that is set.")
    return [held]


async def _stories(edition: Edition, team: Team) -> list[Held | None]:
    """What is held of each story: its article, or another that told it then."""
    wanted = list(dict.fromkeys(i for s in edition.stories for i in (s.id, *s.articles)))
    held = dict(zip(wanted, await team.parts.articles.get(wanted), strict=True))
    return [next((h for i in (s.id, *s.articles) if (h := held[i]) is not None), None) for s in edition.stories]


def _text(held: Held | None) -> str:
    if held is None:
        return ""
    article, judged = held.lead.article, held.lead.assessment
    return " ".join((article.headline, judged.topic, *judged.summary, *judged.key_insights, *judged.tags, article.body))


def _last(edition: Edition, said: Sequence[Turn]) -> int | None:
    """The story of ``edition`` that the conversation was about last."""
    for turn in reversed(said):
        for n, story in enumerate(edition.stories):
            if turn.about and turn.about[0] in (story.id, *story.articles):
                return n
    return None
