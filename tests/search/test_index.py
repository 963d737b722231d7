"""The index over real stores in memory and real folders: what it finds, how it follows, what it survives."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from digest.errors import SearchError
from digest.model import Assessment, Incoming, Origin
from digest.search.documents import VERSION
from digest.search.found import search_held
from digest.search.index import TantivyIndex
from digest.stores.keys import Keys
from digest.stores.memory import MemoryArticles
from digest.stores.redis_articles import RedisArticles
from tests.builders import assessed, assessment

if TYPE_CHECKING:
    from digest.model import AssessedArticle

BLANK = Assessment()


def incoming(made: AssessedArticle, revision: str = "1") -> Incoming:
    origin = Origin("kb:/srv/news", made.article.url, revision)
    return Incoming(origin, made.article, made.assessment)


def plain(title: str, body: str = "Nothing more is said.", **fields: object) -> AssessedArticle:
    """An article that has nothing but a title and a body."""
    return assessed(title, judged=BLANK, body=body, publisher="", **fields)


async def stored(*made: AssessedArticle) -> MemoryArticles:
    store = MemoryArticles()
    await store.put([incoming(m) for m in made])
    return store


async def followed(*made: AssessedArticle, path: Path | None = None) -> TantivyIndex:
    index = TantivyIndex(path, await stored(*made))
    assert await index.follow() == len(made)
    return index


async def found(index: TantivyIndex, words: str, **page: int) -> list[str]:
    return [hit.article_id for hit in await index.search(words, **page)]


def ids(*made: AssessedArticle) -> list[str]:
    return [m.article.id for m in made]


async def test_a_word_in_the_title_counts_more_than_one_in_the_body():
    in_body = plain("Harbour news", "Robots play football in the harbour all day long.")
    in_title = plain("Robots play football", "It happened in the harbour, all day long.")
    assert await found(await followed(in_body, in_title), "football") == ids(in_title, in_body)


async def test_summary_insights_tags_topic_and_publisher_are_searched():
    article = assessed(
        "A title",
        publisher="Larkfield Wire",
        judged=assessment(
            topic="media mix", summary=("A lighthouse opened.",), key_insights=("Keep a lantern.",), tags=("open-source",)
        ),
    )
    index = await followed(article, plain("Another"))
    for words in ("lighthouse", "lantern", "open-source", "open source", "media mix", "larkfield", "title"):
        assert await found(index, words) == ids(article), words


async def test_a_tag_counts_more_than_the_body_and_less_than_the_title():
    body = plain("One", "It is about attribution and what follows from it.")
    tag = assessed("Two", judged=replace(BLANK, tags=("attribution",)), body="It is about what follows.", publisher="")
    title = plain("Attribution", "It is about what follows.")
    assert await found(await followed(body, tag, title), "attribution") == ids(title, tag, body)


async def test_english_endings_do_not_count():
    article = plain("Measuring campaigns")
    index = await followed(article)
    for words in ("measured campaign", "measure", "Campaigning"):
        assert await found(index, words) == ids(article)


async def test_articles_with_every_word_come_before_those_with_some():
    both = plain("A report", "Deep in the text a budget is named, and much later a harbour, among many other words.")
    one = plain("Harbour harbour", "Harbour.")
    none = plain("Else")
    index = await followed(one, both, none)
    hits = await index.search("budget harbour")
    assert [h.article_id for h in hits] == ids(both, one)
    assert hits[0].relevance > hits[1].relevance > 0


async def test_words_in_quotation_marks_stand_next_to_each_other():
    apart = plain("The price was cut")
    together = plain("A price cut")
    index = await followed(apart, together)
    assert await found(index, '"price cut"') == ids(together)
    assert set(await found(index, "price cut")) == set(ids(apart, together))


async def test_quoted_words_are_never_done_without():
    index = await followed(plain("Harbour report"), plain("A price cut in the harbour"))
    assert len(await found(index, '"price cut" harbour')) == 1
    assert await found(index, '"cut price" harbour') == []


async def test_a_phrase_does_not_run_on_from_one_text_into_the_next():
    article = assessed("Ends in lantern", judged=replace(BLANK, topic="Lantern", tags=("light",)), publisher="")
    assert await found(await followed(article), '"lantern light"') == []


async def test_a_name_with_a_number_finds_others_of_that_name_after_its_own_and_no_other_number():
    five, four, else_ = plain("GPT-5 is out"), plain("GPT-4 is old"), plain("4 things to know")
    index = await followed(five, four, else_)
    assert await found(index, "gpt4") == ids(four, five)
    assert set(await found(index, "GPT-6")) == set(ids(four, five))


async def test_words_that_stand_together_as_typed_come_first():
    apart = plain("One report", "An engine can be generative, and its optimization is the optimization of many other things.")
    together = plain("Two reports", "It is about generative engine optimization, among many other things that are in it.")
    index = await followed(apart, together, plain("Three reports"))
    assert await found(index, "generative engine optimization") == ids(together, apart)


async def test_what_is_one_word_to_some_is_two_to_others():
    one = plain("OpenAI and YouTube", "Ecommerce and email.")
    two = plain("The e-commerce of Coca-Cola", "An A/B test.")
    index = await followed(one, two, plain("Open the tube", "It has ai in it; you have none."))
    assert (await found(index, "open ai"))[0] == one.article.id
    assert await found(index, "you tube") == [one.article.id, *(await found(index, "tube"))]
    assert set(await found(index, "ecommerce")) == set(ids(one, two))
    assert set(await found(index, "e-commerce")) == set(ids(one, two))
    assert await found(index, "e-mail") == ids(one)
    assert await found(index, "cocacola") == ids(two)
    assert await found(index, "ab test") == ids(two)
    assert await found(index, '"open ai"') == await found(index, '"you tube"') == []


async def test_a_slip_of_the_pen_is_mended():
    article = plain("Anthropic changes marketing")
    index = await followed(article, plain("Something else"))
    for words in ("antropic", "anthorpic", "anthropicc", "marketng", "Anthrobic marketing"):
        assert await found(index, words) == ids(article), words


async def test_a_word_that_occurs_is_not_mended():
    here, near = plain("Brands"), plain("Brandy")
    assert await found(await followed(here, near), "brand") == ids(here)


async def test_a_word_nobody_wrote_leaves_the_others():
    article = plain("Harbour news")
    index = await followed(article)
    assert await found(index, "qqqqzzzz harbour") == ids(article)
    assert await found(index, "qqqqzzzz") == []


async def test_other_scripts_are_found():
    german = plain("Künstliche Intelligenz für Werbung in der Küche")
    russian = plain("Нейросети меняют рекламу", "Ёлка")
    chinese = plain("人工智能改变营销行业")
    japanese = plain("広告に使える生成AIの話")
    korean = plain("검색을 바꾸는 인공지능")
    thai = plain("ปัญญาประดิษฐ์เปลี่ยนการตลาด")
    hindi = plain("विपणन में कृत्रिम बुद्धिमत्ता")
    index = await followed(german, russian, chinese, japanese, korean, thai, hindi)
    for words, article in {
        "künstliche": german, "kunstliche": german, "KÜCHE": german, "нейросети": russian, "НЕЙРОСЕТИ": russian,
        "елка": russian, "нейросети рекламу": russian, "人工智能": chinese, "营销": chinese, "生成AI": japanese,
        "広告": japanese, "검색": korean, "การตลาด": thai, "कृत्रिम": hindi,
    }.items():  # fmt: skip
        assert (await found(index, words))[:1] == ids(article), words
    assert await found(index, "销营") == []


async def test_of_equal_relevance_the_newer_comes_first():
    days = [12, 20, 3, 17, 9]
    made = [plain("Same words", url=f"https://news.example/{d}", published=datetime(2026, 11, d, tzinfo=UTC)) for d in days]
    index = await followed(*made)
    newest_first = sorted(made, key=lambda m: m.article.dated, reverse=True)
    assert await found(index, "words") == ids(*newest_first)


async def test_pages_join_without_gap_or_overlap():
    made = [plain(f"Story number {n % 7}", url=f"https://news.example/{n}") for n in range(60)]
    index = await followed(*made)
    whole = await found(index, "story number 3", limit=60)
    pages = [i for at in range(0, 60, 7) for i in await found(index, "story number 3", limit=7, offset=at)]
    assert pages == whole
    assert sorted(whole) == sorted(ids(*made))
    relevance = [h.relevance for h in await index.search("story number 3", limit=60)]
    assert relevance == sorted(relevance, reverse=True)


async def test_a_page_beyond_the_end_is_empty():
    index = await followed(plain("One"))
    assert await found(index, "one", limit=10, offset=1) == []
    assert await found(index, "one", limit=10**12, offset=10**12) == []
    assert await found(index, "one", limit=10**12) != []
    assert await found(index, "one", limit=0) == []
    assert await found(index, "one", limit=-1, offset=-5) == []


async def test_an_empty_query_and_an_empty_index_find_nothing():
    index = await followed(plain("One"))
    for words in ("", "  ", '""', "!", "🙂"):
        assert await found(index, words) == []
    assert await found(TantivyIndex(None, MemoryArticles()), "one") == []
    assert await found(await followed(), "one") == []


async def test_a_changed_article_is_found_by_its_new_words_only(tmp_path: Path):
    store = await stored(plain("First title", url="https://news.example/a"), plain("Other"))
    index = TantivyIndex(tmp_path / "index", store)
    assert await index.follow() == 2
    assert await index.follow() == 0
    await store.put([incoming(plain("Second heading", url="https://news.example/a"), revision="2")])
    assert len(await found(index, "first")) == 1
    assert await index.follow() == 1
    assert await found(index, "first") == []
    assert len(await found(index, "second")) == 1


async def test_a_copy_of_an_article_is_found_by_its_own_title():
    first = plain("First title", url="https://news.example/a")
    copy = incoming(plain("Quite another heading", url="https://news.example/a"))
    store = await stored(first)
    await store.put([replace(copy, origin=Origin("kb:/srv/news", "elsewhere.md", "1"))])
    index = TantivyIndex(None, store)
    await index.follow()
    assert await found(index, "heading") == ids(first)


async def test_another_object_on_the_same_folder_goes_on_where_the_first_stopped(tmp_path: Path):
    store = await stored(plain("One"))
    await TantivyIndex(tmp_path, store).follow()
    later = TantivyIndex(tmp_path, store)
    assert len(await found(later, "one")) == 1
    assert await later.follow() == 0
    await store.put([incoming(plain("Two"))])
    assert await later.follow() == 1
    assert len(await found(later, "one")) == len(await found(later, "two")) == 1


async def test_one_process_sees_what_another_took_in(tmp_path: Path):
    store = await stored(plain("One"))
    first, second = TantivyIndex(tmp_path, store), TantivyIndex(tmp_path, store)
    await first.follow()
    await second.follow()
    for number in range(12):
        await store.put([incoming(plain(f"Turn {number}", url=f"https://news.example/{number}"))])
        writer, reader = (first, second) if number % 2 else (second, first)
        assert await writer.follow() == 1
        assert await reader.follow() == 0
        assert len(await found(reader, "turn", limit=50)) == number + 1


async def test_another_life_of_the_store_makes_the_index_anew(tmp_path: Path):
    await followed(plain("Old words"), plain("Older words"), path=tmp_path)
    index = TantivyIndex(tmp_path, await stored(plain("New words")))
    assert len(await found(index, "words")) == 2
    assert await index.follow() == 1
    assert len(await found(index, "words")) == 1
    assert await found(index, "old") == []


async def test_an_emptied_store_empties_the_index(tmp_path: Path):
    await followed(plain("Old words"), path=tmp_path)
    index = TantivyIndex(tmp_path, MemoryArticles())
    assert await index.follow() == 0
    assert await found(index, "words") == []


def index_files(path: Path) -> list[Path]:
    return [f for f in (path / f"v{VERSION}").iterdir() if f.is_file()]


@pytest.mark.parametrize("damage", ["garbage", "cut", "empty", "removed"])
async def test_an_index_that_cannot_be_read_is_made_anew(tmp_path: Path, damage: str):
    made = [plain(f"Story {n}", url=f"https://news.example/{n}") for n in range(20)]
    await followed(*made, path=tmp_path)
    store = await stored(*made)
    state = json.loads((tmp_path / f"v{VERSION}" / "followed.json").read_text())
    store_epoch = (await store.changes(0, 1)).epoch
    for file in index_files(tmp_path):
        if damage == "removed":
            file.unlink()
        else:
            content = file.read_bytes()
            file.write_bytes({"garbage": os.urandom(200), "cut": content[: len(content) // 2], "empty": b""}[damage])
    assert state["epoch"] != store_epoch
    index = TantivyIndex(tmp_path, store)
    assert await index.follow() == 20
    assert len(await found(index, "story", limit=50)) == 20


@pytest.mark.parametrize("suffix", [".store", ".term", ".idx", ".pos", ".fast", ".fieldnorm", "meta.json"])
async def test_one_damaged_file_is_noticed_and_mended(tmp_path: Path, suffix: str):
    made = [plain(f"Story {n}", url=f"https://news.example/{n}") for n in range(50)]
    store = await stored(*made)
    await TantivyIndex(tmp_path, store).follow()
    for file in index_files(tmp_path):
        if file.name.endswith(suffix):
            file.write_bytes(b"\x00" * 10)
    index = TantivyIndex(tmp_path, store)
    try:
        await index.follow()
        hits = await found(index, "story", limit=100)
    except SearchError as error:
        assert error.remedy
        await index.follow()
        hits = await found(index, "story", limit=100)
    assert len(hits) == 50


async def test_a_crash_between_commit_and_record_takes_changes_in_twice_without_doubling(tmp_path: Path):
    store = await stored(plain("One"))
    await TantivyIndex(tmp_path, store).follow()
    record = tmp_path / f"v{VERSION}" / "followed.json"
    before = record.read_bytes()
    await store.put([incoming(plain("Two"))])
    await TantivyIndex(tmp_path, store).follow()
    record.write_bytes(before)
    index = TantivyIndex(tmp_path, store)
    assert await index.follow() == 1
    assert len(await found(index, "two")) == 1


async def test_a_folder_that_is_deleted_under_a_running_program_is_made_anew(tmp_path: Path):
    made = [plain(f"Story {n}", url=f"https://news.example/{n}") for n in range(20)]
    store = await stored(*made)
    index, other = TantivyIndex(tmp_path / "index", store), TantivyIndex(tmp_path / "index", store)
    await index.follow()
    await other.follow()
    shutil.rmtree(tmp_path / "index")
    assert await index.follow() == 20
    assert len(await found(index, "story", limit=50)) == 20
    await store.put([incoming(plain("One more story"))])
    assert await other.follow() + await index.follow() == 1
    assert len(await found(other, "story", limit=50)) == len(await found(index, "story", limit=50)) == 21


async def test_with_a_real_store_it_follows_what_others_put_change_and_judge_and_a_flush(
    redis_client: Redis, keys: Keys, tmp_path: Path
):
    store, others = RedisArticles(redis_client, keys), RedisArticles(redis_client, keys)
    index = TantivyIndex(tmp_path, store)
    assert await index.follow() == 0
    first = plain("Harbour news", url="https://news.example/a")
    await others.put([incoming(first), incoming(plain("Lantern"))])
    assert await index.follow() == 2
    await others.put([incoming(plain("Lighthouse news", url="https://news.example/a"), revision="2")])
    await others.judge([(first.article.id, replace(BLANK, tags=("seafaring",)))])
    assert await index.follow() == 1
    assert await found(index, "harbour") == []
    assert await found(index, "lighthouse") == await found(index, "seafaring") == ids(first)
    async for key in redis_client.scan_iter(f"{keys.prefix}*".replace("{", "[{]")):
        await redis_client.delete(key)
    assert await index.follow() == 0
    assert await found(index, "lantern lighthouse") == []
    await others.put([incoming(plain("Beacon"))])
    assert await index.follow() == 1
    assert len(await found(index, "beacon")) == 1


async def test_an_index_of_another_version_is_removed(tmp_path: Path):
    (tmp_path / "v0").mkdir()
    (tmp_path / "v0" / "meta.json").write_text("{}")
    await followed(plain("One"), path=tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lock", f"v{VERSION}"]


async def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    index = TantivyIndex(tmp_path / "file" / "index", await stored(plain("One")))
    with pytest.raises(SearchError, match="cannot be used") as told:
        await index.follow()
    assert told.value.remedy
    assert await found(index, "one") == []


HOLDER = """
import fcntl, os, sys
lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


