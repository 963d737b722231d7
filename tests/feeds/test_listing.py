from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ConfigurationError
from digest.feeds import listing, opml, yaml_list
from digest.feeds.entry import interval, made, seconds
from digest.feeds.feed import TIERS, Feed
from digest.feeds.listing import DEFAULT_LIST, feeds_in_use, parsed, read_feeds
from digest.settings import Settings
from digest.stories.urls import canonical_url

COMMENTED = """\
# Our feeds. Ask Kim before you change the order.

feeds:
  # The makers
  - name: OpenAI   # the newsroom
    url: https://openai.example/rss.xml
    tier: 1

  # The press
  - name: "Trade: Press"
    url: 'https://press.example/feed'   # weekly
    interval: 1d
  # - name: Switched off
  #   url: https://off.example/feed

  # Friends
  - {name: A friend, url: "https://friend.example/atom.xml"}
# The end.
"""
NEW = Feed("New: one", "https://new.example/feed?a=1&b=2", "Tech", 1, 3600.0)


def settings(folder: Path, **given: object) -> Settings:
    return Settings.load(data_dir=folder, **given)


def lists(feeds: tuple[Feed, ...]) -> list[str]:
    return [f.name for f in feeds]


def wrong(text: str | bytes) -> list[str]:
    return [str(p) for p in parsed(text.encode() if isinstance(text, str) else text).problems]


def refused(text: str | bytes) -> str:
    with pytest.raises(ValueError, match=" ") as error:
        parsed(text.encode() if isinstance(text, str) else text)
    return str(error.value)


# The list shipped


def test_the_list_shipped_is_valid_and_every_feed_is_https_with_category_and_tier():
    feeds = read_feeds(DEFAULT_LIST)
    assert 20 <= len(feeds) <= 30
    assert all(f.url.startswith("https://") and f.category and f.tier in TIERS for f in feeds)
    assert len({canonical_url(f.url) for f in feeds}) == len({f.name for f in feeds}) == len(feeds)


def test_the_list_shipped_has_every_publisher_that_was_asked_for():
    wanted = (
        "Marketing AI Institute, MarTech, Adweek AI, OpenAI, Google AI, Microsoft AI, Anthropic, MIT Technology Review AI, "
        "VentureBeat AI, AI News, Machine Learning Mastery, Towards Data Science"
    )
    assert set(wanted.split(", ")) <= set(lists(read_feeds(DEFAULT_LIST)))


# Which file


def test_the_file_of_the_settings_goes_before_the_own_one_and_that_before_the_list_shipped(tmp_path):
    assert feeds_in_use(settings(tmp_path)) == read_feeds(DEFAULT_LIST)
    (tmp_path / "feeds.yaml").write_text("feeds:\n- {name: Own, url: https://own.example/}\n")
    assert lists(feeds_in_use(settings(tmp_path))) == ["Own"]
    named = tmp_path / "named.opml"
    named.write_text(opml.written([NEW]))
    assert feeds_in_use(settings(tmp_path, feeds_file=named)) == (NEW,)


def test_a_file_that_is_named_and_not_there_is_told_with_what_to_do(tmp_path):
    with pytest.raises(ConfigurationError, match="There is no feeds file") as error:
        feeds_in_use(settings(tmp_path, feeds_file=tmp_path / "gone.yaml"))
    assert "ainews feeds add" in error.value.remedy


@pytest.mark.parametrize("what", ["folder", "pipe"])
def test_what_is_no_file_is_told_and_nothing_hangs(tmp_path, what):
    path = tmp_path / "feeds.yaml"
    path.mkdir() if what == "folder" else os.mkfifo(path)
    with pytest.raises(ConfigurationError, match="not usable"):
        feeds_in_use(settings(tmp_path))


# Reading


def test_all_keys_are_read_and_what_is_left_out_has_its_default():
    text = "feeds:\n- name: yes\n  url: https://a.example/x\n- name: 12\n  url: https://b.example/\n  category:  A  b \n  tier: 3\n  interval: 2h\n"
    assert parsed(text.encode()).feeds == (
        Feed("yes", "https://a.example/x"),
        Feed("12", "https://b.example/", "A b", 3, 7200.0),
    )


