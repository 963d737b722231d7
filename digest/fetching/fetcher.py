"""Fetches what strangers serve, within limits that hold whatever they do.

http and https only; no credentials, cookies or proxy from the environment; every address checked where it is dialled,
again at each redirect; one deadline for all of it; bounded headers, body and decompression. A redirect from https to
http is refused: it would let anyone on the way write the news. When to fetch, and whether to try again, is for others.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from digest.errors import FetchError
from digest.fetching import decoding
from digest.fetching.fetched import Fetched, Limits, retry_after_s
from digest.fetching.guard import AddressGuard, Resolver

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Mapping

    from aiohttp.connector import AddrInfoType

MAX_URL_CHARS: Final = 8_192
_PERMANENT: Final = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
_REDIRECTS: Final = _PERMANENT | {HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, HTTPStatus.TEMPORARY_REDIRECT}
_LARGER: Final = "If that is meant, raise AINEWS_FETCH_MAX_BYTES."
_CONDITIONS: Final = frozenset({"if-none-match", "if-modified-since"})


def user_agent() -> str:
    """How we name ourselves to a server: the program, its version, and what it is."""
    try:
        return f"ainews/{version('ainews')} (feed reader)"
    except PackageNotFoundError:  # run from a folder that was never installed
        return "ainews (feed reader)"


class Fetcher:
    """A pool of connections under one policy; an async context manager. Safe to use concurrently."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        allow_hosts: Iterable[str] = (),
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._guard = AddressGuard(allow_hosts, resolver)
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=_GuardedResolver(self._guard),
            use_dns_cache=False,
            socket_factory=self._socket,
            ssl=self._tls or True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": user_agent(), "Accept-Encoding": decoding.ACCEPTED},
            timeout=aiohttp.ClientTimeout(total=None),  # the deadline is ours: it spans redirects
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """What ``url`` serves, after at most ``max_redirects`` redirects. ``headers`` go with each request.

        Raises FetchError, in words for people, for everything that can go wrong: ``status`` is set where the server
        answered with another status than 2xx, ``retry_after_s`` where it said when to come back.
        """
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                return await self._followed(url, dict(headers or {}))
        except FetchError as error:
            error.where = shown(url)
            raise
        except Exception as error:
            remedy = _LARGER if isinstance(error, decoding.TooLarge) else ""
            raise FetchError(_in_words(error, self._limits), where=shown(url), remedy=remedy) from error

    async def _followed(self, url: str, headers: dict[str, str]) -> Fetched:
        seen: list[URL] = []
        target = self._checked(url)
        moved_to, for_good = "", True
        while True:
            if target in seen:
                raise FetchError("it redirects in a circle")
            seen.append(target)
            answer = await self._once(url, target, headers)
            if isinstance(answer, Fetched):
                return replace(answer, moved_to=moved_to)
            if len(seen) > self._limits.max_redirects:
                raise FetchError(f"it redirects more than {self._limits.max_redirects} times")
            status, location = answer
            target = self._redirected(target, location)
            for_good = for_good and status in _PERMANENT
            moved_to = str(target) if for_good else moved_to

    def _redirected(self, target: URL, location: str) -> URL:
        try:
            further = self._checked(urljoin(str(target), location))
        except ValueError as error:
            raise FetchError("it redirects to something that is no address") from error
        except FetchError as error:
            raise FetchError(f"it redirects to where it may not: {error}", remedy=error.remedy) from error
        if target.scheme == "https" and further.scheme == "http":
            raise FetchError("it redirects from https to http", remedy=f"If that is meant, fetch {shown(str(further))} itself.")
        return further

    def _checked(self, url: str) -> URL:
        """``url`` as parsed by what makes the connection: both see one host. Raises FetchError where it is refused."""
        if len(url) > MAX_URL_CHARS:
            raise FetchError(f"the URL is longer than {MAX_URL_CHARS} characters")
        try:
            parsed = URL(url.strip()).with_fragment(None)
            host, port = parsed.raw_host, parsed.port
        except (ValueError, TypeError) as error:
            raise FetchError("the URL is not valid") from error
        if parsed.scheme not in ("http", "https"):
            raise FetchError("only http and https are fetched")
        if parsed.user is not None or parsed.password is not None:
            raise FetchError("a URL with a user name or password is not fetched", remedy="Take it out of the URL.")
        if not host or not port:
            raise FetchError("the URL names no host")
        self._guard.literal(host)
        return parsed

    async def _once(self, url: str, target: URL, headers: Mapping[str, str]) -> Fetched | tuple[int, str]:
        """One request: the answer, or the status and address of a redirect."""
        if self._session is None:
            raise RuntimeError("a Fetcher is used inside 'async with'")
        async with self._session.get(target, headers=headers, allow_redirects=False) as response:
            location = response.headers.get("Location")
            if response.status in _REDIRECTS and location:
                response.close()  # its body is of no use and may be endless
                return response.status, location
            not_modified = response.status == HTTPStatus.NOT_MODIFIED and not _CONDITIONS.isdisjoint(map(str.lower, headers))
            if not (200 <= response.status < 300 or not_modified):
                response.close()
                raise _refused_by_server(response)
            body = b"" if not_modified else await self._body(response)
            found = {name.lower(): value for name, value in response.headers.items()}
            return Fetched(url, str(target), response.status, found, body)

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        announced = response.content_length or 0
        if announced > self._limits.max_bytes:
            response.close()
            raise decoding.TooLarge
        try:
            decoder = decoding.decoder(", ".join(response.headers.getall("Content-Encoding", ())), self._limits.max_bytes)
            async for piece in response.content.iter_any():
                decoder.feed(piece)
            return decoder.finish()
        except BaseException:
            response.close()
            raise

    def _socket(self, address: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, target = address
        self._guard.check_dial(str(target[0]))
        return socket.socket(family, kind, protocol)


async def fetch(
    url: str,
    limits: Limits | None = None,
    *,
    allow_hosts: Iterable[str] = (),
    resolver: Resolver | None = None,
    headers: Mapping[str, str] | None = None,
) -> Fetched:
    """One fetch by itself; see ``Fetcher.fetch``."""
    async with Fetcher(limits, allow_hosts=allow_hosts, resolver=resolver) as fetcher:
        return await fetcher.fetch(url, headers)


def shown(url: str) -> str:
    """``url`` as it may be shown: without a user name and password, and not endlessly long."""
    scheme, mark, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    bare = f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}" if mark else url
    return bare if len(bare) <= 300 else bare[:299] + "…"


