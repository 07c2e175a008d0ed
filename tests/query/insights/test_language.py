"""What each command and function answers, and where each mistake is pointed at."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.query.insights import QueryError, run_query

T0 = 1704067200000


def events(*messages: object, start: int = T0, step_ms: int = 1000) -> list[dict[str, Any]]:
    return [
        {
            "timestamp": start + number * step_ms,
            "message": message if isinstance(message, str) else json.dumps(message),
            "logStream": "stream",
            "logGroup": "/group",
        }
        for number, message in enumerate(messages)
    ]


EVENTS = events(
    {"a": 1, "b": "x", "ok": True, "l": [1, 2], "m": {"k": "v"}},
    {"a": "2", "b": "y", "ok": False},
    {"b": "x", "a": 10},
    "plain text here 5 ms",
)


def answer(query: str, given: list[dict[str, Any]] | None = None, **more: Any) -> list[list[Any]]:
    return run_query(query, EVENTS if given is None else given, **more).rows


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('filter ok = "true" | display a', [[1]]),
        ("filter ok | display a", [[1]]),
        ("filter not (a = 1) | display a", [[None], [10], [2]]),
        ("filter a != 1 | display a", [[10], [2]]),
        ('filter b not in ["x"] | display b', [["y"]]),
        ('filter b not like "x" | display b', [["y"]]),
        ("fields a | sort a", [[1], [2], [10], [None]]),
        ("fields a | sort a desc", [[None], [10], [2], [1]]),
        ("fields a | limit 1 | sort a", [[1]]),
        ("fields b | dedup b", [[None], ["x"], ["y"]]),
        ("stats sum(a) as s by b", [["x", 11], ["y", 2], [None, None]]),
        ("stats values(b) as v", [['["x","y"]']]),
        ("stats topk(1, b) as v", [['["x"]']]),
        ("stats earliest(a) as e, latest(a) as l", [[1, 10]]),
        ("stats pct(a, 90) as p, variance(a) as v", [[8.4, 16.2222]]),
        ("stats sum(a) as s, count(*) as n, s / n as m", [[13, 4, 3.25]]),
        ("stats sum(a) as s by bin(1s) | stats max(s) as m", [[10]]),
        ("fields @message | limit 1", [["plain text here 5 ms"]]),
        ('parse @message "text * " as w | filter ispresent(w) | display w', [["here"]]),
        ("parse @message /(?<n>\\d+) ms/ | filter n > 4 | display n", [["5"]]),
        ("parse @message /([a-z]+) ([a-z]+)/ as p, q | limit 1 | display q", [["text"]]),
        ("fields jsonParse(@message).m.k as k | sort @timestamp | limit 1", [["v"]]),
        ("fields jsonParse(@message) as j | unnest j.l into e | filter e > 1 | display e", [[2]]),
        ("accum a | display a", [[None], [10], [12], [13]]),
        ("sort @timestamp | autoregress a as p | display p", [[None], [1], [2], [10]]),
        ("sort @timestamp | filldown a | display a", [[1], [2], [10], [10]]),
        ("countFrequent b", [["x", 2], ["y", 1], [None, 1]]),
        ("filter b in (SOURCE '/group' | filter a > 5 | fields b) | display a", [[10], [1]]),
        ("estimate", [[132]]),
    ],
)
def test_a_command(query: str, expected: list[list[Any]]) -> None:
    assert answer(query) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("2 ^ 3", 8),
        ("-2 ^ 2", -4),
        ("10 % 3", 1),
        ("-7 % 3", -1),
        ("7 / 0", None),
        ("sqrt(-1)", None),
        ("round(2.345, 2)", 2.35),
        ("round(-2.5)", -3),
        ("greatest(1, 3, 2)", 3),
        ("least(1, missing)", None),
        ('toInt("12.9")', 12),
        ('concat("a", missing, 1)', "a1"),
        ('ltrim("xyZxyfooxyZ", "xyZ")', "fooxyZ"),
        ('rtrim("xyZfooxyxyZ", "xyZ")', "xyZfoo"),
        ('trim("xyZxyfooxyxyZ", "xyZ")', "foo"),
        ('substr("xyZfooxyZ", 3, 3)', "foo"),
        ('replace("a.b.c", ".", "-")', "a-b-c"),
        ('regexReplace("k=1", "(\\\\w)=(\\\\d)", "\\\\2=\\\\1")', "1=k"),
        ('strcontains("Hello", "hELL", true)', 1),
        ('startsWith("hello", "he")', 1),
        ('hexToAscii("48656c6c6f")', "Hello"),
        ('hexToDec("0xff")', 255),
        ("decToHex(255)", "0xff"),
        ("decToHex(-10.7)", "-0xa"),
        ('base64decode(base64encode("ä"))', "ä"),
        ('urldecode(urlencode("a b&c"))', "a b&c"),
        ('md5("")', "d41d8cd98f00b204e9800998ecf8427e"),
        ('split("a,b", ",")', '["a","b"]'),
        ('split("a,b", ",")[1]', "b"),
        ('jsonArraySize("[1,2,3]")', 3),
        ('jsonArrayContains("[1,\\"x\\"]", "x")', 1),
        ('jsonArrayContains("oops", "x")', 0),
        ('isIpInSubnet("10.1.2.3", "10.1.0.0/16")', 1),
        ('isIpv6InSubnet("10.1.2.3", "10.1.0.0/16")', 0),
        ('isPrivateIP("172.20.1.1")', 1),
        ('isPublicIP("8.8.8.8")', 1),
        ('isReservedIP("127.0.0.1")', 1),
        ('ipv4ToNumber("0.0.1.1")', 257),
        ('isempty("")', 1),
        ('isblank("  ")', 1),
        ("ispresent(missing)", 0),
        ('isNumeric("1e3")', 1),
        ('messageSize("ä")', 2),
        ('if(1 > 2, "a", "b")', "b"),
        ('case(1 > 2, "a", 2 > 1, "b", "c")', "b"),
        ("coalesce(missing, 7)", 7),
        ('toMillis("2022-01-14T13:18:31-08:00")', 1642195111000),
        ('parseDate("2022-01-14", "yyyy-MM-dd")', 1642118400000),
        ('parseDate("2022-01-14 01:00", "yyyy-MM-dd HH:mm", "Europe/Berlin")', 1642118400000),
        ('formatDate(fromMillis(0), "%Y-%m-%d %H", "Asia/Kolkata")', "1970-01-01 05"),
        ("datefloor(fromMillis(1704067620003), 5m)", "2024-01-01 00:05:00.000"),
        ("dateceil(fromMillis(1704067500000), 5m)", "2024-01-01 00:05:00.000"),
        ("datefloor(fromMillis(1710000000000), 1q)", "2024-01-01 00:00:00.000"),
        ("dateceil(fromMillis(1710000000000), 1mo)", "2024-04-01 00:00:00.000"),
        ("datefloor(fromMillis(1704067620003), 300s)", "2024-01-01 00:07:00.000"),
        ("now()", 1704067200),
    ],
)
def test_a_function(expression: str, expected: object) -> None:
    rows = answer(f"fields {expression} as v", events("x"), now=T0)
    assert rows == [[expected]]


def test_empty_bins_are_filled() -> None:
    given = [*events("a"), *events("b", start=T0 + 3000)]
    rows = answer("stats count(*) as n by bin(1s) as t | fillmissing with 0 for n", given)
    assert [row[1] for row in rows] == [1, 0, 0, 1]


def test_the_natural_order_is_the_documented_one() -> None:
    documented = ["!:", "#", "*%04", "0#", "5A", "111A", "2345_", "@", "@_", "A", "A9876fghj"]
    documented += ["a12345hfh", "0", "01", "1", "2", "3"]
    given = events(*({"v": text} for text in reversed(documented)))
    assert [row[0] for row in answer("fields v | sort v asc", given)] == documented


def test_a_join_prefixes_both_sides() -> None:
    query = (
        "fields b as k | join type=left left=l right=r where l.k=r.b "
        "(SOURCE '/group' | filter a > 5 | fields b, a) | sort @timestamp"
    )
    result = run_query(query, EVENTS)
    assert result.columns == ["l.k", "r.b", "r.a"]
    assert result.rows == [["x", "x", 10], ["y", None, None], ["x", "x", 10], [None, None, None]]


def test_a_lookup_takes_the_most_specific_range() -> None:
    table = [{"range": "10.0.0.0/8", "zone": "A"}, {"range": "10.1.0.0/16", "zone": "B"}]
    rows = answer(
        "cidrlookup nets ip as range OUTPUT zone | display zone",
        events({"ip": "10.1.2.3"}, {"ip": "9.9.9.9"}),
        lookup_tables={"nets": table},
    )
    assert rows == [[None], ["B"]]


def test_lines_of_one_template_are_one_pattern() -> None:
    lines = [f"2023-01-01 19:00:0{n} [INFO] store for resource id {n}12345" for n in range(3)]
    assert answer("pattern @message", events(*lines, "Error")) == [
        ["<Time-1> [INFO] store for resource id <ID-2>", 0.75, 3, "INFO"],
        ["Error", 0.25, 1, "ERROR"],
    ]


def test_diff_compares_with_the_window_before() -> None:
    given = events("error a 1", "error a 2", "ok") + events("error a 3", start=T0 - 2000)
    rows = answer("pattern @message | diff", given, start=T0, end=T0 + 2000)
    assert rows == [
        ["error a <Number-1>", 2, 1, "+100%", "ERROR"],
        ["ok", 1, 1, "New", "INFO"],
    ]


def test_a_window_holds_both_ends() -> None:
    rows = answer("stats count(*) as n", start=T0 // 1000, end=T0 // 1000 + 1)
    assert rows == [[2]]


@pytest.mark.parametrize(
    ("query", "said", "marked"),
    [
        ("stats cuont(*)", "unknown function `cuont`; did you mean `count`?", "cuont(*)"),
        ("feilds a", "unknown command `feilds`; did you mean `fields`?", "feilds"),
        ("tail 5", "`tail` is no command", "tail"),
        ("sort bin(1h)", "unexpected `(`", "("),
        ("fields a limit 5", "unexpected `limit`", "limit"),
        ("", "the query ends too early", ""),
        ("stats count(*) as c by b | filter z > 1", "`z` does not exist behind stats", "z"),
        ("sort a | stats count(*) as c by b | stats max(c)", "sort stands behind", "sort a"),
        ("stats max(a) as m | stats count(*) by bin(5m)", "`bin` needs @timestamp", "bin(5m)"),
        ("dedup b | sort a", "only limit may follow dedup", "sort a"),
        ("sort a | pattern @message", "sort stands behind pattern", "pattern @message"),
        ("estimate | limit 1", "estimate is the last command", "estimate"),
        (
            'parse @message "* *" as a',
            "the pattern has 2 `*` and 1 names",
            'parse @message "* *" as a',
        ),
        ("stats topk(2, a) by b", "stands alone, without by", "topk(2, a)"),
        ("limit 200000", "limit is 1 to 100,000", "limit 200000"),
        ("fields a + 1 as x, b as x", "Ephemeral field is already defined: x", "b as x"),
        ("filter a like /(?=x)/", "look-around", "a like /(?=x)/"),
        ("fields strlen(a, b)", "takes 1 arguments, not 2", "strlen(a, b)"),
        ("filter count(a) > 1", "`count` stands only in stats", "count(a)"),
        ("fields a | anomaly", "only CloudWatch has", "anomaly"),
        ("lookup t a OUTPUT b", "unknown lookup table `t`", "t"),
        (
            'fields parseDate(a, "QQQ")',
            "date pattern 'QQQ' is not understood",
            'parseDate(a, "QQQ")',
        ),
    ],
)
def test_a_mistake_is_pointed_at(query: str, said: str, marked: str) -> None:
    with pytest.raises(QueryError) as caught:
        answer(query)
    error = caught.value
    assert said in str(error)
    assert query[error.span.start : error.span.end] == marked


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(QueryError) as caught:
        answer("fields nope(a), strlen() | limit 0")
    marks = [line for line in caught.value.drawn().splitlines() if line.endswith("^")]
    assert len(marks) == 3
