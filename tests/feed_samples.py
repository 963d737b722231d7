"""Small feeds, each with one thing that feeds do and parsers differ on. None is taken from anywhere."""

from __future__ import annotations

from typing import Final

_NS: Final = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/" '
    'xmlns:georss="http://www.georss.org/georss" xmlns:cc="http://web.resource.org/cc/" xmlns:x="http://x.test/"'
)
_DATE: Final = "<pubDate>Mon, 02 Nov 2026 09:00:00 GMT</pubDate>"
_HTML: Final = "&lt;p&gt;One &amp;amp; &lt;a href='/rel'&gt;two&lt;/a&gt;.&lt;/p&gt;"


def rss(*items: str, head: str = "<title>Paper</title><link>https://paper.test/</link>", root: str = "") -> str:
    whole = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0" {_NS} {root}><channel>{head}{whole}</channel></rss>'


def atom(*entries: str, head: str = "<title>Paper</title><link href='https://paper.test/'/>", root: str = "") -> str:
    whole = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {root}>{head}{whole}</feed>'


def rdf(*items: str, head: str = "<title>Paper</title><link>https://paper.test/</link>", root: str = "") -> str:
    whole = "".join(f'<item rdf:about="https://paper.test/{n}">{item}</item>' for n, item in enumerate(items))
    return (
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" {root} xmlns="http://purl.org/rss/1.0/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://paper.test/">{head}<items><rdf:Seq>'
        f'<rdf:li resource="https://paper.test/0"/></rdf:Seq></items></channel>'
        f"<image rdf:about='x'><title>An image</title><url>https://paper.test/i.png</url></image>{whole}</rdf:RDF>"
    )


_ORDINARY: Final = f"<title>A title</title><link>https://paper.test/a</link><guid>https://paper.test/a</guid>{_DATE}"

