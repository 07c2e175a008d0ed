"""What is looked at in the spend explorer, as its address holds it: a link tells all of it.

Every choice on the page is a link to the address that it leads to, so Back undoes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from app.model.spend import (
    CATEGORY,
    CostMetric,
    Cut,
    Dimension,
    SpendDimension,
    Tag,
    dimension_of,
    is_keyed,
    tells,
)
from app.model.time import Window
from app.read import Granularity, SpendFilter
from dashboards.pages.spend_frame import explorer_href

DAY = timedelta(days=1)
PERIODS = {
    "": "by the range",
    "month": "this month",
    "last-month": "last month",
    "7d": "7 days",
    "30d": "30 days",
    "90d": "90 days",
    "6m": "6 months",
    "14m": "14 months",
}
COMPARED = {"": "period before", "year": "year before", "no": "nothing"}
SHOWN = {"": "bars", "lines": "lines", "running": "running total"}
METRICS = {
    CostMetric.UNBLENDED: "unblended",
    CostMetric.AMORTIZED: "amortized",
    CostMetric.NET_UNBLENDED: "net unblended",
    CostMetric.NET_AMORTIZED: "net amortized",
}
_NAMES = {
    SpendDimension.SERVICE: "service",
    SpendDimension.USAGE_TYPE: "usage type",
    SpendDimension.REGION: "Region",
    SpendDimension.LINKED_ACCOUNT: "account",
    SpendDimension.RECORD_TYPE: "record type",
    SpendDimension.OPERATION: "operation",
    SpendDimension.RESOURCE: "resource",
    SpendDimension.INSTANCE_TYPE: "instance type",
}
_DEEPER = {
    SpendDimension.SERVICE: SpendDimension.USAGE_TYPE,
    SpendDimension.USAGE_TYPE: SpendDimension.RESOURCE,
}
_SHORTEST_RANGE = 2 * DAY
_USUAL = 30
_BY_DAYS_UP_TO = 100 * DAY


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choices as texts of the address; what means nothing there counts as not chosen."""

    by: str = "SERVICE"
    then: str = ""
    where: tuple[SpendFilter, ...] = ()
    metric: CostMetric = CostMetric.UNBLENDED
    per: str = ""
    period: str = ""
    compare: str = ""
    shown: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str] | None) -> Chosen:
        """From the query store."""
        given = query or {}
        return cls(
            by=_dimension(given.get("by", ""), "SERVICE") if given.get("by") != "all" else "all",
            then=_dimension(given.get("then", ""), ""),
            where=filters_of(given.get("where", "")),
            metric=_metric(given.get("metric", "")),
            per=given["per"] if given.get("per") in list(Granularity) else "",
            period=given["period"] if given.get("period") in PERIODS else "",
            compare=given["compare"] if given.get("compare") in COMPARED else "",
            shown=given["shown"] if given.get("shown") in SHOWN else "",
        )

    @property
    def group(self) -> tuple[Dimension, ...]:
        """What the rows are told apart by."""
        named = [] if self.by == "all" else [self.by, *([self.then] if self.then else [])]
        return tuple(dimension_of(name) for name in dict.fromkeys(named))

    def href(self, **changes: Any) -> str:
        """The address of the same with changes."""
        changed = replace(self, **changes)
        usual = Chosen()
        texts = {field.name: getattr(changed, field.name) for field in fields(changed)}
        texts["where"] = text_of(changed.where)
        kept = {n: str(v) for n, v in texts.items() if n == "where" or v != getattr(usual, n)}
        return explorer_href(**kept)

    def keeping(self, dimension: Dimension, value: str, *, exclude: bool = False) -> Chosen:
        """Only (or all but) one value of a dimension."""
        others = tuple(
            one for one in self.where if one.dimension != dimension or (exclude and one.exclude)
        )
        return replace(self, where=(*others, SpendFilter(dimension, (value,), exclude)))

    def deeper(self, dimension: Dimension, value: str) -> Chosen:
        """One value only, split by what usually explains it."""
        below = (
            _DEEPER.get(dimension, SpendDimension.SERVICE)
            if isinstance(dimension, SpendDimension)
            else SpendDimension.SERVICE
        )
        return replace(self.keeping(dimension, value), by=below.value, then="")

    def window(self, page: Window, now: datetime) -> Window:
        """The whole UTC days that are looked at; today is one of them."""
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        month = today.replace(day=1)
        end = today + DAY
        if self.period == "month":
            return Window(month, end)
        if self.period == "last-month":
            return Window(months_back(month, 1), month)
        if self.period.endswith("m"):
            return Window(months_back(month, int(self.period[:-1]) - 1), end)
        if self.period.endswith("d"):
            return Window(end - int(self.period[:-1]) * DAY, end)
        if page.end - page.start >= _SHORTEST_RANGE:
            return page.aligned(DAY)
        return Window(end - _USUAL * DAY, end)

    def before(self, window: Window, per: Granularity) -> Window | None:
        """What it is compared with, as many slots earlier."""
        if self.compare == "no":
            return None
        if self.compare == "year":
            return Window(months_back(window.start, 12), months_back(window.end, 12))
        if self.period == "month":
            start = months_back(window.start, 1)
            return Window(start, min(window.start, start + (window.end - window.start)))
        if per is Granularity.MONTH or self.period == "last-month":
            count = _months(window)
            return Window(months_back(window.start.replace(day=1), count), window.start)
        return Window(window.start - (window.end - window.start), window.start)

    def granularity(self, window: Window) -> Granularity:
        """Days, but months where there would be too many of them."""
        if self.per:
            return Granularity(self.per)
        long = window.end - window.start > _BY_DAYS_UP_TO
        return Granularity.MONTH if long else Granularity.DAY


