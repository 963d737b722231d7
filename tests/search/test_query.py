"""What the words of a query ask for."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from digest.search.analysis import analyzer, folded
from digest.search.query import Clause, clauses
from digest.search.spelling import slips

analyze = analyzer().analyze


def asked(words: str) -> list[tuple[str, ...]]:
    return [c.terms for c in clauses(words, analyze)]


def test_words_are_asked_for_by_their_stems():
    assert asked("Marketing budgets") == [("market",), ("budget",)]


def test_stop_words_count_only_where_there_are_no_others():
    assert asked("the future of search") == [("futur",), ("search",)]
    assert asked("what is it") == [("what",), ("is",), ("it",)]


def test_a_stop_word_between_quotation_marks_counts():
    assert clauses('"state of the art" tools', analyze)[0] == Clause(("state", "of", "the", "art"), exact=True)


def test_typographic_quotation_marks_quote_too():
    for words in ("“price cut”", "„price cut“", "«price cut»"):
        assert clauses(words, analyze) == (Clause(("price", "cut"), exact=True),)


def test_a_lone_quotation_mark_is_passed_over():
    assert asked('price "cut') == [("price",), ("cut",)]


def test_letters_and_digits_part_so_that_model_names_meet():
    assert asked("GPT4") == asked("GPT-4") == [("gpt", "4")]


def joined(words: str) -> list[tuple[str, ...]]:
    return [c.joined for c in clauses(words, analyze)]


def test_words_beside_each_other_may_be_one_word_and_a_hyphen_may_be_none():
    assert joined("open ai tools") == [("openai",), ("openai", "aitool"), ("aitool",)]
    assert joined("e-commerce") == [("ecommerc",)]
    assert joined("A/B testing") == [("ab",), ()]
    assert joined("you tube") == [("youtub",)]
    for words in ("ad in", "GPT 5", "GPT-4", '"open ai"', "人工", "https://news.example/price-cut"):
        assert not any(joined(words)), words


def test_an_address_is_looked_up_word_by_word():
    assert asked("https://news.example/price-cut") == [("https",), ("news",), ("exampl",), ("price",), ("cut",)]


def test_a_run_of_a_script_without_spaces_is_asked_for_by_its_pairs():
    assert asked("人工智能") == [("人", "工"), ("工", "智"), ("智", "能")]
    assert asked("猫") == [("猫",)]
    assert asked("AI搜索") == [("ai",), ("搜", "索")]


def test_accents_case_width_and_possessives_do_not_count():
    for one, other in (
        ("Küche", "kuche"),
        ("STRASSE", "Straße"),
        ("ｆｕｌｌ", "full"),
        ("cafe\u0301", "café"),
        ("Google’s", "google"),
        ("ёлка", "елка"),
        ("İstanbul", "istanbul"),
    ):
        assert asked(one) == asked(other) != []


def test_each_thing_is_asked_for_once():
    assert asked("ads ads ad") == [("ad",)] or len(asked("ads ads")) == 1


def test_what_has_no_letter_or_digit_asks_for_nothing():
    for words in ("", "   ", '""', "!?*", "\x00", "🙂", "\ud800"):
        assert asked(words) == []


def test_a_long_query_is_bounded():
    assert len(asked(" ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(300)))) <= 32


@given(st.text(st.characters(codec=None, categories=None), max_size=200))
def test_any_text_is_a_query(words: str):
    for clause in clauses(words, analyze):
        assert clause.terms
        assert all(clause.terms)


@example("'S0")
@given(st.text(max_size=100))
def test_folding_twice_is_folding_once_as_far_as_terms_go(text: str):
    assert analyze(folded(folded(text))) == analyze(folded(text))


def test_slips_are_one_letter_away():
    found = slips("claude")
    assert {"calude", "claud", "cluade", "claudie", "clande"} <= set(found)
    assert "claude" not in found
    assert len(found) == len(set(found))


def test_in_four_letters_a_wrong_one_is_another_word():
    found = slips("coke")
    assert {"coek", "cke", "cooke"} <= set(found)
    assert "code" not in found


def test_short_words_numbers_and_other_alphabets_are_not_mended():
    assert slips("gpt") == slips("2024") == slips("gpt4o") == slips("搜索引擎") == slips("a" * 25) == []
    assert "реклама" in slips("рекалма")
