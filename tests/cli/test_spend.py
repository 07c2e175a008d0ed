"""``watchdeck spend``: bills go in from files, and questions are answered."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import app

CONFIG = """
accounts: [{id: "500000000001", name: prod, regions: [eu-central-1]}]
store: {path: store}
"""
CASES = Path(__file__).parents[1] / "cases" / "bills"
OCTOBER = ("--since", "2026-10-01", "--until", "2026-11-01")


def said(config: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["spend", *words, "-c", str(config)])


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings, and a store that has taken a bill."""
    path = tmp_path_factory.mktemp("spend") / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    none = said(path, "ask")
    assert none.exit_code == 1
    assert "no spend is collected yet" in none.output
    bill_file = path.with_name("focus.csv")
    shutil.copy(CASES / "focus.csv", bill_file)
    taken = said(path, "import", str(bill_file), "--json")
    assert taken.exit_code == 0, taken.output
    (bill,) = json.loads(taken.stdout)
    assert (bill["lines"], bill["payers"]) == (24, ["500000000001"])
    return path


def rows(config: Path, *words: str) -> list[dict[str, str]]:
    answer = said(config, "ask", *OCTOBER, "--format", "json", *words)
    assert answer.exit_code == 0, answer.output
    return [json.loads(line) for line in answer.stdout.splitlines()]


def test_a_bill_is_split_as_asked(config: Path) -> None:
    found = rows(config, "--by", "tag:team", "--where", "service!=AWS Support")
    assert [(row["team"], row["usd"]) for row in found] == [
        ("blue", "12.45942669485"),
        ("red", "10.45676794447"),
        ("", "6.37552276053"),
    ]
    (one,) = rows(
        config, "--where", "tag:team=red", "--where", "tag:team=blue", "--metric", "amortized"
    )
    assert set(one) == {"usd"}


def test_rows_past_the_dearest_come_as_one(config: Path) -> None:
    found = rows(config, "--by", "service", "--by", "region", "--top", "2")
    assert [row["service"] for row in found][-1] == "other (2)"


def test_each_day_has_a_row_where_that_is_asked(config: Path) -> None:
    found = rows(config, "--each", "day", "--by", "account", "--top", "1")
    assert {row["day"] for row in found} >= {"2026-10-01", "2026-10-06"}
    shown = said(config, "ask", *OCTOBER, "--by", "service")
    assert "USD unblended, from FOCUS, read" in shown.output
    assert "from 2026-10-05 on amounts may still change" in shown.output


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("ask", "--by", "colour"), "--by colour: there is no such thing; known are account,"),
        (("ask", "--where", "service"), "write NAME=VALUE, or NAME!=VALUE to leave it out"),
        (("ask", "--by", "service", "--by", "service"), "service and service are the same; give"),
        (("ask", "--since", "2126-01-01"), "--since lies in the future; there is no bill yet"),
        (
            ("ask", "--since", "2026-10-02", "--until", "2026-10-02"),
            "--until is the first day that is left out; name a later one",
        ),
        (("ask", *OCTOBER, "--output", "/nowhere/x.csv"), "--output /nowhere/x.csv: No such file"),
        (("ask", "--metric", "blended"), "--metric blended: known are unblended,"),
        (("import", __file__), "a bill is a Parquet or CSV file"),
    ],
)
def test_a_mistake_says_what_is_possible(
    config: Path, words: tuple[str, ...], expected: str
) -> None:
    answer = said(config, *words)
    assert answer.exception is not None
    assert expected in f"{answer.exception} {answer.output}"


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("lambda", "no charge of these days has 'lambda'; there are 'AWS Lambda'\n"),
        ("AWS Lamda", "no charge of these days has 'AWS Lamda'; there are 'AWS Lambda'\n"),
        ("Nope", "has 'Nope'; there are 'Amazon Simple Storage Service', 'Amazon Elastic Compute"),
    ],
)
def test_a_value_that_no_charge_has_is_told_and_not_just_nothing(
    config: Path, value: str, named: str
) -> None:
    answer = said(config, "ask", *OCTOBER, "--where", f"service={value}", "--by", "region")
    assert answer.exit_code == 0
    assert named in answer.stderr
    assert answer.stdout == ""


