from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import ClassVar

import pytest

from digest.errors import FetchError
from digest.fetching.fetched import Fetched
from digest.model import Incoming, SourceFailure
from digest.ports import Deferred, Gone, Known, Unchanged
from digest.settings import Settings
from digest.sources.feed import FeedSource
from digest.sources.feed_bytes import with_whole_characters

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
SETTINGS = Settings(fetch_allow_hosts=("127.0.0.1",), fetch_timeout_s=5, fetch_max_bytes=200_000)


def rss(*items: str, head: str = "<title>The Paper</title><link>https://paper.test/</link>", prolog: str = "") -> str:
    return f'<?xml version="1.0"?>{prolog}<rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'


def item(inner: str = "", *, title: str = "A title", link: str = "https://paper.test/a", guid: str = "") -> str:
    parts = [f"<{name}>{text}</{name}>" for name, text in (("title", title), ("link", link), ("guid", guid)) if text]
    return f"<item>{''.join(parts)}{inner}</item>"


@pytest.fixture
def read(tmp_path):
    async def read(feed: str | bytes, known=None, **options) -> list:
        path = tmp_path / "feed.xml"
        path.write_bytes(feed if isinstance(feed, bytes) else feed.encode())
        source = FeedSource(str(path), SETTINGS, clock=lambda: NOW, **options)
        return [found async for found in source.read(known or {})]

    return read


@pytest.fixture
def only(read):
    async def only(feed: str | bytes, **options):
        found = await read(feed, **options)
        assert len(found) == 1, found
        return found[0]

    return only


def remembered(found: list) -> dict[str, Known]:
    return {f.origin.key: Known(f.origin.revision, f.origin.stamp, f.article.id) for f in found if isinstance(f, Incoming)}


async def test_an_rss_entry_becomes_an_article(only):
    entry = item(
        "<pubDate>Mon, 02 Nov 2026 09:00:00 EST</pubDate>"
        "<description>&lt;p&gt;One &amp;amp; two.&lt;/p&gt;&lt;p&gt;Three.&lt;/p&gt;</description>"
        "<category>Ads</category><category>AI, Search</category>",
        title="AT&amp;amp;T&#8217;s bot",
        guid="g1",
    )
    found = await only(rss(entry), category="Trade press")
    article = found.article
    assert (article.title, article.publisher, article.url) == ("AT&T’s bot", "The Paper", "https://paper.test/a")
    assert article.published == datetime(2026, 11, 2, 14, tzinfo=UTC)
    assert article.body == "One & two.\n\nThree."
    assert (article.collected, article.notes) == (NOW, ())
    assert (found.assessment.tags, found.assessment.category) == (("Ads", "AI", "Search"), "Trade press")
    assert (found.assessment.score, found.assessment.provenance.tags) == (None, "source")
    assert found.origin.key == "g1"


async def test_an_atom_entry_becomes_an_article_with_its_full_content(only):
    found = await only(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://paper.test/blog/"><title>Paper</title>'
        '<entry><id>tag:1</id><title type="text">Use &lt;div&gt; &amp; &lt;p&gt;</title><link href="a/b"/>'
        "<updated>2026-11-02T08:00:00Z</updated><summary>Short.</summary>"
        '<content type="html">&lt;p&gt;Long and &lt;b&gt;bold&lt;/b&gt; text.&lt;/p&gt;'
        "&lt;script&gt;alert(1)&lt;/script&gt;</content>"
        '<content type="image/png">iVBORw0KGgo=</content></entry></feed>'
    )
    assert found.article.title == "Use <div> & <p>"
    assert found.article.url == "https://paper.test/blog/a/b"
    assert found.article.body == "Long and bold text."
    assert found.article.published == datetime(2026, 11, 2, 8, tzinfo=UTC)


async def test_the_publisher_that_an_aggregator_names_goes_before_the_feeds(only):
    source = '<source url="https://times.test">The Times</source>'
    found = await only(rss(item(source, title="A find - The Times"), head="<title>Search results</title>"))
    assert (found.article.publisher, found.article.title) == ("The Times", "A find")
    misused = await only(rss(item('<source url="x">A title</source>')))
    assert misused.article.publisher == "The Paper"


async def test_the_operators_name_for_a_publisher_goes_before_all(only):
    found = await only(rss(item('<source url="x">The Times</source>')), publisher="ABC News")
    assert found.article.publisher == "ABC News"


@pytest.mark.parametrize(
    ("title", "publisher"),
    [
        ("The Paper - RSS Feed", "The Paper"),
        ("Paper | Atom", "Paper"),
        ("Feed", "Feed"),
        ("", "paper.test"),
        ("Buzzfeed", "Buzzfeed"),
    ],
)
async def test_a_publisher_is_not_called_a_feed(only, title, publisher):
    assert (await only(rss(item(), head=f"<title>{title}</title>"))).article.publisher == publisher


