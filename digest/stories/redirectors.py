"""Addresses that only send people on to another, which they carry: in a parameter, or in their path.

Nothing is fetched. A redirector whose target cannot be read from its address (FeedProxy, t.co, Google News) is a page like any
other. Whether the target is a web address at all, and how often one may lie in another, is for ``urls`` to decide.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from typing import Final
from urllib.parse import unquote, unquote_plus

#: Host, beginning of the path, and the parameters that hold the target, the first that is there counts.
_KNOWN: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "l.facebook.com": ("/", ("u",)),
    "lm.facebook.com": ("/", ("u",)),
    "l.messenger.com": ("/", ("u",)),
    "l.instagram.com": ("/", ("u",)),
    "l.threads.com": ("/", ("u",)),
    "facebook.com": ("/l.php", ("u",)),
    "t.umblr.com": ("/redirect", ("z",)),
    "slack-redir.net": ("/link", ("url",)),
    "linkedin.com": ("/redir/", ("url",)),
    "youtube.com": ("/redirect", ("q",)),
    "out.reddit.com": ("/", ("url",)),
    "vk.com": ("/away.php", ("to",)),
    "duckduckgo.com": ("/l", ("uddg",)),
    "steamcommunity.com": ("/linkfilter", ("url", "u")),
    "gate.sc": ("/", ("url",)),
    "exit.sc": ("/", ("url",)),
    "urldefense.proofpoint.com": ("/v1/url", ("u",)),
    "urldefense.com": ("/v1/url", ("u",)),
}
_GOOGLE: Final = re.compile(r"(?:news\.)?google\.(?:com?\.)?[a-z]{2,3}\Z")
#: What the last part of a path is called that does nothing but send on, or the first of a host, and the parameters that say
#: where to.
_SENDS: Final = re.compile(
    r"/(?:redirect|redir|redirector|out|outbound|away|exit|leave|leaving|go|goto|jump|visit|click|link|linkout|external|r)(?:\.php|\.aspx?)?\Z",
    re.IGNORECASE,
)
_SENDING_HOST: Final = re.compile(r"(?:redirect|out|away|go|clicks?|links?|track|tracking)\.[^.]+\.")
_TARGETS: Final = ("url", "u", "target", "to", "dest", "destination")
_AMP_CACHE: Final = re.compile(r"/[cv]/(s/)?(.+)\Z")
_GOOGLE_AMP: Final = re.compile(r"/amp/(s/)?(.+\..+)\Z")
_DEFENSE_3: Final = re.compile(r"/v3/__(.+?)__;([\w-]*)(?:!|%21)", re.ASCII)
#: The same where whoever passed it on wrote the target's own fragment into it, and the end was dropped with that.
_DEFENSE_3_CUT: Final = re.compile(r"/v3/__((?:(?!__;)[^*])+)\Z")
_STARS: Final = re.compile(r"\*(?:\*(.))?")
#: Of Proofpoint's third version: how many characters a letter after two stars stands for, beginning with two.
_RUNS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def target(host: str, path: str, query: str) -> str | None:
    """Where a known redirector sends people on to, as it says; None where it is none or says nothing. Never raises.

    ``host``, ``path`` and ``query`` are canonical.
    """
    if host == "href.li":
        return unquote(query)
    for reads in (_amp, _searched, _defended):
        if found := reads(host, path, query):
            return found
    if host.endswith(".safelinks.protection.outlook.com"):
        return _parameter(query, ("url",))
    begins, names = _KNOWN.get(host, ("", ()))
    return _parameter(query, names) if names and path.startswith(begins) else None


def holds_a_query(host: str, path: str) -> bool:
    """Whether the query is the end of an address in the path, whose order counts: Proofpoint's third version, href.li."""
    return path.startswith("/v3/__") or host == "href.li"


def likely_target(host: str, path: str, query: str) -> str | None:
    """The same of an address that looks like a redirector by the name of its page or host: ``/redirect?url=``. To be trusted where it leads
    to another host only: a site may well send people to a page of its own after they did something on this one.
    """
    return _parameter(query, _TARGETS) if _SENDS.search(path) or _SENDING_HOST.match(host) else None


def _amp(host: str, path: str, query: str) -> str | None:
    """A cache or viewer of AMP pages."""
    cache = host.endswith((".cdn.ampproject.org", ".bing-amp.com")) or host in ("cdn.ampproject.org", "bing-amp.com")
    found = _AMP_CACHE.match(path) if cache else _GOOGLE_AMP.match(path) if _GOOGLE.match(host) else None
    if not found:
        return None
    return f"{'https' if found[1] else 'http'}://{found[2]}{'?' + query if query else ''}"


def _searched(host: str, path: str, query: str) -> str | None:
    """A result of a search. Bing's is ``a1`` and base64 without padding."""
    if path == "/url" and _GOOGLE.match(host):
        return _parameter(query, ("q", "url"))
    if path == "/ck/a" and host == "bing.com" and (given := _parameter(query, ("u",))) and given.startswith("a1"):
        return _decoded(given[2:])
    return None


def _parameter(query: str, names: tuple[str, ...]) -> str | None:
    """The first of the parameters ``names`` that is there. One given twice says nothing."""
    pairs = [p.partition("=") for p in query.split("&")]
    for name in names:
        found = {value for given, _, value in pairs if given == name}
        if len(found) == 1:
            return unquote_plus(found.pop())
    return None


def _decoded(text: str) -> str | None:
    try:
        return urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return None


def _defended(host: str, path: str, query: str) -> str | None:
    """Proofpoint's second version, which writes ``-3A__`` for ``://``, and its third, which puts stars for what it took out."""
    if not host.startswith("urldefense."):
        return None
    if path == "/v2/url" and (given := _parameter(query, ("u",))):
        return unquote(given.replace("-", "%").replace("_", "/"))
    whole = f"{path}?{query}" if query else path
    if cut := _DEFENSE_3_CUT.match(whole):
        return _restored(_unescaped(cut[1]), "")
    found = _DEFENSE_3.match(whole)
    return _restored(_unescaped(found[1]), _decoded(found[2]) or "") if found else None


def _unescaped(address: str) -> str:
    """``address`` as it was before somebody escaped all of it; what it escapes itself stays so."""
    return unquote(address) if re.match(r"https?%3a", address, re.IGNORECASE) else address


def _restored(address: str, taken: str) -> str | None:
    """``address`` with the characters that were ``taken`` in place of its stars; None where they do not fit."""
    rest = iter(taken)

    def put(star: re.Match[str]) -> str:
        count = _RUNS.index(star[1]) + 2 if star[1] else 1
        return "".join(next(rest) for _ in range(count))

    try:
        address = _STARS.sub(put, address)
    except (StopIteration, ValueError, RuntimeError):
        return None
    return re.sub(r"\A(https?:/)(?=[^/])", r"\1/", address)
