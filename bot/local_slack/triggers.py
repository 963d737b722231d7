"""What an interaction lends the app for a while: a ``trigger_id`` for one view, and a ``response_url`` for five answers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.local_slack.wire import Json, Refused

if TYPE_CHECKING:
    from bot.local_slack.clock import Clock

TRIGGER_LIFETIME_S: Final = 3.0
RESPONSE_LIFETIME_S: Final = 30 * 60.0
RESPONSE_USES: Final = 5


@dataclass(slots=True)
class Answer:
    """What became of one thing a person did: how the app acked, and what the person then saw.

    ``error`` is what Slack shows where the app did not ack as it must: ``operation_timeout``, ``dispatch_failed``.
    ``messages`` grows as answers come by ``response_url``, each as it was shown. ``errors`` holds what a modal says
    under its inputs, by block.
    """

    id: str
    user: str
    channel: str | None = None
    trigger_id: str = ""
    response_url: str = ""
    error: str | None = None
    ack: Json | str | None = None
    after_s: float | None = None
    errors: dict[str, str] = field(default_factory=dict)
    messages: list[Json] = field(default_factory=list)
    #: The message that was clicked, for ``replace_original`` and ``delete_original``.
    origin: str | None = None
    origin_is_ephemeral: bool = False
    uses: int = 0
    given_at: float = 0.0
    spent: bool = False

    @property
    def text(self) -> str:
        """The texts of all answers, a line each."""
        return "\n".join(message.get("text", "") for message in self.messages)


class Lent:
    """All triggers and response addresses that were given out in one workspace."""

    def __init__(self, clock: Clock, *, hooks_url: str = "", trigger_lifetime_s: float = TRIGGER_LIFETIME_S) -> None:
        self._clock = clock
        self.hooks_url = hooks_url
        self.trigger_lifetime_s = trigger_lifetime_s
        self.answers: dict[str, Answer] = {}
        self._by_trigger: dict[str, Answer] = {}

    def lend(self, user: str, channel: str | None) -> Answer:
        """An interaction of ``user`` begins."""
        secret = secrets.token_hex(12)
        trigger = f"{len(self.answers) + 1}.{int(self._clock.now())}.{secret}"
        answer = Answer(secret, user, channel, trigger, f"{self.hooks_url}{secret}", given_at=self._clock.now())
        self.answers[secret] = self._by_trigger[trigger] = answer
        return answer

    def exchange(self, trigger_id: object) -> Answer:
        """Who may be shown a view for ``trigger_id``: once, and soon. Raises :class:`Refused`."""
        answer = self._by_trigger.get(str(trigger_id))
        if answer is None:
            raise Refused("invalid_trigger_id")
        if answer.spent:
            raise Refused("exchanged_trigger_id")
        if self._clock.now() - answer.given_at > self.trigger_lifetime_s:
            raise Refused("expired_trigger_id")
        answer.spent = True
        return answer

    def use(self, secret: str) -> Answer:
        """One use of a response address. Raises :class:`Refused`."""
        answer = self.answers.get(secret)
        if answer is None:
            raise Refused("invalid_url")
        if self._clock.now() - answer.given_at > RESPONSE_LIFETIME_S:
            raise Refused("expired_url")
        if answer.uses >= RESPONSE_USES:
            raise Refused("used_url")
        answer.uses += 1
        return answer
