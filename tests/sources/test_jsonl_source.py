from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import SourceError
from digest.model import Incoming, SourceFailure
from digest.ports import Deferred, Gone, Known, Unchanged
from digest.sources.jsonl import JsonLinesSource
from digest.sources.records import Records

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def line(**fields) -> str:
    return json.dumps({"url": "https://paper.test/a", "title": "A title"} | fields)


async def read(text: str | bytes, known=None, **options) -> list:
    data = text if isinstance(text, bytes) else text.encode()
    source = JsonLinesSource(io.BytesIO(data), clock=lambda: NOW, **options)
    return [found async for found in source.read(known or {})]


async def only(text: str | bytes, **options):
    found = await read(text, **options)
    assert len(found) == 1, found
    return found[0]


async def test_a_line_becomes_an_article_with_its_assessment():
    found = await only(
        line(
            id="x1",
            title="AT&amp;T &lt;b&gt;",
            publisher="The Paper",
            published="Mon, 02 Nov 2026 09:00:00 +0100",
            collected="2026-11-01T00:00:00Z",
            body="<p>One &amp; two.</p><p>Three.</p>",
            score="9/10",
            topic="Ads",
            reason="It matters.",
            summary="- One.\n- Two.",
            key_insights=["1. First", "Second"],
            tags="a, b,,a",
            category="News",
            unknown={"x": 1},
        )
    )
    article, given = found.article, found.assessment
    assert (article.title, article.publisher, article.body) == ("AT&T <b>", "The Paper", "One & two.\n\nThree.")
    assert article.published == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert article.collected == datetime(2026, 11, 1, tzinfo=UTC)
    assert (given.score, given.topic, given.reason, given.category) == (9.0, "Ads", "It matters.", "News")
    assert (given.summary, given.key_insights, given.tags) == (("One.", "Two."), ("First", "Second"), ("a", "b"))
    assert {given.provenance.score, given.provenance.summary, given.provenance.category} == {"source"}
    assert (found.origin.source, found.origin.key, article.notes) == ("jsonl:-", "x1", ())


@pytest.mark.parametrize(
    ("names", "read_as"),
    [
        ({"source": "S"}, lambda f: f.article.publisher == "S"),
        ({"source": {"id": None, "name": "S"}}, lambda f: f.article.publisher == "S"),
        ({"text": "T"}, lambda f: f.article.body == "T"),
        ({"content": "T", "body": None}, lambda f: f.article.body == "T"),
        ({"relevance_score": 7.5}, lambda f: f.assessment.score == 7.5),
        ({"primary_topic": "T"}, lambda f: f.assessment.topic == "T"),
        ({"published_at": "2026-11-01"}, lambda f: f.article.published == datetime(2026, 11, 1, tzinfo=UTC)),
        ({"published": 1793534400}, lambda f: f.article.published == datetime(2026, 11, 1, 12, tzinfo=UTC)),
        ({"published": 1793534400000}, lambda f: f.article.published == datetime(2026, 11, 1, 12, tzinfo=UTC)),
        ({"summary": ["One", "Two"]}, lambda f: f.assessment.summary == ("One", "Two")),
        ({"title": 1984}, lambda f: f.article.title == "1984"),
        ({"score": None, "tags": None}, lambda f: f.assessment.score is None and not f.article.notes),
    ],
)
async def test_the_names_that_other_programs_use_are_understood(names, read_as):
    found = await only(line(**names))
    assert read_as(found), found


async def test_a_link_stands_for_a_url():
    assert (await only('{"link": "https://paper.test/b", "title": "T"}')).article.url == "https://paper.test/b"


@pytest.mark.parametrize("score", ["nine", 11, -1, "NaN", True, [9], {"value": 9}, 10**400])
async def test_a_score_that_is_none_leaves_the_article_unscored_with_a_note(score):
    found = await only(line(score=score))
    assert found.assessment.score is None
    assert "score" not in found.assessment.provenance.score
    assert found.article.notes[0].startswith("unscored")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
