"""AWS/Billing EstimatedCharges: the month so far, told every six hours in us-east-1.

Only the paying account has it, in all and by service; it starts anew with each month.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from app.demo.spend.book import ONE_USD, SpendBook, Statement
from app.demo.spend.charges import Charge
from app.demo.spend.tariff import AMERICA
from app.demo.world.noise import Floats
from app.demo.world.samples import Samples, gauge
from app.model.ids import Place, SeriesKey

NAMESPACE, METRIC = "AWS/Billing", "EstimatedCharges"
STEP_S = 6 * 3600
_LAG_S = 10 * 3600
_DAY_S = 86_400
_CODES = {
    "AWS Lambda": "AWSLambda",
    "Amazon API Gateway": "AmazonApiGateway",
    "Amazon CloudFront": "AmazonCloudFront",
    "Amazon DynamoDB": "AmazonDynamoDB",
    "Amazon Elastic Compute Cloud - Compute": "AmazonEC2",
    "EC2 - Other": "AmazonEC2",
    "Amazon Elastic Container Service": "AmazonECS",
    "Amazon Relational Database Service": "AmazonRDS",
    "Amazon Simple Queue Service": "AWSQueueService",
    "Amazon Simple Storage Service": "AmazonS3",
    "AmazonCloudWatch": "AmazonCloudWatch",
}
"""Services as this metric names them."""


@dataclass(frozen=True, slots=True)
class EstimatedCharges:
    """A source of samples."""

    book: SpendBook

    def keys(self, place: Place) -> list[SeriesKey]:
        if place != Place(self.book.payer, AMERICA):
            return []
        names = sorted({_CODES[c.service] for c in self.book.charges if c.service in _CODES})
        under = [{"Currency": "USD"}, *({"Currency": "USD", "ServiceName": n} for n in names)]
        return [SeriesKey.of(place, NAMESPACE, METRIC, dimensions) for dimensions in under]

    def samples(self, key: SeriesKey, start_s: int, end_s: int) -> Samples | None:
        if key.namespace != NAMESPACE or key not in self.keys(key.place):
            return None
        wanted = _wanted(dict(key.dimensions).get("ServiceName", ""))
        statement = self.book.whole(datetime.fromtimestamp(end_s, UTC))
        first = max(-(-start_s // STEP_S), -(-statement.first * _DAY_S // STEP_S) + 2)
        moments = np.arange(first, -(-end_s // STEP_S), dtype=np.int64) * STEP_S
        made = gauge(moments // 60, _so_far(statement, wanted, moments))
        return Samples(made.at, made.number, made.total, made.low, made.high, step=STEP_S)


def _wanted(service: str) -> Callable[[Charge], bool]:
    return lambda charge: not service or _CODES.get(charge.service) == service


def _so_far(statement: Statement, wanted: Callable[[Charge], bool], moments: np.ndarray) -> Floats:
    """US dollars since the first of the month, as far as the bill has come at each moment."""
    rows = [row for row, charge in enumerate(statement.charges) if wanted(charge)]
    days = statement.unblended[rows].sum(axis=0) / ONE_USD
    before = np.concatenate(([0.0], np.cumsum(days)))
    reached = moments - _LAG_S
    day = reached // _DAY_S - statement.first
    total = before[day] + days[day] * (reached % _DAY_S) / _DAY_S
    month = statement.calendar.first_of_month[day] - statement.first
    charged: Floats = np.round(total - before[month], 2)
    return charged
