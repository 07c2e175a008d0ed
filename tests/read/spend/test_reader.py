"""What the spend reader answers over statements in a store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.config import StoreSettings
from app.model.ids import Place
from app.model.readings import Look, Reading
from app.model.rounds import Result, Round
from app.model.spend import (
    CostCategory,
    CostMetric,
    FactKind,
    SpendDimension,
    SpendFacts,
    SpendSource,
    Tag,
)
from app.read.spend import Granularity, SpendAnswer, SpendFilter, SpendQuestion, SpendReader
from app.store import Lease, Store, open_store
from tests.support.spend import PAYER, Charge, day, days, fill, statement, statements, steady

NOW = day("2026-11-20") + timedelta(hours=12)
READ = day("2026-11-20")
D = SpendDimension
WEEK = days("2026-11-01", "2026-11-08")


@dataclass
class Till:
    store: Store
    lease: Lease

    def add(self, *told, facts=(), now: datetime = NOW) -> None:
        fill(self.store, self.lease, told, now, facts)

    def ask(self, window=WEEK, **more) -> Reading[SpendAnswer]:
        return SpendReader(self.store).ask(SpendQuestion(window, **more), NOW)


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    store = open_store(StoreSettings(path=tmp_path), NOW)
    lease = store.acquire("test", NOW, timedelta(hours=1))
    assert lease is not None
    yield Till(store, lease)
    store.close()


def test_a_group_has_a_row_for_each_value_with_exact_amounts(till: Till) -> None:
    charges = [
        Charge("2026-11-01", "0.1", "AmazonS3"),
        Charge("2026-11-01", "0.2", "AmazonS3", usage_type="Requests"),
        Charge("2026-11-02", "12.3456789012", "AmazonEC2"),
        Charge("2026-11-02", "-1.5", "AmazonEC2", record_type="Credit"),
    ]
    till.add(*statements(charges, days("2026-11-01", "2026-11-03"), READ))
    answer = till.ask(days("2026-11-01", "2026-11-04"), group=(D.SERVICE,)).value
    assert [(row.key, row.amounts) for row in answer.rows] == [
        (("AmazonEC2",), (Decimal(0), Decimal("10.8456789012"), None)),
        (("AmazonS3",), (Decimal("0.3"), Decimal(0), None)),
    ]
    assert answer.total == Decimal("11.1456789012")
    assert answer.totals == (Decimal("0.3"), Decimal("10.8456789012"), None)
    assert answer.missing.windows == (days("2026-11-03", "2026-11-04"),)


def test_two_cuts_are_never_added_up(till: Till) -> None:
    till.add(*statements(steady(WEEK, {"AmazonS3": "1.00"}), WEEK, READ))
    assert till.ask().value.total == Decimal(7)
    by_both = till.ask(group=(D.SERVICE, D.REGION)).value
    assert [(r.key, r.total) for r in by_both.rows] == [
        (("AmazonS3", "eu-central-1"), Decimal(7)),
    ]
    assert by_both.cut == ("REGION", "SERVICE")


def test_a_newer_statement_replaces_the_days_it_covers_whole(till: Till) -> None:
    first = [Charge("2026-11-01", "5"), Charge("2026-11-02", "5"), Charge("2026-11-02", "1", "Old")]
    till.add(statement(first, days("2026-11-01", "2026-11-03"), day("2026-11-03"), D.SERVICE))
    second = [Charge("2026-11-02", "7")]
    till.add(statement(second, days("2026-11-02", "2026-11-03"), day("2026-11-05"), D.SERVICE))
    now = till.ask(days("2026-11-01", "2026-11-03"), group=(D.SERVICE,)).value
    assert [(r.key, r.amounts) for r in now.rows] == [
        (("AmazonEC2",), (Decimal(5), Decimal(7))),
    ]
    then = till.ask(
        days("2026-11-01", "2026-11-03"), group=(D.SERVICE,), as_of=day("2026-11-04")
    ).value
    assert [(r.key, r.amounts) for r in then.rows] == [
        (("AmazonEC2",), (Decimal(5), Decimal(5))),
        (("Old",), (Decimal(0), Decimal(1))),
    ]
    assert then.read_at == day("2026-11-03")


def test_line_items_answer_where_they_cover_and_cost_explorer_beyond(till: Till) -> None:
    bill = steady(days("2026-11-01", "2026-11-03"), {"AmazonS3": "2"}, resource="bucket-a")
    till.add(
        statement(bill, days("2026-11-01", "2026-11-03"), READ, source=SpendSource.CUR),
        *statements(steady(WEEK, {"AmazonS3": "3"}), WEEK, READ),
    )
    answer = till.ask().value
    assert answer.totals == tuple(Decimal(n) for n in (2, 2, 3, 3, 3, 3, 3))
    assert answer.sources == (SpendSource.CE, SpendSource.CUR)
    by_resource = till.ask(group=(D.RESOURCE,)).value
    assert [(r.key, r.total) for r in by_resource.rows] == [(("bucket-a",), Decimal(4))]
    assert by_resource.missing.windows == (days("2026-11-03", "2026-11-08"),)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (timedelta(0), (2, 2, 2, 3, 3)),
        (timedelta(hours=1), (2, 3, 3, 3, 3)),
        (timedelta(days=2), (2, 3, 3, 3, 3)),
        (timedelta(days=2, hours=1), (3, 3, 3, 3, 3)),
    ],
)
def test_cost_explorer_holds_for_what_a_bill_had_half_and_for_what_it_read_long_after(
    till: Till, later: timedelta, expected: tuple[int, ...]
) -> None:
    """The bill was read at noon of the 3rd, half a day after the 2nd; only it tells resources."""
    window, noon = days("2026-11-01", "2026-11-06"), day("2026-11-03") + timedelta(hours=12)
    whole = days("2026-11-01", "2026-11-04")
    bill = steady(whole, {"A": "2"}, resource="a")
    till.add(
        statement(bill, whole, noon, source=SpendSource.CUR),
        *statements(steady(window, {"A": "3"}), window, noon + later),
    )
    for granularity in (Granularity.DAY, Granularity.MONTH):
        answer = till.ask(window, granularity=granularity).value
        assert answer.total == sum(expected)
        assert not answer.missing
    assert till.ask(window).value.totals == tuple(map(Decimal, expected))
    assert till.ask(window, group=(D.RESOURCE,)).value.total == Decimal(6)


def test_a_day_that_fills_on_a_bill_is_taken_from_where_it_is_whole(till: Till) -> None:
    """The file was copied on the 20th and ends on the 3rd, so what Cost Explorer had is newer."""
    window = days("2026-11-01", "2026-11-05")
    bill = statement(
        steady(days("2026-11-01", "2026-11-04"), {"A": "2"}, resource="a"),
        days("2026-11-01", "2026-11-04"),
        day("2026-11-20"),
        source=SpendSource.CUR,
    )
    till.add(
        replace(bill, whole_until=day("2026-11-03")),
        *statements(steady(window, {"A": "3"}), window, day("2026-11-05")),
    )
    answer = till.ask(window).value
    assert answer.totals == tuple(map(Decimal, (2, 2, 3, 3)))
    assert answer.filling.windows == (days("2026-11-04", "2026-11-05"),)
    by_resource = till.ask(window, group=(D.RESOURCE,)).value
    assert by_resource.filling.windows == (days("2026-11-03", "2026-11-04"),)
    assert by_resource.estimated_from == day("2026-11-03")


def test_tags_of_line_items_and_of_a_tag_cut_give_the_same_rows(till: Till) -> None:
    charges = [
        Charge("2026-11-01", "1", tags={"team": "blue", "it's": "x"}),
        Charge("2026-11-01", "2", tags={"team": "red"}),
        Charge("2026-11-01", "4"),
    ]
    window, expected = days("2026-11-01", "2026-11-02"), [("", 4), ("red", 2), ("blue", 1)]
    till.add(statement(charges, window, READ, D.SERVICE, Tag("team")))
    by_tag = till.ask(window, group=(Tag("team"),)).value
    assert [(r.key[0], r.total) for r in by_tag.rows] == expected
    assert by_tag.cut == ("SERVICE", "TAG:team")
    till.add(statement(charges, window, READ, source=SpendSource.FOCUS))
    by_tag = till.ask(window, group=(Tag("team"),)).value
    assert [(r.key[0], r.total) for r in by_tag.rows] == expected
    assert by_tag.cut == ("LINE_ITEM",)
    odd = till.ask(window, group=(Tag("it's"),)).value
    assert [(r.key[0], r.total) for r in odd.rows] == [("", 6), ("x", 1)]


@pytest.mark.parametrize(
    ("usage_type", "expected"),
    [
        ("EUC1-BoxUsage:t3.micro", "t3.micro"),
        ("SpotUsage:c7g.16xlarge", "c7g.16xlarge"),
        ("EUC1-InstanceUsage:db.r6g.large", "db.r6g.large"),
        ("NodeUsage:cache.t4g.small", "cache.t4g.small"),
        ("USE1-Studio:KernelGateway-ml.t3.medium", "ml.t3.medium"),
        ("ESInstance:t3.small.search", "t3.small.search"),
        ("BoxUsage:u-6tb1.metal", "u-6tb1.metal"),
        ("EUC1-EBS:VolumeUsage.gp3", ""),
        ("EUC1-Lambda-GB-Second", ""),
        ("BoxUsage", ""),
    ],
)
@pytest.mark.parametrize("source", [SpendSource.CE, SpendSource.CUR])
def test_instance_types_are_taken_from_usage_types(
    till: Till, usage_type: str, expected: str, source: SpendSource
) -> None:
    window = days("2026-11-01", "2026-11-02")
    dimensions = (D.SERVICE, D.USAGE_TYPE) if source is SpendSource.CE else ()
    charge = Charge("2026-11-01", "2", usage_type=usage_type)
    till.add(statement([charge], window, READ, *dimensions, source=source))
    answer = till.ask(window, group=(D.SERVICE, D.INSTANCE_TYPE)).value
    assert [(r.key, r.total) for r in answer.rows] == [(("AmazonEC2", expected), Decimal(2))]
    only = (SpendFilter(D.INSTANCE_TYPE, (expected,)),)
    assert till.ask(window, where=only).value.total == Decimal(2)
    assert till.ask(window, group=(D.INSTANCE_TYPE,), top=1).value.total == Decimal(2)


def test_a_cost_category_that_nothing_tells_says_what_to_switch_on(till: Till) -> None:
    till.add(*statements(steady(WEEK, {"AmazonS3": "1"}), WEEK, READ))
    untold = till.ask(group=(CostCategory("Team"),)).value.why_not
    assert untold.startswith(
        "spend by cost category `Team` is not collected; name it in collection.spend.categories"
    )


def test_filters_keep_or_leave_out_values(till: Till) -> None:
    till.add(*statements(steady(WEEK, {"AmazonS3": "1", "AmazonEC2": "2", "Tax": "3"}), WEEK, READ))
    kept = till.ask(where=(SpendFilter(D.SERVICE, ("AmazonS3", "Tax")),)).value
    assert kept.total == Decimal(28)
    left = till.ask(where=(SpendFilter(D.SERVICE, ("Tax",), exclude=True),)).value
    assert left.total == Decimal(21)


def test_months_are_summed_and_only_the_dearest_rows_are_given(till: Till) -> None:
    window = days("2026-10-30", "2026-11-03")
    till.add(*statements(steady(window, {"A": "1", "B": "2", "C": "3"}), window, READ))
    answer = till.ask(window, group=(D.SERVICE,), granularity=Granularity.MONTH, top=1).value
    assert answer.slots == (day("2026-10-01"), day("2026-11-01"))
    assert [(r.key, r.amounts) for r in answer.rows] == [(("C",), (Decimal(6), Decimal(6)))]
    assert answer.rest is not None
    assert (answer.rest.amounts, answer.of_rest) == ((Decimal(6), Decimal(6)), 2)
    assert answer.total == Decimal(24)


def test_chosen_rows_come_in_their_order_also_without_charges_and_the_others_as_one(
    till: Till,
) -> None:
    till.add(*statements(steady(WEEK, {"A": "1", "B": "2", "C": "4"}), WEEK, READ))
    answer = till.ask(group=(D.SERVICE,), keys=(("B",), ("Z",))).value
    assert [(r.key, r.total) for r in answer.rows] == [(("B",), Decimal(14)), (("Z",), Decimal(0))]
    assert answer.rows[1].amounts == (Decimal(0),) * 7
    assert answer.rest is not None
    assert (answer.rest.total, answer.total) == (Decimal(35), Decimal(49))


def test_quantities_come_with_the_unit_of_their_row(till: Till) -> None:
    charges = [
        Charge("2026-11-01", "1", usage_type="Requests", unit="Requests", quantity=10),
        Charge("2026-11-02", "1", usage_type="Requests", unit="Requests", quantity=20),
        Charge("2026-11-01", "1", usage_type="Storage", unit="GB-Mo", quantity=3),
    ]
    window = days("2026-11-01", "2026-11-03")
    till.add(*statements(charges, window, READ))
    rows = till.ask(window, group=(D.USAGE_TYPE,), quantities=True).value.rows
    assert [(r.key[0], r.quantities, r.quantity, r.unit) for r in rows] == [
        ("Requests", (10.0, 20.0), 30.0, "Requests"),
        ("Storage", (3.0, 0.0), 3.0, "GB-Mo"),
    ]
    (whole,) = till.ask(window, quantities=True).value.rows
    assert whole.unit == ""


def test_another_metric_is_another_amount_and_estimates_are_told(till: Till) -> None:
    charges = [
        Charge("2026-11-01", "100", amortized="10"),
        Charge("2026-11-02", "0", amortized="10", estimated=True),
    ]
    till.add(*statements(charges, days("2026-11-01", "2026-11-03"), READ))
    reading = till.ask(days("2026-11-01", "2026-11-03"), metric=CostMetric.AMORTIZED)
    assert reading.value.totals == (Decimal(10), Decimal(10))
    assert reading.value.estimated_from == day("2026-11-02")
    assert (reading.look, reading.as_of) == (Look.DATA, READ)


def test_what_cannot_be_answered_says_so(till: Till) -> None:
    nothing = till.ask()
    assert nothing.look is Look.NOT_COLLECTED
    assert nothing.value.why_not.startswith("no spend is collected yet")
    till.add(*statements(steady(WEEK, {"AmazonS3": "1"}), WEEK, READ))
    by_resource = till.ask(group=(D.RESOURCE,)).value
    assert by_resource.why_not == (
        "spend by resource is not collected: Cost Explorer gives two dimensions at a time; "
        "import a Cost and Usage Report or FOCUS export, which tells everything"
    )
    assert by_resource.slots == ()
    assert "tag `team` is not collected" in till.ask(group=(Tag("team"),)).value.why_not
    together = till.ask(group=(D.REGION, D.USAGE_TYPE)).value.why_not
    assert together.startswith("spend by Region and usage type together is not collected")
    earlier = till.ask(days("2026-01-01", "2026-01-03")).value.why_not
    assert earlier == (
        "nothing was collected between 2026-01-01 and 2026-01-03; "
        "there is spend from 2026-11-01 to 2026-11-08"
    )


def test_payers_add_up_and_what_one_of_them_lacks_is_missing(till: Till) -> None:
    other = "999999999999"
    till.add(
        *statements(steady(WEEK, {"AmazonS3": "1"}), WEEK, READ),
        *statements(
            steady(WEEK, {"AmazonS3": "2"}, account=other),
            days("2026-11-01", "2026-11-07"),
            READ,
            payer=other,
        ),
    )
    answer = till.ask().value
    assert answer.total == Decimal(19)
    assert answer.missing.windows == (days("2026-11-07", "2026-11-08"),)


def test_the_newest_set_of_facts_holds_also_when_it_is_empty(till: Till) -> None:
    reader = SpendReader(till.store)
    assert reader.facts(FactKind.BUDGET).look is Look.NOT_COLLECTED
    budget = {"monthly": {"limit": "50.00"}}
    till.add(facts=[SpendFacts(FactKind.BUDGET, "1", day("2026-11-01"), budget)])
    till.add(facts=[SpendFacts(FactKind.BUDGET, "1", day("2026-11-02"), budget)])
    found = reader.facts(FactKind.BUDGET)
    assert [(f.key, f.content, f.read_at) for f in found.value] == [
        ("monthly", {"limit": "50.00"}, day("2026-11-02"))
    ]
    till.add(facts=[SpendFacts(FactKind.BUDGET, "1", day("2026-11-03"))])
    assert reader.facts(FactKind.BUDGET).look is Look.NOTHING
    then = reader.facts(FactKind.BUDGET, as_of=day("2026-11-01"))
    assert [f.key for f in then.value] == ["monthly"]
    assert len(till.store.spend.fact_history(FactKind.BUDGET, "1")) == 2


def test_what_is_not_asked_for_any_more_troubles_nobody(till: Till) -> None:
    till.add(*statements([Charge("2026-11-01", "1")], WEEK, READ))
    place = Place("111111111111", "us-east-1")

    def ended(group: str, result: Result, at: datetime) -> None:
        done = Round("spend", place, group, at, at, result)
        till.store.note(lease=till.lease, now=at, round=done)

    ended("spend/costs/SERVICE", Result.DENIED, NOW)
    ended("spend/forecast", Result.OK, NOW + timedelta(days=1))
    problem = till.ask(group=(D.SERVICE,)).problem
    assert problem is not None
    assert problem.group == "spend/costs/SERVICE"
    ended("spend/forecast", Result.OK, NOW + timedelta(days=3))
    assert till.ask(group=(D.SERVICE,)).problem is None


def test_a_failed_round_is_a_problem_of_what_it_reads_alone(till: Till) -> None:
    till.add(*statements(steady(WEEK, {"AmazonS3": "1"}), WEEK, READ))
    place = Place(PAYER, "us-east-1")
    for group in ("spend/budgets", "spend/savings-plans-coverage"):
        failed = Round("spend", place, group, READ, NOW, Result.DENIED, message="denied")
        till.store.note(lease=till.lease, now=NOW, round=failed)
    reader = SpendReader(till.store)
    assert till.ask().problem is None
    assert reader.facts(FactKind.BUDGET).look is Look.COULD_NOT_ASK
    assert reader.facts(FactKind.SAVINGS_PLANS_COVERAGE).look is Look.COULD_NOT_ASK
    assert reader.facts(FactKind.ANOMALY).look is Look.NOT_COLLECTED
    failed = Round("bills", place, "spend/bills/ours", READ, NOW, Result.DENIED, message="denied")
    till.store.note(lease=till.lease, now=NOW, round=failed)
    assert (till.ask().look, till.ask().problem) == (Look.DATA, failed)
