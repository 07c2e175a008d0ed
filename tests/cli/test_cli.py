"""The command line as people use it: exit codes, messages and JSON.

A real process is started where the process is what is asked for; all else runs in this one.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from app.cli import main

ROOT = Path(__file__).parents[2]
CONFIG = """
accounts:
  - id: "111111111111"
    name: blog-prod
    regions: [eu-central-1]
    endpoint: http://127.0.0.1:9
    access_key_id: AKIAEXAMPLE
    secret_access_key: ${SECRET}
collection: {services: [lambda, sqs]}
notifications:
  channels:
    topic:
      type: sns
      topic_arn: arn:aws:sns:eu-central-1:111111111111:alerts
      account: blog-prod
"""
ENV = {"PATH": "/usr/bin:/bin", "SECRET": "a-made-up-secret", "HOME": "/nonexistent"}


def process(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=folder,
        env={**ENV, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


def run(
    *arguments: str, folder: Path, env: Mapping[str, str] = ENV
) -> subprocess.CompletedProcess[str]:
    """The same without a process of its own."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["watchdeck", *arguments])
        patch.setattr(os, "environ", dict(env))
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def test_help_lists_every_command_and_loads_nothing_heavy(folder: Path) -> None:
    program = (
        "import sys\n"
        "from app.cli import app\n"
        "heavy = {'polars', 'dash', 'boto3', 'botocore', 'sqlalchemy', 'pydantic'}\n"
        "sys.exit(len(heavy & set(sys.modules)))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == 0
    told = process("--help", folder=folder)
    assert told.returncode == 0
    for command in ("serve", "web", "work", "collect", "config", "policy", "store", "demo"):
        assert f"  {command} " in told.stdout


def test_help_answers_at_once(folder: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process("--help", folder=folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Computing time: how long it takes besides depends on what else the machine does.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.6


def test_an_unknown_command_is_wrong_usage(folder: Path) -> None:
    told = process("serv", folder=folder)
    assert told.returncode == 2
    assert "serv" in told.stderr


def test_a_config_in_order_is_said_to_be(folder: Path) -> None:
    told = run("config", "check", folder=folder)
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [
        "config.yaml  is in order",
        "accounts     1 with 1 Regions in all",
        "own alarms   0",
        "channels     topic",
    ]


def test_mistakes_are_told_all_at_once_with_exit_code_2(folder: Path) -> None:
    (folder / "config.yaml").write_text(CONFIG + "web: {prot: 1}\nstor: {}\n", encoding="utf-8")
    told = run("config", "check", folder=folder)
    assert told.returncode == 2
    assert told.stderr.splitlines() == [
        "watchdeck: this must be mended first:",
        "config.yaml:16: web.prot: unknown key; did you mean `port`?",
        "config.yaml:17: stor: unknown key; did you mean `store`?",
    ]


def test_a_service_that_nobody_described_is_a_mistake(folder: Path) -> None:
    (folder / "config.yaml").write_text(
        CONFIG.replace("[lambda, sqs]", "[lamda, sqs]"), encoding="utf-8"
    )
    told = run("config", "check", folder=folder)
    assert told.returncode == 2
    assert told.stderr == (
        "watchdeck: config.yaml:9: collection.services[0]: "
        "there is no service `lamda`; did you mean `lambda`?\n"
    )


def test_a_change_of_no_recommended_alarm_is_a_mistake(folder: Path) -> None:
    changes = "alarms: {recommended_changes: [{alarm: lambda/eror}, {alarm: 'sqs/*'}]}\n"
    (folder / "config.yaml").write_text(CONFIG + changes, encoding="utf-8")
    told = run("config", "check", folder=folder)
    assert told.returncode == 2
    assert told.stderr == (
        "watchdeck: config.yaml:16: alarms.recommended_changes[0].alarm: "
        "no recommended alarm is called `lambda/eror`; did you mean `lambda/errors`?\n"
    )


def test_an_alarm_that_aws_would_refuse_is_a_mistake(folder: Path) -> None:
    alarm = (
        "alarms: {metric: [{account: blog-prod, region: eu-central-1, AlarmName: a, Unit: Parsecs,"
        " Namespace: AWS/SQS, MetricName: m, Statistic: Sum, Period: 60, EvaluationPeriods: 1,"
        " Threshold: 1, ComparisonOperator: GreaterThanThreshold}]}\n"
    )
    (folder / "config.yaml").write_text(CONFIG + alarm, encoding="utf-8")
    told = run("config", "check", folder=folder)
    assert told.returncode == 2
    assert "config.yaml:16: alarms.metric[0]: " in told.stderr
    assert "Parsecs" in told.stderr


def test_mistakes_as_json(folder: Path) -> None:
    (folder / "config.yaml").write_text(CONFIG + "web: {prot: 1}\n", encoding="utf-8")
    told = run("config", "check", "--json", folder=folder)
    assert told.returncode == 2
    assert json.loads(told.stdout) == {
        "ok": False,
        "mistakes": [
            {
                "file": "config.yaml",
                "line": 16,
                "field": "web.prot",
                "message": "unknown key; did you mean `port`?",
            }
        ],
    }


def test_a_config_that_is_not_there_is_named(folder: Path) -> None:
    told = run("web", "--config", "other.yaml", folder=folder)
    assert told.returncode == 2
    assert told.stderr == (
        "watchdeck: other.yaml: there is no such file; name another with --config\n"
    )


def test_the_policy_holds_what_is_configured_and_nothing_that_writes(folder: Path) -> None:
    told = run("policy", folder=folder)
    assert told.returncode == 0, told.stderr
    policy = json.loads(told.stdout)
    statements = policy["Statement"]
    actions = {a for s in statements for a in s["Action"]}
    assert {"cloudwatch:GetMetricData", "lambda:ListFunctions", "sqs:ListQueues"} <= actions
    assert not any(a.startswith(("rds:", "ec2:")) for a in actions)
    publish = [s for s in statements if "sns:Publish" in s["Action"]]
    assert [s["Resource"] for s in publish] == [["arn:aws:sns:eu-central-1:111111111111:alerts"]]
    reading = ("Get", "List", "Describe", "GET", "BatchGet")
    assert all(a.split(":")[1].startswith(reading) for a in actions - {"sns:Publish"})


def test_the_policy_allows_reading_log_groups_where_any_are_collected(folder: Path) -> None:
    def actions() -> set[str]:
        found = json.loads(run("policy", folder=folder).stdout)["Statement"]
        return {a for s in found for a in s["Action"] if a.startswith("logs:")}

    assert actions() == set()
    logs = "collection: {services: [lambda, sqs], logs: {groups: all}}"
    text = CONFIG.replace("collection: {services: [lambda, sqs]}", logs)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    assert actions() == {
        "logs:DescribeLogGroups",
        "logs:DescribeMetricFilters",
        "logs:DescribeSubscriptionFilters",
        "logs:FilterLogEvents",
        "logs:ListTagsForResource",
    }


def test_the_policy_allows_reading_spend_where_an_account_pays(folder: Path) -> None:
    assert "ce:" not in run("policy", folder=folder).stdout
    spend = "services: [lambda, sqs], spend: {payers: [blog-prod], read: [forecast, budgets]}"
    text = CONFIG.replace("services: [lambda, sqs]", spend)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    told = run("policy", folder=folder).stdout
    assert {"ce:GetCostAndUsage", "ce:GetCostForecast", "budgets:ViewBudget"} <= set(
        json.loads(told)["Statement"][0]["Action"]
    )
    assert "ce:GetAnomalies" not in told
    assert "ce:GetRightsizingRecommendation" not in told


def test_the_policy_allows_reading_alarms_where_any_are_asked_for(folder: Path) -> None:
    assert "cloudwatch:DescribeAlarms" not in run("policy", folder=folder).stdout
    text = CONFIG.replace("services: [lambda, sqs]", 'services: [lambda, sqs], alarms: ["*"]')
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    assert "cloudwatch:DescribeAlarms" in run("policy", folder=folder).stdout


def test_the_hub_may_assume_the_roles_and_nothing_else(folder: Path) -> None:
    role = "arn:aws:iam::111111111111:role/watchdeck-reader"
    (folder / "config.yaml").write_text(
        CONFIG.replace("name: blog-prod\n", f"name: blog-prod\n    role_arn: {role}\n"), "utf-8"
    )
    told = run("policy", "--hub", folder=folder)
    assert told.returncode == 0, told.stderr
    statements = json.loads(told.stdout)["Statement"]
    assert [(s["Action"], s["Resource"]) for s in statements] == [(["sts:AssumeRole"], [role])]


def test_the_trust_policy_demands_the_external_id(folder: Path) -> None:
    told = run(
        "policy",
        "--trust",
        "arn:aws:iam::999999999999:role/watchdeck",
        "--external-id",
        "42",
        folder=folder,
    )
    assert told.returncode == 0, told.stderr
    statement = json.loads(told.stdout)["Statement"][0]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::999999999999:role/watchdeck"}
    assert statement["Condition"]["StringEquals"]["sts:ExternalId"] == "42"


def test_a_new_store_is_empty_and_in_order(folder: Path) -> None:
    stats = run("store", "stats", "--json", folder=folder)
    assert stats.returncode == 0, stats.stderr
    assert {t["rows"] for t in json.loads(stats.stdout)["tables"]} == {0}
    verified = run("store", "verify", folder=folder)
    assert verified.stdout == "0 segments, 0 bytes: all in order.\n"
    compacted = run("store", "compact", "--json", folder=folder)
    assert json.loads(compacted.stdout)["compacted"]["segments_before"] == 0


def test_a_store_that_cannot_be_used_is_exit_code_4(folder: Path) -> None:
    (folder / "var").write_text("a file where a folder should be", encoding="utf-8")
    told = run("store", "stats", folder=folder)
    assert told.returncode == 4
    assert told.stderr.startswith("watchdeck: cannot use the folder var")


def test_alarms_are_listed_as_json(folder: Path) -> None:
    assert json.loads(run("alarms", "list", "--json", folder=folder).stdout) == []
    wrong = run("alarms", "list", "--state", "ALRM", folder=folder)
    assert wrong.returncode == 2
    assert wrong.stderr == (
        "watchdeck: there is no state `ALRM`; known are OK, ALARM, INSUFFICIENT_DATA\n"
    )


def test_an_alarm_that_is_not_there_is_wrong_usage(folder: Path) -> None:
    told = run("alarms", "show", "nothing", folder=folder)
    assert told.returncode == 2
    assert told.stderr == (
        "watchdeck: there is no alarm `nothing`; `watchdeck alarms list` shows all\n"
    )


def test_an_endpoint_that_does_not_answer_is_exit_code_3_and_names_the_account(
    folder: Path,
) -> None:
    told = process("collect", "once", "--only", "inventory", "--json", folder=folder)
    assert told.returncode == 3, told.stderr
    rounds = json.loads(told.stdout)
    assert {r["result"] for r in rounds} <= {"unreachable", "circuit_open"}
    assert "blog-prod" in rounds[0]["message"]
    assert "a-made-up-secret" not in told.stdout + told.stderr


def test_a_port_in_use_is_told_with_the_way_out(folder: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = process("web", "--port", str(port), folder=folder)
    assert told.returncode == 2
    assert told.stderr == (
        f"watchdeck: cannot listen on 127.0.0.1:{port}: Address already in use; "
        "end the other program, or choose another with web.port or --port\n"
    )
