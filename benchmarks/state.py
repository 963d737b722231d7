"""Backups: seconds, bytes and memory of ``ainews export`` and ``ainews import``, and for how long an import lets no program begin.

    python -m benchmarks.state [--quick] [--documents N ...]

For each N it makes N processed documents, collects them into an embedded Valkey of its own, and runs the commands as a person does, each in
a process, the start of Python included: export plain and compressed, and import of the compressed one over the full store. Meanwhile
another client asks the server every few milliseconds; its slowest answer is the longest that anybody waited.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import redis

from benchmarks.ingest import _write
from digest.stores.embedded import EmbeddedServer
from digest.stores.keys import Keys


class Waiting(threading.Thread):
    """Asks ``server`` again and again: its slowest answer in ms, and for how many ms no program could begin."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._client = redis.Redis.from_url(url)
        self._done = threading.Event()
        self.slowest_ms = self.closed_ms = 0.0

    def run(self) -> None:
        closed_since: float | None = None
        while not self._done.is_set():
            began = time.perf_counter()
            closed = bool(self._client.exists(Keys("local").import_switch))
            now = time.perf_counter()
            self.slowest_ms = max(self.slowest_ms, (now - began) * 1000)
            if closed:
                closed_since = closed_since or began
                self.closed_ms = (now - closed_since) * 1000
            time.sleep(0.002)
        self._client.close()

    def __enter__(self) -> Waiting:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self.join()


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.state", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1,000 documents only")
    parser.add_argument("--documents", type=int, nargs="*", help="how many documents")
    chosen = parser.parse_args()
    sizes = chosen.documents or ([1_000] if chosen.quick else [1_000, 10_000, 45_000])
    rows = [measured(size) for size in sizes]
    heads = (
        "documents",
        "keys",
        "plain MB",
        "gz MB",
        "export s",
        "gz s",
        "import s",
        "export MB",
        "import MB",
        "closed ms",
        "slowest ms",
    )
    print("".join(f"{h:>11}" for h in heads))
    for row in rows:
        print("".join(f"{v:>11,}" for v in row.values()))
    print(json.dumps({"rows": rows}))


def measured(size: int) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="an-", dir="/tmp"))
    server = EmbeddedServer(folder / "data")
    server.start()
    environment = {**os.environ, "AINEWS_REDIS_URL": server.url, "AINEWS_DATA_DIR": str(folder / "data")}

    def ainews(*given: object) -> tuple[float, float, Any]:
        """Seconds, peak megabytes, and what was reported."""
        began = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-m", "bot", *map(str, given), "--json"], env=environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
        ) as process:  # fmt: skip
            said = process.stdout.read() if process.stdout else b""
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"ainews {given[0]} ended with {process.returncode}")
        return time.perf_counter() - began, _megabytes(used), json.loads(said.splitlines()[-1])

    try:
        _write(folder / "kb", size)
        ainews("collect", "-k", folder / "kb")
        plain_s, export_mb, told = ainews("export", folder / "state.jsonl")
        gz_s, _, _ = ainews("export", folder / "state.jsonl.gz")
        with Waiting(server.url) as waiting:
            import_s, import_mb, _ = ainews("import", folder / "state.jsonl.gz", "--replace")
        return {
            "documents": size, "keys": told["keys"], "plain_mb": _size(folder / "state.jsonl"), "gz_mb": _size(folder / "state.jsonl.gz"),
            "export_s": round(plain_s, 2), "gz_s": round(gz_s, 2), "import_s": round(import_s, 2), "export_peak_mb": round(export_mb),
            "import_peak_mb": round(import_mb), "closed_ms": round(waiting.closed_ms), "slowest_ms": round(waiting.slowest_ms, 1),
        }  # fmt: skip
    finally:
        server.stop()
        server.wait_until_ended()
        shutil.rmtree(folder, ignore_errors=True)


def _megabytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _size(path: Path) -> float:
    return round(path.stat().st_size / 1e6, 1)


if __name__ == "__main__":
    main()
