from __future__ import annotations

import pytest

from digest.feeds.feed import Feed
from digest.feeds.listing import parsed

OTHERS = """<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.1"><head><title>Mine</title><ownerName>Kim</ownerName></head><body>
<outline text="Tech">
  <outline text="AI &amp; more" title="x">
    <outline title="Caf\xe9" type="rss" version="RSS" xmlUrl="https://a.example/feed?x=1&y=2" htmlUrl="https://a.example/" starred="yes"/>
  </outline>
  <outline xmlurl="https://www.b.example/feed"/>
</outline>
<outline text="C" xmlUrl="https://c.example/" category="/Press/AI,/Other"/>
<outline text="A link" type="link" url="https://d.example/"/>
<outline text="Nothing" xmlUrl=" "/>
</body></opml>
""".encode("latin-1")


def outlined(body: str, *, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}<opml version="2.0"><body>{body}</body></opml>'.encode()


def refused(data: bytes) -> str:
    with pytest.raises(ValueError, match=" ") as error:
        parsed(data)
    return str(error.value)


def test_what_other_readers_write_is_read():
    listed = parsed(OTHERS)
    assert listed.problems == ()
    assert listed.feeds == (
        Feed("Café", "https://a.example/feed?x=1&y=2", "Tech/AI & more"),
        Feed("b.example", "https://www.b.example/feed", "Tech"),
        Feed("C", "https://c.example/", "Press/AI"),
    )


def test_our_attributes_are_read_with_their_prefix_and_without():
    body = '<outline text="A" xmlUrl="https://a.example/" tier="1"/><outline text="B" xmlUrl="https://b.example/" x:y="1"/>'
    assert [f.tier for f in parsed(outlined(body)).feeds] == [1, 2]


def test_what_is_wrong_is_told_with_its_line_and_the_rest_is_read():
    body = '\n<outline text="A" xmlUrl="file:///etc/passwd"/>\n<outline text="B" xmlUrl="https://b.example/" tier="9"/>\n<outline text="C" xmlUrl="https://c.example/"/>'
    listed = parsed(outlined(body))
    assert [f.name for f in listed.feeds] == ["C"]
    assert [p.line for p in listed.problems] == [2, 3]


def test_a_file_that_breaks_off_is_told_and_read_as_far_as_it_goes():
    body = '<outline text="Caf\u00e9s"><outline text="\u00dc" xmlUrl="https://a.example/?a=1&amp;b=2"/></outline>\n<outline text="B" xmlUrl="https://b.example/"/><outl'
    listed = parsed(f'<?xml version="1.0" encoding="utf-8"?><opml version="1.0"><body>{body}'.encode())
    assert listed.feeds == (Feed("\u00dc", "https://a.example/?a=1&b=2", "Caf\u00e9s"), Feed("B", "https://b.example/"))
    assert [str(p) for p in listed.problems] == ["line 2: it is no well-formed XML from here on: unclosed token"]


def test_a_missing_close_tag_costs_no_feed():
    listed = parsed(outlined('<outline text="T"><outline text="A" xmlUrl="https://a.example/">'))
    assert listed.feeds == (Feed("A", "https://a.example/", "T"),)
    assert len(listed.problems) == 1


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<html><body>hello</body></html>", "no OPML"),
        (b"<rss version='2.0'><channel/></rss>", "it is a feed, not a list of feeds"),
        (b"<", "it is not OPML"),
        (b"<opml", "it is not OPML"),
        (outlined("", head="<!DOCTYPE opml>"), "a document type is not taken"),
        (outlined("", head='<!DOCTYPE o SYSTEM "file:///etc/passwd">'), "a document type is not taken"),
        (
            outlined(
                '<outline text="&b;" xmlUrl="https://a.example/"/>',
                head='<!DOCTYPE o [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
            ),
            "a document type is not taken",
        ),
        (outlined('<outline text="x">' * 5_000), "nested more than 32 deep"),
        (outlined('<outline text="x" xmlUrl="https://a.example/"/>' * 250_000), "larger than 1,000 KB"),
    ],
)
def test_hostile_or_other_files_are_refused_in_words(data, told):
    assert told in refused(data)


def test_an_entity_without_a_document_type_is_text():
    listed = parsed(outlined('<outline text="&xxe; &eacute;" xmlUrl="https://a.example/"/>'))
    assert listed.feeds == (Feed("&xxe; &eacute;", "https://a.example/"),)


def test_one_address_thousands_of_times_is_told_and_not_more_than_a_list():
    body = '<outline text="x" xmlUrl="https://a.example/"/>' * 20_000
    assert refused(outlined(body) + b" " * 100_000) == "it is larger than 1,000 KB"
    listed = parsed(outlined(body[: 47 * 15_000]))
    assert len(listed.feeds) == 1
    broken = parsed(outlined("<outline>" + body[: 47 * 15_000]))
    assert broken.feeds == ()


def test_utf_16_is_read():
    data = '<?xml version="1.0" encoding="utf-16"?><opml><body><outline text="é" xmlUrl="https://a.example/"/></body></opml>'
    assert parsed(data.encode("utf-16")).feeds == (Feed("é", "https://a.example/"),)
