"""Canonical URLs: two addresses of the same page become the same string, two pages never do.

The canonical URL is a key, not a link: people are sent to the address that the publisher gave. What is dropped is what no
page depends on: the scheme, ``www.``, a default port, credentials, the fragment, parameters that only follow people around
(``tracking``), the order of the others, a slash at the end, needless percent-encoding; addresses for phones, as AMP and for print
(``page_variants``); and redirectors that carry their target (``redirectors``), up to three in one another. Everything else
stays, ``?id=1`` above all, and a fragment that is a route of the page's own (``#!`` or ``#/``).

An article's id is made of it: with other rules here, articles that are held are found under their old ids until their documents
are read again.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from digest.stories.page_variants import page, shows_the_same, site, video
from digest.stories.redirectors import holds_a_query, likely_target, target
from digest.stories.tracking import tracks

MAX_URL_CHARS: Final = 8_192
#: Redirectors in one another. What is wrapped more often is left wrapped.
MAX_REDIRECTORS: Final = 3
_HEX: Final = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PLAIN_HOST: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\Z")
_SPACES: Final = re.compile(r"[\t\r\n]+")
_UNSAFE: Final = re.compile(r"[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]")


@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str:
    """The canonical form of ``url``, which is ``https://`` and idempotent.

    Raises ValueError, in words for people, where ``url`` is empty, longer than 8,192 characters, not http(s), or without a
    valid host.
    """
    found = _plain(split_http(url))
    reached = found
    for _ in range(MAX_REDIRECTORS):
        onwards = _sent_on(reached)
        if onwards is None:
            return _address(reached)
        reached = onwards[1]
    return _address(found if _sent_on(reached) else reached)


def unwrapped(url: str) -> str:
    """The address that a redirector carries, as it carries it; ``url`` where it is none. Raises ValueError as ``canonical_url``."""
    reached = url
    for _ in range(MAX_REDIRECTORS):
        onwards = _sent_on(_plain(split_http(reached)))
        if onwards is None:
            return reached
        reached = onwards[0]
    return url if _sent_on(_plain(split_http(reached))) else reached


def _sent_on(parts: SplitResult) -> tuple[str, SplitResult] | None:
    """What the redirector ``parts`` sends on to, where that is a web address: as it is given, and in canonical form."""
    known = target(parts.netloc, parts.path, parts.query)
    aim = known or likely_target(parts.netloc, parts.path, parts.query)
    if aim is None or not aim[:8].lower().startswith(("http://", "https://")):
        return None
    try:
        reached = _plain(split_http(aim))
    except ValueError:
        return None
    return (aim, reached) if known or reached.netloc != parts.netloc else None


def _plain(parts: SplitResult) -> SplitResult:
    """``parts`` in canonical form; a redirector stays what it is."""
    host = canonical_host(parts.hostname or "")
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    path = _path(parts.path)
    if not port and (shown := video(host, path)):
        start = f"v={shown}&{parts.query}"
        host, path, query = "youtube.com", "/watch", start.rstrip("&")
    else:
        query = parts.query
    route = _encoded(parts.fragment) if parts.fragment.startswith(("!", "/")) else ""
    return SplitResult("https", host + port, path, _query(query, host, path), route)


def _address(parts: SplitResult) -> str:
    query, route = parts.query, parts.fragment
    return f"https://{parts.netloc}{parts.path}{'?' + query if query else ''}{'#' + route if route else ''}"


def split_http(url: str) -> SplitResult:
    """``url`` in its parts; raises ValueError where it is not an http(s) address with a host."""
    text = url.strip()
    if not text.isprintable():  # as a tab or the end of a line within it
        text = _SPACES.sub("", text)
    if not text:
        raise ValueError("there is no URL")
    if len(text) > MAX_URL_CHARS:
        raise ValueError(f"the URL is longer than {MAX_URL_CHARS} characters")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"the URL is not valid: {error}") from error
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"the URL is not http or https but {parts.scheme[:20] or 'without a scheme'}")
    if not parts.hostname or port == 0:
        raise ValueError("the URL names no host")
    return parts


def without_credentials(url: str) -> str:
    """``url`` as given, without a user name and password before the host."""
    parts = split_http(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


@lru_cache(maxsize=1024)
def canonical_host(host: str) -> str:
    """``host`` in lower case ASCII without ``www.``, ``m.`` and the like and a dot at the end. Raises ValueError where it is no host name."""
    host = host.lower().rstrip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise ValueError(f"the URL's host is not valid: {error}") from error
    if ":" in host:
        try:
            return f"[{ip_address(host).compressed}]"
        except ValueError as error:
            raise ValueError("the URL's host is not a valid address") from error
    if not _PLAIN_HOST.match(host) or ".." in host:
        raise ValueError("the URL's host is not valid")
    return site(host)


def _path(path: str) -> str:
    kept: list[str] = []
    for segment in _encoded(path).split("/"):
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    return page("/".join(kept)) or "/"


def _query(query: str, host: str, path: str) -> str:
    if not query or holds_a_query(host, path):
        return _encoded(query)
    pairs = (p.partition("=") for p in query.split("&") if p)
    kept = ["".join(p) for p in pairs if not tracks(p[0], host) and not shows_the_same(p[0], p[2], path)]
    return "&".join(sorted(map(_encoded, kept)))


def _encoded(text: str) -> str:
    """Percent-encoding in one form: unreserved characters bare, all others that are encoded in upper case (RFC 3986, 6.2.2)."""
    if "%" in text:
        text = _HEX.sub(_unescaped, text)
    if _UNSAFE.search(text):
        text = _UNSAFE.sub(_escaped, text)
    return text


def _unescaped(match: re.Match[str]) -> str:
    byte = unquote_to_bytes(match[0])[0]
    return chr(byte) if byte in _UNRESERVED else match[0].upper()


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"%{b:02X}" for b in match[0].encode("utf-8", "replace"))
