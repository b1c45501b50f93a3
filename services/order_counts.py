"""The kept numbers of orders (`models.order_count`): put together, counted anew, and what they ought to be."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, select, text, union_all

from models.base import db, writing
from models.order import Order
from models.order_count import ANY_STATUS, EVERYBODY, DayOf, OrderCount, OrderDay

ORDERS: Any = Order.__table__
COUNTS: Mapping[Any, tuple[str, str]] = {
    OrderCount.__table__: ("company_id", "status_id"),
    OrderDay.__table__: ("day", "status_id"),
}
"""The tables of kept numbers, each with its key."""
PUT_TOGETHER = """
WITH many AS (SELECT {first}, {second} FROM {table} GROUP BY {first}, {second} HAVING count(*) > 1),
gone AS (
    DELETE FROM {table} USING many WHERE {table}.{first} = many.{first} AND {table}.{second} = many.{second}
    RETURNING {table}.{first}, {table}.{second}, orders
)
INSERT INTO {table} ({first}, {second}, orders)
SELECT {first}, {second}, sum(orders) FROM gone GROUP BY {first}, {second} HAVING sum(orders) <> 0
"""


def put_together() -> None:
    """Put rows of the same key together, on PostgreSQL, where there may be several.

    It is one statement for each table, so readers see the rows or their sum. Writers add rows meanwhile, and two that
    do this at once share the work.
    """
    if db.engine.dialect.name != "postgresql":
        return
    for table, (first, second) in COUNTS.items():
        with db.engine.begin() as connection:
            connection.execute(text(PUT_TOGETHER.format(table=table.name, first=first, second=second)))


def recount() -> None:
    """Count every order anew, while nobody writes."""
    with writing():
        connection = db.session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE orders IN SHARE MODE"))
            connection.execute(text("LOCK TABLE order_count, order_day IN EXCLUSIVE MODE"))
        for table, key in COUNTS.items():
            connection.execute(delete(table))
            connection.execute(insert(table).from_select([*key, "orders"], counted(table)))


def counted(table: Any) -> Select[Any]:
    """Select what the numbers of a table of COUNTS ought to be: its key and the orders."""
    listed = select(func.count().label("orders")).where(~ORDERS.c.is_deleted)
    status = ORDERS.c.status_id
    if table is OrderDay.__table__:
        day = DayOf(ORDERS.c.created_at).label("day")
        whole = listed.add_columns(day, literal(ANY_STATUS).label("status_id")).group_by(day)
        parts = listed.add_columns(day, status).group_by(day, status)
    else:
        company = ORDERS.c.company_id
        whole = listed.add_columns(literal(EVERYBODY).label("company_id"), status).group_by(status)
        parts = listed.add_columns(company, status).where(company.is_not(None)).group_by(company, status)
    both = union_all(whole, parts).subquery("both")
    return select(*(both.c[name] for name in (*COUNTS[table], "orders")))
