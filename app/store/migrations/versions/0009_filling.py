"""Until when the days of a statement of spend were whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("spend_statements", sa.Column("whole_until", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("spend_statements", "whole_until")
