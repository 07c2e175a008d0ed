"""The decision for every row of marks up to four periods, held against the rule as written.

The rule is written here once more, from its three steps, so that a slip has to be made twice.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from alerts import grid
from alerts.verdict.decide import Mark, decide
from alerts.verdict.rule import Operator, Rule, Treatment
from app.model.states import AlarmState

OK, ALARM, UNKNOWN = AlarmState.OK, AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA
MARKS = {"0": Mark.GOOD, "X": Mark.BREACHING, "-": Mark.MISSING}


def written(line: str, m: int, n: int, treatment: str, previous: AlarmState) -> AlarmState:
    """The three steps, over a line as AWS draws it, the newest point on the right."""
    real = line.replace("-", "")
    if len(real) >= n:
        return ALARM if real[-n:].count("X") >= m else OK
    if not real:
        empty = {"missing": UNKNOWN, "ignore": previous, "breaching": ALARM, "notBreaching": OK}
        return empty[treatment]
    if treatment == "breaching":
        return ALARM if real.count("X") + n - len(real) >= m else OK
    if treatment == "notBreaching" or real.count("X") >= m:
        return ALARM if real.count("X") >= m else OK
    if "0" in real:
        return OK
    old_enough = len(line) - line.index("X") >= m
    return ALARM if old_enough and treatment == "missing" else previous


def rule(m: int, n: int, treatment: Treatment) -> Rule:
    return Rule(60, n, m, True, Operator.ABOVE, 0.5, treatment)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_every_row_of_marks_comes_to_the_written_state(n: int) -> None:
    rows = ["".join(row) for row in product("0X-", repeat=rule(1, n, Treatment.MISSING).range)]
    for m, treatment, previous in product(range(1, n + 1), Treatment, AlarmState):
        made = rule(m, n, treatment)
        for row in rows:
            found = decide([MARKS[each] for each in row], made, previous).state
            assert found is written(row, m, n, treatment, previous), (row, m, n, treatment)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_every_row_of_marks_comes_to_the_same_state_in_one_pass(n: int) -> None:
    rows = ["".join(row) for row in product("0X-", repeat=rule(1, n, Treatment.MISSING).range)]
    values = np.array([[{"0": 0.0, "X": 1.0, "-": np.nan}[each] for each in row] for row in rows])
    for m, treatment, previous in product(range(1, n + 1), Treatment, AlarmState):
        (group,) = grid.groups([rule(m, n, treatment)] * len(rows))
        before = np.full(len(rows), grid.CODES[previous])
        found = [grid.STATES[code] for code in grid.decide(group, values, before)]
        assert found == [written(row, m, n, treatment, previous) for row in rows]
