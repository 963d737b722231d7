from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.stories.near_duplicates import BANDS, MAX_CHARS, SAMPLE, bands, degree, same_text, sketch

STORY = """The transport agency said on Monday that its bidding tool had cut advertising costs by 12 percent for forty clients in
three countries. Engineers in Leeds trained the model on six years of auctions, then let it bid against the human buyers for a
month. "We expected a draw," said Mara Ellis, who leads the group. "Instead the machine found cheap inventory on regional sites
that nobody had thought of." Clients keep a veto over every placement, and twelve of them used it during the trial. The agency
will publish the protocol in January, including the prompts, the spending limits and the list of sites that were excluded. Rival
agencies were cautious: a single month proves little, they said, and the holiday season distorts prices. Regulators in two of
the countries have asked how the tool treats personal data. Ellis answered that it sees prices and pages, never people."""
OTHER = """A bakery chain in Porto has replaced its weekly forecast with a small language model that reads the weather report, the
football calendar and the school holidays. Waste fell by a fifth in the first quarter, according to the owner, Rui Tavares, who
paid a local student to set it up over the summer. Each shop manager receives a short note at dawn, explaining how many loaves to
prepare and why. Some ignore it; the best ones argue with it and are asked to write down their reasons. The notes are kept, and
every month the student adds them to the examples. Competitors along the coast have begun asking for the recipe, which Tavares
refuses to sell. He will, however, talk about mistakes: in March the model read an old calendar and baked for a cup final."""
FOOTER = """About this publication: our newsroom covers technology, commerce and public policy from nine cities, and is funded by
subscribers, events and a foundation grant. Subscribe for unlimited access, newsletters, podcasts and the weekly print edition.
Corrections can be sent to the standards editor. Reproduction without written permission is prohibited by international copyright
treaties. Advertising enquiries belong to the commercial department, which has no influence on editorial decisions whatsoever."""
CHINESE = "据当地媒体报道，人工智能公司周一发布了新的语言模型，推理价格下降了百分之三十，开发者可以立即通过接口使用。公司表示，模型在数学和编程测试中的表现超过了上一代产品，并将于下月向企业客户开放。"


def words(text: str) -> list[str]:
    return text.split()


def every(nth: int, text: str) -> str:
    return " ".join("replacement" + str(n) if n % nth == 0 else w for n, w in enumerate(words(text)))


