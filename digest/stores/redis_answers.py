"""Conversations, answers given and quotas in Redis: the adapters of ``answers.ports``. ``client`` must give bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from digest.answers.ports import ANSWER_TTL_S, CONVERSATION_TTL_S, TURNS
from digest.answers.stored import dump_answer, dump_turn, load_answer, load_turn
from digest.stores.connection import store_errors
from digest.stores.keys import ASKED_TTL_S

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from redis.asyncio import Redis

    from digest.answers.ports import Answer, Turn
    from digest.stores.keys import Keys

# KEYS 1 asked:DATE   ARGV 1 lifetime, s   then NAME LIMIT, …   Returns the name that is full, or ''.
_TAKE: Final = """
for i = 2, #ARGV, 2 do
  if tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0') >= tonumber(ARGV[i + 1]) then return ARGV[i] end
end
for i = 2, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], 1) end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return ''
"""


class RedisConversations:
    """Conversations of one workspace: a list each."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    async def turns(self, name: str) -> list[Turn]:
        """See ``answers.ports.Conversations``."""
        with store_errors():
            found = cast("list[bytes]", await self._client.lrange(self._keys.conversation(name), -TURNS, -1))
        return [turn for turn in map(load_turn, found) if turn is not None]

    async def add(self, name: str, turn: Turn) -> None:
        """See ``answers.ports.Conversations``."""
        key = self._keys.conversation(name)
        with store_errors():
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.rpush(key, dump_turn(turn))
                pipe.ltrim(key, -TURNS, -1)
                pipe.expire(key, CONVERSATION_TTL_S)
                await pipe.execute()


class RedisAnswerCache:
    """Answers of one installation: a string each."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    async def get(self, key: str) -> Answer | None:
        """See ``answers.ports.AnswerCache``."""
        with store_errors():
            found = cast("bytes | None", await self._client.get(self._keys.answer(key)))
        return load_answer(found) if found else None

    async def put(self, key: str, answer: Answer) -> None:
        """See ``answers.ports.AnswerCache``."""
        with store_errors():
            await self._client.set(self._keys.answer(key), dump_answer(answer), ex=ANSWER_TTL_S)


class RedisQuotas:
    """Questions of one installation: a hash for each day, and a script."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._keys = keys
        self._take = client.register_script(_TAKE)

    async def take(self, day: date, limits: Mapping[str, int]) -> str:
        """See ``answers.ports.Quotas``."""
        arguments: list[str | int] = [ASKED_TTL_S]
        for name, most in limits.items():
            arguments += [name, most]
        with store_errors():
            full = cast("bytes", await self._take(keys=[self._keys.asked(day)], args=arguments))
        return full.decode()
