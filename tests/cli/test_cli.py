"""The program as a person runs it: a process of its own, its exit code, what it prints where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.data import data
from tests.documents import monitored, processed

ROOT = Path(__file__).parents[2]
OTHER = "A tool that cuts films for newsrooms was opened to everybody in Oslo on Monday. It costs 30 crowns a month."


@dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The last line of standard output, as JSON."""
        return json.loads(self.out.strip().splitlines()[-1])


Run = Callable[..., Done]


@pytest.fixture
def ainews(short_dir: Path) -> Run:
    """Runs ``ainews`` with a data folder of this test's."""

    def run(*arguments: object, stdin: str = "", **environment: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *map(str, arguments)], input=stdin, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT), "AINEWS_DATA_DIR": str(short_dir / "data"), "COLUMNS": "100", **environment},
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def kb(short_dir: Path) -> Path:
    folder = short_dir / "kb"
    folder.mkdir()
    (folder / "a.md").write_text(processed())
    (folder / "b.md").write_text(
        processed(url="https://www.news.example/shops-adopt-assistants?utm_source=x", title="Filed again")
    )
    (folder / "c.md").write_text(
        monitored(url="https://other.example/c", headline="Only a headline", publisher="Other", score="9/10", content=OTHER)
    )
    (folder / "d.md").write_text("")
    return folder


def test_collect_reports_one_line_of_json_and_exit_code_3_for_a_part_that_failed(ainews: Run, kb: Path) -> None:
    done = ainews("collect", "--knowledge-base", kb, "--json")
    assert done.code == 3
    assert len(done.out.splitlines()) == 1
    assert {k: done.json[k] for k in ("seen", "new", "updated", "duplicate", "failed", "unscored")} == {
        "seen": 4, "new": 2, "updated": 0, "duplicate": 1, "failed": 1, "unscored": 0,
    }  # fmt: skip
    assert done.json["failures"] == [{"file": str(kb / "d.md"), "reason": "the file is empty", "source": f"kb:{kb.resolve()}"}]
    assert "\x1b" not in done.err


def test_collecting_again_takes_only_what_changed(ainews: Run, kb: Path) -> None:
    (kb / "d.md").unlink()
    assert ainews("collect", "-k", kb).code == 0
    (kb / "c.md").write_text(monitored(url="https://other.example/c", headline="Corrected", publisher="Other"))
    again = ainews("collect", "-k", kb, "--json").json
    assert (again["new"], again["updated"], again["unchanged"], again["duplicate"]) == (0, 1, 2, 0)


def test_a_dry_run_stores_nothing(ainews: Run, kb: Path) -> None:
    assert ainews("collect", "-k", kb, "--dry-run", "--json").json["new"] == 2
    assert ainews("search", "assistants", "--json").json["results"] == []


def test_collect_takes_json_lines_from_standard_input_and_a_feed_from_a_file(ainews: Run, short_dir: Path) -> None:
    line = json.dumps({"url": "https://lines.example/a", "title": "From a line", "score": 7, "published": "2025-11-18"})
    done = ainews("collect", "--jsonl", "-", "--json", stdin=line + "\nnot json\n")
    assert (done.code, done.json["new"], done.json["failed"]) == (3, 1, 1)
    feed = short_dir / "feed.xml"
    feed.write_text(
        "<rss version='2.0'><channel><title>Feed</title><item><title>From a feed</title><link>https://feed.example/a</link>"
        "<description>AI writes the ads for a shop.</description></item></channel></rss>"
    )
    done = ainews("collect", "--feed", feed, "--json")
    assert (done.code, done.json["new"], done.json["unscored"], done.json["assessed"]) == (0, 1, 1, 1)


def test_collect_with_nothing_named_says_what_to_name(ainews: Run) -> None:
    done = ainews("collect")
    assert done.code == 2
    assert "--knowledge-base" in done.err


def test_a_folder_that_is_not_there_is_a_failure(ainews: Run, tmp_path: Path) -> None:
    done = ainews("collect", "-k", tmp_path / "nothing")
    assert done.code == 1
    assert "is no folder" in done.err


