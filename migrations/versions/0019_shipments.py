"""Shipments have a number in their order, lines, tracking codes, and who made them and when.

A migration lets the previous release keep running: add first, remove in a later release.
"""

import sqlalchemy as sa
from alembic import op

from models.types import Key, text

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

EARLIER = "SELECT count(*) FROM shipment AS other WHERE other.order_id = shipment.order_id AND other.id <= shipment.id"
ADDED = ("number", "created_at", "created_by_id")


def upgrade():
    key = Key.compile(op.get_bind().dialect)
    # Not in batch mode: on SQLite that would copy the table and forget its checks.
    check = "CONSTRAINT ck_shipment_number CHECK (number >= 1)"
    op.execute(f"ALTER TABLE shipment ADD COLUMN number INTEGER DEFAULT 1 NOT NULL {check}")
    moment = sa.DateTime(timezone=True)
    never = sa.text("'1970-01-01 00:00:00.000000'")
    op.add_column("shipment", sa.Column("created_at", moment, server_default=never, nullable=False))
    reference = "CONSTRAINT fk_shipment_created_by_id REFERENCES staff (id)"
    op.execute(f"ALTER TABLE shipment ADD COLUMN created_by_id {key} {reference}")
    op.execute(
        f"UPDATE shipment SET number = ({EARLIER}),"
        " created_at = (SELECT updated_at FROM orders WHERE orders.id = shipment.order_id)"
    )
    op.create_index("ix_shipment_order_id_number", "shipment", ["order_id", "number"], unique=True)
    op.drop_index("ix_shipment_order_id", "shipment")

    op.create_table(
        "shipment_line",
        sa.Column("id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("shipment_id", Key, nullable=False),
        sa.Column("line_id", Key, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_shipment_line_quantity")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_shipment_line_order_id")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_line_shipment_id")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_shipment_line_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_line")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shipment_line_shipment_id_line_id", "shipment_line", ["shipment_id", "line_id"], unique=True)
    op.create_index("ix_shipment_line_order_id", "shipment_line", ["order_id"])
    op.create_index("ix_shipment_line_line_id", "shipment_line", ["line_id"])

    op.create_table(
        "tracking_code",
        sa.Column("id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("shipment_id", Key, nullable=False),
        sa.Column("code", text(64), nullable=False),
        sa.Column("carrier", text(64), nullable=False),
        sa.CheckConstraint("length(code) >= 1", name=op.f("ck_tracking_code_code_given")),
        sa.CheckConstraint("length(code) <= 64", name=op.f("ck_tracking_code_code_length")),
        sa.CheckConstraint("length(carrier) <= 64", name=op.f("ck_tracking_code_carrier_length")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_tracking_code_order_id")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_tracking_code_shipment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_code")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tracking_code_shipment_id_code", "tracking_code", ["shipment_id", "code"], unique=True)
    op.create_index("ix_tracking_code_order_id", "tracking_code", ["order_id"])


def downgrade():
    op.drop_table("tracking_code")
    op.drop_table("shipment_line")
    op.create_index("ix_shipment_order_id", "shipment", ["order_id"])
    op.drop_index("ix_shipment_order_id_number", "shipment")
    for name in ADDED:
        op.drop_column("shipment", name)
