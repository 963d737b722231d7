"""The made-up articles that benchmarks run on."""

from __future__ import annotations

from itertools import islice

from benchmarks.synthetic import UNTIL, articles, document, vocabulary
from digest.knowledge_base.document import parse_document


def test_the_same_seed_gives_the_same_articles_and_another_seed_others():
    assert list(articles(5)) == list(islice(articles(50), 5))
    assert not {a.article.id for a in articles(20)} & {a.article.id for a in articles(20, seed=1)}


def test_a_document_reads_back_as_the_article_it_was_made_of():
    for made in articles(40, duplicates=0.2):
        read = parse_document(document(made).encode(), now=UNTIL)
        article, told = made.article, made.assessment
        for name in ("title", "headline", "url", "publisher", "published", "collected", "body"):
            assert getattr(read, name) == getattr(article, name)
        for name in ("score", "topic", "reason", "summary", "key_insights", "tags", "category"):
            assert getattr(read, name) == getattr(told, name)
        assert read.notes == ()


def test_the_share_of_duplicates_is_as_asked():
    found = list(articles(1000, duplicates=0.09))
    share = 1 - len({a.article.canonical_url for a in found}) / len(found)
    assert 0.06 < share < 0.12
    assert len({a.article.title for a in found}) == len(found)
    assert len({a.article.id for a in articles(1000)}) == 1000


def test_there_are_tens_of_thousands_of_words():
    assert 30_000 < len(vocabulary()) == len(set(vocabulary())) < 60_000