async def test_the_second_reading_takes_only_what_is_new_or_changed(read):
    first = await read(
        rss(item(guid="1"), item(guid="2", link="https://paper.test/b"), item(guid="3", link="https://paper.test/c"))
    )
    again = await read(
        rss(
            item(guid="4", link="https://paper.test/d"),
            item(guid="1"),
            item(guid="2", title="New", link="https://paper.test/b"),
        ),
        remembered(first),
    )
    assert [type(f) for f in again] == [Gone, Incoming, Unchanged, Incoming]
    assert [f.key if isinstance(f, Gone) else f.origin.key for f in again] == ["3", "4", "1", "2"]


async def test_an_id_that_several_entries_share_does_not_make_them_one(read):
    found = await read(rss(item(guid="same"), item(guid="same", link="https://paper.test/b"), item(guid="same")))
    assert [f.origin.key for f in found] == ["https://paper.test/a", "https://paper.test/b"]


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "2099-01-01",
        "yesterday",
        "31/31/2026",
        "9" * 500,
        "Mon, 99 Nov 2026 99:99:99 GMT",
    ],
)
async def test_one_absurd_date_makes_one_article_undated_and_nothing_worse(read, date):
    fine = "<pubDate>Sun, 01 Nov 2026 10:00:00 +0200</pubDate>"
    bad, good = await read(rss(item(f"<pubDate>{date}</pubDate>", guid="1"), item(fine, guid="2", link="https://paper.test/b")))
    assert bad.article.published is None
    assert "makes no sense" in bad.article.notes[0]
    assert good.article.published == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert good.article.notes == ()


async def test_a_date_in_another_dialect_is_understood(only):
    found = await only(rss(item("<pubDate>2 novembre 2026 10:00</pubDate>")))
    assert found.article.published == datetime(2026, 11, 2, 10, tzinfo=UTC)


async def test_an_entry_without_a_title_is_called_by_its_first_words_with_a_note(only):
    found = await only(
        rss(
            item(
                "<description>One two three four five six seven eight nine ten eleven twelve thirteen</description>",
                title="",
            )
        )
    )
    assert found.article.title == "One two three four five six seven eight nine ten eleven twelve…"
    assert found.article.notes == ("it has no title; these are its first words",)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (item(link=""), "no link"),
        (item(link="", guid="just-an-id"), "no link"),
        (item(link="javascript:alert(1)"), "not http or https"),
        (item(title=""), "no title"),
        (item(link="http://"), "URL"),
    ],
)
async def test_an_entry_that_cannot_be_an_article_fails_alone(read, entry, reason):
    found = await read(rss(entry, item(guid="fine", link="https://paper.test/fine")))
    failures = [f for f in found if isinstance(f, SourceFailure)]
    assert [f.origin.key for f in found if isinstance(f, Incoming)] == ["fine"]
    assert len(failures) == 1
    assert reason in failures[0].reason
    assert "feed.xml, entry '" in failures[0].where


async def test_a_relative_link_is_resolved_and_where_it_cannot_be_that_is_said(only):
    assert (await only(rss(item(link="/x?y=1")))).article.url == "https://paper.test/x?y=1"
    failure = await only(rss(item(link="/x"), head="<title>No home</title>"))
    assert failure.reason == "its link is relative, and the feed does not say to what"


async def test_the_publishers_own_address_goes_before_a_click_counters(only):
    feed = rss(item("<f:origLink>https://paper.test/real</f:origLink>", link="https://feeds.test/~r/1"))
    found = await only(feed.replace("<rss ", '<rss xmlns:f="http://rssnamespace.org/feedburner/ext/1.0" '))
    assert found.article.url == "https://paper.test/real"


async def test_long_categories_are_no_tags_and_that_is_noted(only):
    found = await only(
        rss(item(f"<category>{'long ' * 20}</category><category>https://x.test/</category><category>ok</category>"))
    )
    assert found.assessment.tags == ("ok",)
    assert "1 left out" in found.article.notes[0]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b" \n ", "it is empty"),
        (b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>no</body></html>", "an HTML page"),
        (b"<!-- hello -->\n<HTML lang='en'><body><p>Not found", "an HTML page"),
        (b'{"version": "https://jsonfeed.org/version/1"}', "JSON"),
        (b"Just a sentence.", "neither RSS nor Atom"),
        (b"\x1f\x8b\x08\x00rubbish", "compressed"),
        (os.urandom(5000), "feed"),
        (b"<?xml version='1.0'?><opml><body/></opml>", "neither RSS nor Atom"),
        (b"<?xml version='1.0'?><rss version='2.0'><channel><title>cut", "broken"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1000), "feed"),
    ],
)
async def test_what_is_no_feed_is_one_failure_that_says_what_it_is(only, data, reason):
    found = await only(data)
    assert isinstance(found, SourceFailure)
    assert reason in found.reason or "neither RSS nor Atom" in found.reason


