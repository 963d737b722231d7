"""The results of a message batch as the provider gives them: read line by line, and told apart.

Results come in any order and are as little to be trusted as a call's: the SDK validates none of them. What is made of a message
is ``asking.py``'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from digest.assessment.asking import checked
from digest.assessment.failures import from_result
from digest.assessment.spending import Bill
from digest.errors import AssessmentError
from digest.ports import Usage

if TYPE_CHECKING:
    from anthropic.resources.messages import AsyncBatches
    from anthropic.types import Message

    from digest.assessment.prices import Prices
    from digest.ports import Batch

log = structlog.get_logger(__name__)


async def read_results(api: AsyncBatches, batch: Batch) -> dict[str, Any]:
    """The SDK's result of each request, by article id; the first where there are several.

    What comes after a line that is no JSON is lost, and those articles are tried again. Raises the SDK's errors.
    """
    found: dict[str, Any] = {}
    try:
        async for line in await api.results(batch.id):
            result = getattr(line, "result", None)
            if isinstance(getattr(line, "custom_id", None), str) and isinstance(getattr(result, "type", None), str):
                found.setdefault(line.custom_id, result)
    except (ValueError, TypeError) as error:
        log.warning("batch.unreadable", batch=batch.id, read=len(found), of=len(batch.articles), reason=str(error))
    return found


def message_of(result: Any) -> Message:
    """The message of a result. Raises AssessmentError for every other kind of result, and for none."""
    if result is None:
        raise AssessmentError("Claude's batch has no result for this article", kind="invalid")
    match result.type:
        case "succeeded":
            return checked(getattr(result, "message", None))
        case "errored":
            raise from_result(getattr(getattr(getattr(result, "error", None), "error", None), "type", None))
        case "expired":
            raise AssessmentError("Claude's batch ended before this article's turn", kind="expired")
        case _:
            raise AssessmentError("Claude's batch was canceled before this article's turn", kind="canceled")


def usage_of(results: dict[str, Any], prices: Prices) -> Usage:
    """What all of them used: those that succeeded are billed, whatever they are worth."""
    used = Usage()
    for result in results.values():
        if result.type == "succeeded":
            bill = Bill(prices, 0)
            bill.charge(getattr(getattr(result, "message", None), "usage", None))
            used += bill.usage
    return used