def test_every_problem_is_told_with_its_line():
    text = """\
feeds:
  - name: A
    url: ftp://a.example/
  - name: B
    url: https://b.example/feed
    teir: 1
  - name: C
    url: http://www.b.example/feed/?utm_source=x
  - name: D
    url: https://d.example/
    tier: 4
    interval: 5s
  - url: https://e.example/
  - name: F
  - just text
  - name: G
    name: H
    url: https://g.example/
  - name: I
    url: https://kim:secret@i.example/
  - name: J
    url: [https://j.example]
"""
    assert wrong(text) == [
        "line 3: 'A': url: the URL is not http or https but ftp",
        "line 6: 'B': unknown key 'teir'; did you mean 'tier'?",
        "line 11: 'D': tier: '4' is none of 1, 2, 3",
        "line 12: 'D': interval: '5s' is not between a minute and 30 days",
        "line 13: 'https://e.example/' has no name",
        "line 14: 'F' has no url",
        "line 15: this is no feed: each begins with '- name:'",
        "line 17: 'name' is given twice",
        "line 20: 'I': url: it holds a user name or password, with which nothing is fetched",
        "line 22: 'url' should be one text",
    ]


def test_a_feed_listed_twice_is_told_by_its_canonical_url():
    text = "feeds:\n- {name: A, url: https://a.example/feed}\n- {name: B, url: http://www.a.example/feed/?utm_source=x}\n"
    assert wrong(text) == ["line 3: 'B': its URL is already listed, as 'A' on line 2"]


