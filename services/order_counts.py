"""The kept numbers of orders (`models.order_count`): put together, counted anew, and what they ought to be."""

from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, select, text, union_all

from models.base import begin_writing, db
from models.order import Order
from models.order_count import EVERYBODY, OrderCount

COUNTS: Any = OrderCount.__table__
ORDERS: Any = Order.__table__
PUT_TOGETHER = text("""
WITH many AS (SELECT company_id, status_id FROM order_count GROUP BY company_id, status_id HAVING count(*) > 1),
gone AS (
    DELETE FROM order_count USING many
    WHERE order_count.company_id = many.company_id AND order_count.status_id = many.status_id
    RETURNING order_count.company_id, order_count.status_id, orders
)
INSERT INTO order_count (company_id, status_id, orders)
SELECT company_id, status_id, sum(orders) FROM gone GROUP BY company_id, status_id
""")


def put_together() -> None:
    """Put rows of the same company and status together, on PostgreSQL, where there may be several.

    It is one statement, so readers see the rows or their sum. Writers add rows meanwhile, and two that do this at
    once share the work.
    """
    if db.engine.dialect.name == "postgresql":
        with db.engine.begin() as connection:
            connection.execute(PUT_TOGETHER)


def recount() -> None:
    """Count every order anew, while nobody writes."""
    begin_writing(db.session)
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE orders IN SHARE MODE"))
        connection.execute(text("LOCK TABLE order_count IN EXCLUSIVE MODE"))
    connection.execute(delete(COUNTS))
    connection.execute(insert(COUNTS).from_select(["company_id", "status_id", "orders"], counted()))
    db.session.commit()


def counted() -> Select[Any]:
    """Select what the kept numbers ought to be: company, status, orders."""
    orders, is_listed = func.count().label("orders"), ~ORDERS.c.is_deleted
    everybody = select(literal(EVERYBODY).label("company_id"), ORDERS.c.status_id, orders)
    of_each = select(ORDERS.c.company_id, ORDERS.c.status_id, orders).where(ORDERS.c.company_id.is_not(None))
    both = union_all(
        everybody.where(is_listed).group_by(ORDERS.c.status_id),
        of_each.where(is_listed).group_by(ORDERS.c.company_id, ORDERS.c.status_id),
    ).subquery("both")
    return select(*both.c)