def name_of(dimension: Dimension) -> str:
    """As people say it: "usage type", "tag team"."""
    if isinstance(dimension, SpendDimension):
        return _NAMES[dimension]
    kind = "tag" if isinstance(dimension, Tag) else "cost category"
    return f"{kind} {dimension.key}"


def offered(cuts: Sequence[Cut]) -> tuple[Dimension, ...]:
    """Everything that something collected can be split by."""
    plain = [d for d in SpendDimension if any(tells(cut, d) for cut in cuts)]
    named = {part for cut in cuts for part in cut if is_keyed(part)}
    tags = sorted(named, key=lambda part: (part.startswith(CATEGORY), part))
    return (*plain, *(dimension_of(tag) for tag in tags))


def answerable(cuts: Sequence[Cut], dimensions: Sequence[Dimension]) -> bool:
    """Whether one cut tells all of these."""
    return any(all(tells(cut, d) for d in dimensions) for cut in cuts)


def filters_of(text: str) -> tuple[SpendFilter, ...]:
    """``SERVICE=AWS%20Lambda;REGION!=us-east-1,eu-west-1``; a part that means nothing is none."""
    return tuple(found for part in text.split(";") if (found := _filter(part)) is not None)


def text_of(where: Sequence[SpendFilter]) -> str:
    """The same conditions as text."""
    return ";".join(
        f"{one.dimension.value}{'!=' if one.exclude else '='}"
        + ",".join(quote(value, safe="") for value in one.values)
        for one in where
    )


def months_back(moment: datetime, count: int) -> datetime:
    """The same day ``count`` months earlier, or the last day where that month is shorter."""
    month = moment.year * 12 + moment.month - 1 - count
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=month // 12, month=month % 12 + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=month // 12, month=month % 12 + 1, day=min(moment.day, 27))


def _months(window: Window) -> int:
    last = window.end - DAY
    return (last.year - window.start.year) * 12 + last.month - window.start.month + 1


def _filter(part: str) -> SpendFilter | None:
    name, joined, values = part.partition("=")
    exclude = name.endswith("!")
    try:
        dimension = dimension_of(name.removesuffix("!"))
    except ValueError:
        return None
    if not joined:
        return None
    return SpendFilter(dimension, tuple(unquote(value) for value in values.split(",")), exclude)


def _dimension(name: str, otherwise: str) -> str:
    try:
        return dimension_of(name).value
    except ValueError:
        return otherwise


def _metric(name: str) -> CostMetric:
    return CostMetric(name) if name in list(CostMetric) else CostMetric.UNBLENDED
