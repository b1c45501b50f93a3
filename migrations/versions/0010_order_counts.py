"""The numbers of orders by status, and by company and status, kept by triggers.

A migration that rebuilds `orders` on SQLite makes these triggers anew: they go with the table.
"""

import sqlalchemy as sa
from alembic import op
from models.types import Key

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COUNT = "INSERT INTO order_count (company_id, status_id, orders)"
ADDED = "ON CONFLICT (company_id, status_id) DO UPDATE SET orders = orders + excluded.orders"
FILL = f"""
{COUNT}
SELECT 0, status_id, count(*) FROM orders WHERE NOT is_deleted GROUP BY status_id
UNION ALL
SELECT company_id, status_id, count(*) FROM orders
WHERE NOT is_deleted AND company_id IS NOT NULL GROUP BY company_id, status_id
"""
FUNCTION = f"""
CREATE FUNCTION count_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {COUNT}
        SELECT coalesce(company_id, 0), status_id, count(*) FROM after_it WHERE NOT is_deleted
        GROUP BY GROUPING SETS ((status_id), (company_id, status_id))
        HAVING company_id IS NOT NULL OR GROUPING(company_id) = 1;
    ELSIF TG_OP = 'DELETE' THEN
        {COUNT}
        SELECT coalesce(company_id, 0), status_id, -count(*) FROM before_it WHERE NOT is_deleted
        GROUP BY GROUPING SETS ((status_id), (company_id, status_id))
        HAVING company_id IS NOT NULL OR GROUPING(company_id) = 1;
    ELSE
        {COUNT}
        SELECT coalesce(company_id, 0), status_id, sum(orders) FROM (
            SELECT company_id, status_id, 1 AS orders FROM after_it WHERE NOT is_deleted
            UNION ALL
            SELECT company_id, status_id, -1 FROM before_it WHERE NOT is_deleted
        ) AS changed
        GROUP BY GROUPING SETS ((status_id), (company_id, status_id))
        HAVING sum(orders) <> 0 AND (company_id IS NOT NULL OR GROUPING(company_id) = 1);
    END IF;
    RETURN NULL;
END $$
"""
POSTGRESQL = [
    FUNCTION,
    "CREATE TRIGGER count_inserted AFTER INSERT ON orders REFERENCING NEW TABLE AS after_it"
    " FOR EACH STATEMENT EXECUTE FUNCTION count_orders()",
    "CREATE TRIGGER count_deleted AFTER DELETE ON orders REFERENCING OLD TABLE AS before_it"
    " FOR EACH STATEMENT EXECUTE FUNCTION count_orders()",
    "CREATE TRIGGER count_updated AFTER UPDATE ON orders REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it"
    " FOR EACH STATEMENT EXECUTE FUNCTION count_orders()",
]


def _counted(row, orders):
    """Give the statements of a SQLite trigger that count a row."""
    return (
        f"{COUNT} SELECT 0, {row}.status_id, {orders} WHERE NOT {row}.is_deleted {ADDED};"
        f"{COUNT} SELECT {row}.company_id, {row}.status_id, {orders}"
        f" WHERE NOT {row}.is_deleted AND {row}.company_id IS NOT NULL {ADDED};"
    )


SQLITE = [
    f"CREATE TRIGGER count_inserted AFTER INSERT ON orders BEGIN {_counted('NEW', 1)} END",
    f"CREATE TRIGGER count_deleted AFTER DELETE ON orders BEGIN {_counted('OLD', -1)} END",
    "CREATE TRIGGER count_updated AFTER UPDATE OF status_id, company_id, is_deleted ON orders"
    f" BEGIN {_counted('OLD', -1)} {_counted('NEW', 1)} END",
]


def upgrade():
    op.create_table(
        "order_count",
        sa.Column("id", Key, nullable=False),
        sa.Column("company_id", Key, nullable=False),
        sa.Column("status_id", Key, nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_count")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    name = "uq_order_count_company_id_status_id" if is_sqlite else "ix_order_count_company_id_status_id"
    op.create_index(name, "order_count", ["company_id", "status_id"], unique=is_sqlite)
    op.execute(FILL)
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.execute(statement)


def downgrade():
    on_orders = "" if op.get_bind().dialect.name == "sqlite" else " ON orders"
    for name in ("count_inserted", "count_deleted", "count_updated"):
        op.execute(f"DROP TRIGGER {name}{on_orders}")
    if on_orders:
        op.execute("DROP FUNCTION count_orders")
    op.drop_table("order_count")
