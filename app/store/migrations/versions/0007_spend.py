"""Statements of what was charged, their parts, and facts beside them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "spend_statements",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("cut", sa.Text(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.Column("tells", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "spend_parts",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("statement", SERIAL, nullable=False),
        sa.Column("cut", sa.Text(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["statement"], ["spend_statements.id"]),
    )
    op.create_index("spend_parts_by_statement", "spend_parts", ["statement"])
    op.create_table(
        "spend_segments",
        sa.Column("segment", SERIAL, nullable=False),
        sa.Column("part", SERIAL, nullable=False),
        sa.PrimaryKeyConstraint("segment", "part"),
        sa.ForeignKeyConstraint(["segment"], ["segments.id"]),
        sa.ForeignKeyConstraint(["part"], ["spend_parts.id"]),
    )
    op.create_index("spend_segments_by_part", "spend_segments", ["part"])
    op.create_table(
        "spend_fact_sets",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("spend_fact_sets_by_kind", "spend_fact_sets", ["kind", "payer", "id"])


def downgrade() -> None:
    op.drop_table("spend_fact_sets")
    op.drop_table("spend_segments")
    op.drop_table("spend_parts")
    op.drop_table("spend_statements")
