"""Log events: facts of their segments, and log groups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "log_segments",
        sa.Column("segment", SERIAL, nullable=False),
        sa.Column("groups", sa.LargeBinary(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("more_fields", sa.Integer(), nullable=False),
        sa.Column("ingested_min", sa.BigInteger(), nullable=False),
        sa.Column("ingested_max", sa.BigInteger(), nullable=False),
        sa.Column("raw_bytes", sa.BigInteger(), nullable=False),
        sa.Column("tokens_at", sa.BigInteger(), nullable=False),
        sa.Column("tokens_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("segment"),
        sa.ForeignKeyConstraint(["segment"], ["segments.id"]),
    )
    op.create_table(
        "log_groups",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("described", sa.Text()),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger()),
        sa.Column("gone", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("log_groups_by_name", "log_groups", ["account", "region", "name"], unique=True)


def downgrade() -> None:
    op.drop_index("log_groups_by_name", "log_groups")
    op.drop_table("log_groups")
    op.drop_table("log_segments")
