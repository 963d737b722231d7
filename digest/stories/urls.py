"""Canonical URLs: two addresses of the same page become the same string, two pages never do.

The canonical URL is a key, not a link: people are sent to the address that the publisher gave. What is dropped is what no
page depends on: the scheme, ``www.``, a default port, credentials, the fragment, parameters that only follow people around,
the order of the others, a slash at the end, needless percent-encoding. Everything else stays, ``?id=1`` above all.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

#: Parameters whose every name with this beginning is a campaign's, by the vendor's own documentation: Google and Matomo
#: campaigns, HubSpot, Mailchimp, Vero, Oracle, Omeda.
TRACKING_PREFIXES: Final = ("utm_", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "_hs", "mc_", "vero_", "oly_")

#: Click and share identifiers, each by the platform that adds it.
TRACKING_NAMES: Final = frozenset(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ymclid twclid ttclid li_fat_id igshid igsh epik rdt_cid scid "
    "mkt_tok mkevt mkcid _ga _gl _gac ga_source ga_medium ga_campaign ga_term ga_content s_cid s_kwcid ef_id "
    "ncid cmpid ocid icid wickedid _openstat __s __hssc __hstc __hsfp hsctatracking spm sr_share ref_src ref_url "
    "guccounter guce_referrer guce_referrer_sig sharetoken smid smtyp share_id trk trkcampaign cvid oicd".split()
)

MAX_URL_CHARS: Final = 8_192
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
    parts = split_http(url)
    host = canonical_host(parts.hostname or "")
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    path = _path(parts.path)
    query = _query(parts.query)
    return f"https://{host}{port}{path}{'?' + query if query else ''}"


def split_http(url: str) -> SplitResult:
    """``url`` in its parts; raises ValueError where it is not an http(s) address with a host."""
    text = _SPACES.sub("", url.strip())
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


def canonical_host(host: str) -> str:
    """``host`` in lower case ASCII without ``www.`` and a dot at the end. Raises ValueError where it is no host name."""
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
    while "." in (bare := host.removeprefix("www.")) and bare != host:
        host = bare
    return host


def _path(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/"):
        match segment:
            case "." | "%2e" | "%2E":
                continue
            case ".." | "%2e%2e" | "%2E%2E":
                if len(kept) > 1:
                    kept.pop()
            case _:
                kept.append(segment)
    joined = _encoded("/".join(kept)).rstrip("/")
    return joined or "/"


def _query(query: str) -> str:
    if not query:
        return ""
    kept = [p for p in query.split("&") if p and not _tracks(p.partition("=")[0])]
    return "&".join(sorted(_encoded(p) for p in kept))


def _tracks(name: str) -> bool:
    name = name.lower()
    return name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES)


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
