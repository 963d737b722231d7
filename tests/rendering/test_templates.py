from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from digest.errors import ConfigurationError, RenderError
from digest.rendering.pages import render_html, render_text
from digest.rendering.templates import Templates
from tests.builders import digest

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, name: str, source: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    return folder


def test_all_shipped_templates_compile() -> None:
    assert Templates().check() == []


def test_an_operators_file_takes_the_place_of_the_shipped_one_and_of_no_other(tmp_path: Path) -> None:
    templates = Templates(write(tmp_path, "text/story.txt.j2", "{{ story.rank }}: {{ story.title }}\n"))
    text = render_text(digest(), templates)
    assert "1: Search ads learn to write themselves\n" in text
    assert text.startswith("AI news for Monday, 23 November 2026\n====")


def test_an_operators_html_is_escaped_by_itself(tmp_path: Path) -> None:
    templates = Templates(write(tmp_path, "html/digest.html.j2", "{% for n in digest.notes %}{{ n }}{% endfor %}"))
    assert render_html(digest(notes=("<b>",)), templates) == "&lt;b&gt;"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere does not exist"):
        Templates(tmp_path / "nowhere")


def test_a_broken_template_is_named_with_its_line(tmp_path: Path) -> None:
    templates = Templates(write(tmp_path, "text/story.txt.j2", "one\n{% if %}\n"))
    with pytest.raises(ConfigurationError, match=r"text/story\.txt\.j2.*line 2"):
        render_text(digest(), templates)
    assert [p for p in templates.check() if "text/story.txt.j2, line 2 is broken" in p]


def test_a_template_that_fails_is_named_with_its_line(tmp_path: Path) -> None:
    templates = Templates(write(tmp_path, "text/story.txt.j2", "one\n\n{{ story.titel }}\n"))
    with pytest.raises(RenderError, match=r"text/story\.txt\.j2, line 3 failed: .*titel") as failed:
        render_text(digest(), templates)
    assert failed.value.template == "text/story.txt.j2"


def test_an_error_of_any_kind_in_a_template_is_a_render_error(tmp_path: Path) -> None:
    templates = Templates(write(tmp_path, "text/digest.txt.j2", "{{ 1 // 0 }}"))
    with pytest.raises(RenderError, match=r"text/digest\.txt\.j2, line 1 failed"):
        render_text(digest(), templates)


def test_a_template_that_is_no_utf8_is_named(tmp_path: Path) -> None:
    templates = Templates(write(tmp_path, "text/digest.txt.j2", b"\xff\xfe"))
    with pytest.raises(ConfigurationError, match=r"text/digest\.txt\.j2 cannot be read"):
        render_text(digest(), templates)


def test_a_missing_include_is_named(tmp_path: Path) -> None:
    templates = Templates(write(tmp_path, "text/digest.txt.j2", "{% include 'text/gone.j2' %}"))
    with pytest.raises(ConfigurationError, match=r"text/gone\.j2"):
        render_text(digest(), templates)


def test_a_file_that_nothing_uses_is_reported_and_one_that_is_included_is_not(tmp_path: Path) -> None:
    write(tmp_path, "text/digest.txt.j2", "{% include 'text/mine.j2' %}")
    write(tmp_path, "text/mine.j2", "mine")
    write(tmp_path, "text/storey.txt.j2", "a slip of the pen")
    problems = Templates(tmp_path).check()
    assert len(problems) == 1
    assert "text/storey.txt.j2" in problems[0]
