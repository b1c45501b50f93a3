"""The numbers of orders by day and status, kept by triggers, so that a far page skips whole days.

A migration that rebuilds `orders` on SQLite makes these triggers anew: they go with the table.
"""

import sqlalchemy as sa
from alembic import op
from models.types import Key

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COUNT = "INSERT INTO order_day (day, status_id, orders)"
FILL = f"""
{COUNT}
SELECT {{day}}, status_id, count(*) FROM orders WHERE NOT is_deleted GROUP BY 1, 2
UNION ALL
SELECT {{day}}, 0, count(*) FROM orders WHERE NOT is_deleted GROUP BY 1
"""
POSTGRESQL_DAY = "CAST(created_at AT TIME ZONE 'UTC' AS date)"
FUNCTION = f"""
CREATE FUNCTION count_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {COUNT}
        SELECT {POSTGRESQL_DAY} AS day, coalesce(status_id, 0), count(*) FROM after_it WHERE NOT is_deleted
        GROUP BY GROUPING SETS ((day), (day, status_id));
    ELSIF TG_OP = 'DELETE' THEN
        {COUNT}
        SELECT {POSTGRESQL_DAY} AS day, coalesce(status_id, 0), -count(*) FROM before_it WHERE NOT is_deleted
        GROUP BY GROUPING SETS ((day), (day, status_id));
    ELSE
        {COUNT}
        SELECT day, coalesce(status_id, 0), sum(orders) FROM (
            SELECT {POSTGRESQL_DAY} AS day, status_id, 1 AS orders FROM after_it WHERE NOT is_deleted
            UNION ALL
            SELECT {POSTGRESQL_DAY}, status_id, -1 FROM before_it WHERE NOT is_deleted
        ) AS changed
        GROUP BY GROUPING SETS ((day), (day, status_id))
        HAVING sum(orders) <> 0;
    END IF;
    RETURN NULL;
END $$
"""
POSTGRESQL = [
    FUNCTION,
    "CREATE TRIGGER day_inserted AFTER INSERT ON orders REFERENCING NEW TABLE AS after_it"
    " FOR EACH STATEMENT EXECUTE FUNCTION count_days()",
    "CREATE TRIGGER day_deleted AFTER DELETE ON orders REFERENCING OLD TABLE AS before_it"
    " FOR EACH STATEMENT EXECUTE FUNCTION count_days()",
    "CREATE TRIGGER day_updated AFTER UPDATE ON orders REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it"
    " FOR EACH STATEMENT EXECUTE FUNCTION count_days()",
]
SQLITE_DAY = "substr({}created_at, 1, 10)"


def _added(status):
    """Give the statement of a SQLite trigger that counts the new row in a status."""
    day = SQLITE_DAY.format("NEW.")
    return (
        f"{COUNT} SELECT {day}, {status}, 1 WHERE NOT NEW.is_deleted"
        " ON CONFLICT (status_id, day) DO UPDATE SET orders = orders + 1;"
    )


def _taken(status):
    """Give the statements of a SQLite trigger that count the old row no more; what has no orders has no row."""
    held = f"status_id = {status} AND day = {SQLITE_DAY.format('OLD.')}"
    return (
        f"UPDATE order_day SET orders = orders - 1 WHERE {held} AND NOT OLD.is_deleted;"
        f"DELETE FROM order_day WHERE {held} AND orders = 0;"
    )


# A change of status does not touch the number of all orders of the day.
SQLITE = [
    f"CREATE TRIGGER day_inserted AFTER INSERT ON orders BEGIN {_added('NEW.status_id')} {_added(0)} END",
    f"CREATE TRIGGER day_deleted AFTER DELETE ON orders BEGIN {_taken('OLD.status_id')} {_taken(0)} END",
    "CREATE TRIGGER day_updated AFTER UPDATE OF status_id, created_at, is_deleted ON orders"
    f" BEGIN {_added('NEW.status_id')} {_taken('OLD.status_id')} END",
    "CREATE TRIGGER day_of_all_updated AFTER UPDATE OF created_at, is_deleted ON orders"
    f" BEGIN {_added(0)} {_taken(0)} END",
]


def upgrade():
    op.create_table(
        "order_day",
        sa.Column("id", Key, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("status_id", Key, nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_day")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    name = "uq_order_day_status_id_day" if is_sqlite else "ix_order_day_status_id_day"
    op.create_index(name, "order_day", ["status_id", "day"], unique=is_sqlite, postgresql_include=["orders"])
    # The triggers come first: whoever writes orders then waits, and is counted, until all others are.
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.execute(statement)
    op.execute(FILL.format(day=SQLITE_DAY.format("") if is_sqlite else POSTGRESQL_DAY))


def downgrade():
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    names = ["day_inserted", "day_deleted", "day_updated", *(["day_of_all_updated"] if is_sqlite else [])]
    for name in names:
        op.execute(f"DROP TRIGGER {name}{'' if is_sqlite else ' ON orders'}")
    if not is_sqlite:
        op.execute("DROP FUNCTION count_days")
    op.drop_table("order_day")
