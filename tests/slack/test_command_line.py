"""What was typed after ``/ainews``, as Slack sends it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.command_line import COMMANDS, number, plain_text, read


@pytest.mark.parametrize(
    ("text", "name", "words", "share"),
    [
        ("", "help", "", False),
        ("latest 3", "latest", "3", False),
        ("  LATEST   3  ", "latest", "3", False),
        ("top 5 month --share", "top", "5 month", True),
        ("--share top 5", "top", "5", True),
        ("top 5 —share", "top", "5", True),  # what a phone makes of two dashes
        ("search shared values", "search", "shared values", False),
        ("find agents", "search", "agents", False),
        ("search “performance max” score:&gt;7", "search", '"performance max" score:>7', False),
        ("show <https://a.example/b?c=1&amp;d=2>", "show", "https://a.example/b?c=1&d=2", False),
        ("show <https://a.example/b|a.example/b>", "show", "https://a.example/b", False),
        ("search <@U1|ann> in <#C1|general>", "search", "@ann in #general", False),
        ("?", "help", "", False),
    ],
)
def test_a_command_is_read_as_it_was_typed(text: str, name: str, words: str, share: bool) -> None:
    typed = read(text)
    assert typed.command is not None
    assert (typed.command.name, typed.words, typed.share) == (name, words, share)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("lates 3", "latest"),
        ("serch agents", "search"),
        ("subcribe", "subscribe"),
        ("setings", "settings"),
        ("tpoics", "topics"),
    ],
)
def test_a_mistyped_word_gets_the_nearest_command(text: str, near: str) -> None:
    typed = read(text)
    assert typed.command is None
    assert typed.near is not None
    assert typed.near.name == near
    assert typed.words == text


def test_a_word_that_is_like_no_command_gets_none() -> None:
    typed = read("quantum foam")
    assert (typed.command, typed.near, typed.words) == (None, None, "quantum foam")


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    typed = read(text)
    assert typed.command is None or typed.command in COMMANDS
    assert "\n" not in typed.words


@given(st.text(alphabet="<>&|@#!ab ;"))
def test_what_slack_marked_up_loses_its_marks_and_nothing_else(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert plain_text(escaped) == text


def test_a_number_is_bounded_and_what_follows_is_kept() -> None:
    assert number("3 week", default=5, most=10) == (3, "week")
    assert number("week", default=5, most=10) == (5, "week")
    assert number("0", default=5, most=10) == (1, "")
    assert number("99999999999999999999", default=5, most=10) == (10, "")
    assert number("٣", default=5, most=10) == (5, "٣")
