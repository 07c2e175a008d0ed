"""Made-up patterns and hostile messages give an answer or a clean error, in good time."""

from __future__ import annotations

import random
import re
import time
from string import ascii_letters, digits

from hypothesis import example, given
from hypothesis import strategies as st

from app.query.log_filter import PatternError, extract, matches
from app.query.log_filter.tokens import fields_of

PIECES = [
    *("{ $.a = 1 }", "{", "}", "$.a", "[*]", "['k']", "&&", "||", "= ", "!= ", ">= ", "1.5", "x*"),
    *("IS NULL", "NOT EXISTS", "[a, ..., b=4*]", "[", "]", "...", ",", "(", ")", '"x"', '"'),
    *("%a.*b%", "%", "\\d", "[a-z]", "{2,3}", "\\", "?", "-", " ", "\u20ac", "\ud800"),
]
MESSAGES = ["a b 404", '{"a": 1, "b": ["x"]}', '"q" [z', "\ud800 x", '{"a": "\\ud800"}', ""]


def test_twenty_thousand_made_up_patterns_give_an_answer_or_a_clean_error() -> None:
    made = random.Random(7)
    refused = 0
    for _ in range(20_000):
        pattern = "".join(made.choices(PIECES, k=made.randint(1, 12)))
        try:
            extract(pattern, made.choice(MESSAGES))
        except PatternError as error:
            refused += "^" in error.drawn()
    assert 10_000 < refused < 20_000


ALLOWED = frozenset(ascii_letters + digits + ":_#=@/;,- ^$?[]{}|\\*+.")
ESCAPED = frozenset("dDsSwWtnrfvx^$?[]{}|\\*+.:_#=@/;,- ")


@given(st.text("ab1(?:=)<>!&~`'\"\\[]{},^$|*+.-_#@/; dDwpkbAzéx0", max_size=12))
@example("\\x28")
@example("[^\\]]")
def test_no_expression_with_a_character_outside_of_the_table_is_accepted(written: str) -> None:
    try:
        matches(f"%{written}%", "x")
    except PatternError:
        return
    escapes = re.findall(r"\\(.)", written, re.DOTALL)
    assert set(escapes) <= ESCAPED
    assert set(re.sub(r"\\.", "", written, flags=re.DOTALL)) <= ALLOWED


words = st.sampled_from(["a", "b", "ab", '"a b"', "%a.b%"])
needed_terms = st.lists(st.tuples(st.sampled_from(["", "-"]), words).map("".join), min_size=1)


@given(needed_terms, words, st.text("ab ", max_size=8))
def test_a_further_plain_term_never_adds_a_match(
    terms: list[str], further: str, message: str
) -> None:
    try:
        more = matches(" ".join([*terms, further]), message)
    except PatternError:  # a third expression
        return
    assert matches(" ".join(terms), message) or not more


@given(st.lists(st.sampled_from(["a", "x ", '"', "[", "]", "\\", " "]), max_size=30).map("".join))
def test_fields_are_split_as_the_rule_says(message: str) -> None:
    assert [(field.text, field.start) for field in fields_of(message)] == by_the_rule(message)


def by_the_rule(message: str) -> list[tuple[str, int]]:
    """Character by character, as the documentation puts it."""
    fields, at = [], 0
    while at < len(message):
        start, closing = at, {'"': '"', "[": "]"}.get(message[at])
        end = start + 1
        while closing and end < len(message) and message[end] != closing:
            end += 2 if message[end] == "\\" else 1
        if message[at] == " ":
            at += 1
        elif closing and end < len(message) and message[end + 1 : end + 2] in ("", " "):
            fields.append((message[start + 1 : end], start))
            at = end + 1
        else:
            at = (message + " ").index(" ", start)
            fields.append((message[start:at], start))
    return fields


def test_a_message_of_opening_marks_takes_time_in_proportion() -> None:
    short, long = (_seconds("[ " * count + "]x") for count in (5_000, 50_000))
    assert long < 40 * short


def _seconds(message: str) -> float:
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        assert fields_of(message)[-1].text == "]x"
        best = min(best, time.process_time() - started)
    return best
