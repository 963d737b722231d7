"""The fast way and feedparser, held against each other: equal, entry for entry, or the fast way declines."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SourceError
from digest.sources.entries import ParsedFeed
from digest.sources.fast_entries import READ
from digest.sources.fast_parsing import parse_fast, read_fast
from digest.sources.feed_dates import instant
from digest.sources.feed_names import HOLDERS, KEPT, NAMESPACES, PASSED_OVER, TREATED, Unusual
from digest.sources.feed_parsing import parse_feed
from tests.data import data
from tests.feed_samples import FAST, SAMPLES, atom, rdf, rss

URLS = ("", "https://feeds.test/dir/feed.xml?x=1")


def by_feedparser(feed: bytes, url: str = "", charset: str = "") -> ParsedFeed | str:
    try:
        return parse_feed(feed, url=url, charset=charset)
    except SourceError as error:
        return str(error)


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("name", SAMPLES)
def test_both_ways_say_the_same_of_every_dialect(name, url):
    feed = SAMPLES[name].encode()
    fast = parse_fast(feed, url=url)
    assert fast is None or fast == by_feedparser(feed, url)


@pytest.mark.parametrize("name", FAST)
def test_what_is_well_formed_and_ordinary_goes_the_fast_way(name):
    assert read_fast(FAST[name].encode()).entries


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "shift_jis", "utf-8"])
@pytest.mark.parametrize("declared", ["", "utf-8", "iso-8859-1"])
@pytest.mark.parametrize("charset", ["", "iso-8859-1", "utf-8", "nonsense"])
def test_both_ways_read_the_same_letters_in_every_encoding(encoding, declared, charset):
    text = f'<?xml version="1.0" encoding="{declared}"?><rss>' if declared else "<rss>"
    feed = f"{text}<channel><item><title>Ä ’ é 日本</title></item></channel></rss>".encode(encoding, "xmlcharrefreplace")
    fast = parse_fast(feed, charset=charset)
    assert fast is None or fast == by_feedparser(feed, charset=charset)


def test_both_ways_say_the_same_of_real_feeds_and_nearly_all_go_the_fast_way():
    feeds = {path.name: path.read_bytes() for path in sorted(data("feeds").iterdir())}
    for url in URLS:
        fast = {name: parse_fast(feed, url=url) for name, feed in feeds.items()}
        taken = [name for name in feeds if fast[name] is not None]
        assert [name for name in taken if fast[name] != by_feedparser(feeds[name], url)] == []
        assert len(taken) >= 0.9 * len(feeds)


def test_every_element_that_feedparser_treats_is_known():
    from feedparser.mixin import _FeedParserMixin as Mixin

    treated = {name.split("_", 2)[2] for name in dir(Mixin) if name.startswith(("_start_", "_end_"))}
    assert treated == TREATED
    assert PASSED_OVER <= TREATED
    assert HOLDERS <= PASSED_OVER
    assert {namespace.lower(): prefix for namespace, prefix in Mixin.namespaces.items() if namespace} == NAMESPACES


def test_every_name_by_which_feedparser_keeps_what_we_read_is_known():
    from feedparser.util import FeedParserDict

    read = {"id", "link", "links", "title_detail", "source", "published", "published_parsed", "updated", "updated_parsed"}
    read |= {"content", "summary", "tags", "author", "authors", "entries", "feedburner_origlink", "title", "language"}
    aliases = {name for name, real in FeedParserDict.keymap.items() if read & set(real if isinstance(real, list) else [real])}
    assert (read | aliases) - KEPT - TREATED - READ.keys() - {"channel"} == set()


_WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from("&<>'\" é\x85\xa0\n"), max_size=30
)
_DATES = (
    st.datetimes().map(lambda d: d.isoformat() + "Z")
    | st.datetimes().map(lambda d: d.strftime("%a, %d %b %Y %H:%M:%S %z"))
    | _WORDS
)


def _element(name: str, content: st.SearchStrategy[str], attributes: str = "") -> st.SearchStrategy[str]:
    plain = content.map(escape)
    twice = content.map(escape).map(escape)
    section = content.filter(lambda t: "]]>" not in t).map(lambda t: f"<![CDATA[{t}]]>")
    return (plain | twice | section).map(lambda text: f"<{name}{attributes}>{text}</{name.split(maxsplit=1)[0]}>")


_LINKS = st.sampled_from(["https://p.test/a?b=1&c=2", "/rel", "HTTP://P.test/é", "", "urn:x", "p q"]) | _WORDS
_RSS_PARTS = st.one_of(
    _element("title", _WORDS),
    _element("link", _LINKS),
    _element("guid", _LINKS),
    _element("guid isPermaLink='false'", _WORDS),
    _element("pubDate", _DATES),
    _element("dc:date", _DATES),
    _element("description", _WORDS),
    _element("content:encoded", _WORDS),
    _element("itunes:summary", _WORDS),
    _element("media:description", _WORDS),
    _element("media:title", _WORDS),
    _element("category", _WORDS),
    _element("category domain='d'", _WORDS),
    _element("dc:creator", _WORDS),
    _element("author", _WORDS),
    _element("source url='s'", _WORDS),
    _element("x:other", _WORDS),
    st.just("<atom:link href='https://p.test/atom'/>"),
    st.just("<enclosure url='e'/>"),
)
_ATOM_PARTS = st.one_of(
    _element("title", _WORDS),
    _element("title type='html'", _WORDS),
    _element("id", _LINKS),
    _LINKS.map(lambda link: f'<link href="{escape(link)}"/>'),
    _element("updated", _DATES),
    _element("published", _DATES),
    _element("summary", _WORDS),
    _element("content type='html'", _WORDS),
    _WORDS.map(
        lambda text: f"<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>{escape(text)}</p></div></content>"
    ),
    _WORDS.map(lambda text: f"<category term='{escape(text)}' label='L'/>"),
    _WORDS.map(lambda text: f"<author><name>{escape(text)}</name></author>"),
)


@given(
    st.lists(st.lists(_RSS_PARTS, max_size=8).map("".join), min_size=1, max_size=3),
    st.sampled_from([rss, rdf]),
    st.sampled_from(URLS),
)
def test_both_ways_say_the_same_of_any_rss(items, make, url):
    feed = make(*items).encode("utf-8")
    fast = parse_fast(feed, url=url)
    assert fast is None or fast == by_feedparser(feed, url)


@given(st.lists(st.lists(_ATOM_PARTS, max_size=8).map("".join), min_size=1, max_size=3), st.sampled_from(URLS))
def test_both_ways_say_the_same_of_any_atom(entries, url):
    feed = atom(*entries).encode("utf-8")
    fast = parse_fast(feed, url=url)
    assert fast is None or fast == by_feedparser(feed, url)


@given(
    st.datetimes().map(lambda d: d.isoformat(" "))
    | st.from_regex(
        r"\A(?:Mon|Tuesday|Sat),? [0-9]{1,2} (?:Jan|Oct|September) [0-9]{4} [0-9]{2}:[0-9]{2}(?::[0-9]{2})? (?:[+-][0-9]{4}|[A-Z]{1,5})\Z"
    )
    | st.from_regex(
        r"\A[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?\Z"
    )
)
def test_a_date_is_the_instant_that_feedparser_reads_or_none(text):
    from feedparser.datetimes import _parse_date

    found = instant(text)
    assert found is None or found.timetuple()[:6] == tuple(_parse_date(text))[:6]


_USUAL = st.datetimes().flatmap(
    lambda d: st.sampled_from(
        [f"{d:%a, %d %b %Y %H:%M:%S} {zone}" for zone in ("GMT", "UTC", "+0000", "-0000", "Z", "+0100")]
        + [f"{d:%Y-%m-%dT%H:%M:%S}Z"]
    )
)


@given(_USUAL, st.lists(st.tuples(st.integers(0, 30), st.sampled_from("0123456789:-+ TZ,.GM²٣")), max_size=3))
def test_a_date_written_as_nearly_all_are_is_read_as_any_other(text, slips):
    from digest.sources import feed_dates

    for at, character in slips:
        text = text[:at] + character + text[at + 1 :]
    usual, feed_dates._usual = feed_dates._usual, lambda _: ""
    try:
        read = instant(text)
    finally:
        feed_dates._usual = usual
    assert instant(text) == read


_BOMB = (
    '<!DOCTYPE r [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {c} "{f"&{b};" * 10}">' for b, c in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    "feed",
    [
        _BOMB + "<rss><channel><item><title>&i;</title></item></channel></rss>",
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&x;</title></item></channel></rss>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd" [<!ATTLIST r a CDATA "b">]><rss><channel><item><title>A</title></item></channel></rss>',
        "<!-- <item> -->" + _BOMB + "<rss><channel><item><title>&i;</title></item></channel></rss>",
    ],
)
def test_a_feed_that_declares_entities_does_not_go_the_fast_way(feed):
    assert parse_fast(feed.encode()) is None


@pytest.mark.parametrize(
    "feed",
    [
        rss("<title>A</title><author><a href='x'>A. Writer</a></author>"),
        rss("<title>A</title><author><x:y/><name>A. Writer</name></author>"),
        rss("<title>A</title>", head="<link>https://p.test/?a=1&amp;amp;b=2</link>"),
        rss("<title>A</title><link>https://p.test/?a=1&amp;amp;b=2&amp;c;=3</link>"),
        rss("<title>A</title>", head="<image><name>N</name><title>Image</title></image>"),
        rss("<title>A</title>", head="<x:y><language>en-gb</language></x:y>"),
        rss("<title>A</title>", head="<textInput><name>N</name><title>Input</title></textInput>"),
    ],
)
def test_both_ways_say_the_same_of_what_fuzzing_found(feed):
    fast = parse_fast(feed.encode())
    assert fast is None or fast == by_feedparser(feed.encode())


@pytest.mark.parametrize("data", [b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xff\xfe\x00\x00", b"\x00", b"<"])
def test_a_file_of_hardly_a_byte_is_refused_in_words(data):
    assert isinstance(by_feedparser(data), str)
    assert parse_fast(data) is None


_NO_DECLARATIONS = '<!DOCTYPE rss PUBLIC "-//X//DTD RSS 0.91//EN" "http://127.0.0.1:1/x.dtd">'


@pytest.mark.parametrize(
    "before", ['<?xml version="1.0"?>', '<?xml version="1.0" encoding="ISO-8859-1" standalone="no"?>\n', "", "<!-- x -->\n"]
)
@pytest.mark.parametrize("doctype", [_NO_DECLARATIONS, "<!DOCTYPE rss>\n\n", _NO_DECLARATIONS.replace("//X//", "//Netscape//")])
@pytest.mark.parametrize(
    "feed", [rss("<title>A &amp; &#8217; b</title>"), rss("<title>A&nbsp;b</title>"), atom("<title>A</title>")]
)
def test_a_document_type_without_declarations_changes_nothing(before, doctype, feed):
    whole = (before + doctype + feed.removeprefix('<?xml version="1.0"?>')).encode()
    fast = parse_fast(whole)
    assert fast is None or fast == by_feedparser(whole)
    usual = (before == "" or before.endswith("\n")) and "Netscape" not in doctype and "nbsp" not in feed
    assert fast is not None or not usual


@pytest.mark.parametrize(
    "date", ["2026-02-15 08:07:34", "02 Nov 2026", "2026/11/02 10:00", "2026-11", "20261102", "1 Nov 26 9:00"]
)
def test_a_date_of_a_rarer_dialect_is_read_as_feedparser_reads_it(date):
    feed = rss(f"<title>A</title><pubDate>{date}</pubDate>").encode()
    assert read_fast(feed) == by_feedparser(feed)


@pytest.mark.parametrize(
    "inner",
    [
        "<a>" * 200_000 + "</a>" * 200_000,
        "<content type='xhtml'>" + "<p>" * 50_000 + "</p>" * 50_000 + "</content>",
        "<media:group xmlns:media='http://search.yahoo.com/mrss/'>" * 50_000 + "</media:group>" * 50_000,
        "".join(f"<category>{n}</category>" for n in range(50_000)),
        "<a/>" * 1_600_000,
    ],
)
def test_what_no_feed_holds_is_declined_without_delay_or_recursion(inner):
    feed = f"<rss><channel><item><title>A</title>{inner}</item></channel></rss>".encode()
    with pytest.raises(Unusual):
        read_fast(feed)


def test_an_entry_that_names_no_link_has_its_id_and_says_so():
    feed = rss("<guid>12345</guid><title>A</title>", "<guid>x</guid><title>A</title><link>https://p.test/a</link>").encode()
    for parsed in (parse_fast(feed), by_feedparser(feed)):
        assert [(e.link, e.linked) for e in parsed.entries] == [("12345", False), ("https://p.test/a", True)]


def test_fifty_thousand_entries_go_the_fast_way():
    item = "<item><title>A title</title><link>https://p.test/a</link><pubDate>Mon, 02 Nov 2026 09:00:00 GMT</pubDate></item>"
    assert len(read_fast(f"<rss><channel>{item * 50_000}</channel></rss>".encode()).entries) == 50_000
