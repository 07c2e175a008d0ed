"""Every rule of metric math has a case in ``tests/cases/metric-math``, its answer written out.

Series are on one line each (``tests/support/series.py``), five slots of ``period``
seconds, 60 where nothing is said. ``is`` is a series, ``are`` an array of ``id: points``,
``number`` a number, ``error`` a part of the message and ``at`` the text it points to.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.query.metric_math import MathResult, QueryError, evaluate
from tests.support.series import series as points

START = 1767225600
SLOTS = 5
FOLDER = Path("tests/cases/metric-math")


def _read() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for case in content["case"]:
            label = case.get("name") or case["of"]
            case = {"series": content["series"], **case}
            found.append(pytest.param(case, id=f"{path.stem}: {label}"))
    return found


def _rows(text: str, period: int) -> list[list[float]]:
    values = enumerate(points(text))
    return [[START + period * n, value] for n, value in values if value is not None]


def _asked(case: dict[str, Any], final: bool) -> MathResult:
    period = case.get("period", 60)
    given = {name: _rows(text, period) for name, text in case["series"].items()}
    bands = {name: _rows(text, period) for name, text in case.get("bands", {}).items()}
    return evaluate(
        case["of"],
        case.get("rows", given),
        period,
        START,
        START + SLOTS * period,
        expressions=case.get("expressions"),
        bands=bands,
        context=case.get("context", "graph"),
        final=final,
    )


def _close(rows: Any, text: str, period: int) -> bool:
    wanted = dict(map(tuple, _rows(text, period)))
    return dict(rows) == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("case", _read())
def test_a_rule_holds(case: dict[str, Any]) -> None:
    period = case.get("period", 60)
    if "error" in case:
        with pytest.raises(QueryError) as caught:
            _asked(case, final=case.get("final", True))
        error = caught.value
        assert case["error"] in str(error)
        assert case.get("at", "") in error.query[error.span.start : error.span.end]
    elif "number" in case:
        assert _asked(case, final=False).scalar == pytest.approx(case["number"], rel=1e-9)
    elif "are" in case:
        found = _asked(case, final=True).array or []
        wanted = [each.split(": ", 1) for each in case["are"]]
        assert [each.id for each in found] == [name for name, _ in wanted]
        for each, (_, text) in zip(found, wanted, strict=True):
            assert _close(each.values, text, period)
    elif case.get("is_nothing"):
        assert _asked(case, final=False) == MathResult()
    else:
        found = _asked(case, final=True).series
        assert found is not None
        assert _close(found, case["is"], period)
