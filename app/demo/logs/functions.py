"""Lines of Lambda functions: what the service writes, and what the function says between.

Text and JSON log formats as AWS documents them ("Working with Lambda function
logs", "Lambda Telemetry API event schema reference").
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from app.demo.logs.requests import (
    ERROR,
    OK,
    REFUSED,
    THROTTLED,
    TIMEOUT,
    invocations,
)
from app.demo.logs.stories import PLAIN, STORIES, Form, Story
from app.demo.logs.text import filled, hundredths, iso, stamped
from app.demo.world.noise import stream_of
from app.demo.world.platform import Deployment, Function
from app.demo.world.sheet import Sheet

HOURS_OF_A_CONTAINER = 4
_EMF = (
    '{"_aws":{"Timestamp":<<stamp>>,"CloudWatchMetrics":[{"Namespace":"%s",'
    '"Dimensions":[["service"],[]],"Metrics":[%s]}]},"service":"%s","request_id":"<<request>>",%s}'
)


def function_lines(sheet: Sheet, function: Function) -> pl.DataFrame:
    """Every line of a function in an hour: at, stream, message, mark, part."""
    ran = invocations(sheet, function).filter(pl.col("outcome") != THROTTLED)
    story = STORIES.get(function.name, PLAIN)
    rows = _with_texts(sheet.deployment, function, ran)
    write = {Form.PYTHON: _text, Form.NODE: _text, Form.JSON: _json}[story.form]
    return pl.concat(
        rows.filter(condition).select(
            (pl.col("at") + offset).alias("at"),
            "stream",
            message.alias("message"),
            "mark",
            pl.lit(part, dtype=pl.Int64).alias("part"),
        )
        for part, (condition, offset, message) in enumerate(write(function, story))
    )


_Line = tuple[pl.Expr, pl.Expr, pl.Expr]
"""Which invocations write it, how long after their start in ms, and the text."""

_ALL, _FAILED = pl.lit(value=True), pl.col("outcome") == ERROR
_LATE = pl.col("outcome") == TIMEOUT
_START, _END = pl.lit(0, dtype=pl.Int64), pl.col("lasts").ceil().cast(pl.Int64)


def _with_texts(deployment: Deployment, function: Function, ran: pl.DataFrame) -> pl.DataFrame:
    version = "7" if function.alias else "$LATEST"
    arn = deployment.arn("lambda", f"function:{function.name}")
    hours = pl.col("minute") // 60
    container = hours // HOURS_OF_A_CONTAINER * 16 + pl.col("container")
    ids = ran.select(container=container)["container"].unique()
    names = {int(i): f"{stream_of(f'{arn}/{i}'):016x}{stream_of(f'{i}/{arn}'):016x}" for i in ids}
    day = stamped("minute_ms", "%Y/%m/%d")
    return ran.with_columns(
        minute_ms=pl.col("minute") * 60_000 // 14_400_000 * 14_400_000,
        container=container.replace_strict(names, return_dtype=pl.String),
        init=180.0 + pl.col("memory") % 190 + 0.41,
        billed=_END.cast(pl.String),
        version=pl.lit(version),
        arn=pl.lit(f"{arn}:live" if function.alias else arn),
        name=pl.lit(function.name),
        size=pl.lit(function.memory),
        level=pl.col("outcome").replace_strict(
            {OK: "INFO", REFUSED: "WARN", ERROR: "INFO", TIMEOUT: "INFO"}, return_dtype=pl.String
        ),
        status=pl.col("outcome").replace_strict(
            {OK: 200, REFUSED: 404, ERROR: 500, TIMEOUT: 504}, return_dtype=pl.Int64
        ),
        ended=pl.col("outcome").replace_strict(
            {OK: "success", REFUSED: "success", ERROR: "error", TIMEOUT: "timeout"},
            return_dtype=pl.String,
        ),
        seconds=pl.col("lasts") / 1000,
    ).with_columns(
        stream=pl.concat_str(day, pl.lit(f"/[{version}]"), "container"),
        stamp=pl.col("at") + _END,
        said=pl.when(pl.col("outcome") == REFUSED).then(pl.lit("not found")).otherwise(pl.lit("")),
    )


def _text(function: Function, story: Story) -> Iterator[_Line]:
    runtime = function.runtime.replace("python", "python:").replace("nodejs", "nodejs:")
    yield (
        pl.col("cold"),
        -pl.col("init").cast(pl.Int64),
        filled(
            f"INIT_START Runtime Version: {runtime}.v42\tRuntime Version ARN: "
            "arn:aws:lambda:eu-central-1::runtime:7b620fc2e66107a1046b140b9d320295811af3ad5d4c6a01"
        ),
    )
    yield _ALL, _START, filled("START RequestId: <<request>> Version: <<version>>")
    if story.debug:
        yield _ALL, pl.lit(1, dtype=pl.Int64), _said(story, "DEBUG", story.debug)
    answered = ~(_FAILED | _LATE)
    yield answered, _END - 1, _success(story)
    if story.metric:
        yield answered, _END - 1, _metrics(story, function)
    if story.mistake:
        yield _FAILED, _END - 1, _mistake(story)
    yield (
        _LATE,
        _END - 1,
        pl.concat_str(
            iso("stamp"),
            filled(" <<request>> Task timed out after "),
            hundredths("seconds"),
            pl.lit(" seconds\n\n"),
        ),
    )
    yield _ALL, _END, filled("END RequestId: <<request>>")
    yield _ALL, _END + 1, _report()


def _success(story: Story) -> pl.Expr:
    done = pl.when(pl.col("said") == "").then(pl.lit(story.done)).otherwise(pl.col("said"))
    if story.form is Form.NODE:
        told = filled(f'{{{story.fields},"correlationId":"<<correlation>>"}}')
        return pl.concat_str(
            iso("at"), filled("\t<<request>>\t<<level>>\t"), done, pl.lit(" "), told
        )
    return pl.concat_str(
        filled('{"level":"<<level>>","location":"handler:58","message":"'),
        done,
        filled('","timestamp":"'),
        stamped("stamp", "%Y-%m-%d %H:%M:%S,%3f+0000"),
        filled(
            '","service":"<<name>>","function_name":"<<name>>","function_memory_size":"<<size>>",'
            '"function_arn":"<<arn>>","function_request_id":"<<request>>","cold_start":<<cold>>,'
            '"correlation_id":"<<correlation>>","xray_trace_id":"<<trace>>","status":<<status>>,'
            f'"duration_ms":<<lasts>>,{story.fields}}}'
        ),
    )


def _said(story: Story, level: str, text: str) -> pl.Expr:
    return pl.concat_str(iso("at"), filled(f"\t<<request>>\t{level}\t{text}"))


def _mistake(story: Story) -> pl.Expr:
    if story.form is Form.NODE:
        head, *frames = story.mistake
        return _said(story, "ERROR", "Invoke Error \t" + "\n".join([head, *frames]))
    return pl.lit("\n".join(story.mistake) + "\n")


def _metrics(story: Story, function: Function) -> pl.Expr:
    names = ",".join(f'{{"Name":"{n}","Unit":"{u}"}}' for n, u, _ in story.metrics)
    values = ",".join(f'"{n}":{value}' for n, _, value in story.metrics)
    return filled(_EMF % (story.metric, names, function.name, values))


def _report() -> pl.Expr:
    return pl.concat_str(
        filled("REPORT RequestId: <<request>>\tDuration: "),
        hundredths("lasts"),
        filled(
            " ms\tBilled Duration: <<billed>> ms\tMemory Size: <<size>> MB\t"
            "Max Memory Used: <<memory>> MB\t"
        ),
        pl.when("cold")
        .then(pl.concat_str(pl.lit("Init Duration: "), hundredths("init"), pl.lit(" ms\t")))
        .otherwise(pl.lit("")),
        pl.when(_LATE).then(pl.lit("Status: timeout")).otherwise(pl.lit("")),
        filled("\nXRAY TraceId: <<trace>>\tSegmentId: <<segment>>\tSampled: true\t\n"),
    )


def _json(function: Function, story: Story) -> Iterator[_Line]:
    runtime = f'"runtimeVersion":"python:3.13.v42","functionName":"{function.name}"'
    init = f'"initializationType":"on-demand","phase":"init",{runtime},"functionVersion":"$LATEST"'
    trace = (
        '"tracing":{"spanId":"<<segment>>","type":"X-Amzn-Trace-Id",'
        '"value":"Root=<<trace>>;Sampled=1"}'
    )
    start = f'"requestId":"<<request>>","version":"<<version>>","functionArn":"<<arn>>",{trace}'
    report = (
        '"requestId":"<<request>>","metrics":{"durationMs":<<lasts>>,"billedDurationMs":<<billed>>,'
        f'"memorySizeMB":<<size>>,"maxMemoryUsedMB":<<memory>>}},{trace},"status":"<<ended>>"'
    )
    begin = -pl.col("init").cast(pl.Int64)
    yield pl.col("cold"), begin, _platform("at", "initStart", init)
    yield _ALL, _START, _platform("at", "start", start)
    yield (
        ~(_FAILED | _LATE),
        _END - 1,
        _own("<<level>>", f'"message":"{story.done}","correlationId":"<<correlation>>"', story),
    )
    mistake = story.mistake[0] if story.mistake else "failed"
    where = '"errorType":"Error","stackTrace":["  File \\"/var/task/app.py\\", line 31"]'
    yield _FAILED, _END - 1, _own("ERROR", f'"message":"{mistake}",{where}', story)
    yield _ALL, _END + 1, _platform("stamp", "report", report)


def _platform(at: str, kind: str, members: str) -> pl.Expr:
    return pl.concat_str(
        pl.lit('{"time":"'),
        iso(at),
        filled(f'","type":"platform.{kind}","record":{{{members}}}}}'),
    )


def _own(level: str, members: str, story: Story) -> pl.Expr:
    """A line of the function itself, in the JSON format of its runtime."""
    return pl.concat_str(
        pl.lit('{"timestamp":"'),
        iso("stamp"),
        filled(f'","level":"{level}","requestId":"<<request>>",{members},{story.fields}}}'),
    )
