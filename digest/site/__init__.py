"""The web archive: the editions as static pages."""
