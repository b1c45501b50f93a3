"""The orders that were made from an order are found without reading all of them."""

from alembic import op
from sqlalchemy import text

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NAME = "ix_orders_original_order_id"


def upgrade():
    has_one = text("original_order_id IS NOT NULL")
    op.create_index(NAME, "orders", ["original_order_id"], sqlite_where=has_one, postgresql_where=has_one)


def downgrade():
    op.drop_index(NAME, "orders")
