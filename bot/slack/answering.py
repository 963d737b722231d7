"""From a command to its reply, whatever happens: an error becomes one sentence with what to do, and is logged with a reference."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Final

import structlog

from bot.slack.asked import Asked, Reply
from bot.slack.commands import ANSWERS
from bot.slack.drawing.helping import unknown_blocks
from digest import measures
from digest.context import workspace
from digest.errors import AinewsError, StoreError
from digest.tracing import span

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from bot.slack.command_line import Typed
    from bot.slack.services import Team
    from bot.slack.store_watch import StoreWatch

#: An answer that takes longer is no answer: people ask again.
DEADLINE_S: Final = 25.0
#: But a model's answer, whose own deadline (AINEWS_ANSWER_TIMEOUT_S, at most 90) comes first. It is less than
#: ``serving.LEFT_AFTER_S``, after which an event is taken for left by a crash.
PATIENCE_S: Final = 110.0
#: Commands that may wait for a model.
_SLOW: Final = frozenset({"ask", "digest"})

_log = structlog.get_logger(__name__)


async def answer(typed: Typed, team: Team, *, channel: str, person: str, offset: int = 0, text: str = "") -> Reply:
    """What is said to ``person`` who typed that in ``channel``. Never raises."""
    if typed.command is None:
        meant = f"Did you mean {typed.near.name}?" if typed.near else "Try help."
        return Reply(f"There is no such command. {meant}", tuple(unknown_blocks(typed.words, typed.near)), private=True)
    name = typed.command.name
    patience_s = PATIENCE_S if name == "ask" else DEADLINE_S
    work = _answer(name, typed.words, team, channel, person, offset, text)
    return await in_words(work, what=name, deadline_s=patience_s, watch=team.watch)


async def in_words(
    work: Awaitable[Reply], *, what: str, deadline_s: float = DEADLINE_S, watch: StoreWatch | None = None
) -> Reply:
    """What ``work`` replies, or in words why it cannot; with ``watch`` as soon as the store is known to be away."""
    with span("slack answer", workspace=workspace(), what=what) as step:
        outcome, reply = await _told(work, what, deadline_s, watch)
        step.set(outcome=outcome)
        measures.replied(outcome)
        return reply


async def _told(work: Awaitable[Reply], what: str, deadline_s: float, watch: StoreWatch | None) -> tuple[str, Reply]:
    try:
        async with asyncio.timeout(deadline_s):
            return "answered", await (watch.unless_away(work) if watch else work)
    except StoreError as error:
        _log.warning("not_answered", what=what, reason=str(error))
        return "store", Reply("What is stored cannot be reached right now. Please try again in a minute.", private=True)
    except AinewsError as error:
        _log.info("answered_with_error", what=what, reason=str(error))
        return "refused", Reply(" ".join(filter(None, (_sentence(str(error)), error.remedy))), private=True)
    except TimeoutError:
        _log.warning("not_answered_in_time", what=what, seconds=deadline_s)
        return "late", Reply("That took too long. Please try again in a minute.", private=True)
    except Exception:  # noqa: BLE001 a defect must cost one answer, and whoever asked is told
        reference = secrets.token_hex(4)
        _log.exception("not_answered", what=what, reference=reference)
        told = f"Something went wrong here. If it happens again, tell who runs this bot: {reference}."
        return "failed", Reply(told, private=True)


async def _answer(name: str, words: str, team: Team, channel: str, person: str, offset: int, text: str) -> Reply:
    async with team.lanes.turn(team.lanes.slow if name in _SLOW else team.lanes.quick):
        zone = team.zone(await team.subscription(channel))
        asked = Asked(team.id, channel, person, name, words, text or f"{name} {words}".strip(), offset, zone)
        return await ANSWERS[name](asked, team)


def _sentence(words: str) -> str:
    words = words[:1].upper() + words[1:]
    return words if words.endswith((".", "!", "?")) else words + "."
