"""A rubric that changes while the program runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from digest.assessment.following import FollowedProfile, FollowingAssessor
from digest.assessment.profile import DEFAULT_PROFILE, Profile
from digest.errors import ConfigurationError
from digest.factory import open_parts
from digest.model import Article, Assessment
from digest.settings import Settings
from tests.builders import entry


class Named:
    """Judges by saying which rubric it was made for."""

    def __init__(self, profile: Profile) -> None:
        self._name = profile.name

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        return Assessment(topic=self._name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "profile.yaml"
    made.write_text(shipped(), encoding="utf-8")
    return made


def shipped() -> str:
    """The rubric that ships, without the weights that lie beside it."""
    lines = DEFAULT_PROFILE.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("weights:"))


def renamed(file: Path, name: str) -> None:
    lines = [f"name: {name}" if line.startswith("name:") else line for line in file.read_text(encoding="utf-8").splitlines()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.utime(file, ns=(1, hash(name) & 0xFFFFFFFF))


async def test_what_is_judged_next_is_judged_by_the_rubric_as_it_is_now(file: Path) -> None:
    profile = FollowedProfile(file, every_s=0.0)
    assessor = FollowingAssessor(profile, Named)
    article = entry("A title").article
    first = (await assessor.assess(article, Assessment())).topic
    renamed(file, "Another one")
    assert (await assessor.assess(article, Assessment())).topic == "Another one" != first


async def test_one_that_became_wrong_leaves_the_one_before_in_use(file: Path) -> None:
    profile = FollowedProfile(file, every_s=0.0)
    before = profile.now()
    file.write_text("name: [", encoding="utf-8")
    assert profile.now() is before
    file.unlink()
    assert profile.now() is before
    file.write_text(shipped(), encoding="utf-8")
    assert profile.now() is not before


def test_it_is_read_again_only_when_it_changed(file: Path) -> None:
    profile = FollowedProfile(file, every_s=0.0)
    assert profile.now() is profile.now()


def test_the_first_reading_has_to_succeed(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        FollowedProfile(tmp_path / "none.yaml")


async def test_a_program_that_runs_follows_its_rubric(file: Path, valkey_url: str, tmp_path: Path) -> None:
    settings = Settings.load(redis_url=valkey_url, data_dir=tmp_path, profile=file)
    async with open_parts(settings) as parts:
        parts.profiles._every_s = 0.0
        article = entry("Agents buy advertising for shops").article
        judged = await parts.assessor.assess(article, Assessment())
        assert judged.score is not None
        renamed(file, "Another one")
        assert parts.profile.name == "Another one"
        assert (await parts.assessor.assess(article, Assessment())).score == judged.score
