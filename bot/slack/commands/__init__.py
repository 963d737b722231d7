"""What each command of ``/ainews`` answers: one function for each, from what was asked to a reply. Nothing here talks to Slack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack.commands import asking, digests, keeping, looking_up, status, subscribing, trending

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.slack.asked import Asked, Reply
    from bot.slack.services import Team

#: By the command's name. ``tests/slack`` holds it against ``command_line.COMMANDS``.
ANSWERS: Mapping[str, Callable[[Asked, Team], Awaitable[Reply]]] = {
    **looking_up.ANSWERS,
    **keeping.ANSWERS,
    **subscribing.ANSWERS,
    **digests.ANSWERS,
    **asking.ANSWERS,
    **status.ANSWERS,
    **trending.ANSWERS,
}
