from __future__ import annotations

from digest.stories.leaning import Leaning


def test_an_article_leans_on_the_likest_whichever_came_first() -> None:
    leans = Leaning()
    assert leans.prefer("a", "far", 0.19)
    assert leans.prefer("a", "near", 0.21)
    assert not leans.prefer("a", "far", 0.19)
    assert leans.around("a") == ["near"]
    assert leans.around("near") == ["a"]
    assert leans.around("far") == []


def test_of_two_equally_alike_the_identifier_decides() -> None:
    for order in (("c", "b"), ("b", "c")):
        leans = Leaning()
        for other in order:
            leans.prefer("a", other, 0.2)
        assert leans.around("a") == ["b"]


def test_who_leaned_on_what_is_gone_leans_on_none() -> None:
    leans = Leaning()
    leans.prefer("a", "b", 0.2)
    leans.prefer("c", "b", 0.2)
    leans.prefer("b", "d", 0.2)
    assert leans.without("b") == {"a", "c"}
    assert leans.around("a") == leans.around("d") == []
    assert not leans.stop("a")
