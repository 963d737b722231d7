"""What the elements of a feed are called, whichever prefix or namespace their feed writes.

The names are feedparser's: its prefix for a namespace that it knows (``dc_creator``), none for the namespaces that feeds
themselves are in, the feed's own prefix for all others. What feedparser treats in some way is listed here, so that a
reader of its own knows what it may pass over.
"""

from __future__ import annotations

from typing import Final

XML: Final = "{http://www.w3.org/XML/1998/namespace}"
ATOM_10: Final = "http://www.w3.org/2005/atom"
RSS_10: Final = "http://purl.org/rss/1.0/"
_RSS_090: Final = "http://my.netscape.com/rdf/simple/0.9/"
_USERLAND: Final = "backend.userland.com/rss"

_CORE: Final = (
    "http://backend.userland.com/rss", "http://blogs.law.harvard.edu/tech/rss", RSS_10, _RSS_090,
    "http://example.com/newformat#", "http://example.com/necho", "http://purl.org/echo/", "uri/of/echo/namespace#",
    "http://purl.org/pie/", "http://purl.org/atom/ns#", ATOM_10, "http://purl.org/rss/1.0/modules/rss091#",
)  # fmt: skip
#: feedparser's table of namespaces, in lower case.
NAMESPACES: Final = {
    **dict.fromkeys(_CORE, ""),
    "http://webns.net/mvcb/": "admin",
    "http://purl.org/rss/1.0/modules/aggregation/": "ag",
    "http://purl.org/rss/1.0/modules/annotate/": "annotate",
    "http://media.tangent.org/rss/1.0/": "audio",
    "http://backend.userland.com/blogchannelmodule": "blogChannel",
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativeCommons",
    "http://backend.userland.com/creativecommonsrssmodule": "creativeCommons",
    "http://purl.org/rss/1.0/modules/company": "co",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://my.theinfo.org/changed/1.0/rss/": "cp",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/email/": "email",
    "http://purl.org/rss/1.0/modules/event/": "ev",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://freshmeat.net/rss/fm/": "fm",
    "http://xmlns.com/foaf/0.1/": "foaf",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://postneo.com/icbm/": "icbm",
    "http://purl.org/rss/1.0/modules/image/": "image",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "http://purl.org/rss/1.0/modules/link/": "l",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://madskills.com/public/xml/rss/module/pingback/": "pingback",
    "http://prismstandard.org/namespaces/1.2/basic/": "prism",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs",
    "http://purl.org/rss/1.0/modules/reference/": "ref",
    "http://purl.org/rss/1.0/modules/richequiv/": "reqv",
    "http://purl.org/rss/1.0/modules/search/": "search",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://schemas.xmlsoap.org/soap/envelope/": "soap",
    "http://purl.org/rss/1.0/modules/servicestatus/": "ss",
    "http://hacks.benhammersley.com/rss/streaming/": "str",
    "http://purl.org/rss/1.0/modules/subscription/": "sub",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://schemas.pocketsoap.com/rss/mydescmodule/": "szf",
    "http://purl.org/rss/1.0/modules/taxonomy/": "taxo",
    "http://purl.org/rss/1.0/modules/threading/": "thr",
    "http://purl.org/rss/1.0/modules/textinput/": "ti",
    "http://madskills.com/public/xml/rss/module/trackback/": "trackback",
    "http://wellformedweb.org/commentapi/": "wfw",
    "http://purl.org/rss/1.0/modules/wiki/": "wiki",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/1999/xlink": "xlink",
    "http://www.w3.org/xml/1998/namespace": "xml",
    "http://podlove.org/simple-chapters": "psc",
}  # fmt: skip

