from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.stories.urls import MAX_URL_CHARS, canonical_url, without_credentials

SAME = [
    ("http://example.com/a", "https://example.com/a"),
    ("https://www.example.com/a", "https://example.com/a"),
    ("https://EXAMPLE.com/a", "https://example.com/a"),
    ("https://example.com:443/a", "https://example.com/a"),
    ("https://example.com/a/", "https://example.com/a"),
    ("https://example.com/a#comments", "https://example.com/a"),
    ("https://example.com/a?utm_source=x&utm_medium=rss", "https://example.com/a"),
    ("https://example.com/a?fbclid=1&id=2", "https://example.com/a?id=2"),
    ("https://example.com/a?b=2&a=1", "https://example.com/a?a=1&b=2"),
    ("https://user:secret@example.com/a", "https://example.com/a"),
    ("https://example.com/%7Ejane/%e2%82%ac", "https://example.com/~jane/€"),
    ("https://example.com/x/../a", "https://example.com/a"),
    ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    ("  https://example.com/a\n", "https://example.com/a"),
    ("https://example.com./a", "https://example.com/a"),
]

OTHER = [
    ("https://news.ycombinator.com/item?id=1", "https://news.ycombinator.com/item?id=2"),
    ("https://example.com/a", "https://example.com/A"),
    ("https://example.com/a", "https://example.org/a"),
    ("https://example.com/a", "https://blog.example.com/a"),
    ("https://example.com/a?page=1", "https://example.com/a?page=2"),
    ("https://example.com:8080/a", "https://example.com/a"),
    ("https://example.com/a%2Fb", "https://example.com/a/b"),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_two_addresses_of_one_page_are_one(one: str, two: str) -> None:
    assert canonical_url(one) == canonical_url(two)


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_two_pages_stay_two(one: str, two: str) -> None:
    assert canonical_url(one) != canonical_url(two)


@pytest.mark.parametrize(
    "url",
    ["", "   ", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//example.com", "example.com/a", "http://",
     "http:///a", "http://a b/", "http://x:99999/", "http://x:0/", "https://[::1", "https://exa mple.com", "https://..",
     "https://example.com/" + "a" * MAX_URL_CHARS],
)  # fmt: skip
def test_what_is_no_web_address_is_refused_in_words(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        canonical_url(url)


def test_credentials_leave_the_address_as_given() -> None:
    assert without_credentials("https://u:p@example.com:81/a?b#c") == "https://example.com:81/a?b#c"


_url = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["example.com", "www.example.com", "WWW.www.Example.com.", "bücher.example", "user@x.example", "[::1]:80", "10.0.0.1"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="?#"), max_size=20).map(lambda t: "/" + t),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="#"), max_size=20).map(lambda t: "?" + t),
    st.text(max_size=5).map(lambda t: "#" + t),
)  # fmt: skip


@given(_url)
def test_canonicalising_is_idempotent(url: str) -> None:
    try:
        once = canonical_url(url)
    except ValueError:
        return
    assert canonical_url(once) == once
    assert once.isascii()
    assert once.startswith("https://")


@given(st.text())
def test_any_text_is_a_url_or_a_value_error(text: str) -> None:
    try:
        assert canonical_url(text).startswith(("http://", "https://"))
    except ValueError:
        assert not text.startswith("https://news.example/")
