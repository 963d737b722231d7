"""One call of a method: what it may read, and the table of methods that the families fill."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from bot.local_slack.wire import Json, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.local_slack.judging import Problem
    from bot.local_slack.members import Channel
    from bot.local_slack.triggers import Lent
    from bot.local_slack.workspace import Workspace


@dataclass(slots=True)
class Token:
    """A token: whose it is, what it may do, and whether it still holds."""

    value: str = field(repr=False)
    workspace: Workspace
    scopes: frozenset[str]
    kind: str = "bot"
    revoked: str | None = None


class Host(Protocol):
    """What methods need beyond one workspace."""

    tokens: dict[str, Token]

    @property
    def base_url(self) -> str:
        """``http://127.0.0.1:PORT``, without a slash at the end."""
        ...

    def lent_in(self, team_id: str) -> Lent:
        """What was lent in a workspace."""
        ...

    def socket_url(self) -> str:
        """A fresh address for one Socket Mode connection."""
        ...

    def install(self, code: str | None) -> Token:
        """Install the app and give it a token. Raises :class:`Refused`."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of one call, and where it plays."""

    method: str
    args: Json
    token: Token
    host: Host

    @property
    def workspace(self) -> Workspace:
        """The workspace of the token."""
        return self.token.workspace

    def get(self, name: str, default: str = "") -> str:
        """A plain argument as text."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def need(self, name: str) -> str:
        """A plain argument that must be there. Raises :class:`Refused`."""
        if not (value := self.get(name)):
            raise Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] missing required field: {name}"]})
        return value

    def structure(self, name: str, error: str) -> Any:
        """A structured argument: as it is in a JSON body, as text elsewhere. Raises :class:`Refused` with ``error``."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise Refused(error) from None

    def scope(self, *any_of: str) -> None:
        """Go on only with one of these scopes. Raises :class:`Refused`."""
        if any_of and not self.token.scopes.intersection(any_of):
            raise Refused("missing_scope", needed=",".join(any_of), provided=",".join(sorted(self.token.scopes)))

    def channel(self, name: str = "channel", *, member: bool = False) -> Channel:
        """The channel that is named, as far as the bot can know of it. Raises :class:`Refused`."""
        workspace, bot = self.workspace, self.workspace.app.bot_user_id
        where = self.need(name)
        if where in workspace.users and where != bot:
            return workspace.direct(where)
        channel = workspace.channel(where)
        if channel.kind != "channel" and bot not in channel.members:
            raise Refused("channel_not_found")
        if member and bot not in channel.members:
            raise Refused("not_in_channel")
        return channel


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what it does, any of which scopes it needs, its rate limit's tier, and whose token: bot, app or nobody's."""

    run: Callable[[Call], Json]
    scopes: tuple[str, ...]
    tier: int
    whose: str


METHODS: Final[dict[str, Method]] = {}


def method(
    name: str, *scopes: str, tier: int = 3, whose: str = "bot"
) -> Callable[[Callable[[Call], Json]], Callable[[Call], Json]]:
    """Register a function as method ``name``; it returns the answer without ``ok``."""

    def register(run: Callable[[Call], Json]) -> Callable[[Call], Json]:
        METHODS[name] = Method(run, scopes, tier, whose)
        return run

    return register


def invalid(*problems: Problem) -> Refused:
    """``invalid_arguments``, with what is wrong."""
    return Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]})
