"""AINEWS_REDIS_URL in its parts: where the server or the servers are, who we are to them, and how TLS is to be checked.

Three kinds are told apart: one server, a cluster of which some nodes are named, and the primary that sentinels name. Whoever
connects by other means than ``connection`` gets the same server from the same ``Address``. The URL is never repeated in an
error, and ``redacted`` leaves out who we are.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple
from urllib.parse import SplitResult, parse_qs, unquote, urlencode, urlsplit

from redis.asyncio.connection import parse_url

from digest.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["server", "cluster", "sentinel"]
#: The kind, and whether it is spoken to over TLS. ``redis-cluster://`` is read as ``redis+cluster://``, as others write it.
_SCHEMES: Final[dict[str, tuple[Kind, bool]]] = {
    "redis": ("server", False), "rediss": ("server", True), "unix": ("server", False),
    "redis+cluster": ("cluster", False), "rediss+cluster": ("cluster", True),
    "redis+sentinel": ("sentinel", False), "rediss+sentinel": ("sentinel", True),
}  # fmt: skip
_PORT: Final = 6379
_SENTINELS_PORT: Final = 26379
#: Options that a URL may carry. The others are decided in ``connection``: one with ``decode_responses`` would break every reader.
_OPTIONS: Final = frozenset(
    {"db", "username", "password", "client_name", "ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile",
     "ssl_check_hostname", "ssl_ca_path"}
)  # fmt: skip
#: Those of the sentinels alone, who know nothing of the servers' users.
_SENTINELS: Final = ("sentinel_username", "sentinel_password")
#: Those that name a file or folder, which has to be there before anything is connected.
_FILES: Final = ("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile")
#: What may stand behind the port: of one server, of a cluster, and of sentinels.
_PATHS: Final[dict[Kind, re.Pattern[str]]] = {
    "server": re.compile(r"/?\d*/?"), "cluster": re.compile(r"/?0?/?"), "sentinel": re.compile(r"/[^/]+(/\d*)?/?")
}  # fmt: skip
#: Who and where, and what comes behind; it matches everything.
_WHERE: Final = re.compile(r"([^/?#]*)(.*)", re.DOTALL)
_NO_NUMBER: Final = "its port or its database is no number"
_NO_PATH: Final[dict[Kind, str]] = {
    "server": _NO_NUMBER,
    "cluster": "a cluster has no database but 0",
    "sentinel": "behind the sentinels stands the name of their primary, and its database: /mymaster/0",
}


class Host(NamedTuple):
    """Where one server listens: a name or address, and a port."""

    name: str
    port: int

    def __str__(self) -> str:
        return f"{f'[{self.name}]' if ':' in self.name else self.name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Address:
    """What AINEWS_REDIS_URL says. ``hosts``: the server, some nodes of the cluster, or the sentinels; none for a Unix socket, which
    ``path`` names. ``primary``: its name among the sentinels. ``options``: the rest, named and typed as redis-py does (``ssl_…``,
    ``client_name``). Names and passwords are empty where none is given, and in no repr."""

    kind: Kind
    tls: bool
    hosts: tuple[Host, ...]
    path: str = ""
    db: int = 0
    primary: str = ""
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    sentinel_username: str = field(default="", repr=False)
    sentinel_password: str = field(default="", repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)


def parse(url: str) -> Address:
    """``url`` in its parts. Raises ConfigurationError for one that is none, or carries an option that is not left to it."""
    scheme, _, rest = url.partition("://")
    scheme = scheme.lower().replace("-", "+")
    if scheme not in _SCHEMES:
        raise not_valid("it begins with none of redis://, rediss://, unix://, redis+cluster:// and redis+sentinel://")
    kind, tls = _SCHEMES[scheme]
    try:
        if kind == "server":
            return _of_one(f"{scheme}://{rest}", tls)
        return _of_several(kind, tls, rest)
    except (ValueError, TypeError):
        # What the parser says may quote part of the password, so neither its words nor itself are passed on.
        raise not_valid(_NO_NUMBER) from None


def each_node(url: str) -> list[str]:
    """``url`` for a client of somebody else's, which knows our schemes but no aliases, and takes one node of a cluster: one URL for each that
    is named. Raises ConfigurationError."""
    there = parse(url)
    scheme, _, rest = url.partition("://")
    scheme = scheme.lower().replace("-", "+")
    if there.kind != "cluster":
        return [f"{scheme}://{rest}"]
    where, tail = _WHERE.match(rest).groups()  # type: ignore[union-attr]
    who, at, _ = where.rpartition("@")
    return [f"{scheme}://{who}{at}{host}{tail}" for host in there.hosts]


def _of_one(url: str, tls: bool) -> Address:
    parts = urlsplit(url)
    _check(parts, "server")
    given: dict[str, Any] = {**parse_url(url)}
    given.pop("connection_class", None)
    host = Host(given.pop("host", "localhost"), given.pop("port", _PORT))
    path = given.pop("path", "")
    return _address("server", tls, () if parts.scheme == "unix" else (host,), given, path=path)


def _of_several(kind: Kind, tls: bool, rest: str) -> Address:
    """The library reads one host: it is given the first, and the others are read here."""
    where, tail = _WHERE.match(rest).groups()  # type: ignore[union-attr]
    who, at, members = where.rpartition("@")
    port = _SENTINELS_PORT if kind == "sentinel" else _PORT
    hosts = tuple(_host(member, port) for member in members.split(",") if member)
    if not hosts:
        raise not_valid("it names no host")
    parts = urlsplit(f"redis://{who}{at}{hosts[0]}{tail}")
    _check(parts, kind, _SENTINELS if kind == "sentinel" else ())
    options = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    sentinels = {name: options.pop(name, "") for name in _SENTINELS}
    _, _, behind = parts.path.strip("/").partition("/") if kind == "sentinel" else ("", "", "")
    given: dict[str, Any] = {**parse_url(f"redis://{who}{at}{hosts[0]}/{behind}?{urlencode(options)}")}
    if kind == "cluster" and given.get("db"):
        raise not_valid(_NO_PATH[kind])
    named = unquote(parts.path.strip("/").partition("/")[0]) if kind == "sentinel" else ""
    return _address(kind, tls, hosts, {k: v for k, v in given.items() if k not in ("host", "port")}, primary=named, **sentinels)


def _host(member: str, port: int) -> Host:
    parts = urlsplit(f"//{member}")
    if not parts.hostname or parts.path:
        raise ValueError
    return Host(unquote(parts.hostname), parts.port or port)


def _address(kind: Kind, tls: bool, hosts: tuple[Host, ...], given: dict[str, Any], **more: Any) -> Address:
    known = {name: given.pop(name) for name in ("db", "username", "password") if name in given}
    return Address(kind=kind, tls=tls, hosts=hosts, options=given, **known, **more)


def _check(parts: SplitResult, kind: Kind, further: tuple[str, ...] = ()) -> None:
    """What the parser would pass over: another option, a file that is not there, a database that is no number. Raises
    ConfigurationError.
    """
    if _is_torn(parts):
        raise not_valid("a character of its password or of a path in it stands as it is")
    if parts.scheme != "unix" and not _PATHS[kind].fullmatch(parts.path):
        raise not_valid(_NO_PATH[kind])
    options = parse_qs(parts.query, keep_blank_values=True)
    if unknown := sorted(options.keys() - _OPTIONS - set(further)):
        raise not_valid(f"it may not carry {', '.join(unknown)}")
    for name in _FILES:
        if name in options and not os.access(options[name][0], os.R_OK):
            raise not_valid(f"{name} names a file that cannot be read")


def _is_torn(parts: SplitResult) -> bool:
    """Whether a ``/``, ``?`` or ``#`` in a password ended the host too early: the rest of it stands where others look."""
    in_path = "@" in parts.path and (parts.scheme != "unix" or bool(parts.netloc and "@" not in parts.netloc))
    return in_path or bool(parts.fragment) or "@" in parts.query


def not_valid(why: str) -> ConfigurationError:
    """The error for a URL that cannot be used. ``why`` repeats none of it."""
    return ConfigurationError(
        f"AINEWS_REDIS_URL is not valid: {why}",
        remedy="Write redis://HOST:PORT/0, unix:///PATH, redis+cluster://HOST:PORT,HOST:PORT or "
        "redis+sentinel://HOST:PORT,HOST:PORT/NAME/0, with rediss for redis where they speak TLS; in a password, write / @ : % ? # as "
        "%2F %40 %3A %25 %3F %23.",
    )


def redacted(url: str) -> str:
    """``url`` without user name, password and options, for people and logs."""
    try:
        there = parse(url)
    except ConfigurationError:
        return "a URL that is not valid"
    if there.path:
        return f"unix://{there.path}"
    hosts = ",".join(map(str, there.hosts))
    behind = {"server": f"/{there.db}", "cluster": "", "sentinel": f"/{there.primary}/{there.db}"}
    return f"redis{'s' if there.tls else ''}{'' if there.kind == 'server' else f'+{there.kind}'}://{hosts}{behind[there.kind]}"