def copies() -> dict[str, str]:
    half = words(STORY)[: len(words(STORY)) // 2]
    return {
        "boilerplate": f"Sign up for our newsletter.\n\n{STORY}\n\nAll rights reserved, no reproduction without permission.",
        "a dateline": f"LEEDS, Nov. 23, 2026 (Newswire) -- {STORY}",
        "the first half": " ".join(half),
        "an excerpt": " ".join(words(STORY)[:40]) + " […]",
        "every 20th word": every(20, STORY),
        "every 6th word": every(6, STORY),
        "every 3rd word": every(3, STORY),
        "sentences moved": ". ".join(reversed(STORY.split(". "))),
        "case and quotes": STORY.upper().replace('"', "”"),
        "scanned": STORY.replace("ti", "tl").replace("rn", "m"),
    }


@pytest.mark.parametrize("kind", copies())
def test_a_copy_is_known(kind: str) -> None:
    assert same_text(sketch(STORY), sketch(copies()[kind])), degree(sketch(STORY), sketch(copies()[kind]))


@pytest.mark.parametrize("kind", copies())
def test_a_copy_shares_a_band(kind: str) -> None:
    assert set(bands(sketch(STORY))) & set(bands(sketch(copies()[kind])))


def test_two_copies_with_other_lines_around_are_copies_of_each_other() -> None:
    one = f"Listen to this article, four minutes.\n{STORY}\nFollow our channel for more."
    other = f"First published by our partner under licence.\n{STORY}\nRelated: five trends to watch this year."
    assert same_text(sketch(one), sketch(other))


def test_other_stories_are_no_copies() -> None:
    assert degree(sketch(STORY), sketch(OTHER)) < 0.1


def test_a_long_footer_makes_no_copies() -> None:
    assert not same_text(sketch(f"{STORY}\n\n{FOOTER}"), sketch(f"{OTHER}\n\n{FOOTER}"))
    head, foot = FOOTER.split(". ", 1)
    assert not same_text(sketch(f"{head}. {STORY} {foot}"), sketch(f"{head}. {OTHER} {foot}"))


def test_weekly_columns_of_one_template_are_no_copies() -> None:
    template = [w.strip() + "." for w in FOOTER.replace("\n", " ").split(".") if w.strip()]

    def column(text: str) -> str:
        own = [w.strip() + "." for w in text.replace("\n", " ").split(". ")]
        return " ".join(f"{part} {own[n]}" for n, part in enumerate(template)) + " " + " ".join(own[len(template) :])

    assert len(FOOTER) > 0.35 * len(column(STORY))
    assert not same_text(sketch(column(STORY)), sketch(column(OTHER)))


def test_wordpress_footers_make_no_copies_of_teasers() -> None:
    one = (
        "A shop in Leeds lets a model answer its phone. The post Who is calling appeared first on The Daily Marketing Example."
    )
    other = (
        "Four agencies merge their buying desks. The post Strength in numbers appeared first on The Daily Marketing Example."
    )
    assert not same_text(sketch(one), sketch(other))


def test_two_short_teasers_of_one_subject_are_no_copies() -> None:
    one = "Google introduces artificial intelligence tools for advertisers who plan holiday campaigns in search and shopping."
    other = (
        "Microsoft introduces artificial intelligence assistants for retailers: what it means for holiday campaigns this year."
    )
    assert not same_text(sketch(one), sketch(other))


def test_a_text_without_spaces_between_words_is_known() -> None:
    edited = CHINESE.replace("百分之三十", "约三成").replace("下月", "十二月")
    assert same_text(sketch(CHINESE), sketch(f"新华网北京电：{edited}"))
    assert not same_text(
        sketch(CHINESE),
        sketch("周末全国大部分地区将出现降雨天气，气象部门提醒市民出行注意交通安全，山区需防范山洪和泥石流等次生灾害。"),
    )


def test_a_text_of_few_words_has_no_sketch() -> None:
    for text in ("", " ", "Comments", "Watch the video", "and the of to in", "…", "word " * 1000):
        assert sketch(text) == b""
    assert bands(b"") == []
    assert degree(b"", sketch(STORY)) == 0.0


def test_a_sketch_is_small_whatever_the_text() -> None:
    long = " ".join(f"word{n}" for n in range(50_000))
    assert len(sketch(long)) <= 5 + 8 * SAMPLE
    assert len(bands(sketch(long))) == BANDS


def test_a_megabyte_of_one_word_costs_next_to_nothing() -> None:
    started = time.perf_counter()
    assert sketch("buffalo " * 131_072) == b""
    assert sketch("buffalo" * 149_797) == b""
    assert sketch("水" * 1_000_000) == b""
    assert time.perf_counter() - started < 5


def test_what_is_looked_at_ends_somewhere() -> None:
    assert sketch(STORY + " " * MAX_CHARS + OTHER) == sketch(STORY)


def test_a_sketch_is_the_same_in_every_process() -> None:
    code = f"from digest.stories.near_duplicates import sketch; print(sketch({STORY!r}).hex())"
    for seed in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        )
        assert bytes.fromhex(told.stdout) == sketch(STORY)
    assert sketch(STORY)[:9].hex() == "5c005b005cea3ff8e5" or len(sketch(STORY)) > 9


_texts = st.one_of(
    st.text(),
    st.lists(st.sampled_from([*STORY.split(), *OTHER.split(), "水素", "ελληνικά", "\ud800", "🚀", "naïve"]), max_size=120).map(
        " ".join
    ),
)


@given(_texts)
def test_a_text_is_a_copy_of_itself_where_it_has_a_sketch(text: str) -> None:
    made = sketch(text)
    assert not made or same_text(made, made)


@given(_texts, _texts)
def test_being_a_copy_is_symmetric(one: str, other: str) -> None:
    a, b = sketch(one), sketch(other)
    assert degree(a, b) == degree(b, a)
    assert 0 <= degree(a, b) <= 1


def test_a_text_that_is_lost_in_a_huge_one_is_no_copy_and_no_error() -> None:
    for start in range(40):
        few = " ".join(f"word{n}" for n in range(start * 20, start * 20 + 12))
        huge = " ".join(f"word{n}" for n in range(9_000))
        assert 0 <= degree(sketch(few), sketch(huge)) <= 1
