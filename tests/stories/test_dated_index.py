"""An index parted by time finds what one index of all would, as far as time allows it to matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.stories.dated_index import DatedIndex
from digest.stories.event_terms import event_vector
from digest.stories.term_index import TermIndex

START = datetime(2026, 11, 1, tzinfo=UTC)
WORDS = st.lists(
    st.sampled_from("harbour pilots strike museum globe glacier cheese ferry violin".split()), min_size=1, max_size=6
)
DATED = st.one_of(st.none(), st.floats(-60, 60).map(lambda days: START + timedelta(days=days)))
ARTICLES = st.lists(st.tuples(WORDS.map(" ".join), DATED), min_size=1, max_size=15)


@given(ARTICLES, st.data())
def test_it_finds_what_one_index_finds_within_reach(given_: list[tuple[str, datetime | None]], data: st.DataObject) -> None:
    whole, parted = TermIndex(), DatedIndex(7.0)
    articles = [(f"{n:012}", event_vector(title), dated) for n, (title, dated) in enumerate(given_)]
    for name, vector, dated in articles:
        whole.add(name, vector)
        parted.add(name, vector, dated)
    gone = data.draw(st.sets(st.sampled_from(articles), max_size=len(articles) - 1)) if len(articles) > 1 else set()
    for name, vector, dated in gone:
        whole.remove(name, vector)
        parted.remove(name, vector, dated)
    dates = {name: dated for name, _, dated in articles}
    for _, vector, dated in articles:
        assert parted.cosines(vector) == whole.cosines(vector)
        found, every = parted.cosines(vector, dated, 0.25), whole.cosines(vector, 0.25)
        assert found.items() <= every.items()
        for other in every.keys() - found.keys():
            there = dates[other]
            assert dated is not None
            assert there is not None
            assert abs(there - dated) >= timedelta(days=7)
