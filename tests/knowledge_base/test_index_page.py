"""The index page of a knowledge base: what stands in it, whose it is, and that nobody's document is ever lost to it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt

from digest.errors import SourceError
from digest.knowledge_base.document import parse_document
from digest.knowledge_base.folder import KnowledgeBaseFolder
from digest.knowledge_base.index_page import write_index
from digest.knowledge_base.listing import MARKER, list_documents
from digest.model import Incoming, SourceFailure
from digest.ports import Gone, Known
from digest.sources.knowledge_base import KnowledgeBaseSource
from tests.data import data
from tests.documents import monitored, processed

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "kb"
    folder.mkdir()
    return folder


def file(root: Path, key: str, **fields: str) -> Path:
    path = root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(processed(**{"url": f"https://news.example/{len(key)}-{key.replace(' ', '-')}", **fields}))
    return path


def links(page: Path) -> dict[str, str]:
    """What a reader of markdown makes of the page: text of each link, and the path it leads to."""
    found: dict[str, str] = {}
    for block in MarkdownIt("commonmark").parse(page.read_text()):
        children = block.children or []
        for at, token in enumerate(children):
            if token.type == "link_open":
                text = "".join(
                    c.content for c in children[at + 1 :][: [c.type for c in children[at + 1 :]].index("link_close")]
                )
                found[text] = str(token.attrs["href"])
    return found


async def collected(root: Path, known: dict[str, Known] | None = None) -> list[object]:
    return [f async for f in KnowledgeBaseSource(root, clock=lambda: NOW).read(known or {})]


def test_the_page_counts_lists_the_newest_first_and_links_to_each_document(root: Path) -> None:
    file(root, "retail/old.md", title="Old news", published="Tue, 04 Nov 2025 16:29:24 +0000", tags="retail, AI")
    file(root, "retail/new.md", title="New news", published="Tue, 02 Dec 2025 16:29:24 +0000", tags="ai", publisher="Other")
    file(root, "ads/mid.md", title="Middling", published="2025-11-18", tags="retail")
    text = write_index(root).read_text()
    assert "- Documents: 3\n- Publishers: 2\n- Dated from 2025-11-04 to 2025-12-02\n" in text
    newest = text[text.index("## Newest") : text.index("## Categories")]
    assert newest.index("New news") < newest.index("Middling") < newest.index("Old news")
    assert "- 2025-12-02 · 8/10 · [New news](retail/new.md) · Other" in newest
    assert text.index("### [retail](retail/) (2)") < text.index("### [ads](ads/) (1)")
    assert "## Tags\n\n- ai: 2\n- retail: 2\n" in text
    assert "## Months\n\n- 2025-12: 1\n- 2025-11: 2\n" in text


def test_a_document_without_a_score_is_unscored_never_0(root: Path) -> None:
    file(root, "a.md", score="")
    text = write_index(root).read_text()
    assert "· unscored ·" in text
    assert "- Without a score: 1" in text


def test_an_article_filed_twice_counts_as_two_documents_and_is_listed_once(root: Path) -> None:
    for name in ("a.md", "b.md"):
        file(root, name, url="https://news.example/same", title=f"Filed as {name}")
    text = write_index(root).read_text()
    assert "- Documents: 2, about 1 article\n" in text
    assert text.count("Filed as a.md") == 2  # the newest, and its category
    assert "Filed as b.md" not in text


@pytest.mark.parametrize(
    "name",
    [
        "a b (c).md",
        "100%.md",
        "x#y?z.md",
        "javascript:alert.md",
        "[link](x).md",
        "ünïcode – 新.md",
        'it\'s "so".md',
        "a&amp;b.md",
    ],
)
def test_whatever_a_file_is_called_its_link_leads_to_it(root: Path, name: str) -> None:
    file(root, f"in {name}/{name}", url="https://news.example/odd", title="Odd")
    target = links(write_index(root))["Odd"]
    assert ":" not in target
    assert (root / unquote(target)).is_file()


@pytest.mark.parametrize(
    "title",
    [
        "<script>alert(1)</script>",
        "](https://evil.example) [",
        "**bold** `code` ![x](y)",
        "# heading | cell",
        "http://evil.example/x",
    ],
)
def test_nothing_in_a_title_a_tag_or_a_publisher_is_markup(root: Path, title: str) -> None:
    quoted = title.replace("<", "&lt;")  # documents may contain HTML; this way its text is what stands here
    file(root, "a.md", title=quoted, publisher=f"P {quoted}", tags=f'"{quoted}"', url="https://news.example/a")
    page = write_index(root)
    assert set(links(page).values()) == {"a.md"}
    tokens = [c for b in MarkdownIt("gfm-like").enable("linkify").parse(page.read_text()) for c in (b.children or [])]
    kinds = {t.type for t in tokens}
    assert not kinds & {"html_inline", "image", "code_inline", "strong_open"}
    assert {str(t.attrs["href"]) for t in tokens if t.type == "link_open"} == {"a.md"}


def test_the_page_is_the_same_for_the_same_documents_and_is_then_not_written(root: Path) -> None:
    file(root, "a.md")
    page = write_index(root)
    before = page.stat()
    assert write_index(root) == page
    assert (page.stat().st_ino, page.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_page_follows_documents_that_are_added_changed_and_removed(root: Path) -> None:
    first = file(root, "a.md", title="First")
    write_index(root)
    file(root, "b.md", title="Second")
    assert "Second" in write_index(root).read_text()
    file(root, "b.md", title="Second, corrected")
    first.unlink()
    text = write_index(root).read_text()
    assert "Second, corrected" in text
    assert "First" not in text


@pytest.mark.parametrize("damage", ["", "{}", "nonsense", '{"version": 1, "documents": {"a.md": ["x", 1]}}', "[1]"])
def test_what_is_kept_beside_the_documents_may_be_lost_or_damaged(root: Path, damage: str) -> None:
    file(root, "a.md")
    before = write_index(root).read_text()
    (root / ".ainews" / "index.json").write_text(damage)
    assert write_index(root).read_text() == before
    assert (root / ".ainews" / ".gitignore").read_text() == "*\n"


async def test_the_page_is_no_document_at_any_depth(root: Path) -> None:
    file(root, "sub/a.md")
    write_index(root)
    write_index(root / "sub")
    assert list_documents(root).keys == ["sub/a.md"]
    found = await collected(root)
    assert [f.origin.key for f in found if isinstance(f, Incoming)] == ["sub/a.md"]
    assert not [f for f in found if isinstance(f, SourceFailure)]


async def test_somebodys_own_index_md_stays_a_document_and_the_page_goes_elsewhere(root: Path) -> None:
    own = file(root, "INDEX.md", title="My own index")
    before = own.read_bytes()
    page = write_index(root)
    assert page.name == "INDEX.generated.md"
    assert "My own index" in page.read_text()
    assert own.read_bytes() == before
    assert [f.origin.key for f in await collected(root) if isinstance(f, Incoming)] == ["INDEX.md"]
    own.rename(root / "mine.md")
    assert write_index(root).name == "INDEX.md"
    assert not page.exists()


def test_a_file_that_only_speaks_of_the_marker_is_somebodys_own(root: Path) -> None:
    own = root / "INDEX.md"
    own.write_text(f"# Notes\n\n{MARKER}\n")
    assert write_index(root).name == "INDEX.generated.md"
    assert own.read_text() == f"# Notes\n\n{MARKER}\n"


def test_with_both_names_taken_nothing_is_written(root: Path) -> None:
    for name in ("INDEX.md", "INDEX.generated.md"):
        (root / name).write_text("mine")
    with pytest.raises(SourceError, match="somebody's own"):
        write_index(root)
    assert [(root / n).read_text() for n in ("INDEX.md", "INDEX.generated.md")] == ["mine", "mine"]


async def test_a_document_in_whose_place_the_page_came_is_gone(root: Path) -> None:
    own = file(root, "INDEX.md", title="For now")
    (read,) = await collected(root)
    assert isinstance(read, Incoming)
    own.rename(root / "later.md")
    write_index(root)
    found = await collected(root, {"INDEX.md": Known(read.origin.revision, read.origin.stamp, read.article.id)})
    assert found[0] == Gone("INDEX.md")


def test_what_cannot_be_read_is_named_with_the_reason_and_stops_nothing(root: Path) -> None:
    file(root, "good.md", title="Good")
    (root / "empty.md").write_text("")
    (root / "no_url.md").write_text("# Just a heading\n")
    os.mkfifo(root / "pipe.md")
    (root / "out.md").symlink_to("/etc/hostname")
    text = write_index(root).read_text()
    assert "Good" in text
    assert "- Documents: 1\n" in text
    for told in (
        r"empty.md: the file is empty",
        r"no\_url.md: it has no URL",
        "pipe.md: it is no regular file",
        "out.md: it is a symlink",
    ):
        assert told in text


def test_a_folder_without_documents_has_a_page_that_says_so_and_none_has_none(root: Path) -> None:
    assert "No documents yet." in write_index(root).read_text()
    with pytest.raises(SourceError, match="is no folder"):
        write_index(root / "nothing")


def test_of_programs_that_file_at_once_every_document_is_in_the_page(root: Path) -> None:
    filing = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from digest.knowledge_base.document import parse_document\n"
        "from digest.knowledge_base.folder import KnowledgeBaseFolder\n"
        "from digest.knowledge_base.index_page import write_index\n"
        "from tests.documents import processed\n"
        "root, me = Path(sys.argv[1]), sys.argv[2]\n"
        "for n in range(10):\n"
        "    url = f'https://news.example/{me}-{n}'\n"
        "    now = datetime.now(UTC)\n"
        "    d = parse_document(processed(url=url, headline=f'Story {me} {n}', tags=f't{me}-{n}').encode(), now=now)\n"
        "    KnowledgeBaseFolder(root).add(d, original='x.md', on=now.date(), now=now)\n"
        "    assert f't{me}-{n}:' in write_index(root).read_text()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    running = [subprocess.Popen([sys.executable, "-c", filing, str(root), str(n)], env=environment) for n in range(4)]
    assert [p.wait() for p in running] == [0, 0, 0, 0]
    assert "- Documents: 40" in (root / "INDEX.md").read_text()


def test_a_document_that_was_filed_is_in_the_page(root: Path) -> None:
    document = parse_document(monitored().encode(), now=NOW)
    KnowledgeBaseFolder(root).add(document, original="a.md", on=NOW.date(), now=NOW)
    assert links(write_index(root))["Shops adopt assistants"] == "ai-news/2025-11-18_shops-adopt-assistants.md"


def test_the_real_documents_are_all_in_the_counts(tmp_path: Path) -> None:
    real = data("knowledge-base")
    for key in list_documents(real).keys:  # linked, so that nothing is written beside the real ones
        (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / key).write_bytes((real / key).read_bytes())
    page = write_index(tmp_path)
    assert f"- Documents: {len(list_documents(real).keys):,}" in page.read_text()
    assert "Not readable" not in page.read_text()
    assert all((tmp_path / unquote(target)).exists() for target in links(page).values())
