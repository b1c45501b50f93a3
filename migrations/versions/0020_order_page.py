"""Orders have internal notes, external sources, a channel, a cart, and a wish list that they are linked to."""

import sqlalchemy as sa
from alembic import op

from models.types import Key, UtcDateTime, text

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

WISH_LIST = "ix_orders_wish_list_id"
TEXTS = {"channel": 64, "cart_id": 64}


def upgrade():
    dialect = op.get_bind().dialect
    for name, length in TEXTS.items():
        check = f"CONSTRAINT ck_orders_{name}_length CHECK (length({name}) <= {length})"
        op.execute(f"ALTER TABLE orders ADD COLUMN {name} {text(length).compile(dialect)} DEFAULT '' NOT NULL {check}")
    leads = "CONSTRAINT fk_orders_wish_list_id REFERENCES wish_list (id)"
    op.execute(f"ALTER TABLE orders ADD COLUMN wish_list_id {Key.compile(dialect)} {leads}")
    has_one = sa.text("wish_list_id IS NOT NULL")
    op.create_index(WISH_LIST, "orders", ["wish_list_id"], sqlite_where=has_one, postgresql_where=has_one)
    op.create_table(
        "order_note",
        sa.Column("id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("text", text(4000), nullable=False),
        sa.CheckConstraint("length(text) >= 1", name=op.f("ck_order_note_text_given")),
        sa.CheckConstraint("length(text) <= 4000", name=op.f("ck_order_note_text_length")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_note_order_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_order_note_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_note")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_order_note_order_id_id"), "order_note", ["order_id", "id"])
    op.create_table(
        "order_external_source",
        sa.Column("id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("name", text(50), nullable=False),
        sa.Column("external_id", text(64), nullable=False),
        sa.CheckConstraint("length(name) >= 1", name=op.f("ck_order_external_source_name_given")),
        sa.CheckConstraint("length(name) <= 50", name=op.f("ck_order_external_source_name_length")),
        sa.CheckConstraint("length(external_id) <= 64", name=op.f("ck_order_external_source_external_id_length")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_external_source_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_external_source")),
        sqlite_autoincrement=True,
    )
    unique = op.f("ix_order_external_source_order_id_name")
    op.create_index(unique, "order_external_source", ["order_id", "name"], unique=True)


def downgrade():
    op.drop_table("order_external_source")
    op.drop_table("order_note")
    op.drop_index(WISH_LIST, "orders")
    for name in ["wish_list_id", *TEXTS]:
        op.drop_column("orders", name)
