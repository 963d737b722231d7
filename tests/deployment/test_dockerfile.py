"""The Dockerfile: clean by hadolint, unprivileged, and able to copy what it names."""

from __future__ import annotations

import fnmatch
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest
import yaml
from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    parser = DockerfileParser(fileobj=io.BytesIO(FILE.read_bytes()))
    return [(step["instruction"], step["value"]) for step in parser.structure if step["instruction"] != "COMMENT"]


def last_stage() -> list[tuple[str, str]]:
    steps = instructions()
    start = max(i for i, (name, _) in enumerate(steps) if name == "FROM")
    return steps[start:]


def only(name: str) -> str:
    [value] = [value for found, value in last_stage() if found == name]
    return value


def context_sources() -> list[str]:
    copies = [shlex.split(value) for name, value in instructions() if name == "COPY"]
    return [source for words in copies if not words[0].startswith("--from") for source in words[:-1]]


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps ``path`` out: the last pattern that matches it, or a folder it lies in, decides."""
    out = False
    parents = [path, *(str(p) for p in Path(path).parents if str(p) != ".")]
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").removeprefix("**/")
        candidates = [part for p in parents for part in ([p, Path(p).name] if "**/" in line else [p])]
        if any(fnmatch.fnmatchcase(c, pattern) and ("/" not in c or "**/" in line or pattern != "*") for c in candidates):
            out = not line.startswith("!")
    return out


def test_hadolint_finds_nothing() -> None:
    hadolint = shutil.which("hadolint", path=sysconfig.get_path("scripts")) or shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed: no wheel of it for this machine")
    run = subprocess.run([hadolint, "--no-color", str(FILE)], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout


def test_it_runs_as_a_user_that_is_a_number_other_than_root_and_the_one_compose_names() -> None:
    user = only("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]["bot"]["user"] == user
    names = [name for name, _ in last_stage()]
    assert names.index("USER") > max(i for i, n in enumerate(names) if n in {"RUN", "COPY"})


def test_every_stage_is_of_one_tagged_image() -> None:
    bases = {value.split()[0] for name, value in instructions() if name == "FROM"}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", bases.pop())


def test_nothing_is_added_from_an_address() -> None:
    assert "ADD" not in {name for name, _ in instructions()}
    assert not re.search(r"curl|wget|https?://", "".join(value for name, value in instructions() if name == "RUN"))


def test_the_last_stage_installs_nothing_and_has_no_installer() -> None:
    runs = " ".join(value for name, value in last_stage() if name == "RUN")
    assert "pip uninstall" in runs
    assert not re.search(r"pip install|apt-get|gcc|build-essential", runs)
    first = " ".join(value for name, value in instructions() if name == "RUN")
    assert "--without-pip" in first


def test_everything_it_copies_exists_and_is_let_into_the_context() -> None:
    for source in context_sources():
        assert (ROOT / source).exists(), source
        assert not ignored(source), source
    for path in (
        "digest/settings.py",
        "digest/sample/documents/feed.xml.j2",
        "templates/html/x.html",
        "bot/cli/app.py",
    ):
        assert not ignored(path), path


@pytest.mark.parametrize("path", [".env", ".env.local", ".git", ".git/config", "tests", "tests/builders.py", "bot/.env", "out"])
def test_secrets_history_and_tests_are_kept_out_of_the_context(path: str) -> None:
    assert ignored(path)


def test_no_secret_can_end_in_a_layer() -> None:
    for name, value in instructions():
        if name in {"ENV", "ARG"}:
            assert not re.search(r"KEY|TOKEN|PASSWORD|SECRET", value)


def test_it_starts_stops_and_is_watched_as_the_program_itself() -> None:
    assert json.loads(only("ENTRYPOINT")) == ["ainews"]
    assert only("STOPSIGNAL") == "SIGTERM"
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    watched = json.loads(only("HEALTHCHECK").partition(" CMD ")[2])
    assert compose["services"]["bot"]["healthcheck"]["test"] == ["CMD", *watched]
    assert json.loads(only("VOLUME")) == ["/data"]
    assert "AINEWS_DATA_DIR=/data" in only("ENV")
    assert "PYTHONUNBUFFERED=1" in only("ENV")


def test_the_dependencies_it_installs_are_the_projects() -> None:
    [step] = [value for name, value in instructions() if name == "RUN" and "tomllib" in value]
    words = shlex.split(step)
    code = words[words.index("-c") + 1]
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert run.stdout.splitlines() == project["dependencies"]


def test_the_constraints_are_ones_it_can_install_by() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "--hash" not in text, "pip refuses a folder, such as the project itself, where hashes are given"
    assert "://" not in text
