"""What ``ainews doctor --slack`` looks at: token, scopes, Socket Mode, membership of subscribed channels, and what is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from bot.checks import Check
from bot.slack.client import SLACK_ERRORS, slack_client
from bot.slack.examples import examples
from bot.slack.manifest import scopes
from bot.slack.publishing.channels import SlackChannels
from digest.errors import AinewsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slack_sdk.web.async_client import AsyncWebClient

    from digest.factory import Parts
    from digest.model import Subscription
    from digest.rendering.templates import Templates
    from digest.settings import Settings

_INVITE = "Invite the bot: /invite @ainews in that channel."


async def check_slack(settings: Settings, parts: Parts) -> list[Check]:
    """Each thing that Slack has to allow, tried for real. One message is posted and taken away. Raises StoreError."""
    if settings.slack_bot_token is None:
        return [Check("slack", "failed", "there is no token", "Set SLACK_BOT_TOKEN; the README says how to get one.")]
    client = slack_client(settings)
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        return [Check("slack", "failed", f"Slack refused the token: {_reason(error)}", "Correct SLACK_BOT_TOKEN.")]
    except SLACK_ERRORS as error:
        return [
            Check("slack", "failed", f"Slack cannot be reached: {type(error).__name__}", "Check the network and SLACK_API_URL.")
        ]
    found = [Check("slack", "ok", f"bot '{answer.get('user')}' in '{answer.get('team')}'")]
    found.append(_scopes(settings, answer.headers))
    found.append(await _socket_mode(settings))
    subscribed = await parts.subscriptions.every()
    found += [await _channel(client, s) for s in subscribed]
    found.append(await _posting_once(settings, parts, str(answer.get("bot_id")), [s.channel for s in subscribed]))
    found += await _drawn(client, parts.templates)
    return found


def _scopes(settings: Settings, headers: Any) -> Check:
    given = {
        s.strip() for s in str({k.lower(): v for k, v in headers.items()}.get("x-oauth-scopes", "")).split(",") if s.strip()
    }
    missing = [s for s in scopes(settings) if s not in given]
    if missing:
        return Check(
            "scopes", "failed", f"the token lacks {', '.join(missing)}",
            "Update the app with the manifest of ainews manifest, and install it again.",
        )  # fmt: skip
    more = sorted(given - set(scopes(settings)))
    if more:
        return Check(
            "scopes", "warning", f"the token may do more than is needed: {', '.join(more)}", "Take them out of the app."
        )
    return Check("scopes", "ok", f"all {len(given)} that are needed, and no more")


async def _socket_mode(settings: Settings) -> Check:
    if settings.slack_app_token is None:
        way = "over HTTP" if settings.slack_signing_secret else "neither Socket Mode nor HTTP is set up"
        status = "off" if settings.slack_signing_secret else "warning"
        remedy = "" if settings.slack_signing_secret else "Set SLACK_APP_TOKEN, or SLACK_SIGNING_SECRET."
        return Check("socket mode", status, way, remedy)  # type: ignore[arg-type]
    client = slack_client(settings)
    token = settings.slack_app_token.get_secret_value()
    try:
        await client.apps_connections_open(app_token=token)
    except SlackApiError as error:
        return Check(
            "socket mode", "failed", f"Slack refused the app-level token: {_reason(error)}",
            "Make one with connections:write, under Basic Information.",
        )  # fmt: skip
    except SLACK_ERRORS as error:
        return Check("socket mode", "failed", f"Slack cannot be reached: {type(error).__name__}", "Check the network.")
    return Check("socket mode", "ok", "the app-level token opens a connection")


async def _channel(client: AsyncWebClient, subscription: Subscription) -> Check:
    """Whether the bot is in a subscribed channel: reading its history needs both membership and scope, as posting does."""
    name = f"channel {subscription.channel}"
    try:
        await client.conversations_history(channel=subscription.channel, limit=1)
    except SlackApiError as error:
        reason = _reason(error)
        remedy = _INVITE if reason in ("not_in_channel", "channel_not_found") else ""
        return Check(name, "failed", f"the bot cannot read it: {reason}", remedy)
    except SLACK_ERRORS as error:
        return Check(name, "warning", f"Slack did not say: {type(error).__name__}")
    return Check(name, "ok", "the bot is a member")


async def _posting_once(settings: Settings, parts: Parts, bot: str, subscribed: Sequence[str]) -> Check:
    """Whether Slack gives back what is kept beside a message: a message is posted, read back and taken away again."""
    name = "posting once"
    where = settings.alert_channel or next(iter(subscribed), "")
    if not where:
        return Check(
            name,
            "warning",
            "not tried: no channel has subscribed",
            "Type /ainews subscribe in one, or set AINEWS_ALERT_CHANNEL.",
        )
    client = slack_client(settings, again=False)
    problem = await SlackChannels(client, bot_id=bot, workspace=parts.keys.workspace).prove(where)
    if problem:
        return Check(name, "failed", problem, "Until that is mended no digest is posted.")
    await parts.ledger.remember_proof(bot)
    return Check(name, "ok", f"a message in {where} was read back with its metadata, and taken away")


async def _drawn(client: AsyncWebClient, templates: Templates) -> list[Check]:
    """Slack's own validator over everything that templates and code draw."""
    try:
        drawn = list(examples(templates))
    except AinewsError as error:
        return [Check("blocks", "failed", str(error), error.remedy)]
    bad = []
    for name, payload in drawn:
        try:
            await client.blocks_validate(**payload)
        except SlackApiError as error:
            if _reason(error) == "unknown_method":
                return [Check("blocks", "off", "this Slack does not validate blocks")]
            bad.append(Check("blocks", "failed", f"Slack would refuse the {name}: {_details(error)}", "Correct the template."))
        except SLACK_ERRORS as error:
            return [*bad, Check("blocks", "warning", f"Slack did not say: {type(error).__name__}")]
    return bad or [Check("blocks", "ok", f"Slack takes all {len(drawn)} messages and views that are drawn")]


def _reason(error: SlackApiError) -> str:
    return str(error.response.get("error", "unknown_error"))


def _details(error: SlackApiError) -> str:
    said = (error.response.get("response_metadata") or {}).get("messages") or error.response.get("errors") or ()
    return "; ".join(map(str, said)) or _reason(error)