#: Every element that feedparser treats in a way of its own.
TREATED: Final = frozenset(
    "abstract author body category cc_license channel cloud content content_encoded contributor copyright created "
    "creativeCommons_license creativecommons_license dc_author dc_contributor dc_creator dc_date dc_description dc_language "
    "dc_publisher dc_rights dc_subject dc_title dcterms_created dcterms_issued dcterms_modified dcterms_valid description "
    "email enclosure entry expirationdate feed feedburner_browserfriendly fullitem generator geom georss_box georss_line "
    "georss_point georss_polygon georss_where georssgeom gml_exterior gml_linearring gml_linestring gml_point gml_polygon "
    "gml_pos gml_poslist guid height homepage id image info issued item itunes_author itunes_block itunes_category "
    "itunes_email itunes_explicit itunes_image itunes_keywords itunes_link itunes_name itunes_owner itunes_subtitle "
    "itunes_summary keywords language lastbuilddate link managingeditor media_category media_content media_credit "
    "media_description media_group media_keywords media_license media_player media_rating media_restriction "
    "media_thumbnail media_title modified name newlocation psc_chapter psc_chapters pubdate published rights rss source "
    "subtitle summary tagline tags textInput textinput title updated uri url webmaster where width xhtml_body".split()
)
#: Of those, what says nothing that we keep, where it holds no other element.
PASSED_OVER: Final = frozenset(
    "cloud copyright created dc_contributor dc_publisher dc_rights dcterms_created email enclosure expirationdate "
    "feedburner_browserfriendly generator georss_box georss_line georss_point georss_polygon height homepage info itunes_block itunes_explicit itunes_image "
    "itunes_subtitle language dc_language media_content media_credit media_group media_license media_player media_rating "
    "media_restriction media_thumbnail name rights subtitle tagline uri url webmaster width".split()
)
#: What is passed over and may hold what is not.
HOLDERS: Final = frozenset(("media_content", "media_group"))
#: What feedparser keeps of an entry or a feed by these names; an element that happens to be called so would be taken for it.
KEPT: Final = frozenset(
    "author author_detail authors category content contributors created_parsed date date_parsed description_detail enclosures "
    "entries expired_parsed guidislink href image issued_parsed items license link links modified_parsed published_parsed "
    "publisher publisher_detail source summary_detail tags textinput title_detail updated_parsed where media_thumbnail "
    "media_credit media_content media_rating media_license media_restriction media_player psc_chapters validity".split()
)


class Unusual(Exception):
    """A feed that only feedparser may read; why, for whoever measures how many there are."""


class Names(dict[str, str]):
    """What each tag (``{namespace}local``) of one feed is called. ``declared``: its prefixes and namespaces, in their order.

    Raises Unusual where the prefixes contradict each other.
    """

    def __init__(self, declared: list[tuple[str, str]]) -> None:
        super().__init__()
        #: The kind of feed that its namespaces suggest: ``rss``, ``atom10`` or neither.
        self.suggested = ""
        self._prefixes: dict[str, str] = {}
        meanings: dict[str, str] = {}
        for prefix, namespace in declared:
            if namespace:
                self._declare(prefix, namespace, meanings)
        if any(prefix != prefix.lower() and prefix.lower() in meanings for prefix in meanings):
            raise Unusual("a prefix in capitals and in small letters")

    def _declare(self, prefix: str, namespace: str, meanings: dict[str, str]) -> None:
        lower = namespace.lower()
        if namespace.split() != [namespace] or "}" in namespace or "{" in namespace:
            raise Unusual("a namespace with spaces or braces")
        if not self.suggested:
            rss = lower == RSS_10 or (lower == _RSS_090 and not prefix)
            self.suggested = "rss" if rss else "atom10" if lower == ATOM_10 else ""
        known = "" if _USERLAND in lower else NAMESPACES.get(lower)
        if prefix:
            meaning = lower if known is None else f":{known}"
            if meanings.setdefault(prefix, meaning) != meaning:
                raise Unusual("a prefix for two namespaces")
        if known is None:
            if self._prefixes.setdefault(namespace, prefix) != prefix:
                raise Unusual("two prefixes for a namespace")
            if prefix == "rdf":
                raise Unusual("another RDF")
        elif prefix in _PREFIXES and known.lower() != prefix:
            raise Unusual("a prefix that means another namespace elsewhere")

    def __missing__(self, tag: str) -> str:
        namespace, _, local = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
        lower = namespace.lower()
        prefix = "" if _USERLAND in lower else NAMESPACES.get(lower)
        if prefix is None:
            prefix = self._prefixes.get(namespace, "")
        name = self[tag] = (f"{prefix}_{local}" if prefix else local).lower()
        return name


_PREFIXES: Final = frozenset(prefix.lower() for prefix in NAMESPACES.values() if prefix)
