from __future__ import annotations

from base64 import urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.stories.urls import MAX_URL_CHARS, canonical_url, unwrapped, without_credentials

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
    ("https://example.com/#!/a", "https://example.com/#!/b"),
    ("https://example.com/#/a", "https://example.com/"),
    ("https://example.com/de/a", "https://example.com/a"),
    ("https://example.com/a?lang=de", "https://example.com/a"),
    ("https://youtu.be/dQw4w9WgXcQ", "https://youtu.be/dQw4w9WgXcR"),
]


PAGE = "https://example.com/2026/a-story-of-ai?id=1"
WRAPPED = [
    f"https://www.google.com/url?q={quote(PAGE, safe='')}&sa=U&ved=2ah",
    f"https://www.google.co.uk/url?rct=j&url={quote(PAGE, safe='')}&ct=ga",
    f"https://l.facebook.com/l.php?u={quote(PAGE + '&fbclid=x', safe='')}&h=AT0",
    f"https://www.facebook.com/l.php?u={quote(PAGE, safe='')}",
    f"https://t.umblr.com/redirect?z={quote(PAGE, safe='')}&t=abc",
    f"https://slack-redir.net/link?url={quote(PAGE, safe='')}",
    f"https://nam12.safelinks.protection.outlook.com/?url={quote(PAGE, safe='')}&data=05&reserved=0",
    f"https://urldefense.proofpoint.com/v1/url?u={quote(PAGE, safe='')}&k=abc",
    "https://urldefense.proofpoint.com/v2/url?u=https-3A__example.com_2026_a-2Dstory-2Dof-2Dai-3Fid-3D1&d=DwMFaQ&c=x",
    f"https://urldefense.com/v3/__{PAGE}__;!!Abc!xyz$",
    f"https://urldefense.com/v3/__{PAGE}#section__;!!Abc!xyz$",
    f"https://urldefense.com/v3/__{PAGE}*section__;Iw!!Abc!xyz$",
    "https://urldefense.com/v3/__https:/example.com/2026/a-story*of-ai?id=1__;LQ!!Abc!xyz$",
    "https://www.bing.com/ck/a?!&&p=1&u=a1" + urlsafe_b64encode(PAGE.encode()).decode().rstrip("=") + "&ntb=1",
    f"https://www.linkedin.com/redir/redirect?url={quote(PAGE, safe='')}&urlhash=1",
    f"https://www.youtube.com/redirect?event=x&q={quote(PAGE, safe='')}",
    f"https://duckduckgo.com/l/?uddg={quote(PAGE, safe='')}&rut=1",
    f"https://aggregator.example/redirect?url={quote(PAGE, safe='')}",
    "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/2026/a-story-of-ai/amp/?id=1",
    "https://cdn.ampproject.org/v/s/www.example.com/2026/a-story-of-ai?id=1&amp_js_v=0.1&usqp=mq331AQ",
    "https://www.google.com/amp/s/amp.example.com/2026/a-story-of-ai?id=1",
]
VARIANTS = [
    ("https://example.com/a-story-of-ai/amp/", "https://example.com/a-story-of-ai"),
    ("https://example.com/amp/a-story-of-ai", "https://example.com/a-story-of-ai"),
    ("https://example.com/a-story.amp.html", "https://example.com/a-story.html"),
    ("https://example.com/a-story?amp=1", "https://example.com/a-story"),
    ("https://example.com/a-story?amp", "https://example.com/a-story"),
    ("https://example.com/a-story?outputType=amp", "https://example.com/a-story"),
    ("https://amp.example.com/a", "https://www.example.com/a"),
    ("https://m.example.com/a", "https://example.com/a"),
    ("https://mobile.example.com/a", "https://example.com/a"),
    ("https://www.m.example.com/a", "https://example.com/a"),
    ("https://en.m.wikipedia.org/wiki/AI", "https://en.wikipedia.org/wiki/AI"),
    ("https://example.com/a/index.html", "https://example.com/a/"),
    ("https://example.com/index.php", "https://example.com"),
    ("https://example.com/2026/a-story-of-ai?print=1", "https://example.com/2026/a-story-of-ai"),
    ("https://youtu.be/dQw4w9WgXcQ?si=x&t=42", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
    ("https://www.youtube.com/embed/dQw4w9WgXcQ", "https://m.youtube.com/watch?v=dQw4w9WgXcQ&feature=share"),
    ("https://x.com/a/status/1?s=20&t=abc", "https://x.com/a/status/1"),
    ("https://example.com/a/%2e./b", "https://example.com/b"),
]
KEPT = [
    "https://m.example/a",
    "https://m.co.uk/a",
    "https://mobile.de/a",
    "https://amp.dev/a",
    "https://amp.github.io/a",
    "https://example.com/tag/amp",
    "https://example.com/amp",
    "https://example.com/a?amp=2",
    "https://shop.example/products?print=1",
    "https://example.com/#!/a",
    "https://example.com/#/a",
    "https://example.com/a?page=2",
    "https://feedproxy.google.com/~r/blog/~3/abc",
    "https://translate.google.com/translate?u=https%3A%2F%2Fexample.com%2Fa",
    "https://example.net/share?url=https%3A%2F%2Fexample.com%2Fa",
    "https://web.archive.org/web/2026/https://example.com/a",
    "https://youtube.com/watch?list=PL1&v=dQw4w9WgXcQ",
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


@pytest.mark.parametrize("url", WRAPPED)
def test_a_redirector_that_carries_its_target_is_the_target(url: str) -> None:
    assert canonical_url(url) == PAGE


def test_unwrapped_is_the_address_as_the_redirector_carries_it() -> None:
    carried = "http://www.paper.test/A/?b=1&utm_source=x"
    assert unwrapped(wrapped(carried, 2)) == carried
    assert unwrapped(carried) == carried
    assert unwrapped(wrapped(carried, 4)) == wrapped(carried, 4)


@pytest.mark.parametrize(("one", "two"), VARIANTS)
def test_another_way_to_see_a_page_is_the_page(one: str, two: str) -> None:
    assert canonical_url(one) == canonical_url(two)


@pytest.mark.parametrize("url", KEPT)
def test_what_may_be_a_page_of_its_own_stays(url: str) -> None:
    assert canonical_url(url) == url


@pytest.mark.parametrize(
    "name", ["utm_source", "UTM_Medium", "fbclid", "gclid", "mc_eid", "_hsenc", "mkt_tok", "ScCid", "srsltid", "at_custom1"]
)
def test_what_follows_people_around_goes(name: str) -> None:
    assert canonical_url(f"https://example.com/a?b=1&{name}=x") == "https://example.com/a?b=1"


@pytest.mark.parametrize(
    "name", ["id", "p", "v", "page", "q", "ref", "source", "cid", "s", "t", "r", "m", "lang", "tag", "amp_year"]
)
def test_what_a_page_may_depend_on_stays(name: str) -> None:
    assert canonical_url(f"https://example.com/a?{name}=x7") == f"https://example.com/a?{name}=x7"


def wrapped(url: str, times: int, by: str = "https://www.google.com/url?q=") -> str:
    for _ in range(times):
        url = by + quote(url, safe="")
    return url


def test_three_redirectors_in_one_another_are_followed_and_no_more() -> None:
    assert canonical_url(wrapped(PAGE, 3)) == PAGE
    deeper = canonical_url(wrapped(PAGE, 4))
    assert deeper.startswith("https://google.com/url?q=")
    assert canonical_url(deeper) == deeper


@pytest.mark.parametrize(
    "aim",
    ["", "javascript:alert(1)", "//example.com/a", "/a", "ftp://example.com/a", "https://", "https:///a", "https://exa mple.com/",
     "http://[::1", "https://example.com:99999/", "data:text/html,x", "https://" + "a" * 9_000],
)  # fmt: skip
def test_a_redirector_to_no_web_address_is_left_as_it_is(aim: str) -> None:
    for by in ("https://www.google.com/url?q=", "https://l.facebook.com/l.php?u=", "https://example.net/redirect?url="):
        try:
            assert canonical_url(by + quote(aim, safe="")).startswith(
                ("https://google.com/url", "https://l.facebook.com/l.php", "https://example.net/redirect")
            )
        except ValueError as error:
            assert "longer than" in str(error)


def test_a_page_that_looks_like_a_redirector_is_only_followed_to_another_host() -> None:
    assert canonical_url("https://example.net/redirect?url=https%3A%2F%2Fexample.net%2Fa") != canonical_url(
        "https://example.net/a"
    )


def test_what_an_address_escapes_itself_stays_escaped_inside_a_redirector() -> None:
    assert canonical_url("https://urldefense.com/v3/__https://example.com/it%27s-news__;!!x$") == canonical_url(
        "https://example.com/it%27s-news"
    )


@pytest.mark.parametrize(
    "url",
    ["https://urldefense.com/v3/__https://example.com/a*b__;!!x", "https://urldefense.com/v3/__https://example.com/a*b#c__;Kg!!x", "https://urldefense.com/v3/__#x",
     "https://urldefense.com/v3/__https://example.com/a**~b__;Kw!!x",
     "https://www.bing.com/ck/a?u=a1%%%", "https://www.bing.com/ck/a?u=a1/w", "https://urldefense.proofpoint.com/v2/url?u=-ZZ_&d=x",
     "https://cdn.ampproject.org/c/s/", "https://www.google.com/amp/s/", "https://href.li/?"],
)  # fmt: skip
def test_a_broken_redirector_raises_nothing(url: str) -> None:
    assert canonical_url(canonical_url(url)) == canonical_url(url)


_url = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["example.com", "www.example.com", "WWW.www.Example.com.", "bücher.example", "user@x.example", "[::1]:80", "10.0.0.1"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="?#"), max_size=20).map(lambda t: "/" + t),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="#"), max_size=20).map(lambda t: "?" + t),
    st.text(max_size=5).map(lambda t: "#" + t),
)  # fmt: skip


