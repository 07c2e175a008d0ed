"""Fields are found by the kind of a line, and no line breaks the search for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.query.insights.discover import fields

REQUEST = "3604209a-e9a3-11e6-939a-754dd98c7be3"


def test_a_report_line_gives_decimal_bytes_and_milliseconds() -> None:
    line = f"REPORT RequestId: {REQUEST}\tDuration: 3.21 ms\tBilled Duration: 4 ms\t"
    line += "Memory Size: 128 MB"
    assert fields(line) == {
        "@type": "REPORT",
        "@requestId": REQUEST,
        "@duration": 3.21,
        "@billedDuration": 4.0,
        "@memorySize": 128_000_000.0,
    }


@pytest.mark.parametrize("number", ["...", "1.2.3", ".", "x"])
def test_a_damaged_report_line_leaves_the_number_out(number: str) -> None:
    found = fields(f"REPORT RequestId: {REQUEST}\tDuration: {number} ms\t", "/aws/lambda/a")
    assert "@duration" not in found
    assert found["@requestId"] == REQUEST


def test_json_leaves_are_named_by_their_path() -> None:
    assert fields('{"a": {"b": [1, null, "x"]}, "@level": true}') == {
        "a.b.0": 1.0,
        "a.b.2": "x",
        "@@level": True,
    }


def test_a_number_too_large_for_a_float_stays_exact_text() -> None:
    assert fields('{"id": 12345678901234567}') == {"id": "12345678901234567"}


def test_the_first_json_inside_a_line_of_a_function_counts() -> None:
    assert fields('INFO got {"a": 1} and {"b": 2}', "/aws/lambda/f") == {"a": 1.0}


def test_a_flow_log_without_data_has_no_addresses() -> None:
    line = "2 123456789010 eni-1 - - - - - - - 1431280876 1431280934 - NODATA"
    assert fields(line) == {
        "version": "2",
        "accountId": "123456789010",
        "interfaceId": "eni-1",
        "startTime": "1431280876",
        "endTime": "1431280934",
        "logStatus": "NODATA",
    }


@given(
    st.text() | st.text(alphabet="REPORT questId:0-9a.f{}[]\t msMB"),
    st.sampled_from(["", "/aws/lambda/a"]),
)
def test_no_line_breaks_discovery(line: str, group: str) -> None:
    assert isinstance(fields(line, group), dict)
