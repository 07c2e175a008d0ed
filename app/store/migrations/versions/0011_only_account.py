"""The one account that the rows of a statement of spend tell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("spend_statements", sa.Column("only_account", sa.Text()))


def downgrade() -> None:
    op.drop_column("spend_statements", "only_account")
