"""What is held on a person, found and erased wherever it lies. Clients must give bytes.

| lies in | as | is erased by |
| --- | --- | --- |
| ``shelf:PERSON`` | a key | taking it away |
| ``votes:of:CHANNEL``, ``votes:at:CHANNEL`` | fields ``PERSON US ARTICLE`` | taking them out |
| ``subscription:changes:CHANNEL`` | ``who`` of a change | another name; the change stays, as it tells of the channel |
| ``asked:DATE`` | fields ``person:TEAM:PERSON`` | taking them out |
| ``delivery:event:…`` | in an event that is not carried out yet | emptying it: it never will be |
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

import orjson

from digest.state.persons import ERASED, Held
from digest.stores.connection import store_errors
from digest.stores.redis_deliveries import RedisDeliveries
from digest.stores.redis_votes import RedisVotes
from digest.stores.redis_workspaces import names, of_team, one_of, teams_of
from digest.subscribing.stored import dump_change, load_change

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from digest.stores.connection import Server
    from digest.stores.keys import Keys
    from digest.stories.taste import Vote
    from digest.subscribing.ports import Change

#: Puts others in the place of members of a list, wherever they stand by now. ARGV: member, other, …
_EXCHANGE: Final = """
local others, count = {}, 0
for n = 1, #ARGV, 2 do others[ARGV[n]] = ARGV[n + 1] end
for at, member in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if others[member] then
    redis.call('LSET', KEYS[1], at - 1, others[member])
    count = count + 1
  end
end
return count
"""


class RedisPersons:
    """People of an installation and its workspaces of Slack."""

    def __init__(self, server: Server, keys: Keys) -> None:
        self._server = server
        self._client = server.client(keys.workspace)
        self._keys = keys
        self._teams: tuple[str, ...] = ()

    async def held(self, person: str, team: str = "") -> list[Held]:
        """What is held on ``person``, in each workspace of Slack where something is; in ``team`` alone where one is named. Raises NotFound
        where nothing is held of that one, and StoreError."""
        self._teams = await teams_of(self._server, self._keys)
        wanted = [await one_of(self._server, self._keys, team)] if team else ["", *self._teams]
        found = [await self._in(person, each) for each in wanted]
        return [h for h in found if any(h.counts.values())]

    async def erase(self, held: Held, person: str) -> None:
        """Erase what was found. Raises StoreError; done again it completes what was begun."""
        keys = of_team(self._keys, held.team)
        votes = RedisVotes(self._server.client(keys.workspace), keys)
        for channel in sorted({channel for channel, _ in held.votes}):
            await votes.forget(channel, person)
        with store_errors():
            client = self._server.client(keys.workspace)
            await client.unlink(keys.shelf(person))
            for channel in sorted({channel for channel, _ in held.changes}):
                key = keys.subscription_changes(channel)
                pairs: list[bytes] = []
                for raw in cast("list[bytes]", await client.lrange(key, 0, -1)):
                    change = load_change(raw)
                    if change.who == person:
                        pairs += (raw, dump_change(replace(change, who=ERASED)))
                await client.eval(_EXCHANGE, 1, key, *pairs)
            async for key, field, _ in self._counts(person, held.team):
                await self._client.hdel(key, field)
        deliveries = RedisDeliveries(self._client, self._keys)
        async for name, _ in self._waiting(person, held.team):
            await deliveries.finish(name)

    async def _in(self, person: str, team: str) -> Held:
        keys = of_team(self._keys, team)
        with store_errors():
            saved = cast(
                "list[tuple[bytes, float]]",
                await self._server.client(keys.workspace).zrange(keys.shelf(person), 0, -1, withscores=True),
            )
            return Held(
                team,
                tuple((i.decode(), int(ms)) for i, ms in saved),
                tuple([v async for v in self._votes(person, keys)]),
                tuple([c async for c in self._changes(person, keys)]),
                tuple(sorted([a async for a in self._questions(person, team)])),
                tuple(sorted([body async for _, body in self._waiting(person, team)])),
            )

    async def _votes(self, person: str, keys: Keys) -> AsyncIterator[tuple[str, Vote]]:
        votes = RedisVotes(self._server.client(keys.workspace), keys)
        async for name in self._named(keys, "votes:of:CHANNEL"):
            channel = name.decode().removeprefix("votes:of:")
            for vote in await votes.votes(channel):
                if vote.person == person:
                    yield channel, vote

    async def _changes(self, person: str, keys: Keys) -> AsyncIterator[tuple[str, Change]]:
        async for name in self._named(keys, "subscription:changes:CHANNEL"):
            channel = name.decode().removeprefix("subscription:changes:")
            for raw in cast(
                "list[bytes]", await self._server.client(keys.workspace).lrange(keys.subscription_changes(channel), 0, -1)
            ):
                change = load_change(raw)
                if change.who == person:
                    yield channel, change

    async def _questions(self, person: str, team: str) -> AsyncIterator[tuple[str, int]]:
        async for key, _, count in self._counts(person, team):
            yield key.rpartition(":")[2], count

    async def _counts(self, person: str, team: str) -> AsyncIterator[tuple[str, str, int]]:
        """Key, field and number of the counts of what the person asked: see ``answers.answering.Limits``."""
        async for name in self._named(self._keys, "asked:DATE"):
            key = self._keys.prefix + name.decode()
            for field, count in cast("dict[bytes, bytes]", await self._client.hgetall(key)).items():
                kind, _, rest = field.decode().partition(":")
                place, _, who = rest.rpartition(":")
                if kind == "person" and who == person and self._is_of(team, [place]):
                    yield key, field.decode(), int(count)

    async def _waiting(self, person: str, team: str) -> AsyncIterator[tuple[str, str]]:
        """Names and bodies of events that are not carried out and name the person."""
        async for name in self._named(self._keys, "delivery:NAME"):
            delivered = name.decode().removeprefix("delivery:")
            body = cast("bytes | None", await self._client.get(self._keys.delivery(delivered))) or b""
            if orjson.dumps(person) in body and self._is_of(team, [t for t in self._teams if orjson.dumps(t) in body]):
                yield delivered, body.decode(errors="replace")

    def _is_of(self, team: str, named: list[str]) -> bool:
        """Whether what names these workspaces of Slack is of ``team``; the installation's own is what names none that has its own keys."""
        return team in named if team else not set(named) & set(self._teams)

    async def _named(self, keys: Keys, kind: str) -> AsyncIterator[bytes]:
        for name in sorted({name async for k, name in names(self._server, keys) if k.name == kind}):
            yield name
