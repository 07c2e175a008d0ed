"""However a bill is split, its rows come to its total to the last digit, now and as of then.

The bill is made up: credits, refunds, fees, taxes, reservations, untagged lines, amounts of
eleven places. It is large enough to be answered from sums, and a second one replaces it.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from app.config import StoreSettings
from app.model.rounds import Batch
from app.model.spend import (
    CostCategory,
    CostMetric,
    Dimension,
    SpendDimension,
    Tag,
)
from app.read.spend import Granularity, SpendAnswer, SpendFilter, SpendQuestion, SpendReader
from app.store import Store, open_store
from collectors.bill_files import BillFile
from collectors.bill_intake import taken
from tests.support.spend import day, days

NOVEMBER = days("2026-11-01", "2026-12-01")
FIRST, SECOND = day("2026-12-03"), day("2026-12-06")
NOW = day("2026-12-07")
LINES = {1: 52_000, 2: 4_000}
"""Of each bill: the first is large enough to be answered from sums, the second is not."""

KINDS = ("Usage", "Usage", "Usage", "Credit", "Refund", "Fee", "Tax", "RIFee", "DiscountedUsage")
DIMENSIONS: tuple[Dimension, ...] = (
    *SpendDimension,
    Tag("team"),
    Tag("un'usual"),
    CostCategory("Team"),
)


@dataclass(frozen=True)
class Made:
    """A store with both bills, and what each was by day, added up on its own."""

    store: Store
    daily: tuple[dict[int, Decimal], dict[int, Decimal]]

    def ask(self, *group: Dimension, **more) -> SpendAnswer:
        question = SpendQuestion(NOVEMBER, group=group, **more)
        return SpendReader(self.store).ask(question, NOW).value


def lines(seed: int, folder: Path) -> tuple[BillFile, dict[int, Decimal]]:
    """A month of Cost and Usage Report, and its unblended sums by day of the month."""
    chance = random.Random(seed)
    daily: defaultdict[int, Decimal] = defaultdict(Decimal)
    told = []
    for _ in range(LINES[seed]):
        kind, of_month = chance.choice(KINDS), chance.randint(1, 30)
        usd = Decimal(chance.randint(1, 10 ** chance.randint(1, 13))).scaleb(-11)
        usd = -usd if kind in ("Credit", "Refund") else usd
        daily[of_month] += usd
        hour = chance.randint(0, 22)
        told.append(
            {
                "bill/PayerAccountId": "1",
                "bill/InvoiceId": "INV",
                "lineItem/UsageAccountId": str(chance.randint(1, 4)),
                "lineItem/LineItemType": kind,
                "lineItem/UsageStartDate": f"2026-11-{of_month:02}T{hour:02}:00:00Z",
                "lineItem/UsageEndDate": f"2026-11-{of_month:02}T{hour + 1:02}:00:00Z",
                "lineItem/ProductCode": chance.choice(("AmazonEC2", "AmazonS3", "AWSLambda", "")),
                "lineItem/UsageType": chance.choice(
                    ("BoxUsage:t3.micro", "EUC1-NatGateway-Hours", "")
                ),
                "lineItem/Operation": chance.choice(("RunInstances", "")),
                "lineItem/ResourceId": chance.choice(("", f"i-{chance.randint(1, 40)}")),
                "lineItem/UnblendedCost": f"{usd:f}",
                "product/region": chance.choice(("eu-central-1", "us-east-1", "")),
                "reservation/EffectiveCost": "0.5" if kind == "DiscountedUsage" else "",
                "resourceTags/user:team": chance.choice(("blue", "red", "")),
                "resourceTags/user:un'usual": chance.choice(("yes", "")),
                "costCategory/Team": chance.choice(("Blue", "")),
            }
        )
    path = folder / f"{seed}.csv"
    pl.DataFrame(told).write_csv(path)
    return BillFile(path.name, path), dict(daily)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("totals")
    store = open_store(StoreSettings(path=folder / "store"), NOW)
    lease = store.acquire("test", NOW, timedelta(days=1))
    assert lease is not None
    daily = []
    for seed, read_at in ((1, FIRST), (2, SECOND)):
        file, own = lines(seed, folder)
        staged, count = taken(store, [file], NOVEMBER, read_at)
        assert count == LINES[seed]
        store.commit(Batch(staged_spend=staged), lease=lease, now=NOW)
        daily.append(own)
    yield Made(store, (daily[0], daily[1]))
    store.close()


def together(answer: SpendAnswer) -> Decimal:
    rest = answer.rest.total if answer.rest else Decimal(0)
    return sum((row.total for row in answer.rows), rest)


@pytest.mark.parametrize(
    "group",
    [*((d,) for d in DIMENSIONS), *itertools.combinations(DIMENSIONS, 2)],
    ids=lambda group: "+".join(d.value for d in group),
)
def test_rows_come_to_the_bill_for_any_split(made: Made, group: tuple[Dimension, ...]) -> None:
    for at, as_of in enumerate((FIRST, None)):
        truth = sum(made.daily[at].values(), Decimal(0))
        answer = made.ask(*group, as_of=as_of, granularity=Granularity.MONTH, top=3)
        assert together(answer) == answer.total == truth
    assert made.daily[0] != made.daily[1]


@pytest.mark.parametrize("metric", CostMetric)
def test_every_amount_is_the_same_in_all_splits(made: Made, metric: CostMetric) -> None:
    if "net" in metric:
        assert "does not tell net" in made.ask(metric=metric).why_not
        return
    whole = made.ask(metric=metric).total
    assert {together(made.ask(d, metric=metric)) for d in DIMENSIONS} == {whole}


@pytest.mark.parametrize("granularity", Granularity)
def test_slots_of_days_and_hours_come_to_the_days_of_the_bill(
    made: Made, granularity: Granularity
) -> None:
    window = days("2026-11-03", "2026-11-06")
    question = SpendQuestion(window, group=(SpendDimension.RECORD_TYPE,), granularity=granularity)
    answer = SpendReader(made.store).ask(question, NOW).value
    assert answer.total == sum(made.daily[1][n] for n in (3, 4, 5))
    assert sum(amount or 0 for amount in answer.totals) == answer.total
    for slot, total in zip(answer.slots, answer.totals, strict=True):
        of_rows = sum(row.amounts[answer.slots.index(slot)] or 0 for row in answer.rows)
        assert of_rows == total


def test_a_filter_and_its_opposite_come_to_the_bill(made: Made) -> None:
    truth = sum(made.daily[1].values(), Decimal(0))
    for dimension in DIMENSIONS:
        value = made.ask(dimension, granularity=Granularity.MONTH).rows[-1].key
        only, others = (
            made.ask(where=(SpendFilter(dimension, value, exclude),)).total
            for exclude in (False, True)
        )
        assert only + others == truth
