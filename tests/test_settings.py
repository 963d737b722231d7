from __future__ import annotations

from pathlib import Path

import pytest

from digest.errors import ConfigurationError
from digest.settings import Settings


def test_nothing_needs_to_be_set() -> None:
    settings = Settings.load()
    assert settings.redis_url is None
    assert settings.assessor == "auto"


def test_all_that_is_wrong_is_told_together_and_nothing_of_it_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AINEWS_REDIS_URL": "http://:hunter2@example.org",
        "AINEWS_RETENTION_DAYS": "hunter3",
        "AINEWS_THRESHOLD": "55",
        "AINEWS_TIME_ZONE": "Mars/Olympus",
        "AINEWS_ASSESSOR": "hunter4",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as told:
        Settings.load()
    for name in ("AINEWS_REDIS_URL", "AINEWS_RETENTION_DAYS", "AINEWS_THRESHOLD", "AINEWS_TIME_ZONE", "AINEWS_ASSESSOR"):
        assert name in str(told.value)
    assert "hunter" not in str(told.value) + repr(told.value) + told.value.remedy
    assert told.value.__cause__ is None


def test_secrets_are_in_no_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-hunter2")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-hunter2")
    monkeypatch.setenv("AINEWS_REDIS_URL", "redis://:hunter2@example.org")
    settings = Settings.load()
    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_the_environment_wins_over_the_file_and_what_is_given_over_both(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("AINEWS_THRESHOLD=3\nAINEWS_STORIES=4\nAINEWS_WORKSPACE=file\nUNKNOWN=x\n")
    monkeypatch.setenv("AINEWS_STORIES", "7")
    monkeypatch.setenv("AINEWS_WORKSPACE", "environment")
    settings = Settings.load(workspace="given", threshold=None)
    assert (settings.threshold, settings.stories, settings.workspace) == (3, 7, "given")


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AINEWS_TOPICS", "search ads, SEO ,,")
    assert Settings.load().topics == ("search ads", "SEO")


@pytest.mark.parametrize(("given", "cap"), [("none", None), ("0", 0.0), ("12.5", 12.5)])
def test_the_daily_cap_may_be_none(given: str, cap: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AINEWS_DAILY_CAP_USD", given)
    assert Settings.load().daily_cap_usd == cap