async def test_numbers_that_json_does_not_know_are_no_score_and_no_date(number):
    found = await only(f'{{"url": "https://paper.test/a", "title": "T", "score": {number}, "published": {number}}}')
    assert (found.assessment.score, found.article.published, len(found.article.notes)) == (None, None, 2)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("nonsense", "not valid JSON"),
        ('{"url": "https://a.test/"', "not valid JSON"),
        ("[1, 2]", "a list"),
        ('"text"', "a text"),
        ("null", "null"),
        ("5", "a number"),
        ("true", "true or false"),
        ('{"title": "T"}', "it has no url"),
        ('{"url": "https://a.test/"}', "it has no title"),
        ("{}", "it has no url; it has no title"),
        (line(title=" "), "no title"),
        (line(title=None), "no title"),
        (line(title=["T"]), "'title' is not a text"),
        (line(url="javascript:alert(1)"), "not http or https"),
        (line(url="/relative"), "without a scheme"),
        (line(url=5), "without a scheme"),
        (line(summary={"a": 1}), "'summary' is not a list of texts or a text"),
        (line(tags=[["a"]]), "'tags' is not"),
        ('{"url": "https://a.test/", "title": "T", "url": "https://b.test/"}', "'url' twice"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"score": 1' + "0" * 5000 + "}", "too long"),
    ],
)
async def test_a_bad_line_is_named_by_its_number_and_the_others_go_through(bad, reason):
    _, failure, fine = await read(f"{line(id='0')}\n{bad}\n{line()}\n")
    assert isinstance(failure, SourceFailure)
    assert (failure.where, fine.article.title) == ("standard input, line 2", "A title")
    assert reason in failure.reason


async def test_a_line_that_is_not_utf8_fails_alone():
    found = await read(line(title="Café", id="1").encode() + b"\n" + b'{"title": "\xff\xfe"}\n' + line(id="2").encode())
    assert [type(f) for f in found] == [Incoming, SourceFailure, Incoming]
    assert found[1].reason == "it is not UTF-8"


async def test_a_byte_order_mark_and_windows_line_ends_and_blank_lines_do_no_harm():
    found = await read(b"\xef\xbb\xbf" + line(id="1").encode() + b"\r\n\r\n  \r\n" + line(id="2").encode())
    assert [f.origin.key for f in found] == ["1", "2"]


async def test_utf16_is_told_as_such():
    assert "UTF-16" in (await only(line().encode("utf-16"))).reason


@pytest.mark.parametrize("text", ["", "\n\n", "  \r\n", "[]", " [ ] \n"])
async def test_nothing_is_nothing(text):
    assert await read(text) == []


async def test_a_line_that_is_too_long_is_skipped_without_being_held():
    found = await read(f"{line(id='1')}\n{line(body='x' * 1000)}\n{line(id='2')}\n{'y' * 5000}", max_bytes=200)
    assert [type(f) for f in found] == [Incoming, SourceFailure, Incoming, SourceFailure]
    assert [f.where for f in found if isinstance(f, SourceFailure)] == [
        "standard input, line 2",
        "standard input, line 4",
    ]
    assert "longer than 200 bytes" in found[1].reason


async def test_one_json_array_is_read_as_its_items():
    found = await read(f"[\n{line(id='1')},\n 5,\n{line(id='2')}\n]")
    assert [type(f) for f in found] == [Incoming, SourceFailure, Incoming]
    assert found[1].where == "standard input, item 2"


async def test_one_object_over_many_lines_is_read_as_one_article():
    assert (await only(json.dumps(json.loads(line()), indent=2))).article.title == "A title"


async def test_an_array_over_the_limit_says_what_to_do():
    failure = await only("[" + ",\n".join([line()] * 100) + "]", max_bytes=1000)
    assert "write one object a line" in failure.reason


async def test_an_array_that_is_cut_short_is_one_failure():
    assert "neither one object a line nor one JSON value" in (await only(f"[{line()},")).reason


async def test_something_else_altogether_is_left_after_a_while():
    found = await read(os.urandom(300_000).replace(b"[", b"x").replace(b"{", b"x") + b"\n" * 2000 + b"x\n" * 2000)
    assert len(found) < 1100
    assert "none of its first" in found[-1].reason


async def test_the_same_lines_again_are_unchanged_and_a_changed_one_is_not():
    first = await read(f"{line(id='1')}\n{line(id='2')}\n{line(id='3')}")
    known = {f.origin.key: Known(f.origin.revision, "", f.article.id) for f in first}
    reordered = '{"title":"A  title","extra":1,"url":"https://paper.test/a","id":"1"}'
    again = await read(f"{reordered}\n{line(id='2', score=5)}", known)
    assert [type(f) for f in again] == [Unchanged, Incoming, Gone]
    assert again[2].key == "3"


