"""Tags and cost categories of line items as JSON texts, each different set taken apart once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import polars as pl

from app.model.spend import CostCategory, entry_of

NONE = "{}"
USER = ("user:", "user_")
MAPS = ("resource_tags", "cost_category", "Tags", "x_CostCategories")
"""Columns that hold all keys with their values, as JSON in files of text."""

CATEGORY_COLUMNS = ("cost_category", "x_CostCategories")
_KEY_OF_COLUMN = re.compile("^(resource_tags|cost_category)[/_]*")


def tags_text(raw: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """A JSON object of all tags and cost categories for each line."""
    if not columns:
        return pl.repeat(NONE, raw.height, dtype=pl.String, eager=True)
    tags = raw.select(columns)
    keys = tags.select(pl.struct(columns).hash().alias("key")).with_row_index("row")
    first = keys.unique("key", keep="first")
    told = [to_text(_tags(row)) for row in tags[first["row"]].iter_rows(named=True)]
    texts = pl.DataFrame({"key": first["key"], "tags": pl.Series(told, dtype=pl.String)})
    return keys.join(texts, on="key", how="left", maintain_order="left")["tags"]


def to_text(tags: Mapping[str, str]) -> str:
    return orjson.dumps(dict(tags), option=orjson.OPT_SORT_KEYS).decode()


def key_of(name: str) -> str:
    """A tag's key as people wrote it: ``user:team`` and ``user_team`` are ``team``."""
    for prefix in USER:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return f"aws:{name.removeprefix('aws_')}" if name.startswith("aws_") else name


def _tags(row: Mapping[str, Any]) -> dict[str, str]:
    """All of one line: of a map, of JSON, or of a column a key."""
    found: dict[str, str] = {}
    for column, value in row.items():
        if value is None or value == "":
            continue
        named = _category if column.startswith(CATEGORY_COLUMNS) else key_of
        if isinstance(value, list):
            found |= {named(str(pair["key"])): pair["value"] for pair in value if pair["value"]}
        elif isinstance(value, str) and column in MAPS:
            found |= {named(key): text for key, text in _of_json(value).items()}
        else:
            found[named(_KEY_OF_COLUMN.sub("", column))] = str(value)
    return found


def _category(name: str) -> str:
    return entry_of(CostCategory(name))


def _of_json(text: str) -> dict[str, str]:
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    if isinstance(told, list):
        told = {pair.get("key"): pair.get("value") for pair in told if isinstance(pair, dict)}
    if not isinstance(told, dict):
        return {}
    return {str(k): str(v) for k, v in told.items() if v not in (None, "")}
