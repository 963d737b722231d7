"""``ainews export``, ``import`` and ``erase`` as a person runs them: what is told, what is asked, and what is left when one is killed."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import redis

from digest.stores.keys import Keys
from tests.cli.test_reindex_command import Program, ainews, client, kb

__all__ = ["ainews", "client", "kb"]

KEYS = Keys("local")
ADA = "U0ADA00001"


@pytest.fixture
def held(ainews: Program, client: redis.Redis, kb: Path) -> Program:
    """Articles, and what a person left."""
    ainews("collect", "-k", kb)
    client.zadd(KEYS.shelf(ADA), {"a1": 1_790_000_000_000})
    client.hset(KEYS.subscriptions, "C1", '{"channel":"C1"}')
    client.lpush(
        KEYS.subscription_changes("C1"), json.dumps({"at": "2026-11-28T09:00:00+00:00", "who": ADA, "what": ["subscribed"]})
    )
    return ainews


def test_what_was_exported_is_seen_again_after_everything_was_lost(held: Program, client: redis.Redis, short_dir: Path) -> None:
    before = held.seen()
    file = short_dir / "state.jsonl.gz"
    done = held.json("export", file)
    assert done["kinds"]["article:ID"] == 61
    assert done["left_out"] == []
    assert (done["workspace"], done["schema"]) == ("local", 1)
    client.flushall()
    told = held("import", file).stdout
    assert "The backup of 'local' from" in told
    assert f"{done['keys']} keys" in told
    assert held.seen() == before
    assert client.zscore(KEYS.shelf(ADA), "a1") == 1_790_000_000_000


def test_by_a_pipe_from_one_store_into_another(held: Program, client: redis.Redis, short_dir: Path) -> None:
    written = subprocess.run(held.arguments("export", "-"), capture_output=True, check=True, env=held.environment)
    assert json.loads(written.stdout.splitlines()[0])["what"] == "ainews state"
    assert b"61 articles" in written.stderr
    client.flushall()
    subprocess.run(held.arguments("import", "-"), input=written.stdout, check=True, env=held.environment, capture_output=True)
    assert client.zcard(KEYS.dated) == 61


def test_a_store_that_holds_something_is_replaced_only_when_told_to(
    held: Program, client: redis.Redis, short_dir: Path
) -> None:
    file = short_dir / "state"
    held("export", file)
    client.zadd(KEYS.shelf("U0LATER001"), {"a2": 1})
    refused = held("import", file, code=1)
    assert "keys in the store already" in refused.stderr
    assert "--replace" in refused.stderr
    assert client.exists(KEYS.shelf("U0LATER001"))
    assert "1 that it does not have were dropped" in held("import", file, "--replace").stdout
    assert not client.exists(KEYS.shelf("U0LATER001"))


def test_bad_files_and_bad_usage_are_told_in_a_sentence(held: Program, short_dir: Path) -> None:
    file = short_dir / "state.gz"
    held("export", file)
    cut = short_dir / "cut.gz"
    cut.write_bytes(file.read_bytes()[:-20])
    assert "it was cut off; nothing was changed" in held("import", cut, "--replace", code=1).stderr
    assert "is no backup of ainews" in held("import", Path(__file__), "--replace", code=1).stderr
    assert "cannot be read" in held("import", short_dir / "none", code=1).stderr
    assert "cannot be written" in held("export", short_dir / "none" / "state", code=1).stderr
    assert "leave out --json" in held("export", "-", "--json", code=2).stderr
    assert "Name the file" in held("import", code=2).stderr
    assert "Name the file" in held("import", file, "--continue", code=2).stderr
    assert "AINEWS_WORKSPACE=local" in held("import", file, code=1, AINEWS_WORKSPACE="other").stderr
    assert "T0NONE001" in held("export", file, "--team", "T0NONE001", code=1).stderr
    assert "Slack's id" in held("export", file, "--person", "ada", code=2).stderr
    assert "There is no import to complete" in held("import", "--continue").stdout


def test_keys_that_no_backup_holds_are_named(held: Program, client: redis.Redis, short_dir: Path) -> None:
    client.xadd(f"{KEYS.prefix}queue", {"a": "b"})
    done = held("export", short_dir / "state", code=3)
    assert "Left out" in done.stderr
    assert "queue" in done.stderr


def test_killed_at_any_time_nothing_has_changed_or_continue_completes_it(
    held: Program, client: redis.Redis, short_dir: Path
) -> None:
    file = short_dir / "state"
    held("export", file)
    client.zadd(KEYS.shelf("U0LATER001"), {"a2": 1})
    client.zrem(KEYS.dated, *client.zrange(KEYS.dated, 0, 9))
    outcomes = set()
    for wait_s in (0.0, 0.002, 0.004, 0.008, 0.016):
        running = subprocess.Popen(held.arguments("import", file, "--replace"), env=held.environment, stdin=subprocess.DEVNULL)
        while not client.exists(KEYS.importing) and running.poll() is None:
            time.sleep(0.001)
        time.sleep(wait_s)
        running.send_signal(signal.SIGKILL)
        running.wait()
        if client.exists(KEYS.import_switch):
            outcomes.add("switching")
            refused = held("search", "assistants", code=1)
            assert "A backup is being put in place" in refused.stderr
            assert "import --continue" in refused.stderr
            assert "stored data" in held("doctor", "--quiet", "--json", code=1).stdout
            client.delete(KEYS.importing)  # held for a minute by the process that is gone
            assert "The import is complete" in held("import", "--continue").stdout
        else:
            outcomes.add("before")
            client.delete(KEYS.importing)
            held("import", file, "--replace")
        assert client.zcard(KEYS.dated) == 61
        assert not client.exists(KEYS.shelf("U0LATER001"))
        assert not list(client.scan_iter(f"{KEYS.imported()}*"))
        client.zadd(KEYS.shelf("U0LATER001"), {"a2": 1})
        client.zrem(KEYS.dated, *client.zrange(KEYS.dated, 0, 9))
    assert outcomes


def test_a_newer_store_is_refused_by_every_command_and_doctor_says_so(ainews: Program, client: redis.Redis) -> None:
    client.set(KEYS.version, 99)
    refused = ainews("latest", code=1)
    assert "schema 99, which this version of ainews does not know" in refused.stderr
    assert "Upgrade ainews" in refused.stderr
    checks = {c["name"]: c for c in ainews.json("doctor", code=1)["checks"]}
    assert checks["stored data"]["status"] == "failed"
    assert checks["redis"]["status"] == "ok"
    client.delete(KEYS.version)
    ainews("latest")
    assert client.get(KEYS.version) == b"1"


def test_what_is_held_on_a_person_is_written_for_that_person_and_erased(
    held: Program, client: redis.Redis, short_dir: Path
) -> None:
    file = short_dir / "ada.json"
    assert "saved articles 1, changes of subscriptions 1" in held("export", file, "--person", ADA).stdout
    told = json.loads(file.read_text())
    assert told["held"][0]["changes_of_subscriptions"][0]["what"] == ["subscribed"]
    assert file.stat().st_mode & 0o077 == 0
    assert json.loads(held("export", "-", "--person", ADA).stdout)["person"] == ADA
    assert "--yes" in held("erase", "--person", ADA, code=2).stderr
    planned = held.json("erase", "--person", ADA, "--dry-run")
    assert client.exists(KEYS.shelf(ADA))
    done = held.json("erase", "--person", ADA, "--yes")
    assert done["erased"] == planned["erased"] == {"saved articles": 1, "changes of subscriptions": 1}
    assert not client.exists(KEYS.shelf(ADA))
    assert b"erased" in client.lindex(KEYS.subscription_changes("C1"), 0)
    assert "Nothing is held on" in held("erase", "--person", ADA, "--yes").stdout
    assert "is no backup" in held("import", file, "--replace", code=1).stderr


def test_a_whole_installation_is_erased_with_what_is_made_from_it(held: Program, client: redis.Redis) -> None:
    held("search", "assistants")
    index = held.folder / "search" / "local"
    assert index.is_dir()
    assert "Say what" in held("erase", "--yes", code=2).stderr
    told = held("erase", "--workspace", "local", "--yes").stdout
    assert "article:ID" in told
    assert not index.exists()
    assert not list(client.scan_iter("ainews:{local*"))


@pytest.mark.parametrize(("answer", "code", "left"), [("n\n", 1, 1), ("y\n", 0, 0)])
def test_on_a_terminal_it_shows_what_there_is_and_asks(
    held: Program, client: redis.Redis, answer: str, code: int, left: int
) -> None:
    done = on_a_terminal(held, answer, "erase", "--person", ADA)
    assert done[0] == code
    assert b"Would be erased" in done[1]
    assert b"Erase it for good?" in done[2]
    assert client.exists(KEYS.shelf(ADA)) == left


@pytest.mark.parametrize(("answer", "code", "left"), [("n\n", 1, 1), ("y\n", 0, 0)])
def test_on_a_terminal_replacing_is_asked_for(
    held: Program, client: redis.Redis, short_dir: Path, answer: str, code: int, left: int
) -> None:
    held("export", short_dir / "state")
    client.zadd(KEYS.shelf("U0LATER001"), {"a2": 1})
    done = on_a_terminal(held, answer, "import", short_dir / "state", "--replace")
    assert done[0] == code
    assert b"takes the place of" in done[2]
    assert client.exists(KEYS.shelf("U0LATER001")) == left


def on_a_terminal(program: Program, answer: str, *given: Any) -> tuple[int, bytes, bytes]:
    keyboard, terminal = pty.openpty()
    running = subprocess.Popen(
        program.arguments(*given), env=program.environment, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.write(keyboard, answer.encode())
    said, told = running.communicate(timeout=120)
    for handle in (keyboard, terminal):
        with contextlib.suppress(OSError):
            os.close(handle)
    return running.returncode, said, told
