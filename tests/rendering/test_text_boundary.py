from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from digest.rendering.cleaning import is_blank, one_line, shorten
from digest.rendering.links import web_link
from digest.rendering.slack_limits import weigh_text
from digest.rendering.slack_split import split_blocks, split_text
from digest.rendering.slack_text import neutral
from digest.rendering.words import listed, ranks
from digest.rendering.wrapping import wrap

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=200)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  two\r\n lines\t\u2028and\x85more ", "two lines and more"),
        ("\x1b[31mred\x1b[0m\x00", "[31mred[0m"),
        ("\u202egnp.exe\u202c \u2066x\u2069", "gnp.exe x"),
        ("zero\u200bwidth \ufeffsoft\u00adhyphen", "zerowidth softhyphen"),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
        ("👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽", "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽"),
        (
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        ),
        ("hid\U000e0061\U000e0062den", "hidden"),
        ("می‌خواهم \u200fעברית\u200e", "می‌خواهم \u200fעברית\u200e"),
        ("e\u0301 é नमस्ते", "e\u0301 é नमस्ते"),
    ],
)
def test_cleaning_takes_what_nobody_can_read_and_leaves_every_script(text: str, cleaned: str) -> None:
    assert one_line(text) == cleaned


@given(ANYTHING)
def test_cleaning_is_idempotent_and_its_result_can_be_written(text: str) -> None:
    cleaned = one_line(text)
    assert one_line(cleaned) == cleaned
    cleaned.encode()
    assert not [c for c in cleaned if unicodedata.category(c) in {"Cc", "Zl", "Zp"}]


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=50))
def test_cleaning_keeps_every_letter_number_and_sign(text: str) -> None:
    assert one_line(text) == text.strip()


def test_text_of_nothing_but_joiners_is_blank() -> None:
    assert is_blank("\u200d\u200c \u2800\ufe0f")
    assert not is_blank("\u200d.")


def test_shortening_shows_that_it_did() -> None:
    assert shorten("short", 10) == "short"
    assert shorten("a sentence of words", 12) == "a sentence…"
    assert shorten("x" * 20, 12) == "x" * 11 + "…"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JAVASCRIPT:alert(1)", " https://a.example", "data:text/html,x", "//a.example",
        "a.example", "",
        "https://", "https:///path", "https://user:pass@a.example/", "https://good.example\\@evil.example/", "ftp://a.example",
        "https://a.example/\u202egnp", "https://a.example/\nx", "https://a.example\u200b.evil.example/", "https://[bad/",
        "https://a b.example/", "https://a.example/" + "x" * 8_000,
    ],
)  # fmt: skip
def test_what_may_not_be_linked_is_not(url: str) -> None:
    assert web_link(url) == ""


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://a.example/x?y=1&z=2#f", "https://a.example/x?y=1&z=2#f"),
        ("http://localhost:8080/", "http://localhost:8080/"),
        ("https://[2001:db8::1]:443/", "https://[2001:db8::1]:443/"),
        ("https://bücher.example/ü", "https://bücher.example/ü"),
        ('https://a.example/"><script>', "https://a.example/%22%3E%3Cscript%3E"),
        ("https://a.example/(x)|`y`", "https://a.example/(x)%7C%60y%60"),
    ],
)
def test_an_address_is_linked_with_what_could_break_out_encoded(url: str, linked: str) -> None:
    assert web_link(url) == linked


@given(ANYTHING.filter(bool), st.integers(64, 90))
def test_a_cut_text_put_together_is_the_text(text: str, most: int) -> None:
    pieces = split_text(text * 5, most)
    assert "".join(pieces) == text * 5
    assert all(0 < weigh_text(p) <= most for p in pieces)


def test_a_text_is_cut_after_a_word_and_never_within_an_emoji() -> None:
    assert all(p.endswith(" ") for p in split_text("word " * 100, 64)[:-1])
    family = "👩‍👩‍👧‍👦"
    assert all(p.replace(family, "") == "" for p in split_text(family * 100, 64))
    flags = split_text("🇫🇷" * 100, 65)
    assert all(len(p) % 2 == 0 for p in flags)


def test_a_list_too_long_for_a_block_is_cut_between_its_items() -> None:
    item = {"type": "rich_text_section", "elements": [{"type": "text", "text": "x" * 1_000}]}
    block = {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": [item] * 7}]}
    cut = [b for b, _ in split_blocks([block])]
    assert [len(b["elements"][0]["elements"]) for b in cut] == [3, 3, 1]


def test_text_that_slack_parses_mentions_and_links_nothing() -> None:
    live = neutral("<!channel> @here me@a.example https://a.example evil.example & <@U1>")
    assert not set("<>") & set(live)
    assert "&amp; &lt;@" in live
    assert not any(word in live for word in ("@here", "://", "evil.example", "me@a"))
    assert live.replace("\u2060", "") == "&lt;!channel&gt; @here me@a.example https://a.example evil.example &amp; &lt;@U1&gt;"


@given(st.text(max_size=300), st.integers(20, 100))
def test_wrapping_loses_nothing_and_keeps_to_its_columns(text: str, columns: int) -> None:
    text = one_line(text)
    wrapped = wrap(text, "  - ", columns=columns)
    assert "".join(wrapped.split()) == "-" + "".join(text.split())
    assert all(cell_len(line) <= columns or "://" in line for line in wrapped.splitlines())


def test_an_address_in_text_is_never_cut() -> None:
    url = "https://a.example/" + "p" * 100
    assert url in wrap(f"see {url} for more").splitlines()


def test_lists_and_ranks_in_words() -> None:
    assert [listed(w) for w in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert ranks([2]) == "2"
    assert ranks([2, 3]) == "2 and 3"
    assert ranks([1, 4, 5, 6, 7, 12]) == "1, 4–7 and 12"
