"""The tables of a service's documentation page, made from its file.

``python -m app.catalogue.page docs/services`` writes them anew between the
marks of each page (and begins a page where there is none); what people wrote
above the first mark stays.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from app.catalogue.load import load_catalogue
from app.catalogue.schema import (
    Condition,
    Metric,
    RecommendedAlarm,
    RecommendedComposite,
    ResourceKind,
    Service,
    StateCondition,
    ThresholdFrom,
)

START = "<!-- tables: made from the service file by `python -m app.catalogue.page` -->"
END = "<!-- end of tables -->"

_SIGNS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": "≥",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
}
_BANDS = {
    "GreaterThanUpperThreshold": "above",
    "LessThanLowerThreshold": "below",
    "LessThanLowerOrGreaterThanUpperThreshold": "outside",
}


def tables(service: Service) -> str:
    """Everything that the file says, as Markdown."""
    parts = [
        "## Resources",
        _table(
            ("Kind", "Dimensions", "Read with", "Without permission"), map(_kind, service.resources)
        ),
        "## Metrics",
        _table(
            ("Metric", "Dimensions", "Statistics", "What it says"),
            (_metric(service, metric) for metric in service.metrics),
        ),
        "## Health",
        _table(
            ("State", "When", "Shown"),
            [*map(_condition, service.health), *map(_state, service.states)],
        ),
    ]
    if service.alarms:
        parts += [
            "## Recommended alarms",
            _table(
                ("Alarm", "Watches", "Fires when", "Missing data", "From", "What to do"),
                map(_alarm, service.alarms),
            ),
        ]
    if service.composites:
        head = ("Alarm", "Over", "Fires when", "What to do")
        parts += ["## Recommended composites", _table(head, map(_composite, service.composites))]
    if service.log_groups:
        parts += ["## Log groups", f"Usually called {_code(service.log_groups)}."]
    return "\n\n".join([START, *parts, END])


def page(service: Service, before: str = "") -> str:
    """The whole page: what people wrote, then the tables."""
    written = before.partition(START)[0].rstrip() or f"# {service.title}\n\n{service.says}"
    after = before.partition(END)[2].strip()
    return "\n\n".join(part for part in (written, tables(service), after) if part) + "\n"


def write(folder: Path, services: Iterable[Service]) -> list[Path]:
    """Bring the pages of ``folder`` up to date; gives those that changed."""
    changed = []
    for service in services:
        path = folder / f"{service.id}.md"
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        after = page(service, before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            changed.append(path)
    return changed


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )


def _kind(kind: ResourceKind) -> tuple[str, ...]:
    optional = {d.iam_action for d in kind.describe if d.optional}
    optional |= {m.call.iam_action for m in kind.mentions if m.call}
    needed = dict.fromkeys(call.iam_action for call in kind.calls())
    return (
        f"**{kind.title}** (`{kind.kind}`)",
        ", ".join(kind.dimensions) or "none",
        _code(action for action in needed if action not in optional),
        f"goes on without {_code(sorted(optional))}" if optional else "not listed",
    )


def _metric(service: Service, metric: Metric) -> tuple[str, ...]:
    sets = "; ".join(", ".join(names) or "none" for names in metric.dimensions)
    says = metric.says + (f" Needs {metric.needs}." if metric.needs else "")
    name = f"`{metric.name}`"
    if metric.namespace != service.namespace:
        name += f" ({metric.namespace})"
    return name, sets, ", ".join(metric.statistics), says


def _condition(condition: Condition) -> tuple[str, ...]:
    measure = condition.measure
    value = " + ".join([measure.metric, *measure.plus]) + f" ({measure.statistic})"
    over = " + ".join(name for name in (measure.over, *measure.over_plus) if name)
    if over or measure.over_configuration:
        value += f" / {over or measure.over_configuration}"
    when = f"{value} {_SIGNS[condition.comparison]} {_threshold(condition.threshold)}"
    when += f" {measure.unit.value}" if isinstance(condition.threshold, float) else ""
    when += f", {condition.periods} × {condition.period} s"
    if condition.floor:
        when += f", from {condition.floor:g} {over} on"
    if measure.match:
        when += f", where `{measure.match}`"
    return condition.severity.value, when, condition.says


def _state(state: StateCondition) -> tuple[str, ...]:
    return state.severity.value, f"{state.kind}: `{state.match}`", state.says


def _alarm(alarm: RecommendedAlarm) -> tuple[str, ...]:
    fixed = "".join(f", {name} = {value}" for name, value in alarm.dimensions.items())
    when = f"{alarm.datapoints_to_alarm} of {alarm.evaluation_periods} × {alarm.period} s"
    only = f", where `{alarm.match}`" if alarm.match else ""
    if alarm.only or alarm.needs:
        only = f"; only for {alarm.only}" if alarm.only else f"; needs {alarm.needs}"
    return (
        f"`{alarm.id}` ({alarm.severity.value})",
        f"{_watched(alarm)} of {alarm.kind}{fixed}",
        f"{_fires(alarm)}, {when}{only}",
        alarm.treat_missing_data,
        {"aws": "AWS", "ours": "ours"}[alarm.source],
        alarm.says,
    )


def _watched(alarm: RecommendedAlarm) -> str:
    if not alarm.expression:
        return alarm.metric
    named = ", ".join(f"{id_}: {m.metric} ({m.statistic})" for id_, m in alarm.metrics.items())
    return f"`{alarm.expression}` ({named})"


def _fires(alarm: RecommendedAlarm) -> str:
    said = f"{alarm.statistic} " if alarm.statistic else ""
    if alarm.band is not None:
        return f"{said}{_BANDS[alarm.comparison]} its usual band, {alarm.band:g} deviations wide"
    return f"{said}{_SIGNS[alarm.comparison]} {_threshold(alarm.threshold)}"


def _composite(composite: RecommendedComposite) -> tuple[str, ...]:
    needed = "all" if composite.at_least == "all" else f"at least {composite.at_least}"
    return (
        f"`{composite.id}` ({composite.severity.value})",
        f"`{composite.of}` of resources with the same `{composite.by}`",
        f"{needed} in ALARM, from {composite.smallest} resources on",
        composite.says,
    )


def _threshold(threshold: float | ThresholdFrom | None) -> str:
    if threshold is None:
        return ""
    if isinstance(threshold, ThresholdFrom):
        times = f" × {threshold.times:g}" if threshold.times != 1 else ""
        return f"`{threshold.configuration}`{times}"
    return f"{threshold:,g}" if abs(threshold) < 1e6 else f"{threshold:,.0f}"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def main(arguments: list[str]) -> int:
    """Write the pages into the folder that is named."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write("usage: python -m app.catalogue.page FOLDER\n")
        return 2
    for path in write(Path(arguments[0]), load_catalogue()):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
