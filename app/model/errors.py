"""Every error that Watchdeck raises on purpose, in one tree.

::

    OpsError                     anything an operator can act on
    ├── ConfigError              config.yaml, with file, line, field and remedy
    ├── AwsError                 a call to AWS that gave no answer
    │   ├── Throttled            asked too often; the call may be repeated later
    │   ├── Denied               the role lacks an action; repeating does not help
    │   ├── Expired              credentials have run out or are missing
    │   ├── RegionOff            the Region is not enabled for the account
    │   ├── NotEnabled           the feature is not switched on in the account
    │   ├── Unreachable          no connection, no answer in time, or a 5xx
    │   ├── BadRequest           AWS refused the parameters: our mistake
    │   ├── CircuitOpen          not asked: the last calls failed, next try later
    │   └── OverBudget           not asked: the monthly cap would be passed
    ├── StoreError               the store could not do what it was asked
    │   ├── LeaseLost            another writer took over; this one must stop
    │   ├── StoreFull            no space left; nothing of the commit was kept
    │   ├── StoreUnreachable     where the segments lie does not answer
    │   ├── SegmentGone          a segment's file is certainly not where it should be
    │   └── SegmentDamaged       a segment does not verify and was set aside
    ├── QueryError               a query text, with the place of the mistake
    ├── CouldNotLook             a check lacks what it needs; never a clean result
    └── NotifyFailed             a message that did not arrive

A message says what happened, to what, and what to do next. It never holds a
secret or a webhook address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from app.model.ids import Place


class OpsError(Exception):
    """Anything an operator can act on."""


class ConfigError(OpsError):
    """One or more mistakes in a file that a person wrote."""


class AwsError(OpsError):
    """A call to AWS that gave no answer.

    ``action`` is the IAM action that was needed (``cloudwatch:GetMetricData``),
    ``code`` the error code AWS sent, empty when AWS was never reached.
    """

    def __init__(
        self, message: str, *, place: Place | None = None, action: str = "", code: str = ""
    ) -> None:
        super().__init__(message)
        self.message, self.place, self.action, self.code = message, place, action, code


class Throttled(AwsError):
    """Asked too often; the same call may succeed later."""


class Denied(AwsError):
    """The role lacks ``action``; repeating the call does not help."""


class Expired(AwsError):
    """The credentials have run out, are wrong, or could not be found."""


class RegionOff(AwsError):
    """The Region is not enabled for this account."""


class NotEnabled(AwsError):
    """The feature is not switched on in this account."""


class Unreachable(AwsError):
    """No connection, no answer in time, or the service answered with a fault."""


class BadRequest(AwsError):
    """AWS refused the parameters; this is a mistake of ours."""


class CircuitOpen(AwsError):
    """Not asked, because the last calls failed the same way; see ``retry_at``."""

    retry_at: datetime | None = None


class OverBudget(AwsError):
    """Not asked, because the monthly cap on Watchdeck's own spend would be passed."""


class StoreError(OpsError):
    """The store could not do what it was asked."""


class LeaseLost(StoreError):
    """Another writer holds the lease; this one must stop writing."""


class StoreFull(StoreError):
    """There is no space left; nothing of the commit was kept."""


class StoreUnreachable(StoreError):
    """Where the segments lie does not answer; what has a local copy can still be read."""


class SegmentGone(StoreError, FileNotFoundError):
    """A segment's file is certainly not where it should be; it may have been merged meanwhile."""


class SegmentDamaged(StoreError):
    """A segment does not verify; it was set aside and its coverage reopened."""


class CouldNotLook(OpsError):
    """A check lacks what it needs to look; says what, and what to do."""


class NotifyFailed(OpsError):
    """A message that did not arrive; ``permanent`` means that a retry cannot help.

    ``retry_after`` is how long the receiver asked to be left alone, if it did.
    """

    def __init__(
        self, message: str, *, permanent: bool, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message)
        self.permanent, self.retry_after = permanent, retry_after
