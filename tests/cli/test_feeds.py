"""``ainews feeds`` as a person runs it: a process of its own, against sites on this machine."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digest.factory import open_parts
from digest.feeds.listing import DEFAULT_LIST, parsed, read_feeds
from digest.feeds.ports import FeedState
from digest.settings import Settings
from tests.feed_server import FeedServer, feed_server, item, rss

ROOT = Path(__file__).parents[2]


@dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Feeds = Callable[..., Awaitable[Done]]


@pytest.fixture
def data_dir(short_dir: Path) -> Path:
    return short_dir / "data"


@pytest.fixture
def feeds(data_dir: Path, valkey_url: str, keys: Any) -> Feeds:
    """Runs ``ainews feeds`` with a data folder and keys of this test's, while its servers go on answering."""

    def run(*arguments: object, stdin: str = "", **environment: str) -> Done:
        given = {
            "PYTHONPATH": str(ROOT), "AINEWS_DATA_DIR": str(data_dir), "AINEWS_REDIS_URL": valkey_url,
            "AINEWS_WORKSPACE": keys.workspace, "AINEWS_FETCH_ALLOW_HOSTS": "127.0.0.1",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "bot", "feeds", *map(str, arguments)], input=stdin, capture_output=True, text=True,
            check=False, env={**os.environ, **given, **environment},
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        assert "\x1b" not in done.stdout + done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    async def run_beside(*arguments: object, stdin: str = "", **environment: str) -> Done:
        return await asyncio.to_thread(run, *arguments, stdin=stdin, **environment)

    return run_beside


@pytest.fixture
def loaded(data_dir: Path, valkey_url: str, keys: Any) -> Settings:
    return Settings.load(data_dir=data_dir, redis_url=valkey_url, workspace=keys.workspace)


def own(data_dir: Path, *lines: str) -> Path:
    data_dir.mkdir(exist_ok=True)
    path = data_dir / "feeds.yaml"
    path.write_text("# Ours\nfeeds:\n" + "".join(f"  - {line}\n" for line in lines))
    return path


def entry(server: FeedServer, path: str, name: str) -> str:
    return f"{{name: {name}, url: '{server.url(path)}'}}"


async def state(loaded: Settings, url: str) -> FeedState:
    async with open_parts(loaded) as parts:
        return (await parts.feed_states.states([url]))[0]


async def test_the_list_shipped_is_shown_until_there_is_one_of_ones_own(feeds, data_dir):
    done = await feeds("list")
    assert (done.code, "Marketing AI Institute" in done.out, "shipped" in done.err) == (0, True, True)
    assert all(f.url in done.out for f in read_feeds(DEFAULT_LIST))
    assert not (data_dir / "feeds.yaml").exists()
    own(data_dir, "{name: Mine, url: https://mine.example/feed, tier: 3, interval: 90m}")
    [listed] = (await feeds("list", "--json")).json["feeds"]
    assert {k: listed[k] for k in ("name", "tier", "interval_s", "health")} == {
        "name": "Mine", "tier": 3, "interval_s": 5400.0, "health": "new",
    }  # fmt: skip


async def test_a_list_is_shown_where_the_store_is_away(feeds, tmp_path):
    done = await feeds("list", "--json", AINEWS_REDIS_URL=f"unix://{tmp_path}/none")
    assert (done.code, done.json["feeds"][0]["health"]) == (0, "unknown")
    assert "not known" in done.err


async def test_a_wrong_list_is_told_with_all_its_problems_and_exit_code_2(feeds, data_dir):
    own(data_dir, "{name: A, url: nonsense}", "{name: B, url: https://b.example, teir: 1}")
    done = await feeds("list")
    assert done.code == 2
    assert "line 3: 'A': url" in done.err
    assert "line 4: 'B': unknown key 'teir'; did you mean 'tier'?" in done.err


async def test_adding_a_site_finds_its_feed_and_makes_the_list(feeds, data_dir):
    page = "<html><head><link rel=alternate type=application/rss+xml href=/news><link rel=alternate type=application/atom+xml href=/more>"
    async with feed_server(site=page, news=rss(item(1), item(2)), more=rss(item(3), title="More")) as server:
        done = await feeds("add", server.url("/site"), "--category", "Press", "--tier", 1, "--interval", "2h")
        assert (done.code, done.out) == (0, f"Added The Paper ({server.url('/news')}, 2 entries) to {data_dir}/feeds.yaml.\n")
        assert "which is your list from now on" in done.err
        assert f"also there: {server.url('/more')}  More" in done.err
        added = read_feeds(data_dir / "feeds.yaml")[-1]
        assert (added.name, added.category, added.tier, added.interval_s) == ("The Paper", "Press", 1, 7200.0)
        again = await feeds("add", server.url("/site"))
        assert (again.code, "listed already, as The Paper" in again.out) == (0, True)
        assert len(read_feeds(data_dir / "feeds.yaml")) == len(read_feeds(DEFAULT_LIST)) + 1


