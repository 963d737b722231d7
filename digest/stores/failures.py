"""What Redis or its client says when it fails, in our words: one sentence, what to do, and never a password.

Which error it is, is read from the code that a reply begins with (``OOM``, ``READONLY``), not found somewhere in its
text: a reply may quote the command, and with it an article.
"""

from __future__ import annotations

import re
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from redis import exceptions as said

from digest.errors import StoreError, StoreFull, StoreReadOnly, StoreRefused, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Of one command in a pipeline, the client tells which: "Command # 3 (SET key value …) of pipeline caused error: OOM
#: …".
_IN_PIPELINE: Final = re.compile(r"^Command # \d+ \(.*\) of pipeline caused error: ", re.DOTALL)
_CODE: Final = re.compile(r"-?([A-Z]{3,})\b")
#: Classes of the client for replies whose code it has taken off the text.
_CODE_OF: Final = (
    (said.AuthenticationWrongNumberOfArgsError, "WRONGPASS"), (said.AuthenticationError, "WRONGPASS"),
    (said.AuthorizationError, "NOPERM"), (said.NoPermissionError, "NOPERM"), (said.OutOfMemoryError, "OOM"),
    (said.ReadOnlyError, "READONLY"), (said.BusyLoadingError, "LOADING"), (said.MasterDownError, "MASTERDOWN"),
    (said.MovedError, "MOVED"), (said.AskError, "ASK"), (said.TryAgainError, "TRYAGAIN"),
    (said.ClusterDownError, "CLUSTERDOWN"), (said.ClusterCrossSlotError, "CROSSSLOT"),
)  # fmt: skip
#: Of a connection that a password should have opened, and that had none. The client tells no such code.
_UNKNOWN_YET: Final = ("authentication required", "must be called with the client already authenticated")
_RUNS_AND_RIGHT: Final = (
    "See that it runs and that AINEWS_REDIS_URL is right (rediss:// if it speaks TLS, redis:// if not), then try again."
)
_MOMENT: Final = "Try again in a moment."
_AWAY: Final = (StoreUnavailable, "its primary is away", _MOMENT)
_NODE: Final = (
    StoreUnavailable, "it is one node of a cluster", "Write redis+cluster:// for redis:// in AINEWS_REDIS_URL."
)  # fmt: skip
#: By the code of the reply: the error, what is wrong, and what to do.
_MEANT: Final[dict[str, tuple[type[StoreError], str, str]]] = {
    "NOAUTH": (
        StoreRefused, "it asks for a password", "Add it to AINEWS_REDIS_URL: redis://:PASSWORD@HOST:PORT/0."
    ),
    "WRONGPASS": (StoreRefused, "the password is wrong", "Correct the user and password in AINEWS_REDIS_URL."),
    "DENIED": (StoreRefused, "it takes local connections only, in protected mode", "Set a password on it."),
    "OOM": (
        StoreFull, "it is full; what it acknowledged is kept", "Raise its maxmemory, or lower AINEWS_RETENTION_DAYS."
    ),
    "READONLY": (StoreReadOnly, "it is a replica", "Point AINEWS_REDIS_URL at the primary."),
    "MISCONF": (StoreReadOnly, "it cannot write its own files", "Give its disk room."),
    "NOREPLICAS": (StoreReadOnly, "too few replicas are in step with it", "See to its replicas."),
    "LOADING": (StoreUnavailable, "it is still loading its data", _MOMENT),
    "BUSY": (StoreUnavailable, "it is busy with a script", _MOMENT),
    "CLUSTERDOWN": (StoreUnavailable, "its cluster is down", _MOMENT), "MASTERDOWN": _AWAY,
    "TRYAGAIN": (StoreUnavailable, "its cluster moves this workspace to another node", "Try again when it has done so."),
    "MOVED": _NODE, "ASK": _NODE, "CROSSSLOT": _NODE,
}  # fmt: skip
_DONE: Final = {StoreRefused: "refuses us", StoreFull: "refuses to write", StoreReadOnly: "refuses to write"}
_OTHER_HOST: Final = ("its certificate is another host's", "Write the host in AINEWS_REDIS_URL as its certificate names it.")
_NO_NAME: Final = ("its host name is not known", _RUNS_AND_RIGHT)
_NOBODY: Final = ("nothing listens there", _RUNS_AND_RIGHT)
_LATE: Final = ("it did not answer in time", _RUNS_AND_RIGHT)
#: Signs in what sockets, TLS and the client say, each with what is told instead, and what to do: their text may hold the
#: address. The first sign that is found counts.
_CAUSES: Final[tuple[tuple[str, tuple[str, str]], ...]] = (
    ("refused", _NOBODY),
    ("no such file", ("its socket is not there", _RUNS_AND_RIGHT)),
    ("unreachable", ("there is no way to its network", _RUNS_AND_RIGHT)),
    ("no route", ("there is no way to its network", _RUNS_AND_RIGHT)),
    ("permission denied", ("this user may not use its socket", "Let this user read and write the socket.")),
    ("hostname mismatch", _OTHER_HOST), ("not valid for", _OTHER_HOST),
    ("certificate has expired", ("its certificate has expired", "Renew its certificate.")),
    ("certificate required", (
        "it asks for a certificate of ours", "Add ?ssl_certfile=FILE&ssl_keyfile=FILE to AINEWS_REDIS_URL."
    )),
    ("certificate", ("its certificate is not trusted", "Add ?ssl_ca_certs=FILE, its CA, to AINEWS_REDIS_URL.")),
    ("wrong version number", ("it does not speak TLS", "Write redis:// for rediss:// in AINEWS_REDIS_URL.")),
    ("ssl", ("TLS failed", _RUNS_AND_RIGHT)),
    ("it is a replica", ("it is a replica", "See who the primary is: its sentinels say that this server is.")),
    ("max number of clients", ("it takes no more connections", "Raise its maxclients.")),
    ("too many connections", ("too much is asked of it at once", _MOMENT)),
    ("timed out", _LATE), ("timeout", _LATE),
)  # fmt: skip


