from __future__ import annotations

import pytest

from digest.errors import FetchError, SourceError
from digest.feeds.discovery import MOST_REQUESTS, Found, discover, well_known
from digest.reaching import open_feed_finder
from digest.settings import Settings
from digest.sources.feed_looking import Given, look
from tests.feed_server import feed_server, item, rss

PAGE = "https://site.example/blog/"


def link(href: str, title: str = "", kind: str = "application/rss+xml", rel: str = "alternate") -> str:
    return f'<link rel="{rel}" type="{kind}" title="{title}" href="{href}">'


def urls(html: str, base: str = PAGE) -> list[str]:
    return [f.url for f in discover(html, base)]


# Reading a page


def test_the_feeds_of_the_head_are_found_with_their_titles_before_links():
    html = f"<head>{link('/rss.xml', 'The Site')}{link('atom', 'As Atom', 'application/atom+xml; charset=utf-8')}</head><a href='/feed'>RSS</a>"
    assert discover(html, PAGE) == (
        Found("https://site.example/rss.xml", "The Site"),
        Found("https://site.example/blog/atom", "As Atom"),
        Found("https://site.example/feed", "RSS"),
    )


def test_feeds_of_comments_come_last():
    html = link("/comments/feed", "Site » Comments Feed") + link("/a/feed", "Site » Comments") + link("/feed", "Site")
    assert urls(html)[0] == "https://site.example/feed"


def test_what_is_no_feed_is_not_found():
    html = link("/x", kind="text/html") + link("/y", rel="stylesheet") + link("/z", kind="application/json")
    assert urls(html + "<a href='/about'>a</a><a href='/feedback'>b</a><a href='/sitemap.xml'>c</a>") == []


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("feed.xml", "https://site.example/blog/feed.xml"),
        ("../feed", "https://site.example/feed"),
        ("//feeds.other.example/site", "https://feeds.other.example/site"),
        ("?feed=rss2", "https://site.example/blog/?feed=rss2"),
        ("feed:https://other.example/f", "https://other.example/f"),
        ("feed://other.example/f", "https://other.example/f"),
        ("  /f#top\n", "https://site.example/f"),
        ("/f?a=1&amp;b=2", "https://site.example/f?a=1&b=2"),
        ("javascript:alert(1)", ""),
        ("data:application/rss+xml,x", ""),
        ("file:///etc/passwd", ""),
        ("mailto:kim@site.example", ""),
        ("https://kim:secret@site.example/f", ""),
        ("http://[::1", ""),
        ("https://site.example:99999/f", ""),
        ("", "https://site.example/blog/"),
    ],
)
def test_every_kind_of_address_is_resolved_or_dropped(href, url):
    assert urls(link(href)) == ([url] if url else [])


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "2130706433", "0x7f.1", "[::1]", "localhost", "intranet", "db.internal", "a.local"]
)  # fmt: skip
def test_a_page_cannot_send_us_to_a_host_without_a_public_name(host):
    assert urls(link(f"http://{host}/feed")) == []
    assert urls(link("/feed"), f"http://{host}/") == [f"http://{host}/feed"]


def test_the_base_of_a_page_counts_and_a_hostile_one_does_not():
    assert urls("<base href='/news/'>" + link("feed")) == ["https://site.example/news/feed"]
    assert urls("<base href='https://cdn.example/'>" + link("feed")) == ["https://cdn.example/feed"]
    assert urls("<base href='javascript:x'>" + link("/feed")) == ["https://site.example/feed"]
    assert urls("<base href='http://169.254.169.254/'>" + link("feed")) == []


def test_what_a_browser_would_not_see_is_not_found():
    hidden = link("/hidden")
    assert (
        urls(f"<!-- {hidden} --><script>var a = '{hidden}'</script><style>{hidden}</style><textarea>{hidden}</textarea>") == []
    )


def test_titles_are_one_line_of_text():
    assert discover(link("/f", "A\n\u202e B"), PAGE)[0].title == "A B"
    assert discover("<a href='/feed'><b>Our</b>\n<img src=x> feed</a>", PAGE)[0].title == "Our feed"


