"""An expression held against the documents of one trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.query.lang import QueryError
from app.query.trace_filter import tree
from app.query.trace_filter.causes import elements, has_shape
from app.query.trace_filter.documents import CLIENT, Call, Documents
from app.query.trace_filter.naming import NodeKey
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
    return matches(parse(expression), Documents(trace))


def matches(expression: tree.Expression, documents: Documents) -> bool:
    """The same for a parsed expression and documents that were taken apart before."""
    return _holds(expression, OfTrace(documents), documents, frozenset())


def _holds(
    expression: tree.Expression, subject: Subject, documents: Documents, open_: frozenset[str]
) -> bool:
    """``open_`` names the groups that are being asked, so that none asks itself."""
    if isinstance(expression, tree.Not):
        return not _holds(expression.inner, subject, documents, open_)
    if isinstance(expression, tree.All):
        return all(_holds(part, subject, documents, open_) for part in expression.parts)
    if isinstance(expression, tree.Any):
        return any(_holds(part, subject, documents, open_) for part in expression.parts)
    if isinstance(expression, tree.Simple | tree.Annotation):
        return _plain(expression, subject, documents, open_)
    if isinstance(expression, tree.CauseJson):
        return has_shape(documents.summary, expression.shape)
    inner = expression.inner or tree.All()
    return any(_holds(inner, each, documents, open_) for each in _chosen(expression, documents))


def _chosen(
    condition: tree.Service | tree.Edge | tree.Cause, documents: Documents
) -> list[Subject]:
    """What the braces of a condition are held against, one of which must satisfy them."""
    if isinstance(condition, tree.Cause):
        return list(elements(documents.summary, condition.kind, condition.part))
    if isinstance(condition, tree.Edge):
        source, destination = condition.selectors or (None, None)
        return [
            OfCall(documents, call)
            for call in _with_client(documents, source)
            if _selects(source, call.source.key) and _selects(destination, call.destination.key)
        ]
    selector = condition.selectors[0] if condition.selectors else None
    clients = [call.source for call in _with_client(documents, selector, clients_only=True)]
    nodes = [node for node in [*documents.nodes, *clients] if _selects(selector, node.key)]
    return [OfService(documents, node, segment) for node in nodes for segment in node.segments]


def _with_client(
    documents: Documents, selector: tree.Selector | None, *, clients_only: bool = False
) -> list[Call]:
    """The calls; that of the client only for who asks for it by type: it has the root's name."""
    wanted = selector is not None and ("type", CLIENT) in selector.arguments
    entry = [documents.entry] if wanted and documents.entry else []
    return entry if clients_only else [*documents.calls, *entry]


def _selects(selector: tree.Selector | None, key: NodeKey) -> bool:
    told = {"name": key.name, "type": key.type, "account.id": key.account}
    return selector is None or all(told[name] == value for name, value in selector.arguments)


def _plain(
    condition: tree.Simple | tree.Annotation,
    subject: Subject,
    documents: Documents,
    open_: frozenset[str],
) -> bool:
    comparison = condition.comparison
    if isinstance(condition, tree.Annotation):
        values = subject.annotations(condition.side, condition.key)
    elif condition.keyword.startswith("group.") and comparison is not None:
        belongs = _in_group(str(comparison.value), documents, open_)
        return belongs == (comparison.operator == "=")
    else:
        values = subject.values(condition.keyword)
    if comparison is None:
        return any(value if isinstance(value, bool) else True for value in values)
    return any(compares(value, comparison.operator, comparison.value) for value in values)


def _in_group(wanted: str, documents: Documents, open_: frozenset[str]) -> bool:
    """Whether the stored expression of a group matches; unknown and broken groups hold nothing."""
    name = wanted if wanted in documents.groups else _name_in_arn(wanted)
    if name in open_ or name not in documents.groups:
        return False
    try:
        expression = parse(str(documents.groups[name] or ""))
    except QueryError:
        return False
    return _holds(expression, OfTrace(documents), documents, open_ | {name})


def _name_in_arn(arn: str) -> str:
    """``arn:aws:xray:eu-west-1:111122223333:group/checkout/ABC`` gives ``checkout``."""
    _, found, rest = arn.partition(":group/")
    return rest.split("/", 1)[0] if found else arn


def compares(actual: Any, operator: tree.Operator, wanted: tree.Value) -> bool:
    """Only values of one type compare; a quoted true or false also stands for the boolean."""
    if isinstance(actual, bool):
        quoted = {"true": True, "false": False}.get(wanted) if isinstance(wanted, str) else wanted
        return isinstance(quoted, bool) and _equal(actual, operator, quoted)
    if isinstance(actual, str):
        return isinstance(wanted, str) and _texts(actual, operator, wanted)
    if isinstance(wanted, float) and isinstance(actual, int | float):
        return _numbers(actual, operator, wanted)
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