@pytest.mark.parametrize("form", ["terminal", "slack", "html", "markdown", "text", "json"])
def test_a_digest_in_every_format(ainews: Run, kb: Path, short_dir: Path, form: str) -> None:
    ainews("collect", "-k", kb)
    done = ainews("digest", "--date", "2025-11-19", "--format", form)
    assert done.code == 0
    assert "Only a headline" in done.out
    assert "forty shops adopt" in done.out
    file = short_dir / "written"
    assert ainews("digest", "--date", "2025-11-19", "--format", form, "--out", file).out == ""
    assert "Only a headline" in file.read_text()


def test_the_json_digest_has_every_field_of_its_stories(ainews: Run, kb: Path) -> None:
    ainews("collect", "-k", kb)
    digest = json.loads(ainews("digest", "--date", "2025-11-19", "--json").out)
    first, second = digest["stories"]
    assert (first["rank"], first["score"], first["title"]) == (1, 9.0, "Only a headline")
    assert first["provenance"]["score"] == "source"
    assert first["provenance"]["summary"] == "offline"
    assert {p["name"] for p in first["parts"]} >= {"relevance", "freshness"}
    assert second["summary"] == ["Forty shops took on an assistant", "Sales rose by 12 percent"]
    assert second["published"] == "2025-11-18T16:29:24+00:00"


def test_what_was_issued_stays_out_of_later_digests_and_explain_says_so(ainews: Run, kb: Path) -> None:
    ainews("collect", "-k", kb)
    issued = ainews("digest", "--date", "2025-11-19", "--issue", "--json")
    assert len(json.loads(issued.out)["stories"]) == 2
    assert Path(issued.err.removeprefix("Issued as ").strip().removesuffix(".")).is_file()
    again = json.loads(ainews("digest", "--date", "2025-11-19", "--json").out)
    assert len(again["stories"]) == 2  # the day's own edition does not count
    later = json.loads(ainews("digest", "--date", "2025-11-20", "--json").out)
    assert later["stories"] == []
    assert {o["rule"] for o in later["left_out"]} == {"shown"}
    told = ainews("digest", "--date", "2025-11-20", "--explain").out
    assert "it was in the digest of 19 November, and nothing new is told since" in told
    assert "2 shown before, with nothing new" in told


def test_a_digest_with_nothing_says_where_there_is_something(ainews: Run, kb: Path) -> None:
    assert "Collect something first" in ainews("digest").err
    ainews("collect", "-k", kb)
    assert "--date 2025-11-18" in ainews("digest").err


@pytest.mark.parametrize("day", ["someday", "2999-01-01", "2025-13-40"])
def test_a_day_that_is_none_is_wrong_usage(ainews: Run, day: str) -> None:
    assert ainews("digest", "--date", day).code == 2


def test_search_and_show(ainews: Run, kb: Path) -> None:
    ainews("collect", "-k", kb)
    found = ainews("search", "forty", "shops", "--json").json["results"]
    assert found[0]["title"] == "Retail: forty shops adopt AI assistants"
    shown = ainews("show", found[0]["id"], "--json").json
    assert shown["body"] == "Forty shops in Leeds took on an assistant in May & June.\n\nSales rose by 12 percent."
    assert [c["title"] for c in shown["copies"]] == ["Filed again"]
    assert [o["key"] for o in shown["origins"]] == ["a.md", "b.md"]
    assert ainews("show", shown["url"], "--json").json["id"] == shown["id"]
    assert "Key insights" in ainews("show", shown["id"][:6]).out
    assert ainews("search", "zebra").out.startswith("Nothing found")


def test_an_article_that_is_not_there_is_told_with_what_to_do(ainews: Run) -> None:
    done = ainews("show", "feedfacecafe")
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "ainews search" in done.err


def test_markup_in_a_title_is_text(ainews: Run, kb: Path) -> None:
    (kb / "e.md").write_text(
        monitored(
            url="https://e.example/",
            headline="[red]Red[/red] [bold and :smile:",
            publisher="E",
            score="10",
            content="Painters in Bergen were shown how a colour is named by 200 machines.",
        )
    )
    ainews("collect", "-k", kb)
    assert "[red]Red[/red] [bold and :smile:" in ainews("digest", "--date", "2025-11-19").out
    assert "[red]Red[/red] [bold and :smile:" in ainews("search", "red").out


