"""One call to AWS from the first attempt to its outcome.

The order matters: breaker, then rate, then meter, then the network. So nothing
is counted that is not sent, and nothing is sent that is not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from app.aws.accounts import Accounts
from app.aws.actions import answering_region, home_region
from app.aws.asked import Asked
from app.aws.circuit import Circuits
from app.aws.clock import Clock
from app.aws.errors import (
    UNKNOWN_CREDENTIALS,
    classified,
    region_off,
)
from app.aws.meter import Meter, Priority, Sending
from app.aws.rate import Rates
from app.aws.retry import NEVER_SENT, RetryPolicy, may_repeat
from app.model.errors import AwsError, Expired, OverBudget, Throttled

T = TypeVar("T")

_FAILURES = (
    boto.BotoCoreError,
    boto.ClientError,
    ResponseParserError,
    HTTPError,
    OSError,
    AwsError,
)


@dataclass(frozen=True, slots=True)
class Charge:
    """Who asks, how urgently, and what one attempt costs in units and data points."""

    collector: str
    priority: Priority = Priority.NORMAL
    units: int = 1
    points: int = 0
    recent: bool = True


class Attempts:
    """Sends calls under all the rules; knows nothing of what they ask."""

    def __init__(
        self,
        accounts: Accounts,
        meter: Meter,
        rates: Rates,
        circuits: Circuits,
        clock: Clock,
        policy: RetryPolicy,
    ) -> None:
        self._accounts, self._meter, self._rates = accounts, meter, rates
        self._circuits, self._clock, self._policy = circuits, clock, policy

    def ask(
        self,
        asked: Asked,
        charge: Charge,
        send: Callable[[], T],
        in_home_region: Callable[[Asked], None],
    ) -> T:
        """The answer of ``send``; raises an AwsError once nothing more can be done.

        ``in_home_region`` asks who we are elsewhere; it raises when that fails too.
        """
        self._circuits.check(asked)
        try:
            answer = self._until_answered(asked, charge, send)
        except OverBudget:
            self._circuits.released(asked)
            raise
        except AwsError as error:
            final = self._told_apart(error, asked, in_home_region)
            self._circuits.failed(asked, final)
            raise final from None
        self._circuits.succeeded(asked)
        return answer

    def _until_answered(self, asked: Asked, charge: Charge, send: Callable[[], T]) -> T:
        deadline = self._clock.monotonic() + self._policy.deadline
        signed_in_again = False
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._once(asked, charge, send)
            except _FAILURES as cause:
                # The cause may repeat the signed request, so it is never chained.
                error = self._classified(cause, asked)
                if isinstance(error, Expired) and not signed_in_again:
                    signed_in_again = True
                    if self._accounts.sign_in_again(asked.place.account):
                        continue
                pause = self._policy.pause(attempt)
                over = self._clock.monotonic() + pause > deadline
                if (
                    attempt >= self._policy.attempts
                    or over
                    or not may_repeat(error, cause, asked.api, asked.operation)
                ):
                    raise error from None
            self._clock.sleep(pause)

    def _once(self, asked: Asked, charge: Charge, send: Callable[[], T]) -> T:
        account, region = asked.place.account, answering_region(asked.api, asked.place.region)
        if charge.points:
            self._rates.take_points(account, region, charge.points, recent=charge.recent)
        self._rates.take(account, region, asked.api, asked.operation)
        sending = self._meter.sending(
            asked, charge.units, collector=charge.collector, priority=charge.priority
        )
        try:
            return send()
        except _FAILURES as cause:
            self._settle(sending, cause, asked)
            raise

    def _settle(self, sending: Sending, cause: Exception, asked: Asked) -> None:
        error = self._classified(cause, asked)
        if isinstance(error, Throttled):
            region = answering_region(asked.api, asked.place.region)
            self._rates.throttled(asked.place.account, region, asked.api, asked.operation)
        if isinstance(cause, boto.ClientError | AwsError):
            sending.refused(error)
        elif isinstance(cause, NEVER_SENT):
            sending.never_sent()
        else:
            sending.unanswered()

    def _classified(self, cause: Exception, asked: Asked) -> AwsError:
        return classified(cause, asked, self._accounts.get(asked.place.account).secrets())

    def _told_apart(
        self, error: AwsError, asked: Asked, in_home_region: Callable[[Asked], None]
    ) -> AwsError:
        """A Region that is off, or wrong credentials: known once the home Region was asked."""
        at_home = home_region(asked.place.region) == asked.place.region
        if error.code not in UNKNOWN_CREDENTIALS or asked.api == "sts" or at_home:
            return error
        try:
            in_home_region(asked)
        except AwsError:
            return error
        return region_off(asked, error.code)
