"""What decides whether an order is listed stands in the index that lists are read from: a far page reads no order."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OLD, NEW = "ix_orders_created_at_id", "ix_orders_created_at_id_is_deleted_status_id"


def upgrade():
    op.create_index(NEW, "orders", ["created_at", "id", "is_deleted", "status_id"])
    op.drop_index(OLD, "orders")


def downgrade():
    op.create_index(OLD, "orders", ["created_at", "id"])
    op.drop_index(NEW, "orders")
