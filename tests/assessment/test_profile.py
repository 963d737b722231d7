"""A profile is one plain YAML file; every way it can be wrong is told with the file and the line or the field."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from digest.assessment.offline import OfflineAssessor
from digest.assessment.profile import BANDS, DEFAULT_PROFILE, load_profile
from digest.errors import ConfigurationError

GOOD = """\
name: Gardens
audience: Gardeners.
high: [Roses in spring]
medium: [Lawns in summer]
low: [Snow in winter]
topics:
  - name: Roses
    words: [rose, rose bush]
"""


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "own.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def told_of(file: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_profile(file)
    assert str(file) in str(caught.value)
    assert caught.value.remedy
    return str(caught.value)


def test_a_profile_of_few_lines_is_enough(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path, GOOD))
    assert profile.name == "Gardens"
    assert profile.high == ("Roses in spring",)
    assert profile.topics[0].words == ("rose", "rose bush")
    assert profile.weights is None
    assert profile.instructions == ""


def test_the_shipped_profile_has_all_bands_topics_and_weights() -> None:
    profile = load_profile()
    assert all(len(getattr(profile, band)) >= 3 for band in BANDS)
    assert len(profile.topics) >= 10
    assert profile.weights == DEFAULT_PROFILE.with_name("marketing.weights.json")


def test_the_rubric_for_a_model_has_every_criterion_and_topic_and_is_the_same_each_time(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path, GOOD + "instructions: Be kind to bees.\n"))
    assert profile.rubric() == (
        "Profile: Gardens\n\nAudience: Gardeners.\n\nHigh relevance (8-10):\n- Roses in spring\n\n"
        "Medium relevance (5-7):\n- Lawns in summer\n\nLow relevance (0-4):\n- Snow in winter\n\n"
        "Topics, each with words that point to it:\n- Roses: rose, rose bush\n\nBe kind to bees.\n"
    )
    assert load_profile().rubric() == load_profile().rubric()


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    assert load_profile(write(tmp_path, "\ufeff" + GOOD.replace("\n", "\r\n"))).name == "Gardens"


@pytest.mark.parametrize("field", ["name", "audience", "high", "medium", "low"])
def test_a_missing_field_is_named(field: str, tmp_path: Path) -> None:
    lines = [line for line in GOOD.splitlines() if not line.startswith(f"{field}:")]
    assert f"{field}: field required" in told_of(write(tmp_path, "\n".join(lines)))


def test_all_problems_are_told_together(tmp_path: Path) -> None:
    told = told_of(write(tmp_path, "name: ''\nhigh: []\nmedium: yes\nlow: [1]\ntopics: [{name: x}]\nextra: 1\n"))
    for place in ("name:", "audience:", "high:", "medium:", "low.0:", "topics.0.words:", "extra:"):
        assert place in told


def test_of_very_many_problems_the_first_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    told = told_of(write(tmp_path, "".join(f"k{n}: 1\n" for n in range(5_000))))
    assert "and 4994 more" in told
    assert len(told) < 1_000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it has no fields"),
        ("# nothing\n", "it has no fields"),
        ("[]", "it has no fields"),
        ("just words", "it has no fields"),
        (GOOD + "name: Again\n", "line 9: it is not plain YAML: 'name' is given twice"),
        (GOOD + "high: [a\n", "line 10"),
        (GOOD + "---\nname: other\n", "line 9"),
        ("\tname: x", "line 1"),
        (GOOD + "1: x\n", "1: keys should be strings"),
        (GOOD + "? [a, b]\n: c\n", "line 9: it is not plain YAML"),
        (GOOD + "Weights: x\n", "Weights: extra inputs are not permitted"),
        (GOOD.replace("[Roses in spring]", "[]"), "high: tuple should have at least 1 item"),
        (GOOD.replace("[Roses in spring]", "['  ']"), "high.0: string should have at least 1 character"),
        (GOOD.replace("[Roses in spring]", "[2024-01-01]"), "high.0: input should be a valid string"),
        (GOOD.replace("[Roses in spring]", "[2024-99-99]"), "it is not plain YAML"),
        (GOOD.replace("[Roses in spring]", "Roses"), "high: input should be a valid tuple"),
        (GOOD.replace("[Roses in spring]", f"[{'9' * 5_000}]"), "it is not plain YAML"),
        (GOOD.replace("[rose, rose bush]", "['...']"), "topics.0.words.0: string should match pattern"),
        (GOOD + "  - {name: roses, words: [x]}\n", "topics: named more than once: roses"),
        (GOOD + "weights: ../own.json\n", "weights: string should match pattern"),
        (GOOD + "weights: /etc/own.json\n", "weights: string should match pattern"),
        (GOOD + "weights: gone.json\n", "weights: there is no file gone.json beside it"),
        (GOOD + "audience2: &a [x]\n", "line 9: it is not plain YAML: anchors and aliases are not taken"),
        (GOOD + "audience2: *a\n", "line 9: it is not plain YAML: anchors and aliases are not taken"),
        (GOOD + "<<: {instructions: x}\n", "line 9: it is not plain YAML: merges are not taken"),
        ("name: !!python/object/apply:os.system [x]\n", "line 1: it is not plain YAML: tags are not taken"),
        ("name: !secret x\n", "line 1: it is not plain YAML: tags are not taken"),
        ("%TAG ! tag:x,2000:\n---\nname: !x y\n", "tags are not taken"),
        ("high: " + "[" * 20 + "]" * 20, "line 1: it is not plain YAML: it is nested too deeply"),
        ("[" * 60_000, "nested too deeply"),
        (GOOD + "\x00", "it is not plain YAML"),
        (b"\xff\xfename: x", "it is not UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n", "it is not UTF-8 text"),
        (GOOD + "# " + "x" * 70_000, "it is larger than 64 KB"),
    ],
)
def test_what_is_wrong_is_told(text: str | bytes, told: str, tmp_path: Path) -> None:
    assert told in told_of(write(tmp_path, text))


def test_a_bomb_of_aliases_is_refused_before_it_grows(tmp_path: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    begun = time.perf_counter()
    assert "anchors and aliases are not taken" in told_of(write(tmp_path, bomb))
    assert time.perf_counter() - begun < 5


def test_a_file_that_is_gone_or_a_folder_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in told_of(tmp_path / "gone.yaml")
    assert "cannot be read" in told_of(tmp_path)


def test_what_is_told_does_not_show_the_files_content(tmp_path: Path) -> None:
    assert "hunter2" not in told_of(write(tmp_path, GOOD + "password: hunter2\n"))


def test_weights_beside_the_profile_are_used(tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text(
        '{"subjects": ["roses"], "words": {"roses": ["rose"]}, "features": [{"name": "roses", "all": ["roses"], "weight": 9}]}'
    )
    profile = load_profile(write(tmp_path, GOOD + "weights: own.json\n"))
    assert profile.weights == tmp_path / "own.json"
    OfflineAssessor(profile)
