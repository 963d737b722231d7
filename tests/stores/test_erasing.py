"""What is held on a person, of a workspace of Slack or of an installation is found wherever it lies, and nothing else goes with it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from digest.errors import NotFound
from digest.model import Subscription
from digest.state.persons import document
from digest.stores.keys import Keys
from digest.stores.redis_answers import RedisConversations, RedisQuotas
from digest.stores.redis_deliveries import RedisDeliveries
from digest.stores.redis_erasing import RedisErasing
from digest.stores.redis_installations import RedisInstallations
from digest.stores.redis_persons import RedisPersons
from digest.stores.redis_shelf import RedisShelf
from digest.stores.redis_subscriptions import RedisSubscriptions
from digest.stores.redis_votes import RedisVotes
from digest.stores.redis_workspaces import of_team
from digest.stories.taste import Aspect, Vote
from tests.stores.servers import OneServer

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
TODAY = date(2026, 11, 28)
ADA, GRACE, TEAM, OTHER = "U0ADA00001", "U0GRACE001", "T0LOCAL001", "T0OTHER001"


async def lived_in(client: Redis, keys: Keys, team: str, counted_as: str) -> None:
    """What Ada and Grace leave in one workspace of Slack."""
    own = of_team(keys, team)
    subscriptions = RedisSubscriptions(client, own)
    for number, person in enumerate((ADA, GRACE)):
        await RedisShelf(client, own).save(person, f"a{number}", NOW)
        for channel in ("C1", "C2"):
            await RedisVotes(client, own).cast(channel, Vote(person, "a1", 1, (Aspect("topic", "agents", "Agents"),), NOW))
            await subscriptions.put(Subscription(channel, threshold=5.0 + number), person, NOW)
        event = f'{{"team_id":"{counted_as}","event":{{"user":"{person}","text":"What is new?"}}}}'
        await RedisDeliveries(client, keys).begin(f"event:Ev{counted_as}{number}", event.encode())
        limits = {f"person:{counted_as}:{person}": 9, f"channel:{counted_as}:C1": 9, "day": 99}
        await RedisQuotas(client, keys).take(TODAY, limits)


async def everything(client: Redis, prefix: str) -> bytes:
    """All that a person's name could stand in, keys and values."""
    found = b""
    async for key in client.scan_iter(match=f"{prefix}*"):
        found += key + b"\n"
        match (await client.type(key)).decode():
            case "string":
                found += await client.get(key)
            case "hash":
                found += b"".join(k + v for k, v in (await client.hgetall(key)).items())
            case "zset":
                found += b"".join(await client.zrange(key, 0, -1))
            case _:
                found += b"".join(await client.lrange(key, 0, -1))
    return found


@pytest.mark.parametrize("team", ["", TEAM])
async def test_all_that_is_held_on_a_person_is_told_and_erased_and_all_else_stays(
    redis_client: Redis, keys: Keys, team: str
) -> None:
    await lived_in(redis_client, keys, team, TEAM)
    persons = RedisPersons(OneServer(redis_client), keys)
    (held,) = await persons.held(ADA)
    assert held.team == team
    assert held.counts == {
        "saved articles": 1, "votes": 2, "changes of subscriptions": 2, "counts of questions": 1, "events that wait": 1,
    }  # fmt: skip
    graces = await persons.held(GRACE)
    told = document(ADA, keys.workspace, [held], {"a1": ("One", "https://a.example/1")}, NOW)
    (one,) = told["held"]
    assert one["saved_articles"][0] == {"article": "a0", "title": None, "url": None, "saved": NOW}
    assert {v["channel"] for v in one["votes"]} == {"C1", "C2"}
    assert one["votes"][0]["title"] == "One"
    assert one["questions_asked"] == [{"day": "2026-11-28", "questions": 1}]
    await persons.erase(held, ADA)
    assert await persons.held(ADA) == []
    assert await persons.held(GRACE) == graces
    assert ADA.encode() not in await everything(redis_client, f"ainews:{{{keys.workspace}")
    changes = await RedisSubscriptions(redis_client, of_team(keys, team)).changes("C1")
    assert [c.who for c in changes] == [GRACE, "erased"]
    assert changes[1].what == ("subscribed",)
    assert await RedisDeliveries(redis_client, keys).take_over(-1) == [(f"event:Ev{TEAM}1", graces[0].waiting[0].encode())]
    assert not await RedisDeliveries(redis_client, keys).begin(f"event:Ev{TEAM}0", b"again")


