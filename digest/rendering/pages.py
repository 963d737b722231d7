"""A digest as a page of HTML, as markdown and as plain text: one template each, over the same view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.rendering.view import digest_view

if TYPE_CHECKING:
    from digest.model import Digest
    from digest.rendering.templates import Templates


def render_html(digest: Digest, templates: Templates) -> str:
    """One self-contained page, UTF-8. Raises ConfigurationError or RenderError."""
    return templates.render("html/digest.html.j2", digest=digest_view(digest))


def render_markdown(digest: Digest, templates: Templates) -> str:
    """CommonMark. Raises ConfigurationError or RenderError."""
    return templates.render("markdown/digest.md.j2", digest=digest_view(digest))


def render_text(digest: Digest, templates: Templates) -> str:
    """Plain text, wrapped at 78 columns; addresses stay whole. Raises ConfigurationError or RenderError."""
    return templates.render("text/digest.txt.j2", digest=digest_view(digest))
