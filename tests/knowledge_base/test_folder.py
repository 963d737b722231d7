from __future__ import annotations

import os
import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SourceError
from digest.knowledge_base.document import Document, parse_document
from digest.knowledge_base.folder import MAX_SLUG_CHARS, Filed, KnowledgeBaseFolder, slug, write_new
from tests.documents import monitored, processed

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)


def document(**fields: object) -> Document:
    found = parse_document(processed().encode(), now=NOW)
    return replace(found, **fields)  # type: ignore[arg-type]


def add(root: Path, wanted: Document, inner: str = "") -> Filed:
    return KnowledgeBaseFolder(root).add(wanted, original="inbox.md", on=DAY, now=NOW, inner=inner)


def read(filed: Filed) -> Document:
    return parse_document(filed.path.read_bytes(), now=NOW)


def test_a_document_is_filed_by_category_date_and_headline(tmp_path: Path) -> None:
    filed = add(tmp_path, document(headline="What's new? Ads – & Größe!", category="AI Search & SEO"))
    assert filed.new
    assert filed.path.parent == tmp_path / "ai-search-seo"
    assert filed.path.name.endswith("_whats-new-ads-grosse.md")
    assert read(filed).headline == "What's new? Ads – & Größe!"
    assert [p.name for p in filed.path.parent.iterdir()] == [filed.path.name]


def test_the_same_article_is_filed_once_and_what_a_person_wrote_stays(tmp_path: Path) -> None:
    first = add(tmp_path, document())
    first.path.write_text(first.path.read_text().replace("## Key Insights", "My own note.\n\n## Key Insights"))
    again = add(tmp_path, document(reason="another reason"))
    assert again == Filed(first.path, new=False)
    assert "My own note." in first.path.read_text()


def test_another_article_of_the_same_name_gets_a_name_of_its_own(tmp_path: Path) -> None:
    first, second = add(tmp_path, document()), add(tmp_path, document(url="https://other.example/x"))
    assert second.new
    assert second.path.stem == f"{first.path.stem}-2"
    assert add(tmp_path, document(url="https://other.example/x")).new is False


def test_what_is_in_the_way_and_no_document_is_not_touched(tmp_path: Path) -> None:
    first = add(tmp_path, document())
    first.path.write_bytes(b"\x00\x01")
    assert add(tmp_path, document()).path.stem.endswith("-2")
    assert first.path.read_bytes() == b"\x00\x01"


def test_the_monitors_file_is_kept_word_for_word(tmp_path: Path) -> None:
    inner = monitored(content="<p>Forty <b>shops</b> took on an assistant.</p>")
    wanted = parse_document(inner.encode(), now=NOW)
    filed = add(tmp_path, replace(wanted, summary=("One",), key_insights=("Two",)), inner)
    assert inner.rstrip() in filed.path.read_text()
    assert read(filed).body == "Forty shops took on an assistant."


def test_a_file_that_would_not_be_read_back_the_same_is_written_anew(tmp_path: Path) -> None:
    inner = monitored(content="An excerpt.")
    wanted = document(body="The full text, fetched from the page.")
    filed = add(tmp_path, wanted, inner)
    assert read(filed).body == wanted.body
    assert inner.rstrip() not in filed.path.read_text()


def test_of_many_writers_of_one_name_one_is_told_that_it_wrote(tmp_path: Path) -> None:
    told: list[bool] = []
    barrier = threading.Barrier(8)

    def write(number: int) -> None:
        barrier.wait()
        told.append(write_new(tmp_path / "a.md", str(number) * 10_000))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(told) == [False] * 7 + [True]
    assert len(set((tmp_path / "a.md").read_text())) == 1
    assert os.listdir(tmp_path) == ["a.md"]


def test_a_folder_that_cannot_be_made_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "kb").write_text("in the way")
    with pytest.raises(SourceError, match="cannot be filed"):
        add(tmp_path / "kb", document())


@given(st.text())
def test_any_text_gives_a_name_that_is_one(text: str) -> None:
    found = slug(text)
    assert len(found) <= MAX_SLUG_CHARS
    assert found == slug(found)
    assert all(part.isascii() and part.isalnum() for part in found.split("-")) or found == ""


def test_a_long_headline_is_cut_between_words() -> None:
    assert slug("word " * 40) == "-".join(["word"] * 12)
    assert len(slug("x" * 300)) == MAX_SLUG_CHARS


def test_any_document_is_found_again_under_its_name(tmp_path: Path) -> None:
    for n, headline in enumerate(["", "…", "漢字", "../../etc/passwd", "a" * 300, "con", "."]):
        filed = add(tmp_path, document(headline=headline, title="T", category=headline, url=f"https://a.example/{n}"))
        assert filed.path.resolve().is_relative_to(tmp_path.resolve())
        assert read(filed).url == f"https://a.example/{n}"
