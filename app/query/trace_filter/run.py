"""An expression held against the documents of one trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.model.traces import Node
from app.query.trace_filter import tree
from app.query.trace_filter.causes import elements, has_shape
from app.query.trace_filter.documents import Call, Documents
from app.query.trace_filter.groups import expanded
from app.query.trace_filter.parse import parse
from app.query.trace_filter.subjects import OfCall, OfService, OfTrace, Subject


def evaluate(expression: str, trace: Mapping[str, Any]) -> bool:
    """Whether a filter expression matches a trace; the format of ``xray-filter-samples.jsonl``.

    ``trace`` holds ``segments``, the documents as BatchGetTraces gives them: inferred segments
    are among them, each is a mapping or the JSON text under ``Document``. ``summary`` is a part
    of a GetTraceSummaries answer and is asked for root causes and ``IsPartial``; ``groups`` maps
    names of groups to their expressions. An empty expression matches every trace. QueryError
    (``error`` in the samples) is raised for an expression that does not parse.
    """
    documents = Documents(trace)
    return holds(expanded(parse(expression), documents.groups), OfTrace(documents))


def holds(expression: tree.Expression, subject: Subject) -> bool:
    """Whether a subject satisfies an expression that names no group."""
    if isinstance(expression, tree.Not):
        return not holds(expression.inner, subject)
    if isinstance(expression, tree.All):
        return all(holds(part, subject) for part in expression.parts)
    if isinstance(expression, tree.Any):
        return any(holds(part, subject) for part in expression.parts)
    if isinstance(expression, tree.Simple | tree.Annotation):
        return _plain(expression, subject)
    if not isinstance(subject, OfTrace):  # parse() has refused it in braces
        return False
    if isinstance(expression, tree.Cause | tree.CauseJson):
        return is_cause(expression, subject.documents.summary)
    if isinstance(expression, tree.Service) and expression.inner is None:
        return _takes_part(expression, subject.documents)
    inner = expression.inner or tree.All()
    return any(holds(inner, each) for each in _chosen(expression, subject.documents))


def is_cause(condition: tree.Cause | tree.CauseJson, summary: Mapping[str, Any]) -> bool:
    """Whether the root causes in the summary of a trace are such ones."""
    if isinstance(condition, tree.CauseJson):
        return has_shape(summary, condition.shape)
    inner = condition.inner or tree.All()
    return any(holds(inner, each) for each in elements(summary, condition.kind, condition.part))


def _takes_part(condition: tree.Service, documents: Documents) -> bool:
    """Whether a service is there; without any document, whether the summary names it."""
    if documents.parts:
        return bool(_chosen(condition, documents))
    selector = condition.selectors[0] if condition.selectors else None
    return any(_selects(selector, node) for node in documents.told.services)


def _chosen(condition: tree.Service | tree.Edge, documents: Documents) -> list[Subject]:
    """What the braces of a condition are held against, one of which must satisfy them."""
    if isinstance(condition, tree.Edge):
        source, destination = condition.selectors or (None, None)
        return [
            OfCall(documents, call)
            for call in [*documents.calls, *_entry(documents, source)]
            if _selects(source, call.source.key) and _selects(destination, call.destination.key)
        ]
    selector = condition.selectors[0] if condition.selectors else None
    clients = [call.source for call in _entry(documents, selector)]
    nodes = [node for node in [*documents.nodes, *clients] if _selects(selector, node.key)]
    return [OfService(documents, node, segment) for node in nodes for segment in node.segments]


def _entry(documents: Documents, selector: tree.Selector | None) -> list[Call]:
    """The call of the client, only for who asks for it by type: it has the name of the root."""
    wanted = selector is not None and selector.asks_for_client
    return [documents.entry] if wanted and documents.entry else []


def _selects(selector: tree.Selector | None, key: Node) -> bool:
    told = {"name": key.name, "type": key.type, "account.id": key.account}
    return selector is None or all(
        value and told[name] == value for name, value in selector.arguments
    )


def _plain(condition: tree.Simple | tree.Annotation, subject: Subject) -> bool:
    comparison = condition.comparison
    if isinstance(condition, tree.Annotation):
        values = subject.annotations(condition.side, condition.key)
    else:
        values = subject.values(condition.keyword)
    if comparison is None:
        return any(value if isinstance(value, bool) else True for value in values)
    return any(compares(value, comparison.operator, comparison.value) for value in values)


def compares(actual: Any, operator: tree.Operator, wanted: tree.Value) -> bool:
    """Only values of one type compare; a quoted true or false also stands for the boolean."""
    if isinstance(actual, bool):
        quoted = {"true": True, "false": False}.get(wanted) if isinstance(wanted, str) else wanted
        return isinstance(quoted, bool) and _equal(actual, operator, quoted)
    if isinstance(actual, str):
        return isinstance(wanted, str) and _texts(actual, operator, wanted)
    if isinstance(wanted, float) and isinstance(actual, int | float):
        return _numbers(float(actual), operator, wanted)
    return False


def _equal(actual: Any, operator: tree.Operator, wanted: tree.Value) -> bool:
    if operator == "=":
        return bool(actual == wanted)
    return operator == "!=" and bool(actual != wanted)


def _texts(actual: str, operator: tree.Operator, wanted: str) -> bool:
    if operator == "CONTAINS":
        return wanted in actual
    if operator == "BEGINSWITH":
        return actual.startswith(wanted)
    if operator == "ENDSWITH":
        return actual.endswith(wanted)
    return _equal(actual, operator, wanted)


def _numbers(actual: float, operator: tree.Operator, wanted: float) -> bool:
    if operator == "<":
        return actual < wanted
    if operator == "<=":
        return actual <= wanted
    if operator == ">":
        return actual > wanted
    if operator == ">=":
        return actual >= wanted
    return _equal(actual, operator, wanted)
