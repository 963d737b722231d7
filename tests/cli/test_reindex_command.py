"""``ainews reindex`` as a person runs it: what is printed, what it asks, and what is left when it is killed."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from digest.stores.embedded import EmbeddedServer
from tests.documents import monitored, processed

ROOT = Path(__file__).parents[2]


@dataclass
class Program:
    """Runs ``ainews`` over a server of this test's, which outlives each run."""

    server: EmbeddedServer
    folder: Path

    def arguments(self, *given: object) -> list[str]:
        return [sys.executable, "-m", "bot", *map(str, given)]

    @property
    def environment(self) -> dict[str, str]:
        given = {"AINEWS_REDIS_URL": self.server.url, "AINEWS_DATA_DIR": str(self.folder)}
        return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", **given}

    def __call__(self, *given: object, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.arguments(*given), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            env={**self.environment, **environment},
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, done.stderr
        return done

    def json(self, *given: object, code: int = 0) -> Any:
        return json.loads(self(*given, "--json", code=code).stdout.strip().splitlines()[-1])

    def seen(self) -> Any:
        """What a person sees: a digest, a search, and the first article that it finds."""
        digest = json.loads(self("digest", "--date", "2025-11-19", "--json").stdout)
        found = self.json("search", "assistants", "story", "-n", 100)["results"]
        return digest, found, self.json("show", found[0]["id"])


@pytest.fixture
def ainews(short_dir: Path) -> Any:
    server = EmbeddedServer(short_dir / "data")
    server.start()
    yield Program(server, short_dir / "data")
    server.stop()
    server.wait_until_ended()


@pytest.fixture
def client(ainews: Program) -> Any:
    with redis.Redis.from_url(ainews.server.url) as connected:
        yield connected


@pytest.fixture
def kb(short_dir: Path) -> Path:
    folder = short_dir / "kb"
    (folder / "many").mkdir(parents=True)
    (folder / "a.md").write_text(processed())
    (folder / "b.md").write_text(processed(url="https://www.news.example/shops-adopt-assistants?utm_source=x", title="Again"))
    for n in range(60):
        text = f"Shops took on assistant {n} in May, the story goes."
        fields = {"url": f"https://many.example/{n}", "headline": f"Story {n}", "score": str(n % 11), "content": text}
        (folder / "many" / f"{n}.md").write_text(monitored(**fields))
    return folder


def test_after_flushall_everything_is_as_before(ainews: Program, client: redis.Redis, kb: Path) -> None:
    ainews("collect", "-k", kb)
    before = ainews.seen()
    client.flushall()
    done = ainews.json("reindex", "-k", kb)
    assert {n: done[n] for n in ("seen", "new", "duplicate", "failed", "held", "forgotten", "kept")} == {
        "seen": 62, "new": 61, "duplicate": 1, "failed": 0, "held": 61, "forgotten": 0, "kept": 0,
    }  # fmt: skip
    assert done["pages"] == [str(kb / "INDEX.md")]
    assert ainews.seen() == before


def test_in_place_everything_is_as_before_and_what_was_judged_is_kept(ainews: Program, kb: Path) -> None:
    ainews("collect", "-k", kb)
    before = ainews.seen()
    told = ainews("reindex", "-k", kb).stdout
    assert "61 articles are held; 60 kept what an assessor had written." in told
    assert f"Index page: {kb / 'INDEX.md'}" in told
    assert ainews.seen() == before


def test_killed_in_the_middle_nothing_has_changed_and_running_it_again_completes_it(
    ainews: Program, client: redis.Redis, kb: Path
) -> None:
    ainews("collect", "-k", kb)
    before = ainews.seen()
    for n in range(600):
        fields = {"url": f"https://late.example/{n}", "headline": f"Late {n}", "content": f"The zebra {n} came late."}
        (kb / "many" / f"late-{n}.md").write_text(monitored(**fields))
    running = subprocess.Popen(ainews.arguments("reindex", "-k", kb), env=ainews.environment, stdin=subprocess.DEVNULL)
    while not any(b"rebuild:" in k and b"article:" in k for k in client.scan_iter("ainews:*", count=1000)):
        assert running.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert list(client.scan_iter("ainews:*rebuild:*")), "it was killed too late for this test to say anything"
    assert ainews.seen() == before
    done = ainews.json("reindex", "-k", kb)
    assert (done["held"], done["forgotten"]) == (661, 0)
    assert not list(client.scan_iter("ainews:*rebuild*"))
    assert len(ainews.json("search", "zebra", "-n", 100)["results"]) == 100


def test_a_document_that_cannot_be_read_is_named_and_stops_nothing(ainews: Program, kb: Path) -> None:
    (kb / "broken.md").write_text("")
    done = ainews("reindex", "-k", kb, code=3)
    assert "broken.md: the file is empty" in done.stderr
    assert "61 articles are held" in done.stdout


def test_a_folder_that_is_not_there_or_is_empty_changes_nothing(
    ainews: Program, client: redis.Redis, kb: Path, tmp_path: Path
) -> None:
    ainews("collect", "-k", kb)
    assert "is no folder" in ainews("reindex", "-k", tmp_path / "none", code=1).stderr
    assert "nothing was changed" in ainews("reindex", "-k", tmp_path, code=1).stderr
    assert "--knowledge-base" in ainews("reindex", code=2).stderr
    assert client.zcard("ainews:{local}:dated") == 61


def test_the_folder_of_the_settings_is_read_and_the_page_can_be_left_out(ainews: Program, kb: Path) -> None:
    done = ainews("reindex", "--no-page", AINEWS_KNOWLEDGE_BASE=str(kb))
    assert "61 articles are held" in done.stdout
    assert not (kb / "INDEX.md").exists()


def test_a_page_that_cannot_be_written_takes_nothing_from_the_rebuild(ainews: Program, kb: Path) -> None:
    for name in ("INDEX.md", "INDEX.generated.md"):
        (kb / name).write_text(monitored(url=f"https://own.example/{name}", content=f"My own {name}."))
    done = ainews("reindex", "-k", kb)
    assert "63 articles are held" in done.stdout
    assert "documents of somebody's own" in done.stderr


@pytest.mark.parametrize(
    ("options", "answer", "code", "held"), [([], "n\n", 1, 0), ([], "y\n", 0, 61), (["--yes"], "n\n", 0, 61)]
)
def test_on_a_terminal_it_asks_first_unless_told_not_to(
    ainews: Program, client: redis.Redis, kb: Path, options: list[str], answer: str, code: int, held: int
) -> None:
    keyboard, terminal = pty.openpty()
    running = subprocess.Popen(
        ainews.arguments("reindex", "-k", kb, *options), env=ainews.environment, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip
    os.write(keyboard, answer.encode())
    _, told = running.communicate(timeout=120)
    for handle in (keyboard, terminal):
        with contextlib.suppress(OSError):
            os.close(handle)
    assert running.returncode == code
    assert (b"Go on?" in told) is not bool(options)
    assert client.zcard("ainews:{local}:dated") == held
