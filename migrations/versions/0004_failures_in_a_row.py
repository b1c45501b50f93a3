"""How often an account was tried in a row without success.

A migration lets the previous release keep running: add first, remove in a later release.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("staff", sa.Column("failures_in_a_row", sa.Integer(), server_default="0", nullable=False))


def downgrade():
    op.drop_column("staff", "failures_in_a_row")
