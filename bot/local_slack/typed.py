"""What a person types, as Slack sends it on: characters escaped, and links, people and channels in angle brackets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.local_slack.workspace import Workspace

_PARTS: Final = re.compile(
    r"(?P<ready><(?:[@#!][A-Za-z][^>\s]*|https?://[^>\s]+)>)|(?P<link>https?://[^\s<>|]+)"
    r"|(?<![\w@])@(?P<user>[\w.-]*\w)|(?<![\w#&])#(?P<channel>[\w-]+)"
)


def as_sent(workspace: Workspace, text: str, *, names: bool = False) -> str:
    """``text`` as messages carry it; with ``names``, people and channels are named too, as commands have it.

    What stands in angle brackets already, such as ``<@U…>``, is left so; a word after ``@`` or ``#`` that nobody has
    stays a word.
    """
    found: list[str] = []
    end = 0
    for match in _PARTS.finditer(text):
        found += [_escaped(text[end : match.start()]), _token(workspace, match, names=names)]
        end = match.end()
    return "".join([*found, _escaped(text[end:])])


def _token(workspace: Workspace, match: re.Match[str], *, names: bool) -> str:
    if match["ready"]:
        return match["ready"]
    if match["link"]:
        return f"<{match['link'].replace('&', '&amp;')}>"
    if match["user"]:
        user = next((u for u in workspace.users.values() if u.name == match["user"]), None)
        return _escaped(match[0]) if user is None else f"<@{user.id}|{user.name}>" if names else f"<@{user.id}>"
    channel = next((c for c in workspace.channels.values() if c.name == match["channel"]), None)
    return _escaped(match[0]) if channel is None else f"<#{channel.id}|{channel.name if names else ''}>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
