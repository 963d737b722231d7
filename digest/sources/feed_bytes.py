"""Makes the bytes of a feed fit for a parser: one encoding, and no entities that could grow.

Both are decided before any parser looks, so that all of them see the same.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from digest.errors import SourceError

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED: Final = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
#: Encodings of Python's that hide markup in plain letters, or take forever; no feed is written in them.
_REFUSED: Final = frozenset({"utf-7", "punycode", "idna", "unicode-escape", "unicode_escape", "raw-unicode-escape"})

_ENTITY: Final = re.compile(rb"""<!ENTITY\s(?:"[^"]*+"|'[^']*+'|[^"'>])*+>""")
#: One character, or a few letters: what feeds declare (``nbsp``). It grows at most four times where it is used.
_SMALL: Final = re.compile(rb"""<!ENTITY\s+\w+\s+(?:"(?:&#\w{1,8};|[^&%<"]{0,16})"|'(?:&#\w{1,8};|[^&%<']{0,16})')\s*>""")
#: HTML's Latin 1, symbols and specials together are 253.
_MOST_ENTITIES: Final = 300

#: References to characters by number, of those sizes where one may be none.
_NUMBERED: Final = re.compile(rb"&#(?:[xX][0-9a-fA-F]{4,}|[0-9]{5,});(?:&#(?:[xX][0-9a-fA-F]{4,}|[0-9]{5,});)*")
_NUMBER: Final = re.compile(rb"&#(x?)([0-9a-f]+);", re.IGNORECASE)
_LAST: Final = 0x10FFFF


def prepared(data: bytes, charset: str) -> tuple[bytes, str]:
    """``data`` as parsers are to see it, and ``utf-8`` or nothing, as ``as_utf8`` says. Raises SourceError as the others do."""
    data, known = as_utf8(data, charset)
    return with_whole_characters(without_entities(data)), known


def as_utf8(data: bytes, charset: str) -> tuple[bytes, str]:
    """``data`` in UTF-8 and ``utf-8``; or as it was and empty where no encoding that is claimed for it fits.

    Text that is valid UTF-8 beyond ASCII is UTF-8, whatever it says of itself: by chance that does not happen. Then
    comes ``charset``, which the server gave, then the XML declaration. Raises SourceError for an encoding that no feed
    is in.
    """
    found = _DECLARED.match(data)
    if _is_utf8(data) and not data.startswith(codecs.BOM_UTF8) and not (data.isascii() and _shifts(charset, found)):
        return data, "utf-8"
    claims = [name for bom, name in _BOMS if data.startswith(bom)][:1] or ["ascii" if data.isascii() else "utf-8"]
    for claim in (*claims, charset, found[1].decode() if found else ""):
        text = _decoded(data, claim)
        if text is not None and not (claim == "ascii" and _shifts(charset, found)):
            return text.encode("utf-8", "replace"), "utf-8"
    return data, ""


def without_entities(data: bytes) -> bytes:
    """``data`` without the declarations of entities that are large, nested or lie elsewhere.

    Expat stops what grows a hundredfold only past 8 MB, which is 4 s of feedparser's time. Raises SourceError where
    there are too many.
    """
    if b"<!ENTITY" not in data:
        return data
    if data.count(b"<!ENTITY") > _MOST_ENTITIES:
        raise SourceError(f"it declares more than {_MOST_ENTITIES} entities")
    kept, at = [], 0
    while (start := data.find(b"<!ENTITY", at)) >= 0:
        found = _ENTITY.match(data, start)
        if found is None and data[start + 8 : start + 9].isspace():
            break  # it has no end; to look for those of the others would be to read all that follows again for each
        end = found.end() if found else start + 8
        kept.append(data[at:start] if found and not _SMALL.fullmatch(found[0]) else data[at:end])
        at = end
    return b"".join((*kept, data[at:])) if kept else data


def with_whole_characters(data: bytes) -> bytes:
    """``data`` without references to what is no character, and with those to two halves of one made one.

    Old .NET and PHP write an emoji in halves (``&#55357;&#56832;``); feedparser gives up the whole feed at either.
    """
    return _NUMBERED.sub(_whole, data) if b"&#" in data else data


def _whole(found: re.Match[bytes]) -> bytes:
    digits = [(d, 16 if x else 10) for x, d in _NUMBER.findall(found[0])]
    numbers = [int(d, base) for d, base in digits if len(d) <= 16]
    if len(numbers) == len(digits) and all(n < 0xD800 or 0xDFFF < n <= _LAST for n in numbers):
        return found[0]
    halves = "".join(chr(n) for n in numbers if n <= _LAST).encode("utf-16-le", "surrogatepass")
    return b"".join(b"&#%d;" % ord(c) for c in halves.decode("utf-16-le", "ignore"))


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeError:
        return False
    return True


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        name = codecs.lookup(encoding).name if encoding else ""
    except LookupError:
        return None
    if name in _REFUSED:
        raise SourceError(f"it says that it is written in {name}, which is not read")
    try:
        return data.decode(name) if name else None
    except (UnicodeError, LookupError):  # a LookupError where it is no encoding of text
        return None


def _shifts(charset: str, declared: re.Match[bytes] | None) -> bool:
    """Whether ASCII bytes may mean something else: the encodings of East Asia that shift into other letters."""
    names = f"{charset} {declared[1].decode() if declared else ''}".lower()
    return "2022" in names or "hz" in names.split() or "utf-7" in names or "utf7" in names
