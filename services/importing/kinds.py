"""What a file of companies, contacts, products or prices may say: one table of columns per kind."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, tuple_

from models.party import Company, Person, PersonKind
from models.price import CustomerGroup, Price, PriceList
from models.product import Product
from permissions import Action
from services.errors import Invalid, Refused
from services.importing.values import (
    DecimalMark,
    Unreadable,
    read_company,
    read_discount,
    read_flag,
    read_line,
    read_lines,
    read_price,
    read_whole,
)


class Empty(Enum):
    """What becomes of an empty value that does not stand for a value of its own."""

    REFUSED = "a row needs it"
    REFUSED_WHEN_NEW = "a new record needs it; in one that is there the field stays as it is"
    SKIPPED = "the field stays as it is, or gets its default"


Reader = Callable[[str, str, DecimalMark], Any]
"""Makes a value of a text without spaces around it; told what the value is called. Raises Unreadable."""


class Reference(NamedTuple):
    """How a file names a row that is there: by which column, and what the row is called in a sentence."""

    by: Any
    noun: str


class Column(NamedTuple):
    """What a column of a file sets.

    `empty` is the value of an empty text, `compared` what of a value counts where it is part of a key.
    """

    attribute: str
    read: Reader
    empty: Any
    has_decimals: bool = False
    refers: Reference | None = None
    compared: Callable[[Any], Any] = lambda value: value


@dataclass(frozen=True)
class Kind:
    """A kind of record that is imported.

    `key` names the columns by which a record is known, each with what it is compared with; `fixed` is what
    every new one has.
    """

    model: type[Any]
    noun: str
    plural: str
    action: Action
    columns: Mapping[str, Column]
    key: Mapping[str, Any]
    fixed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def required(self) -> Sequence[str]:
        return [name for name, column in self.columns.items() if column.empty is Empty.REFUSED]

    @property
    def optional(self) -> Sequence[str]:
        return [name for name in self.columns if name not in self.required]

    @property
    def needed_when_new(self) -> Sequence[str]:
        return [name for name, column in self.columns.items() if column.empty is Empty.REFUSED_WHEN_NEW]

    @property
    def key_words(self) -> str:
        """What a record is known by, in words."""
        *others, last = map(words, self.key)
        return f"{', '.join(others)} and {last}" if others else last

    def read(self, texts: Mapping[str, str], mark: DecimalMark) -> dict[str, Any]:
        """Read texts by meaning; what leaves a field as it is is left out. Raises Unreadable."""
        values = {}
        for name, text in texts.items():
            column = self.columns[name]
            value = column.read(text, words(name), mark) if text else column.empty
            if value is Empty.REFUSED:
                raise Unreadable(f"The {words(name)} is missing.")
            if not isinstance(value, Empty):
                values[name] = value
        return values

    def attributes(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give values by the attribute that they are set in."""
        return {self.columns[name].attribute: value for name, value in values.items()}

    def told(self, refusal: Refused) -> str:
        """Say why a record is refused; a sentence about a field begins with what the field is called."""
        if not isinstance(refusal, Invalid):
            return str(refusal)
        known = (name for name, column in self.columns.items() if column.attribute == refusal.field)
        called = words(next(known, refusal.field))
        return f"{called[:1].upper()}{called[1:]}: {refusal}"

    def compared(self, key: Mapping[str, Any]) -> tuple[Any, ...]:
        """Give what counts of a key."""
        return tuple(self.columns[name].compared(value) for name, value in key.items())

    def has_key(self, keys: Collection[tuple[Any, ...]]) -> ColumnElement[bool]:
        """Give the SQL condition on the records with one of these keys, each as it is compared."""
        parts = list(self.key.values())
        return tuple_(*parts).in_(keys) if len(parts) > 1 else parts[0].in_([part for (part,) in keys])


WORDS = {
    "active": "value of active",
    "coc_number": "CoC number",
    "ean": "EAN",
    "email": "e-mail address",
    "hidden": "value of hidden",
    "notes": "text of the notes",
    "payment_term_days": "payment term",
    "sku": "SKU",
}


def words(meaning: str) -> str:
    """Say what a column holds."""
    return WORDS.get(meaning, meaning.replace("_", " "))


def lowered(text: str) -> str:
    """Lower the letters A to Z, which both databases do alike, and no others."""
    return text.encode().lower().decode()


def _id_or_name(row: Any) -> Any:
    """Give what counts of a row in a key: its id, or the text that names it as long as it is not looked up."""
    return row if isinstance(row, str) else row.id


def _text(column: Any, empty: Any = "", **more: Any) -> Column:
    longest = column.type.length
    return Column(column.key, lambda text, what, _mark: read_line(text, what, longest), empty, **more)


