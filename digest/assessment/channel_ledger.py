"""What models may cost for one channel, or one workspace of several: a ledger that keeps its budget as well as that of what it is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import BudgetExhausted
from digest.ports import Usage

if TYPE_CHECKING:
    from datetime import date

    from digest.ports import SpendingLedger


@dataclass(slots=True)
class ChannelLedger:
    """Implements ``ports.SpendingLedger``. ``all_channels``: the installation's, or the workspace's; ``own``: the channel's, of which
    ``budget_usd`` may be spent in a UTC day (None: as much as the cap leaves). Counts in both. ``whose`` and ``raised_by``: in words."""

    all_channels: SpendingLedger
    own: SpendingLedger
    budget_usd: float | None
    whose: str = "The channel's budget"
    raised_by: str = "the channel's settings raise it"

    async def reserve(self, day: date, dollars: float, cap: float | None) -> bool:
        """As the port says, of the installation's ``cap``. Raises BudgetExhausted where it is the channel's budget that is used up."""
        if not await self.own.reserve(day, dollars, self.budget_usd):
            raise BudgetExhausted(
                f"{self.whose} of ${self.budget_usd or 0:.2f} a day for models is used up",
                remedy=f"It begins anew at midnight UTC; {self.raised_by}.",
            )
        try:
            granted = await self.all_channels.reserve(day, dollars, cap)
        except BudgetExhausted:  # of the workspace that the channel is in
            await self._given_back(day, dollars)
            raise
        if not granted:
            await self._given_back(day, dollars)
        return granted

    async def settle(self, day: date, reserved: float, usage: Usage, *, purpose: str, model: str) -> None:
        """As the port says."""
        await self.own.settle(day, reserved, usage, purpose=purpose, model=model)
        await self.all_channels.settle(day, reserved, usage, purpose=purpose, model=model)

    async def _given_back(self, day: date, dollars: float) -> None:
        await self.own.settle(day, dollars, Usage(), purpose="none", model="none")

    async def spent(self, day: date) -> dict[str, Usage]:
        """The channel's."""
        return await self.own.spent(day)
