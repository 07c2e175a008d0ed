"""Filter expressions parse, and mistakes are refused at their place."""

from __future__ import annotations

import pytest

from app.query.trace_filter import QueryError, parse


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok duration < 1",
        '!fault AND (http.url ENDSWITH "/orders" or user = "u")',
        "annotation.trial",
        'annotation[aws.local.operation] = "POST /api/user"',
        'edge("a", id(name: "b", type: "AWS::S3::Bucket")) { responsetime > 0.2 }',
        "service() { fault }",
        "rootcause.fault.entity { remote }",
    ],
)
def test_a_documented_form_parses(text: str) -> None:
    assert parse(text).data == "start"


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("duration <", 11),
        ('servce("x")', 1),
        ("falt", 1),
        ("http.url > 5", 10),
        ('responsetime CONTAINS "5"', 14),
        ('edge("a")', 9),
        ('user = "u', 8),
        ("fault = 1", 7),
        ("(fault", 7),
        ('service(id(nme: "x"))', 12),
        ("annotation.a.b = 1", 1),
    ],
)
def test_a_mistake_is_refused_at_its_place(text: str, column: int) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.column == column


def test_a_mistyped_keyword_is_told_with_the_near_one() -> None:
    with pytest.raises(QueryError, match="unknown keyword `servce`; did you mean `service`"):
        parse('servce("x")')
