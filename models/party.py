"""Who orders: companies, the persons who order for them, private customers, and addresses."""

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, or_, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from models.base import Base, ScopedRow
from models.folding import fold_name
from models.kept import KeptRow
from models.price import CustomerGroup, PriceList
from models.types import Key, Percentage, among, folded, text, within
from permissions import Actor

if TYPE_CHECKING:
    from models.staff import Staff


class Company(ScopedRow, KeptRow, Base):
    """A firm that buys. `name_folded` is what its name is searched and sorted by in orders.

    `discount_percentage` is taken off each line, `payment_term_days` counts from the invoice; an empty
    `currency` is the base currency. A hidden company is not offered for new orders.
    """

    __tablename__ = "company"
    __table_args__ = (
        CheckConstraint("length(name) >= 1", name="name_given"),
        within("discount_percentage", 0, 100, decimals=2),
        within("payment_term_days", 0, 365),
        {"sqlite_autoincrement": True},
    )

    SEARCHED = ("name", "debtor_id", "tax_number", "coc_number", "email", "phone")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(text(255))
    name_folded: Mapped[str] = mapped_column(folded, index=True)
    debtor_id: Mapped[str] = mapped_column(text(64), default="", index=True)
    tax_number: Mapped[str] = mapped_column(text(32), default="")
    coc_number: Mapped[str] = mapped_column(text(32), default="")
    phone: Mapped[str] = mapped_column(text(64), default="")
    email: Mapped[str] = mapped_column(text(255), default="")
    is_hidden: Mapped[bool] = mapped_column(default=False)
    customer_group_id: Mapped[int | None] = mapped_column(ForeignKey("customer_group.id"), index=True)
    price_list_id: Mapped[int | None] = mapped_column(ForeignKey("price_list.id"), index=True)
    discount_percentage: Mapped[Decimal] = mapped_column(Percentage, default=Decimal(0), server_default="0")
    payment_term_days: Mapped[int | None]
    currency: Mapped[str] = mapped_column(text(3), default="", server_default="")
    notes: Mapped[str] = mapped_column(text(4000), default="", server_default="")

    customer_group: Mapped[CustomerGroup | None] = relationship()
    price_list: Mapped[PriceList | None] = relationship()
    managers: Mapped[list["Staff"]] = relationship(secondary="company_manager", back_populates="managed_companies")

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


class Language(StrEnum):
    """The languages that customers are written to in (ISO 639-1)."""

    ENGLISH = "en"
    DUTCH = "nl"
    GERMAN = "de"
    FRENCH = "fr"
    ITALIAN = "it"
    POLISH = "pl"
    SWEDISH = "sv"
    DANISH = "da"
    SPANISH = "es"
    PORTUGUESE = "pt"


class Person(ScopedRow, KeptRow, Base):
    """Someone who orders: a contact of a company or a private customer. The "User Id" of an order."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("(kind = 'CONTACT') = (company_id IS NOT NULL)", name="company_of_contact"),
        among("kind", PersonKind),
        Index(None, "kind", "name_folded", "id"),
        {"sqlite_autoincrement": True},
    )

    SEARCHED = ("first_name", "last_name", "email", "debtor_id", "phone")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(text(16))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    customer_group_id: Mapped[int | None] = mapped_column(ForeignKey("customer_group.id"), index=True)
    debtor_id: Mapped[str] = mapped_column(text(64), default="")
    first_name: Mapped[str] = mapped_column(text(100), default="")
    last_name: Mapped[str] = mapped_column(text(100), default="")
    name_folded: Mapped[str] = mapped_column(folded, index=True)
    email: Mapped[str] = mapped_column(text(255), default="", index=True)
    phone: Mapped[str] = mapped_column(text(64), default="")
    language: Mapped[str] = mapped_column(text(2), default="en")
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())

    company: Mapped[Company | None] = relationship()
    customer_group: Mapped[CustomerGroup | None] = relationship()

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
        return self.name or self.email


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

    @property
    def line(self) -> str:
        """Give the address in one line: who, street, place, country."""
        written = (
            self.company,
            f"{self.first_name} {self.last_name}",
            f"{self.street} {self.number} {self.number_extension}",
            f"{self.postal_code} {self.city}",
            self.country_name or self.country,
        )
        return ", ".join(" ".join(part.split()) for part in written if part.strip())

    @property
    def told(self) -> str:
        """Give all of the address for the history."""
        return ", ".join(filter(None, (self.line, self.region, self.phone, self.email, self.notes)))


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

    @property
    def written(self) -> AddressText:
        return AddressText(**{field.name: getattr(self, field.name) for field in fields(AddressText)})

    @property
    def told(self) -> str:
        return self.written.told

    def __str__(self) -> str:
        return self.written.line


class AddressKind(StrEnum):
    """What an address of a company or person is for."""

    DELIVERY = "DELIVERY"
    INVOICE = "INVOICE"


class PartysRow(ScopedRow):
    """A row that belongs to a company, or to one person: it exists for whom the customer does."""

    company_id: Any
    person_id: Any

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """Give the SQL condition on the rows of customers who exist for `actor`."""
        if actor.companies is None:
            return true()
        persons: Any = select(Person.id).where(Person.visible_to(actor))
        return or_(cls.company_id.in_(sorted(actor.companies)), cls.person_id.in_(persons))


class PartyAddress(PartysRow, KeptRow, Base):
    """An entry of the address book of a company or of a private customer."""

    __tablename__ = "party_address"
    __table_args__ = (
        CheckConstraint("(company_id IS NULL) <> (person_id IS NULL)", name="one_party"),
        among("kind", AddressKind),
        Index(None, "company_id", "kind"),
        Index(None, "person_id", "kind"),
        {"sqlite_autoincrement": True},
    )

    SEARCHED = ("line",)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(text(16))
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"))

    company: Mapped[Company | None] = relationship()
    person: Mapped[Person | None] = relationship()
    address: Mapped[Address] = relationship()

    @property
    def line(self) -> str:
        return str(self.address)

    def __str__(self) -> str:
        return self.line