async def test_an_empty_feed_is_no_failure(read):
    assert await read(rss()) == []


async def test_a_broken_feed_gives_what_it_has_with_a_note(read):
    found = await read(
        rss(item(guid="1"), item(guid="2", link="https://paper.test/b")).replace("</item></channel></rss>", "</itme>")
    )
    assert [f.origin.key for f in found] == ["1", "2"]
    assert all("its feed is broken: line 1" in f.article.notes[0] for f in found)


async def test_undefined_entities_and_controls_do_no_harm(only):
    found = await only(rss(item("<description>a&nbsp;b &bogus; \x01 c</description>", title="T&eacute;l\x02e")))
    assert found.article.title == "Téle"
    assert "\x01" not in found.article.body


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("utf-8", "utf-8"),
        ("iso-8859-1", "iso-8859-1"),
        ("windows-1252", "windows-1252"),
        ("iso-8859-1", "utf-8"),
        ("us-ascii", "utf-8"),
        ("utf-16", "utf-16"),
        ("bogus", "utf-8"),
    ],
)
async def test_text_is_read_in_what_it_is_written_in_whatever_it_declares(only, declared, written):
    feed = rss(item(title="Café – naïve")) if written != "iso-8859-1" else rss(item(title="Café - naïve"))
    found = await only(feed.replace('version="1.0"', f'version="1.0" encoding="{declared}"', 1).encode(written))
    assert found.article.title.startswith("Café")
    assert found.article.title.endswith("naïve")


async def test_entities_do_not_explode_and_no_file_is_opened(only, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("TOP SECRET")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    prolog = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{laughs}<!ENTITY x SYSTEM "file://{secret}">]>'
    found = await only(rss(item("<description>&l9; &x; end</description>"), prolog=prolog))
    said = repr(found)
    assert len(said) < 20_000
    assert "TOP SECRET" not in said


async def test_a_feed_that_names_a_file_instead_of_being_one_does_not_open_it(only, tmp_path):
    secret = tmp_path / "other.xml"
    secret.write_text(rss(item()))
    assert isinstance(await only(str(secret)), SourceFailure)


async def test_a_deeply_nested_feed_is_isolated(read):
    assert await read(rss(item("<description>" + "<div>" * 5_000 + "</description>")))
    assert await read("<a>" * 20_000)


async def test_a_file_over_the_limit_is_refused(only):
    failure = await only(rss(item("x" * 200_000)))
    assert "more than the 200,000 allowed" in failure.reason


async def test_a_file_that_is_still_being_written_waits(tmp_path):
    path = tmp_path / "feed.xml"
    source = FeedSource(str(path), SETTINGS)
    with path.open("w") as file:
        file.write(rss(item())[:100])
        file.flush()
        assert [type(f) async for f in source.read({})] == [Deferred]
        file.write(rss(item())[100:])
    assert [type(f) async for f in source.read({})] == [Incoming]


async def test_a_missing_file_and_a_folder_are_failures(tmp_path):
    for path, reason in ((tmp_path / "none.xml", "no such file"), (tmp_path, "directory")):
        (found,) = [f async for f in FeedSource(str(path), SETTINGS).read({})]
        assert reason in found.reason


def test_every_way_to_write_a_path_is_one_source(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {FeedSource(p, SETTINGS).name for p in ("a.xml", "./a.xml", str(tmp_path / "a.xml"))}
    assert len(names) == 1
    assert FeedSource(" https://a.test/feed ", SETTINGS).name == "feed:https://a.test/feed"


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://a.test/feed", "http://127.0.0.2:1/feed", "http://user:pw@a.test/"]
)
async def test_an_address_that_may_not_be_fetched_is_a_failure(location):
    (found,) = [f async for f in FeedSource(location, SETTINGS).read({})]
    assert isinstance(found, SourceFailure)
    assert "pw" not in f"{found.reason}"


async def test_a_feed_is_fetched_and_its_links_resolved_against_where_it_was_found(httpserver):
    httpserver.expect_request("/old").respond_with_data("", status=301, headers={"Location": "/blog/feed"})
    feed = rss(item(link="post/1", title="Caf\xe9"), head="<title>P</title>").encode("latin-1")
    httpserver.expect_request("/blog/feed").respond_with_data(feed, content_type="text/xml; charset=iso-8859-1")
    source = FeedSource(httpserver.url_for("/old").replace("localhost", "127.0.0.1"), SETTINGS)
    (found,) = [f async for f in source.read({})]
    assert found.article.url.endswith("/blog/post/1")
    assert found.article.title == "Café"