#: Feeds that are well-formed and ordinary enough that they must go the fast way.
FAST: Final[dict[str, str]] = {
    "rss": rss(_ORDINARY + f"<description>{_HTML}</description><category>AI</category>"),
    "rss with an older version": rss(_ORDINARY).replace('"2.0"', '"0.92"'),
    "rss without a version": rss(_ORDINARY).replace('version="2.0"', ""),
    "rss with space before the markup": "\n\n <rss><channel><item><title>A</title></item></channel></rss>",
    "rss that says another encoding": rss(_ORDINARY).replace('"1.0"?', '"1.0" encoding="iso-8859-1"?'),
    "rss with another xml version": rss(_ORDINARY).replace('"1.0"?', '"1.1"?'),
    "content and description": rss(
        _ORDINARY + "<description>Short</description><content:encoded><![CDATA[<p>Long & <b>bold</b></p>]]></content:encoded>"
    ),
    "content before description": rss(
        _ORDINARY + "<content:encoded>Long</content:encoded><description>Short</description>"
    ),
    "content alone": rss(_ORDINARY + "<content:encoded>Long</content:encoded>"),
    "two contents": rss(_ORDINARY + "<content:encoded>Long</content:encoded><content:encoded>Longer</content:encoded>"),
    "two descriptions": rss(_ORDINARY + "<description>One</description><description>Two</description>"),
    "three descriptions": rss(
        _ORDINARY + "<description>One</description><media:description>Two</media:description><itunes:summary>3</itunes:summary>"
    ),
    "summary then description": rss(_ORDINARY + "<itunes:summary>One</itunes:summary><description>Two</description>"),
    "an empty description": rss(_ORDINARY + "<description/><itunes:summary>Two</itunes:summary>"),
    "summaries of the feed": rss(
        _ORDINARY + "<description>One</description><itunes:summary>Two</itunes:summary>",
        _ORDINARY + "<description>One</description><itunes:summary>Two</itunes:summary>",
        head="<title>P</title><itunes:summary>S</itunes:summary><description>D</description>",
    ),
    "media in a group": rss(
        _ORDINARY + "<media:group><media:content url='x'><media:title>M</media:title></media:content>"
        "<media:description>Of the picture</media:description><media:credit>C</media:credit></media:group>"
    ),
    "media's title alone": rss("<media:content url='x'><media:title>M</media:title></media:content>" + _DATE),
    "media's title first": rss("<media:title>M</media:title><title>T</title>", "<title>T</title><media:title>M</media:title>"),
    "media's keywords": rss(_ORDINARY + "<media:keywords>a, b,,c</media:keywords><itunes:keywords>c,d</itunes:keywords>"),
    "media's category": rss(_ORDINARY + "<media:category label='L'>c</media:category><media:category/>"),
    "two titles": rss("<title>One</title><title>Two</title>", "<title/><title>Two</title>", "<title>1</title><dc:title>2</dc:title>"),
    "title after a source": rss("<title>One</title><source url='x'>The Times</source><title>Two</title>"),
    "title after an image": rss("<title>One</title><image>https://paper.test/i.png</image><title>Two</title>"),
    "a source": rss(_ORDINARY + '<source url="https://times.test">The Times &amp; Co</source>'),
    "no title": rss("<link>https://paper.test/a</link><description>Text</description>"),
    "escaped twice": rss("<title>AT&amp;amp;T &lt;b&gt;bold&lt;/b&gt; &#8217; &amp;#8217;</title><link>https://p.test/?a=1&amp;amp;b=2</link>"),
    "cdata": rss("<title><![CDATA[ A & B <i>c</i> ]]></title><link><![CDATA[https://paper.test/?a=1&b;=2]]></link>"),
    "cdata in parts": rss("<title>a <![CDATA[b]]> c<!-- no --> d<?no?></title>"),
    "letters of windows": rss("<title>It&#146;s &#x93;quoted&#x94; \x85</title><description>&#128;5</description>"),
    "utf-8 written twice": rss("<title>cafÃ© and naÃ¯ve</title><category>Ã©tÃ©</category><dc:creator>RenÃ©e</dc:creator>"),
    "utf-8 written twice, nearly": rss("<title>cafÃ© — not</title>", "<title>é</title>", "<title>Ã</title>"),
    "windows letters written twice": rss("<title>itÂ’s</title>", "<title>Â\x92</title>"),
    "a guid that is no link": rss("<title>A</title><guid isPermaLink='false'>abc</guid>", "<title>B</title><guid>abc</guid>"),
    "a guid before the link": rss("<guid>https://paper.test/g</guid><link>https://paper.test/l</link><title>A</title>"),
    "a guid and an enclosure": rss("<title>A</title><guid>abc</guid><enclosure url='https://p.test/a.mp3' type='audio/mpeg'/>"),
    "a guid in capitals": rss("<title>A</title><GUID ISPERMALINK='true'>https://paper.test/G</GUID><PubDate>2026-11-02</PubDate>"),
    "an empty guid": rss("<title>A</title><guid/><link>https://paper.test/l</link>"),
    "an empty link": rss("<title>A</title><link/><guid>https://paper.test/g</guid>", "<title>A</title><guid>x</guid><link></link>"),
    "an original link": rss(_ORDINARY + "<feedburner:origLink>https://paper.test/original?a&amp;b</feedburner:origLink>"),
    "several links": rss("<title>A</title><link>https://p.test/1</link><atom:link href='https://p.test/2'/><link>https://p.test/3</link>"),
    "links of other kinds": rss(
        "<title>A</title><link>https://p.test/1</link><atom:link rel='enclosure' href='https://p.test/2'/>"
        "<atom:link rel='alternate' type='application/json' href='https://p.test/3'/><atom:link rel='self' href='https://p.test/4'/>"
    ),
    "strange links": rss(
        *(
            f"<title>A</title><link>{link}</link><guid>{link}</guid>"
            for link in ("HTTP://Paper.test", "https:////p.test//a/../b", "/rel", "?q", "#f", "mailto:a@b.test", "//host/x", "p q",
                         "https://p.test/a?", "https://p.test/a;#", "https://p.test/é", "javascript:alert(1)", "urn:x:y", "https://p.test:port/")
        )
    ),
    "a licence": rss(_ORDINARY + "<cc:license/>", "<title>B</title><guid>b</guid><cc:license/>"),
    "categories": rss(
        _ORDINARY + "<category/><category domain='d'>a</category><category>a</category><category>a</category>"
        "<category domain='d'/><dc:subject>s</dc:subject><category label='L'/><keywords>k</keywords><category term='t'>u</category>"
    ),
    "authors": rss(
        _ORDINARY + "<author>a@b.test (Ann)</author><dc:creator>Bob</dc:creator>",
        _ORDINARY + "<atom:author><atom:name>Ann</atom:name><atom:email>a@b.test</atom:email></atom:author>",
        _ORDINARY + "<itunes:author>Ann, Bob</itunes:author><dc:creator/>",
    ),
    "dates": rss(
        *(
            f"<title>A</title><pubDate>{date}</pubDate>"
            for date in (
                "Mon, 02 Nov 2026 09:00:00 +0530", "2 Nov 2026 9:00 EST", "Monday, 2 November 2026 09:00:00 -0000",
                "02 Nov 2026 09:00:00 UTC", "Mon, 02 Nov 2026 09:00:00 CEST", "2026-11-02T09:00:00Z", "2026-11-02 09:00:00",
                "2026-11-02T09:00:00.123456789-08:00", "2026-11-02", "2026-11-02T09:00:00+0000", "1969-12-31T23:59:59Z",
                "Sun, 31 Dec 9999 23:59:59 GMT", "",
            )
        )
    ),
    "dates of several kinds": rss(
        "<title>A</title><dc:date>2026-11-02</dc:date><pubDate>Mon, 02 Nov 2026 09:00:00 GMT</pubDate>"
        "<dcterms:modified>2026-11-03</dcterms:modified><lastBuildDate>2026-11-05T00:00:00Z</lastBuildDate>",
        "<title>A</title><dc:date>2026-11-02</dc:date>",
        "<title>A</title><pubDate>2026-11-02</pubDate><pubDate>2026-11-03</pubDate><dcterms:issued/>",
    ),
    "what is passed over": rss(
        _ORDINARY + "<comments>https://p.test/c</comments><slash:comments>3</slash:comments><x:y a='1'>t<x:z>u</x:z></x:y>"
        "<media:thumbnail url='x'/><itunes:duration>3</itunes:duration><itunes:subtitle>s</itunes:subtitle><georss:point>1 2</georss:point>"
        "<georss:box>1</georss:box><x:title>Not the title</x:title><rights>All</rights><itunes:image href='x'/><cloud a='b'/>"
    ),
    "what is within what is passed over": rss("<x:y><title>Within</title><link>https://p.test/w</link><category>c</category></x:y>" + _DATE),
    "a feed's own": rss(
        _ORDINARY,
        head="<language>en-gb</language><title>One</title><image><title>I</title><url>u</url><link>l</link></image><link>/rel</link>"
        "<ttl>3</ttl><itunes:owner><itunes:name>N</itunes:name><itunes:email>e</itunes:email></itunes:owner><category>c</category>"
        "<itunes:category text='A'><itunes:category text='B'/></itunes:category><atom:link rel='self' href='https://p.test/f'/>"
        "<skipDays><day>Monday</day></skipDays><managingEditor>m</managingEditor><copyright>c</copyright><generator>g</generator>",
    ),
    "titles of a feed": rss(_ORDINARY, head="<title/><title>Two</title><title>Three</title><image><title>I</title></image><title>4</title>"),
    "title of a feed behind": rss(_ORDINARY).replace("</channel>", "<title>Behind</title><link>https://p.test/behind</link></channel>"),
    "language of the root": rss(_ORDINARY, root='xml:lang="en_GB"'),
    "language twice": rss(_ORDINARY, head="<title>P</title><language>de</language>", root='xml:lang="en"'),
    "no language": rss(_ORDINARY, head="<title>P</title><language>everything &amp; more</language>", root='xml:lang=""'),
    "a base": rss("<title>A</title><link>a/b</link>", root='xml:base="https://base.test/x/y"'),
    "a base that outlasts": rss("<title>A</title><link>a</link><x:y xml:base='https://base.test/x/'/>", "<title>B</title><link>b</link>"),
    "a base of one entry": rss("<title>A</title><link xml:base='https://base.test/x/'>a</link>", "<title>B</title><link>b</link>"),
    "a strange base": rss("<title>A</title><link>a</link>", root='xml:base="javascript:x"'),
    "schema": rss(_ORDINARY, root='xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"'),
    "a namespace that is not known": rss(_ORDINARY + "<openSearch:x>1</openSearch:x>", root='xmlns:openSearch="http://o.test/"'),
    "a namespace as prefix": rss(_ORDINARY).replace("http://purl.org/dc/elements/1.1/", "http://purl.org/dc/elements/1.0/")
    .replace("</item>", "<dc:creator>Ann</dc:creator></item>"),
    "a namespace in capitals": rss(_ORDINARY + "<content:encoded>L</content:encoded>").replace("http://purl.org/rss/1.0/mod", "HTTP://purl.org/rss/1.0/mod"),
    "userland's namespace": rss(_ORDINARY, root='xmlns="http://backend.userland.com/rss2"'),
    "a namespace of its own": rss(_ORDINARY, root='xmlns="http://own.test/"'),
    "atom": atom(
        "<id>tag:1</id><title>A &amp;amp; b</title><link href='https://p.test/a'/><updated>2026-11-02T09:00:00Z</updated>"
        "<published>2026-11-01T09:00:00+01:00</published><author><name>Ann</name><uri>u</uri></author><category term='t' label='L'/>"
        f"<summary type='html'>{_HTML}</summary><content type='html'>{_HTML}</content>"
    ),
    "atom in xhtml": atom(
        "<id>x</id><title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>A <b title='&quot;&lt;'>b</b></div></title>"
        "<content type='xhtml'> <div xmlns='http://www.w3.org/1999/xhtml' class='c'><p>One &amp; <br/>two</p><!-- no --> </div> </content>"
        "<summary type='application/xhtml+xml'><x:p xmlns:x='http://www.w3.org/1999/xhtml' xml:lang='en'>S</x:p></summary>"
    ),
    "atom in xhtml of two parts": atom(
        "<id>x</id><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>A</div><div xmlns='http://www.w3.org/1999/xhtml'>B</div></content>",
        "<id>y</id><content type='xhtml'>only text &lt;</content>",
        "<id>z</id><content type='xhtml'><div>no <i>namespace</i></div></content>",
        "<id>z</id><content type='xhtml'/>",
    ),
    "atom's types": atom(
        "<id>x</id><title type='text'>A &lt;b&gt;</title><content type='text/x-markdown'>m</content>",
        "<id>y</id><title type='HTML'>A &lt;b&gt;</title><content type='text/html' src='https://p.test/c'/>",
        "<id>z</id><title type='plain'>A</title><content type='application/xml'>x</content><summary>S</summary>",
    ),
    "atom without a link": atom("<id>https://p.test/a</id><title>A</title>", head="<id>urn:feed</id><title>P</title>"),
    "atom with a relative id": atom("<id>a/b</id><title>A</title>", "<id>?x</id><title>A</title><link href='c'/>"),
    "atom's links": atom(
        "<title>A</title><link rel='edit' href='https://p.test/e'/><link rel='ALTERNATE' href='https://p.test/a'/>"
        "<link rel='enclosure' type='text/html' href='https://p.test/x'/><link rel='alternate' type='TEXT/HTML' href='https://p.test/b'/>"
    ),
    "atom's base": atom("<title>A</title><link href='a'/><id>i</id>", root="xml:base='https://base.test/x/'"),
    "atom's bases": atom("<title>A</title><link href='a'/><content type='html' xml:base='https://c.test/'>c</content>", "<title>B</title><link href='b'/>"),
    "atom's authors": atom(
        "<id>1</id><author><name>Ann</name></author><author><name>Bob</name></author>",
        "<id>2</id><author><name></name></author>",
        "<id>3</id><author><email>a@b.test</email></author>",
    ),
    "atom 0.3": '<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="en"><title mode="escaped">P</title>'
    "<entry><title type='text/html' mode='escaped'>A &lt;b&gt;</title><link rel='alternate' type='text/html' href='https://p.test/a'/>"
    "<issued>2026-11-02T09:00:00Z</issued><modified>2026-11-03T09:00:00Z</modified><id>x</id>"
    "<content type='application/xhtml+xml' mode='xml'><div xmlns='http://www.w3.org/1999/xhtml'>C</div></content></entry></feed>",
    "a feed without namespace": "<feed><title>P</title><entry><title>A</title><id>x</id></entry></feed>",
    "rss 1.0": rdf("<title>A</title><link>https://p.test/a</link><description>D</description><dc:date>2026-11-02</dc:date>", "<title>B</title>"),
    "rss 1.0 with atom": rdf("<title>A &lt;b&gt;</title><link>/a</link>", root='xmlns:atom="http://www.w3.org/2005/Atom"'),
    "rss 0.90": rdf("<title>A</title><link>https://p.test/a</link>").replace("http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/"),
}  # fmt: skip