@pytest.mark.parametrize(
    "piece", ["<div>", "<div<b>>", "<p><a href=x.rss>", "<!--", "<script>", "<table><tr>", "<a ", '<a href="', "<", "<template>", "&lt", "<svg><a>"]
)  # fmt: skip
def test_a_hostile_page_of_ten_megabytes_is_read(piece):
    assert len(discover(piece * (10_000_000 // len(piece)), PAGE)) <= 1


def test_a_page_with_a_feed_for_everyone_names_only_some():
    assert len(discover("".join(link(f"/author/{i}/feed") for i in range(3_000)), PAGE)) == 50


def test_well_known_places_begin_at_the_page_s_own_path():
    assert well_known("https://site.example/blog/?q#x")[:3] == (
        "https://site.example/blog/feed", "https://site.example/feed", "https://site.example/rss",
    )  # fmt: skip
    assert well_known("https://site.example/blog/post.html")[0] == "https://site.example/feed"
    assert len(well_known("https://site.example/blog")) < MOST_REQUESTS


def test_looking_tells_a_feed_from_a_page():
    feed = look(Given(rss(item(1), title="The &amp;amp; Paper").encode(), PAGE, ""))
    assert (feed.is_feed, feed.title, feed.entries) == (True, "The & Paper", 1)
    page = look(Given(f"<!doctype html><html>{link('/f', 'é')}".encode("latin-1"), PAGE, "latin-1"))
    assert (page.is_feed, page.why, page.links) == (
        False,
        "it is an HTML page, not a feed",
        (Found("https://site.example/f", "é"),),
    )
    assert look(Given(b"", PAGE, "")).why == "it is empty"


# Asking a site


async def found(server, path: str) -> list[tuple[str, str, int]]:
    async with open_feed_finder(Settings.load(fetch_allow_hosts="127.0.0.1")) as find:
        return [(f.url.removeprefix(server.url("")), f.title, f.entries) for f in await find(server.url(path))]


async def test_an_address_that_is_a_feed_is_the_answer_itself():
    async with feed_server(a=rss(item(1), item(2))) as server:
        assert await found(server, "/a") == [("/a", "The Paper", 2)]
        assert len(server.asked) == 1


async def test_a_page_gives_its_feeds_each_of_which_was_read():
    page = f"<html><head>{link('/comments/feed')}{link('/gone')}{link('/page')}{link('/news', 'News')}</head>"
    async with feed_server(page=page, news=rss(item(1), title="")) as server:
        server.feeds["/comments/feed"] = rss(item(1), title="Comments")
        assert await found(server, "/page") == [("/news", "News", 1), ("/comments/feed", "Comments", 1)]


async def test_a_page_that_names_none_is_tried_at_the_well_known_places():
    async with feed_server(page="<html>Hello", rss=rss(item(1))) as server:
        assert await found(server, "/page") == [("/rss", "The Paper", 1)]
        assert [path for path, _ in server.asked] == ["/page", "/page/feed", "/feed", "/rss"]


async def test_a_server_that_refuses_its_page_may_still_serve_its_feed():
    async with feed_server(feed=rss(item(1))) as server:
        server.statuses["/"] = 403
        assert [url for url, *_ in await found(server, "/")] == ["/feed"]


async def test_a_feed_that_moved_for_good_is_found_where_it_is_and_for_now_where_it_was():
    async with feed_server(new=rss(item(1))) as server:
        server.moved |= {"/old": (301, "/new"), "/now": (302, "/new")}
        assert [url for url, *_ in await found(server, "/old")] == ["/new"]
        assert [url for url, *_ in await found(server, "/now")] == ["/now"]


async def test_a_site_without_a_feed_is_asked_at_most_eight_times_and_told():
    links = "".join(link(f"/{i}") for i in range(30))
    async with feed_server(page=f"<html>{links}") as server:
        with pytest.raises(SourceError, match=r"no feed was found at .*: it is an HTML page") as error:
            await found(server, "/page")
        assert len(server.asked) == MOST_REQUESTS
        assert "feed itself" in error.value.remedy


async def test_a_site_that_cannot_be_reached_is_told_at_once():
    async with open_feed_finder(Settings.load()) as find:
        with pytest.raises(FetchError, match="not public") as error:
            await find("http://127.0.0.1:9/")
    assert "AINEWS_FETCH_ALLOW_HOSTS" in error.value.remedy


async def test_a_page_that_sends_us_inside_is_not_followed():
    inside = rss(item(1), title="Secret")
    async with feed_server(secret=inside) as own:
        page = f"<html>{link(own.url('/secret', 'localhost'))}"
        allowed = Settings.load(fetch_allow_hosts="127.0.0.1,localhost")
        async with feed_server(page=page) as server, open_feed_finder(allowed) as find:
            with pytest.raises(SourceError, match="no feed"):
                await find(server.url("/page"))
        assert own.asked == []
