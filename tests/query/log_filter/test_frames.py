"""Many messages at once are judged as each of them alone."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.query.log_filter import PatternError, extract, extracted, mask, matches

MESSAGES = [
    '{"a": "ab", "b": {"c": 5}, "l": [1, null, "b*"]}',
    '{"a": "\\u0061b", "b": {"c": 5.0}}',
    '{"a": 12, "ok": true, "b": {"c": "5"}}',
    ' {"a": null, "ok": false, "l": []} ',
    '{"x": "a b", "a": "\\ud800"}',
    '[{"a": "ab"}]',
    "ab a b 5",
    'b [a b] "5 \\" x" 5.0 rest of it',
    "",
    "  ",
    "ERROR\n5",
    None,
]
SELECTORS = st.sampled_from(["$.a", "$.b.c", "$.l[*]", "$.l[1]", "$.*.c", "$.ok", "$.['a']"])
VALUES = st.sampled_from(["ab", "a*", "*b", '"5"', "5", "5e0", "%^a%", "%b$%", "*", '"b*"', '""'])
EQUALITY = st.sampled_from([" = ", " != "])
ORDER = st.sampled_from([" < 5", " >= 5", " > 11.5"])
TESTS = st.sampled_from([" IS NULL", " IS TRUE", " IS FALSE", " NOT EXISTS"])
WORDS = st.sampled_from(["a", "ab", "ERROR", '"a b"', "%[ab]+%", "%5$%", '"{"', "c"])


def joined(condition: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Conditions with ``and`` and ``or`` between them, some in parentheses."""
    pairs = st.tuples(condition, st.sampled_from([" && ", " || "]), condition).map("".join)
    triples = st.tuples(condition, st.just(" && ("), pairs, st.just(")")).map("".join)
    return condition | pairs | triples


comparisons = st.tuples(SELECTORS, EQUALITY, VALUES).map("".join)
conditions = comparisons | st.tuples(SELECTORS, ORDER | TESTS).map("".join)
json_patterns = joined(conditions).map(lambda text: f"{{ {text} }}")
entries = st.sampled_from(["x", "", "x = a*", "x = 5", "x != %b%", "x > 4 || x = ab", "..."])
space_patterns = st.lists(entries, min_size=1, max_size=4).map(
    lambda given: "[" + ", ".join(e.replace("x", f"x{i}") for i, e in enumerate(given)) + "]"
)
term_patterns = st.lists(st.tuples(st.sampled_from(["", "?", "-"]), WORDS).map("".join)).map(
    " ".join
)


@given(json_patterns | space_patterns | term_patterns)
@example("{ $.a = %^a% && $.b.c = %5% }")
@example("{ $.x NOT EXISTS || $.a = zz }")
def test_a_frame_is_judged_as_message_by_message(pattern: str) -> None:
    expected: object
    try:
        expected = [text is not None and matches(pattern, text) for text in MESSAGES]
    except PatternError as error:
        expected = str(error)
    try:
        found: object = mask(pattern, pl.Series(MESSAGES)).to_list()
    except PatternError as error:
        found = str(error)
    assert found == expected


@given(space_patterns.filter(lambda pattern: pattern.count("...") < 2))
def test_fields_are_extracted_from_a_frame_as_from_one_message(pattern: str) -> None:
    try:
        alone = [None if text is None else extract(pattern, text) for text in MESSAGES]
    except PatternError:
        return
    sources = ["$x0", "$1", "$2", "$x1"]
    table = extracted(pattern, pl.Series(MESSAGES), sources)
    assert table["matched"].to_list() == [fields is not None for fields in alone]
    for name in sources:
        assert table[name].to_list() == [(fields or {}).get(name) for fields in alone]


def test_scalars_of_an_object_come_as_texts() -> None:
    lines = ['{"v": 1.50, "u": {"n": "x"}, "ok": true}', '{"v": null, "u": [1]}', '{"w": 1}']
    table = extracted("{ $.w NOT EXISTS }", pl.Series(lines), ["$.v", "$.u.n", "$.ok", "$.u"])
    assert table.to_dicts() == [
        {"matched": True, "$.v": "1.50", "$.u.n": "x", "$.ok": "true", "$.u": None},
        {"matched": True, "$.v": None, "$.u.n": None, "$.ok": None, "$.u": None},
        {"matched": False, "$.v": None, "$.u.n": None, "$.ok": None, "$.u": None},
    ]


def test_no_messages_give_no_rows() -> None:
    nothing = pl.Series([], dtype=pl.String)
    assert mask("{ $.a = 1 }", nothing).to_list() == []
    assert extracted("[a]", nothing, ["$a"]).height == 0
    assert extracted("ERROR", nothing, []).columns == ["matched"]


@pytest.mark.parametrize(
    ("pattern", "source", "said"),
    [
        ("ERROR", "$.a", "a pattern of terms has no fields"),
        ("{ $.a = 1 }", "$.a[*]", "a wildcard names no single value"),
        ("{ $.a = 1 }", "$a", "starts with `$.`"),
        ("{ $.a = 1 }", "$.a x", "text behind the end"),
        ("[a]", "$.a", "the name of a field is missing"),
        ("[a]", "a", "expected `$`"),
    ],
)
def test_a_source_that_the_form_does_not_have_is_refused(
    pattern: str, source: str, said: str
) -> None:
    with pytest.raises(PatternError) as caught:
        extracted(pattern, pl.Series(["x"]), [source])
    assert said in str(caught.value)


def test_a_source_that_the_pattern_does_not_define_is_absent() -> None:
    table = extracted("[a, b]", pl.Series(["x y"]), ["$c", "$1", "$b"])
    assert table.row(0) == (True, None, None, "y")