_PARTS = st.sampled_from(
    ["amp", "index.html", "a-b-c", "2026", "x.amp", "x.amp.html", "..", ".", "%2e%2E", ".%2e", "", "url", "redirect", "watch", "embed", "dQw4w9WgXcQ", "v3", "__https:"]
)  # fmt: skip
_QUERIES = st.sampled_from(
    ["utm_source=x", "amp=1", "amp", "print=1", "id=1", "v=dQw4w9WgXcQ", "url=https%3A%2F%2Fm.example.com%2Famp%2Fa-b-c", "u=http://x.example/%3Fa=b",
     "q=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fexample.com%252Fa", "b", "=", "a=%41%2f"]
)  # fmt: skip
_HOSTS = st.sampled_from(
    ["example.com", "www.google.com", "m.youtube.com", "youtu.be", "l.facebook.com", "amp.www.m.example.com", "m.co.uk", "x.cdn.ampproject.org", "urldefense.com",
     "en.m.wikipedia.org", "href.li", "go.example.com"]
)  # fmt: skip
_likely = st.builds(
    lambda host, path, query, fragment: f"http://{host}/{'/'.join(path)}?{'&'.join(query)}#{fragment}",
    _HOSTS, st.lists(_PARTS, max_size=5), st.lists(_QUERIES, max_size=4), st.sampled_from(["", "!a", "/b", "c"]),
)  # fmt: skip


@given(
    st.one_of(
        _url,
        _likely,
        _likely.map(lambda u: wrapped(u, 2)),
        _likely.map(lambda u: wrapped(u, 1, "https://x.example/redirect?url=")),
    )
)
def test_canonicalising_is_idempotent(url: str) -> None:
    try:
        once = canonical_url(url)
    except ValueError:
        return
    assert canonical_url(once) == once
    assert canonical_url(unwrapped(url)) == once
    assert once.isascii()
    assert once.startswith("https://")


@given(st.text())
def test_any_text_is_a_url_or_a_value_error(text: str) -> None:
    try:
        assert canonical_url(text).startswith(("http://", "https://"))
    except ValueError:
        assert not text.startswith("https://news.example/")
