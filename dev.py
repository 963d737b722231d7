#!/usr/bin/env python3
"""Sets everything up in ``.venv`` and runs one thing: ``python3 dev.py demo``, ``playground``, ``test``, ``lint``, ``types`` or ``setup``.

It needs Python 3.11 or newer and nothing else. What is installed is pinned in ``constraints.txt``; it is installed again only
when that or ``pyproject.toml`` has changed. To see the program, less is installed than to work on it. Arguments after the first go to the tool: ``python3 dev.py test -k urls``.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STAMP = VENV / ".installed"

#: They need the program alone, which is installed in a third of the time.
TO_SEE = ("demo", "playground")
#: Much of a test's time is waiting, so there are some even on one core. Tests of one file stay together.
PROCESSES = max(3, os.cpu_count() or 1)

COMMANDS = {
    "setup": [],
    "demo": [["ainews", "demo"]],
    "playground": [["ainews", "playground"]],
    "test": [["python", "-m", "pytest", "-n", str(PROCESSES), "--dist", "loadfile"]],
    "lint": [["ruff", "check"], ["ruff", "format", "--check"]],
    "types": [["mypy"]],
}


def main() -> int:
    """Run what was asked for; the exit code is the tool's."""
    if sys.version_info < (3, 11):
        print(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    name, *arguments = sys.argv[1:] or [""]
    if name not in COMMANDS:
        print(f"usage: python3 dev.py {{{','.join(COMMANDS)}}} [arguments]", file=sys.stderr)
        return 2
    if (code := set_up(to_see=name in TO_SEE)) != 0:
        return code
    for tool, *options in COMMANDS[name]:
        code = subprocess.run([BIN / tool, *options, *arguments], cwd=ROOT, check=False).returncode
        if code:
            return code
    return 0


def set_up(*, to_see: bool = False) -> int:
    """Make the environment, unless it is there and current; with ``to_see``, without what only developers need."""
    wanted = hashlib.sha256(b"".join((ROOT / f).read_bytes() for f in ("pyproject.toml", "constraints.txt"))).hexdigest()
    wanted += f" {sys.version_info.major}.{sys.version_info.minor}"
    there = STAMP.read_text() if STAMP.exists() else ""
    if there == wanted or (to_see and there == f"{wanted} to see"):
        return 0
    print("Setting up .venv; this takes a minute the first time …", file=sys.stderr, flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], cwd=ROOT, check=False)
    if made.returncode:
        print("This Python has no venv. On Debian and Ubuntu: apt install python3-venv", file=sys.stderr)
        return 1
    pip = [BIN / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    quiet = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    program = ["--constraint", "constraints.txt", "--editable", "."]
    steps = [program] if to_see else [["--upgrade", "pip>=25.1"], [*program, "--group", "dev"]]  # older ones know no groups
    for step in steps:
        code = subprocess.run([*pip, *step], cwd=ROOT, env=quiet, check=False).returncode
        if code:
            print("The installation failed; what pip said is above.", file=sys.stderr)
            return code
    STAMP.write_text(f"{wanted} to see" if to_see else wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
