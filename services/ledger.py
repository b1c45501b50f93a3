"""The base currency: a setting until there are orders, a fact from then on."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from models.ledger import Ledger
from services.errors import Refused


def check_base_currency(connection: Connection, wanted: str) -> bool:
    """Say whether the base currency is fixed already. Raises Refused when it is another one than wanted."""
    fixed = connection.scalar(select(Ledger.base_currency))
    if fixed not in (None, wanted):
        raise Refused(
            "The orders are kept in %(fixed)s, but BASE_CURRENCY is %(wanted)s. Set it to %(fixed)s.",
            fixed=fixed,
            wanted=wanted,
        )
    return fixed is not None


def fix_base_currency(connection: Connection, wanted: str) -> None:
    """Fix the base currency in the transaction that writes orders. Raises Refused when it is another one.

    Whoever writes the first orders at the same time is waited for.
    """
    if not check_base_currency(connection, wanted):
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        first = dialect.insert(Ledger).values(id=1, base_currency=wanted)
        connection.execute(first.on_conflict_do_nothing())
        check_base_currency(connection, wanted)
