"""The text and the attributes of an element of a well-formed feed, as feedparser gives them: text written twice in UTF-8 made whole, letters of
Windows that are controls elsewhere made letters, markup within XHTML written out, relative addresses resolved.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from digest.sources.feed_names import NAMESPACES, TREATED, XML, Names, Unusual

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: An address that no joining changes.
_WHOLE: Final = re.compile(
    r"https?://[A-Za-z0-9][A-Za-z0-9._-]*(?::[0-9]{1,5})?(?:/[!$-:<->@-~]*(?:\?[!$-~]+)?(?:#[!-~]+)?)?\Z"
)
_SLASHES: Final = re.compile(r"^([A-Za-z][A-Za-z0-9+-.]*://)(/*)(.*?)")
_C1: Final = re.compile("[\x80-\x9f]")
_C1_WRITTEN: Final = re.compile(rb"\xc2[\x80-\x9f]")
_C1_NUMBERED: Final = re.compile(rb"&#(?:0*1[2-5][0-9]|x0*[89][0-9a-fA-F]);")
#: Where windows-1252 has letters for what are controls elsewhere.
_WINDOWS: Final = {byte: bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)}
_SCHEMES: Final = frozenset(
    "file ftp gopher h323 hdl http https imap magnet mailto mms news nntp prospero rsync rtsp rtspu sftp shttp sip sips snews "
    "svn svn+ssh telnet wais aim callto cvs facetime feed git gtalk irc ircs irc6 itms msnim skype ssh smb ymsg".split()
)
_XHTML: Final = "{http://www.w3.org/1999/xhtml}"
#: Attributes whose value is read in lower case.
_LOWERED: Final = ("rel", "type")
#: The attributes of most elements whose attributes matter, which need no naming.
_USUAL: Final = frozenset("href rel type term scheme label domain url".split())
_DEEPEST: Final = 100


def has_controls(data: bytes) -> bool:
    """Whether a feed has any of the characters that are controls, or letters of Windows: hardly any does."""
    return (b"\xc2" in data and _C1_WRITTEN.search(data) is not None) or (
        b"&#" in data and _C1_NUMBERED.search(data) is not None
    )


def text_of(element: Element) -> str:
    """The text of an element that holds no other."""
    if len(element):
        raise Unusual("markup where text should be")
    text = element.text
    return repaired(text.strip()) if text else ""


def text_without_controls(element: Element) -> str:
    """As ``text_of``, at less cost, for a feed that ``has_controls`` says has none."""
    if len(element):
        raise Unusual("markup where text should be")
    text = element.text
    if text is None:
        return ""
    text = text.strip()
    return text if text.isascii() else _read_again(text)


def repaired(text: str) -> str:
    """``text``, read again as UTF-8 where it was taken for Latin 1, and with the letters that Windows has among controls."""
    if text.isascii():
        return text
    text = _read_again(text)
    return text.translate(_WINDOWS) if _C1.search(text) else text


def _read_again(text: str) -> str:
    try:
        return text.encode("iso-8859-1").decode("utf-8").translate(_WINDOWS)
    except UnicodeError:
        return text


def attributes(element: Element) -> dict[str, str]:
    """The attributes of ``element`` as feedparser names them: of namespaces that it does not know, by their local names."""
    given = element.attrib
    if given.keys() <= _USUAL and given.get("rel", "a").islower() and given.get("type", "a").islower():
        return given
    given = {}
    for name, value in element.attrib.items():
        if name[0] == "{":
            namespace, _, local = name[1:].rpartition("}")
            prefix = NAMESPACES.get(namespace.lower(), "")
            given[(f"{prefix}:{local}" if prefix else local).lower()] = value
    for name, value in element.attrib.items():
        if name[0] != "{":
            given[name.lower()] = value
    for name in _LOWERED:
        if name in given:
            given[name] = given[name].lower()
    return given


def joined(base: str, address: str) -> str:
    """``address`` resolved against ``base``, either of which may be empty; empty where the two make no address."""
    if _WHOLE.match(address):
        return address
    if ":///" in address:
        address = _SLASHES.sub(r"\1\3", address)
    try:
        return urljoin(base, address) if base else address
    except ValueError:
        return ""


@lru_cache(maxsize=1024)
def based(base: str, within: str) -> str:
    """The base of what is within an element that names ``within`` as its base, or none."""
    if not base:
        return checked(joined("", within))
    found = joined(base, within or base)
    return found if found.strip().split(":", 1)[0] in _SCHEMES else base


def checked(base: str) -> str:
    """``base``, if addresses can be resolved against it."""
    try:
        urlsplit(base)
    except ValueError as error:
        raise Unusual("a base that is no address") from error
    return base


def markup_of(element: Element, names: Names, *, without_div: bool) -> str:
    """What is within an element of XHTML, written out; ``without_div``: without a ``<div>`` around all of it."""
    pieces = [_escaped(element.text)] if element.text else []
    for child in element:
        _write(child, names, pieces, 0)
    while len(pieces) > 1 and not pieces[-1].strip():
        pieces.pop()
    while len(pieces) > 1 and not pieces[0].strip():
        pieces.pop(0)
    if without_div and _is_in_div(pieces):
        pieces = pieces[1:-1]
    return repaired("".join(pieces).strip())


def _write(element: Element, names: Names, pieces: list[str], depth: int) -> None:
    tag = element.tag
    name = names[tag]
    within = tag.startswith(_XHTML)
    if within:
        local = tag[len(_XHTML) :].lower()
    else:
        local = name
        if tag[0] == "{" and "_" in name:
            raise Unusual("an element of another kind within XHTML")
    if name in TREATED or local in ("svg", "math") or depth > _DEEPEST:
        raise Unusual("within XHTML, an element that feedparser treats")
    pieces.append(f"<{local}{''.join(map(_attribute, element.attrib.items()))}>")
    if element.text:
        pieces.append(_escaped(element.text))
    for child in element:
        _write(child, names, pieces, depth + 1)
    pieces.append(f"</{local}>")
    if element.tail:
        pieces.append(_escaped(element.tail))


def _attribute(attribute: tuple[str, str]) -> str:
    name, value = attribute
    if name[0] == "{":
        if not name.startswith(XML):
            raise Unusual("an attribute with a namespace within XHTML")
        name = "xml:" + name[len(XML) :]
    name = name.lower()
    value = _escaped(value.lower() if name in _LOWERED else value).replace('"', "&quot;")
    return f' {name}="{value}"'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;")


def _is_in_div(pieces: list[str]) -> bool:
    if not pieces or not (pieces[0] == "<div>" or pieces[0].startswith("<div ")) or pieces[-1] != "</div>":
        return False
    depth = 0
    for piece in pieces[:-1]:
        if piece.startswith("</"):
            depth -= 1
            if depth == 0:
                return False
        elif piece.startswith("<") and not piece.endswith("/>"):
            depth += 1
    return True
