"""Bills of every form, from their files to what the reader answers."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
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
    SpendSource,
    Tag,
)
from app.model.time import Intervals, Window
from app.read.spend import SpendAnswer, SpendFilter, SpendQuestion, SpendReader
from app.store import Lease, Store, open_store
from collectors.bill_files import BillFile
from collectors.bill_intake import around, taken
from collectors.bill_rows import normal
from collectors.log_unpacking import Unreadable
from tests.support.spend import day, days

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OCTOBER = days("2026-10-01", "2026-11-01")
CASES = Path(__file__).parents[1] / "cases" / "bills"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "focus" / "focus_sample.csv"
D = SpendDimension


class Till:
    """A store that takes bills and answers about them."""

    def __init__(self, store: Store, lease: Lease) -> None:
        self.store, self.lease = store, lease

    def take(self, *paths: Path, read_at: datetime = NOW) -> Window:
        files = [BillFile(path.name, path) for path in paths]
        window = around(files)
        assert window is not None
        staged, _ = taken(self.store, files, window, read_at)
        self.store.commit(Batch(staged_spend=staged), lease=self.lease, now=NOW)
        return window

    def ask(self, window: Window, *group: Dimension, **more: object) -> SpendAnswer:
        question = SpendQuestion(window, group=group, **more)
        return SpendReader(self.store).ask(question, NOW).value

    def by(
        self, dimension: Dimension, metric: CostMetric = CostMetric.UNBLENDED
    ) -> dict[str, Decimal]:
        answer = self.ask(OCTOBER, dimension, metric=metric)
        return {row.key[0]: row.total for row in answer.rows}


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with nothing in it, made once."""
    path = tmp_path_factory.mktemp("blank") / "store"
    open_store(StoreSettings(path=path), NOW).close()
    return path


