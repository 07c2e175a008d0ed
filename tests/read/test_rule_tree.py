"""A composite's rule as a tree: truth of each branch, and which of them decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.model.alarms import AlarmDefinition, Origin
from app.model.states import AlarmState, Health
from app.read import Branch
from tests.support.shelf import HOME, NOW, Shelf, errors_alarm, function

HOUR = timedelta(hours=1)
FIRES, FINE, BLIND = AlarmState.ALARM, AlarmState.OK, AlarmState.INSUFFICIENT_DATA


def child(shelf: Shelf, name: str, state: AlarmState) -> None:
    own = errors_alarm(function(name))
    put = {**own.put, "AlarmName": name}
    shelf.alarm(replace(own, put=put, origin=Origin.CONFIG), state, NOW - HOUR)


def composite(shelf: Shelf, name: str, rule: str, state: AlarmState = FINE) -> AlarmDefinition:
    made = AlarmDefinition(HOME, {"AlarmName": name, "AlarmRule": rule}, origin=Origin.CONFIG)
    shelf.alarm(made, state, NOW - HOUR)
    return made


def grown(shelf: Shelf, rule: str) -> Branch:
    detail = shelf.reads.alarms.one(composite(shelf, "whole", rule).id, shelf.scope()).value
    assert detail is not None
    assert detail.rule is not None
    return detail.rule


def shown(branch: Branch) -> object:
    """A branch as a short value: what it says, its truth, ``!`` where it decides."""
    says = f"{branch.title} {branch.says}".strip()
    mark = {True: "+", False: "-", None: "?"}[branch.holds] + ("!" if branch.decides else "")
    return (
        (f"{mark} {says}", [shown(part) for part in branch.parts])
        if branch.parts
        else (f"{mark} {says}")
    )


def test_each_branch_has_its_truth_and_the_true_ones_decide_an_or(shelf: Shelf) -> None:
    child(shelf, "a", FIRES)
    child(shelf, "b", FINE)
    assert shown(grown(shelf, "ALARM(a) OR ALARM(b)")) == (
        "+! any of",
        ["+! a is in ALARM", "- b is in ALARM"],
    )


def test_the_false_ones_decide_an_and(shelf: Shelf) -> None:
    child(shelf, "a", FIRES)
    child(shelf, "b", BLIND)
    assert shown(grown(shelf, "ALARM(a) AND (OK(b) OR NOT INSUFFICIENT_DATA(b))")) == (
        "-! all of",
        [
            "+ a is in ALARM",
            ("-! any of", ["-! b is OK", ("-! not", ["+! b is without data"])]),
        ],
    )


def test_at_least_counts_and_its_matching_ones_decide(shelf: Shelf) -> None:
    for name, state in (("a", FIRES), ("b", FIRES), ("c", FINE)):
        child(shelf, name, state)
    assert shown(grown(shelf, "AT_LEAST(2, ALARM, (a, b, c))")) == (
        "+! at least 2 of 3",
        ["+! a is in ALARM", "+! b is in ALARM", "- c is in ALARM"],
    )


def test_a_share_of_alarms_not_in_a_state(shelf: Shelf) -> None:
    for name, state in (("a", FIRES), ("b", FINE)):
        child(shelf, name, state)
    found = grown(shelf, "AT_LEAST(100%, NOT OK, (a, b))")
    assert (found.says, found.holds) == ("at least 100 % of 2", False)
    assert shown(found.parts[1]) == "-! b is not OK"


def test_an_alarm_that_is_not_there_is_unknown_and_so_is_what_rests_on_it(shelf: Shelf) -> None:
    child(shelf, "a", FIRES)
    either = grown(shelf, "ALARM(a) OR ALARM(gone)")
    assert (either.holds, either.parts[1].holds) == (True, None)
    assert shown(either.parts[1]) == "? gone is in ALARM: there is no such alarm"


def test_an_and_with_an_unknown_is_unknown(shelf: Shelf) -> None:
    child(shelf, "a", FIRES)
    found = grown(shelf, "ALARM(a) AND ALARM(gone)")
    assert (found.holds, [part.decides for part in found.parts]) == (None, [False, True])


def test_a_composite_below_shows_its_own_rule(shelf: Shelf) -> None:
    child(shelf, "a", FIRES)
    composite(shelf, "inner", "ALARM(a)", FIRES)
    found = grown(shelf, f"ALARM(arn:aws:cloudwatch:{HOME.region}:{HOME.account}:alarm:inner)")
    assert shown(found) == ("+! inner is in ALARM", ["+! a is in ALARM"])
    assert (found.health, found.since) == (Health.CRITICAL, NOW - HOUR)
    assert found.alarm == f"{HOME.account}/{HOME.region}/inner"


def test_a_cycle_ends(shelf: Shelf) -> None:
    composite(shelf, "other", "ALARM(whole)")
    found = grown(shelf, "ALARM(other)")
    assert [part.title for part in found.parts] == ["whole"]
    assert found.parts[0].parts == ()


def test_a_composite_is_listed_by_its_rule(shelf: Shelf) -> None:
    child(shelf, "a", FIRES)
    composite(shelf, "whole", "ALARM(a)\n  OR FALSE", FIRES)
    row = next(r for r in shelf.reads.alarms.current(shelf.scope()).value if r.name == "whole")
    assert (row.condition, row.value, row.threshold) == ("ALARM(a) OR FALSE", None, None)


def test_an_alarm_on_one_metric_has_no_tree(shelf: Shelf) -> None:
    child(shelf, "a", FIRES)
    detail = shelf.reads.alarms.one(f"{HOME.account}/{HOME.region}/a", shelf.scope()).value
    assert detail is not None
    assert detail.rule is None
