"""The day's spending in Redis: implements ``ports.SpendingLedger`` for every process that shares the server.

Money is kept in whole micro-dollars, rounded up, so that sums are exact and a cap errs on the careful side. Each
change is one script, and each may be sent twice, as a client does that lost a reply: a reservation carries a token
that is set aside once and settled once. The server's clock says when a reservation lapses.
"""

from __future__ import annotations

import math
import secrets
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, Final

from digest.errors import StoreUnavailable
from digest.ports import Usage
from digest.stores.connection import store_errors
from digest.stores.keys import RESERVED_TTL_S, SPENT_TTL_S, Keys
from digest.stores.memory_spending import LAPSE_S, micro_dollars

if TYPE_CHECKING:
    from datetime import date

    from redis.asyncio import Redis

#: Seconds within which a client that lost a reply may send a command again; redis-py gives up long before.
REPEAT_S: Final = 60
_COUNTS: Final = ("calls", "input_tokens", "output_tokens", "cache_write_tokens", "cache_read_tokens")

_RESERVE: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local member = ARGV[1] .. ':' .. ARGV[2]
if redis.call('ZSCORE', KEYS[2], member) then return 1 end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if ARGV[3] ~= '' then
  local sum = tonumber(redis.call('HGET', KEYS[1], 'total') or '0') + tonumber(ARGV[2])
  for _, held in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    sum = sum + tonumber(string.match(held, ':(%d+)$'))
  end
  if sum > tonumber(ARGV[3]) then return 0 end
end
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[4]), member)
redis.call('EXPIRE', KEYS[2], ARGV[5])
return 1
"""

# A settled reservation stays as 'TOKEN:0' for a minute, so that settling it again counts nothing.
_SETTLE: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local settled = ARGV[1] .. ':0'
if redis.call('ZSCORE', KEYS[2], settled) then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1] .. ':' .. ARGV[2])
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[3]), settled)
redis.call('EXPIRE', KEYS[2], ARGV[4])
for i = 6, #ARGV, 2 do
  if ARGV[i + 1] ~= '0' then redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('EXPIRE', KEYS[1], ARGV[5]) end
return 1
"""


class RedisSpendingLedger:
    """Implements ``ports.SpendingLedger``. ``lapse_s``: seconds until what nobody settled is given back.

    Settle with the instance that reserved: it remembers which of its reservations are open.
    """

    def __init__(self, redis: Redis, keys: Keys, *, lapse_s: float = LAPSE_S, channel: str = "") -> None:
        """``channel``: count what is spent for that one alone."""
        self._keys = keys
        self._channel = channel
        self._redis = redis
        self._lapse_ms = math.ceil(lapse_s * 1000)
        self._reserve = redis.register_script(_RESERVE)
        self._settle = redis.register_script(_SETTLE)
        self._open: defaultdict[tuple[date, int], deque[str]] = defaultdict(deque)

    async def reserve(self, day: date, dollars: float, cap: float | None) -> bool:
        """As the port says. Raises StoreError."""
        token, amount = secrets.token_hex(8), micro_dollars(dollars)
        limit = "" if cap is None else math.floor(round(cap * 1_000_000, 6))
        arguments: list[str | int] = [token, amount, limit, self._lapse_ms, RESERVED_TTL_S]
        with store_errors():
            granted = bool(await self._reserve(keys=self._names(day), args=arguments))
        if granted:
            self._open[day, amount].append(token)
        return granted

    async def settle(self, day: date, reserved: float, usage: Usage, *, purpose: str, model: str) -> None:
        """As the port says. Raises StoreError; then the reservation stays until it lapses."""
        amount = micro_dollars(reserved)
        tokens = self._open[day, amount]
        token = tokens.popleft() if tokens else secrets.token_hex(8)
        if not tokens:
            del self._open[day, amount]
        arguments: list[str | int] = [token, amount, REPEAT_S * 1000, RESERVED_TTL_S, SPENT_TTL_S]
        arguments += _increments(usage, f"{purpose}/{model}")
        try:
            await self._run_settle(day, arguments)
        except StoreUnavailable:  # a connection that was idle during the call may be gone; sent twice it counts once
            await self._run_settle(day, arguments)

    async def spent(self, day: date) -> dict[str, Usage]:
        """As the port says. Raises StoreError."""
        with store_errors():
            held: dict[Any, Any] = await self._redis.hgetall(self._keys.spent(day, self._channel))
        counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for field, number in ((_text(f), int(n)) for f, n in held.items()):
            name, _, count = field.rpartition("|")
            if name:
                counts[name][count] = number
        return {name: _usage(c) for name, c in sorted(counts.items())}

    async def _run_settle(self, day: date, arguments: list[str | int]) -> None:
        with store_errors():
            await self._settle(keys=self._names(day), args=arguments)

    def _names(self, day: date) -> list[str]:
        return [self._keys.spent(day, self._channel), self._keys.reserved(day, self._channel)]


def _increments(usage: Usage, name: str) -> list[str | int]:
    """Field and increment by turns: each count of ``usage`` under ``name``, and the total of all that the cap goes
    by.
    """
    cost = micro_dollars(usage.dollars)
    fields: dict[str, int] = {f"{name}|{c}": getattr(usage, c) for c in _COUNTS}
    fields |= {f"{name}|micro_dollars": cost, "total": cost}
    return [part for pair in fields.items() for part in pair]


def _usage(counts: dict[str, int]) -> Usage:
    return Usage(**{c: counts.get(c, 0) for c in _COUNTS}, dollars=counts.get("micro_dollars", 0) / 1_000_000)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
