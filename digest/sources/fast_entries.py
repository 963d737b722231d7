"""One entry of a well-formed feed, read as feedparser reads it, or not at all.

feedparser takes an entry's elements in their order, whatever holds them: a later date goes before an earlier one, the first
title stays, a second description becomes content, a guid is the link until there is one. All of that is kept here; what is
rarer than that raises Unusual.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.sources.entries import Entry, When, article_link, is_text_type
from digest.sources.fast_text import attributes, joined, markup_of, repaired
from digest.sources.feed_dates import instant, instant_by_feedparser
from digest.sources.feed_names import HOLDERS, KEPT, PASSED_OVER, TREATED, Unusual

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from digest.sources.feed_names import Names

_ENTITY: Final = re.compile("&([A-Za-z0-9_]+);")
_SHORT_TYPES: Final = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "xhtml": "application/xhtml+xml"}
_TEXT_TYPES: Final = frozenset(("text/plain", "text/html", "application/xhtml+xml"))
_WITHIN_AUTHOR: Final = frozenset(("name", "email", "uri", "url", "homepage"))
_DEEPEST: Final = 20
#: Each is compared with those before it.
_MOST_CATEGORIES: Final = 1_000


class EntryReader:
    """Reads one entry after the other, all of one feed.

    ``base`` is what addresses are resolved against, ``bases`` that of each element where the feed names several, ``text_of``
    how the text of an element is read.
    """

    __slots__ = (
        "_atom", "_author", "_base", "_bases", "_categories", "_contents", "_div", "_id", "_kind_of_title", "_link",
        "_linked", "_names", "_origin", "_published", "_publisher", "_readers", "_summary", "_summary_depth", "_text", "_title", "_title_closed",
        "_title_depth", "_updated", "has_content",
    )  # fmt: skip

    def __init__(
        self, names: Names, base: str, bases: dict[Element, str], text_of: Callable[[Element], str], *, version: str
    ) -> None:
        self._names, self._base, self._bases, self._text = names, base, bases, text_of
        self._atom, self._div = version.startswith("atom"), version == "atom10"
        self._readers: dict[str, Callable[[EntryReader, Element, int], None]] = {}  # by tag, once it was met
        #: Whether feedparser believes that the entry has content already; so it may before the first entry begins.
        self.has_content = False

    def read(self, element: Element) -> Entry:
        """The entry that ``element`` is."""
        self._id = self._title = self._kind_of_title = self._origin = self._publisher = self._author = ""
        self._link: str | None = None
        self._summary: str | None = None
        self._published = self._updated = ""
        self._linked = False
        self._title_depth = self._title_closed = self._summary_depth = -1
        self._categories: list[list[str | None]] = []
        self._contents: list[tuple[str, str]] = []
        if element.attrib:
            self._begin(attributes(element))
        self._children(element, 1)
        self.has_content = False
        bodies = [value for kind, value in self._contents if value and is_text_type(kind)]
        if self._summary:
            bodies.append(self._summary)
        return Entry(
            self._id,
            article_link(self._origin, self._link or "", self._id, linked=self._linked),
            self._title,
            self._atom and self._kind_of_title == "text/plain",
            self._publisher,
            tuple([_when(text) for text in (self._published, self._updated) if text]),
            tuple(bodies),
            tuple([name for term, _, label in self._categories if (name := term or label)]),
            self._author,
            self._linked,
        )

    def _begin(self, given: dict[str, str]) -> None:
        if "lastmod" in given or "href" in given:
            raise Unusual("an entry as CDF writes it")
        self._id = given.get("rdf:about", "")

    def _children(self, element: Element, depth: int) -> None:
        if depth > _DEEPEST:
            raise Unusual("an entry of many layers")
        readers = self._readers
        for child in element:
            (readers.get(child.tag) or self._reader(child.tag))(self, child, depth)

    def _reader(self, tag: str) -> Callable[[EntryReader, Element, int], None]:
        """How elements of this ``tag`` are read, looked up once for a feed."""
        name = self._names[tag]
        found = READ.get(name)
        if found is None:
            if name in HOLDERS:
                found = EntryReader._one_holder
            elif name in PASSED_OVER:
                found = EntryReader._passed_over
            elif name in TREATED or name in KEPT:
                raise Unusual(f"<{name}> in an entry")
            else:  # feedparser has no rule for it: only what it holds may matter
                found = EntryReader._one_holder
        self._readers[tag] = found
        return found

    def _one_holder(self, element: Element, depth: int) -> None:
        if len(element):
            self._children(element, depth + 1)

    def _passed_over(self, element: Element, depth: int) -> None:
        if len(element):
            raise Unusual(f"<{self._names[element.tag]}> that holds something")

    def _address(self, element: Element, address: str) -> str:
        base = self._bases.get(element, self._base) if self._bases else self._base
        return joined(base, address)

    def _one_id(self, element: Element, depth: int) -> None:
        if depth != 1:
            raise Unusual("an id within another element")
        self._id, is_link = self.id_of(element)
        if is_link and self._link is None:
            self._link = self._id

    def id_of(self, element: Element) -> tuple[str, bool]:
        """An id, and whether it is a link where there is no other."""
        if len(element):
            raise Unusual("markup in an id")
        given = element.attrib
        lasting = not given
        if given:
            known = given if len(given) == 1 and "isPermaLink" in given else attributes(element)
            lasting = known.get("isPermaLink", known.get("ispermalink", "true")) == "true"
        identity = (element.text or "").strip()
        return repaired(self._address(element, identity) if lasting and identity else identity), lasting

    def _one_link(self, element: Element, depth: int) -> None:
        self._linked = True
        link = self.link_of(element, of_entry=True)
        if link is not None:
            self._link = link

    def link_of(self, element: Element, *, of_entry: bool = False) -> str | None:
        """The address in a link, if it is one to a page. In those of entries feedparser undoes one more escape."""
        if len(element):
            raise Unusual("a link that holds something")
        given = attributes(element) if element.attrib else {}
        address = given.get("url", given.get("uri", given.get("href")))
        if address is None:
            text = (element.text or "").strip()
            text = repaired(self._address(element, text) if text else "")
            return _ENTITY.sub(r"&\1", text.replace("&amp;", "&") if of_entry else text) if "&" in text else text
        if not address:
            raise Unusual("an empty link")
        kind = given.get("type", "application/atom+xml" if given.get("rel") == "self" else "text/html")
        if given.get("rel", "alternate") == "alternate" and _mapped(kind) in ("text/html", "application/xhtml+xml"):
            return self._address(element, address)
        return None

    def _one_title(self, element: Element, depth: int) -> None:
        self._titled(element, depth, stays=True)

    def _one_media_title(self, element: Element, depth: int) -> None:
        self._titled(element, depth, stays=False)

    def _titled(self, element: Element, depth: int, *, stays: bool) -> None:
        kind, title = self.content_of(element, "text/plain")
        if not -1 < self._title_closed <= depth:
            if self._title_depth == -1 or depth <= self._title_depth:
                self._title, self._title_depth = title, depth
            self._kind_of_title = kind
        if title and stays:
            self._title_closed = depth

    def _one_summary(self, element: Element, depth: int) -> None:
        self._summarised(element, depth, "text/plain")

    def _one_description(self, element: Element, depth: int) -> None:
        self._summarised(element, depth, "text/html")

    def _summarised(self, element: Element, depth: int, kind: str) -> None:
        if self._summary is not None and not self.has_content:
            self._one_content(element, depth)
            return
        _, text = self.content_of(element, kind)
        if self._summary_depth == -1 or depth <= self._summary_depth:
            self._summary, self._summary_depth = text, depth

    def _one_content(self, element: Element, depth: int) -> None:
        self._contained(element, "text/plain")

    def _one_encoded(self, element: Element, depth: int) -> None:
        self._contained(element, "text/html")

    def _contained(self, element: Element, default: str) -> None:
        self.has_content = True
        kind, text = self.content_of(element, default)
        self._contents.append((kind, text))
        if self._summary is None and kind in _TEXT_TYPES:
            self._summary = text

    def content_of(self, element: Element, default: str) -> tuple[str, str]:
        """The type of a content, and the content."""
        if not element.attrib:
            return default, self._text(element)
        given = attributes(element)
        kind = _mapped(given.get("type", default))
        if given.get("mode") == "base64":
            raise Unusual("content in base64")
        if kind == "application/xhtml+xml":
            return kind, markup_of(element, self._names, without_div=self._div)
        if not kind.startswith("text/") and not kind.endswith(("+xml", "/xml")):
            raise Unusual("content that is no text")
        return kind, self._text(element)

    def _one_published(self, element: Element, depth: int) -> None:
        self._published = self._alone(element, depth)

    def _one_updated(self, element: Element, depth: int) -> None:
        self._updated = self._alone(element, depth)

    def _alone(self, element: Element, depth: int) -> str:
        if depth != 1:
            raise Unusual("a date within another element")
        return self._text(element)

    def _one_origin(self, element: Element, depth: int) -> None:
        if element.attrib:
            raise Unusual("an original link with attributes")
        self._origin = self._alone(element, depth)

    def _one_author(self, element: Element, depth: int) -> None:
        if depth != 1:
            raise Unusual("an author within another element")
        if not len(element):
            self._author = self._text(element)
            return
        said = {"name": "", "email": ""}
        for child in element:
            name = self._names[child.tag]
            strange = name in TREATED or name in KEPT or bool((child.text or "").strip())
            if len(child) or (strange and name not in _WITHIN_AUTHOR):
                raise Unusual("an author of many parts")
            if name in said:
                said[name] = (child.text or "").strip()
        name, email = said["name"], said["email"]
        author = f"{name} ({email})" if name and email else name or email
        if self._author and ("@" in self._author or not name):
            raise Unusual("two authors that feedparser mixes")
        if not author and ((element.text or "").strip() or any((part.tail or "").strip() for part in element)):
            raise Unusual("an author among its parts")
        self._author = author

    def _one_source(self, element: Element, depth: int) -> None:
        if depth != 1:
            raise Unusual("a source within another element")
        self._publisher = self._text(element)
        self._title_closed = -1

    def _one_image(self, element: Element, depth: int) -> None:
        if len(element):
            raise Unusual("an image of parts")
        self._title_closed = -1

    def _one_category(self, element: Element, depth: int) -> None:
        if element.attrib:
            given = attributes(element)
            self._add(given.get("term"), given.get("scheme", given.get("domain")), given.get("label"))
        self._filled(self._text(element))

    def _one_media_category(self, element: Element, depth: int) -> None:
        given = attributes(element)
        self._add(given.get("term"), given.get("scheme", "http://search.yahoo.com/mrss/category_schema"), given.get("label"))
        self._filled(self._text(element))

    def _filled(self, term: str) -> None:
        """``term`` as the term of the category before, if that has none; else as a category of its own."""
        if not term:
            return
        if self._categories and not self._categories[-1][0]:
            self._categories[-1][0] = term
        else:
            self._add(term, None, None)

    def _some_keywords(self, element: Element, depth: int) -> None:
        self._keywords(element, None)

    def _some_itunes_keywords(self, element: Element, depth: int) -> None:
        self._keywords(element, "http://www.itunes.com/")

    def _keywords(self, element: Element, scheme: str | None) -> None:
        if element.attrib:
            raise Unusual("keywords with attributes")
        for term in self._text(element).split(","):
            if term.strip():
                self._add(term.strip(), scheme, None)

    def _add(self, term: str | None, scheme: str | None, label: str | None) -> None:
        category = [term, scheme, label]
        if (term or scheme or label) and category not in self._categories:
            self._categories.append(category)
            if len(self._categories) > _MOST_CATEGORIES:
                raise Unusual("an entry of very many categories")

    def _one_enclosure(self, element: Element, depth: int) -> None:
        if len(element):
            raise Unusual("an enclosure that holds something")
        self._linked = True


def _mapped(kind: str) -> str:
    return _SHORT_TYPES.get(kind, kind)


def _when(text: str) -> When:
    found = instant(text) or instant_by_feedparser(text)
    if found is None:
        raise Unusual("a date of another kind")
    return When(text, found)


#: How each element is read. What is not here is passed over, or Unusual.
READ: Final[dict[str, Callable[[EntryReader, Element, int], None]]] = {
    **dict.fromkeys(("guid", "id"), EntryReader._one_id),
    "link": EntryReader._one_link,
    **dict.fromkeys(("title", "dc_title"), EntryReader._one_title),
    "media_title": EntryReader._one_media_title,
    **dict.fromkeys(("summary", "itunes_summary"), EntryReader._one_summary),
    **dict.fromkeys(("description", "dc_description", "media_description"), EntryReader._one_description),
    "content": EntryReader._one_content,
    **dict.fromkeys(("content_encoded", "fullitem"), EntryReader._one_encoded),
    **dict.fromkeys(("published", "issued", "pubdate", "dcterms_issued"), EntryReader._one_published),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"), EntryReader._one_updated),
    "feedburner_origlink": EntryReader._one_origin,
    **dict.fromkeys(("author", "managingeditor", "dc_author", "dc_creator", "itunes_author"), EntryReader._one_author),
    "source": EntryReader._one_source,
    "image": EntryReader._one_image,
    **dict.fromkeys(("category", "keywords", "dc_subject"), EntryReader._one_category),
    "media_category": EntryReader._one_media_category,
    "media_keywords": EntryReader._some_keywords,
    "itunes_keywords": EntryReader._some_itunes_keywords,
    **dict.fromkeys(("enclosure", "cc_license"), EntryReader._one_enclosure),
}
