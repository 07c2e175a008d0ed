"""Grammar, messages, limits and cycles of composite rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.ids import Place
from app.model.states import AlarmState
from app.query.alarm_rule import evaluate, explain, parse
from app.query.alarm_rule.tree import All, Any, AtLeast, Condition, Constant, Group, Not, Ref, Rule
from app.query.lang import QueryError, QueryErrors

STATES = {"web": "ALARM", "db": "OK", "queue": "INSUFFICIENT_DATA", "deploy": "ALARM"}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("TRUE", True),
        ("FALSE", False),
        ("NOT NOT FALSE", False),
        ("NOT FALSE AND FALSE", False),
        ("ALARM ( web )", True),
        ("ALARM(web)AND ALARM(deploy)", True),
        ("((ALARM(web)))", True),
        ("TRUE OR FALSE AND FALSE", True),
        ("AT_LEAST(66%, ALARM, (web, db, deploy))", True),
        ("AT_LEAST(67%, ALARM, (web, db, deploy))", False),
        ("AT_LEAST(2, ALARM, (web, web))", True),
        ("AT_LEAST(1, NOT ALARM, (web, db))", True),
        ("AT_LEAST( 1 , NOT ALARM , ( web , db ) )", True),
        ("AT_LEAST(100%, INSUFFICIENT_DATA, (queue))", True),
    ],
)
def test_a_rule_holds(rule: str, expected: bool) -> None:
    assert evaluate(rule, STATES) is expected


@pytest.mark.parametrize(
    "name", ["ALARM", "AND", "NOT", "TRUE", "2", "50%", "a:b/c", "'x'", "OR-gate", "ORDERS"]
)
def test_a_bare_name_may_look_like_anything(name: str) -> None:
    assert evaluate(f"ALARM({name})", {name: "ALARM"})


@pytest.mark.parametrize("name", ["web tier", "a)b", 'say "no"', "back\\slash", "a,b"])
def test_a_quoted_name_may_hold_anything(name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    assert evaluate(f'ALARM("{quoted}")', {name: "ALARM"})


@pytest.mark.parametrize(
    ("rule", "drawn"),
    [
        pytest.param(
            "()",
            "Error in AlarmRule [Unsupported token ')' at char 1, must be: '(', 'NOT', "
            "AT_LEAST, TRUE or FALSE, ALARM, OK, or INSUFFICIENT_DATA]\n  ()\n   ^",
            id="empty brackets",
        ),
        pytest.param(
            "ALARM(web tier)",
            "Error in AlarmRule [Unsupported token 'tier' at char 10, must be: ')']; put a name "
            "with spaces in double quotes\n  ALARM(web tier)\n            ^^^^",
            id="a bare name with a space",
        ),
        pytest.param(
            "alarm(web)",
            "Error in AlarmRule [Unsupported token 'alarm' at char 0, must be: '(', 'NOT', "
            "AT_LEAST, TRUE or FALSE, ALARM, OK, or INSUFFICIENT_DATA]; did you mean `ALARM`?\n"
            "  alarm(web)\n  ^^^^^",
            id="a keyword in small letters",
        ),
        pytest.param(
            "ALARM(wep)",
            "there is no alarm `wep`; did you mean `web`?\n  ALARM(wep)\n        ^^^",
            id="a name that is nearly one",
        ),
        pytest.param(
            "AT_LEAST(3, ALARM, (web, db))",
            "Error in AlarmRule [AT_LEAST absolute threshold must be between 1 and number of "
            "alarms (2)]\n"
            "  AT_LEAST(3, ALARM, (web, db))\n           ^",
            id="more than there are",
        ),
        pytest.param(
            "AT_LEAST(0%, ALARM, (web, db))",
            "Error in AlarmRule [AT_LEAST percentage threshold must be between 1 and 100]\n"
            "  AT_LEAST(0%, ALARM, (web, db))\n           ^^",
            id="no percent",
        ),
        pytest.param(
            'ALARM("")', 'the name of an alarm is empty\n  ALARM("")\n        ^^', id="no name"
        ),
        pytest.param(
            " TRUE",
            "AlarmRule must not contain leading or trailing whitespace or be null\n   TRUE\n  ^",
            id="a blank in front",
        ),
    ],
)
def test_a_mistake_is_drawn(rule: str, drawn: str) -> None:
    with pytest.raises(QueryError) as caught:
        evaluate(rule, STATES)
    assert caught.value.drawn() == drawn


@pytest.mark.parametrize(
    "rule",
    ["", "!ALARM(web)", "ALARM(web) && ALARM(db)", "True", "not TRUE", "ALARM(web) or ALARM(db)",
     "Alarm(web)", "ALARM()", "ALARM(web, db)", "AT_LEAST(1.5, ALARM, (web))", "NOTALARM(web)",
     "AT_LEAST(1, ALARM, web)", "AT_LEAST(1, ALARM, ())", 'ALARM("web)', "ALARM(web) ALARM(db)",
     "AT_LEAST(-1, ALARM, (web))"],
)  # fmt: skip
def test_a_rule_is_refused(rule: str) -> None:
    with pytest.raises(QueryError):
        evaluate(rule, STATES)


def test_every_unknown_name_is_told_even_where_it_cannot_matter() -> None:
    with pytest.raises(QueryErrors) as caught:
        evaluate("TRUE OR ALARM(no) OR ALARM(none)", STATES)
    assert [error.message for error in caught.value.errors] == [
        "there is no alarm `no`", "there is no alarm `none`",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "composites", "message"),
    [
        ("ALARM(top)", {}, "the alarm `top` would depend on itself"),
        (
            "ALARM(a)",
            {"a": "OK(b)", "b": "ALARM(top)"},
            (
                "in the rule of `a`: in the rule of `b`: the alarm `top` would depend on itself: "
                "top -> a -> b -> top"
            ),
        ),
        (
            "ALARM(a)",
            {"a": "OK(b)", "b": "OK(a)"},
            (
                "in the rule of `a`: in the rule of `b`: the alarm `a` would depend on itself: "
                "a -> b -> a"
            ),
        ),
        ("ALARM(a)", {"a": "ALARM(no)"}, "in the rule of `a`: there is no alarm `no`"),
    ],
)
def test_a_cycle_is_refused(rule: str, composites: dict[str, str], message: str) -> None:
    with pytest.raises(QueryError) as caught:
        evaluate(rule, STATES, name="top", composites=composites)
    assert caught.value.message == message


def test_composites_of_composites_are_derived() -> None:
    composites = {"one": "ALARM(web) AND OK(db)", "two": "ALARM(one) AND NOT ALARM(queue)"}
    assert evaluate("ALARM(two) AND ALARM(one)", STATES, name="top", composites=composites)


def test_an_arn_stands_for_its_name_in_its_own_place() -> None:
    place = Place("111122223333", "us-east-1")
    arn = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:web"
    assert evaluate(f"ALARM({arn})", STATES, place=place)
    with pytest.raises(QueryError):
        evaluate(f"ALARM({arn})", STATES, place=Place("111122223333", "eu-central-1"))


@pytest.mark.parametrize(
    ("rule", "holds", "deciding"),
    [
        ("ALARM(web) AND ALARM(db)", False, ("db",)),
        ("ALARM(web) OR ALARM(db)", True, ("web",)),
        ("ALARM(web) AND ALARM(deploy)", True, ("web", "deploy")),
        ("ALARM(db) OR OK(web)", False, ("db", "web")),
        ("NOT (ALARM(web) AND ALARM(db))", True, ("db",)),
        ("AT_LEAST(2, ALARM, (web, db, deploy))", True, ("web", "deploy")),
        ("AT_LEAST(3, ALARM, (web, db, deploy))", False, ("db",)),
        ("TRUE OR ALARM(db)", True, ()),
    ],
)
def test_the_deciding_alarms_are_told(rule: str, holds: bool, deciding: tuple[str, ...]) -> None:
    outcome = explain(rule, STATES)
    assert (outcome.holds, outcome.deciding) == (holds, deciding)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("(" * 5000 + "TRUE" + ")" * 5000, "brackets nest deeper than 200"),
        ("NOT " * 2000 + "TRUE", "more than 200 NOTs in a row"),
        ("TRUE" + " OR TRUE" * 500, "the rule has 501 elements, at most 500 are allowed"),
        ("TRUE" + " " * 10_240 + "OR TRUE", "AlarmRule has 10251 characters, at most 10240"),
    ],
)
def test_a_limit_is_told(rule: str, message: str) -> None:
    with pytest.raises(QueryError, match=message.replace("(", r"\(")):
        evaluate(rule, {})


def test_at_most_a_hundred_alarms_are_named() -> None:
    names = [f"a{i}" for i in range(101)]
    rule = f"AT_LEAST(1, ALARM, ({', '.join(names)}))"
    with pytest.raises(QueryError, match="the rule names 101 alarms"):
        evaluate(rule, dict.fromkeys(names, "OK"))


states = st.sampled_from(list(AlarmState))
refs = st.text(min_size=1, max_size=8).map(Ref)
leaves = st.one_of(
    st.booleans().map(Constant),
    st.builds(Condition, states, refs),
    st.lists(refs, min_size=1, max_size=4).flatmap(
        lambda many: st.builds(
            AtLeast, st.integers(1, 100), st.booleans(), st.booleans(), states, st.just(tuple(many))
        )
    ),
)


def _deeper(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    single = st.one_of(leaves, inner.map(Group), leaves.map(Not), inner.map(Group).map(Not))
    several = st.lists(single, min_size=2, max_size=3).map(tuple)
    either = st.lists(st.one_of(single, several.map(All)), min_size=2, max_size=3).map(tuple)
    return st.one_of(single, several.map(All), either.map(Any))


@given(st.recursive(leaves, _deeper, max_leaves=12))
def test_a_printed_rule_reads_back_as_the_same(rule: Rule) -> None:
    assert parse(str(rule)) == rule
