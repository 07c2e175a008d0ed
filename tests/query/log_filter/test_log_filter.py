"""Filter patterns decide as CloudWatch Logs does, and refuse what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.query.log_filter import PatternError, extract, matches

CASES = [
    json.loads(line)
    for name in ("filter-patterns", "filter-pattern-rules")
    for line in Path(f"tests/cases/{name}.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_documented_case(case: dict[str, Any]) -> None:
    if case["expected"] == "error":
        with pytest.raises(PatternError):
            matches(case["pattern"], case["message"])
        return
    assert matches(case["pattern"], case["message"]) is case["expected"], case["why"]
    if "extracted" in case:
        assert extract(case["pattern"], case["message"]) == case["extracted"], case["why"]


def row(pattern: str, message: str, expected: bool, why: str) -> Any:
    return pytest.param(pattern, message, expected, id=why)


@pytest.mark.parametrize(
    ("pattern", "message", "expected"),
    [
        row("", "anything", True, "empty matches everything"),
        row("  ", "anything", True, "blanks match everything"),
        row("ERROR", "ERRORCODE", True, "a term is a substring"),
        row("b a", "a b", True, "order does not matter"),
        row("-debug", "info", True, "exclusions alone match the rest"),
        row("?A -B", "neither", True, "optional terms count for nothing beside an exclusion"),
        row("?A ?B", "neither", False, "one optional term has to occur"),
        row('"a \\" b"', 'a " b', True, "a quote can be escaped"),
        row("low-latency", "low-latency path", True, "an inner hyphen belongs to the word"),
    ],
)
def test_terms(pattern: str, message: str, expected: bool) -> None:
    assert matches(pattern, message) is expected


@pytest.mark.parametrize(
    ("pattern", "message", "expected"),
    [
        row("{ $.a = 1 }", '{"a": 1.0}', True, "numbers compare by value"),
        row("{ $.a = 1 }", '{"a": "1"}', True, "a number literal is spelled like the text"),
        row("{ $.a = 1 }", '{"a": "1.0"}', False, "another spelling of the text"),
        row('{ $.a = "1" }', '{"a": 1.0}', False, "a quoted literal compares with the spelling"),
        row('{ $.a = "1.0" }', '{"a": 1.0}', True, "the same spelling"),
        row("{ $.a > 1 }", '{"a": "2"}', False, "text has no order"),
        row("{ $.a != 1 }", '{"b": 1}', False, "a missing path is not unequal"),
        row("{ $.a != x }", '{"a": true}', False, "a boolean is reached by IS only"),
        row("{ $.a = true }", '{"a": "true"}', True, "a bare word is text"),
        row("{ $.a = * }", '{"a": 0}', True, "a lone wildcard tests for a scalar"),
        row("{ $.a = * }", '{"a": null}', False, "null is no scalar"),
        row("{ $.code = 4* }", '{"code": 404}', True, "a wildcard against a number's text"),
        row("{ $.a = x*y*z }", '{"a": "x1y2yz"}', True, "wildcards anywhere"),
        row("{ $.a = x*x }", '{"a": "x"}', False, "pieces do not overlap"),
        row("{ $.a IS NULL }", '{"a": null}', True, "an explicit null"),
        row("{ $.a IS NULL }", '{"a": [1, null]}', True, "an array that holds null"),
        row("{ $.a IS NULL }", "{}", False, "absent is not null"),
        row("{ $.a NOT EXISTS }", '{"a": null}', False, "null exists"),
        row("{ $.a NOT EXISTS }", "[1]", False, "an array never matches"),
        row("{ $.*.id = 7 }", '{"x": {"id": 7}}', True, "a wildcard opens an object"),
        row("{ $.a[*].b = 1 && $.a[*].c = 2 }", '{"a":[{"b":1},{"c":2}]}', True, "each searches"),
        row("{ $.a[1] = y }", '{"a": ["x", "y"]}', True, "a position"),
        row("{ $.a.b = 1 }", '{"a": [{"b": 1}]}', False, "names do not reach into arrays"),
        row("{ $.['a.b'] = 1 }", '{"a.b": 1}', True, "a quoted key"),
        row("{ $.a = 1 || $.b = 1 && $.c = 1 }", '{"a": 1}', True, "and before or"),
        row("{ ($.a = 1 || $.b = 1) && $.c = 1 }", '{"a": 1}', False, "parentheses first"),
        row("{ $.a = %^x\\d+$% }", '{"a": "x12"}', True, "a regular expression"),
        row("{ $.a = 1 }", '{"a": 2, "a": 1}', True, "the last duplicate key counts"),
        row("{ $.a = 1 }", '{"a": 1} trailing', False, "text around the object"),
    ],
)
def test_json(pattern: str, message: str, expected: bool) -> None:
    assert matches(pattern, message) is expected


@pytest.mark.parametrize(
    ("pattern", "message", "expected"),
    [
        row("[]", "a b", True, "any field will do"),
        row("[]", "  ", False, "a message without fields"),
        row("[a, b]", "one", False, "too few fields"),
        row("[a, b=two*]", "one two three", True, "the last entry takes the rest"),
        row("[a, b=two]", "one two three", False, "the rest is compared whole"),
        row("[a, , c=3]", "1 2 3", True, "an unnamed field"),
        row("[ip, date, r=GET*, s]", '1.1 [10 Oct 2000] "GET /x" 200', True, "marks make a field"),
        row("[..., code=4*, size]", "x y z 404 12", True, "an ellipsis in front"),
        row("[a, ...]", "1", True, "an ellipsis takes nothing"),
        row("[a != 5]", "five", True, "a word is unequal to a number"),
        row("[a < 5]", "five", False, "a word has no order"),
        row("[a = 4* && a != 403]", "404", True, "two conditions on one field"),
        row('[a="x y"]', '"x y"', True, "a single token is unquoted"),
    ],
)
def test_space_delimited(pattern: str, message: str, expected: bool) -> None:
    assert matches(pattern, message) is expected


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("a.b", "Invalid character(s) in term 'a.b'"),
        ('"open', 'the closing " is missing'),
        ("?", "Invalid character(s) in term '?'"),
        ("%a% %b% %c%", "at most 2 regular expressions"),
        ("%%", "an empty regular expression"),
        ("%a.*?%", "lazy, possessive and double repeats"),
        ("%\\1%", "`\\1` is not allowed"),
        ("%[[:alpha:]]%", "named classes"),
        ("%é%", "`é` is not allowed"),
        ("%*a%", "nothing stands before `*`"),
        ("{ $.a == 1 }", "`==` is no comparison"),
        ("{ $.a > x }", "`>` needs a number without quotes"),
        ("{ $.a = null }", "write IS NULL"),
        ("{ $.a = 'x' }", "quote anything unusual"),
        ("{ $.a EXISTS }", "expected a comparison"),
        ("{ $.a IS NOT NULL }", "IS is followed by"),
        ("{ $.*.b[*] = 1 }", "at most one wildcard in a selector"),
        ("{ $.a = 1 } x", "text behind the end"),
        ("{ $.a = 1", "expected `}` to close the pattern, but the pattern ends"),
        ("[a, a]", "the field name a stands twice"),
        ("[a = 1 && b = 2]", "one field has the names a and b"),
        ("[1a]", "starts with a letter"),
        ("[a = ]", "expected a value"),
        ("[a", "expected `]`"),
        ("%" + r"\w{1000}" * 125 + "%", "this regular expression is too large"),
        ('"\ud800"', "half of a surrogate pair"),
        ("x" * 1025, "at most 1024 characters"),
    ],
)
def test_a_refused_pattern_says_why(pattern: str, said: str) -> None:
    with pytest.raises(PatternError) as caught:
        matches(pattern, "x")
    assert said in str(caught.value)
    assert "^" in caught.value.drawn()


def test_fields_are_named_or_numbered_as_in_the_message() -> None:
    assert extract("[ip, , ..., code]", "1.1 - x y 200") == {
        "$ip": "1.1",
        "$2": "-",
        "$3": "x",
        "$4": "y",
        "$code": "200",
    }


def test_the_last_field_keeps_its_white_space() -> None:
    assert extract("[a, b]", 'x  y\t "z"') == {"$a": "x", "$b": 'y\t "z"'}


def test_only_space_delimited_patterns_extract() -> None:
    assert extract("{ $.a = 1 }", '{"a": 1}') == {}
    assert extract("ERROR", "fine") is None


patterns = st.text(max_size=60) | st.text(
    alphabet="{}[]()$.a1 *%\"'=!<>&|,-?\\ISNULLTRUENOTEXISTS", max_size=60
)


@given(patterns, st.text(max_size=60))
@example("%[a-%", "x")
@example("%\\%", "x")
@example("{" + "(" * 1000, "{}")
@example("{ $.a = 1 }", '{"a": 1e999999999999999999999}')
@example("{ $.a = 1e999999999999999999999 }", '{"a": 1}')
def test_no_pattern_raises_anything_but_its_own_error(pattern: str, message: str) -> None:
    try:
        matches(pattern, message)
    except PatternError as error:
        drawn = error.drawn()
    else:
        drawn = ""
    assert drawn.count("^") == 0 or drawn.endswith("^")


words = st.text(alphabet="abAB", min_size=1, max_size=3)


@given(st.lists(words, max_size=4), st.lists(words, max_size=4), st.text(alphabet="abAB "))
def test_plain_and_excluded_terms_are_substrings(
    plain: list[str], excluded: list[str], message: str
) -> None:
    pattern = " ".join([*plain, *(f"-{word}" for word in excluded)])
    expected = all(word in message for word in plain) and not any(w in message for w in excluded)
    assert matches(pattern, message) is expected


regexes = st.lists(
    st.sampled_from(["a", "\\d", "[ab]", "[^a]", ".", "\\w", "a|b", "\\.", "[-a]", "[\\d-]"]),
    min_size=1,
    max_size=4,
)


@given(regexes, st.sampled_from(["", "*", "+", "?", "{2}", "{,2}"]), st.text("ab1.-", max_size=6))
def test_an_allowed_expression_finds_what_pythons_engine_finds(
    pieces: list[str], repeat: str, message: str
) -> None:
    expression = "".join(pieces) + repeat
    expected = bool(re.search(expression.replace("{,", "{0,"), message, re.ASCII))
    assert matches(f"%{expression}%", message) is expected
