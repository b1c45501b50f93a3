"""Addresses: kept as rows that never change, of which equal ones are one, and written in lines."""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from models.base import db
from models.party import Address, AddressText


def stored(text: AddressText) -> Address:
    """Give the row of an address, in the caller's transaction; make it when it is missing.

    It stays until then: whoever removes addresses that nobody has waits.
    """
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    make = dialect.insert(Address.__table__).values(Address.values(text)).on_conflict_do_nothing()
    find = select(Address).where(Address.digest == text.digest).with_for_update(read=True, key_share=True)
    while True:
        db.session.execute(make)
        if found := db.session.scalars(find).one_or_none():
            return found


def address_lines(address: Address | AddressText | None, country: str = "") -> tuple[str, ...]:
    """Write an address in lines, in the order of the Universal Postal Union: who, street, place, country.

    `country` is its name, if it shall be another than the address gives.
    """
    if address is None:
        return ()
    written = (
        address.company,
        f"{address.first_name} {address.last_name}",
        f"{address.street} {address.number} {address.number_extension}",
        f"{address.postal_code} {address.city}",
        address.region,
        country or address.country_name,
    )
    return tuple(" ".join(line.split()) for line in written if line.strip())
