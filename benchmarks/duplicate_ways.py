"""Ways to find copies that ``duplicates`` compares: ours through the real store, and simpler ones. Each is asked for the earlier text
that each text is a copy of.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.synthetic import articles
from digest.model import article_id
from digest.stores.connection import connect
from digest.stores.embedded import EmbeddedServer
from digest.stores.keys import Keys
from digest.stores.memory_near_duplicates import MemoryNearDuplicates
from digest.stores.redis_near_duplicates import RedisNearDuplicates
from digest.stories.fingerprint import text_fingerprint
from digest.stories.near_duplicates import sketch

#: Of texts in order: for each the place of an earlier text that it is a copy of, None where there is none.
Way = Callable[[list[str]], list[int | None]]

_TOGETHER: Final = 200
_WORD: Final = re.compile(r"[^\W_]+")


def product(degree: float | None = None) -> Way:
    """Ours, the exact text first; through the real store, or in memory where another ``degree`` is tried."""

    def way(texts: list[str]) -> list[int | None]:
        ids = [article_id(str(n)) for n in range(len(texts))]
        places, sketches = {i: n for n, i in enumerate(ids)}, [sketch(t) for t in texts]
        batch = list(zip(ids, sketches, strict=True))
        found = asyncio.run(_added(batch) if degree is None else MemoryNearDuplicates(least=degree).add(batch))
        near = [places[copies[0].article_id] if copies else None for copies in found]
        return [e if e is not None else n for e, n in zip(exact(texts), near, strict=True)]

    return way


async def _added(batch: list[tuple[str, bytes]]) -> list[Any]:
    with tempfile.TemporaryDirectory(prefix="nd-", dir="/tmp") as folder:
        server = EmbeddedServer(Path(folder))
        server.start()
        try:
            async with connect(server.url) as client:
                return await _in_batches(RedisNearDuplicates(client, Keys(secrets.token_hex(4))), batch)
        finally:
            server.stop()
            server.wait_until_ended()


async def _in_batches(store: RedisNearDuplicates, batch: list[tuple[str, bytes]]) -> list[Any]:
    return [c for at in range(0, len(batch), _TOGETHER) for c in await store.add(batch[at : at + _TOGETHER])]


def store_figures(count: int) -> dict[str, Any]:
    """Documents a second, sketching included, and MB that a thousand take in the server: of made-up articles, one in four a copy."""
    bodies = [told.article.body for told in articles(count, duplicates=0.25)]
    ids = [article_id(str(n)) for n in range(count)]

    async def measured() -> tuple[float, int]:
        with tempfile.TemporaryDirectory(prefix="nd-", dir="/tmp") as folder:
            server = EmbeddedServer(Path(folder))
            server.start()
            try:
                async with connect(server.url) as client:
                    before = int((await client.info("memory"))["used_memory"])
                    started = time.perf_counter()
                    batch = [(i, sketch(body)) for i, body in zip(ids, bodies, strict=True)]
                    await _in_batches(RedisNearDuplicates(client, Keys("speed")), batch)
                    took = time.perf_counter() - started
                    return took, int((await client.info("memory"))["used_memory"]) - before
            finally:
                server.stop()
                server.wait_until_ended()

    took, size = asyncio.run(measured())
    words = round(sum(len(body.split()) for body in bodies) / count)
    return {"documents_per_s": round(count / took), "mb_per_thousand": round(size / count / 1000, 2), "words": words}


def exact(texts: list[str]) -> list[int | None]:
    """The same letters in the same order."""
    first: dict[str, int] = {}
    found: list[int | None] = []
    for n, text in enumerate(texts):
        print_ = text_fingerprint(text)
        found.append(first.get(print_) if print_ else None)
        first.setdefault(print_, n)
    return found


def min_hash(texts: list[str]) -> list[int | None]:
    """datasketch: 128 permutations of shingles of three words, in bands for a Jaccard similarity of 0.5 and checked against it."""
    from datasketch import MinHash, MinHashLSH

    lsh, hashes, found = MinHashLSH(threshold=0.5, num_perm=128), list[MinHash](), list[int | None]()
    for n, text in enumerate(texts):
        words = _WORD.findall(text.casefold())
        made = MinHash(num_perm=128)
        made.update_batch([" ".join(words[i : i + 3]).encode() for i in range(max(1, len(words) - 2))])
        near = [(made.jaccard(hashes[int(k)]), int(k)) for k in lsh.query(made)]
        best = max(near, default=(0.0, -1))
        found.append(best[1] if best[0] >= 0.5 else None)
        lsh.insert(str(n), made)
        hashes.append(made)
    return found


def tf_idf(texts: list[str]) -> list[int | None]:
    """scikit-learn: cosine of 0.5 and more of words weighed by rarity, each text compared with every earlier one."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    weighed = TfidfVectorizer().fit_transform(texts)
    found: list[int | None] = []
    for n in range(len(texts)):
        alike = (weighed[:n] @ weighed[n].T).toarray().ravel() if n else []
        best = max(range(n), key=alike.__getitem__, default=None)
        found.append(best if best is not None and alike[best] >= 0.5 else None)
    return found


def baselines() -> dict[str, Way]:
    return {"exact text": exact, "MinHash LSH 0.5": min_hash, "TF-IDF cosine 0.5": tf_idf}
