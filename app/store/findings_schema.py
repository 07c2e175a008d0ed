"""The tables of the catalog that hold findings, runs of checks and waivers; see ``schema``."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from app.store.columns import SERIAL, Json, Moment, Usd, metadata, place_columns

findings = Table(
    "findings",
    metadata,
    Column("check_id", Text, primary_key=True),
    Column("resource", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("evidence", Json, nullable=False),
    Column("usd", Usd),
    Column("prices", Json, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("gone", Moment, index=True),
)

check_runs = Table(
    "check_runs",
    metadata,
    Column("check_id", Text, primary_key=True),
    *place_columns(),
    Column("at", Moment, nullable=False),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("advice", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("ok", Integer, nullable=False),
    Column("alarm", Integer, nullable=False),
    Column("skip", Integer, nullable=False),
    Column("error", Integer, nullable=False),
    Column("message", Text, nullable=False),
)
"""The last run of each check in each place, with the check's own words."""

waivers = Table(
    "waivers",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("check_id", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", Moment),
    Column("expires", Moment, nullable=False),
)
"""Reasons to live with findings; rows are only added, and end at ``expires``."""
