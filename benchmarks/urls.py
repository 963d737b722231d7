"""How often other addresses of a page become its canonical URL, whether two pages ever become one, and how fast, beside other
libraries in one run.

    python -m benchmarks.urls [--quick]

The pages are those that the documents of the knowledge base and the feeds tell of (of the shipped sample where there are none).
Each address gets a variant of each class, as sites, senders and applications make them (``url_variants``), and a neighbour of each
class that is another page. ``merged`` is the share of variants that get the canonical URL of their page, ``wrongly_merged`` counts
neighbours that get it too. Pages of the list that became one are listed: they are the same page, or the rules are wrong.

courlan is asked for ``normalize_url`` of ``scrub_url``, strict, w3lib for ``canonicalize_url`` after ``url_query_cleaner`` without the
campaign parameters of Google. ``--quick``: 200 pages.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.labelled import DATA, documents
from benchmarks.url_variants import NEIGHBOURS, VARIANTS
from digest.errors import SourceError
from digest.sample.write import write_sample
from digest.sources.feed_ways import parse_either
from digest.stories.urls import canonical_url

_NOW: Final = datetime(2026, 11, 23, 8, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.urls", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="200 pages")
    given = parser.parse_args()
    addresses = _pages()
    if given.quick:
        addresses = random.Random(1).sample(addresses, min(200, len(addresses)))
    pages = _distinct(addresses)
    print(f"{len(pages):,} pages\n")
    figures = _told("ours", pages, canonical_url.__wrapped__)
    others = {"courlan": _courlan, "w3lib": _w3lib}
    baselines = {name: _told(name, pages, way) for name, way in others.items()}
    print(json.dumps({"pages": len(pages), **figures, "baselines": baselines}))


def _pages() -> list[str]:
    """Addresses of articles, each once."""
    found = []
    with tempfile.TemporaryDirectory() as made:
        here = (DATA / "knowledge-base").is_dir()
        sample = None if here else write_sample(Path(made), now=_NOW)
        found += [d.url for d in documents(sample.knowledge_base if sample else DATA / "knowledge-base")]
        feeds = [sample.feed] if sample else sorted(p for p in (DATA / "feeds").rglob("*") if p.is_file())
        for feed in feeds:
            try:
                found += [e.link for e in parse_either(feed.read_bytes()).entries]
            except SourceError:
                continue
    return list(dict.fromkeys(u for u in found if u.startswith(("http://", "https://"))))


def _distinct(addresses: Sequence[str]) -> list[str]:
    """One address of each page, as our rules see it; those that share one are printed."""
    by_page: dict[str, list[str]] = defaultdict(list)
    for address in addresses:
        try:
            by_page[canonical_url(address)].append(address)
        except ValueError:
            continue
    for same in [a for a in by_page.values() if len(a) > 1][:10]:
        print("one page:", *(a[:100] for a in same[:3]), sep="\n    ")
    return [a[0] for a in by_page.values()]


def _told(name: str, pages: Sequence[str], way: Callable[[str], str]) -> dict[str, Any]:
    asked = [
        (kind, page, made) for kind, make in VARIANTS.items() for page in pages if (made := make(page)) not in (None, page)
    ]
    apart = [(kind, page, made) for kind, make in NEIGHBOURS.items() for page in pages if (made := make(page)) is not None]
    safe = _never_raising(way)
    merged: dict[str, list[bool]] = defaultdict(list)
    for kind, page, made in asked:
        merged[kind].append(safe(made) == safe(page))
    wrong = [(kind, page, made) for kind, page, made in apart if safe(made) == safe(page)]
    started = time.perf_counter()
    for _, _, made in asked:
        safe(made)
    speed = round(len(asked) / (time.perf_counter() - started))
    shares = {kind: round(sum(found) / len(found), 4) for kind, found in merged.items()}
    by_kind = {kind: sum(k == kind for k, _, _ in wrong) for kind in NEIGHBOURS}
    _show(name, shares, by_kind, speed, len(apart))
    return {
        "merged": shares, "wrongly_merged": len(wrong), "pairs_apart": len(apart), "wrongly_merged_by_kind": by_kind, "urls_per_s": speed,
    }  # fmt: skip


def _show(name: str, shares: dict[str, float], wrong: dict[str, int], speed: int, apart: int) -> None:
    print(f"\n{name}: {speed:,} URLs/s")
    print("  merged:", "  ".join(f"{kind} {share:.3f}" for kind, share in shares.items()))
    told = "  ".join(f"{kind} {count}" for kind, count in wrong.items() if count) or "none"
    print(f"  wrongly merged, of {apart:,}: {told}")


def _never_raising(way: Callable[[str], str]) -> Callable[[str], str]:
    def safe(url: str) -> str:
        try:
            return way(url)
        except ValueError:
            return url

    return safe


def _courlan(url: str) -> str:
    from courlan import normalize_url, scrub_url

    return str(normalize_url(scrub_url(url), strict=True))


def _w3lib(url: str) -> str:
    from w3lib.url import canonicalize_url, url_query_cleaner

    campaign = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "gclid", "fbclid")
    return str(canonicalize_url(url_query_cleaner(url, campaign, remove=True)))


if __name__ == "__main__":
    main()