def _lines(column: Any) -> Column:
    longest = column.type.length
    return Column(column.key, lambda text, what, _mark: read_lines(text, what, longest), "")


def _debtor_id(attribute: Any, **more: Any) -> Column:
    longest = Company.debtor_id.type.length
    return Column(
        attribute.key, lambda text, what, _mark: read_line(read_company(text), what, longest), Empty.REFUSED, **more
    )


def _whole(column: Any, empty: Any = Empty.SKIPPED) -> Column:
    return Column(column.key, lambda text, what, _mark: read_whole(text, what), empty)


def _price(column: Any, empty: Any = None) -> Column:
    return Column(
        column.key, lambda text, what, mark: Decimal(read_price(text, mark, what)).scaleb(-4), empty, has_decimals=True
    )


def _percentage(column: Any) -> Column:
    return Column(
        column.key,
        lambda text, _what, mark: Decimal(read_discount(text, mark)).scaleb(-2),
        Decimal(0),
        has_decimals=True,
    )


def _flag(column: Any) -> Column:
    return Column(column.key, lambda text, what, _mark: read_flag(text, what), Empty.SKIPPED)


def _row(relation: Any, by: Any, noun: str, empty: Any = None) -> Column:
    named = _text(by, empty, refers=Reference(by, noun), compared=_id_or_name)
    return named._replace(attribute=relation.key)


COMPANIES = Kind(
    model=Company,
    noun="company",
    plural="companies",
    action=Action.CUSTOMERS_CREATE,
    key={"debtor_id": Company.debtor_id},
    columns={
        "debtor_id": _debtor_id(Company.debtor_id),
        "name": _text(Company.name, Empty.REFUSED_WHEN_NEW),
        "tax_number": _text(Company.tax_number),
        "coc_number": _text(Company.coc_number),
        "phone": _text(Company.phone),
        "email": _text(Company.email),
        "customer_group": _row(Company.customer_group, CustomerGroup.name, "customer group"),
        "price_list": _row(Company.price_list, PriceList.name, "price list"),
        "discount_percentage": _percentage(Company.discount_percentage),
        "payment_term_days": _whole(Company.payment_term_days, None),
        "currency": _text(Company.currency),
        "hidden": _flag(Company.is_hidden),
        "notes": _lines(Company.notes),
    },
)

CONTACTS = Kind(
    model=Person,
    noun="contact",
    plural="contacts",
    action=Action.CUSTOMERS_CREATE,
    fixed={"kind": PersonKind.CONTACT},
    key={"company": Person.company_id, "email": func.lower(Person.email)},
    columns={
        "company": _debtor_id(
            Person.company,
            refers=Reference(Company.debtor_id, "company with the debtor id"),
            compared=_id_or_name,
        ),
        "email": _text(Person.email, Empty.REFUSED, compared=lowered),
        "first_name": _text(Person.first_name),
        "last_name": _text(Person.last_name),
        "phone": _text(Person.phone),
        "language": _text(Person.language, Empty.SKIPPED),
        "active": _flag(Person.is_active),
    },
)

PRODUCTS = Kind(
    model=Product,
    noun="product",
    plural="products",
    action=Action.CATALOGUE_CREATE,
    key={"sku": Product.sku},
    columns={
        "sku": _text(Product.sku, Empty.REFUSED),
        "name": _text(Product.name, Empty.REFUSED_WHEN_NEW),
        "ean": _text(Product.ean),
        "unit": _text(Product.unit),
        "minimum_quantity": _whole(Product.minimum_quantity),
        "step_quantity": _whole(Product.step_quantity),
        "list_price": _price(Product.list_price),
        "cost_price": _price(Product.cost_price),
        "tax_code": _text(Product.tax_code, Empty.SKIPPED),
        "manufacturer": _text(Product.manufacturer),
        "manufacturer_code": _text(Product.manufacturer_code),
        "supplier": _text(Product.supplier),
        "supplier_code": _text(Product.supplier_code),
        "active": _flag(Product.is_active),
    },
)

PRICES = Kind(
    model=Price,
    noun="price",
    plural="prices",
    action=Action.CATALOGUE_CREATE,
    key={"price_list": Price.price_list_id, "sku": Price.product_id, "from_quantity": Price.from_quantity},
    columns={
        "price_list": _row(Price.price_list, PriceList.name, "price list", Empty.REFUSED),
        "sku": _row(Price.product, Product.sku, "product with the SKU", Empty.REFUSED),
        "from_quantity": _whole(Price.from_quantity, 1),
        "price": _price(Price.price, Empty.REFUSED),
    },
)
