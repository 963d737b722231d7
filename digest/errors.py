"""Every error the program raises on purpose.

Each carries what an operator can do about it in ``remedy``; ``str(error)`` is one sentence that can be shown as it is. A user
never sees anything else: whatever is not in this tree is a defect and is logged with its traceback.

    AinewsError
     ├─ ConfigurationError        a setting, profile or template is wrong
     ├─ SourceError               something could not be read
     │   └─ FetchError            … over the network
     ├─ AssessmentError           a model could not judge an article
     │   └─ BudgetExhausted       … because the day's cap of spending is reached
     ├─ StoreError                Redis did not do what was asked; nothing acknowledged is lost
     │   ├─ StoreUnavailable      it cannot be reached, or it hangs
     │   ├─ StoreRefused          wrong password, missing permission
     │   ├─ StoreFull             out of memory
     │   └─ StoreReadOnly         a replica, or it cannot write its disk
     ├─ StateError                a backup cannot be written, read or put in place; nothing has changed
     ├─ SearchError               the index could not be opened or made
     ├─ RenderError               a template failed, or its output is not valid where it is going
     ├─ PublishError              a digest could not be delivered
     └─ NotFound                  what was asked for is not held
"""

from __future__ import annotations


class AinewsError(Exception):
    """Root of the tree. ``remedy`` is a sentence that says what to do, or empty."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class ConfigurationError(AinewsError):
    """A setting, a profile or a template is wrong. Raised before any work is begun."""


class SourceError(AinewsError):
    """A source, or one document of it, could not be read. ``where`` is a path or a URL."""

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.where = where


class FetchError(SourceError):
    """A fetch was refused, failed, or passed one of its limits.

    ``status`` is set where the server answered, and not with 2xx; ``retry_after_s`` is what it asked for, if it did.
    """

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        remedy: str = "",
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, where=where, remedy=remedy)
        self.status = status
        self.retry_after_s = retry_after_s


class AssessmentError(AinewsError):
    """A model gave no usable assessment. ``kind`` is a short word for the note and the count (``refusal``, ``timeout``, …).

    ``retry_after_s`` is what the provider asked for, if it did.
    """

    def __init__(self, message: str, *, kind: str, remedy: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.kind = kind
        self.retry_after_s = retry_after_s


class BudgetExhausted(AssessmentError):
    """The day's cap of spending is reached; no call was made."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message, kind="budget", remedy=remedy)


class StoreError(AinewsError):
    """Redis did not do what was asked. What was acknowledged before is still there."""


class StoreUnavailable(StoreError):
    """Redis cannot be reached, closed the connection, or did not answer in time."""


class StoreRefused(StoreError):
    """Redis refused the credentials, or the user may not run a command that is needed."""


class StoreFull(StoreError):
    """Redis is at its memory limit and refuses to write."""


class StoreReadOnly(StoreError):
    """Redis refuses to write: it is a replica, or it cannot persist."""


class StateError(AinewsError):
    """A backup could not be written, read or put in place, or what is stored is not to be touched as it stands."""


class SearchError(AinewsError):
    """The search index could not be opened, or a query could not be run."""


class RenderError(AinewsError):
    """A template failed, or what it made is not valid for where it is going. ``template`` is its name."""

    def __init__(self, message: str, *, template: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.template = template


class PublishError(AinewsError):
    """A digest could not be delivered."""


class NotFound(AinewsError):
    """What was asked for is not held."""
