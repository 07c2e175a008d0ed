"""Reading config.yaml: what it becomes, and every mistake with its message."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.config import ConfigMistakes, Secret, Settings, load
from app.model.errors import ConfigError

HERE = Path(__file__).parent
BAD = sorted(HERE.glob("*.bad.yaml"))

SMALL = "accounts:\n  - {id: 111111111111, regions: [eu-central-1]}\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str, **env: str) -> Settings:
    return load(written(folder, text), env)


@pytest.mark.parametrize("path", BAD, ids=[p.name.removesuffix(".bad.yaml") for p in BAD])
def test_each_mistake_has_its_message(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()
    expected = [
        line.removeprefix("# error: ").replace("{folder}", str(HERE))
        for line in first
        if line.startswith("# error: ")
    ]
    with pytest.raises(ConfigError) as raised:
        load(path, {"SET": "a value"})
    assert isinstance(raised.value, ConfigMistakes)
    found = [f"{m.line}: {m.field}: {m.message}" for m in raised.value.mistakes]
    assert sorted(found) == sorted(expected)


def test_a_message_reads_as_file_line_field_and_remedy(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL + "web: {prot: 80}\n")
    with pytest.raises(ConfigError) as raised:
        load(path, {})
    assert str(raised.value) == f"{path}:3: web.prot: unknown key; did you mean `port`?"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file; name another with --config"):
        load(tmp_path / "none.yaml", {})


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"accounts: \xff\xfe")
    with pytest.raises(ConfigError, match=r"is not UTF-8 text \(byte 10\)"):
        load(path, {})


def test_an_empty_file_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="accounts: is missing"):
        loaded(tmp_path, "")


def test_too_many_values_are_refused_before_they_fill_memory(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    for before, name in ("ab", "bc", "cd", "de", "ef", "fg"):
        bomb += f"{name}: &{name} [" + ",".join([f"*{before}"] * 10) + "]\n"
    with pytest.raises(ConfigError, match="holds more than 50,000 values"):
        loaded(tmp_path, bomb)


def test_what_is_not_written_has_a_default(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SMALL)
    assert settings.collection.metrics.every == timedelta(minutes=5)
    assert settings.collection.budget_usd_per_month == Decimal(50)
    assert settings.store.retention["rounds"] == timedelta(days=30)
    assert settings.web.port == 8050
    assert settings.accounts[0].name == "111111111111"


def test_an_account_id_keeps_its_leading_zero(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SMALL.replace("111111111111", "012345670123"))
    assert settings.accounts[0].id == "012345670123"


def test_a_section_with_nothing_in_it_means_its_defaults(tmp_path: Path) -> None:
    assert loaded(tmp_path, SMALL + "web:\nalarms:\n").web.threads == 16


def test_one_table_kept_shorter_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    retention = loaded(tmp_path, SMALL + "store: {retention: {rounds: 1w}}\n").store.retention
    assert retention["rounds"] == timedelta(days=7)
    assert retention["metrics"] == timedelta(days=455)


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SMALL + "store: {path: data}\ncatalogue: {extras: more}\n")
    assert settings.store.path == tmp_path / "data"
    assert settings.catalogue.extras == tmp_path / "more"


def test_a_path_not_written_is_beside_the_file_too(tmp_path: Path) -> None:
    assert loaded(tmp_path, SMALL).store.path == tmp_path / "var"


HOOK = SMALL + "notifications: {channels: {ops: {type: webhook, url: '%s'}}}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("${HOOK}", "https://example.test/hook", id="the whole value"),
        pytest.param("${HOOK}/more", "https://example.test/hook/more", id="a part of it"),
        pytest.param("${NONE:-http://127.0.0.1/}", "http://127.0.0.1/", id="a default"),
        pytest.param("${EMPTY:-http://127.0.0.1/}", "http://127.0.0.1/", id="empty is not set"),
        pytest.param("${HOOK}/$${x}", "https://example.test/hook/${x}", id="two dollars are one"),
    ],
)
def test_a_value_comes_from_the_environment(tmp_path: Path, text: str, expected: str) -> None:
    settings = loaded(tmp_path, HOOK % text, HOOK="https://example.test/hook", EMPTY="")
    assert settings.notifications.channels["ops"].url == Secret(expected)


def test_a_secret_comes_from_a_file_beside_the_config(tmp_path: Path) -> None:
    (tmp_path / "hook").write_text("https://example.test/hook\n", encoding="utf-8")
    text = SMALL + "notifications: {channels: {ops: {type: webhook, url_file: hook}}}\n"
    settings = loaded(tmp_path, text)
    assert settings.notifications.channels["ops"].url == Secret("https://example.test/hook")


def test_no_secret_appears_in_a_dump_or_a_repr(tmp_path: Path) -> None:
    settings = loaded(tmp_path, HOOK % "${HOOK}", HOOK="https://example.test/hook")
    assert "example.test" not in repr(settings)
    assert "example.test" not in str(settings.model_dump())
    assert "example.test" not in settings.model_dump_json()


def test_no_secret_appears_in_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        loaded(tmp_path, SMALL + "store: {catalog: 'postgresql://w:hunter2@db/w'}\n")
    assert "hunter2" not in str(raised.value)
    assert "hunter2" not in repr(raised.value.__cause__)


def test_a_catalog_without_a_password_may_stand_in_the_file(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SMALL + "store: {catalog: 'postgresql+psycopg://db/w'}\n")
    assert settings.store.catalog == Secret("postgresql+psycopg://db/w")


def test_a_further_check_adds_its_findings_to_the_others(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL + "web: {prot: 80}\n")
    with pytest.raises(ConfigMistakes) as raised:
        load(path, {}, checks=[lambda _: [(("accounts", 0, "id"), "is not ours")]])
    assert [m.field for m in raised.value.mistakes] == ["accounts[0].id", "web.prot"]


def test_an_alarm_gives_the_parameters_of_put_metric_alarm(tmp_path: Path) -> None:
    alarm = (
        "alarms: {metric: [{account: 111111111111, region: eu-central-1, AlarmName: old,"
        " Namespace: AWS/SQS, MetricName: ApproximateAgeOfOldestMessage, Statistic: Maximum,"
        " Dimensions: [{Name: QueueName, Value: jobs}], Period: 60, EvaluationPeriods: 3,"
        " Threshold: 600, ComparisonOperator: GreaterThanThreshold}]}\n"
    )
    assert loaded(tmp_path, SMALL + alarm).alarms.metric[0].put() == {
        "AlarmName": "old",
        "ActionsEnabled": True,
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [{"Name": "QueueName", "Value": "jobs"}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 600.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
