"""The base currency, fixed with the first orders.

A migration lets the previous release keep running: add first, remove in a later release.
"""

import sqlalchemy as sa
from alembic import op
from models.types import Key, text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "ledger",
        sa.Column("id", Key, nullable=False),
        sa.Column("base_currency", text(3), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_ledger_only_one")),
        sa.CheckConstraint("length(base_currency) <= 3", name=op.f("ck_ledger_base_currency_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )


def downgrade():
    op.drop_table("ledger")
