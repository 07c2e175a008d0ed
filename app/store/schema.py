"""The tables of the SQL catalog: what exists, what is covered, what was decided.

Times are whole microseconds since 1970 in BIGINT columns (:class:`Moment`),
except the bounds of segments, which are milliseconds as in the files. The
same text runs on SQLite and PostgreSQL; ``migrations`` builds it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from app.store.columns import SERIAL, Json, Moment, Usd, metadata, place_columns

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""``version`` grows with every commit and serves as fetch sequence; ``purged`` is the newest
version whose rows have been removed; ``resources`` and ``ledger`` count their changes."""

facts = Table(
    "facts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""``store`` is a random id that also lies in the folder, so that the two cannot be mixed up;
``alarms`` is the digest of the defined set, ``queries/2026-11`` counts the queries of a month."""

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("expires", Moment, nullable=False),
)

segments = Table(
    "segments",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("table_name", Text, nullable=False),
    Column("path", Text, nullable=False, unique=True),
    Column("level", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("checksum", Text, nullable=False),
    Column("at_min", BigInteger, nullable=False),
    Column("at_max", BigInteger, nullable=False),
    Column("series_min", BigInteger, nullable=False),
    Column("series_max", BigInteger, nullable=False),
    Column("period_min", BigInteger, nullable=False),
    Column("period_max", BigInteger, nullable=False),
    Column("seq_min", BigInteger, nullable=False),
    Column("seq_max", BigInteger, nullable=False),
    Column("created", Moment, nullable=False),
    Column("retired", Moment),
    Column("changed", BigInteger, nullable=False, index=True),
    sqlite_autoincrement=True,  # the id of a deleted segment is never used again
)

scopes = Table(
    "scopes",
    metadata,
    Column("segment", SERIAL, ForeignKey("segments.id"), nullable=False, index=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("group_name", Text, nullable=False),
    Column("start_at", Moment, nullable=False),
    Column("end_at", Moment, nullable=False),
)
"""Which coverage a segment carries, so that losing it reopens exactly that."""

log_segments = Table(
    "log_segments",
    metadata,
    Column("segment", SERIAL, ForeignKey("segments.id"), primary_key=True),
    Column("groups", LargeBinary, nullable=False),
    Column("fields", Text, nullable=False),
    Column("more_fields", Integer, nullable=False),
    Column("ingested_min", BigInteger, nullable=False),
    Column("ingested_max", BigInteger, nullable=False),
    Column("raw_bytes", BigInteger, nullable=False),
    Column("tokens_at", BigInteger, nullable=False),
    Column("tokens_bytes", BigInteger, nullable=False),
)
"""What there is in a segment of log events: see :class:`app.store.log_facts.LogFacts`."""

log_groups = Table(
    "log_groups",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("described", Json),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment),
    Column("gone", Moment),
    Index("log_groups_by_name", "account", "region", "name", unique=True),
)
"""Log groups by name; ``described`` is what AWS says of one, null until it has been listed."""

series = Table(
    "series",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("digest", LargeBinary(16), nullable=False, unique=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("namespace", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("dimensions", Json, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("last_listed", Moment),
    Column("changed", BigInteger, nullable=False, index=True),
)

coverage = Table(
    "coverage",
    metadata,
    *place_columns(),
    Column("group_name", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("start_at", Moment, primary_key=True),
    Column("end_at", Moment, nullable=False),
)

resources = Table(
    "resources",
    metadata,
    Column("arn", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tags", Json, nullable=False),
    Column("dimensions", Json, nullable=False),
    Column("configuration", Json, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("gone", Moment),
    Index("resources_by_scope", "service", "kind", "account", "region"),
)

resource_changes = Table(
    "resource_changes",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("arn", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("before", Json),
    Column("after", Json),
    Index("resource_changes_by_arn", "arn", "at"),
)

rounds = Table(
    "rounds",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("collector", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("group_name", Text, nullable=False),
    Column("started", Moment, nullable=False),
    Column("finished", Moment, nullable=False, index=True),
    Column("result", Text, nullable=False),
    Column("window_start", Moment),
    Column("window_end", Moment),
    Column("rows", BigInteger, nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("usd", Usd, nullable=False),
    Column("message", Text, nullable=False),
    Column("action", Text, nullable=False),
)

latest_rounds = Table(
    "latest_rounds",
    metadata,
    Column("collector", Text, primary_key=True),
    *place_columns(),
    Column("group_name", Text, primary_key=True),
    Column("round", SERIAL, nullable=False),
    Column("failing_since", Moment),
)
"""The newest round of each task, so that a page need not search the history."""

meter = Table(
    "meter",
    metadata,
    Column("day", Moment, primary_key=True),
    *place_columns(),
    Column("service", Text, primary_key=True),
    Column("operation", Text, primary_key=True),
    Column("collector", Text, primary_key=True),
    Column("calls", BigInteger, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("usd", Usd, nullable=False),
    Column("throttles", BigInteger, nullable=False),
    Column("errors", BigInteger, nullable=False),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("put", Json, nullable=False),
    Column("severity", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("channels", Json, nullable=False),
    Column("defined", Moment, nullable=False),
)

statuses = Table(
    "statuses",
    metadata,
    Column("alarm", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reason_data", Json, nullable=False),
    Column("since", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("problem", Text, nullable=False),
)

transitions = Table(
    "transitions",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("alarm", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reason_data", Json, nullable=False),
    Column("contributor", Text, nullable=False, server_default=""),
    Index("transitions_by_alarm", "alarm", "at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("transition", SERIAL, ForeignKey("transitions.id"), nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", Moment, nullable=False),
    Column("why", Text, nullable=False),
    Column("finished", Moment),
    Index("deliveries_due", "state", "next_try"),
)

silences = Table(
    "silences",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("matchers", Json, nullable=False),
    Column("start_at", Moment),
    Column("end_at", Moment),
    Column("author", Text, nullable=False),
    Column("comment", Text, nullable=False),
)

switches = Table(
    "switches",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("alarm", Text, nullable=False),
    Column("choice", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("author", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("threshold", Double),
    Index("switches_by_alarm", "alarm", "id"),
)
"""Choices for recommended alarms; rows are only added, the newest of an alarm holds."""

objects = Table(
    "objects",
    metadata,
    Column("source", Text, primary_key=True),
    # In the order of bytes, as S3 lists names.
    Column("name", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),
    Column("mark", Text, nullable=False),
    Column("taken", Moment, nullable=False),
)

account_alarms = Table(
    "account_alarms",
    metadata,
    Column("alarm", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("put", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reason_data", Json, nullable=False),
    Column("evaluation_state", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
)
"""The accounts' own alarms, as AWS described them last."""

account_changes = Table(
    "account_changes",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("alarm", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

own_alarms = Table(
    "own_alarms",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("alarm", Text, nullable=False),
    Column("put", Json),
    Column("severity", Text, nullable=False),
    Column("channels", Json, nullable=False),
    Column("at", Moment, nullable=False),
    Column("author", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Index("own_alarms_by_alarm", "alarm", "id"),
)
"""Versions of alarms that people wrote; rows are only added, the newest of an alarm holds."""
