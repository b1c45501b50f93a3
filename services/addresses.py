"""Addresses as rows that never change: equal ones share a row."""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from models.base import db
from models.party import Address, AddressText


def stored(text: AddressText) -> Address:
    """Give the row of an address, in the caller's transaction; make it when it is missing."""
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    db.session.execute(dialect.insert(Address.__table__).values(Address.values(text)).on_conflict_do_nothing())
    return db.session.scalars(select(Address).where(Address.digest == text.digest)).one()
