"""Lets TypeScript's compiler judge what the local Slack and the bot send, by the types that Slack publishes.

Payloads and answers of ``slack_scenario.py``, and the bot's golden messages, modals and Home, are written as literals into a program, which
``tsc --strict`` compiles against ``@slack/types``, ``@slack/web-api`` and ``@slack/bolt``. Needs npm: without it, it says so and ends with 0.
``python .ci/slack_types.py [--modules DIR]``, where DIR keeps the packages for the next time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from slack_scenario import collect

PACKAGES = ("typescript@7.0.2", "@slack/types@3.2.0", "@slack/web-api@8.2.0", "@slack/bolt@5.1.0")


def goldens() -> list[tuple[str, Any]]:
    """What the bot sends, from the tests' golden files."""
    tests = Path(__file__).parents[1] / "tests"
    found: list[tuple[str, Any]] = []
    for file in sorted((tests / "slack" / "golden").glob("*.json")):
        made = json.loads(file.read_text(encoding="utf-8"))
        found += [("types.View", made)] if file.name.startswith("view.") else [("types.KnownBlock[]", made.get("blocks", []))]
    for file in sorted((tests / "rendering" / "golden").glob("*.slack.json")):
        found += [("types.KnownBlock[]", each["blocks"]) for each in json.loads(file.read_text(encoding="utf-8"))]
    if not found:
        raise SystemExit("there are no golden files")
    return found


def program(found: list[tuple[str, Any]]) -> str:
    """A program that compiles where every literal has its type; a literal may say more than its type knows."""
    lines = ["import type * as types from '@slack/types';", "import type * as web from '@slack/web-api';",
             "import type * as bolt from '@slack/bolt';",
             # The enumerations of @slack/web-api by their values, and null where they know only undefined, as JSON has them.
             "type Plain<T> = T extends string ? `${T}` : T extends (infer U)[] ? Plain<U>[]",
             "  : T extends object ? { [K in keyof T]: Plain<T[K]> | null } : T;",
             # They ask for a subtype that is undefined, and in a changed message for what only the event around it has.
             "type Said = Omit<types.GenericMessageEvent, 'subtype'>;",
             "type Within = Omit<Said, 'event_ts' | 'channel' | 'channel_type'>;",
             "type Shared = Omit<types.FileShareMessageEvent, 'files'>"
             " & { files: (NonNullable<types.FileShareMessageEvent['files']>[number] & { alt_txt: string })[] };",
             "const judge = <T>() => <U extends T>(_value: U): void => undefined;"]  # fmt: skip
    lines += [f"judge<{kind}>()({json.dumps(value, ensure_ascii=True)});" for kind, value in found]
    return "\n".join(lines) + "\n"


def compiled(text: str, modules: Path) -> subprocess.CompletedProcess[str]:
    """What the compiler says of ``text``; the packages are put into ``modules`` if they are not there."""
    modules.mkdir(parents=True, exist_ok=True)
    if not (modules / "node_modules" / "@slack" / "bolt").exists():
        install = [
            "npm",
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
            "--prefix",
            str(modules),
            *PACKAGES,
        ]
        subprocess.run(install, check=True)
    (modules / "judged.ts").write_text(text, encoding="utf-8")
    options = [
        "--strict",
        "--noEmit",
        "--skipLibCheck",
        "--target",
        "es2022",
        "--module",
        "nodenext",
        "--moduleResolution",
        "nodenext",
    ]
    tsc = [str(modules / "node_modules" / ".bin" / "tsc"), *options, "judged.ts"]
    return subprocess.run(tsc, cwd=modules, capture_output=True, text=True, check=False)


def main() -> int:
    """Judge; 1 where a literal does not have its type."""
    parser = argparse.ArgumentParser(description="Judge the local Slack's payloads and answers by Slack's own types.")
    parser.add_argument("--modules", type=Path, help="folder that keeps the packages")
    options = parser.parse_args()
    if shutil.which("npm") is None:
        print("SKIPPED: there is no npm, so Slack's own types judge nothing")
        return 0
    found = [*asyncio.run(collect()), *goldens()]
    with tempfile.TemporaryDirectory() as scratch:
        verdict = compiled(program(found), options.modules or Path(scratch))
    print(verdict.stdout, end="")
    kinds = len({kind for kind, _ in found})
    print(f"{len(found)} payloads and answers of {kinds} types: {'sound' if verdict.returncode == 0 else 'NOT sound'}")
    return verdict.returncode


if __name__ == "__main__":
    sys.exit(main())
