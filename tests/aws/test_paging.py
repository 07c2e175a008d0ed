"""Lists followed to the end, without a loop that has none."""

from __future__ import annotations

from collections.abc import Sequence

import botocore.session
from botocore.loaders import Loader

from app.aws.asked import Asked
from app.aws.paging import Pages, TokenBook, Tokens
from tests.aws.conftest import PLACE

ASKED = Asked(PLACE, "logs", "FilterLogEvents")
DECLARED = Tokens(("nextToken",), ("nextToken",))
GUESSED = Tokens(("nextToken",), ("nextToken",), declared=False)


def pages(tokens: Tokens | None, given: Sequence[dict], most: int = 2_000) -> Pages:
    left = iter(given)
    return Pages(lambda params: next(left), {}, tokens, ASKED, most)


def test_empty_pages_with_the_same_token_are_no_end():
    given = [{"nextToken": "a"}, {"nextToken": "a"}, {"nextToken": "a"}, {"events": [1]}]
    assert list(pages(DECLARED, given)) == given


def test_a_token_that_never_changes_is_cut_and_said():
    found = pages(DECLARED, [{"nextToken": "a"}] * 100)
    assert len(list(found)) == 11
    assert "kept giving the same token and was cut after 11 pages" in found.cut


def test_where_no_paginator_is_declared_a_repeated_token_is_the_end():
    found = pages(GUESSED, [{"nextToken": "a"}] * 100)
    assert len(list(found)) == 2
    assert found.cut == ""


def test_a_list_longer_than_the_cap_says_that_it_was_cut():
    found = pages(DECLARED, [{"nextToken": str(n)} for n in range(100)], most=5)
    assert len(list(found)) == 5
    assert found.cut == (
        "the list of logs FilterLogEvents in account 123456789012, eu-central-1 was cut after "
        "5 pages; what comes after is missing"
    )


def test_an_operation_without_tokens_has_one_page():
    assert list(pages(None, [{"events": []}, {"events": []}])) == [{"events": []}]


def test_tokens_come_from_botocore_and_else_from_names():
    book = TokenBook(botocore.session.Session().get_component("data_loader"))
    assert book.of("lambda", "ListFunctions") == Tokens(("Marker",), ("NextMarker",))
    assert book.of("route53", "ListHealthChecks") == Tokens(
        ("Marker",), ("NextMarker",), "IsTruncated"
    )
    assert book.of("cloudwatch", "ListMetricStreams") == Tokens(
        ("NextToken",), ("NextToken",), declared=False
    )
    assert book.of("sts", "GetCallerIdentity") is None


def test_a_list_that_is_not_truncated_ends_even_with_a_token():
    tokens = Tokens(("Marker",), ("NextMarker",), "IsTruncated")
    given = [{"IsTruncated": True, "NextMarker": "a"}, {"IsTruncated": False, "NextMarker": "b"}]
    assert list(pages(tokens, [*given, {}])) == given


def test_a_token_is_found_by_its_name_where_the_sdk_declares_no_paginator() -> None:
    found = TokenBook(Loader()).of("ce", "GetCostAndUsage")
    assert found == Tokens(("NextPageToken",), ("NextPageToken",), declared=False)
