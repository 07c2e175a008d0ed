"""`watchdeck query` over files and pipes, as an operator uses it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.cli.test_cli import ENV, ROOT

LINES = """\
{"time": "2026-11-24T12:00:00Z", "level": "ERROR", "status": 503}
{"time": "2026-11-24T12:00:01Z", "level": "INFO", "status": 200}
{"time": "2026-11-24T12:07:00Z", "level": "INFO", "status": 200}
"""


def ask(*arguments: str, folder: Path, given: str = "") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "app", "query", *arguments],
        cwd=folder,
        env={**ENV, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        input=given.encode(),
        timeout=60,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.log").write_text(LINES, encoding="utf-8")
    return tmp_path


def test_a_file_is_asked_without_any_settings(folder: Path) -> None:
    told = ask("--file", "app.log", "stats count(*) as n by level | sort n desc", folder=folder)
    assert (told.returncode, told.stderr) == (0, b"")
    assert told.stdout.decode().splitlines() == ["level  n", "INFO   2", "ERROR  1"]


def test_a_pipe_is_asked_and_answers_json_line_by_line(folder: Path) -> None:
    told = ask("--file", "-", "--format", "json", "fields status, none", folder=folder, given=LINES)
    assert [json.loads(line) for line in told.stdout.splitlines()] == [
        {"status": 200},
        {"status": 200},
        {"status": 503},
    ]


def test_only_the_time_that_was_asked_for_counts(folder: Path) -> None:
    told = ask(
        "--file", "app.log", "--since", "2026-11-24T12:05", "--until", "2026-11-24T14:00+01:00",
        "--format", "csv", "stats count(*) as n", folder=folder,
    )  # fmt: skip
    assert told.stdout.decode() == "n\n1\n"


def test_several_files_are_one_and_gzip_is_opened(folder: Path) -> None:
    (folder / "old.gz").write_bytes(gzip.compress(LINES.encode()))
    told = ask(
        "--file", "app.log", "--file", "old.gz", "--format", "csv", "stats count(*) as n by @log",
        folder=folder,
    )  # fmt: skip
    assert told.stdout.decode().splitlines() == ["@log,n", "app.log,3", "old.gz,3"]


def test_parquet_has_columns_of_numbers(folder: Path) -> None:
    told = ask("--file", "app.log", "--format", "parquet", "fields status, level", folder=folder)
    frame = pl.read_parquet(told.stdout)
    assert frame.schema == {"status": pl.Int64(), "level": pl.String()}


def test_an_answer_can_be_written_into_a_file(folder: Path) -> None:
    ask("--file", "app.log", "--format", "csv", "--output", "out.csv", "limit 1", folder=folder)
    assert (folder / "out.csv").read_text().startswith("@timestamp,@message\n2026-11-24 12:07")


def test_an_explanation_tells_what_would_be_read(folder: Path) -> None:
    told = ask("--file", "app.log", "--explain", "where status > 300 | limit 2", folder=folder)
    lines = told.stdout.decode().splitlines()
    assert (told.returncode, lines[0]) == (0, "filter status > 300 | limit 2")
    assert "knows before it reads that status > 300" in lines


@pytest.mark.parametrize(
    ("option", "size", "words"),
    [
        (
            "--max-bytes",
            "70",
            "stopped by the limit of 70 bytes to read; the answer is whole from ",
        ),
        ("--max-memory", "0 MB", "stopped by the limit of 0 bytes of memory; there is no answer"),
        ("--timeout", "0", "stopped by the limit of 0 s; there is no answer"),
    ],
)
def test_a_limit_that_is_reached_is_named(folder: Path, option: str, size: str, words: str) -> None:
    told = ask("--file", "app.log", option, size, "stats count(*)", folder=folder)
    assert told.returncode == 1
    assert told.stderr.decode().startswith(f"watchdeck: {words}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("--file", "app.log", "stats cuont(*)"),
            (
                "watchdeck: unknown function `cuont`; did you mean `count`?\n"
                "  stats cuont(*)\n        ^^^^^^^^\n"
            ),
        ),
        (("--file", "app.lgo", "limit 1"), "watchdeck: cannot read app.lgo: No such file"),
        (
            ("--file", "app.log", "--format", "xml", "limit 1"),
            "watchdeck: --format xml: there is no such format; known are table, json, csv, parquet",
        ),
        (
            ("--file", "app.log", "--max-bytes", "5 parsecs", "limit 1"),
            "watchdeck: --max-bytes 5 parsecs: write a number and a unit, as in 500MB or 2GB",
        ),
        (("--file", "app.log", "--since", "noon", "limit 1"), "watchdeck: --since noon: write how"),
        (
            ("--file", "app.log", "--group", "b", "limit 1"),
            "watchdeck: there is no log group b; there are app.log",
        ),
        (
            ("--file", "app.log", "--since", "2026-11-24", "--until", "2026-11-23", "limit 1"),
            "watchdeck: --until (2026-11-23 00:00:00) lies before --since",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_exit_code_2(
    folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    told = ask(*arguments, folder=folder)
    assert told.returncode == 2
    assert told.stderr.decode().startswith(words)