#: Feeds that feedparser may have to itself.
ODD: Final[dict[str, str]] = {
    "no entries": rss(),
    "a broken tag": rss(_ORDINARY).replace("</title>", "</titel>"),
    "an entity of html": rss("<title>A&nbsp;b</title>"),
    "a bare ampersand": rss("<title>A & b</title>"),
    "a document type": '<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>' + rss("<title>A&nbsp;b</title>").partition("?>")[2],
    "a document type and no entity": '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "x">'
    + rss(_ORDINARY).partition("?>")[2],
    "a document type behind a comment": "<!-- <a -->" + '<!DOCTYPE rss [<!ENTITY b "big">]>' + rss("<title>&b;</title>").partition("?>")[2],
    "markup in a title": rss("<title>A <b>bold</b> title</title>"),
    "markup in a description": rss("<title>A</title><description><p>One</p><p>two</p></description>"),
    "content in base64": atom("<id>x</id><content type='application/octet-stream'>SGVsbG8=</content>"),
    "a picture as content": atom("<id>x</id><content type='image/svg+xml'><svg xmlns='http://www.w3.org/2000/svg'><title>t</title></svg></content>"),
    "a picture within content": atom(
        "<id>x</id><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><svg xmlns='http://www.w3.org/2000/svg'><title>t</title></svg></div></content>"
    ),
    "a title within xhtml": atom("<id>x</id><content type='xhtml'><div><title>t</title></div></content><title>T</title>"),
    "a body": atom("<id>x</id><content type='xhtml'><body xmlns='http://www.w3.org/1999/xhtml'><p>t</p></body></content>"),
    "an atom source": atom("<id>x</id><title>A</title><source><title>Other</title><id>o</id><updated>2026-11-02</updated></source>"),
    "authors mixed": atom("<id>x</id><author><name>A</name><email>a@b.test</email></author><author><name>B</name></author>"),
    "an odd date": rss("<title>A</title><pubDate>2. November 2026</pubDate>", "<title>A</title><pubDate>Mon, 2 Nov 26 9:00</pubDate>"),
    "no date at all": rss("<title>A</title><pubDate>soon</pubDate>", "<title>A</title><pubDate>2026-02-30</pubDate>"),
    "an address that is none": rss("<title>A</title><link>http://[</link>"),
    "a date within": rss("<title>A</title><x:y><pubDate>2026-11-02</pubDate><guid>g</guid></x:y>"),
    "an image with parts": rss("<title>A</title><image><title>I</title><url>u</url></image>"),
    "fields called as feedparser's": rss("<title>A</title><links>x</links><tags>y</tags><date>2026</date><title_detail>x</title_detail>"),
    "an entry in an entry": rss("<title>A</title><item><title>B</title></item>"),
    "two channels": rss(_ORDINARY).replace("<channel>", "<channel><title>One</title></channel><channel>"),
    "entries without a channel": f"<rss><item>{_ORDINARY}</item></rss>",
    "another root": "<channel><item><title>A</title></item></channel>",
    "cdf": '<channel href="https://p.test/" lastmod="2026-11-02"><item href="https://p.test/a"><title>A</title></item></channel>',
    "cdf in rss": rss(_ORDINARY).replace("<item>", '<item href="/cdf" lastmod="2026-11-02">'),
    "text input": rss(_ORDINARY, head="<title>P</title><textInput><title>T</title><name>q</name></textInput><title>Q</title>"),
    "a prefix twice": rss("<dc:creator>A</dc:creator><x xmlns:dc='http://o.test/'><dc:creator>B</dc:creator></x><title>A</title>"),
    "a prefix of another": rss("<media:title>A</media:title>", root='xmlns:itunes2="i"').replace(
        'xmlns:media="http://search.yahoo.com/mrss/"', 'xmlns:media="http://purl.org/dc/elements/1.1/"'
    ).replace('xmlns:dc="http://purl.org/dc/elements/1.1/"', ""),
    "a prefix that is not declared": "<rss><channel><item><title>A</title><dc:creator>B</dc:creator></item></channel></rss>",
    "an attribute twice": rss("<title a='1' a='2'>A</title>"),
    "half a feed": rss(_ORDINARY, _ORDINARY)[:-150],
    "text behind": rss(_ORDINARY) + "behind",
    "xml in a later place": " " + rss(_ORDINARY),
    "halves of characters": rss("<title>&#55357;&#56832; &#xD83D;</title>"),
    "controls": rss("<title>A\x01b</title>"),
    "chapters": rss("<title>A</title><psc:chapters xmlns:psc='http://podlove.org/simple-chapters'><psc:chapter/></psc:chapters>"),
    "places": rss("<title>A</title><gml:Point xmlns:gml='http://www.opengis.net/gml'><gml:pos>1 2</gml:pos></gml:Point>"),
    "xhtml in rss": rss("<title>A</title><xhtml:body xmlns:xhtml='http://www.w3.org/1999/xhtml'><xhtml:p>B</xhtml:p></xhtml:body>"),
}  # fmt: skip

SAMPLES: Final = {**FAST, **ODD}