async def test_while_another_process_writes_this_one_reads_what_is_there(tmp_path: Path):
    store = await stored(plain("One"))
    index = TantivyIndex(tmp_path, store, wait_s=0.2)
    await index.follow()
    await store.put([incoming(plain("Two"))])
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout
        assert holder.stdin
        assert await asyncio.to_thread(holder.stdout.readline) == b"held\n"
        assert await index.follow() == 0
        assert len(await found(index, "one")) == 1
        assert await found(index, "two") == []
        holder.kill()
    assert await index.follow() == 1
    assert len(await found(index, "two")) == 1


FOLLOWER = """
import asyncio, sys
from pathlib import Path
from benchmarks.synthetic import articles
from digest.ports import Changes, Held
from digest.search.index import TantivyIndex

class Log:
    held = tuple(Held(a, (), ()) for a in articles(400))
    async def changes(self, after, limit):
        page = self.held[after : after + limit]
        return Changes("epoch", after + len(page), page)
    async def total(self):
        return len(self.held)
    async def newest(self):
        return None

async def main():
    index = TantivyIndex(Path(sys.argv[1]), Log(), wait_s=20)
    await index.follow()
    print(len(await index.search("the", limit=1000)))

asyncio.run(main())
"""


async def test_processes_that_begin_together_agree(tmp_path: Path):
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", FOLLOWER, str(tmp_path), stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
        )
        for _ in range(3)
    ]
    answers = [(await process.communicate())[0].split()[-1] for process in started]
    assert answers == [b"400"] * 3


