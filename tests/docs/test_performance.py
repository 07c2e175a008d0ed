"""docs/operations/performance.md names the benchmarks there are, with the limits that they have."""

from __future__ import annotations

import re

import pytest

from bench.__main__ import names
from tests.docs.pages import ROOT

TEXT = (ROOT / "docs" / "operations" / "performance.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"`python -m bench ([a-z_ ]+)`")
NUMBER = re.compile(r"\d[\d,]*")


def commands(text: str) -> list[list[str]]:
    return [found.split() for found in COMMAND.findall(text)]


def limits() -> dict[str, set[str]]:
    """The numbers in the last column of the tables, by the benchmarks whose command is above."""
    found: dict[str, set[str]] = {}
    above: list[str] = []
    for line in TEXT.splitlines():
        above = next(iter(commands(line)), above)
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) > 1 and (number := NUMBER.match(cells[-1])):
            found.setdefault(" ".join(above), set()).add(number[0].replace(",", ""))
    return found


def test_every_benchmark_is_named_and_no_other() -> None:
    told = {name for several in commands(TEXT) for name in several}
    assert told == set(names())


@pytest.mark.parametrize(("benchmarks", "told"), limits().items())
def test_limits_are_those_of_the_benchmark(benchmarks: str, told: set[str]) -> None:
    files = [ROOT / "bench" / f"{name}.py" for name in benchmarks.split()]
    if benchmarks == "logs":
        files.append(ROOT / "bench" / "log_engines" / "questions.py")
    sources = [file.read_text("utf-8") for file in files]
    numbers = {
        f"{float(number.replace('_', '')):g}"
        for number in re.findall(r"(?<![\w.])\d[\d_]*(?:\.\d+)?", " ".join(sources))
    }
    assert {f"{float(number):g}" for number in told} <= numbers


def test_there_are_limits_to_compare() -> None:
    assert set(limits()) >= {"fetch", "page", "log_page", "start", "alarms"}
