"""SVG as PNG, by the extra ``charts`` where it is installed."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec


@lru_cache(maxsize=1)
def installed() -> bool:
    """Whether pictures can be drawn here."""
    return find_spec("vl_convert") is not None


def png(svg: str, *, scale: float = 2) -> bytes:
    """A PNG of ``svg``, with ``scale`` dots for each of its units. Blocks for some 60 ms. Raises ValueError where it is no SVG."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(svg, scale=scale))