async def test_articles_whose_time_is_over_are_swept_out(tmp_path: Path):
    made = [plain(f"Story {n}", url=f"https://news.example/{n}") for n in range(300)]
    store = await stored(*made)
    index = TantivyIndex(tmp_path, store)
    await index.follow()
    kept = Shrunk(store, keep=50)
    index = TantivyIndex(tmp_path, kept)
    await store.put([incoming(plain("One more"))])
    await index.follow()
    assert len(await found(index, "story", limit=400)) <= 50


class Shrunk:
    """A store's log where only the newest ``keep`` articles are left, as when the others expired."""

    def __init__(self, store: MemoryArticles, keep: int) -> None:
        self._store, self._keep = store, keep

    async def changes(self, after: int, limit: int):
        page = await self._store.changes(after, limit)
        first = await self._store.total() - self._keep
        numbers = range(page.last - len(page.held), page.last)
        return replace(page, held=tuple(h for n, h in zip(numbers, page.held, strict=True) if n >= first))

    async def total(self) -> int:
        return self._keep

    async def newest(self) -> None:
        return None


async def test_dropped_articles_are_no_longer_found(tmp_path: Path):
    one, two = plain("One harbour"), plain("Two harbours")
    for path in (tmp_path, None):
        index = await followed(one, two, path=path)
        await index.drop(ids(one))
        assert await found(index, "harbour") == ids(two)
        await index.drop(["ffffffffffff"])
        await index.drop([])
        assert await found(index, "harbour") == ids(two)


