"""What ``ainews doctor`` looks at: each part of an installation, tried for real, with what to do where it does not work."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from digest.errors import AinewsError, StateError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from digest.factory import Parts
    from digest.settings import Settings

Status = Literal["ok", "off", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``off``: not configured, and not needed."""

    name: str
    status: Status
    detail: str
    remedy: str = ""

    def described(self) -> dict[str, Any]:
        """The check for ``--json``."""
        return asdict(self)


async def run_checks(settings: Settings, *, outside: bool = True) -> list[Check]:
    """Every check, in the order a person would mend things. Without ``outside`` nobody else's service is asked, and
    nothing large is loaded: what is left is what a health check may do once a minute."""
    tries: list[tuple[str, Callable[[Settings], Awaitable[list[Check]]]]] = [
        ("configuration", _configuration),
        ("redis", _redis),
        ("templates", _templates),
        ("profile", _profile),
        *([("meaning", _meaning), ("claude", _claude), ("answers", _answers), ("slack", _slack)] if outside else []),
    ]
    found: list[Check] = []
    for name, check in tries:
        try:
            found += await check(settings)
        except AinewsError as error:
            found.append(Check(name, "failed", str(error), error.remedy))
    return found


async def _configuration(settings: Settings) -> list[Check]:
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    found = [
        Check("configuration", "ok", f"workspace '{settings.workspace}', data in {folder}")
        if writable
        else Check("configuration", "failed", f"{folder} cannot be written", "Set AINEWS_DATA_DIR to a folder that can be.")
    ]
    place = settings.knowledge_base
    if place is not None and not (place.is_dir() and os.access(place, os.R_OK | os.X_OK)):
        found.append(
            Check("knowledge base", "failed", f"{place} is no folder that can be read", "Correct AINEWS_KNOWLEDGE_BASE.")
        )
    elif place is None and not settings.feeds:
        found.append(
            Check(
                "sources",
                "off",
                "none configured",
                "Set AINEWS_KNOWLEDGE_BASE or AINEWS_FEEDS, or name them to ainews collect.",
            )
        )
    return found


async def _redis(settings: Settings) -> list[Check]:
    from digest.factory import open_parts
    from digest.stores.facts import server_facts

    async with open_parts(settings, raw=True) as parts:
        facts = await server_facts(parts.server)
        stored = await _stored(parts)
        held = await parts.articles.total()
    found = [Check("redis", "ok", f"{parts.where}: {facts.summary}, {held:,} articles held")]
    return [*found, *(Check("redis", "warning", w.text, w.remedy) for w in facts.warnings), stored]


async def _stored(parts: Parts) -> Check:
    """Whether this program may use what is stored."""
    from digest.stores.schema import ready, stored_schema

    try:
        await ready(parts.server, parts.keys)
        return Check("stored data", "ok", f"schema {await stored_schema(parts.client, parts.keys)}, this program's own")
    except StateError as error:
        return Check("stored data", "failed", str(error), error.remedy)


async def _templates(settings: Settings) -> list[Check]:
    from digest.factory import templates

    problems = templates(settings).check()
    if not problems:
        return [
            Check("templates", "ok", f"all compile; yours in {settings.templates}" if settings.templates else "all compile")
        ]
    return [Check("templates", "failed", p, "Correct the template, or remove it to use the one shipped.") for p in problems]


async def _profile(settings: Settings) -> list[Check]:
    from digest.factory import offline_assessor, profile

    rubric = profile(settings)
    offline_assessor(rubric)  # reads its weights
    return [Check("profile", "ok", f"'{rubric.name}'")]


async def _meaning(settings: Settings) -> list[Check]:
    from digest.factory import meaning

    used = meaning(settings)
    if used is not None:
        return [Check("meaning", "ok", f"{used.check()}: weighs headlines that come without a text")]
    if settings.meaning == "off":
        return [Check("meaning", "off", "turned off: stories are told by their words", "Set AINEWS_MEANING=auto to use it.")]
    return [
        Check("meaning", "off", "not installed: stories are told by their words", "pip install 'ainews[semantic]' adds it.")
    ]


async def _claude(settings: Settings) -> list[Check]:
    from digest.assessment.clients import check_access
    from digest.factory import uses_claude

    if not uses_claude(settings):
        return [
            Check(
                "claude", "off", "not used: the offline assessor fills what is missing", "Set ANTHROPIC_API_KEY to use Claude."
            )
        ]
    detail = await check_access(settings)
    return [Check("claude", "ok", detail)]


async def _answers(settings: Settings) -> list[Check]:
    from digest.assessment.clients import check_access
    from digest.factory import uses_claude

    if not uses_claude(settings, settings.answerer):
        return [
            Check("answers", "off", "passages are quoted offline", "Set ANTHROPIC_API_KEY to have Claude answer questions.")
        ]
    return [Check("answers", "ok", await check_access(settings, model=settings.answer_model))]


async def _slack(settings: Settings) -> list[Check]:
    if settings.slack_bot_token is None:
        return [
            Check(
                "slack", "off", "not configured: digests go to the terminal and to pages", "Set SLACK_BOT_TOKEN to use Slack."
            )
        ]
    from slack_sdk.errors import SlackApiError
    from slack_sdk.web.async_client import AsyncWebClient

    client = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=10,
        trust_env_in_session=False,
    )
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        reason = str(error.response.get("error", "unknown_error"))
        return [Check("slack", "failed", f"Slack refused the token: {reason}", "Correct SLACK_BOT_TOKEN.")]
    except Exception as error:  # noqa: BLE001 the client raises whatever its transport does; all mean that Slack is away
        return [
            Check("slack", "failed", f"Slack cannot be reached: {type(error).__name__}", "Check the network and SLACK_API_URL.")
        ]
    return [Check("slack", "ok", f"bot '{answer.get('user')}' in '{answer.get('team')}'")]
