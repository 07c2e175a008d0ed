"""Whatever an answer is made of, rows or sums by day or month, it is the sum of the charges."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from app.config import StoreSettings
from app.model.rounds import Batch
from app.model.spend import Dimension, SpendDimension, SpendSource, Tag
from app.model.time import Window
from app.read.spend import Granularity, SpendFilter, SpendQuestion, SpendReader
from app.store import Store, open_store, spend_rolling
from tests.support.spend import Charge, day, days, statement

NOW = day("2026-12-20")
D = SpendDimension
SPAN = days("2026-08-17", "2026-12-05")
SPLIT = day("2026-10-20")
GROUPS: tuple[tuple[Dimension, ...], ...] = (
    (),
    (D.SERVICE,),
    (D.LINKED_ACCOUNT, D.SERVICE),
    (D.RESOURCE, D.USAGE_TYPE),
    (Tag("team"),),
    (Tag("team"), D.LINKED_ACCOUNT),
    (D.OPERATION, D.REGION),
)
PER = (Granularity.DAY, Granularity.MONTH)
WINDOWS = (
    SPAN,
    days("2026-09-01", "2026-11-01"),
    days("2026-09-10", "2026-11-25"),
    days("2026-08-20", "2026-08-25"),
)


def charges(seed: int) -> list[Charge]:
    draw = random.Random(seed)
    return [
        Charge(
            (SPAN.start + timedelta(days=draw.randrange(SPAN.length.days))).date().isoformat(),
            f"{draw.uniform(-1, 9):.11f}",
            service=f"S{draw.randrange(3)}",
            usage_type=f"U{draw.randrange(4)}",
            account=f"{draw.randrange(3)}",
            region=draw.choice(["", "eu-central-1"]),
            operation=f"O{draw.randrange(2)}",
            resource=f"r{draw.randrange(5)}",
            tags={"team": draw.choice("ab")} if draw.random() < 0.7 else {},
        )
        for _ in range(600)
    ]


BEFORE, AFTER = charges(1), charges(2)
BELIEVED = [c for c in BEFORE if day(c.at) < SPLIT] + [c for c in AFTER if day(c.at) >= SPLIT]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A bill with sums of every kind, the last weeks of which were told anew."""
    found = open_store(StoreSettings(path=Path(tmp_path_factory.mktemp("ways"))), NOW)
    lease = found.acquire("test", NOW, timedelta(hours=1))
    assert lease is not None
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(spend_rolling, "LARGE", 10)
        patched.setattr(spend_rolling, "WORTH", 1.0)
        told = [
            statement(BEFORE, SPAN, day("2026-12-05"), source=SpendSource.CUR),
            statement(AFTER, Window(SPLIT, SPAN.end), day("2026-12-09"), source=SpendSource.CUR),
        ]
        found.commit(Batch(spend=told), lease=lease, now=NOW)
    assert {part.period for s in found.spend.statements() for part in s.parts} == {
        86_400,
        31 * 86_400,
    }
    yield found
    found.close()


def value(charge: Charge, dimension: Dimension) -> str:
    if isinstance(dimension, Tag):
        return charge.tags.get(dimension.key, "")
    return str(getattr(charge, dimension.column))


def added(
    wanted: list[Charge], group: tuple[Dimension, ...], granularity: Granularity
) -> dict[tuple[str, ...], dict[datetime, Decimal]]:
    """The same with nothing but addition."""
    found: dict[tuple[str, ...], dict[datetime, Decimal]] = defaultdict(
        lambda: defaultdict(Decimal)
    )
    for charge in wanted:
        at = day(charge.at)
        slot = at.replace(day=1) if granularity is Granularity.MONTH else at
        found[tuple(value(charge, d) for d in group)][slot] += Decimal(charge.usd)
    return found


@pytest.mark.parametrize(("window", "granularity", "top"), list(product(WINDOWS, PER, (None, 2))))
def test_an_answer_is_the_sum_of_the_charges(
    store: Store, window: Window, granularity: Granularity, top: int | None
) -> None:
    keep = SpendFilter(D.SERVICE, ("S0", "S1"))
    for group, where in product(GROUPS, ((), (keep,))):
        question = SpendQuestion(window, group=group, where=where, granularity=granularity, top=top)
        answer = SpendReader(store).ask(question, NOW).value
        wanted = [c for c in BELIEVED if day(c.at) in window and (not where or c.service != "S2")]
        expected = added(wanted, group, granularity)
        totals = {key: sum(slots.values()) for key, slots in expected.items()}
        dearest = sorted(totals, key=lambda key: (-totals[key], key))
        shown = dearest if top is None else dearest[:top]
        assert [row.key for row in answer.rows] == shown
        for row in answer.rows:
            slots = expected[row.key]
            assert row.amounts == tuple(slots.get(slot, Decimal(0)) for slot in answer.slots)
            assert row.total == totals[row.key]
        assert answer.total == sum(totals.values())
        whole = added(wanted, (), granularity).get((), {})
        assert answer.totals == tuple(whole.get(slot, Decimal(0)) for slot in answer.slots)
        if len(shown) < len(dearest):
            assert answer.rest is not None
            assert answer.rest.total == sum(totals[key] for key in dearest[len(shown) :])
            assert answer.of_rest == len(dearest) - len(shown)


def test_what_was_believed_before_is_the_sum_of_what_was_told_then(store: Store) -> None:
    question = SpendQuestion(SPAN, as_of=day("2026-12-06"), granularity=Granularity.MONTH)
    answer = SpendReader(store).ask(question, NOW).value
    assert answer.total == sum(Decimal(charge.usd) for charge in BEFORE)
