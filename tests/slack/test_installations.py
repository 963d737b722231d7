"""Workspaces that installed the app: kept sealed, found by workspace, and gone when they remove it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis
from slack_sdk.oauth.installation_store.models.installation import Installation

from bot.slack.oauth.identities import InstalledIdentities
from bot.slack.oauth.installations import SealedInstallations, States
from bot.slack.oauth.tokens import Sealed, new_key
from digest.errors import ConfigurationError
from digest.settings import Settings
from digest.stores.keys import Keys
from digest.stores.redis_installations import RedisInstallations


def sealed(key: str) -> Sealed:
    return Sealed(Settings.load(token_key=key))


def installation(team: str | None = "T1", token: str = "xoxb-secret", **fields: Any) -> Installation:
    return Installation(
        app_id="A1", enterprise_id=fields.pop("enterprise_id", None), team_id=team, bot_token=token, bot_id="B1",
        bot_user_id="U1", bot_scopes=["chat:write", "commands"], user_id="U2", user_token="xoxp-of-a-person", **fields,
    )  # fmt: skip


async def test_a_token_lies_sealed_and_is_found_by_its_workspace(redis_client: Redis, keys: Keys) -> None:
    there = RedisInstallations(redis_client, keys)
    store = SealedInstallations(there, sealed(new_key()))
    await store.async_save(installation())
    raw = await there.get("T1")
    assert raw
    assert b"xoxb" not in raw
    found = await store.async_find_bot(enterprise_id=None, team_id="T1")
    assert found is not None
    assert (found.bot_token, found.bot_id, found.bot_user_id, found.team_id) == ("xoxb-secret", "B1", "U1", "T1")
    assert await store.async_find_bot(enterprise_id=None, team_id="T2") is None
    assert await there.teams() == ["T1"]


async def test_an_installation_for_an_organisation_serves_its_workspaces(redis_client: Redis, keys: Keys) -> None:
    store = SealedInstallations(RedisInstallations(redis_client, keys), sealed(new_key()))
    await store.async_save(installation(None, enterprise_id="E1", is_enterprise_install=True))
    found = await store.async_find_bot(enterprise_id="E1", team_id="T9")
    assert found is not None
    assert found.bot_token == "xoxb-secret"


async def test_a_changed_key_opens_what_the_old_one_sealed_as_long_as_it_is_listed(redis_client: Redis, keys: Keys) -> None:
    there, old, new = RedisInstallations(redis_client, keys), new_key(), new_key()
    await SealedInstallations(there, sealed(old)).async_save(installation())
    assert await SealedInstallations(there, sealed(f"{new},{old}")).async_find_bot(enterprise_id=None, team_id="T1")
    assert await SealedInstallations(there, sealed(new)).async_find_bot(enterprise_id=None, team_id="T1") is None


async def test_an_identity_that_is_forgotten_is_known_no_more(redis_client: Redis, keys: Keys) -> None:
    store = SealedInstallations(RedisInstallations(redis_client, keys), sealed(new_key()))
    await store.async_save(installation())
    identities = InstalledIdentities(store)
    known = await identities.of("T1", None)
    assert known is not None
    assert known.bot_token == "xoxb-secret"
    await identities.forget("T1")
    assert await identities.of("T1", None) is None


async def test_a_state_is_good_once_and_only_where_it_was_issued(redis_client: Redis, keys: Keys) -> None:
    states = States(RedisInstallations(redis_client, keys))
    state = await states.async_issue()
    assert not await states.async_consume("guessed")
    assert not await states.async_consume("guessed")
    assert sorted(await asyncio.gather(*(states.async_consume(state) for _ in range(10)))) == [False] * 9 + [True]


@pytest.mark.parametrize("key", [None, "short", "not base64 at all, but long enough to be one"])
def test_without_a_key_nothing_is_sealed(key: str | None) -> None:
    with pytest.raises(ConfigurationError) as told:
        Sealed(Settings.load(token_key=key))
    assert "new-key" in told.value.remedy
