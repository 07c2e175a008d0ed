"""Filters that pages write: whatever stands in a name, the language reads it back."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from app.model.rounds import Batch
from app.query.trace_filter import parse
from app.query.trace_filter.tree import Annotation, Edge, Service, Simple, conditions
from app.read import TraceQuestion
from app.read.trace_page.filters import (
    FAILED,
    Kind,
    annotation_filter,
    entering,
    equals,
    of_kind,
    of_service,
    of_shape,
    over,
)
from tests.support.shelf import Shelf
from tests.support.traces import Document, Documents, handed_over, http, trace_id

ROOT = Path(__file__).parents[2]
NASTY = ['say "hi"', "back\\slash", 'end\\"', "größe 日本 😀", "a AND (b", "tab\tnew\nline", "{*}"]


def names(text: str) -> list[str]:
    """The names in the parentheses of services and edges."""
    return [
        str(selector.arguments[0][1])
        for each in conditions(parse(text))
        if isinstance(each, Service | Edge)
        for selector in each.selectors
    ]


@pytest.mark.parametrize("name", NASTY)
def test_a_name_is_read_back_as_it_was(name: str) -> None:
    for inside in ("", FAILED):
        assert names(of_service(name, inside)) == [name]
        assert names(entering(name, inside)) == [name]
        assert names(over(name, "to " + name, inside)) == [name, "to " + name]


@pytest.mark.parametrize("text", NASTY)
def test_a_text_is_read_back_as_it_was(text: str) -> None:
    [condition] = conditions(parse(equals("http.url", text)))
    assert isinstance(condition, Simple)
    assert condition.comparison is not None
    assert condition.comparison.value == text
    [annotation] = conditions(parse(annotation_filter(text, text)))
    assert isinstance(annotation, Annotation)
    assert annotation.comparison is not None
    assert (annotation.key, annotation.comparison.value) == (text, text)
    assert parse(of_shape(f"https://a.org/{text}/*/{text}"))
    assert parse(of_kind(Kind(text, text, text), [f"{text}/*/x{text}"]))


def test_no_page_puts_a_filter_together_by_itself() -> None:
    written = re.compile(r"""f(["']).*(service\(|edge\(|http\.\w+ =|annotation\.\w+ =).*\{""")
    places = [*ROOT.glob("dashboards/**/*.py"), *ROOT.glob("app/read/**/*.py")]
    own = ROOT / "app/read/trace_page/filters.py"
    assert [path for path in places if path != own and written.search(path.read_text())] == []


def requests() -> dict[str, list[Document]]:
    """Requests of two kinds and of others, by their address."""
    paths = [
        ("GET", "posts/17"),
        ("GET", "posts/18?full=1"),
        ("GET", "posts/0b2d9d4e-5b0f-4c61-8a5f-aa11bb22cc33"),
        ("PUT", "posts/19"),
        ("GET", "posts/20/likes"),
        ("GET", "posts/21/likes?page=2"),
        ("GET", "posts"),
        ("GET", "posts?page=3"),
        ("GET", "search"),
    ]
    made = {}
    for n, (method, path) in enumerate(paths):
        url = f"https://a.org/{path}"
        documents = Documents(trace_id(n))
        made[f"{method} {path}"] = [
            documents.segment('the "api"', 0, 10 + n, http=http(200, method, url))
        ]
    return made


@pytest.mark.parametrize(
    ("request_", "alike"),
    [
        ("GET posts/17", 3),
        ("PUT posts/19", 1),
        ("GET posts/20/likes", 2),
        ("GET posts", 2),
        ("GET search", 1),
    ],
)
def test_the_filter_of_a_kind_lets_through_that_kind(
    shelf: Shelf, request_: str, alike: int
) -> None:
    asked = requests()
    id_ = str(asked[request_][0]["trace_id"])
    trace = shelf.reads.trace_page.trace(id_, shelf.reads.places).value
    assert trace is not None
    scope = shelf.scope(timedelta(hours=3))
    found = shelf.reads.trace_page.rows(
        TraceQuestion(shelf.reads.trace_page.kind(trace, scope), scope)
    )
    assert id_ in {row.trace_id for row in found.rows}
    assert found.matching == alike
    assert bool(shelf.reads.trace_page.typical(trace, scope)) is (alike > 1)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    made = Shelf(tmp_path_factory.mktemp("store"))
    made.commit(Batch(traces=[handed_over(*each) for each in requests().values()]))
    return made
