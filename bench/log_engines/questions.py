"""What every engine is asked: the same question in each engine's own words.

Each wording is the quickest that we found for its engine: one parse of the
JSON for all of its fields, cheap tests before dear ones, a text search for
what a program that reads JSON would throw away. Times are milliseconds since
1970, or the text of the raw file.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.logs_data import SMALL_GROUP, Day


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that ours may take; a share is of the fastest peer's time."""

    ms: float | None = None
    of_best: float | None = None
    of_databases: float | None = None
    of_shell: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question; the first ``compared`` columns of the answers have to be equal."""

    name: str
    label: str
    insights: str
    columns: tuple[str, ...]
    """Of our answer, in the order of the others."""
    duckdb: str
    clickhouse: str
    shell: str
    limit: Limit
    compared: int | None = None
    groups: tuple[str, ...] | None = None


def questions(day: Day) -> list[Question]:
    """All of them, for one day."""
    return [
        _fields(),
        _needle(day.needle),
        _newest(),
        _counted(),
        _newest_of_group(),
        _by_time(),
        _parsed(),
    ]


def _fields() -> Question:
    return Question(
        "fields",
        "group by a JSON field, three filtered",
        'filter http.status >= 500 and http.method = "GET" and latency_ms > 20'
        " | stats count(*) as n, pct(latency_ms, 99) as p by http.route",
        ("http.route", "n", "p"),
        "SELECT f[1] AS r, count(*), quantile_cont(f[4]::DOUBLE, 0.99) FROM ("
        " SELECT json_extract_string(message, ['$.http.route', '$.http.status',"
        " '$.http.method', '$.latency_ms']) AS f FROM t WHERE starts_with(message, '{'))"
        " WHERE f[2]::BIGINT >= 500 AND f[3] = 'GET' AND f[4]::DOUBLE > 20 GROUP BY r",
        "SELECT f.1.1 AS r, count(), quantileExactInclusive(0.99)(f.2) FROM ("
        " SELECT JSONExtract(message, 'Tuple(http Tuple(route String, status Int64,"
        " method String), latency_ms Float64)') AS f FROM t WHERE startsWith(message, '{'))"
        " WHERE f.1.2 >= 500 AND f.1.3 = 'GET' AND f.2 > 20 GROUP BY r",
        r"""rg --no-line-number -o '\{.*"method":"GET".*"status":5\d\d.*\}$' "$RAW" | jq -nr '"""
        r"""[inputs | select(.http.status >= 500 and .http.method == "GET" and .latency_ms > 20)]"""
        r""" | group_by(.http.route)[] | (map(.latency_ms) | sort) as $l"""
        r""" | (0.99 * (($l | length) - 1)) as $at | ($at | floor) as $low"""
        r""" | ($l[$low + 1] // $l[$low]) as $next"""
        r""" | [.[0].http.route, length, $l[$low] + ($at - $low) * ($next - $l[$low])] | @tsv'""",
        Limit(of_best=0.1),
    )


def _needle(request: str) -> Question:
    columns = "message, log_group"
    return Question(
        "needle",
        "one request id anywhere in the day",
        f'fields @timestamp, @log, @message | filter @message like "{request}"'
        " | sort @timestamp asc",
        ("@timestamp", "@message", "@log"),
        f"SELECT epoch_ms(ts), {columns} FROM t WHERE message LIKE '%{request}%'",
        f"SELECT toUnixTimestamp64Milli(ts), {columns} FROM t WHERE message LIKE '%{request}%'",
        f"rg --no-line-number -F {request} \"$RAW\" | awk -F '\\t' '{{print $1}}'",
        Limit(ms=150),
        compared=1,
    )


