"""``watchdeck alarms import``, ``export`` and ``shadow`` over real files, a real store and moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from app.cli import app
from app.config import AlarmSettings
from app.model.account_alarms import AccountAlarm
from app.model.errors import ConfigError
from app.model.rounds import Batch
from app.model.states import AlarmState
from tests.support.alarm_yard import NOON, PLACE, Yard, alarm
from tests.support.moto_aws import ACCOUNT, REGION, moto_server

CONFIG = """
accounts:
  - {{id: "{account}", name: blog-prod, regions: [eu-central-1], endpoint: "{endpoint}",
     access_key_id: AKIAEXAMPLE, secret_access_key: "${{SECRET}}"}}
"""


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path / "store")
    made.answered(NOON - timedelta(hours=2), NOON)
    yield made
    made.close()


def asked(
    folder: Path, *arguments: str, code: int = 0, account: str = PLACE.account,
    endpoint: str = "http://127.0.0.1:9",
) -> str:  # fmt: skip
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(account=account, endpoint=endpoint), encoding="utf-8")
    command = ["alarms", *arguments, "--config", str(config)]
    told = CliRunner().invoke(app, command, catch_exceptions=False, env={"SECRET": "made-up"})
    assert told.exit_code == code, told.output
    return told.stdout


@pytest.mark.parametrize("form", ["json", "cloudformation", "terraform", "config"])
def test_what_is_exported_is_imported_again(yard: Yard, tmp_path: Path, form: str) -> None:
    yard.engine(alarm("late", DatapointsToAlarm=1), alarm("other")).tick(NOON)
    file = tmp_path / {"terraform": "alarms.tf"}.get(form, "alarms.yaml")
    store = ["--store", str(yard.folder)]
    asked(tmp_path, "export", "--format", form, "--output", str(file), *store)
    back = json.loads(asked(tmp_path, "import", "--file", str(file), "--format", "json"))
    expected = [alarm(name).put() for name in ("late", "other")]
    for each in expected:
        del each["ActionsEnabled"], each["Dimensions"]
    assert back == expected


def test_settings_that_are_imported_are_settings(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    composite = {"AlarmName": "both", "AlarmRule": "ALARM(late)", "AlarmActions": ["arn:aws:sns"]}
    file.write_text(json.dumps([alarm("late").put(), composite]), encoding="utf-8")
    section = yaml.safe_load(asked(tmp_path, "import", "--file", str(file)))
    made = AlarmSettings.model_validate(section["alarms"])
    [late], [both] = made.metric, made.others
    assert (late.AlarmName, late.account, late.region) == ("late", PLACE.account, PLACE.region)
    assert both.put == {"AlarmName": "both", "AlarmRule": "ALARM(late)"}


def test_the_alarms_of_an_account_are_imported(tmp_path: Path) -> None:
    with moto_server() as server:
        put = {**alarm("late").put(), "Dimensions": [{"Name": "Q", "Value": "orders"}]}
        server.client("cloudwatch").put_metric_alarm(**put)
        where = {"account": ACCOUNT, "endpoint": server.url}
        told = asked(tmp_path, "import", "--place", f"{ACCOUNT}/{REGION}", **where)
    [made] = yaml.safe_load(told)["alarms"]["metric"]
    assert (made["AlarmName"], made["Dimensions"]) == ("late", put["Dimensions"])


def test_an_unknown_form_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean `terraform`"):
        asked(tmp_path, "import", "--format", "teraform")


def test_shadow_tells_both_reasons_and_exits_with_1(yard: Yard, tmp_path: Path) -> None:
    store = ["--store", str(yard.folder)]
    assert asked(tmp_path, "shadow", *store) == (
        "No alarm of an account has been read yet; name them under collection.alarms in the "
        "settings.\n"
    )
    yard.points("1x9 90", NOON)
    long_ago = NOON - timedelta(hours=3)
    told = AccountAlarm(PLACE, alarm().put(), AlarmState.OK, "all is well", {}, long_ago, long_ago)
    batch = Batch(account_alarms=[told])
    yard.store.commit(batch, lease=yard.lease, now=NOON)
    yard.engine().tick(NOON)
    yard.store.commit(batch, lease=yard.lease, now=NOON + timedelta(hours=1))
    lines = asked(tmp_path, "shadow", *store, code=1).splitlines()
    assert lines[:2] == [
        f"{PLACE}/orders: differs, OK in AWS and ALARM here",
        "  AWS   all is well",
    ]
    assert lines[2].startswith("  here  Threshold Crossed: 1 out of the last 1 datapoints [90.0")
    assert lines[3:] == [
        "  because AWS tells no points; the state may have been set by hand",
        "1 alarm: 1 differs",
    ]
    agreed = replace(told, state=AlarmState.ALARM)
    later = NOON + timedelta(hours=2)
    yard.store.commit(Batch(account_alarms=[agreed]), lease=yard.lease, now=later)
    assert asked(tmp_path, "shadow", *store) == "1 alarm: 1 same\n"
