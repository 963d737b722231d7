"""``ainews monitor`` as a person runs it: feeds of a local server become documents, and documents become a digest."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug import Response

from tests.assessment.claude_api import VERDICT, Answer, ClaudeApi, serve_claude
from tests.cli.test_cli import ROOT, Done, Run, ainews

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_httpserver import HTTPServer
    from werkzeug import Request

__all__ = ["ainews"]

RELEVANT = (
    "Google Ads lets marketers hand whole advertising campaigns to AI agents: the agent writes the ads, sets the bids and moves"
    " the budget, and advertisers see conversions rise by 14 percent in a trial with 900 brands."
)
IRRELEVANT = "The council will paint the bridge over the river blue, after residents asked for a new colour in a survey."


@pytest.fixture(scope="module")
def claude_server() -> Iterator[ClaudeApi]:
    yield from serve_claude()


@pytest.fixture
def claude(claude_server: ClaudeApi) -> ClaudeApi:
    return claude_server.reset()


@pytest.fixture
def site(httpserver: HTTPServer) -> HTTPServer:
    """A publisher with one feed that answers conditionally, one that is broken and one that is away."""
    published = format_datetime(datetime.now(UTC) - timedelta(hours=5))
    items = "".join(
        f"<item><title>{title}</title><link>https://paper.test/{n}?utm_source=rss</link><guid>{n}</guid>"
        f"<pubDate>{published}</pubDate><description>{text}</description></item>"
        for n, (title, text) in enumerate(
            [("AI agents take over Google Ads campaigns for marketers", RELEVANT), ("A bridge gets a new colour", IRRELEVANT)]
        )
    )
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>The Paper</title>{items}</channel></rss>'

    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == '"1"':
            return Response(status=304)
        return Response(feed, content_type="application/rss+xml", headers={"ETag": '"1"'})

    httpserver.expect_request("/feed").respond_with_handler(answer)
    httpserver.expect_request("/broken").respond_with_data("no feed at all")
    httpserver.expect_request("/away").respond_with_data("", status=503)
    return httpserver


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*.md") if p.name != "INDEX.md")


def settings(folder: Path, **more: str) -> dict[str, str]:
    return {
        "AINEWS_FETCH_ALLOW_HOSTS": "localhost,127.0.0.1",
        "AINEWS_KNOWLEDGE_BASE": str(folder),
        "AINEWS_FULL_TEXT": "false",
        **more,
    }


def test_feeds_become_documents_and_documents_a_digest(ainews: Run, site: HTTPServer, tmp_path: Path) -> None:
    environment = settings(tmp_path / "kb")
    done = ainews("monitor", "--feed", site.url_for("/feed"), "--json", **environment)
    assert done.code == 0, done.err
    assert {k: done.json[k] for k in ("asked", "failed", "new", "assessed", "kept", "below")} == {
        "asked": 1, "failed": 0, "new": 2, "assessed": 2, "kept": 1, "below": 1,
    }  # fmt: skip
    [name] = files(tmp_path / "kb")
    assert name.endswith("_ai-agents-take-over-google-ads-campaigns-for-marketers.md")
    assert "AI agents take over Google Ads campaigns for marketers" in (tmp_path / "kb" / "INDEX.md").read_text()
    digest = json.loads(ainews("digest", "--format", "json", **environment).out)
    [story] = digest["stories"]
    assert story["title"] == "AI agents take over Google Ads campaigns for marketers"
    assert story["url"] == "https://paper.test/0?utm_source=rss"
    assert "AI agents" in ainews("search", "agents budget", **environment).out

    again = ainews("monitor", "--feed", site.url_for("/feed"), "--now", "--json", **environment).json
    assert (again["unchanged"], again["assessed"], len(files(tmp_path / "kb"))) == (1, 0, 1)
    waits = ainews("monitor", "--feed", site.url_for("/feed"), "--json", **environment).json
    assert (waits["feeds"], waits["asked"]) == (1, 0)


def test_claude_judges_where_a_key_is_set_and_nothing_twice(
    ainews: Run, site: HTTPServer, claude: ClaudeApi, tmp_path: Path
) -> None:
    claude.answers = [
        Answer(json.dumps({**VERDICT, "score": 9, "summary": ["Advertisers see conversions rise by 14 percent."] * 1}))
    ]
    environment = settings(tmp_path / "kb", ANTHROPIC_API_KEY="sk-ant-x", ANTHROPIC_BASE_URL=claude.url)
    done = ainews("monitor", "--feed", site.url_for("/feed"), "--json", **environment)
    assert (done.json["assessed"], done.json["kept"], len(claude.requests)) == (2, 2, 2)
    text = (tmp_path / "kb" / files(tmp_path / "kb")[0]).read_text()
    assert "assessed_by: claude" in text
    assert "relevance_score: 9" in text
    ainews("monitor", "--feed", site.url_for("/feed"), "--now", **environment)
    assert len(claude.requests) == 2
    shown = json.loads(ainews("digest", "--format", "json", **environment).out)
    assert {s["provenance"]["score"] for s in shown["stories"]} == {"claude"}


def test_where_claude_is_away_entries_wait_and_are_not_counted_as_nothing(
    ainews: Run, site: HTTPServer, claude: ClaudeApi, tmp_path: Path
) -> None:
    claude.answers = [Answer(status=529)]
    environment = settings(
        tmp_path / "kb", ANTHROPIC_API_KEY="sk-ant-x", ANTHROPIC_BASE_URL=claude.url, AINEWS_ASSESS_RETRIES="0"
    )
    done = ainews("monitor", "--feed", site.url_for("/feed"), **environment)
    assert done.code == 0
    assert "2 to be tried again" in done.out
    assert files(tmp_path / "kb") == []


def test_one_feeds_failure_is_told_and_never_stops_the_others(ainews: Run, site: HTTPServer, tmp_path: Path) -> None:
    feeds = [a for path in ("/feed", "/broken", "/away", "/nowhere") for a in ("--feed", site.url_for(path))]
    done = ainews("monitor", *feeds, "--feed", "http://10.0.0.1/feed", **settings(tmp_path / "kb"))
    assert done.code == 3
    assert "Asked 5 of 5 feeds: 4 failed." in done.out
    assert "1 kept" in done.out
    assert "neither RSS nor Atom" in done.err
    assert "503" in done.err
    assert "AINEWS_FETCH_ALLOW_HOSTS" in done.err
    alone = ainews("monitor", "--feed", site.url_for("/broken"), "--now", **settings(tmp_path / "kb"))
    assert alone.code == 1


def test_an_inbox_gets_files_for_another_processor(ainews: Run, site: HTTPServer, tmp_path: Path) -> None:
    done = ainews("monitor", "--feed", site.url_for("/feed"), "--inbox", tmp_path / "inbox", **settings(tmp_path / "kb"))
    assert done.code == 0
    [name] = files(tmp_path / "inbox")
    assert "_ai_ai-agents" in name
    assert files(tmp_path / "kb") == []


def test_it_goes_on_until_it_is_stopped_and_then_ends_at_once(short_dir: Path, site: HTTPServer, tmp_path: Path) -> None:
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "AINEWS_DATA_DIR": str(short_dir / "data"), **settings(tmp_path / "kb"),
    }  # fmt: skip
    command = [sys.executable, "-m", "bot", "monitor", "--feed", site.url_for("/feed"), "--now", "--every", "1s", "--json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        runs = [json.loads(program.stdout.readline()) for _ in range(3)]
        program.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        assert program.wait(timeout=30) == 0
    assert [r["unchanged"] for r in runs] == [0, 1, 1]
    assert runs[0]["kept"] == 1
    assert time.monotonic() - asked < 30


def test_a_bad_interval_is_wrong_usage(ainews: Run) -> None:
    done: Done = ainews("monitor", "--feed", "https://x.test/", "--every", "soon")
    assert (done.code, "is no interval" in done.err) == (2, True)


def test_a_large_backlog_is_judged_as_a_batch_that_a_later_run_finds(
    ainews: Run, site: HTTPServer, claude: ClaudeApi, tmp_path: Path
) -> None:
    environment = settings(tmp_path / "kb", ANTHROPIC_API_KEY="sk-ant-x", ANTHROPIC_BASE_URL=claude.url)
    done = ainews("monitor", "--feed", site.url_for("/feed"), "--batch", "--json", **environment)
    assert (done.code, done.json["submitted"], done.json["assessed"]) == (0, 2, 0)
    [batch] = claude.batches.values()
    ainews("monitor", "--feed", site.url_for("/feed"), **environment)
    assert files(tmp_path / "kb") == []
    batch.status = "ended"
    batch.results = {batch.requests[0]["custom_id"]: {"type": "expired"}}
    later = ainews("monitor", "--feed", site.url_for("/feed"), "--json", **environment)
    assert (later.json["assessed"], later.json["kept"], later.json["postponed"]) == (1, 1, 1)
    assert len(files(tmp_path / "kb")) == 1
    assert not any(path.endswith("/messages") for path in claude.paths)


def test_a_batch_without_claude_is_wrong_usage(ainews: Run, site: HTTPServer, tmp_path: Path) -> None:
    done = ainews("monitor", "--feed", site.url_for("/feed"), "--batch", **settings(tmp_path / "kb"))
    assert done.code == 2
    assert "ANTHROPIC_API_KEY" in done.err
