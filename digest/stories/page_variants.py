"""Other addresses of the same page: for phones, as AMP, for print, of the folder's index, short for a video.

Each rule has to be sure of the page: an address that may be a page of its own stays as it is.
"""

from __future__ import annotations

import re
from typing import Final

#: Names before a host under which a site serves the same pages to phones and as AMP, at the same paths.
_BEFORE_HOST: Final = ("www.", "m.", "mobile.", "amp.")
#: Where a country's registry sells names below these, ``m.co.uk`` is nobody's mobile site.
_SECOND_LEVEL: Final = frozenset("co com net org gov edu ac ne or go gob gouv".split())
#: Whoever registers there gets a name before it: ``amp.github.io`` is somebody called amp.
_SHARED: Final = frozenset(
    "github.io gitlab.io blogspot.com wordpress.com substack.com medium.com tumblr.com netlify.app vercel.app pages.dev workers.dev "
    "herokuapp.com web.app firebaseapp.com azurewebsites.net amazonaws.com cloudfront.net ghost.io hashnode.dev beehiiv.com wixsite.com "
    "weebly.com readthedocs.io fly.dev onrender.com notion.site webflow.io squarespace.com typepad.com livejournal.com itch.io "
    "bandcamp.com myshopify.com dev.to neocities.org".split()
)
_INDEX: Final = frozenset("index.html index.htm index.shtml index.php".split())
_PLAIN_WORD: Final = re.compile(r"[A-Za-z]{0,14}\Z")
_ARTICLE: Final = re.compile(r"-.*-|\d{4}")
_YES: Final = frozenset(("", "1", "true", "yes"))
_VIDEO: Final = re.compile(r"/(?:embed|v|shorts|live)/([\w-]{11})\Z", re.ASCII)
_SHORT_VIDEO: Final = re.compile(r"/([\w-]{11})\Z", re.ASCII)


def site(host: str) -> str:
    """``host`` (lower case) without ``www.``, ``m.``, ``mobile.`` and ``amp.`` before it, where a site is left without them."""
    while True:
        first = next((b for b in _BEFORE_HOST if host.startswith(b) and _is_site(host[len(b) :], b)), "")
        if not first:
            break
        host = host[len(first) :]
    if host.endswith(".m.wikipedia.org"):
        return host.removesuffix(".m.wikipedia.org") + ".wikipedia.org"
    return host


def _is_site(rest: str, before: str) -> bool:
    labels = rest.split(".")
    if before == "www.":
        return len(labels) >= 2
    if len(labels) < 2 or rest in _SHARED or rest == "wikipedia.org":
        return False
    return not (len(labels) == 2 and labels[0] in _SECOND_LEVEL and len(labels[1]) == 2) and not labels[-1].isdigit()


def page(path: str) -> str:
    """``path`` without a slash at the end, the name of an index, and what marks AMP."""
    while True:
        shorter = _without_amp(_without_index(path.rstrip("/") or "/"))
        if shorter == path:
            return path
        path = shorter


def _without_index(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/" if name in _INDEX else path


def _without_amp(path: str) -> str:
    """``/a-story/amp``, ``/amp/a-story``, ``/a-story.amp`` and ``/a-story.amp.html``. ``/tag/amp`` is a page about AMP."""
    for mark, instead in ((".amp.html", ".html"), (".amp", "")):
        if path.endswith(mark) and not path.endswith(f"/{mark}"):
            return path.removesuffix(mark) + instead
    segments = path.split("/")
    if segments[-1] == "amp" and not _PLAIN_WORD.match(segments[-2]):
        return path.removesuffix("/amp")
    if segments[1:2] == ["amp"] and "." not in "".join(segments[2:3]) != "s" and _ARTICLE.search(segments[-1]):
        return path.removeprefix("/amp")
    return path


def shows_the_same(name: str, value: str, path: str) -> bool:
    """Whether a parameter asks for the page at ``path`` as AMP or for print. Where the path names no article, print may be a
    thing that is sold.
    """
    name, value = name.lower(), value.lower()
    if name == "amp":
        return value in _YES
    if name == "outputtype":
        return value == "amp"
    if name == "usqp":
        return value.startswith("mq331")
    return name == "print" and value in _YES and bool(_ARTICLE.search(path.rpartition("/")[2]))


def video(host: str, path: str) -> str | None:
    """The name of the YouTube video that a short or embedded address shows; None where it is none."""
    if host == "youtu.be":
        found = _SHORT_VIDEO.match(path)
    elif host in ("youtube.com", "youtube-nocookie.com"):
        found = _VIDEO.match(path)
    else:
        return None
    return found[1] if found else None
