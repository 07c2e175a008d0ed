"""``watchdeck alarms test``: runs files of rule tests and tells what is not as expected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from alerts.ruletest import Failure, Outcome, load_suite, run
from app.run import show
from app.run.alarm_files import alarms_in
from app.run.exits import Exit


def test(files: Sequence[Path], *, json: bool) -> int:
    """Run every file; exits with 1 if a state was not as expected."""
    outcomes = {file: run(load_suite(file, alarms_in)) for file in files}
    failed = any(outcome.failures for outcome in outcomes.values())
    if json:
        files_ = [{"file": file, **show.plain(found)} for file, found in outcomes.items()]
        show.as_json({"ok": not failed, "files": files_})
        return Exit.FAILED if failed else Exit.OK
    for file, outcome in outcomes.items():
        for failure in outcome.failures:
            show.lines(_told(file, failure))
        show.lines([_summed(file, outcome)])
    return Exit.FAILED if failed else Exit.OK


def _told(file: Path, failure: Failure) -> list[str]:
    head = f"{file}:{failure.line}: {failure.case}: at {failure.at:%Y-%m-%d %H:%M:%S} UTC"
    return [f"{head} expected {failure.expected}, got {failure.got}"] + [
        f"    {line}" for line in failure.because
    ]


def _summed(file: Path, outcome: Outcome) -> str:
    tests = show.counted(outcome.cases, "test")
    good = outcome.checked - len(outcome.failures)
    return f"{file}: {tests}, {good} of {outcome.checked} states as expected"
