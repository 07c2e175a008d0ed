"""The ways on from a node and a link of the service map."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from plotly.utils import PlotlyJSONEncoder

from app.model.rounds import Batch
from app.read import TraceQuestion
from dashboards.pages import map_answer, map_side
from tests.support.shelf import Shelf
from tests.support.traces import Documents, blog_request, handed_over, http, trace_id


@pytest.mark.parametrize(
    ("status", "kind"), [(500, "fault"), (404, "error"), (429, "throttle")], ids=str
)
def test_the_failed_ones_of_a_node_and_a_link_are_those_that_its_tile_counts(
    tmp_path: Path, status: int, kind: str
) -> None:
    made = Shelf(tmp_path)
    make = Documents(trace_id(1))
    call = make.subsegment("pay", 5, 20, namespace="remote", http=http(status), **{kind: True})
    flags = {"error": True} if kind == "throttle" else {}
    call |= flags
    root = make.segment("web", http=http(status), subsegments=[call], **{kind: True}, **flags)
    made.commit(Batch(traces=[handed_over(root), handed_over(*blog_request(2))]))
    question = TraceQuestion("", made.scope(timedelta(hours=3)))
    found = made.reads.trace_page.map(question)
    web = next(node for node in found.nodes if node.name == "web")
    edge = next(each for each in found.edges if each.source == web.id)
    for counts in (web.counts, edge.counts):
        assert getattr(counts, kind) == 1
    for which in (("node", web.id), ("edge", map_answer.edge_id(edge))):
        hrefs = re.findall(r'"(/traces[^"]*)"', _said(map_side.side(made.reads, question, which)))
        [failed] = [q for h in hrefs if "fault" in (q := parse_qs(urlsplit(h).query)["q"][0])]
        passing = made.reads.trace_page.rows(replace(question, text=failed))
        assert passing.matching == 1
    made.close()


def _said(parts: Any) -> str:
    return json.dumps(parts, cls=PlotlyJSONEncoder, ensure_ascii=False)
