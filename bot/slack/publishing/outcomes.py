"""What an answer of Slack, or none, says of a call: whether it had its effect, had none, or nobody knows. Pure.

The kinds are those of ``docs/publishing.md``. Whatever is not known to have had no effect is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aiohttp
from slack_sdk.errors import SlackApiError

from digest.publishing.ports import NotSent, Refused, Unknown, Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Slack had trouble of its own, maybe after the effect.
_TROUBLE: Final = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
_LIMITED: Final = frozenset({"ratelimited", "rate_limited"})
#: An operator mends these, in words for people.
_MENDED: Final[Mapping[str, str]] = {
    "channel_not_found": "there is no such channel, or it is private and the bot is not in it: invite the bot",
    "not_in_channel": "the bot is not in the channel: /invite it there",
    "is_archived": "the channel is archived",
    "missing_scope": "the token lacks a scope: install the app again with the manifest of `ainews manifest`",
    "token_revoked": "the token was revoked: install the app again",
    "token_expired": "the token has expired: install the app again",
    "invalid_auth": "the token is not valid: correct SLACK_BOT_TOKEN",
    "not_authed": "there is no token: set SLACK_BOT_TOKEN",
    "account_inactive": "the bot was taken out of the workspace: install the app again",
    "restricted_action": "the workspace lets only some people post there",
    "restricted_action_read_only_channel": "only some people may post in the channel",
    "ekm_access_denied": "the workspace's administrators have stopped posting",
    "org_login_required": "the workspace is moving to another organisation",
    "messages_tab_disabled": "the bot's messages tab is off: install the app with the manifest of `ainews manifest`",
}
_SERVER: Final = 500


def of_post(error: BaseException) -> NotSent | Unknown | Refused:
    """What became of a message whose posting raised ``error``."""
    if isinstance(error, SlackApiError):
        reason, status = reason_of(error), error.response.status_code
        if reason in _LIMITED or status == 429:
            return NotSent("Slack asks to wait", retry_after_s(error))
        if not reason or reason in _TROUBLE or status >= _SERVER:
            return Unknown(f"Slack had trouble ({reason or status})")
        return Refused(_MENDED.get(reason) or f"Slack refuses it: {reason}{_details(error)}")
    if isinstance(error, aiohttp.ClientConnectorError):  # names, TCP and TLS: no byte of the request was sent
        return NotSent(f"Slack cannot be reached ({type(error).__name__})")
    return Unknown(f"the connection was lost ({type(error).__name__})")


def of_read(error: BaseException) -> Unreadable:
    """Why a history could not be read."""
    if isinstance(error, SlackApiError):
        reason = reason_of(error)
        if reason in _LIMITED or error.response.status_code == 429:
            return Unreadable("Slack asks to wait", retry_after_s=retry_after_s(error))
        if reason in _MENDED:
            return Unreadable(_MENDED[reason], blocked=True)
        return Unreadable(f"Slack answers {reason or error.response.status_code}")
    return Unreadable(f"Slack cannot be reached ({type(error).__name__})")


def reason_of(error: SlackApiError) -> str:
    """Slack's name of the error; empty where the answer was none of Slack's."""
    data = error.response.data
    return str(data.get("error") or "") if isinstance(data, dict) else ""


def retry_after_s(error: SlackApiError) -> float | None:
    """How long Slack asks to wait; None where it does not say."""
    headers = {str(k).lower(): v for k, v in (error.response.headers or {}).items()}
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None


def _details(error: SlackApiError) -> str:
    data = error.response.data
    said = (data.get("response_metadata") or {}).get("messages") if isinstance(data, dict) else None
    return f" ({'; '.join(map(str, said[:3]))})" if said else ""