def _newest(group: str = "") -> Question:
    where = f"log_group = '{group}' AND " if group else ""
    chosen = f"rg --no-line-number -F $'\\t{group}\\t' \"$RAW\" | rg -F ERROR" if group else ""
    inner = f"FROM t WHERE {where}message LIKE '%ERROR%' ORDER BY ts DESC LIMIT 100"
    return Question(
        "newest",
        'newest 100 of like "ERROR"',
        "fields @timestamp, @log, @message | filter @message like /ERROR/"
        " | sort @timestamp desc | limit 100",
        ("@timestamp", "@log", "@message"),
        f"SELECT epoch_ms(ts), log_group, message {inner}",
        f"SELECT toUnixTimestamp64Milli(ts), log_group, message {inner}",
        f"{chosen or 'rg --no-line-number -F ERROR $RAW'} | tail -100 | cut -f1",
        Limit(of_best=1.0),
        compared=1,
    )


def _counted() -> Question:
    return Question(
        "counted",
        "all ERROR counted",
        "filter @message like /ERROR/ | stats count(*) as n",
        ("n",),
        "SELECT count(*) FROM t WHERE message LIKE '%ERROR%'",
        "SELECT count() FROM t WHERE message LIKE '%ERROR%'",
        'rg -c -F ERROR "$RAW"',
        Limit(of_databases=1.0, of_shell=1.5),
    )


def _newest_of_group() -> Question:
    given = _newest(SMALL_GROUP)
    return Question(
        "group",
        'newest 100 of like "ERROR" in one small group',
        given.insights,
        given.columns,
        given.duckdb,
        given.clickhouse,
        given.shell,
        Limit(ms=50),
        compared=1,
        groups=(SMALL_GROUP,),
    )


def _by_time() -> Question:
    return Question(
        "by_time",
        "count by 5 minutes",
        "stats count(*) as n by bin(5m)",
        ("bin(5m)", "n"),
        "SELECT epoch_ms(time_bucket(INTERVAL 5 minute, ts)) AS b, count(*) FROM t GROUP BY b",
        "SELECT toUnixTimestamp(toStartOfInterval(ts, INTERVAL 5 minute)) * 1000 AS b, count()"
        " FROM t GROUP BY b",
        r"""cut -c1-16 "$RAW" | uniq -c | awk '{ m = substr($2, 15, 2);"""
        r""" n[substr($2, 1, 14) sprintf("%02d", m - m % 5) ":00.000Z"] += $1 }"""
        r""" END { for (k in n) print k "\t" n[k] }'""",
        Limit(of_best=1.2),
    )


def _parsed() -> Question:
    pattern = r"Duration: ([\d.]+) ms\tBilled.*Max Memory Used: (\d+) MB"
    escaped = pattern.replace("\\", "\\\\")
    return Question(
        "parsed",
        "regex over REPORT lines, stats by group",
        r"filter @message like /^REPORT/ | parse @message"
        r" /Duration: (?<took>[\d.]+) ms\tBilled.*Max Memory Used: (?<used>\d+) MB/"
        r" | stats count(*) as n, sum(took) as took_in_all, max(used) as most by @log",
        ("@log", "n", "took_in_all", "most"),
        "SELECT log_group, count(*), sum(e.took::DOUBLE), max(e.used::BIGINT) FROM ("
        f" SELECT log_group, regexp_extract(message, '{pattern}', ['took', 'used']) AS e"
        " FROM t WHERE starts_with(message, 'REPORT')) GROUP BY log_group",
        "SELECT log_group, count(), sum(toFloat64(e[1])), max(toInt64(e[2])) FROM ("
        f" SELECT log_group, extractGroups(message, '{escaped}') AS e"
        " FROM t WHERE startsWith(message, 'REPORT')) GROUP BY log_group",
        r"""rg --no-line-number -o -r '$1 $2 $3' '\t(\S+)\tREPORT .*?"""
        + pattern
        + r"""' "$RAW" | awk '{ n[$1]++; s[$1] += $2; if ($3 > m[$1]) m[$1] = $3 }"""
        r""" END { for (k in n) printf "%s\t%d\t%.6f\t%d\n", k, n[k], s[k], m[k] }'""",
        Limit(of_best=0.9),
    )
