"""Tags of line items as JSON texts, each different set of tags taken apart once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import polars as pl

NONE = "{}"
USER = ("user:", "user_")


def tags_text(raw: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """A JSON object of all tags for each line."""
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
    """All tags of one line: of a map, of JSON, or of a column a key."""
    found: dict[str, str] = {}
    for column, value in row.items():
        if value is None or value == "":
            continue
        if isinstance(value, list):
            found |= {_named(pair): pair["value"] for pair in value if pair["value"]}
        elif isinstance(value, str) and column.rpartition("/")[2] in ("resource_tags", "Tags"):
            found |= _of_json(value)
        else:
            name = column.removeprefix("resource_tags").lstrip("/_")
            found[key_of(name)] = str(value)
    return found


def _named(pair: Mapping[str, Any]) -> str:
    return key_of(str(pair["key"]))


def _of_json(text: str) -> dict[str, str]:
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    if isinstance(told, list):
        told = {pair.get("key"): pair.get("value") for pair in told if isinstance(pair, dict)}
    if not isinstance(told, dict):
        return {}
    return {key_of(str(k)): str(v) for k, v in told.items() if v not in (None, "")}
