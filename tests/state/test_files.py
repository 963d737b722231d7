"""Backups as files: what is written is read, and what is cut, changed or something else is refused with a sentence."""

from __future__ import annotations

import gzip
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import StateError
from digest.state.files import reading, writing
from digest.state.records import Header, Record, dump_header, dump_record, load_header, load_line

HEADER = Header("local", 1, datetime(2026, 11, 28, tzinfo=UTC), "0.1.0", "", ("T0LOCAL001",), 3)
RECORDS = [
    Record(b"article:a", "hash", ((b"f", b"v"), (b"\xff", b"\x00")), 1_800_000_000_000),
    Record(b"dated", "zset", ((b"a", 1.5), (b"b", float("inf")), (b"c", float("-inf")))),
    Record(b"subscription:changes:C", "list", (b"1", b"1"), None, more=True, team="T0LOCAL001"),
]


def written(path: Path) -> Path:
    with writing(str(path)) as to:
        to.begin(HEADER)
        for record in RECORDS:
            to.add(record, "any")
        to.end()
    return path


def read(path: Path) -> list[Record]:
    with reading(str(path)) as (header, records):
        assert header == HEADER
        return list(records)


@pytest.mark.parametrize("name", ["state.jsonl", "state.jsonl.gz"])
def test_what_is_written_is_read_and_only_its_owner_may(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name)
    assert read(path) == RECORDS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_the_same_state_gives_the_same_bytes(tmp_path: Path) -> None:
    assert written(tmp_path / "a.gz").read_bytes() == written(tmp_path / "b.gz").read_bytes()


@pytest.mark.parametrize("name", ["state", "state.gz"])
def test_a_file_that_was_cut_anywhere_is_refused(tmp_path: Path, name: str) -> None:
    whole = written(tmp_path / name).read_bytes()
    cut = tmp_path / "cut"
    for length in range(len(whole)):
        cut.write_bytes(whole[:length])
        with pytest.raises(StateError, match="cannot be used"):
            read(cut)


@pytest.mark.parametrize("name", ["state", "state.gz"])
def test_a_file_that_was_changed_anywhere_is_refused_or_says_the_same(tmp_path: Path, name: str) -> None:
    whole = written(tmp_path / name).read_bytes()
    changed = tmp_path / "changed"
    for at in range(len(whole)):
        changed.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            with reading(str(changed)) as (_, records):
                assert list(records) == RECORDS  # a byte of the compression's own header says nothing
        except StateError:
            pass


def test_what_is_something_else_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    for content in (b"", b"\n", b"[]\n", b'{"what": "ainews person"}\n', b"\x00" * 100, gzip.compress(b"text\n")):
        other.write_bytes(content)
        with pytest.raises(StateError, match=r"no backup of ainews|cut off"):
            read(other)


def test_a_newer_format_is_refused_with_what_to_do() -> None:
    line = dump_header(HEADER).replace(b'"format":1', b'"format":2')
    with pytest.raises(StateError, match="a format that this version cannot read") as refused:
        load_header(line)
    assert refused.value.remedy == "Upgrade ainews."


def test_until_the_end_what_was_there_stays(tmp_path: Path) -> None:
    path = written(tmp_path / "state")
    before = path.read_bytes()
    with pytest.raises(RuntimeError), writing(str(path)) as to:
        to.begin(HEADER)
        raise RuntimeError("killed")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot be written"), writing(str(tmp_path / "none" / "file")):
        pass
    with pytest.raises(StateError, match="cannot be read"), reading(str(tmp_path / "none")):
        pass


texts = st.one_of(st.binary(max_size=40), st.text(max_size=20).map(lambda t: t.encode("utf-8", "surrogatepass")))
scores = st.floats(allow_nan=False)
values = st.one_of(
    st.tuples(st.just("string"), texts),
    st.tuples(st.just("hash"), st.lists(st.tuples(texts, texts), max_size=5).map(tuple)),
    st.tuples(st.just("zset"), st.lists(st.tuples(texts, scores), max_size=5).map(tuple)),
    st.tuples(st.sampled_from(["list", "set"]), st.lists(texts, max_size=5).map(tuple)),
)


@given(name=texts, value=values, expires=st.none() | st.integers(0, 2**53), more=st.booleans())
def test_any_record_is_read_as_it_was(name: bytes, value: tuple[str, object], expires: int | None, more: bool) -> None:
    record = Record(name, value[0], value[1], expires, more, "T0LOCAL001")  # type: ignore[arg-type]
    line = dump_record(record)
    assert line.count(b"\n") == 1
    assert load_line(line) == record