def test_doctor_says_what_works_and_what_is_missing(ainews: Run) -> None:
    done = ainews("doctor", "--json")
    assert done.code == 0
    status = {c["name"]: c["status"] for c in done.json["checks"]}
    assert status["redis"] == status["templates"] == status["profile"] == "ok"
    assert status["claude"] == status["slack"] == "off"
    assert ainews("doctor", "--quiet").out == ""


def test_doctor_fails_where_redis_is_away(ainews: Run) -> None:
    done = ainews("doctor", AINEWS_REDIS_URL="redis://:hunter2@127.0.0.1:1/0")
    assert done.code == 1
    assert "Redis cannot be" in done.out
    assert "hunter2" not in done.out + done.err


def test_all_wrong_settings_are_told_together_and_no_value_is(ainews: Run) -> None:
    done = ainews("digest", AINEWS_STORIES="hunter2", AINEWS_TIME_ZONE="Nowhere/Land", ANTHROPIC_API_KEY="sk-hunter3")
    assert done.code == 2
    assert "AINEWS_STORIES" in done.err
    assert "AINEWS_TIME_ZONE" in done.err
    assert "hunter" not in done.err


def test_a_store_that_is_away_ends_with_one_sentence(ainews: Run, kb: Path) -> None:
    done = ainews("collect", "-k", kb, AINEWS_REDIS_URL="redis://127.0.0.1:1/0")
    assert done.code == 1
    assert done.err.startswith("Error: Redis cannot be")


def test_the_demo_shows_a_digest_and_writes_a_page_and_may_be_run_again(ainews: Run) -> None:
    for _ in range(2):
        done = ainews("demo")
        assert done.code == 0
        page = Path(done.out.split("as a page:")[1].split("\n")[0].strip())
        assert "<!doctype html>" in page.read_text().lower()
        assert "Fennwick Handshake" in done.out


def test_help_and_version(ainews: Run) -> None:
    assert "collect" in ainews("--help").out
    assert ainews().code == 2
    assert ainews("nonsense").code == 2


def test_the_real_documents_are_collected_and_found(ainews: Run) -> None:
    done = ainews("collect", "-k", data("knowledge-base"), "--json")
    assert (done.code, done.json["failed"]) == (0, 0)
    assert done.json["new"] + done.json["duplicate"] == done.json["seen"]


def test_the_demo_of_the_next_day_has_an_update_and_leaves_out_what_was_shown(ainews: Run, short_dir: Path) -> None:
    first = ainews("demo", "--next-day")
    assert first.code == 0
    environment = {"AINEWS_DATA_DIR": str(short_dir / "data" / "demo-next-day"), "AINEWS_WORKSPACE": "demo-next-day"}
    made = json.loads(ainews("digest", "--json", **environment).out)
    updated = [s for s in made["stories"] if s["update"]]
    assert [s["title"] for s in updated] == ["Fennwick Pauses Handshake for New Agents After 41 Budgets Were Overspent"]
    assert "41" in updated[0]["update"]["facts"]
    assert "charged more than the daily budget" in updated[0]["update"]["line"]
    assert sum("Fennwick" in a["title"] or "Handshake" in a["title"] for a in updated[0]["also_covered_by"]) == 4
    assert sum("Fennwick" in s["title"] for s in (*made["stories"], *made["left_out"])) == 1
    shown = {o["title"] for o in made["left_out"] if o["rule"] == "shown"}
    assert "Larkfield Study: AI Assistants Shorten the Path to Purchase" in shown
    other = updated[0]["also_covered_by"][0]["id"]
    around = ainews("show", other, "--json", **environment).json
    assert around["story"] == updated[0]["story"]
    assert updated[0]["id"] in {a["id"] for a in around["also_covered_by"]}
    assert other not in {a["id"] for a in around["also_covered_by"]}
    page = Path(updated[0]["update"]["where"])
    assert f'<a href="{page.name}">' in page.with_name(f"{made['day']}.html").read_text()
