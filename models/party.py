"""Who orders: companies, the persons who order for them, private customers, and addresses."""

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from typing import Self

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, true
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from models.base import Base
from models.folding import fold_name
from models.types import Key, among, folded, text
from permissions import Actor


class Company(Base):
    """A firm that buys. `name_folded` is what its name is searched and sorted by."""

    __tablename__ = "company"
    __table_args__ = (CheckConstraint("length(name) >= 1", name="name_given"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(text(255))
    name_folded: Mapped[str] = mapped_column(folded, index=True)
    debtor_id: Mapped[str] = mapped_column(text(64), default="", index=True)
    tax_number: Mapped[str] = mapped_column(text(32), default="")
    coc_number: Mapped[str] = mapped_column(text(32), default="")
    phone: Mapped[str] = mapped_column(text(64), default="")
    email: Mapped[str] = mapped_column(text(255), default="")
    is_hidden: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return true() if actor.companies is None else cls.id.in_(sorted(actor.companies))

    @validates("name")
    def _keep_folded(self, _key: str, name: str) -> str:
        self.name_folded = fold_name(name)
        return name

    def __str__(self) -> str:
        return self.name


class PersonKind(StrEnum):
    """A contact orders for a company; a customer buys for himself or herself."""

    CONTACT = "CONTACT"
    CUSTOMER = "CUSTOMER"


class Person(Base):
    """Someone who orders: a contact of a company or a private customer. The "User Id" of an order."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("(kind = 'CONTACT') = (company_id IS NOT NULL)", name="company_of_contact"),
        among("kind", PersonKind),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(text(16))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    debtor_id: Mapped[str] = mapped_column(text(64), default="")
    first_name: Mapped[str] = mapped_column(text(100), default="")
    last_name: Mapped[str] = mapped_column(text(100), default="")
    name_folded: Mapped[str] = mapped_column(folded, index=True)
    email: Mapped[str] = mapped_column(text(255), default="", index=True)
    phone: Mapped[str] = mapped_column(text(64), default="")
    language: Mapped[str] = mapped_column(text(2), default="en")

    company: Mapped[Company | None] = relationship()

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        return true() if actor.companies is None else cls.company_id.in_(sorted(actor.companies))

    @property
    def name(self) -> str:
        return f"{self.first_name or ''} {self.last_name or ''}".strip()

    @validates("first_name", "last_name")
    def _keep_folded(self, key: str, value: str) -> str:
        other = self.last_name if key == "first_name" else self.first_name
        whole = (value, other) if key == "first_name" else (other, value)
        self.name_folded = fold_name(" ".join(part for part in whole if part))
        return value

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class AddressText:
    """An address as it is written. `country` is an ISO 3166 code or empty, `country_name` what was given."""

    company: str = ""
    first_name: str = ""
    last_name: str = ""
    street: str = ""
    number: str = ""
    number_extension: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    country_name: str = ""
    phone: str = ""
    email: str = ""
    notes: str = ""

    @property
    def digest(self) -> str:
        return digest(astuple(self))


def digest(parts: Iterable[str]) -> str:
    """Give the key under which equal texts share one row: a hash over every field."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]


class Address(Base):
    """An address that is never changed: an order that refers to it keeps its own copy for good.

    Equal addresses share one row. Whoever edits an address makes another.
    """

    __tablename__ = "address"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    digest: Mapped[str] = mapped_column(text(40), unique=True)
    company: Mapped[str] = mapped_column(text(255), default="")
    first_name: Mapped[str] = mapped_column(text(100), default="")
    last_name: Mapped[str] = mapped_column(text(100), default="")
    street: Mapped[str] = mapped_column(text(255), default="")
    number: Mapped[str] = mapped_column(text(32), default="")
    number_extension: Mapped[str] = mapped_column(text(32), default="")
    postal_code: Mapped[str] = mapped_column(text(32), default="")
    city: Mapped[str] = mapped_column(text(100), default="")
    region: Mapped[str] = mapped_column(text(100), default="")
    country: Mapped[str] = mapped_column(text(2), default="")
    country_name: Mapped[str] = mapped_column(text(100), default="")
    phone: Mapped[str] = mapped_column(text(64), default="")
    email: Mapped[str] = mapped_column(text(255), default="")
    notes: Mapped[str] = mapped_column(text(1000), default="")
    company_folded: Mapped[str] = mapped_column(folded, default="")
    first_name_folded: Mapped[str] = mapped_column(folded, default="")
    last_name_folded: Mapped[str] = mapped_column(folded, default="")

    @classmethod
    def values(cls, written: AddressText) -> dict[str, str]:
        """Give the columns that store `written`, its key and folded texts included."""
        return {
            "digest": written.digest,
            **{field.name: getattr(written, field.name) for field in fields(written)},
            "company_folded": fold_name(written.company),
            "first_name_folded": fold_name(written.first_name),
            "last_name_folded": fold_name(written.last_name),
        }

    @classmethod
    def of(cls, written: AddressText) -> Self:
        """Make the row that stores `written`."""
        return cls(**cls.values(written))


class AddressKind(StrEnum):
    """What an address of a company or person is for."""

    DELIVERY = "DELIVERY"
    INVOICE = "INVOICE"


class PartyAddress(Base):
    """An entry of the address book of a company or of a private customer."""

    __tablename__ = "party_address"
    __table_args__ = (
        CheckConstraint("(company_id IS NULL) <> (person_id IS NULL)", name="one_party"),
        among("kind", AddressKind),
        Index(None, "company_id", "kind"),
        Index(None, "person_id", "kind"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(text(16))
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"))

    address: Mapped[Address] = relationship()
