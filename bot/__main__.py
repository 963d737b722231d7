"""``python -m bot``: the same as ``ainews``."""

from bot.cli import main

main()