def test_a_file_in_use_is_refused_with_all_that_is_wrong_and_no_secret(tmp_path):
    (tmp_path / "feeds.yaml").write_text(
        "feeds:\n- url: https://u:hunter2@y.example\n" + "- name: X\n  url: https://u:hunter2@x.example/\n" * 20
    )
    with pytest.raises(ConfigurationError) as error:
        feeds_in_use(settings(tmp_path))
    assert "line 4:" in str(error.value)
    assert "and 10 more" in str(error.value)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "nothing else"),
        ("# only a comment\n", "nothing else"),
        ("- name: A\n", "nothing else"),
        ("feeds: text\n", "there should be a list"),
        ("other: 1\nfeeds: []\n", "nothing else"),
        ("feeds:\n- &a {name: A, url: https://a.example}\n- *a\n", "line 2: it is not plain YAML: anchors"),
        ("feeds: !!python/object/apply:os.system [ls]\n", "line 1: it is not plain YAML: tags"),
        ("feeds:\n- name: A\n url: x\n", "line 3: it is not plain YAML"),
        ("feeds: " + "[" * 5_000, "nested too deeply"),
        ("feeds: [{a: b}", "it is not plain YAML"),
        ("--- \nfeeds: []\n---\nfeeds: []\n", "it is not plain YAML"),
        (b"feeds:\n# \xff\n", "line 2: it is not UTF-8"),
        (b"feeds:\n# \x00\n", "it is not plain YAML"),
        ("feeds: []\n" + "#" * 1_000_000, "larger than 1,000 KB"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_in_words(text, told):
    assert told in refused(text)


def test_more_feeds_than_anybody_reads_are_refused():
    text = "feeds:\n" + "".join(f"- {{name: A, url: https://a.example/{i}}}\n" for i in range(2_100))
    assert wrong(text) == ["line 2002: there are more than 2,000 feeds"]


@pytest.mark.parametrize(
    ("text", "s"), [("30m", 1800), ("2h", 7200), ("1d", 86_400), ("90s", 90), ("1800", 1800), ("1.5 h", 5400)]
)
def test_intervals_are_read_in_units_and_in_seconds(text, s):
    assert seconds(text) == s
    assert seconds(interval(s)) == s


@pytest.mark.parametrize("text", ["", "soon", "-5m", "5", "1w", "1:30", "400d", "9" * 400, "٣h", "1e9"])
def test_what_is_no_interval_is_told(text):
    with pytest.raises(ValueError, match=r"interval|between"):
        seconds(text)


# Changing


def test_adding_keeps_every_line_and_comment():
    edited = yaml_list.with_feeds(COMMENTED, [NEW])
    added = (
        "  - name: 'New: one'\n    url: https://new.example/feed?a=1&b=2\n    category: Tech\n    tier: 1\n    interval: 1h\n"
    )
    assert edited == COMMENTED.replace("# The end.", added + "# The end.")


def test_removing_takes_the_lines_of_the_feed_and_no_other():
    edited = yaml_list.without(COMMENTED, {"https://press.example/feed"})
    gone = COMMENTED.splitlines()[9:12]
    assert edited.splitlines() == [line for line in COMMENTED.splitlines() if line not in gone]
    edited = yaml_list.without(COMMENTED, {f.url for f in parsed(COMMENTED.encode()).feeds})
    assert [c for c in COMMENTED.splitlines() if c.lstrip().startswith("#")] == [
        c for c in edited.splitlines() if c.lstrip().startswith("#")
    ]
    assert parsed(edited.encode()).feeds == ()


@pytest.mark.parametrize(
    "text",
    [
        "feeds: []  # none yet\n",
        "feeds:  # none yet",
        "# head\nfeeds: [{name: A, url: https://a.example/}]\n",
        "# head\nfeeds:\n- name: A\n  url: https://a.example/",
        "# head\r\nfeeds:\r\n  - name: A\r\n    url: https://a.example/\r\n",
        "# head\nfeeds:\n  -\n    name: A\n    # about\n    url: >-\n      https://a.example/\n\n\n  - name: B\n    url: https://b.example/\n",
        '{"feeds": [{"name": "A", "url": "https://a.example/"}]}',
        "# head\nfeeds:\n  - name: A\n    url: https://a.example/\n    category: two\n      lines\n",
    ],
)
def test_any_layout_can_be_added_to_and_taken_from(text):
    before = parsed(text.encode()).feeds
    edited = yaml_list.with_feeds(text, [NEW])
    assert parsed(edited.encode()).feeds == (*before, NEW)
    assert text.count("#") == edited.count("#")
    back = yaml_list.without(edited, {NEW.url})
    assert parsed(back.encode()).feeds == before
    for feed in before:
        assert feed not in parsed(yaml_list.without(edited, {feed.url}).encode()).feeds


def test_the_first_change_copies_the_list_shipped(tmp_path):
    loaded = settings(tmp_path)
    changed = listing.add(loaded, [NEW])
    assert (changed.path, changed.made, changed.added) == (tmp_path / "feeds.yaml", True, (NEW,))
    assert feeds_in_use(loaded) == (*read_feeds(DEFAULT_LIST), NEW)
    assert changed.path.read_text().startswith(DEFAULT_LIST.read_text())
    again = listing.add(loaded, [NEW])
    assert (again.made, again.added) == (False, ())
    changed = listing.remove(loaded, {NEW.url})
    assert (changed.made, changed.removed) == (False, (NEW,))
    assert changed.path.read_text() == DEFAULT_LIST.read_text()


def test_a_named_file_that_is_not_there_begins_empty(tmp_path):
    for name in ("deep/own.yaml", "own.opml"):
        loaded = settings(tmp_path, feeds_file=tmp_path / name)
        assert listing.add(loaded, [NEW]).made
        assert feeds_in_use(loaded) == (NEW,)
    assert (tmp_path / "own.opml").read_text().startswith("<?xml")


def test_replacing_says_what_came_and_what_went(tmp_path):
    loaded, old = settings(tmp_path), Feed("Old", "https://old.example/")
    listing.replace(loaded, [old])
    changed = listing.replace(loaded, [NEW])
    assert (changed.made, changed.added, changed.removed) == (False, (NEW,), (old,))
    assert feeds_in_use(loaded) == (NEW,)


def test_a_file_with_a_mistake_is_not_changed(tmp_path):
    path = tmp_path / "feeds.yaml"
    path.write_text("feeds:\n- name: A\n")
    for change in (lambda: listing.add(settings(tmp_path), [NEW]), lambda: listing.remove(settings(tmp_path), {NEW.url})):
        with pytest.raises(ConfigurationError):
            change()
    assert path.read_text() == "feeds:\n- name: A\n"


def test_a_change_keeps_the_link_and_the_mode_and_leaves_nothing_behind(tmp_path):
    real = tmp_path / "kept" / "list.yaml"
    real.parent.mkdir()
    real.write_text("feeds: []\n")
    real.chmod(0o600)
    (tmp_path / "feeds.yaml").symlink_to(real)
    listing.add(settings(tmp_path), [NEW])
    assert (tmp_path / "feeds.yaml").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert parsed(real.read_bytes()).feeds == (NEW,)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["feeds.yaml", "kept", "list.yaml"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(ConfigurationError, match="folder cannot be opened"):
        listing.add(settings(blocked / "data"), [NEW])


def test_of_additions_at_once_none_is_lost(tmp_path):
    loaded = settings(tmp_path, feeds_file=tmp_path / "own.yaml")
    feeds = [Feed(f"F{i}", f"https://f{i}.example/") for i in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda f: listing.add(loaded, [f]), feeds))
    assert {f.name for f in feeds_in_use(loaded)} == {f.name for f in feeds}


# Both formats

_words = st.text(st.characters(codec="utf-8"), max_size=30)
_paths = st.text(st.sampled_from("abé?&=%20;:'()<>,#/~+😀"), max_size=20)


@st.composite
def feed_lists(draw) -> list[Feed]:
    found: dict[str, Feed] = {}
    for i in range(draw(st.integers(0, 6))):
        s = draw(st.none() | st.integers(60, 30 * 86_400))
        try:
            feed = made(
                draw(_words), f"https://h{i}.example/{draw(_paths)}", category=draw(_words), tier=draw(st.sampled_from(["1", "2", "3"])),
                interval="" if s is None else str(s),
            )  # fmt: skip
        except ValueError:  # a name of which nothing can be seen
            continue
        found[canonical_url(feed.url)] = feed
    return list(found.values())


@given(feed_lists())
def test_a_list_comes_back_from_yaml_as_it_was(feeds):
    listed = parsed(yaml_list.written(feeds).encode())
    assert (list(listed.feeds), listed.problems) == (feeds, ())


@given(feed_lists())
def test_a_list_comes_back_from_opml_as_it_was_and_in_the_order_of_its_categories(feeds):
    first = parsed(yaml_list.written(feeds).encode()).feeds
    there = parsed(opml.written(first).encode())
    back = parsed(yaml_list.written(there.feeds).encode()).feeds
    places = {c: i for i, c in enumerate(dict.fromkeys(["", *(f.category for f in feeds)]))}
    assert there.problems == ()
    assert list(back) == sorted(feeds, key=lambda f: places[f.category])
    assert opml.written(back) == opml.written(first)


@given(feed_lists(), feed_lists(), st.randoms())
def test_feeds_added_and_taken_from_any_list_leave_the_rest(before, more, random):
    text = yaml_list.written(before)
    known = {canonical_url(f.url) for f in before}
    new = [f for f in more if canonical_url(f.url) not in known]
    edited = yaml_list.with_feeds(text, new)
    assert list(parsed(edited.encode()).feeds) == [*before, *new]
    gone = {f.url for f in [*before, *new] if random.random() < 0.5}
    kept = [f for f in [*before, *new] if f.url not in gone]
    assert list(parsed(yaml_list.without(edited, gone).encode()).feeds) == kept


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_are_more_than_a_list_or_refused(data):
    for begin in (b"", b"feeds:\n", b"<opml><body>"):
        try:
            listed = parsed(begin + data)
        except ValueError:
            continue
        assert all(isinstance(f, Feed) for f in listed.feeds)
