"""One fixed digest in every format against golden/. AINEWS_REFRESH_GOLDEN=1 refreshes the files: read the diff."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from digest.model import Assessment, Part, Provenance, Subscription, Update
from digest.rendering.pages import render_html, render_markdown, render_text
from digest.rendering.slack import render_slack
from digest.rendering.templates import Templates
from digest.rendering.terminal import render_terminal
from tests.builders import assessed, assessment, chosen, digest, left_out, story, unscored

if TYPE_CHECKING:
    from digest.model import Digest, Message

GOLDEN = Path(__file__).parent / "golden"
REFRESH = bool(os.environ.get("AINEWS_REFRESH_GOLDEN"))  # read here: each test runs in a clean environment


def monday() -> Digest:
    """Five stories: one told by three publishers, a hostile title, one offline, one unscored, two other scripts."""
    budgets = story(
        "Search giant hands ad budgets to an assistant, and keeps the receipts",
        publisher="The Daily Ledger",
        url="https://ledger.example/assistant-budgets",
        judged=assessment(
            score=9.0,
            topic="AI in paid search",
            reason="It changes who decides on spend in the largest paid-search platform.",
            summary=(
                "An assistant inside the ads console can now move budget between campaigns, within limits set once.",
                "Every move is logged with the signals that led to it, and can be undone for 30 days.",
            ),
            key_insights=(
                "Budget decisions move from people to policy: what an advertiser controls is the limits.",
                "Accounts opened after January should be checked for the default before the first campaign runs.",
            ),
            tags=("google-ads", "automation"),
        ),
        also=[
            assessed("Ads assistant gets a chequebook", publisher="AdWire", url="https://adwire.example/chequebook"),
            assessed("Automated budgets arrive", publisher="Marketing Morning", url="javascript:alert(1)"),
        ],
    )
    parts = (
        Part("relevance", 9.0, "scored 9 of 10"),
        Part("freshness", 0.87, "published 5 hours before"),
        Part("coverage", 0.79, "carried by 3 publishers"),
    )
    hostile = story(
        "<script>alert(1)</script> <!channel> *Sale* [50%](https://evil.example) & \u202emore\u202c",
        publisher="<b>Bold</b> & Co",
        url="https://shop.example/?a=1&b=<2>",
        judged=assessment(summary=("# Not a heading\n- nor a list", "1. nor this @here"), key_insights=()),
    )
    again = Update(
        date(2026, 11, 20), "https://team.slack.example/archives/C1/p1", "The draft now names a fine of €2 million & a <date>: 1 March.",
        ("€2 million", "1 March"),
    )  # fmt: skip
    half = Assessment(
        score=6.5,
        topic="Regulation",
        summary=("A draft rule asks for a visible label on adverts with generated people.",),
        key_insights=("Few teams keep a record of which assets would need one.",),
        provenance=Provenance(score="source", topic="source", summary="offline", key_insights="offline"),
        note="Claude did not answer in 30 s; assessed offline",
    )
    return digest(
        [
            chosen(1, budgets, "Scored 9 of 10, published 5 hours before, carried by 3 publishers.", parts=parts),
            chosen(2, hostile),
            chosen(3, story("Regulator asks for labels", publisher="Policy Desk", judged=half), update=again),
            chosen(4, story("وكالات الإعلان تتبنى نماذج اللغة", publisher="صحيفة", judged=unscored(summary=(), tags=()))),
            chosen(5, story("👩‍💻 通販大手が移行", publisher="マーケ新聞", judged=assessment(score=2.0), published=None)),
        ],
        left_out=(
            left_out("A new logo", publisher="Chip Times", judged=assessment(score=3.0)),
            left_out("An undated note", rule="unscored", reason="it has no score", judged=unscored(), url="ftp://x.example"),
        ),
        articles=42,
        notes=("Claude did not answer in 30 s; assessed offline (1 story)",),
    )


def _as_json(message: Message) -> str:
    shown = [{"text": m.text, "blocks": m.blocks} for m in (message, *message.replies)]
    return json.dumps(shown, indent=1, ensure_ascii=False) + "\n"


def _as_printed(whole: Digest) -> str:
    out = io.StringIO()
    Console(file=out, width=90, color_system=None).print(render_terminal(whole))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


FORMATS = {
    "digest.slack.json": lambda d, t: _as_json(render_slack(d, t)),
    "digest.compact.slack.json": lambda d, t: _as_json(
        render_slack(replace(d, subscription=Subscription(layout="compact")), t)
    ),
    "digest.html": render_html,
    "digest.md": render_markdown,
    "digest.txt": render_text,
    "digest.terminal.txt": lambda d, _: _as_printed(d),
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_digest_looks_as_it_did(name: str) -> None:
    made = FORMATS[name](monday(), Templates())
    golden = GOLDEN / name
    if REFRESH:
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")
