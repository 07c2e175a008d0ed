"""Changes of single contributors of an alarm, beside those of the alarm."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("contributor", sa.Text(), nullable=False, server_default="")
    op.add_column("transitions", column)
