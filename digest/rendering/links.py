"""Which addresses may become a link: http and https to a plain host, and nothing in them that could break out.

The sources have looked at addresses before; this is the last look, where a link is drawn.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from digest.rendering.cleaning import one_line

#: Longer addresses are no link anywhere: 8,000 octets is what RFC 9110, section 4.1, asks every party to support.
MOST_CHARACTERS: Final = 8_000
_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::\d{1,5})?")
#: Not allowed bare by RFC 3986, and each of them ends or escapes something in one of the formats.
_ENCODED: Final = str.maketrans({c: f"%{ord(c):02X}" for c in "\"<>\\^`{|}' "})


@lru_cache(maxsize=1_024)  # a digest asks for each of its addresses in several places
def web_link(url: str) -> str:
    """``url`` as it may be linked, or empty where it may not.

    Refused: any scheme but http and https, a user name or password, a host with odd characters, control, bidi or
    zero-width characters anywhere, and more than 8,000 characters.
    """
    if len(url) > MOST_CHARACTERS or one_line(url) != url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.netloc):
        return ""
    return url.translate(_ENCODED)
