"""Decides what may be dialled for a host, and holds the dial to it.

A name is resolved once, its addresses are checked, and only addresses that were checked are dialled: an answer of the
name server that changes in between changes nothing. Hosts that the operator allows by name may be private.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, Protocol

from digest.errors import FetchError
from digest.fetching.addresses import Address, literal_address, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Names looked up at once. The loop's own threads are a handful on a small machine.
_LOOKUPS: Final = 32
_REMEDY: Final = "If this host is yours and meant, add it to AINEWS_FETCH_ALLOW_HOSTS."


class Resolver(Protocol):
    """Something that knows the addresses of names."""

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses of ``host`` as literals, the preferred first. Raises OSError where there are none."""


class SystemResolver:
    """Asks the operating system, on threads of its own: a name server that does not answer must hold up nothing else."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """See ``Resolver``."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="names")
        ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return [str(sockaddr[0]) for *_, sockaddr in found]


class AddressGuard:
    """The policy for one fetcher. ``allow_hosts``: names or addresses that may be private; a port is ignored."""

    def __init__(self, allow_hosts: Iterable[str] = (), resolver: Resolver | None = None) -> None:
        self._allow_hosts = frozenset(_plain(h.rpartition(":")[0] if h.count(":") == 1 else h) for h in allow_hosts)
        self._resolver = resolver or SystemResolver()
        self._admitted: set[Address] = set()

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The literal addresses that may be dialled for ``host``; at least one.

        Raises FetchError where it has none that is public, OSError where it cannot be resolved.
        """
        literal = self.literal(host)
        if literal is not None:
            return (str(literal),)
        found = [ip_address(a) for a in dict.fromkeys(await self._resolver.addresses(host, port))]
        public = [a for a in found if self._admits(host, a)]
        if not public:
            reason = refusal(found[0]) if found else "unknown"
            raise FetchError(f"the host's address is not public ({reason})", where=host, remedy=_REMEDY)
        return tuple(str(a) for a in public)

    def literal(self, host: str) -> Address | None:
        """The address that ``host`` is, checked; None where it is a name. Raises FetchError where it is refused."""
        try:
            address = literal_address(host)
        except ValueError as error:
            raise FetchError(f"the host is not valid: {error}", where=host) from error
        if address is not None and not self._admits(host, address):
            raise FetchError(f"the address is not public ({refusal(address)})", where=host, remedy=_REMEDY)
        return address

    def check_dial(self, literal: str) -> None:
        """The last gate, at the socket: raises FetchError where ``literal`` was neither admitted nor is public."""
        address = ip_address(literal)
        if address not in self._admitted and refusal(address):
            raise FetchError(f"the address is not public ({refusal(address)})", where=literal, remedy=_REMEDY)

    def _admits(self, host: str, address: Address) -> bool:
        if not refusal(address):
            return True
        if _plain(host) not in self._allow_hosts:
            return False
        self._admitted.add(address)
        return True


def _plain(host: str) -> str:
    return host.strip().lower().rstrip(".").strip("[]")
