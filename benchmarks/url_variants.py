"""Other addresses of a page, and addresses of other pages beside it: what ``urls`` measures with. None where a class does not
apply to an address. The addresses that vendors make are as their documentation shows them.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

_Make = Callable[[str], str | None]
#: Hosts whose names are no address of a site for phones.
_OWN_NAME: Final = re.compile(r"(?:^|\.)(?:m|mobile|amp)\.|youtu|^[\d.]+$")


def _with(parts: SplitResult, **fields: str) -> str:
    return parts._replace(**fields).geturl()


def _asking(parameter: str) -> _Make:
    def make(url: str) -> str:
        parts = urlsplit(url)
        return _with(parts, query="&".join(q for q in (parts.query, parameter) if q))

    return make


def _tracked(url: str) -> str:
    """Three at once, from a list drawn by the address, before and after what is there."""
    found = [
        "utm_source=newsletter&utm_medium=email&utm_campaign=nov", "fbclid=IwAR0x", "gclid=EAIaIQ", "mc_cid=1a2b&mc_eid=3c4d", "msclkid=77aa",
        "_hsenc=p2AN&_hsmi=21", "mkt_tok=NzU", "gad_source=1&gbraid=0A", "igshid=YmMy", "ttclid=E.C.P", "twclid=2-6", "yclid=123",
        "li_fat_id=aa-bb", "mtm_campaign=x", "pk_kwd=y", "vero_id=9", "ref_src=twsrc%5Etfw", "_gl=1*abc*_ga*x", "s_kwcid=AL!1", "dicbo=v2-1",
        "tblci=Gi", "irclickid=2x", "cjevent=9f", "at_medium=social&at_campaign=z", "xtor=RSS-1", "ns_source=a&ns_mchannel=b", "wickedid=1",
        "srsltid=AfmB", "rdt_cid=5", "epik=dj0", "ScCid=7", "_kx=abc", "oly_enc_id=1", "mibextid=Zx", "smid=tw-nytimes", "guccounter=1",
    ]  # fmt: skip
    parts, at = urlsplit(url), sum(url.encode()) % len(found)
    return _with(parts, query="&".join(q for q in (found[at], parts.query, found[at - 1], found[at - 2]) if q))


def _www(url: str) -> str | None:
    parts = urlsplit(url)
    host = parts.netloc
    return (
        _with(parts, netloc=host[4:] if host.startswith("www.") else f"www.{host}")
        if host.count(".") or host[:4] == "www."
        else None
    )


def _slash(url: str) -> str:
    parts = urlsplit(url)
    return _with(parts, path=parts.path[:-1] if len(parts.path) > 1 and parts.path.endswith("/") else f"{parts.path}/")


def _order(url: str) -> str | None:
    parts = urlsplit(url)
    return _with(parts, query="&".join(reversed(parts.query.split("&")))) if "&" in parts.query else None


def _ordered_more(url: str) -> str | None:
    """For those without two parameters: the order of a tracking and a real one does not matter either."""
    parts = urlsplit(url)
    return (
        _with(parts, query=f"utm_source=b&{parts.query}&utm_medium=a")
        if parts.query and "&" not in parts.query
        else _order(url)
    )


def _amp_path(url: str) -> str | None:
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rpartition("/")[2]
    return _with(parts, path=f"{parts.path.rstrip('/')}/amp/", fragment="") if "-" in last and not parts.query else None


def _amp_host(url: str) -> str | None:
    return _before_host(url, "amp.")


def _before_host(url: str, before: str) -> str | None:
    parts = urlsplit(url)
    host = parts.netloc.lower().removeprefix("www.")
    if _OWN_NAME.search(host) or host.count(".") != 1 or host in ("github.io", "dev.to"):
        return None
    return _with(parts, netloc=f"{before}{host}")


def _amp_cache(url: str) -> str:
    parts = urlsplit(url)
    cache = parts.netloc.replace("-", "--").replace(".", "-")
    return f"https://{cache}.cdn.ampproject.org/c/{'s/' if parts.scheme == 'https' else ''}{_schemeless(parts)}"


def _google_amp(url: str) -> str:
    return f"https://www.google.com/amp/s/{_schemeless(urlsplit(url))}"


def _schemeless(parts: SplitResult) -> str:
    return f"{parts.netloc}{parts.path}{'?' + parts.query if parts.query else ''}"


def _wrapped(before: str, after: str = "") -> _Make:
    return lambda url: f"{before}{quote(url, safe='')}{after}"


def _bing(url: str) -> str:
    return f"https://www.bing.com/ck/a?!&&p=ab12&u=a1{base64.urlsafe_b64encode(url.encode()).decode().rstrip('=')}&ntb=1"


def _defence_2(url: str) -> str:
    written = quote(url, safe="/").replace("-", "%2D").replace("_", "%5F").replace("%", "-").replace("/", "_")
    return f"https://urldefense.proofpoint.com/v2/url?u={written}&d=DwMFaQ&c=x&r=y&m=z&s=q&e="


def _defence_3(url: str) -> str:
    """What an address may hold beside letters, digits and the marks of a path and query becomes a star, a run of them two stars and a
    letter for its length; all of it is listed at the end."""
    taken = "".join(re.findall(_TAKEN, url))
    listed = base64.urlsafe_b64encode(taken.encode()).decode().rstrip("=")
    starred = re.sub(f"{_TAKEN}+", lambda run: "*" if len(run[0]) == 1 else f"**{chr(63 + len(run[0]))}", url)
    return f"https://urldefense.com/v3/__{starred}__;{listed}!!Abc!xyz$"


def _upper_host(url: str) -> str:
    parts = urlsplit(url)
    return _with(parts, scheme=parts.scheme.upper(), netloc=parts.netloc.upper())


def _port(url: str) -> str:
    parts = urlsplit(url)
    return _with(parts, netloc=f"{parts.netloc}:{443 if parts.scheme == 'https' else 80}")


def _scheme(url: str) -> str:
    parts = urlsplit(url)
    return _with(parts, scheme="http" if parts.scheme == "https" else "https")


def _index(url: str) -> str | None:
    parts = urlsplit(url)
    return _with(parts, path=f"{parts.path}index.html") if parts.path.endswith("/") else None


#: What Proofpoint's third form takes out.
_TAKEN: Final = r"[^A-Za-z0-9\-._~:/?&=%]"

VARIANTS: Final[dict[str, _Make]] = {
    "tracking": _tracked,
    "scheme": _scheme,
    "www": _www,
    "slash": _slash,
    "parameter order": _ordered_more,
    "fragment": lambda url: f"{url.partition('#')[0]}#comments",
    "AMP path": _amp_path,
    "AMP parameter": _asking("amp=1"),
    "AMP host": _amp_host,
    "AMP cache": _amp_cache,
    "AMP viewer": _google_amp,
    "m.": lambda url: _before_host(url, "m."),
    "mobile.": lambda url: _before_host(url, "mobile."),
    "case of host": _upper_host,
    "default port": _port,
    "index.html": _index,
    "Google": _wrapped("https://www.google.com/url?sa=t&url=", "&usg=AOv&ved=2a"),
    "Google Alerts": _wrapped("https://www.google.com/url?rct=j&sa=t&url=", "&ct=ga&cd=CAE"),
    "Facebook": _wrapped("https://l.facebook.com/l.php?u=", "&h=AT0x&s=1"),
    "Tumblr": _wrapped("https://t.umblr.com/redirect?z=", "&t=abc"),
    "Slack": _wrapped("https://slack-redir.net/link?url="),
    "Outlook": _wrapped("https://nam12.safelinks.protection.outlook.com/?url=", "&data=05%7C02&sdata=x%3D&reserved=0"),
    "Proofpoint 1": _wrapped("https://urldefense.proofpoint.com/v1/url?u=", "&k=abc"),
    "Proofpoint 2": _defence_2,
    "Proofpoint 3": _defence_3,
    "Proofpoint 3, unlisted": lambda url: f"https://urldefense.com/v3/__{url}__;!!Abc!xyz$",
    "Bing": _bing,
    "LinkedIn": _wrapped("https://www.linkedin.com/redir/redirect?url=", "&urlhash=abc&trk=x"),
    "YouTube": _wrapped("https://www.youtube.com/redirect?event=video_description&q=", "&v=dQw4w9WgXcQ"),
    "aggregator": _wrapped("https://aggregator.example/redirect?url="),
}  # fmt: skip


def _path(change: Callable[[str], str]) -> _Make:
    def make(url: str) -> str | None:
        parts = urlsplit(url)
        changed = change(parts.path)
        return _with(parts, path=changed) if changed != parts.path else None

    return make


def _value(url: str) -> str | None:
    """The first parameter that is no campaign's, with another value."""
    parts = urlsplit(url)
    kept = [q for q in parts.query.split("&") if "=" in q and not q.startswith(("utm_", "fbclid"))]
    return (
        _with(parts, query=parts.query.replace(kept[0], f"{kept[0]}9", 1))
        if kept and kept[0].split("=")[0] in ("id", "p", "v")
        else None
    )


