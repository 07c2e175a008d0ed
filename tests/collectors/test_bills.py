"""Bills that AWS writes into a folder or a bucket: each month by its manifest, each once."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import polars as pl
import pytest

from app.aws import Aws, Meter
from app.config import AccountSettings, Secret, SpendSettings, StoreSettings
from app.demo.clock import Clock
from app.demo.endpoint import Endpoint, start
from app.model.ids import Place
from app.model.readings import Look
from app.model.rounds import Result, Round
from app.read.spend import SpendQuestion, SpendReader
from app.store import open_store
from collectors.bill_manifest import current, located, month_of, parsed
from collectors.bills import BillsCollector
from collectors.round import run
from tests.support.spend import days

NOW = datetime(2026, 11, 24, 10, 7, 30, tzinfo=UTC)
PLACE = Place("111111111111", "eu-central-1")
DATA = "export/data/BILLING_PERIOD={}/{}"
MANIFEST = "export/metadata/BILLING_PERIOD={}/bill-Manifest.json"
OCTOBER = days("2026-10-01", "2026-11-01")


class Work:
    """A collector of bills, a store, and a clock."""

    def __init__(self, folder: Path, at: str, account: AccountSettings) -> None:
        self.now = NOW
        self.store = open_store(StoreSettings(path=folder), NOW)
        lease = self.store.acquire("test", NOW, timedelta(days=1))
        assert lease is not None
        self.lease, self.meter = lease, Meter(Decimal(50), now=self.time)
        aws = Aws([account], meter=self.meter, now=self.time, sleep=lambda _: None)
        bill = {"name": "ours", "account": "prod", "region": PLACE.region, "at": at}
        settings = SpendSettings.model_validate({"bills": [bill]})
        self.collector = BillsCollector(aws, self.store, settings)

    def time(self) -> datetime:
        return self.now

    def rounds(self) -> list[Round]:
        """Run what is due."""
        return [
            run(
                self.collector,
                task,
                store=self.store,
                lease=self.lease,
                meter=self.meter,
                now=self.time,
            )
            for task in self.collector.plan(PLACE, self.now)
        ]

    def total(self, **more: Any) -> Decimal:
        question = SpendQuestion(OCTOBER, **more)
        return SpendReader(self.store).ask(question, self.now).value.total


def account(**more: Any) -> AccountSettings:
    return AccountSettings(id=PLACE.account, name="prod", regions=[PLACE.region], **more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "bills"
    made.mkdir()
    return made


@pytest.fixture
def work(tmp_path: Path, folder: Path) -> Iterator[Work]:
    made = Work(tmp_path / "store", str(folder), account())
    yield made
    made.store.close()


def bill(month: str, usd: float) -> bytes:
    line = {
        "bill_payer_account_id": PLACE.account,
        "line_item_usage_account_id": PLACE.account,
        "line_item_usage_start_date": f"{month}-02T07:00:00Z",
        "line_item_usage_end_date": f"{month}-02T08:00:00Z",
        "line_item_product_code": "AWSLambda",
        "line_item_usage_type": "EUC1-Requests",
        "line_item_line_item_type": "Usage",
        "line_item_unblended_cost": usd,
    }
    frame = pl.DataFrame([line])
    return frame.write_csv().encode()


def write(folder: Path, name: str, content: bytes, age: timedelta) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    stamp = (NOW - age).timestamp()
    os.utime(path, (stamp, stamp))


def export(folder: Path, month: str, *amounts: float, age: timedelta = timedelta(days=10)) -> None:
    """A month as Data Exports overwrite it: files first, then the manifest."""
    names = []
    for number, usd in enumerate(amounts):
        name = DATA.format(month, f"bill-{number}.csv")
        write(folder, name, bill(month, usd), age)
        names.append(f"s3://bucket/{name}")
    manifest = json.dumps({"dataFiles": names}).encode()
    write(folder, MANIFEST.format(month), manifest, age)


def test_a_month_is_taken_when_its_manifest_is_new_and_then_not_again(
    work: Work, folder: Path
) -> None:
    export(folder, "2026-10", 1.5, 2.0)
    (done,) = work.rounds()
    assert (done.result, done.group, work.total()) == (
        Result.OK,
        "spend/bills/ours",
        Decimal("3.5"),
    )
    assert work.rounds() == []
    work.now += timedelta(hours=1)
    (again,) = work.rounds()
    assert (again.result, len(work.store.spend.statements())) == (Result.OK, 1)
    export(folder, "2026-10", 1.0, age=timedelta(days=5))
    work.now += timedelta(hours=1)
    work.rounds()
    assert work.total() == Decimal(1)
    assert work.total(as_of=NOW - timedelta(days=7)) == Decimal("3.5")


def test_data_without_a_manifest_is_not_read(work: Work, folder: Path) -> None:
    write(folder, DATA.format("2026-10", "bill-0.csv"), bill("2026-10", 1), timedelta(days=1))
    (done,) = work.rounds()
    assert done.result is Result.PARTIAL
    assert "holds no manifest" in done.message
    assert work.store.spend.statements() == ()


def test_a_manifest_whose_files_are_not_there_yet_waits(work: Work, folder: Path) -> None:
    export(folder, "2026-10", 1.5)
    (folder / DATA.format("2026-10", "bill-0.csv")).unlink()
    (done,) = work.rounds()
    assert (done.result, work.store.spend.statements()) == (Result.PARTIAL, ())
    assert "left for the next time" in done.message
    export(folder, "2026-10", 1.5)
    work.now += timedelta(hours=1)
    work.rounds()
    assert work.total() == Decimal("1.5")


def test_a_damaged_month_is_left_out_and_the_others_are_taken(work: Work, folder: Path) -> None:
    export(folder, "2026-09", 9.0, age=timedelta(days=20))
    write(folder, DATA.format("2026-09", "bill-0.csv"), b"a,b\n1,2\n", timedelta(days=20))
    export(folder, "2026-10", 1.5)
    (done,) = work.rounds()
    assert (done.result, work.total()) == (Result.PARTIAL, Decimal("1.5"))
    assert "bill-0.csv: it is no Cost and Usage Report" in done.message


def test_a_folder_that_is_not_there_is_a_problem_beside_every_answer(
    tmp_path: Path, work: Work, folder: Path
) -> None:
    folder.rmdir()
    (done,) = work.rounds()
    assert "cannot be read" in done.message
    assert SpendReader(work.store).ask(SpendQuestion(OCTOBER), NOW).look is not Look.DATA


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with start(clock=Clock(lambda: NOW), wait=False) as found:
        yield found


def test_a_bucket_is_read_as_a_folder_is(endpoint: Endpoint, tmp_path: Path, folder: Path) -> None:
    keys = next(c for c in endpoint.credentials if c.account == PLACE.account)
    own = account(
        access_key_id=keys.access_key,
        secret_access_key=Secret(keys.secret),
        endpoint=endpoint.url,
    )
    client = boto3.client(
        "s3",
        region_name=PLACE.region,
        endpoint_url=endpoint.url,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret,
    )
    where = {"LocationConstraint": PLACE.region}
    client.create_bucket(Bucket="bills", CreateBucketConfiguration=where)
    export(folder, "2026-10", 1.5, 2.0)
    for path in folder.rglob("*.*"):
        name = path.relative_to(folder).as_posix()
        client.put_object(Bucket="bills", Key=name, Body=path.read_bytes())
    work = Work(tmp_path / "store", "s3://bills/export/", own)
    (done,) = work.rounds()
    assert (done.result, work.total()) == (Result.OK, Decimal("3.5"))
    # One page of the list, the manifest and two files.
    assert done.calls == 4
    work.store.close()


def test_manifests_of_old_reports_name_their_keys_and_month() -> None:
    told = parsed(
        b'{"billingPeriod": {"start": "20261001T000000.000Z"}, "reportKeys": ["a/b/c.csv.gz"]}',
        "a/b-Manifest.json",
    )
    assert (told.files, told.month) == (("a/b/c.csv.gz",), OCTOBER)
    assert month_of("x/BILLING_PERIOD=2026-10/y") == OCTOBER
    assert month_of("x/y") is None


def test_the_manifest_above_its_versions_counts_alone() -> None:
    names = ["r/20261001-20261101/r-Manifest.json", "r/20261001-20261101/id/r-Manifest.json"]
    assert current([*names, "r/20261001-20261101/id/r-1.csv.gz"]) == names[:1]
    versions = [
        "m/BILLING_PERIOD=2026-10/1/e-Manifest.json",
        "m/BILLING_PERIOD=2026-10/2/e-Manifest.json",
    ]
    assert current(versions) == versions


def test_files_are_found_in_a_copy_of_the_bucket() -> None:
    there = ["data/m/a.parquet", "metadata/m/x-Manifest.json"]
    assert located("prefix/export/data/m/a.parquet", there[1], there) == there[0]
    assert located("prefix/other.csv", "b/x-Manifest.json", ["b/other.csv"]) == "b/other.csv"
    assert located("prefix/none.csv", "b/x-Manifest.json", there) is None
