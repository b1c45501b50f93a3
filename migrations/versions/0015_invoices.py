"""Invoices have a due date, amounts, the day on which they were paid, and a PDF; their numbers differ within an order.

A migration lets the previous release keep running: add first, remove in a later release.
"""

import sqlalchemy as sa
from alembic import op

from models.types import Key, Money, text

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

COLUMNS = {"due_on": sa.Date(), "total_gross": Money, "total_net": Money, "paid_on": sa.Date()}
TEXTS = {"stored_as": 64, "file_name": 255}


def upgrade():
    dialect = op.get_bind().dialect
    for name, kind in COLUMNS.items():
        op.add_column("invoice", sa.Column(name, kind, nullable=True))
    for name, length in TEXTS.items():
        check = f"CONSTRAINT ck_invoice_{name}_length CHECK (length({name}) <= {length})"
        op.execute(f"ALTER TABLE invoice ADD COLUMN {name} {text(length).compile(dialect)} DEFAULT '' NOT NULL {check}")
    check = "CONSTRAINT ck_invoice_size CHECK (size >= 0)"
    op.execute(f"ALTER TABLE invoice ADD COLUMN size {Key.compile(dialect)} DEFAULT 0 NOT NULL {check}")
    op.create_index("ix_invoice_order_id_number", "invoice", ["order_id", "number"], unique=True)
    op.drop_index("ix_invoice_order_id", "invoice")


def downgrade():
    op.create_index("ix_invoice_order_id", "invoice", ["order_id"])
    op.drop_index("ix_invoice_order_id_number", "invoice")
    for name in ["size", *TEXTS, *COLUMNS]:
        op.drop_column("invoice", name)