def _host(change: Callable[[str], str]) -> _Make:
    return lambda url: _with(urlsplit(url), netloc=change(urlsplit(url).netloc))


NEIGHBOURS: Final[dict[str, _Make]] = {
    "id": _asking("id=7"),
    "post": _asking("p=123"),
    "video": _asking("v=abc"),
    "page": _asking("page=2"),
    "query": _asking("q=ai"),
    "language": _asking("lang=de"),
    "article and source": _asking("source=2&ref=main"),
    "value": _value,
    "page of path": _path(lambda path: f"{path.rstrip('/')}/page/2/"),
    "below": _path(lambda path: f"{path.rstrip('/')}/comments"),
    "language path": _path(lambda path: f"/de{path}"),
    "case of path": _path(str.swapcase),
    "other slug": _path(lambda path: f"{path.rstrip('/')}-2"),
    "number in slug": _path(lambda path: re.sub(r"\d(?=\D*$)", lambda m: str((int(m[0]) + 1) % 10), path)),
    "route": lambda url: f"{url.partition('#')[0]}#!/story/2",
    "other route": lambda url: f"{url.partition('#')[0]}#/story/2",
    "other host": _host(lambda host: f"blog.{host.removeprefix('www.')}"),
    "other port": _host(lambda host: f"{host.partition(':')[0]}:8443"),
    "archive": lambda url: f"https://web.archive.org/web/2026/{url}",
    "translated": _wrapped("https://translate.google.com/translate?sl=en&tl=de&u="),
    "shared": _wrapped("https://twitter.com/intent/tweet?url="),
    "log in": _wrapped("https://accounts.example/login?next="),
    "escaped slash": _path(lambda path: path.replace("/", "%2F", 2).replace("%2F", "/", 1) if path.count("/") > 1 else path),
}  # fmt: skip