@pytest.fixture
def till(tmp_path: Path, blank: Path) -> Iterator[Till]:
    shutil.copytree(blank, tmp_path / "store")
    store = open_store(StoreSettings(path=tmp_path / "store"), NOW)
    lease = store.acquire("test", NOW, timedelta(hours=1))
    assert lease is not None
    yield Till(store, lease)
    store.close()


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sums(
    rows: list[dict[str, str]], column: str, key: Callable[[dict[str, str]], str]
) -> dict[str, Decimal]:
    """The same sums with nothing but the standard library."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[key(row)] += Decimal(row[column])
    return dict(found)


def plain(value: str) -> str:
    return "" if value == "NULL" else value


def tag(key: str) -> Callable[[dict[str, str]], str]:
    def value(row: dict[str, str]) -> str:
        told = json.loads(plain(row["Tags"]) or "{}")
        return str(told.get(key, told.get(f"user:{key}", "")))

    return value


@pytest.mark.parametrize("path", [CASES / "focus.csv", SHARED], ids=["ours", "shared"])
def test_totals_of_a_focus_export_are_those_of_its_lines(till: Till, path: Path) -> None:
    if not path.exists():
        pytest.skip("the sample is not there")
    window, rows = till.take(path), read(path)
    by: list[tuple[Dimension, Callable[[dict[str, str]], str]]] = [
        (D.SERVICE, lambda row: plain(row["ServiceName"])),
        (D.REGION, lambda row: plain(row["RegionId"])),
        (D.RECORD_TYPE, lambda row: row["ChargeCategory"]),
        (D.LINKED_ACCOUNT, lambda row: plain(row["SubAccountId"]) or row["BillingAccountId"]),
        *((Tag(key), tag(key)) for key in ("team", "environment", "application")),
    ]
    for metric, column in (("unblended", "BilledCost"), ("amortized", "EffectiveCost")):
        for dimension, key in by:
            answer = till.ask(window, dimension, metric=CostMetric(metric))
            found = {row.key[0]: row.total for row in answer.rows}
            assert found == sums(rows, column, key), (metric, dimension)
            assert answer.sources == (SpendSource.FOCUS,)


def test_what_has_no_invoice_yet_is_an_estimate(till: Till) -> None:
    till.take(CASES / "focus.csv")
    answer = till.ask(OCTOBER, D.SERVICE, quantities=True)
    assert answer.estimated_from == day("2026-10-05")
    row = answer.row("AWS Lambda")
    assert row is not None
    assert (row.quantity, row.unit) == (9.0, "GB-Seconds")


def test_every_kind_of_line_of_a_report_counts_as_in_aws_own_queries(till: Till) -> None:
    path = CASES / "old-report.csv"
    till.take(path)
    for metric, column in (
        (CostMetric.UNBLENDED, "lineItem/UnblendedCost"),
        (CostMetric.AMORTIZED, "amortized"),
        (CostMetric.NET_AMORTIZED, "net_amortized"),
    ):
        expected = sums(read(path), column, lambda row: row["lineItem/LineItemType"])
        assert till.by(D.RECORD_TYPE, metric) == expected
    assert till.by(D.SERVICE) == {
        "Amazon Relational Database Service": Decimal(520),
        "ComputeSavingsPlans": Decimal("100.2"),
        "AWSSupportBusiness": Decimal(29),
        "Tax": Decimal("1.9"),
        "Amazon Simple Queue Service": Decimal("0.4"),
        "Amazon Elastic Compute Cloud - Compute": Decimal("0.012"),
        "EC2 - Other": Decimal("0.00000012"),
        "AWS Lambda": Decimal("-0.5"),
    }
    tags = till.by(Tag("team"))
    assert (tags["blue"], tags['red, "quoted"']) == (Decimal("0.012"), Decimal("0.00000012"))
    assert till.by(Tag("aws:createdBy"))["Root:1"] == Decimal("0.012")
    (machine,) = till.ask(OCTOBER, where=(SpendFilter(D.RESOURCE, ("i-1",)),)).rows
    assert machine.total == Decimal("0.012")


def at(text: str) -> datetime:
    """A time as exports have it: in UTC without saying so."""
    return datetime.fromisoformat(text)


def modern(folder: Path, name: str = "part.parquet", usd: float = 0.1) -> Path:
    """A line of CUR 2.0 as Data Exports write it, with maps."""
    pairs = pl.List(pl.Struct({"key": pl.String, "value": pl.String}))
    frame = pl.DataFrame(
        {
            "bill_payer_account_id": ["500000000001"] * 2,
            "line_item_usage_account_id": ["500000000002"] * 2,
            "line_item_usage_start_date": [at("2026-10-02T07:00"), at("2026-09-30T23:00")],
            "line_item_usage_end_date": [at("2026-10-02T08:00"), at("2026-10-01T00:00")],
            "line_item_line_item_type": ["Usage", "Refund"],
            "line_item_product_code": ["AmazonNovelty", "AWSLambda"],
            "line_item_usage_type": ["EUC1-Things", "EUC1-Requests"],
            "line_item_unblended_cost": [usd, -0.05],
            "line_item_usage_amount": [3.0, None],
            "product": pl.Series(
                [[{"key": "product_name", "value": "Amazon Novelty Service"}], []], dtype=pairs
            ),
            "resource_tags": pl.Series(
                [[{"key": "user_team", "value": "blue"}, {"key": "user_x", "value": None}], None],
                dtype=pairs,
            ),
        }
    )
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(path)
    return path


def test_a_data_export_in_parquet_is_read_with_its_maps(till: Till, tmp_path: Path) -> None:
    file = BillFile("part.parquet", modern(tmp_path))
    staged, lines = taken(till.store, [file], OCTOBER, NOW)
    till.store.commit(Batch(staged_spend=staged), lease=till.lease, now=NOW)
    assert lines == 2
    assert till.by(D.SERVICE) == {
        "Amazon Novelty Service": Decimal("0.1"),
        "AWS Lambda": Decimal("-0.05"),
    }
    assert till.by(Tag("team")) == {"blue": Decimal("0.1"), "": Decimal("-0.05")}
    # Dated in September, billed in October: it counts on the first day of the bill.
    assert till.ask(OCTOBER).totals[0] == Decimal("-0.05")
    assert till.ask(OCTOBER, metric=CostMetric.NET_UNBLENDED).why_not.startswith("what is")


CATEGORISED = {
    "old": "lineItem/UsageStartDate,lineItem/UnblendedCost,resourceTags/user:team,"
    "costCategory/Team\n2026-10-01T00:00:00Z,1,t,Blue\n2026-10-01T00:00:00Z,2,t,\n",
    "cur": "line_item_usage_start_date,line_item_unblended_cost,resource_tags,cost_category\n"
    """2026-10-01T00:00:00Z,1,"{""user_team"":""t""}","{""Team"":""Blue""}"\n"""
    """2026-10-01T00:00:00Z,2,"{""user_team"":""t""}",{}\n""",
    "athena": "line_item_usage_start_date,line_item_unblended_cost,resource_tags_user_team,"
    "cost_category_Team\n2026-10-01T00:00:00Z,1,t,Blue\n2026-10-01T00:00:00Z,2,t,\n",
    "focus": "ChargePeriodStart,ChargePeriodEnd,BilledCost,Tags,x_CostCategories\n"
    """2026-10-01T00:00:00Z,2026-10-02T00:00:00Z,1,"{""team"":""t""}","{""Team"":""Blue""}"\n"""
    """2026-10-01T00:00:00Z,2026-10-02T00:00:00Z,2,"{""team"":""t""}",\n""",
}


@pytest.mark.parametrize("form", sorted(CATEGORISED))
def test_cost_categories_are_no_tags_and_split_a_bill_as_tags_do(
    till: Till, tmp_path: Path, form: str
) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(CATEGORISED[form])
    till.take(path)
    assert till.by(CostCategory("Team")) == {"Blue": Decimal(1), "": Decimal(2)}
    assert till.by(Tag("team")) == {"t": Decimal(3)}
    assert till.by(Tag("Team")) == {"": Decimal(3)}
    assert SpendReader(till.store).cuts() == (
        ("COST_CATEGORY:Team",), ("LINE_ITEM",), ("TAG:team",),
    )  # fmt: skip


@pytest.mark.parametrize("form", ["gz", "zip"])
def test_compressed_reports_hold_the_same(till: Till, tmp_path: Path, form: str) -> None:
    content = (CASES / "old-report.csv").read_bytes()
    path = tmp_path / f"report.csv.{form}"
    if form == "gz":
        path.write_bytes(gzip.compress(content))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("report-1.csv", content)
    till.take(path)
    assert till.ask(OCTOBER).total == Decimal("651.01200012")


def test_a_newer_bill_replaces_the_month_and_the_older_stays_known(
    till: Till, tmp_path: Path
) -> None:
    till.take(modern(tmp_path, usd=0.1), read_at=day("2026-11-03"))
    till.take(modern(tmp_path, usd=0.3), read_at=day("2026-11-08"))
    window = days("2026-09-01", "2026-11-01")
    assert till.ask(window).total == Decimal("0.25")
    assert till.ask(window, as_of=day("2026-11-05")).total == Decimal("0.05")


def test_a_bill_of_a_month_that_goes_on_ends_with_its_last_charge(
    till: Till, tmp_path: Path
) -> None:
    till.take(modern(tmp_path), read_at=day("2026-10-03"))
    window = days("2026-10-01", "2026-10-05")
    assert till.ask(window).missing.windows == (days("2026-10-03", "2026-10-05"),)


COPIED = "ChargePeriodStart,ChargePeriodEnd,BilledCost,BillingAccountId,InvoiceId\n"


@pytest.mark.parametrize(
    ("lines", "covered", "filling"),
    [
        # Written long after the month, but it ends in its middle: a copy of an open bill.
        ([("13", ""), ("14", "")], ("01", "15"), ("14", "15")),
        ([("13", "INV"), ("14", "")], ("01", "15"), ("14", "15")),
        ([("13", "INV"), ("14", "INV")], ("01", "32"), None),
        ([("30", ""), ("31", "")], ("01", "32"), None),
    ],
)
def test_the_day_of_the_last_line_is_still_filling_unless_the_month_is_over(
    till: Till,
    tmp_path: Path,
    lines: list[tuple[str, str]],
    covered: tuple[str, str],
    filling: tuple[str, str] | None,
) -> None:
    path = tmp_path / "copied.csv"
    told = "".join(f"2026-10-{d} 00:00:00,2026-10-{d} 05:00:00,1,1,{i}\n" for d, i in lines)
    path.write_text(COPIED + told)
    till.take(path, read_at=day("2026-11-20"))
    answer = till.ask(OCTOBER)

    def october(start: str, end: str) -> Window:
        last = day("2026-11-01") if end == "32" else day(f"2026-10-{end}")
        return Window(day(f"2026-10-{start}"), last)

    assert Intervals.of([OCTOBER]) - answer.missing == Intervals.of([october(*covered)])
    assert answer.filling == Intervals.of([october(*filling)] if filling else [])
    if filling:
        assert answer.is_estimated


def test_of_a_bill_that_is_written_daily_the_last_day_but_one_fills_too(
    till: Till, tmp_path: Path
) -> None:
    """It was read in the night of the 3rd: lines of the 2nd are still on their way."""
    till.take(modern(tmp_path), read_at=day("2026-10-03") + timedelta(hours=4))
    assert till.ask(OCTOBER).filling.windows == (days("2026-10-02", "2026-10-03"),)


EUROS = b"""ChargePeriodStart,ChargePeriodEnd,BilledCost,BillingCurrency
2026-10-01 00:00:00,2026-10-02 00:00:00,1,EUR
"""


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n1,2\n", "it is no Cost and Usage Report and no FOCUS export"),
        (EUROS, "its amounts are in EUR"),
        (
            EUROS.replace(b"EUR", b"USD").replace(b"2026-10-01", b"soon"),
            "a charge begins at `soon 00:00:00`, which",
        ),
    ],
)
def test_what_is_no_bill_in_dollars_says_so(
    till: Till, tmp_path: Path, content: bytes, expected: str
) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=expected):
        till.take(path)
    assert till.store.spend.statements() == ()
    assert list((tmp_path / "store" / "tmp").rglob("spend*")) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("lineItem/UsageStartDate", "line_item_usage_start_date"),
        ("reservation/ReservationARN", "reservation_reservation_a_r_n"),
        ("savingsPlan/SavingsPlanEffectiveCost", "savings_plan_savings_plan_effective_cost"),
        ("product/region", "product_region"),
        ("resourceTags/user:Team", "resource_tags/user:Team"),
        ("costCategory/Cost Centre", "cost_category/Cost Centre"),
        ("line_item_usage_type", "line_item_usage_type"),
    ],
)
def test_columns_of_old_reports_are_those_of_new_ones(old: str, new: str) -> None:
    assert normal(old) == new