async def test_what_is_no_feed_is_added_only_without_a_check(feeds, data_dir):
    async with feed_server(site="<html>Nothing") as server:
        done = await feeds("add", server.url("/site"))
        assert (done.code, data_dir.joinpath("feeds.yaml").exists()) == (1, False)
        assert "No feed was found" in done.err
        server.asked.clear()
        done = await feeds("add", server.url("/site"), "--no-check", "--name", "Soon: a feed")
        assert (done.code, server.asked) == (0, [])
    assert read_feeds(data_dir / "feeds.yaml")[-1].name == "Soon: a feed"


@pytest.mark.parametrize(
    "wrong",
    [["ftp://a.example/"], ["https://u:hunter2@a.example/"], ["https://a.example/", "--interval", "soon"], ["http://"], [" "]],
)
async def test_what_cannot_be_listed_is_refused_before_anybody_is_asked(feeds, data_dir, wrong):
    done = await feeds("add", *wrong)
    assert (done.code, data_dir.joinpath("feeds.yaml").exists()) == (2, False)
    assert "cannot be added" in done.err
    assert "hunter2" not in done.err


async def test_removing_by_name_or_url_forgets_the_feed_and_keeps_comments(feeds, data_dir, loaded):
    path = own(data_dir, "{name: A, url: https://a.example/feed}  # gone with it", "{name: B, url: https://b.example/feed}")
    async with open_parts(loaded) as parts:
        await parts.feed_states.remember([FeedState("https://a.example/feed", etag="x", entries=3)])
    done = await feeds("remove", "a")
    assert (done.code, "Removed A" in done.out) == (0, True)
    assert await state(loaded, "https://a.example/feed") == FeedState("https://a.example/feed")
    assert path.read_text() == "# Ours\nfeeds:\n  - {name: B, url: https://b.example/feed}\n"
    assert (await feeds("remove", "http://www.b.example/feed/")).code == 0
    assert read_feeds(path) == ()


async def test_removing_what_is_not_listed_suggests_what_is(feeds, data_dir):
    own(
        data_dir,
        "{name: OpenAI, url: https://a.example/1}",
        "{name: Twice, url: https://a.example/2}",
        "{name: twice, url: https://a.example/3}",
    )
    done = await feeds("remove", "OpnAI")
    assert (done.code, "Did you mean OpenAI?" in done.err) == (1, True)
    done = await feeds("remove", "Twice")
    assert (done.code, "https://a.example/2, https://a.example/3" in done.err) == (1, True)


async def test_checking_shows_what_is_remembered_and_asks_nobody(feeds, data_dir, loaded):
    async with feed_server(a=rss(item(1))) as server:
        own(data_dir, entry(server, "/a", "Alpha"), entry(server, "/b", "Beta"))
        async with open_parts(loaded) as parts:
            await parts.feed_states.remember(
                [FeedState(server.url("/b"), checked=datetime.now(UTC), failures=3, error="the server answered 503")]
            )
        done = await feeds("check")
        assert (done.code, server.asked) == (0, [])
        assert "the server answered 503 (3 times in a row)" in done.out
        assert "2 feeds, 1 failing, 1 never asked" in done.err
        [only] = (await feeds("check", "beta", "--json")).json["feeds"]
        assert (only["name"], only["health"], only["failures"]) == ("Beta", "failing", 3)


async def test_checking_now_asks_and_leaves_what_is_new_for_the_monitor(feeds, data_dir, loaded):
    async with feed_server(a=rss(item(1, days_old=0), item(2, days_old=400)), page="<html>") as server:
        server.statuses["/bad"] = 503
        own(data_dir, entry(server, "/a", "Alpha"), entry(server, "/bad", "Bad"), entry(server, "/page", "Page"))
        done = await feeds("check", "--now", "--json")
        assert (done.code, done.json["checked"], done.json["failing"]) == (3, 3, 2)
        alpha, bad, page = done.json["feeds"]
        assert (alpha["health"], alpha["entries"], alpha["now"]["unchanged"]) == ("ok", 2, False)
        assert alpha["now"]["recent"] + alpha["now"]["old"] == 2
        assert (bad["error"], page["error"]) == (
            "the server answered 503 (Service Unavailable)",
            "it is an HTML page, not a feed",
        )
        remembered = await state(loaded, server.url("/a"))
        assert (remembered.etag, remembered.next_try, remembered.entries) == ("", None, 2)
        assert (await state(loaded, server.url("/bad"))).next_try is not None
        await feeds("check", "Alpha", "--now")
        assert "if-none-match" not in server.asked[-1][1]
        assert (await feeds("check", "Bad", "--now")).code == 1


