"""When a digest is due, and how it comes to where it goes: into a channel, once; to the terminal; onto a page."""
