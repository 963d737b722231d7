"""What models may cost for one channel: a ledger that keeps the channel's budget as well as the installation's cap."""

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
    """Implements ``ports.SpendingLedger``. ``all_channels``: the installation's; ``own``: the channel's, of which ``budget_usd`` may be
    spent in a UTC day (None: as much as the cap leaves). Counts in both."""

    all_channels: SpendingLedger
    own: SpendingLedger
    budget_usd: float | None

    async def reserve(self, day: date, dollars: float, cap: float | None) -> bool:
        """As the port says, of the installation's ``cap``. Raises BudgetExhausted where it is the channel's budget that is used up."""
        if not await self.own.reserve(day, dollars, self.budget_usd):
            raise BudgetExhausted(
                f"The channel's budget of ${self.budget_usd or 0:.2f} a day for models is used up",
                remedy="It begins anew at midnight UTC; the channel's settings raise it.",
            )
        if await self.all_channels.reserve(day, dollars, cap):
            return True
        await self.own.settle(day, dollars, Usage(), purpose="none", model="none")
        return False

    async def settle(self, day: date, reserved: float, usage: Usage, *, purpose: str, model: str) -> None:
        """As the port says."""
        await self.own.settle(day, reserved, usage, purpose=purpose, model=model)
        await self.all_channels.settle(day, reserved, usage, purpose=purpose, model=model)

    async def spent(self, day: date) -> dict[str, Usage]:
        """The channel's."""
        return await self.own.spent(day)
