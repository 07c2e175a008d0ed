"""Cost Explorer's GetCostAndUsage, with its pages."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from app.demo.refusal import Refused
from app.demo.spend.book import CLOSED_AFTER_DAYS, ONE_USD, SpendBook, Statement
from app.demo.spend.charges import Charge
from app.demo.spend.days import number_of
from app.demo.spend.filters import expression, group_key, validation
from app.demo.spend.periods import Span, granularity, history, periods, told
from app.demo.telemetry.fields import Request, items, mapping, text

PAGE_GROUPS = 5_000
"""Groups on one page. AWS does not tell its own number; a client must not depend on it."""

METRICS = (
    "UnblendedCost",
    "BlendedCost",
    "AmortizedCost",
    "NetUnblendedCost",
    "NetAmortizedCost",
    "UsageQuantity",
    "NormalizedUsageAmount",
)
_USAGE = ("UsageQuantity", "NormalizedUsageAmount")

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Group:
    keys: tuple[str, ...]
    rows: np.ndarray
    unit: str


@dataclass(frozen=True, slots=True)
class _Sums:
    """What a group amounts to in each period; ``there`` is where it cost or used anything."""

    group: _Group
    by_metric: dict[str, np.ndarray]
    there: np.ndarray

    @classmethod
    def of(
        cls, statement: Statement, group: _Group, spans: Sequence[Span], metrics: Sequence[str]
    ) -> _Sums:
        starts = [statement.column(number_of(start)) for start, _ in spans]
        end = statement.column(number_of(spans[-1][1]))
        sums = {}
        for name in metrics:
            days = statement.of(name)[group.rows].sum(axis=0)[:end]
            sums[name] = np.add.reduceat(days, starts)
        there = np.any([values != 0 for values in sums.values()], axis=0)
        return cls(group, sums, there)

    def told(self, number: int) -> Json:
        metrics: Json = {
            name: _told(name, values[number], self.group.unit)
            for name, values in self.by_metric.items()
        }
        return {"Keys": list(self.group.keys), "Metrics": metrics}


def cost_and_usage(
    book: SpendBook, account: str, request: Request, now: datetime, page_groups: int = PAGE_GROUPS
) -> Json:
    """One page of costs by period and group, as ``account`` sees them."""
    span, grain = history(request, now.date()), granularity(request)
    metrics = _metrics(request)
    definitions = [mapping(item) for item in items(request.get("GroupBy"))]
    if len(definitions) > 2:
        raise validation("Size of GroupBy list must be between 1 and 2.")
    offset, at = _position(request, now)
    statement = book.known(at)
    spans = list(periods(span, grain))
    groups = _groups(statement, _wanted(book, account, request), definitions)
    sums = [_Sums.of(statement, group, spans, metrics) for group in groups]
    results: list[Json] = []
    left, seen = page_groups, 0
    for number, period in enumerate(spans):
        there = [each for each in sums if each.there[number] or not definitions]
        skipped = min(max(offset - seen, 0), len(there))
        taken = there[skipped : skipped + left]
        seen, left = seen + skipped + len(taken), left - len(taken)
        if taken or not skipped:
            told_ = [each.told(number) for each in taken]
            results.append(_result(period, told_, bool(definitions), metrics, now.date()))
        if skipped + len(taken) < len(there):
            return _page(results, definitions, _token(request, seen, at))
    return _page(results, definitions, "")


def sees(book: SpendBook, account: str) -> Callable[[Charge], bool]:
    """The paying account sees all charges, any other its own."""
    return lambda charge: account in (book.payer, charge.place.account)


def amount(units: int) -> str:
    """1e-10 USD as Cost Explorer writes them."""
    whole, rest = divmod(abs(units), ONE_USD)
    digits = f"{rest:010d}".rstrip("0")
    return f"{'-' if units < 0 else ''}{whole}{'.' if digits else ''}{digits}"


def is_estimated(end: date, today: date) -> bool:
    """Whether the month of a period that ends there is still open."""
    last = number_of(end) - 1
    month = np.int64(last).astype("datetime64[D]").astype("datetime64[M]")
    following = int((month + 1).astype("datetime64[D]").astype(np.int64))
    return number_of(today) < following + CLOSED_AFTER_DAYS


def _wanted(book: SpendBook, account: str, request: Request) -> Callable[[Charge], bool]:
    visible, passes = sees(book, account), expression(mapping(request.get("Filter")))
    return lambda charge: visible(charge) and passes(charge)


def _metrics(request: Request) -> list[str]:
    metrics = [text(item) for item in items(request.get("Metrics"))]
    unknown = [name for name in metrics if name not in METRICS]
    if unknown or not metrics:
        raise validation(f"Metrics {unknown or 'missing'}: not one of {', '.join(METRICS)}.")
    return metrics


def _groups(
    statement: Statement, wanted: Callable[[Charge], bool], definitions: Sequence[Request]
) -> list[_Group]:
    keys = [group_key(definition) for definition in definitions]
    rows: dict[tuple[str, ...], list[int]] = {}
    for number, charge in enumerate(statement.charges):
        if wanted(charge):
            rows.setdefault(tuple(key(charge) for key in keys), []).append(number)
    if not definitions:
        rows.setdefault((), [])
    made = []
    for key in sorted(rows):
        units = {statement.charges[row].unit for row in rows[key]} - {""}
        unit = units.pop() if len(units) == 1 else "N/A"
        made.append(_Group(key, np.array(rows[key], dtype=np.int64), unit))
    return made


def _told(metric: str, value: np.int64 | np.float64, unit: str) -> Json:
    if metric in _USAGE:
        return {"Amount": f"{float(value):.10f}".rstrip("0").rstrip("."), "Unit": unit}
    return {"Amount": amount(int(value)), "Unit": "USD"}


def _result(
    period: Span, found: list[Json], grouped: bool, metrics: Sequence[str], today: date
) -> Json:
    total: Json = {}
    if not grouped:
        total = {name: mapping(found[0]["Metrics"])[name] for name in metrics}
    return {
        "TimePeriod": told(period),
        "Total": total,
        "Groups": found if grouped else [],
        "Estimated": is_estimated(period[1], today),
    }


def _page(results: list[Json], definitions: Sequence[Request], token: str) -> Json:
    page: Json = {"ResultsByTime": results, "DimensionValueAttributes": []}
    if definitions:
        page["GroupDefinitions"] = [dict(d) for d in definitions]
    if token:
        page["NextPageToken"] = token
    return page


def _position(request: Request, now: datetime) -> tuple[int, datetime]:
    """How many groups were told already, and as of when; a list must not change on its way."""
    token = text(request.get("NextPageToken"))
    if not token:
        return 0, now
    try:
        offset, at, of = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        raise Refused("InvalidNextTokenException", "The pagination token is invalid.") from None
    if of != _digest(request):
        raise Refused("RequestChangedException", "The request changed between two pages.")
    return int(offset), datetime.fromtimestamp(at, UTC)


def _token(request: Request, offset: int, at: datetime) -> str:
    position = [offset, at.timestamp(), _digest(request)]
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def _digest(request: Mapping[str, object]) -> str:
    plain = {name: value for name, value in request.items() if name != "NextPageToken"}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]