async def test_importing_takes_what_is_new_and_tells_what_is_wrong(feeds, data_dir, short_dir):
    path = own(data_dir, "{name: A, url: https://a.example/feed}")
    file = short_dir / "others.opml"
    file.write_text(
        '<opml version="2.0"><body><outline text="Tech">\n<outline text="A again" xmlUrl="http://www.a.example/feed/"/>\n'
        '<outline text="B" xmlUrl="https://b.example/feed"/>\n<outline text="C" xmlUrl="file:///etc/passwd"/>\n</outline></body></opml>'
    )
    done = await feeds("import", file)
    assert (done.code, done.out) == (3, f"Imported into {path}: 1 new, 1 listed already, 1 wrong.\n")
    assert "line 4: 'C': url: the URL is not http or https" in done.err
    assert [(f.name, f.category) for f in read_feeds(path)] == [("A", ""), ("B", "Tech")]
    assert path.read_text().startswith("# Ours\n")
    again = await feeds("import", "-", stdin="feeds:\n- {name: B, url: https://b.example/feed}\n")
    assert (again.code, "0 new, 1 listed already, 0 wrong" in again.out) == (0, True)


async def test_replacing_keeps_only_what_is_imported_and_forgets_the_rest(feeds, data_dir, loaded):
    path = own(data_dir, "{name: A, url: https://a.example/feed}")
    async with open_parts(loaded) as parts:
        await parts.feed_states.remember([FeedState("https://a.example/feed", entries=3)])
    done = await feeds("import", "-", "--replace", stdin="feeds:\n- {name: B, url: https://b.example/feed}\n")
    assert (done.code, "1 new, 0 listed already, 0 wrong, 1 removed" in done.out) == (0, True)
    assert [f.name for f in read_feeds(path)] == ["B"]
    assert (await state(loaded, "https://a.example/feed")).entries == 0


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("", 2, "cannot be imported"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><opml/>", 2, "document type"),
        ("feeds:\n- {name: A}\n", 1, "Nothing was imported"),
        ("feeds: []\n" + "#" * 2_000_000, 2, "larger than"),
    ],
)
async def test_what_is_no_list_changes_nothing(feeds, data_dir, text, code, told):
    path = own(data_dir, "{name: A, url: https://a.example/feed}")
    done = await feeds("import", "-", "--replace", stdin=text)
    assert (done.code, told in done.err) == (code, True)
    assert [f.name for f in read_feeds(path)] == ["A"]


async def test_exports_are_read_back_and_the_format_follows_the_name(feeds, data_dir, short_dir):
    path = own(data_dir, "{name: A & B, url: 'https://a.example/feed?x=1&y=2', category: Tech, tier: 1, interval: 2h}")
    assert (await feeds("export")).out == path.read_text()
    opml = await feeds("export", "--format", "opml")
    assert parsed(opml.out.encode()).feeds == read_feeds(path)
    assert (await feeds("export", short_dir / "x.opml")).code == 0
    assert (short_dir / "x.opml").read_text() == opml.out
    assert (await feeds("import", short_dir / "x.opml", "--replace")).code == 0
    assert parsed(path.read_bytes()).feeds == parsed(opml.out.encode()).feeds
    assert (await feeds("export", short_dir / "a-file" / "x.yaml", "--format", "yaml")).code == 0


async def test_an_opml_file_can_be_the_list_itself(feeds, short_dir):
    file = short_dir / "mine.opml"
    file.write_text('<opml><body><outline text="A" xmlUrl="https://a.example/feed"/></body></opml>')
    assert (await feeds("add", "https://b.example/feed", "--no-check", AINEWS_FEEDS_FILE=str(file))).code == 0
    assert (await feeds("remove", "A", AINEWS_FEEDS_FILE=str(file))).code == 0
    assert file.read_text().startswith("<?xml")
    assert [f.name for f in read_feeds(file)] == ["b.example"]
