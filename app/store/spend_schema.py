"""The tables of the catalog that hold what is known of spend; see ``schema``."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from app.store.columns import SERIAL, Json, Moment, metadata

spend_statements = Table(
    "spend_statements",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("source", Text, nullable=False),
    Column("payer", Text, nullable=False),
    Column("cut", Json, nullable=False),
    Column("start_at", Moment, nullable=False),
    Column("end_at", Moment, nullable=False),
    Column("read_at", Moment, nullable=False),
    Column("tells", Json, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("whole_until", Moment),
    Column("only_account", Text),
)
"""Readings of what was charged; of one source, payer and cut the newest holds for its days.

Days from ``whole_until`` on were still filling; null where ``read_at`` alone says which.
``only_account`` is the one account that its rows tell, "" for several, null if not known.
``seq`` is the version of the catalog that brought one, and its segments."""

spend_parts = Table(
    "spend_parts",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=False),
    Column("statement", SERIAL, ForeignKey("spend_statements.id"), nullable=False),
    Column("cut", Json, nullable=False),
    Column("period", Integer, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Index("spend_parts_by_statement", "statement"),
)
"""The rows of a statement, and sums of them over dimensions that are left out.

Ids are given out by a counter, because rows are written under them before they are listed."""

spend_segments = Table(
    "spend_segments",
    metadata,
    Column("segment", SERIAL, ForeignKey("segments.id"), primary_key=True),
    Column("part", SERIAL, ForeignKey("spend_parts.id"), primary_key=True),
    Index("spend_segments_by_part", "part"),
)
"""Which segments hold rows of a part; it is whole only with all of them."""

spend_fact_sets = Table(
    "spend_fact_sets",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("payer", Text, nullable=False),
    Column("read_at", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("contents", Json, nullable=False),
    Index("spend_fact_sets_by_kind", "kind", "payer", "id"),
)
"""Sets of facts about spend as they changed; ``seen`` is when one was last read the same."""