async def test_a_server_that_refuses_is_a_failure_with_its_status(httpserver):
    httpserver.expect_request("/").respond_with_data("", status=503, headers={"Retry-After": "60"})
    (found,) = [f async for f in FeedSource(httpserver.url_for("/").replace("localhost", "127.0.0.1"), SETTINGS).read({})]
    assert "503" in found.reason


async def test_many_feeds_can_share_one_way_of_fetching():
    class Shared:
        asked: ClassVar[list[str]] = []

        async def fetch(self, url, headers=None):
            self.asked.append(url)
            if "bad" in url:
                raise FetchError("it is not to be had", remedy="Try again.")
            return Fetched(url, url, 200, {}, rss(item()).encode())

    shared = Shared()
    found = [
        f for u in ("https://a.test/", "https://bad.test/") async for f in FeedSource(u, SETTINGS, fetcher=shared).read({})
    ]
    assert [type(f) for f in found] == [Incoming, SourceFailure]
    assert found[1].reason == "it is not to be had. Try again."
    assert len(shared.asked) == 2


def test_importing_the_source_brings_neither_aiohttp_nor_feedparser():
    import subprocess

    heavy = "{'aiohttp', 'feedparser', 'dateparser'}"
    code = f"import sys, digest.sources.feed, digest.sources.jsonl; print(sorted({heavy} & set(sys.modules)))"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"


async def test_an_encoding_that_hides_markup_is_not_followed(only):
    hidden = rss(item(title=r"\x3cb\x3eT +ADw-b+AD4-"))
    for encoding in ("unicode_escape", "punycode", "rot13"):
        found = await only(hidden.replace('"1.0"', f'"1.0" encoding="{encoding}"', 1))
        assert found.article.title == r"\x3cb\x3eT +ADw-b+AD4-"
    assert "utf-7, which is not read" in (await only(hidden.replace('"1.0"', '"1.0" encoding="utf-7"', 1))).reason


async def test_entities_that_feeds_declare_for_single_characters_still_work(only):
    prolog = '<!DOCTYPE rss [\n<!ENTITY nbsp "&#160;">\n<!ENTITY eacute "é">\n]>'
    found = await only(rss(item(title="Caf&eacute;&nbsp;X"), prolog=prolog))
    assert found.article.title == "Café X"


async def test_a_feed_of_declarations_is_refused(only):
    declared = "".join(f'<!ENTITY e{n} "x">' for n in range(301))
    assert "more than 300 entities" in (await only(rss(item(), prolog=f"<!DOCTYPE rss [{declared}]>"))).reason


async def test_a_feed_full_of_nonsense_for_dates_takes_no_longer_than_it_must(read):
    entries = [item(f"<pubDate>nonsense {n}</pubDate>", link=f"https://paper.test/{n}") for n in range(1500)]
    found = await read(rss(*entries))
    assert [f.article.published for f in found] == [None] * 1500


async def test_an_emoji_written_in_two_halves_is_one_and_half_a_character_is_none(only):
    title = "A &#55357;&#56832; B &#xD83D;&#xDE80; C &#xD83D; D &#55296; E &#x110000; F &#99999999999999999999; &#x1F916;"
    assert (await only(rss(item(title=title)))).article.title == "A 😀 B 🚀 C D E F 🤖"


@pytest.mark.parametrize("number", [38, 60, 8217, 0xD7FF, 0xE000, 0x10FFFD])
def test_references_to_characters_are_left_as_they_are(number):
    references = b"&#%d;&#x%x;&#x%08x;" % (number, number, number)
    assert with_whole_characters(references) == references
    assert unescape(with_whole_characters(references + b"&#xD800;").decode()) == chr(number) * 3


async def test_one_address_that_is_none_fails_its_entry_and_not_the_feed(read):
    found = await read(rss(item(link="http://[", guid="1"), item(guid="2")))
    assert sorted(type(f).__name__ for f in found) == ["Incoming", "SourceFailure"]


@pytest.mark.parametrize(
    ("given", "author"),
    [
        ("Paul Davis", "Paul Davis"),
        ("a@b.test (A. Writer)", "A. Writer"),
        ("A. Writer (a@b.test)", "A. Writer"),
        ("captain (hidden)", "captain"),
        ("a@b.test", ""),
        ("A &amp;amp; B", "A & B"),
        ("Kim (The Paper)", "Kim (The Paper)"),
    ],
)
async def test_an_author_is_a_name_and_no_address_to_write_to(only, given, author):
    found = await only(rss(item(f"<author>{given}</author>")))
    assert found.article.author == author
