from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SourceError
from digest.knowledge_base.front_matter import MAX_CHARS, list_of, read, split, text_of


def test_a_colon_in_an_unquoted_title_is_part_of_it() -> None:
    assert read("title: Retail: forty shops\nsource: x.md") == {"title": "Retail: forty shops", "source": "x.md"}


def test_a_hash_in_a_title_is_part_of_it() -> None:
    assert read("title: How we became #1 in ads")["title"] == "How we became #1 in ads"


@pytest.mark.parametrize(
    "block",
    [
        "tags: [a, b c, 'd, e']",
        "tags:\n- a\n- b c\n- d, e",
        "tags:\n  - a\n  - 'b c'\n  - \"d, e\"\n",
        'tags: ["a",\n  b c, "d, e"]',
    ],
)
def test_lists_in_every_style(block: str) -> None:
    assert read(block)["tags"] == ("a", "b c", "d, e")


def test_block_and_folded_texts() -> None:
    assert read("a: |\n  one\n  two\nb: >-\n  one\n  two\nc: one\n  two") == {"a": "one\ntwo", "b": "one two", "c": "one two"}


def test_anchors_aliases_tags_and_merges_are_only_text() -> None:
    hostile = "a: &x [1, 1]\nb: *x\nc: !!python/object/apply:os.system ['true']\n<<: *x"
    found = read(hostile)
    assert found["b"] == "*x"
    assert found["c"] == "!!python/object/apply:os.system ['true']"


def test_a_billion_laughs_stay_as_small_as_they_came() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "\n".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]" for i in range(8)
    )
    assert len(str(read(bomb))) < 2 * len(bomb)


def test_front_matter_without_an_end_is_refused() -> None:
    with pytest.raises(SourceError, match="no end"):
        split("---\ntitle: x\n\n# Heading\n")
    with pytest.raises(SourceError, match="no end"):
        split("---\n" + "a: b\n" * MAX_CHARS + "---\n")


def test_a_text_without_front_matter_has_none() -> None:
    assert split("# Heading\n---\n") is None


def test_an_unclosed_quote_is_kept_as_it_is() -> None:
    assert read('title: "Quote" of the day: it\'s here')["title"] == '"Quote" of the day: it\'s here'
    assert read('title: "never closed')["title"] == '"never closed'


# Spaces other than the plain one count as space for us and as text for YAML.
_line = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co", "Zl", "Zp"], exclude_characters="\ufeff"), max_size=120
).map(lambda t: "".join(" " if c.isspace() else c for c in t).strip())
_key = st.from_regex(r"[a-z][a-z_]{0,10}", fullmatch=True).filter(
    lambda k: k not in ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
)


@given(st.dictionaries(_key, _line | st.lists(_line.filter(bool), min_size=1, max_size=5), max_size=6))
def test_valid_yaml_of_texts_and_lists_is_read_as_yaml_reads_it(values: dict[str, object]) -> None:
    block = yaml.safe_dump(values, allow_unicode=True, default_flow_style=False, sort_keys=False)
    if not values:
        return
    found = read(block)
    assert {k: list(v) if isinstance(v, tuple) else v for k, v in found.items()} == values


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    for value in read(text).values():
        text_of(value)
        list_of(value)


_line = st.text(st.sampled_from("ab:_- \t'\"[]|>~#,é\x0b\x85\u2028"), max_size=10)


@given(st.lists(_line, max_size=6))
def test_fields_on_lines_of_their_own_are_read_as_any_others(lines: list[str]) -> None:
    alone = "\n".join(line for line in lines if line and not line[0].isspace() and not line.startswith(("- ", "-\t")))
    goes_on = alone + "\nlast:\n  goes on"  # makes the reader take the block line by line
    assert read(goes_on) == {**read(alone), "last": "goes on"}


_value = st.text(st.sampled_from("ab:- \t'\"[]|>~#,é\x0b\x85\u2028"), max_size=10)


@given(st.lists(st.tuples(st.sampled_from(("title", "tags", "url")), _value), min_size=1, max_size=4))
def test_fields_of_usual_names_are_read_as_those_of_any_other(fields: list[tuple[str, str]]) -> None:
    usual = read("".join(f"{name}: {value}\n" for name, value in fields))
    other = read("".join(f"my {name}: {value}\n" for name, value in fields))
    assert {f"my {name}": value for name, value in usual.items()} == other


@pytest.mark.parametrize("end", ["---\n", "--- \n", "...\n", "---"])
@pytest.mark.parametrize("field", ["title: a\n", "", "title: a\n----\nurl: b\n", "title: ---\n", "title: a\n...b\n"])
def test_front_matter_ends_at_the_first_line_that_ends_it(field: str, end: str) -> None:
    found = split(f"---\n{field}{end}")
    assert found == (read(field), "")
    assert split(f"---\n{field}{end.strip()}\nmore\n---\n") == (read(field), "more\n---\n")


def test_a_title_that_begins_with_a_bracket_is_a_text() -> None:
    assert read("title: [Updated] Ads: what changed") == {"title": "[Updated] Ads: what changed"}
    assert read("title: [A] and [B]") == {"title": "[A] and [B]"}
    assert read("tags: [a, [b], 'c]'] # three") == {"tags": ("a", "[b]", "c]")}


def test_rules_may_be_longer_missing_above_or_dots() -> None:
    for text in ("-----\ntitle: A\n-----\nB", "title: A\n---\nB", "---\ntitle: A\n...\nB"):
        assert split(text) == ({"title": "A"}, "B")
    for text in ("-----\n\nA rule, and no front matter.\n\n-----\nB", "title: A\n\nA text.\n\n---\nB"):
        assert split(text) is None
