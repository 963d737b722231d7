from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.errors import SourceError
from digest.model import Incoming, SourceFailure
from digest.ports import Deferred, Found, Gone, Known, Unchanged
from digest.sources import documents
from digest.sources.knowledge_base import KnowledgeBaseSource
from tests.data import data
from tests.documents import monitored, processed

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "kb"
    folder.mkdir()
    return folder


async def read(root: Path, known: dict[str, Known] | None = None, *, max_bytes: int = 100_000) -> list[Found]:
    source = KnowledgeBaseSource(root, max_bytes=max_bytes, clock=lambda: NOW)
    return [f async for f in source.read(known or {})]


def remembered(found: list[Found]) -> dict[str, Known]:
    """What the store would know after ``found`` was put."""
    return {
        f.origin.key: Known(f.origin.revision, f.origin.stamp, f.article.id if isinstance(f, Incoming) else "x")
        for f in found
        if isinstance(f, Incoming | Unchanged)
    }


async def one(root: Path, content: str | bytes) -> Found:
    (root / "a.md").write_bytes(content.encode() if isinstance(content, str) else content)
    (found,) = await read(root)
    return found


async def failure(root: Path, content: str | bytes) -> str:
    found = await one(root, content)
    assert isinstance(found, SourceFailure), found
    assert found.where.endswith("a.md")
    return found.reason


async def test_documents_are_read_recursively_by_path_and_nothing_else_is(root: Path) -> None:
    (root / "b" / "c").mkdir(parents=True)
    (root / ".obsidian").mkdir()
    for name in ("z.md", "b/a.markdown", "b/c/X.MD", ".obsidian/no.md", ".hidden.md", "picture.png", "notes.txt"):
        (root / name).write_text(monitored(url=f"https://news.example/{name}"))
    found = await read(root)
    assert [f.origin.key for f in found if isinstance(f, Incoming)] == ["b/a.markdown", "b/c/X.MD", "z.md"]
    assert [f.article.folder for f in found if isinstance(f, Incoming)] == ["b", "b/c", ""]


async def test_a_document_becomes_an_article_and_an_assessment_by_its_source(root: Path) -> None:
    found = await one(root, processed())
    assert isinstance(found, Incoming)
    assert found.article.title == "Retail: forty shops adopt AI assistants"
    assert found.article.canonical_url == "https://news.example/shops-adopt-assistants"
    assert found.assessment.score == 8.0
    assert set(vars_of(found.assessment.provenance).values()) == {"source"}


def vars_of(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__slots__}  # type: ignore[attr-defined]


async def test_the_folder_is_the_category_where_the_document_names_none(root: Path) -> None:
    (root / "ads").mkdir()
    (root / "ads" / "a.md").write_text(monitored().replace("category: AI News\n", ""))
    (found,) = await read(root)
    assert isinstance(found, Incoming)
    assert found.assessment.category == "ads"


async def test_again_only_what_is_new_or_changed_is_read(root: Path) -> None:
    for name in ("a", "b", "c"):
        (root / f"{name}.md").write_text(monitored(url=f"https://news.example/{name}"))
    known = remembered(await read(root))
    (root / "b.md").write_text(monitored(url="https://news.example/b", headline="Changed"))
    (root / "d.md").write_text(monitored(url="https://news.example/d"))
    (root / "c.md").unlink()
    kinds = Counter(type(f).__name__ for f in await read(root, known))
    assert kinds == {"Gone": 1, "Unchanged": 1, "Incoming": 2}


async def test_a_file_that_was_only_touched_is_unchanged_with_a_new_stamp(root: Path) -> None:
    (root / "a.md").write_text(monitored())
    known = remembered(await read(root))
    os.utime(root / "a.md", (time.time() - 1000, time.time() - 1000))
    (found,) = await read(root, known)
    assert isinstance(found, Unchanged)
    assert found.touched
    assert found.origin.stamp != known["a.md"].stamp


async def test_what_an_older_reader_read_is_read_again(root: Path) -> None:
    (root / "a.md").write_text(monitored())
    known = {k: Known("0-" + v.revision[2:], v.stamp, v.article_id) for k, v in remembered(await read(root)).items()}
    (found,) = await read(root, known)
    assert isinstance(found, Incoming)


