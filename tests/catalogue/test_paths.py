"""JMESPath with our functions."""

from __future__ import annotations

from typing import Any

import pytest

from app.catalogue.paths import compiled, search


@pytest.mark.parametrize(
    ("expression", "value", "expected"),
    [
        pytest.param("after(a, ':app/')", {"a": "x:app/front"}, "front", id="after the mark"),
        pytest.param("after(a, ':app/')", {"a": "x"}, None, id="no mark, nothing after it"),
        pytest.param("after(a, ':app/')", {}, None, id="after in nothing"),
        pytest.param("after(a, ':')", {"a": "x:y:z"}, "y:z", id="after the first mark"),
        pytest.param("split(a, ':')[2]", {"a": "x:y:z"}, "z", id="one part"),
        pytest.param("split(a, ':')", {}, [], id="parts of nothing"),
        pytest.param("multiply(a, `2.5`)", {"a": 4}, 10.0, id="product"),
        pytest.param("multiply(a, `2.5`)", {}, None, id="product with nothing"),
        pytest.param("parse_json(a).b", {"a": '{"b": 3}'}, 3, id="JSON as text"),
        pytest.param("parse_json(a)", {"a": "{"}, None, id="no JSON"),
        pytest.param("parse_json(a)", {}, None, id="JSON of nothing"),
        pytest.param("length(a)", {"a": 5}, None, id="a type that does not fit"),
        pytest.param("a > `1`", {"a": 2}, True, id="comparison"),
    ],
)
def test_a_path_gives(expression: str, value: Any, expected: Any) -> None:
    assert search(expression, value) == expected


def test_a_broken_path_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match=r"^`\[a` is no JMESPath: incomplete expression$"):
        compiled("[a")
