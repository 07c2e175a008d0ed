"""Speaking to AWS: the only package that imports the SDK."""

from __future__ import annotations

from app.aws.actions import home_region, iam_action, partition
from app.aws.calls import Aws
from app.aws.meter import Meter, Priority, Reading, Tally
from app.aws.metric_data import MAX_LINES, MAX_POINTS, MetricData, MetricQuery
from app.aws.paging import MAX_PAGES, Pages
from app.aws.retry import RetryPolicy
from app.aws.unit_limits import UnitLimit

__all__ = [
    "MAX_LINES",
    "MAX_PAGES",
    "MAX_POINTS",
    "Aws",
    "Meter",
    "MetricData",
    "MetricQuery",
    "Pages",
    "Priority",
    "Reading",
    "RetryPolicy",
    "Tally",
    "UnitLimit",
    "home_region",
    "iam_action",
    "partition",
]