async def test_a_file_that_is_being_written_is_left_for_next_time(root: Path) -> None:
    whole = processed().encode()
    with (root / "a.md").open("wb") as file:
        file.write(whole[: len(whole) // 2])
        file.flush()
        (found,) = await read(root)
        assert isinstance(found, Deferred)
        file.write(whole[len(whole) // 2 :])
    (found,) = await read(root)
    assert isinstance(found, Incoming)


async def test_a_change_of_the_same_size_in_the_same_moment_is_seen(root: Path) -> None:
    (root / "a.md").write_text(monitored(headline="Title 0"))
    known = remembered(await read(root))
    for n in (1, 2):
        (root / "a.md").write_text(monitored(headline=f"Title {n}"))
        found = (await read(root, known))[0]
        assert isinstance(found, Incoming), n
        known = remembered([found])


async def test_a_moved_document_is_gone_from_its_old_place(root: Path) -> None:
    (root / "a.md").write_text(monitored())
    known = remembered(await read(root))
    (root / "a.md").rename(root / "b.md")
    gone, moved = await read(root, known)
    assert gone == Gone("a.md")
    assert isinstance(moved, Incoming)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (os.urandom(4000), "binary"),
        (b"\xff\xfe\x00", "empty|binary|URL"),
        ("---\ntitle: never closed\nurl: https://e.example/a\n", "no end"),
        ("# A title and no address\n\nText.", "no URL"),
        ("---\nurl: https://e.example/a\n---\n\nText without a title.", "no title"),
        ("---\nurl: javascript:alert(1)\n---\n\n# T\n", "not http or https"),
        ("---\nurl: ftp://e.example/a\n---\n\n# T\n", "not http or https"),
        (b"x" * 100_001, "100,001 bytes are more than the 100,000 allowed"),
    ],
)
async def test_bad_input_is_a_clear_failure(root: Path, content: str | bytes, said: str) -> None:
    import re

    assert re.search(said, await failure(root, content))


async def test_credentials_in_a_url_are_dropped_with_a_note(root: Path) -> None:
    found = await one(root, monitored(url="https://jane:secret@news.example/a"))
    assert isinstance(found, Incoming)
    assert "secret" not in repr(found)
    assert found.article.notes


async def test_a_yaml_bomb_and_tags_are_only_text(root: Path) -> None:
    bomb = "".join(f"k{i}: &k{i} [*k{i - 1}, *k{i - 1}, *k{i - 1}]\n" for i in range(1, 60))
    found = await one(
        root, f"---\nk0: &k0 lol\n{bomb}x: !!python/object/apply:os.system [id]\nurl: https://e.example/a\n---\n\n# T\n"
    )
    assert isinstance(found, Incoming)
    assert found.article.title == "T"


async def test_a_link_out_of_the_folder_is_refused_and_one_within_is_read(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text(monitored())
    (tmp_path / "elsewhere").mkdir()
    (root / "a.md").write_text(monitored())
    (root / "within.md").symlink_to(root / "a.md")
    (root / "out.md").symlink_to(tmp_path / "secret.md")
    (root / "folder").symlink_to(tmp_path / "elsewhere")
    (root / "round").symlink_to(root)
    found = await read(root)
    assert sorted(f.origin.key for f in found if isinstance(f, Incoming)) == ["a.md", "within.md"]
    assert {Path(f.where).name: f.reason for f in found if isinstance(f, SourceFailure)} == {
        "out.md": "it is a symlink out of the folder", "folder": "it is a symlink out of the folder",
    }  # fmt: skip


async def test_a_dangling_link_and_a_pipe_are_failures_and_hang_nothing(root: Path) -> None:
    (root / "dangling.md").symlink_to(root / "nothing.md")
    os.mkfifo(root / "pipe.md")
    found = await read(root)
    assert [type(f).__name__ for f in found] == ["SourceFailure", "SourceFailure"]


async def test_a_name_that_is_not_utf8_is_a_failure(root: Path) -> None:
    with open(os.fsencode(root) + b"/caf\xe9.md", "w") as file:
        file.write(monitored())
    (found,) = await read(root)
    assert isinstance(found, SourceFailure)
    assert "not UTF-8" in found.reason


@contextmanager
def as_somebody() -> Iterator[None]:
    """Without root's right to read everything, where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


async def test_a_folder_that_may_not_be_read_is_a_failure_and_forgets_nothing(short_dir: Path) -> None:
    short_dir.chmod(0o755)
    closed = short_dir / "closed"
    closed.mkdir()
    (closed / "a.md").write_text(monitored())
    (short_dir / "open.md").write_text(monitored(url="https://news.example/open"))
    known = remembered(await read(short_dir))
    assert len(known) == 2
    closed.chmod(0)
    with as_somebody():
        found = await read(short_dir, known)
        with pytest.raises(SourceError, match="permission denied"):
            await read(closed)
    closed.chmod(0o755)
    unchanged, failure = sorted(found, key=lambda f: type(f).__name__, reverse=True)
    assert isinstance(unchanged, Unchanged)
    assert isinstance(failure, SourceFailure)
    assert failure.where == str(closed)
    assert "permission denied" in failure.reason


async def test_a_document_that_may_not_be_read_is_a_failure(short_dir: Path) -> None:
    short_dir.chmod(0o755)
    (short_dir / "a.md").write_text(monitored())
    (short_dir / "a.md").chmod(0)
    with as_somebody():
        (found,) = await read(short_dir)
    assert isinstance(found, SourceFailure)
    assert "permission denied" in found.reason


async def test_how_many_documents_are_parsed_together_changes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(9):
        (root / f"{n}.md").write_text(monitored(headline=f"Title {n}", url=f"https://news.example/{n}" if n % 4 else ""))
    (root / "bad.md").write_bytes(b"\x00\x01")
    together = await read(root)
    for size in (1, 1_000):
        monkeypatch.setattr(documents, "_TOGETHER_BYTES", size)
        assert await read(root) == together
    assert [type(f) for f in together].count(SourceFailure) == 4


async def test_what_is_no_folder_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is no folder"):
        await read(tmp_path / "nothing")


async def test_every_real_document_comes_through() -> None:
    folder = data("knowledge-base")
    found = await read(folder)
    articles = [f for f in found if isinstance(f, Incoming)]
    assert len(articles) == len(found) == sum(1 for _ in folder.rglob("*.md"))
    urls = {
        line.split(" ", 1)[1] for f in folder.rglob("*.md") for line in f.read_text().split("\n") if line.startswith("url: ")
    }
    assert len({a.article.id for a in articles}) == len({u.rstrip("/") for u in urls})
