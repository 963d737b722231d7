"""``.env.example`` and the README's table say what ``Settings`` says.

Both are made from it: with ``AINEWS_REFRESH_DOCS=1`` in the environment these tests write them anew.
"""

from __future__ import annotations

import os
import re
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING

from digest.settings import Settings, variable

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / ".env.example"
README = ROOT / "README.md"
REFRESH = os.environ.get("AINEWS_REFRESH_DOCS") == "1"  # read on import: a test's environment may be cleaned
SECTION = re.compile(r"(?<=<!-- settings -->\n).*?(?=<!-- /settings -->)", re.DOTALL)

#: What docker-compose.yml asks for beyond the settings: name, default, meaning. ``test_compose`` holds the file to it.
COMPOSE_VARIABLES = (
    (
        "VALKEY_PASSWORD",
        "",
        "Required. Password of the store: letters, digits, - and _. `openssl rand -hex 32` makes one.",
    ),
    ("VALKEY_MAXMEMORY", "256mb", "Memory the store may fill; then it refuses new articles and keeps those it has."),
    ("VALKEY_MEMORY_LIMIT", "768m", "Memory of its container: three times that, as rewriting its file takes a copy."),
)


def default_of(name: str) -> str:
    """A setting's default as one writes it in the environment; empty where it is none or depends on the machine."""
    field = Settings.model_fields[name]
    value = None if field.default_factory else field.default
    match value:
        case None:
            return ""
        case time():
            return f"{value:%H:%M}"
        case tuple():
            return ",".join(value)
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def described(name: str) -> str:
    return Settings.model_fields[name].description or ""


def example() -> str:
    rows = [(variable(n), default_of(n), described(n)) for n in Settings.model_fields]
    parts = [
        "# Copy to .env and set what you need: every line is optional, and what is shown is the default.",
        *(f"# {text}\n# {name}={default}" for name, default, text in rows),
        "# For docker-compose.yml only; it also needs AINEWS_KNOWLEDGE_BASE, as the folder's place on the host.",
        *(f"# {text}\n# {name}={default}" for name, default, text in COMPOSE_VARIABLES),
    ]
    return "\n\n".join(parts) + "\n"


def table() -> str:
    rows = (
        f"| `{variable(n)}` | {f'`{d}`' if (d := default_of(n)) else ''} | {described(n).replace('|', '&#124;')} |"
        for n in Settings.model_fields
    )
    return "\n".join(["| Variable | Default | Meaning |", "| --- | --- | --- |", *rows]) + "\n"


def test_every_setting_is_described() -> None:
    for name in Settings.model_fields:
        assert described(name).endswith("."), f"{name} needs a description that is a sentence"


def test_the_example_lists_every_setting_with_its_default_and_meaning() -> None:
    if REFRESH:
        EXAMPLE.write_text(example(), encoding="utf-8")
    assert EXAMPLE.read_text(encoding="utf-8") == example(), "run this file with AINEWS_REFRESH_DOCS=1"


def test_the_readme_lists_every_setting_with_its_default_and_meaning() -> None:
    if REFRESH:
        text = README.read_text(encoding="utf-8")
        assert SECTION.search(text), "README.md needs the lines <!-- settings --> and <!-- /settings -->"
        README.write_text(SECTION.sub(lambda _: table(), text), encoding="utf-8")
    found = SECTION.search(README.read_text(encoding="utf-8"))
    assert found, "README.md needs the lines <!-- settings --> and <!-- /settings -->"
    assert found[0] == table(), "run this file with AINEWS_REFRESH_DOCS=1"


def test_the_example_with_every_line_switched_on_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    monkeypatch.chdir(tmp_path)
    bare = Settings.load()
    switched_on = re.sub(r"^# (?=[A-Z_]+=)", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert "\nAINEWS_STORIES=5\n" in switched_on
    (tmp_path / ".env").write_text(switched_on, encoding="utf-8")
    assert Settings.load() == bare
    (tmp_path / ".env").write_text(switched_on.replace("AINEWS_STORIES=5", "AINEWS_STORIES=7"), encoding="utf-8")
    assert Settings.load().stories == 7


def test_no_secret_has_a_default_that_is_shown() -> None:
    for name, field in Settings.model_fields.items():
        if "SecretStr" in str(field.annotation):
            assert field.default is None, name