async def test_a_page_is_filled_up_where_articles_are_gone_and_they_leave_the_index(tmp_path: Path):
    made = [plain(f"Story {n}", url=f"https://news.example/{n}") for n in range(30)]
    index = await followed(*made, path=tmp_path)
    order = await found(index, "story", limit=30)
    kept = [m for m in made if m.article.id in order[::3]]
    store = await stored(*kept)
    first = await search_held(index, store, "story", limit=6)
    assert [h.article_id for h, _ in first] == order[::3][:6]
    assert [h.article_id for h, _ in await search_held(index, store, "story", limit=6, offset=6)] == order[::3][6:]
    assert await found(index, "story", limit=30) == order[::3]
    assert await search_held(index, store, "zebra") == []


async def test_a_page_is_filled_up_though_another_process_writes_the_index(tmp_path: Path):
    made = [plain(f"Story {n}", url=f"https://news.example/{n}") for n in range(9)]
    index = TantivyIndex(tmp_path, await stored(*made), wait_s=0.01)
    await index.follow()
    order = await found(index, "story", limit=9)
    store = await stored(*(m for m in made if m.article.id in order[::2]))
    with (tmp_path / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert [h.article_id for h, _ in await search_held(index, store, "story", limit=3)] == order[::2][:3]
    assert len(await found(index, "story", limit=9)) == 9


async def test_many_searches_and_a_follow_at_once_do_not_disturb_each_other(tmp_path: Path):
    store = await stored(*(plain(f"Story {n}", url=f"https://news.example/{n}") for n in range(200)))
    index = TantivyIndex(tmp_path, store)
    await index.follow()
    await store.put([incoming(plain("One more story"))])
    async with asyncio.TaskGroup() as group:
        searches = [group.create_task(found(index, w, limit=300)) for w in ("story", "stroy", '"story 7"', "7") * 25]
        following = [group.create_task(index.follow()) for _ in range(3)]
    assert sum(task.result() for task in following) == 1
    assert {len(task.result()) for task in searches} <= {200, 201, 1}


async def test_a_follow_that_is_given_up_leaves_the_index_whole(tmp_path: Path):
    store = await stored(*(plain(f"Story {n}", url=f"https://news.example/{n}") for n in range(1500)))
    index = TantivyIndex(tmp_path, store)
    for delay in (0.01, 0.05, 0.1, 0.2):
        with pytest.raises((asyncio.TimeoutError, TimeoutError)):
            async with asyncio.timeout(delay):
                await index.follow()
                raise TimeoutError
    await index.follow()
    assert len(await found(index, "story", limit=2000)) == 1500


HOSTILE = st.one_of(
    st.text(st.characters(codec=None, categories=None), max_size=300),
    st.text("\"'*?:()[]{}^~+-!&|\\/<>=@#$%. abstory", max_size=100),
    st.lists(st.sampled_from(["story", '"', "AND", "OR", "NOT", "title:", "*", "~2", "^9", "TO", "[", "人工", "e-mail"])).map(
        " ".join
    ),
)


@pytest.fixture(scope="module")
def small() -> tuple[asyncio.AbstractEventLoop, TantivyIndex]:
    loop = asyncio.new_event_loop()
    index = loop.run_until_complete(
        followed(*(plain(f"Story {n} of 人工智能", url=f"https://e.example/{n}") for n in range(9)))
    )
    yield loop, index
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=HOSTILE, limit=st.integers(-3, 20), offset=st.integers(-3, 20))
def test_no_text_whatever_raises(small: tuple[asyncio.AbstractEventLoop, TantivyIndex], words: str, limit: int, offset: int):
    loop, index = small
    hits = loop.run_until_complete(index.search(words, limit=limit, offset=offset))
    assert len(hits) <= max(limit, 0)
    assert len({h.article_id for h in hits}) == len(hits)


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(codec=None, categories=None), min_size=1, max_size=200))
def test_any_text_can_be_indexed(text: str):
    async def run() -> None:
        index = await followed(plain(text, body=text, url="https://news.example/a"))
        await index.search(text)

    asyncio.run(run())
