"""The list is sorted along the names of companies, buyers and colleagues, and filtered by currency, with an index."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_orders_company_id_buyer_name_folded_id", "orders", ["company_id", "buyer_name_folded", "id"])
    op.drop_index("ix_orders_buyer_name_folded_id", "orders")
    op.create_index("ix_staff_name", "staff", ["name"])
    op.create_index("ix_orders_currency_id", "orders", ["currency", "id"])


def downgrade():
    op.drop_index("ix_orders_currency_id", "orders")
    op.drop_index("ix_staff_name", "staff")
    op.create_index("ix_orders_buyer_name_folded_id", "orders", ["buyer_name_folded", "id"])
    op.drop_index("ix_orders_company_id_buyer_name_folded_id", "orders")
