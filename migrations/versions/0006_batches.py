"""What is done to many orders at once: selections, batches and the bin; invoices and shipments keep from deleting.

A migration lets the previous release keep running: add first, remove in a later release.
"""

import sqlalchemy as sa
from alembic import op
from models.types import Key, text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ["batch", "deleted_order", "selection", "batch_order", "selected_order", "invoice", "shipment"]
BY_STATUS = "ix_orders_status_id_created_at_id"
BY_STATUS_LISTED = "ix_orders_status_id_is_deleted_created_at_id"


def upgrade():
    op.create_table(
        "batch",
        sa.Column("id", Key, nullable=False),
        sa.Column("key", text(43), nullable=False),
        sa.Column("action", text(16), nullable=False),
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("to_status", text(32), nullable=False),
        sa.Column("note", text(1000), nullable=False),
        sa.Column("undoes_id", Key, nullable=True),
        sa.Column("state", text(16), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(action = 'CHANGE_STATUS') = (to_status <> '')", name=op.f("ck_batch_to_status")),
        sa.CheckConstraint("(action = 'UNDO') = (undoes_id IS NOT NULL)", name=op.f("ck_batch_undoes")),
        sa.CheckConstraint(
            "action IN ('DELETE', 'RESET_EXPORT', 'CHANGE_STATUS', 'RESTORE', 'UNDO')", name=op.f("ck_batch_action")
        ),
        sa.CheckConstraint("state IN ('WAITING', 'RUNNING', 'STOPPED', 'DONE')", name=op.f("ck_batch_state")),
        sa.CheckConstraint("length(action) <= 16", name=op.f("ck_batch_action_length")),
        sa.CheckConstraint("length(key) <= 43", name=op.f("ck_batch_key_length")),
        sa.CheckConstraint("length(note) <= 1000", name=op.f("ck_batch_note_length")),
        sa.CheckConstraint("length(state) <= 16", name=op.f("ck_batch_state_length")),
        sa.CheckConstraint("length(to_status) <= 32", name=op.f("ck_batch_to_status_length")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_batch_staff_id")),
        sa.ForeignKeyConstraint(["undoes_id"], ["batch.id"], name=op.f("fk_batch_undoes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("key", name=op.f("uq_batch_key")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_batch_undoes_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_batch_staff_id_id", "batch", ["staff_id", "id"])

    op.create_table(
        "deleted_order",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_by_id", Key, nullable=True),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["deleted_by_id"], ["staff.id"], name=op.f("fk_deleted_order_deleted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deleted_order")),
    )
    op.create_index("ix_deleted_order_deleted_at", "deleted_order", ["deleted_at"])

    op.create_table(
        "selection",
        sa.Column("id", Key, nullable=False),
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", text(8192), nullable=False),
        sa.Column("is_all", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length(asked) <= 8192", name=op.f("ck_selection_asked_length")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_selection_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_selection_created_at", "selection", ["created_at"])
    op.create_index("ix_selection_staff_id", "selection", ["staff_id"])

    op.create_table(
        "batch_order",
        sa.Column("batch_id", Key, nullable=False),
        sa.Column("order_id", Key, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", text(16), nullable=False),
        sa.Column("reason", text(16), nullable=False),
        sa.Column("reason_text", text(100), nullable=False),
        sa.Column("made_version", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('WAITING', 'DONE', 'UNCHANGED', 'REFUSED', 'CHANGED', 'NOT_FOUND')",
            name=op.f("ck_batch_order_outcome"),
        ),
        sa.CheckConstraint(
            "reason IN ('', 'STATUS_KEEPS', 'HAS_INVOICE', 'HAS_SHIPMENT', 'MAY_NOT_FOLLOW', 'STATUS_GONE')",
            name=op.f("ck_batch_order_reason"),
        ),
        sa.CheckConstraint("length(outcome) <= 16", name=op.f("ck_batch_order_outcome_length")),
        sa.CheckConstraint("length(reason) <= 16", name=op.f("ck_batch_order_reason_length")),
        sa.CheckConstraint("length(reason_text) <= 100", name=op.f("ck_batch_order_reason_text_length")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_order_batch_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("batch_id", "order_id", name=op.f("pk_batch_order")),
    )
    op.create_index("ix_batch_order_batch_id_outcome_order_id", "batch_order", ["batch_id", "outcome", "order_id"])

    op.create_table(
        "selected_order",
        sa.Column("selection_id", Key, nullable=False),
        sa.Column("order_id", Key, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_selected_order_version")),
        sa.ForeignKeyConstraint(
            ["selection_id"], ["selection.id"], name=op.f("fk_selected_order_selection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("selection_id", "order_id", name=op.f("pk_selected_order")),
    )
    op.create_table(
        "invoice",
        sa.Column("id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("number", text(64), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.CheckConstraint("length(number) <= 64", name=op.f("ck_invoice_number_length")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_invoice_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_invoice_order_id", "invoice", ["order_id"])

    op.create_table(
        "shipment",
        sa.Column("id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("status", text(32), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "status IN ('CREATED', 'PROCESSING', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'DELIVERED', 'CANCELED', 'PARTIALLY_DELIVERED', 'FAILED_DELIVERY', 'EXCEPTION')",
            name=op.f("ck_shipment_status"),
        ),
        sa.CheckConstraint("length(status) <= 32", name=op.f("ck_shipment_status_length")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_shipment_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shipment_order_id", "shipment", ["order_id"])
    # Not in batch mode: on SQLite that would copy the table and forget its checks.
    op.add_column("orders", sa.Column("is_deleted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(BY_STATUS_LISTED, "orders", ["status_id", "is_deleted", "created_at", "id"])
    op.drop_index(BY_STATUS, "orders")


def downgrade():
    op.create_index(BY_STATUS, "orders", ["status_id", "created_at", "id"])
    op.drop_index(BY_STATUS_LISTED, "orders")
    op.execute("ALTER TABLE orders DROP COLUMN is_deleted")
    for table in reversed(TABLES):
        op.drop_table(table)
