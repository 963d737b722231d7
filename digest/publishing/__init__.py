"""Where a digest goes that needs no chat: the terminal and a page."""
