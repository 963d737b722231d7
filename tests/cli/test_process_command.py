"""``ainews process`` as a person runs it: files become documents that are searched, and a kill loses and doubles none."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from pytest_httpserver import HTTPServer

from digest.knowledge_base.writing import monitor_file
from tests.cli.test_cli import ROOT, Run, ainews
from tests.fulltext.test_extraction import PARAGRAPHS, page
from tests.knowledge_base.test_writing import document

__all__ = ["ainews"]


def put(inbox: Path, name: str, **fields: object) -> None:
    """A monitor's file."""
    inbox.mkdir(exist_ok=True)
    given = {"summary": (), "key_insights": (), "tags": (), **fields}
    (inbox / name).write_text(monitor_file(document(**given)), encoding="utf-8")


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.md") if p.name != "INDEX.md")


def settings(folder: Path, **more: str) -> dict[str, str]:
    allowed = {"AINEWS_FETCH_ALLOW_HOSTS": "localhost,127.0.0.1", "AINEWS_FETCH_TIMEOUT_S": "5"}
    return {"AINEWS_KNOWLEDGE_BASE": str(folder / "kb"), **allowed, **more}


def test_files_become_documents_that_are_found_and_listed(ainews: Run, tmp_path: Path) -> None:
    inbox, environment = tmp_path / "inbox", settings(tmp_path, AINEWS_FULL_TEXT="false")
    put(inbox, "a.md", headline="Forty Shops Take On Assistants")
    (inbox / "b.txt").write_text("No address.")
    done = ainews("process", inbox, **environment)
    assert done.code == 3
    assert "1 became documents, 1 could not be processed" in done.out
    assert "b.txt: it does not say where it is from. Give it a line 'URL: https://…' at its top." in done.err
    assert "Forty Shops" in (tmp_path / "kb" / "INDEX.md").read_text()
    assert "Forty Shops" in ainews("search", "assistant Leeds", **environment).out
    again = ainews("process", inbox, "--json", **environment)
    assert (again.code, again.json["files"], again.json["failed"]) == (1, 1, 1)


def test_an_inbox_that_is_not_there_is_told_in_a_sentence(ainews: Run, tmp_path: Path) -> None:
    done = ainews("process", tmp_path / "nowhere", **settings(tmp_path))
    assert done.code == 1
    assert "nowhere cannot be read: no such file or directory. Give the folder of the inbox." in done.err


def test_an_empty_inbox_is_told(ainews: Run, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    done = ainews("process", tmp_path / "inbox", **settings(tmp_path))
    assert (done.code, done.out) == (0, "There is nothing in the inbox that can be read.\n")


def test_where_a_file_has_an_excerpt_its_page_is_read(ainews: Run, httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /private/")
    for path in ("/orders", "/private/orders"):
        httpserver.expect_request(path).respond_with_data(page(), content_type="text/html")
    excerpt = PARAGRAPHS[0][:60] + " […]"
    for name in ("orders", "private/orders"):
        slug = name.replace("/", "-")
        put(tmp_path / "inbox", f"{slug}.md", url=httpserver.url_for(f"/{name}"), headline=slug, title=slug, body=excerpt)
    done = ainews("process", tmp_path / "inbox", "--json", **settings(tmp_path))
    assert (done.code, done.json["full_text"], done.json["excerpts"]) == (0, 1, 1)
    whole, left = ((tmp_path / "kb" / f).read_text() for f in files(tmp_path / "kb"))
    assert PARAGRAPHS[3] in whole
    assert "excerpt_only: robots.txt does not allow it" in left
    found = json.loads(ainews("search", "assistants shop behalf", "--json", **settings(tmp_path)).out)["results"]
    shown = ainews("show", next(f["id"] for f in found if "private" in f["url"]), **settings(tmp_path)).out
    assert "an excerpt only: robots.txt does not allow it" in shown


def test_killed_whenever_no_file_is_lost_and_no_document_doubled(ainews: Run, tmp_path: Path, short_dir: Path) -> None:
    inbox, kb, count = tmp_path / "inbox", tmp_path / "kb", 150
    for number in range(count):
        put(inbox, f"{number}.md", url=f"https://paper.test/{number}", headline=f"Story {number}", title=f"Story {number}")
    environment = settings(tmp_path, AINEWS_FULL_TEXT="false")
    for wanted in (20, 60, 110):
        kill_at(inbox, kb, wanted, {**environment, "AINEWS_DATA_DIR": str(short_dir / "data")})
    assert ainews("process", inbox, **environment).code == 0
    assert len(files(kb)) == count
    heads = Counter(line for f in files(kb) for line in (kb / f).read_text().splitlines() if line.startswith("# Story"))
    assert set(heads.values()) == {1}
    assert len(list((inbox / "processed").iterdir())) == count


def kill_at(inbox: Path, kb: Path, documents: int, environment: dict[str, str]) -> None:
    """Run ``ainews process``, and kill it once there are so many documents."""
    command = [sys.executable, "-m", "bot", "process", str(inbox)]
    with subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT), **environment}, stdout=subprocess.DEVNULL
    ) as running:
        while running.poll() is None and (not kb.exists() or len(files(kb)) < documents):
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.wait()