class _GuardedResolver(AbstractResolver):
    """Gives aiohttp only addresses that were checked."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
            for address in await self._guard.addresses(host, port)
        ]

    async def close(self) -> None:
        pass


def _refused_by_server(response: aiohttp.ClientResponse) -> FetchError:
    try:
        phrase = f" ({HTTPStatus(response.status).phrase})"
    except ValueError:
        phrase = ""
    return FetchError(
        f"the server answered {response.status}{phrase}",
        status=response.status,
        retry_after_s=retry_after_s(response.headers.get("Retry-After", ""), datetime.now(UTC)),
    )


def _in_words(error: Exception, limits: Limits) -> str:  # noqa: PLR0911 one line for each thing that can happen
    match error:
        case TimeoutError():
            return f"it did not answer in full within {limits.timeout_s:g} s"
        case decoding.TooLarge():
            return f"it is larger than {limits.max_bytes:,} bytes"
        case decoding.Undecodable():
            return str(error)
        case aiohttp.ClientConnectorCertificateError():
            return f"its certificate is not valid: {getattr(error.certificate_error, 'verify_message', '') or 'refused'}"
        case aiohttp.ClientConnectorDNSError():
            return "its host name cannot be resolved"
        case aiohttp.ClientSSLError():
            return "no secure connection could be made"
        case aiohttp.ClientConnectorError():
            return f"it cannot be reached: {error.os_error.strerror or error.os_error}"
        case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return "the connection broke off before the answer was complete"
        case aiohttp.ClientResponseError():
            return "its answer is not valid HTTP, or its headers are too large"
        case _:
            return f"it could not be fetched ({type(error).__name__})"
