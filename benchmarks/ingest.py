"""Articles per second through parse, deduplicate, assess (kept) and store, against a floor measured in the same run.

    python -m benchmarks.ingest [--quick] [--documents N ...]

For each N it makes N processed documents in a folder, then measures in a process of its own, so that peak memory is that of the
run alone:

    floor   read every file and write the same bytes to the embedded Valkey, one SET a document, in one pipeline
    ingest  ``digest.pipeline.collect`` on the folder, as ``ainews collect`` does

Both have a fresh server. Up to 10,000 documents the two are run three times in turn, and the medians are given. The floor does
no work on the bytes at all, so nothing that reads and stores articles can be faster.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

#: How often a size is measured, and up to how many documents: beyond, a single run is long enough to be steady.
_RUNS: Final = 3
_SHORT: Final = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.ingest", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1,000 and 3,000 documents only")
    parser.add_argument("--documents", type=int, nargs="*", help="how many documents; the first figures of JSON are of 10,000")
    parser.add_argument("--measure", choices=["floor", "ingest"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        print(json.dumps(asyncio.run(_floor(chosen.folder) if chosen.measure == "floor" else _ingest(chosen.folder))))
        return
    sizes = chosen.documents or ([1_000, 3_000] if chosen.quick else [1_000, 10_000, 100_000])
    rows = [_row(size) for size in sizes]
    print(
        f"{'documents':>10} {'MB':>7} {'floor s':>8} {'ingest s':>9} {'ratio':>6} {'articles/s':>11} {'µs/article':>11} {'peak MB':>8}"
    )
    for r in rows:
        print(
            f"{r['documents']:>10,} {r['mb']:>7.1f} {r['floor_s']:>8.2f} {r['ingest_s']:>9.2f} {r['ratio_to_floor']:>6.2f} "
            f"{r['articles_per_s']:>11,.0f} {r['us_per_article']:>11.0f} {r['peak_mb']:>8.0f}"
        )
    main_row = next((r for r in rows if r["documents"] == 10_000), rows[-1])
    flat = rows[-1]["us_per_article"] / rows[0]["us_per_article"]
    print(json.dumps({**main_row, "us_per_article_last_to_first": round(flat, 3), "rows": rows}))


def _row(size: int) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="an-"))
    try:
        _write(folder / "kb", size)
        _measured(folder, "floor")  # the first reading fills the file system's cache for both
        pairs = [(_measured(folder, "floor"), _measured(folder, "ingest")) for _ in range(_RUNS if size <= _SHORT else 1)]
    finally:
        shutil.rmtree(folder)
    floor, ingest = (sorted(runs, key=lambda run: run["s"])[len(pairs) // 2] for runs in zip(*pairs, strict=True))
    return {
        "documents": size,
        "mb": round(floor["mb"], 1),
        "floor_s": round(floor["s"], 3),
        "ingest_s": round(ingest["s"], 3),
        "ratio_to_floor": round(ingest["s"] / floor["s"], 2),
        "articles_per_s": round(size / ingest["s"]),
        "us_per_article": round(ingest["s"] / size * 1e6, 1),
        "peak_mb": round(ingest["peak_mb"]),
        "redis_mb": round(ingest["redis_mb"], 1),
        "duplicate": ingest["duplicate"],
        "failed": ingest["failed"],
    }


def _write(folder: Path, size: int) -> None:
    from benchmarks.synthetic import articles, document

    for number, assessed in enumerate(articles(size, duplicates=0.09)):
        place = folder / f"{number // 1000:03}"
        if number % 1000 == 0:
            place.mkdir(parents=True)
        (place / f"{number:06}.md").write_text(document(assessed), encoding="utf-8")


def _measured(folder: Path, what: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.ingest", "--measure", what, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


async def _floor(folder: Path) -> dict[str, float]:
    from digest.stores.connection import connect
    from digest.stores.embedded import embedded_server

    data = folder / "floor"
    shutil.rmtree(data, ignore_errors=True)
    async with embedded_server(data) as url:
        client = connect(url, timeout_s=60)
        await client.ping()
        size = 0
        begun = time.perf_counter()
        paths = sorted((folder / "kb").rglob("*.md"))
        for start in range(0, len(paths), 1000):  # one pipeline, sent in parts so that it fits into memory at any size
            async with client.pipeline(transaction=False) as pipe:
                for path in paths[start : start + 1000]:
                    content = path.read_bytes()
                    size += len(content)
                    pipe.set(str(path), content)
                await pipe.execute()
        taken = time.perf_counter() - begun
        await client.aclose()
    return {"s": taken, "mb": size / 1e6}


async def _ingest(folder: Path) -> dict[str, float]:
    from digest import pipeline
    from digest.factory import open_parts, sources
    from digest.settings import Settings

    data = folder / "ingest"
    shutil.rmtree(data, ignore_errors=True)
    settings = Settings.load(data_dir=data, assessor="offline", redis_timeout_s=60)
    async with open_parts(settings) as parts:
        await parts.client.ping()
        assessor = parts.assessor
        begun = time.perf_counter()
        result = await pipeline.collect(sources(settings, knowledge_bases=[folder / "kb"]), parts.articles, assessor)
        taken = time.perf_counter() - begun
        memory = await parts.client.info("memory")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "s": taken,
        "peak_mb": peak,
        "redis_mb": memory["used_memory"] / 1e6,
        "duplicate": result.duplicate,
        "failed": result.failed,
    }


if __name__ == "__main__":
    main()
