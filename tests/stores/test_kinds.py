"""Every key of the table in ``keys`` has a kind, of its type, and the other way about."""

from __future__ import annotations

import re
from datetime import date

from digest.stores import keys as module
from digest.stores.keys import Keys
from digest.stores.kinds import KINDS, OTHER, kind_of

TYPES = {"integer": "string", "string": "string", "hash": "hash", "list": "list", "sorted set": "zset"}


def documented() -> dict[str, str]:
    """Name to type, as the table has them."""
    found: dict[str, str] = {}
    for line in (module.__doc__ or "").splitlines():
        if not line.startswith("| ``"):
            continue
        names, kind = (cell.strip() for cell in line.strip("|").split("|")[:2])
        first, *others = re.findall(r"``([^`]+)``", names)
        found[first.removeprefix("ainews:{W}:")] = kind
        for other in others:
            found[other] = kind
    return found


def test_every_documented_key_has_a_kind_of_its_type() -> None:
    kinds = {k.name: k for k in KINDS}
    table = documented()
    assert len(table) > 40
    assert set(table) == set(kinds)
    for name, kind in table.items():
        if not kind.startswith("as "):  # as above, or as another library has them
            assert TYPES[kind] == kinds[name].type, name


def test_what_does_not_travel_says_why() -> None:
    for kind in KINDS:
        assert kind.fate == "travels" or kind.why, kind.name
        assert kind.waves == (1,) or kind.why, kind.name


def test_each_key_that_is_made_is_of_its_kind() -> None:
    k, day = Keys("local"), date(2026, 11, 28)
    made = {
        "article:ID": k.article("a"), "text:FINGERPRINT": k.text("f"), "near:ID": k.near("a"), "near:bands:PERIOD": k.near_bands(7),
        "near:sequence": k.near_sequence, "read:SOURCE": k.read("s"), "spent:DATE": k.spent(day), "reserved:DATE": k.reserved(day),
        "spent:of:CHANNEL:DATE": k.spent(day, "C1"), "reserved:of:CHANNEL:DATE": k.reserved(day, "C1"),
        "translation:LANGUAGE:ID:WORDING": k.translation("de:a:x"), "asked:DATE": k.asked(day), "answer:HASH": k.answer("h"),
        "conversation:CHANNEL:THREAD": k.conversation("C1:1.2"), "candidates": k.candidates, "candidates:due": k.candidates_due,
        "seen:ID": k.seen("a"), "rebuild": k.rebuild, "rebuild:TOKEN:…": Keys("local", "t").article("a"), "batches": k.batches,
        "delivery:NAME": k.delivery("event:E"), "deliveries:open": k.deliveries_open, "installations": k.installations,
        "installing:STATE": k.installing("s"), "edition:CHANNEL": k.edition("C1"), "publication:NAME": k.publication("C1:2026-11-28w"),
        "publication:lease:NAME": k.publication_lease("C1:2026-11-28"), "publications": k.publications,
        "publications:open": k.publications_open, "publications:life": k.publications_life, "proved:BOT": k.proved("B"),
        "subscriptions": k.subscriptions, "subscription:changes:CHANNEL": k.subscription_changes("C1"), "shelf:PERSON": k.shelf("U1"),
        "rate:…": f"{k.rates}:x", "tasks:KIND:…": f"{k.tasks('feed')}:stream",
        "votes:of:CHANNEL": k.votes("C1"), "votes:at:CHANNEL": k.votes_at("C1"), "version": k.version, "migrating": k.migrating,
        "import": k.importing, "import:switch": k.import_switch, "import:TOKEN:…": k.imported("t") + "article:a",
    }  # fmt: skip
    for name, key in made.items():
        assert kind_of(key.removeprefix(k.prefix).encode()).name == name
    assert kind_of(b"something:new") is OTHER