async def test_two_lines_on_one_article_are_two_documents():
    found = await read(f"{line()}\n{line(title='Other')}\n{line()}")
    assert [f.origin.key for f in found] == [
        "https://paper.test/a",
        "https://paper.test/a (2)",
        "https://paper.test/a (3)",
    ]


async def test_hostile_text_is_cleaned_before_it_is_kept():
    found = await only(
        line(
            id="\ud800k",
            title="T\ud800\u202eX",
            publisher="P\x00",
            tags=["\udfff", "ok"],
            body="b\ud800\x00c",
            topic="\u200b",
        )
    )
    repr((found.origin, found.article, found.assessment)).encode()
    assert (found.article.title, found.article.body, found.assessment.tags) == ("TX", "bc", ("ok",))


async def test_a_file_is_named_by_its_real_path(tmp_path):
    path = tmp_path / "articles.jsonl"
    path.write_text(line() + "\nbad\n")
    os.utime(path, (1, 1))
    source = JsonLinesSource(path)
    found = [f async for f in source.read({})]
    assert source.name == f"jsonl:{path.resolve()}"
    assert found[0].origin.source == source.name
    assert found[1].where == f"{path}, line 2"


async def test_a_file_that_is_still_being_written_waits(tmp_path):
    path = tmp_path / "articles.jsonl"
    with path.open("w") as file:
        file.write(line() + "\n" + line()[:20])
        file.flush()
        assert [type(f) async for f in JsonLinesSource(path).read({})] == [Deferred]
    assert len([f async for f in JsonLinesSource(path).read({})]) == 2


async def test_a_missing_file_is_an_error_that_names_it(tmp_path):
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(SourceError) as caught:
            [f async for f in JsonLinesSource(path).read({})]
        assert str(path) in str(caught.value)


async def test_a_stream_is_taken_as_it_comes_and_the_loop_goes_on():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream:
        source = JsonLinesSource(stream)
        found = source.read({})
        os.write(writing, line(id="1").encode() + b"\n" + line(id="2").encode()[:10])
        assert (await asyncio.wait_for(anext(found), 2)).origin.key == "1"
        second = asyncio.ensure_future(anext(found))
        ticks = 0
        while not second.done() and ticks < 5:
            await asyncio.sleep(0.01)
            ticks += 1
        assert ticks == 5
        os.write(writing, line(id="2").encode()[10:] + b"\n")
        os.close(writing)
        assert (await asyncio.wait_for(second, 2)).origin.key == "2"
        assert [f async for f in found] == []


async def test_waiting_for_input_can_be_given_up():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                [f async for f in JsonLinesSource(stream).read({})]
        await asyncio.get_running_loop().shutdown_default_executor()
        assert time.monotonic() - began < 2
    os.close(writing)


def test_control_c_ends_a_program_that_waits_for_standard_input():
    code = (
        "import asyncio\nfrom digest.sources.jsonl import JsonLinesSource\n"
        "async def main():\n    async for f in JsonLinesSource('-').read({}): print(f.article.title, flush=True)\n"
        "asyncio.run(main())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        child.stdin.write(line().encode() + b"\n")
        child.stdin.flush()
        assert child.stdout.readline() == b"A title\n"
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=5) != 0


@settings(max_examples=200)
@given(st.binary(max_size=400), st.integers(1, 50), st.integers(5, 100))
def test_records_do_not_depend_on_how_the_bytes_arrive(data, step, limit):
    whole, pieces = Records(limit), Records(limit)
    at_once = [*whole.feed(data), *whole.finish()]
    in_steps = [r for at in range(0, len(data), step) for r in pieces.feed(data[at : at + step])] + pieces.finish()
    assert [(r.where, r.problem, repr(r.value)) for r in in_steps] == [(r.where, r.problem, repr(r.value)) for r in at_once]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
FIELDS = ("url", "title", "body", "published", "score", "summary", "tags", "id", "source", "topic")


@settings(max_examples=50, deadline=None)
@given(ANY_JSON)
async def test_any_json_at_all_is_an_article_or_a_failure_in_words(value):
    good = {"url": "https://a.test/", "title": "T"}
    lines = [json.dumps(each) for each in (good, value, *(good | {name: value} for name in FIELDS))]
    found = await read("\n".join(lines))
    assert len(found) == len(lines)
    assert all(isinstance(f, Incoming) or f.reason for f in found)
