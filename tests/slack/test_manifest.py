"""The manifest: what Slack takes, what the bot listens to, and no more."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.slack import ids
from bot.slack.app import slack_app
from bot.slack.command_line import COMMANDS, SLASH, read
from bot.slack.commands import ANSWERS
from bot.slack.identity import OneIdentity
from bot.slack.manifest import EVENTS, SCOPES, manifest
from bot.slack.once import Once
from bot.slack.responding import Responder
from bot.slack.services import Services
from digest.factory import open_parts
from digest.settings import Settings
from digest.stores.keys import Keys
from digest.stores.memory_deliveries import MemoryDeliveries
from tests.data import data

ROOT = Path(__file__).parents[2]
WAYS: list[dict[str, Any]] = [
    {},
    {"public_url": "https://ainews.example", "slack_client_id": "1.2"},
    {"unfurl_domains": "news.example,blog.example"},
    {"agent_view": "false", "add_links": "false"},
]


@pytest.mark.parametrize("given", WAYS)
def test_it_is_valid_by_slacks_own_schema(given: dict[str, Any]) -> None:
    schema = json.loads(data("slack-manifest.schema.json").read_text())
    checker = jsonschema.validators.validator_for(schema)(schema)
    assert [e.message for e in checker.iter_errors(manifest(Settings.load(**given)))] == []


async def test_every_event_of_the_manifest_has_a_listener(valkey_url: str) -> None:
    settings = Settings.load(redis_url=valkey_url, unfurl_domains="a.example")
    async with open_parts(settings) as parts:
        services = Services(parts, settings, lambda: datetime.now(UTC))
        made = slack_app(services, OneIdentity(settings), Once(MemoryDeliveries()), Responder())
        unheard = [e for e in EVENTS if not await heard(made, e)]
    assert unheard == []


async def test_an_event_that_nobody_listens_to_is_finished_as_it_comes(valkey_url: str, keys: Keys) -> None:
    settings = Settings.load(redis_url=valkey_url, workspace=keys.workspace)
    async with open_parts(settings) as parts:
        services = Services(parts, settings, lambda: datetime.now(UTC))
        deliveries = MemoryDeliveries()
        made = slack_app(services, Somebody(settings), Once(deliveries), Responder())
        for kind, more in (("reaction_added", {}), ("tokens_revoked", {"tokens": {"oauth": ["U1"]}})):
            body = {"type": "event_callback", "event": {"type": kind, **more}, "team_id": "T1", "event_id": f"Ev{kind}"}
            answer = await made.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
            assert answer.status == 200
        async with asyncio.timeout(5):
            while await deliveries.take_over(0):
                await asyncio.sleep(0.01)


class Somebody(OneIdentity):
    """A bot that Slack was not asked about."""

    async def of(self, team_id: str, enterprise_id: str | None) -> AuthorizeResult | None:
        return AuthorizeResult(enterprise_id=None, team_id=team_id, bot_token="xoxb-x", bot_id="B1", bot_user_id="U9")


async def heard(made: AsyncApp, event: str) -> bool:
    """Whether a listener of the app is meant by such an event."""
    kind, _, channel = event.partition(".")
    told = {"type": kind, "channel_type": channel.removesuffix("s"), "tokens": {"bot": ["B"]}, "user": "U1", "ts": "1.0"}
    request = AsyncBoltRequest(body={"type": "event_callback", "event": told, "team_id": "T1"}, mode="socket_mode")
    meant = [one for one in made._async_listeners if one.ack_function.__name__ != "unheard"]  # which takes what is left
    return any([await one.async_matches(req=request, resp=BoltResponse(status=200)) for one in meant])


def test_every_command_is_answered_and_every_answer_is_a_command() -> None:
    assert [c.name for c in COMMANDS] == sorted(ANSWERS, key=[c.name for c in COMMANDS].index)


def test_the_readme_lists_every_command_as_help_does() -> None:
    listed = re.findall(r"^\| `/ainews (.+?)` \| (.+?) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert [(usage.replace("\\|", "|"), about) for usage, about in listed] == [(c.usage, c.about) for c in COMMANDS]


def test_the_readmes_first_step_names_the_manifest_that_ships_and_its_steps_are_three() -> None:
    said = (ROOT / "README.md").read_text().partition("## In Slack")[2].partition("\n## ")[0]
    assert [int(n) for n in re.findall(r"^(\d)\. ", said, re.MULTILINE)] == [1, 2, 3]
    for path in re.findall(r"\((bot/slack/[a-z.]+)\)", said):
        assert (ROOT / path).is_file()
    for command in re.findall(r"`/ainews ([^`]+)`", said.partition("| command |")[0]):
        assert read(command).command is not None


def test_scopes_and_events_are_those_the_settings_need() -> None:
    made = manifest(Settings.load())
    assert "links:read" not in made["oauth_config"]["scopes"]["bot"]
    assert "link_shared" not in made["settings"]["event_subscriptions"]["bot_events"]
    with_links = manifest(Settings.load(unfurl_domains="a.example"))
    assert set(with_links["oauth_config"]["scopes"]["bot"]) == set(SCOPES)
    assert set(with_links["settings"]["event_subscriptions"]["bot_events"]) == set(EVENTS)
    assert "channels:read" not in SCOPES


def test_the_shortcut_and_the_command_are_those_that_are_listened_to() -> None:
    made = manifest(Settings.load())
    assert [s["callback_id"] for s in made["features"]["shortcuts"]] == [ids.ADD_LINK]
    assert [c["command"] for c in made["features"]["slash_commands"]] == [SLASH]
    assert all(c["should_escape"] for c in made["features"]["slash_commands"])


def test_the_shipped_manifest_is_that_of_the_default_settings() -> None:
    assert json.loads((ROOT / "bot" / "slack" / "manifest.json").read_text()) == manifest(Settings.load())
