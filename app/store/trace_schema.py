"""The tables of the catalog that belong to traces; see ``schema``."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Integer, Table, Text

from app.store.columns import Moment, metadata, place_columns

owed = Table(
    "traces_owed",
    metadata,
    *place_columns(),
    Column("trace_id", Text, primary_key=True),
    Column("since", Moment, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("weight", Float, nullable=False),
)
"""Traces that are still to be fetched whole."""

refused = Table(
    "spans_refused",
    metadata,
    Column("hour", Moment, primary_key=True),
    *place_columns(),
    Column("source", Text, primary_key=True),
    Column("flaw", Text, primary_key=True),
    Column("detail", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)
"""What was malformed and belongs to no trace that is stored, by the hour in which it came."""
