"""Files of log events in a folder: each event once, each file once."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.demo.endpoint import Endpoint
from app.model.alarms import AlarmDefinition
from app.model.rounds import Result
from app.model.time import epoch_ms
from app.model.watching import inputs
from collectors import log_batch, log_files, log_formats
from tests.collectors.log_taking import Make, of_files, put, record, taking
from tests.collectors.log_working import MINUTE, NOW, OWN, PLACE, LogWork

EXPORTED = "2026-11-20T10:00:00.000Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    return made


@pytest.fixture
def make(endpoint: Endpoint, tmp_path: Path, folder: Path) -> Iterator[Make]:
    with taking(endpoint, tmp_path, str(folder)) as made:
        yield made


def test_events_of_a_folder_are_kept_with_account_group_and_stream(make: Make, folder: Path):
    put(folder, "2026/11/24/10/a.gz", gzip.compress(record("a") + record("b", logGroup="/x")))
    work = make()
    done = of_files(work.rounds())
    assert (done.result, done.rows) == (Result.OK, 2)
    stored = work.stored().sort("message").select("group", "at", "stream", "message")
    assert stored.rows() == [(OWN, NOW - MINUTE, "s", "a"), ("/x", NOW - MINUTE, "s", "b")]


def test_a_file_is_read_once_and_again_when_it_is_another(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    read: list[str] = []
    content = log_files._Taking._content

    def noted(taking: Any, one: Any) -> Any:
        read.append(one.name)
        return content(taking, one)

    monkeypatch.setattr(log_files._Taking, "_content", noted)
    put(folder, "a.gz", gzip.compress(record("a")))
    work = make()
    work.rounds()
    work.renew()
    work.later(minutes=6)
    put(folder, "b", record("b"))
    work.rounds()
    put(folder, "a.gz", gzip.compress(record("a", "more")), age=MINUTE)
    work.later(days=1)
    work.rounds()
    assert read == ["a.gz", "b", "a.gz"]
    assert work.messages() == ["a", "b", "more"]


def test_nothing_is_done_before_it_is_time(make: Make, folder: Path):
    work = make(every="10m")
    work.rounds()
    work.later(minutes=9)
    assert work.planned() == []
    work.later(minutes=1)
    assert [task.group for task in work.planned()] == ["log-files/archive"]


def test_a_file_that_may_still_be_written_is_left_for_later(make: Make, folder: Path):
    put(folder, "a", record("a")[:50], age=timedelta(seconds=5))
    work = make()
    assert of_files(work.rounds()).rows == 0
    put(folder, "a", record("a"), age=timedelta(0))
    work.later(minutes=6)
    work.rounds()
    assert work.messages() == ["a"]


def test_a_group_that_is_polled_as_well_holds_every_event_once(make: Make, folder: Path):
    work = make(polled=True)
    work.create()
    work.put(["a", "b"], NOW - MINUTE)
    work.rounds()
    ids = {e["message"]: e["eventId"] for e in told(work)}
    events = [
        {"id": ids[text], "timestamp": epoch_ms(NOW - MINUTE), "message": text} for text in ids
    ]
    put(folder, "a", record(logEvents=[*events, {**events[0], "id": "new", "message": "c"}]))
    work.later(minutes=6)
    work.rounds()
    assert work.messages() == ["a", "b", "c"]


def told(work: LogWork) -> list[dict[str, Any]]:
    """What FilterLogEvents gives."""
    pages = work.aws.pages(
        PLACE, "logs", "FilterLogEvents", {"logGroupName": OWN}, collector="tests"
    )
    return [event for page in pages for event in page["events"]]


def test_a_damaged_file_is_named_and_counted_and_the_others_go_on(make: Make, folder: Path):
    put(folder, "a.gz", gzip.compress(record("a")))
    put(folder, "broken.gz", gzip.compress(record("x" * 5000))[:-30])
    put(folder, "c.gz", gzip.compress(record("c")))
    put(folder, "half", record("kept") + record("lost")[:-20])
    put(folder, "noise", b"hello")
    work = make()
    done = of_files(work.rounds())
    assert done.result is Result.PARTIAL
    assert "broken.gz is set aside: it breaks off" in done.message
    assert "half is set aside" in done.message
    assert "noise is set aside" in done.message
    assert [m for m in work.messages() if len(m) < 9] == ["a", "c", "kept"]
    [slot] = work.slots("Watchdeck/Logs", "FilesSetAside")
    assert (slot["Source"], slot["sum"]) == ("archive", 3.0)
    work.later(minutes=6)
    assert of_files(work.rounds()).result is Result.OK
    put(folder, "noise", record("mended"), age=-MINUTE)
    work.later(minutes=6)
    work.rounds()
    assert "mended" in work.messages()


def test_a_folder_that_is_not_there_is_said_each_time(make: Make, folder: Path):
    work = make(at=str(folder / "missing"))
    for _ in range(2):
        done = of_files(work.rounds())
        assert done.result is Result.PARTIAL
        assert "missing cannot be read: No such file or directory" in done.message
        work.later(minutes=1)


def test_a_file_that_may_not_be_read_is_tried_again(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    put(folder, "a", record("a"))
    work = make()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", denied)
        done = of_files(work.rounds())
    assert "a cannot be read: Permission denied" in done.message
    work.later(minutes=6)
    work.rounds()
    assert work.messages() == ["a"]


def denied(_: Path) -> bytes:
    raise PermissionError(13, "Permission denied")


def test_rules_and_redaction_hold_for_files_too(make: Make, folder: Path):
    put(folder, "a", record("DEBUG no", "password=hunter2"))
    work = make(exclude=["DEBUG"])
    work.rounds()
    assert work.messages() == ["password=***token***"]
    [slot] = work.slots("Watchdeck/Logs", "EventsLeftOut")
    assert (slot["Reason"], slot["sum"]) == ("excluded", 1.0)


def test_events_of_accounts_that_are_not_configured_are_left_out_and_said(make: Make, folder: Path):
    put(folder, "a", record("a") + record("b", owner="999999999999"))
    work = make()
    done = of_files(work.rounds())
    assert "events of account 999999999999 are left out" in done.message
    assert work.messages() == ["a"]


def test_metrics_are_made_of_events_of_files_once(make: Make, folder: Path):
    own = {"name": "own", "namespace": "Shop", "metric": "Lines"}
    put(folder, "a", record("a", "b"))
    work = make(metrics={"filters": [own]})
    work.rounds()
    work.renew()
    put(folder, "copy", record("a", "b", "c"))
    work.later(minutes=6)
    work.rounds()
    assert [slot["sum"] for slot in work.slots("Shop", "Lines")] == [3.0]


def test_a_metric_with_an_alarm_is_left_to_cloudwatch_where_only_files_would_make_it(
    make: Make, folder: Path
):
    own = [{"name": n, "namespace": "Shop", "metric": n} for n in ("Lines", "Other")]
    put(folder, "a", record("a", "b"))
    work = make(metrics={"filters": own})
    wanted = {"AlarmName": "a", "Namespace": "Shop", "MetricName": "Lines", "Statistic": "Sum",
              "Period": 60, "EvaluationPeriods": 1}  # fmt: skip
    work.alarms.append(AlarmDefinition(PLACE, wanted))
    work.rounds()
    assert work.slots("Shop", "Lines") == []
    assert [slot["sum"] for slot in work.slots("Shop", "Other")] == [2.0]
    assert not work.collector.makes(inputs(work.alarms[0])[0])


def test_a_file_that_a_crash_cut_short_is_taken_whole_and_counted_once(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(log_batch, "BATCH_EVENTS", 10)
    monkeypatch.setattr(log_formats, "PART_EVENTS", 10)
    texts = [f"DEBUG {n}" if n % 3 == 0 else f"m{n}" for n in range(45)]
    put(folder, "a", b"".join(record(text) for text in texts))
    own = {"name": "own", "namespace": "Shop", "metric": "Lines"}
    work = make(exclude=["DEBUG"], metrics={"filters": [own]})
    [task] = work.planned()
    for number, batch in enumerate(work.files.collect(task, work.now)):
        if number == 2:
            break
        work.store.commit(batch, lease=work.lease, now=work.now)
    assert 0 < work.stored(OWN).height < 30
    work.renew()
    work.rounds()
    assert work.stored(OWN).height == 30
    assert [slot["sum"] for slot in work.slots("Shop", "Lines")] == [30.0]
    assert [slot["sum"] for slot in work.slots("Watchdeck/Logs", "EventsLeftOut")] == [15.0]


def test_many_files_come_in_several_batches(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(log_files, "AT_ONCE", 40)
    for number in range(70):
        put(folder, f"{number:02}", record(f"m{number}"), age=(5 + number) * MINUTE)
    work = make()
    first = of_files(work.rounds())
    work.later(minutes=1)
    assert (first.rows, of_files(work.rounds()).rows) == (40, 30)
    assert work.stored(OWN).height == 70


# Exports


def test_an_export_needs_the_name_of_its_group(make: Make, folder: Path):
    put(folder, "e/s/000000.gz", gzip.compress(f"{EXPORTED} a\n".encode()))
    done = of_files(make().rounds())
    assert "it is an export, which does not tell its log group; give `group`" in done.message


def test_an_export_is_kept_once_however_often_it_is_made(make: Make, folder: Path):
    content = gzip.compress(f"{EXPORTED} a\n  more\n{EXPORTED} b\n{EXPORTED} b\n".encode())
    put(folder, "task-1/stream/000000.gz", content)
    put(folder, "aws-logs-write-test", b"Permission Check Successful")
    work = make(group=OWN)
    work.rounds()
    put(folder, "task-2/stream/000000.gz", content)
    work.later(minutes=6)
    done = of_files(work.rounds())
    assert (done.result, done.rows) == (Result.OK, 0)
    assert work.messages() == ["a\n  more", "b", "b"]
    assert set(work.stored(OWN)["stream"]) == {"stream"}


def test_of_time_that_was_polled_nothing_is_taken_from_exports(make: Make, folder: Path):
    work = make(polled=True, group=OWN)
    work.create()
    work.put(["a"], NOW - MINUTE)
    work.round(work.planned()[0])
    work.round(next(task for task in work.planned() if task.group == "logs/*"))
    later = NOW - timedelta(hours=5)
    lines = (
        f"{NOW - MINUTE:%Y-%m-%dT%H:%M:%S.000Z} a\n{later:%Y-%m-%dT%H:%M:%SZ} b\n{EXPORTED} old\n"
    )
    put(folder, "task/s/000000.gz", gzip.compress(lines.encode()))
    work.later(minutes=6)
    work.rounds()
    assert work.messages() == ["a", "old"], "what history will bring is not taken either"


def test_what_is_gone_is_forgotten(make: Make, folder: Path):
    put(folder, "a", record("a"))
    work = make()
    work.rounds()
    assert list(work.store.objects.taken("archive")) == ["a"]
    (folder / "a").unlink()
    work.later(days=1)
    work.rounds()
    assert work.store.objects.taken("archive") == {}
