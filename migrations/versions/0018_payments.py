"""What payment providers tell of the payments of orders.

A migration lets the previous release keep running: add first, remove in a later release.
"""

import sqlalchemy as sa
from alembic import op

from models.types import Key, Money, UtcDateTime, text

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATUSES = "'UNKNOWN', 'OPEN', 'PENDING', 'AUTHORIZED', 'PAID', 'CANCELLED', 'EXPIRED', 'FAILED', 'REFUNDED', 'CHARGEBACK'"


def upgrade():
    op.create_table(
        "payment",
        sa.Column("id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("external_id", text(64), nullable=False),
        sa.Column("method", text(64), nullable=False),
        sa.Column("status", text(16), nullable=False),
        sa.Column("amount", Money, nullable=False),
        sa.Column("currency", text(3), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.CheckConstraint(f"status IN ({STATUSES})", name=op.f("ck_payment_status")),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_payment_currency")),
        sa.CheckConstraint("length(external_id) <= 64", name=op.f("ck_payment_external_id_length")),
        sa.CheckConstraint("length(method) <= 64", name=op.f("ck_payment_method_length")),
        sa.CheckConstraint("length(status) <= 16", name=op.f("ck_payment_status_length")),
        sa.CheckConstraint("length(currency) <= 3", name=op.f("ck_payment_currency_length")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payment_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_payment_order_id"), "payment", ["order_id"])


def downgrade():
    op.drop_table("payment")
