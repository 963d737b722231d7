"""A backup that is older than the channels is put back: whatever it says, no digest is posted twice, and none is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from digest.publishing.publication import CLOSED, sending
from tests.publishing.stand import (
    NAME,
    QUICK,
    WHOLE,
    Dead,
    Killed,
    Stand,
    killed_at,
    publication,
    sent,
    settle,
    until,
    verified,
)
from tests.stores.test_state import exported, imported


async def at(here: Stand, state: str) -> None:
    """Bring the ledger to ``state``, as a backup may find it."""
    desk = here.desk()
    if state != "empty":
        await desk.take_up(publication())
    if state == "sending":
        token = await here.ledger.lease(NAME, 0.01)
        held = await here.ledger.get(NAME)
        assert token is not None
        assert held is not None
        await here.ledger.save(sending(held), token, 0.01)
        await asyncio.sleep(0.02)
    if state == "posted":
        killed = here.desk(watch=killed_at("posted"), ledger=Dead(here.client, here.keys))
        await settle(killed)
        with pytest.raises((Killed, BaseExceptionGroup)):
            await until(killed, sent)
    if state in ("sent", "verified"):
        await until(desk, sent if state == "sent" else verified)


@pytest.mark.parametrize("state", ["empty", "prepared", "sending", "posted", "sent", "verified"])
@pytest.mark.parametrize("runs_on", [True, False])
async def test_from_any_state_a_backup_leads_to_one_digest(here: Stand, tmp_path: Path, state: str, runs_on: bool) -> None:
    await at(here, state)
    await exported(here.client, here.keys, tmp_path / "state.gz")
    desk = here.desk()
    await desk.take_up(publication())
    await until(desk, sent)
    assert here.texts() == WHOLE
    await imported(here.client, here.keys, tmp_path / "state.gz")
    after = desk if runs_on else here.desk()
    await after.take_up(publication())
    found = await until(after, lambda p: p.state in CLOSED)
    assert found.state == "verified"
    assert here.texts() == WHOLE
    assert found.removed == 0
    assert [p.ts for p in found.pieces] == [m["ts"] for m in here.standing()]


async def test_what_the_history_does_not_show_yet_is_waited_for(here: Stand, tmp_path: Path) -> None:
    """It lags; and the desk that runs on has long believed what the history does not show."""
    here.slack.workspace.history_lag_s = QUICK.settle_s / 2
    desk = here.desk()
    await desk.take_up(publication())
    await exported(here.client, here.keys, tmp_path / "state")
    await settle(desk)
    await until(desk, sent)
    await imported(here.client, here.keys, tmp_path / "state")
    found = await until(desk, verified)
    assert here.texts() == WHOLE
    assert found.removed == 0


async def test_the_same_done_by_hand_without_another_life_does_post_twice(here: Stand, tmp_path: Path) -> None:
    """So the test above can fail."""
    here.slack.workspace.history_lag_s = QUICK.settle_s / 2
    desk = here.desk()
    await desk.take_up(publication())
    await settle(desk)
    raw = await here.client.dump(here.keys.publication(str(NAME)))
    await until(desk, sent)
    await here.client.restore(here.keys.publication(str(NAME)), 0, raw, replace=True)
    await until(desk, lambda p: p.state == "sent")
    assert len(here.texts()) > len(WHOLE)


async def test_what_was_posted_half_way_is_gone_on_with(here: Stand, tmp_path: Path) -> None:
    killed = here.desk(watch=killed_at("posted", 2), ledger=Dead(here.client, here.keys))
    await killed.take_up(publication())
    await exported(here.client, here.keys, tmp_path / "state")
    await settle(killed)
    with pytest.raises((Killed, BaseExceptionGroup)):
        await until(killed, sent)
    assert here.texts() == WHOLE[:2]
    await imported(here.client, here.keys, tmp_path / "state")
    await until(here.desk(), verified)
    assert here.texts() == WHOLE
