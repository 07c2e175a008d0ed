"""A mistake in a query is shown where it stands, with the word that was probably meant."""

from __future__ import annotations

import pytest
from lark import Lark
from lark.exceptions import UnexpectedInput

from app.query.lang import QueryError, QueryErrors, Span, closest, did_you_mean, syntax_error

SUMS = Lark(
    """
    start: NUMBER (PLUS NUMBER)*
    NUMBER: /[0-9]+/
    PLUS: "+"
    %ignore " "
    """,
    parser="lalr",
)
WORDS = {"NUMBER": "a number", "PLUS": "`+`", "$END": "the end"}


def mistake(text: str) -> QueryError:
    with pytest.raises(UnexpectedInput) as caught:
        SUMS.parse(text)
    return syntax_error(caught.value, text, WORDS)


def test_an_error_is_drawn_under_its_place() -> None:
    query = "stats cuont(*)"
    message = "unknown function `cuont`" + did_you_mean("cuont", ["count", "sum"])
    assert QueryError(message, query, Span(6, 11)).drawn() == (
        "unknown function `cuont`; did you mean `count`?\n  stats cuont(*)\n        ^^^^^"
    )


def test_an_error_in_a_later_line_names_the_line_and_keeps_tabs() -> None:
    error = QueryError("no such field", "fields a\n| \tfilter b", Span(12, 18))
    assert (error.line, error.column) == (2, 4)
    assert error.drawn() == "line 2: no such field\n  | \tfilter b\n    \t^^^^^^"


def test_marks_never_run_past_the_line() -> None:
    drawn = QueryError("unclosed", 'a "bc\nd', Span(2, 7)).drawn()
    assert drawn.splitlines()[-1] == "    ^^^"


def test_all_mistakes_are_drawn_and_the_first_stands_for_them() -> None:
    errors = QueryErrors(
        [QueryError("one", "a b", Span(0, 1)), QueryError("two", "a b", Span(2, 3))]
    )
    assert str(errors) == "one"
    assert errors.drawn() == "one\n  a b\n  ^\ntwo\n  a b\n    ^"


def test_a_name_far_from_all_others_gets_no_suggestion() -> None:
    assert closest("COUNT", ["count"]) == "count"
    assert closest("frobnicate", ["count", "sum"]) is None
    assert did_you_mean("frobnicate", ["count"]) == ""


def test_an_unexpected_word_says_what_could_stand_there() -> None:
    error = mistake("1 + + 2")
    assert (str(error), error.span) == ("unexpected `+`; expected a number", Span(4, 5))


def test_an_unknown_character_is_pointed_at() -> None:
    error = mistake("1 ? 2")
    assert (error.message.split(";")[0], error.span) == ("unexpected `?`", Span(2, 3))


def test_a_text_that_stops_too_early_is_marked_behind_its_end() -> None:
    error = mistake("1 + ")
    assert str(error) == "the query ends too early; expected a number"
    assert error.drawn().splitlines()[-1] == "     ^"
