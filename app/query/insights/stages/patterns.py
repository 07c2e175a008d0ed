"""pattern, diff, logcompare, estimate; and commands that need a model of AWS's.

Source: Amazon CloudWatch Logs User Guide, "pattern", "diff". The method of
grouping is ours (``templates.py``).
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from app.query.insights import periods, tree
from app.query.insights.expressions import Compiler
from app.query.insights.stages.stats import no_structure
from app.query.insights.state import Column, State, Surroundings
from app.query.insights.templates import Template, templates
from app.query.insights.values import Kind

_BACK = {"previousday": (1, "d"), "previousweek": (1, "w"), "previousmonth": (1, "mo")}


def pattern(command: tree.Pattern, state: State, around: Surroundings) -> State:
    """Templates of a field with their share, count and severity."""
    found = _templates(command.name, state, around)
    total = sum(template.count for template in found) or 1
    frame = pl.DataFrame(
        {
            "c0": [template.pattern for template in found],
            "c1": [template.count / total for template in found],
            "c2": [float(template.count) for template in found],
            "c3": [template.severity for template in found],
        },
        schema={"c0": pl.String, "c1": pl.Float64, "c2": pl.Float64, "c3": pl.String},
    )
    columns = {
        "@pattern": Column("c0", Kind.TEXT),
        "@ratio": Column("c1", Kind.NUMBER),
        "@sampleCount": Column("c2", Kind.NUMBER),
        "@severityLabel": Column("c3", Kind.TEXT),
    }
    return State(frame.lazy(), columns, tuple(columns), aggregated=True, made=4)


def _templates(name: tree.Name, state: State, around: Surroundings) -> list[Template]:
    found = Compiler(state.columns, around, strict=state.aggregated).field(name)
    no_structure(found, "pattern cannot read", name.span, around)
    value = found.text()
    counted = (
        state.limited()
        .frame.select(value.str.strip_suffix("\n").alias("text"))
        .drop_nulls()
        .group_by("text", maintain_order=True)
        .agg(pl.len().alias("count"))
        .collect()
    )
    return templates(zip(counted["text"].to_list(), counted["count"].to_list(), strict=True))


def shift_ms(command: tree.Diff | tree.Logcompare, around: Surroundings) -> int:
    """How far back the compared window lies, milliseconds."""
    if isinstance(command, tree.Logcompare):
        return periods.length_ms(command.timeshift.count, command.timeshift.unit)
    if not command.back:
        return max(1, around.clock.end_ms - around.clock.start_ms + 1)
    if command.back.lower() not in _BACK:
        raise around.error(
            "diff takes previousDay, previousWeek, previousMonth or nothing", command.span
        )
    return periods.length_ms(*_BACK[command.back.lower()])


def diff(name: tree.Name, now: State, before: State, around: Surroundings) -> State:
    """How often each template occurs, against an earlier window of equal length."""
    current = {t.pattern: t for t in _templates(name, now, around)}
    earlier = {t.pattern: t for t in _templates(name, before, around)}
    rows = []
    for text in dict.fromkeys([*current, *earlier]):
        template = current.get(text) or earlier[text]
        count = current[text].count if text in current else 0
        past = earlier[text].count if text in earlier else 0
        rows.append((text, count, count - past, _description(count, past), template.severity))
    rows.sort(key=lambda row: (-abs(row[2]), row[0]))
    names = ("@pattern", "@eventCount", "@difference", "@differenceDescription", "@severityLabel")
    kinds = (Kind.TEXT, Kind.NUMBER, Kind.NUMBER, Kind.TEXT, Kind.TEXT)
    schema = {
        f"c{n}": pl.Float64 if kind is Kind.NUMBER else pl.String for n, kind in enumerate(kinds)
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row", strict=False)
    columns = {
        name: Column(f"c{n}", kind) for n, (name, kind) in enumerate(zip(names, kinds, strict=True))
    }
    return State(frame.lazy(), columns, names, aggregated=True, made=len(names))


def _description(count: int, past: int) -> str:
    if not past:
        return "New"
    if not count:
        return "Gone"
    share = round(100 * (count - past) / past)
    return "Unchanged" if not share else f"{share:+d}%"


def estimate(command: tree.Estimate, state: State, around: Surroundings) -> State:
    """Bytes of the messages that the query reads."""
    size = pl.col(state.columns["@message"].physical).str.len_bytes().sum().cast(pl.Float64)
    frame = state.frame.select(size.alias("c0"))
    columns = {"@bytesScanned": Column("c0", Kind.NUMBER)}
    return replace(State(frame, columns, tuple(columns), aggregated=True, made=1), limit=None)


def refused(
    command: tree.Anomaly | tree.Relevantfields, state: State, around: Surroundings
) -> State:
    """anomaly and relevantfields rest on models that only AWS has."""
    name = type(command).__name__.lower()
    raise around.error(
        f"`{name}` needs a model that only CloudWatch has; use `pattern` and `diff` here",
        command.span,
    )
