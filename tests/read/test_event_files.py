"""Log events out of local files of any kind."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from app.model.errors import ConfigError
from app.read.event_files import read_events

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NOON = 1_795_521_600_000


def read(text: str | bytes) -> list[tuple[int, str]]:
    content = text if isinstance(text, bytes) else text.encode()
    frame = read_events(content, "app.log", NOW).frame
    return list(zip(frame["timestamp"].to_list(), frame["message"].to_list(), strict=True))


def test_an_event_of_cloudwatch_is_taken_as_it_is() -> None:
    line = '{"timestamp": 1704067200000, "message": "hi", "logStreamName": "a", "ingestionTime": 7}'
    frame = read_events(line.encode(), "app.log", NOW).frame
    assert frame.rows() == [(1_704_067_200_000, 7, "hi", "a", "app.log")]


def test_an_answer_of_filter_log_events_is_its_events() -> None:
    assert read('{\n "events": [{"timestamp": 5000000000000, "message": "x"}]\n}') == [
        (5_000_000_000_000, "x")
    ]


@pytest.mark.parametrize(
    ("line", "time"),
    [
        ('{"timestamp": "2026-11-24T12:00:00.250Z", "message": "x", "user": 1}', NOON + 250),
        ('{"time": 1795521600, "m": 1}', NOON),
        ('{"ts": 1795521600123}', NOON + 123),
        ('{"@timestamp": "1795521600000"}', NOON),
        ('{"_aws": {"Timestamp": 1795521600000}}', NOON),
        ("2026-11-24 12:00:00,042 ERROR no", NOON + 42),
        ("2026-11-24T13:00:00+01:00 yes", NOON),
        ('1.2.3.4 - - [24/Nov/2026:11:00:00 -0100] "GET /"', NOON),
        ("[INFO] 2026-11-24T12:00:00.1Z id text", NOON + 100),
    ],
)
def test_a_line_is_dated_by_what_stands_in_it(line: str, time: int) -> None:
    assert read(line) == [(time, line)]


def test_a_line_without_a_time_stands_with_its_neighbours() -> None:
    assert read("START RequestId: 1\n2026-11-24T12:00:00Z a\nEND RequestId: 1\n") == [
        (NOON, "START RequestId: 1"),
        (NOON, "2026-11-24T12:00:00Z a"),
        (NOON, "END RequestId: 1"),
    ]


def test_a_stack_trace_belongs_to_its_event() -> None:
    text = (
        "2026-11-24 12:00:00 ERROR it broke\nTraceback (most recent call last):\n"
        '  File "a.py", line 1, in <module>\nValueError: no\n2026-11-24 12:00:01 INFO on\n'
    )
    assert [message.count("\n") for _, message in read(text)] == [3, 0]


def test_a_java_trace_belongs_to_its_event() -> None:
    text = "ERROR x\njava.io.IOException: y\n\tat a.B.c(B.java:1)\nCaused by: z\n\t... 3 more\nEND"
    assert [message.split("\n")[0] for _, message in read(text)] == [
        "ERROR x",
        "java.io.IOException: y",
        "END",
    ]


TRACES = {
    "java": """
java.lang.IllegalStateException: no connection
\tat a.B.c(B.java:1)
\tSuppressed: java.io.IOException: closed
\t\tat a.B.d(B.java:2)
Caused by: java.net.ConnectException
\t... 3 more""",
    "python": """
Traceback (most recent call last):
  File "a.py", line 1, in <module>
KeyError: 'a'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in <module>
app.errors.Refused: no""",
    "node": """
TypeError: Cannot read properties of undefined (reading 'id')
    at Object.<anonymous> (/var/task/index.js:3:7)
    at async Runtime.handleOnce (file:///var/runtime/index.mjs:1173:29) {
  code: 'E_NONE'
}""",
    "go": """
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48]

goroutine 1 [running]:
main.(*Server).handle(0xc000012345, {0x1, 0x2})
\t/src/main.go:10 +0x1d
created by main.main in goroutine 1
\t/src/main.go:20 +0x5a
exit status 2""",
    ".net": """
System.InvalidOperationException: no
   at A.B.C() in /src/A.cs:line 3
--- End of stack trace from previous location ---
   at A.B.D()""",
    "rust": """
thread 'main' panicked at src/main.rs:2:5:
    explicit panic
stack backtrace:
   0: rust_begin_unwind
             at ./library/std/src/panicking.rs:1""",
}


@pytest.mark.parametrize("language", TRACES)
def test_a_trace_belongs_to_the_line_with_a_time_above_it(language: str) -> None:
    text = f"2026-11-24 12:00:00 ERROR it broke{TRACES[language]}\n2026-11-24 12:00:00 INFO on"
    last = TRACES[language].splitlines()[-1]
    assert [message.splitlines()[-1] for _, message in read(text)] == [
        last,
        "2026-11-24 12:00:00 INFO on",
    ]


def test_a_trace_ends_with_its_error() -> None:
    text = "2026-11-24 12:00:00 a" + TRACES["python"] + "\nINFO: b\nmain.done()\n"
    assert [message for _, message in read(text)][1:] == ["INFO: b", "main.done()"]


def test_an_error_beside_errors_without_a_time_is_an_event_of_its_own() -> None:
    assert len(read("ValueError: a\nValueError: b\nTypeError: c\n")) == 3


def test_a_json_object_is_whole_and_no_trace_goes_on_with_it() -> None:
    trace = 'Traceback (most recent call last):\n  File "x"\nValueError: y'
    assert [m for _, m in read('{"level": "error"}\n' + trace)] == ['{"level": "error"}', trace]


def test_without_any_time_everything_stands_now_and_that_is_known() -> None:
    found = read_events(b"a\nb\n", "app.log", NOW)
    assert found.frame["timestamp"].to_list() == [NOON, NOON]
    assert not found.dated


def test_several_gzip_members_are_one_file() -> None:
    whole = gzip.compress(b"a\n") + gzip.compress(b"b\n")
    assert [message for _, message in read(whole)] == ["a", "b"]


def test_gzip_that_breaks_off_is_told() -> None:
    with pytest.raises(ConfigError, match="breaks off"):
        read(gzip.compress(b"a" * 1000)[:-12])


def test_what_is_no_text_is_told() -> None:
    with pytest.raises(ConfigError, match="is no text"):
        read(b"PAR1\0\0\0\0")


def test_a_date_that_does_not_exist_is_no_time() -> None:
    assert read("2026-13-45T12:00:00Z x") == [(NOON, "2026-13-45T12:00:00Z x")]


def test_nothing_is_no_event() -> None:
    assert read("\n \n") == []