def test_accounts_are_named_as_in_the_settings(config: Path) -> None:
    by_name = rows(config, "--by", "account", "--where", "account=prod")
    assert by_name == rows(config, "--by", "account", "--where", "account=500000000001")
    assert [row["account"] for row in by_name] == ["500000000001"]


def test_the_day_that_was_still_filling_is_named(config: Path) -> None:
    shown = said(config, "ask", *OCTOBER)
    assert "the bill of 2026-10-06 was still filling when it was read" in shown.stderr


def test_a_folder_is_taken_by_its_manifests(config: Path, tmp_path: Path) -> None:
    data = tmp_path / "data" / "BILLING_PERIOD=2026-10"
    data.mkdir(parents=True)
    (data / "bill.csv").write_bytes((CASES / "old-report.csv").read_bytes())
    above = tmp_path / "metadata" / "BILLING_PERIOD=2026-10"
    above.mkdir(parents=True)
    manifest = {"dataFiles": ["s3://b/e/data/BILLING_PERIOD=2026-10/bill.csv"]}
    (above / "e-Manifest.json").write_text(json.dumps(manifest))
    for path in (tmp_path, above / "e-Manifest.json"):
        answer = said(config, "import", str(path), "--json")
        assert answer.exit_code == 0, answer.output
        (bill,) = json.loads(answer.stdout)
        assert bill["lines"] == 13


def test_a_month_is_estimated_with_the_source_of_each_price(config: Path) -> None:
    asked = ("estimate", "sqs", "requests=5_000_000", "--format", "json")
    answer = said(config, *asked)
    assert answer.exit_code == 0, answer.output
    (line,) = [json.loads(text) for text in answer.stdout.splitlines()]
    assert (line["usd"], line["free"], line["price"]) == ("1.6", "1000000", "0.0000004")
    assert line["from"] == (
        "list price of us-east-1 shipped with Watchdeck (Amazon SQS pricing, 2026-04-01)"
    )
    assert "1.60 USD a month" in answer.stderr
    without = said(config, *asked, "--no-free")
    assert json.loads(without.stdout)["usd"] == "2"


def test_prices_are_listed_with_where_each_is_from(config: Path) -> None:
    answer = said(config, "prices", "sqs", "--format", "json")
    assert answer.exit_code == 0, answer.output
    answer = said(config, "prices", "requests-fifo-tier1", "--format", "json")
    (line,) = [json.loads(text) for text in answer.stdout.splitlines()]
    assert (line["usd"], line["free"]) == ("0.0000005", "1000000")
    assert line["tiers"] == "100000000000: 0.0000004; 200000000000: 0.00000035"
    assert "Amazon SQS pricing, 2026-04-01" in line["from"]
    assert said(config, "prices", "--outdated", "--format", "json").exit_code == 0


def test_memory_sizes_are_compared(config: Path) -> None:
    answer = said(config, "memory", "512=1000", "1024=400", "2048=390", "--format", "json")
    assert answer.exit_code == 0, answer.output
    lines = [json.loads(text) for text in answer.stdout.splitlines()]
    assert [line["usd_per_million"] for line in lines] == ["8.5334", "6.8667", "13.2000"]
    assert [line["change"] for line in lines] == ["+0 %", "-20 %", "+55 %"]
    assert "cheapest is 512 → 1024 MB" in answer.stderr
    nothing = said(config, "memory")
    assert "name MEMORY_MB=AVERAGE_MS, or --group" in f"{nothing.exception} {nothing.output}"
    wrong = said(config, "memory", "512")
    assert "512: write MEMORY_MB=AVERAGE_MS" in f"{wrong.exception} {wrong.output}"


@pytest.mark.parametrize(
    ("words", "mistake"),
    [
        (("teleport",), "there is no estimator teleport; known are lambda"),
        (("sqs", "messages=1"), "sqs has no quantity messages; it takes requests"),
        (("sqs", "requests=many"), "a quantity is written NAME=NUMBER"),
    ],
)
def test_what_cannot_be_estimated_is_told_with_what_can(
    config: Path, words: tuple[str, ...], mistake: str
) -> None:
    answer = said(config, "estimate", *words)
    assert answer.exit_code != 0
    assert mistake in answer.output.replace("\n", " ") or mistake in str(answer.exception)


def test_all_that_can_be_estimated_is_listed_with_its_quantities(config: Path) -> None:
    answer = said(config, "estimate", "--format", "csv")
    assert "nat,NAT gateways,hours gb" in answer.stdout