@contextmanager
def store_errors() -> Iterator[None]:
    """Turns what the client raises within into a StoreError that says what to do. No password is in it."""
    try:
        yield
    except (said.RedisError, OSError) as error:
        # A server too old for HELLO quotes it back whole, password included: that cause is not kept.
        raise in_our_words(error) from (None if "args beginning with" in str(error) else error)


def in_our_words(error: said.RedisError | OSError) -> StoreError:
    """The StoreError that ``error`` means. A programmer's mistake (WRONGTYPE, a wrong argument) is a plain
    StoreError.
    """
    error = _innermost(error)
    text = _IN_PIPELINE.sub("", str(error))
    if isinstance(error, (said.TimeoutError, TimeoutError)):
        return _told(StoreUnavailable, *_LATE)
    if isinstance(error, said.InvalidResponse):
        return _told(StoreUnavailable, "what answers there is no Redis", "Correct the host and port in AINEWS_REDIS_URL.")
    code = _code(error, text)
    if code == "NOPERM":
        return _not_permitted(text)
    if code in _MEANT:
        kind, why, remedy = _MEANT[code]
        return _told(kind, why, f"{remedy}{_quoted(text)}" if code == "MISCONF" else remedy)
    if isinstance(error, (said.ConnectionError, OSError)):
        return _told(StoreUnavailable, *_cause(error, text))
    told = text.split(", with args beginning with")[0].split(" script: ")[0][:200]
    return StoreError(
        f"Redis refused a command: {told}", remedy="Redis or Valkey 7 or newer is needed: ainews doctor tells more."
    )


def no_cluster(why: str, remedy: str = _MOMENT) -> StoreUnavailable:
    """The error for a cluster of which no node can be asked for what is wanted."""
    return StoreUnavailable(f"Redis cannot be used now: {why}", remedy=remedy)


def no_primary(why: str, remedy: str) -> StoreUnavailable:
    """The error for sentinels that name no primary."""
    return StoreUnavailable(f"Redis cannot be used now: {why}", remedy=remedy)


def _told(kind: type[StoreError], why: str, remedy: str) -> StoreError:
    return kind(f"Redis {_DONE.get(kind, 'cannot be used now')}: {why}", remedy=remedy)


def _innermost(error: said.RedisError | OSError) -> said.RedisError | OSError:
    """Over a Unix socket the client wraps what went wrong while connecting in a ConnectionError."""
    while type(error) is said.ConnectionError and isinstance(error.__cause__, (said.RedisError, OSError)):
        error = error.__cause__
    return error


def _code(error: Exception, text: str) -> str:
    for kind, code in _CODE_OF:
        if isinstance(error, kind):
            asked = code == "WRONGPASS" and any(sign in text.lower() for sign in _UNKNOWN_YET)
            return "NOAUTH" if asked else code
    found = _CODE.match(text)
    return found[1] if found else ""


def _quoted(text: str) -> str:
    """What a MISCONF says after its code. It quotes the system, no command."""
    told = text.removeprefix("MISCONF ").split(" script: ")[0].strip().rstrip(".")[:160]
    return f" It says: {told}." if told else ""


def _cause(error: Exception, text: str) -> tuple[str, str]:
    """Why there is no connection, without the address, and what to do."""
    behind = (error, error.__cause__, error.__context__)
    if any(isinstance(e, socket.gaierror) for e in behind):
        return _NO_NAME
    if any(isinstance(e, ConnectionRefusedError) for e in behind):  # over a network its text does not say so
        return _NOBODY
    low = text.lower()
    return next((told for sign, told in _CAUSES if sign in low), ("the connection was lost", _RUNS_AND_RIGHT))


def _not_permitted(text: str) -> StoreRefused:
    command = re.search(r"run the '([^' ]+)' command", text)
    what = f"run {command[1].upper()}" if command else "use the keys that are needed" if "key" in text else "do what is needed"
    return StoreRefused(
        f"Redis does not let this user {what}",
        remedy="Give the user of AINEWS_REDIS_URL the rights +@all -@dangerous +info on its keys, ~ainews:*.",
    )
