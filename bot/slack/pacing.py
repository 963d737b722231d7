"""Slack's rate limits, kept by all processes together: which calls count for what, and a client that asks for a turn before each call.

A call whose turn does not come in time ends as if Slack itself had said so: with ``ratelimited`` and the seconds to wait, which everything
that calls Slack knows what to do with.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from digest.pacing import Rate

if TYPE_CHECKING:
    from digest.pacing import Rates

#: docs.slack.dev/apis/web-api/rate-limits: calls a minute for each method and workspace. How many at once Slack tolerates is not said: half.
TIERS: Final = {tier: Rate(calls, max(1, calls // 2)) for tier, calls in {1: 1, 2: 20, 3: 50, 4: 100}.items()}
#: The tier of each method that the bot calls, by its page at docs.slack.dev/reference/methods. Those that are not here have none.
TIER_OF: Final = {
    "chat.update": 3, "chat.delete": 3, "chat.postEphemeral": 4, "chat.startStream": 2, "chat.appendStream": 4, "chat.stopStream": 2,
    "chat.unfurl": 3, "conversations.history": 3, "conversations.replies": 3, "views.open": 4, "views.push": 4, "views.update": 4, "views.publish": 4, "assistant.threads.setStatus": 4, "assistant.threads.setTitle": 4, "assistant.threads.setSuggestedPrompts": 4,
    "files.getUploadURLExternal": 4, "files.completeUploadExternal": 4,
}  # fmt: skip
#: "No more than one message per second" into a channel, in "short bursts" more (the local Slack takes three: one fewer leaves room for
#: calls that arrive closer together than they were made); in a workspace "several hundred messages per minute".
IN_CHANNEL: Final = Rate(60, 2)
IN_WORKSPACE: Final = Rate(300, 100)
#: A person waits so long for an answer; a digest for its next part.
PATIENCE_S: Final = 10.0
_TOO_MANY: Final = 429


class PacedClient(AsyncWebClient):
    """``rates`` gives the turns, within ``patience_s`` seconds. A workspace is known by its token: an app has one in each."""

    def __init__(self, *args: Any, rates: Rates, patience_s: float = PATIENCE_S, **options: Any) -> None:
        super().__init__(*args, **options)
        self._rates = rates
        self._patience_s = patience_s

    async def api_call(self, api_method: str, **given: Any) -> AsyncSlackResponse:
        """See ``AsyncWebClient``. Raises SlackApiError with ``ratelimited`` where its turn does not come in time."""
        workspace = hashlib.sha256(str(self.token).encode()).hexdigest()[:16]
        for name, rate in _counted(api_method, _channel(given)):
            if wait_s := await self._rates.turn(f"{workspace}:{name}", rate, self._patience_s):
                raise _limited(self, api_method, wait_s)
        return await super().api_call(api_method, **given)

    @classmethod
    def like(cls, client: AsyncWebClient, rates: Rates) -> PacedClient:
        """One for the token of ``client``, with its options."""
        return cls(
            token=client.token, base_url=client.base_url, timeout=client.timeout, ssl=client.ssl, proxy=client.proxy,
            session=client.session, trust_env_in_session=client.trust_env_in_session, headers=client.headers, logger=client.logger,
            retry_handlers=client.retry_handlers, rates=rates,
        )  # fmt: skip


def _counted(api_method: str, channel: str) -> list[tuple[str, Rate]]:
    if api_method == "chat.postMessage":
        return [(f"post:{channel}", IN_CHANNEL), ("post", IN_WORKSPACE)]
    tier = TIER_OF.get(api_method)
    return [] if tier is None else [(api_method, TIERS[tier])]


def _channel(given: dict[str, Any]) -> str:
    for part in ("json", "data", "params"):
        if isinstance(given.get(part), dict) and given[part].get("channel"):
            return str(given[part]["channel"])
    return ""


def _limited(client: AsyncWebClient, api_method: str, wait_s: float) -> SlackApiError:
    response = AsyncSlackResponse(
        client=client, http_verb="POST", api_url=api_method, req_args={}, data={"ok": False, "error": "ratelimited"},
        headers={"Retry-After": f"{wait_s:.3f}"}, status_code=_TOO_MANY,
    )  # fmt: skip
    return SlackApiError("The rate limit would be passed.", response)  # type: ignore[no-untyped-call]
