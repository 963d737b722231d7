from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.subscribing.quiet import MOST_DATES, NotUnderstood, parse, shown

TODAY = date(2026, 11, 23)
CHRISTMAS = tuple(date(2026, 12, d) for d in (24, 25, 26))
NEW_YEAR = tuple(date(2026, 12, 31) + timedelta(days=n) for n in range(3))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("24 Dec 2026", CHRISTMAS[:1]), ("2026-12-24", CHRISTMAS[:1]), ("December 24, 2026", CHRISTMAS[:1]),
        ("24th of dec", CHRISTMAS[:1]), ("2026-12-24 to 2026-12-26", CHRISTMAS), ("24–26 Dec 2026", CHRISTMAS),
        ("Dec 24-26, 2026", CHRISTMAS), ("24 Dec - 26 Dec 2026", CHRISTMAS), ("31 Dec to 2 Jan", NEW_YEAR),
        ("31 Dec to 2 Jan 2027", NEW_YEAR), ("26 Dec, 2026-12-24;\n Dec 25, 2026\r\n24 Dec", CHRISTMAS),
        ("1 Nov", (date(2027, 11, 1),)), ("29 Feb", (date(2028, 2, 29),)), ("", ()), (" ,;\n\n", ()),
    ],
)  # fmt: skip
def test_dates_are_understood_as_people_write_them(typed: str, meant: tuple[date, ...]) -> None:
    assert parse(typed, TODAY) == meant


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("24 Dec, Christmas", "“Christmas” is no date."), ("12/24/2026", "“12/24/2026” is no date."),
        ("31 Feb", "There is no such day as “31 Feb”."), ("2026-13-01", "There is no such day as “2026-13-01”."),
        ("26 Dec 2026 to 24 Dec 2026", "“26 Dec 2026 to 24 Dec 2026” ends before it begins."),
        ("1 Jan 2027 to 1 Dec 2027", "“1 Jan 2027 to 1 Dec 2027” is more than 60 days."),
        ("1 Jan to 31 Jan, 1 Mar to 31 Mar", "Those are more than 60 dates"), ("x" * 3_000, "That is too long"),
        ("٢٤ Dec 2026", "is no date"), ("1 Jan to 2 Jan to 3 Jan", "is no date"), ("9999-01-01", "no such day"),
    ],
)  # fmt: skip
def test_a_piece_that_is_not_understood_is_named_in_a_sentence(typed: str, told: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        parse(typed, TODAY)
    assert str(refused.value).startswith(told) or told in str(refused.value)


def test_dates_are_shown_shortly() -> None:
    assert shown((*NEW_YEAR, *CHRISTMAS, date(2027, 2, 28), date(2027, 3, 1))) == (
        "24–26 Dec 2026, 31 Dec 2026 – 2 Jan 2027, 28 Feb – 1 Mar 2027"
    )
    assert shown(()) == ""


@given(st.sets(st.integers(0, 900), max_size=MOST_DATES))
def test_what_is_shown_is_understood_again(offsets: set[int]) -> None:
    dates = tuple(TODAY + timedelta(days=n) for n in sorted(offsets))
    assert parse(shown(dates), TODAY) == dates


@given(st.text(max_size=200) | st.text(alphabet="0123456789 -–,;decjanto\n", max_size=60))
def test_any_text_is_dates_or_a_sentence(typed: str) -> None:
    try:
        found = parse(typed, TODAY)
    except NotUnderstood as refused:
        assert str(refused).endswith(".")
        assert len(str(refused)) < 200
    else:
        assert len(found) <= MOST_DATES