async def test_a_person_is_looked_for_in_every_workspace_or_in_one(redis_client: Redis, keys: Keys) -> None:
    for team in (TEAM, OTHER):
        await lived_in(redis_client, keys, team, team)
    persons = RedisPersons(OneServer(redis_client), keys)
    assert [h.team for h in await persons.held(ADA)] == [TEAM, OTHER]
    (held,) = await persons.held(ADA, OTHER)
    await persons.erase(held, ADA)
    (left,) = await persons.held(ADA)
    assert left.team == TEAM
    assert left.counts["votes"] == 2
    assert left.counts["counts of questions"] == 1
    with pytest.raises(NotFound, match="T0NONE001"):
        await persons.held(ADA, "T0NONE001")


async def test_a_change_that_comes_while_a_person_is_erased_is_kept(redis_client: Redis, keys: Keys) -> None:
    await lived_in(redis_client, keys, "", TEAM)
    persons = RedisPersons(OneServer(redis_client), keys)
    (held,) = await persons.held(ADA)
    await RedisSubscriptions(redis_client, keys).put(Subscription("C1", threshold=9.0), GRACE, NOW)
    await persons.erase(held, ADA)
    changes = await RedisSubscriptions(redis_client, keys).changes("C1")
    assert [c.who for c in changes] == [GRACE, GRACE, "erased"]


async def test_a_workspace_of_slack_is_erased_and_others_and_articles_stay(redis_client: Redis, keys: Keys) -> None:
    for team in (TEAM, OTHER):
        await lived_in(redis_client, keys, team, team)
        await RedisInstallations(redis_client, keys).put(team, b"sealed")
        await RedisConversations(redis_client, of_team(keys, team)).add("C1:1.2", _turn())
    await redis_client.hset(keys.article("a"), "lead", "x")
    erasing = RedisErasing(OneServer(redis_client), keys)
    before = await everything(redis_client, f"ainews:{{{keys.workspace}")
    planned = await erasing.team(TEAM, dry_run=True)
    assert await everything(redis_client, f"ainews:{{{keys.workspace}") == before
    assert await erasing.team(TEAM, dry_run=False) == planned
    assert planned["installations"] == 1
    assert planned["questions asked"] == 3
    assert planned["events that wait"] == 2
    assert planned["shelf:PERSON"] == 2
    assert planned["conversation:CHANNEL:THREAD"] == 1
    left = await everything(redis_client, f"ainews:{{{keys.workspace}")
    assert f"-{TEAM}".encode() not in left
    assert f"{TEAM}:".encode() not in left
    assert f"-{OTHER}".encode() in left
    assert await RedisInstallations(redis_client, keys).teams() == [OTHER]
    assert await redis_client.exists(keys.article("a"))
    with pytest.raises(NotFound):
        await erasing.team(TEAM, dry_run=False)


async def test_an_installation_is_erased_with_its_workspaces_and_others_stay(redis_client: Redis, keys: Keys) -> None:
    await lived_in(redis_client, keys, TEAM, TEAM)
    await redis_client.hset(keys.article("a"), "lead", "x")
    other = Keys(f"{keys.workspace}x")
    await redis_client.hset(other.article("a"), "lead", "x")
    counts = await RedisErasing(OneServer(redis_client), keys).everything(dry_run=False)
    assert counts["article:ID"] == 1
    assert await everything(redis_client, f"ainews:{{{keys.workspace}}}") == b""
    assert await everything(redis_client, f"ainews:{{{keys.workspace}-") == b""
    assert await redis_client.exists(other.article("a"))


def _turn() -> Any:
    from digest.answers.ports import Turn

    return Turn("What is new?", "Nothing.")
