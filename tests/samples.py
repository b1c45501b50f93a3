"""Orders of every kind, the same on each database, and beside them what a reader should say of them.

Nothing here is read back from the product: a `Sample` holds plain values, and so tests compare the
product's SQL with a few lines of Python.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from models.folding import fold
from models.order import ExportStatus, PaymentStatus
from models.party import AddressText, Company, Person
from tests.factories import make_company, make_order, make_person, make_product, make_staff

STATUSES = {
    "DRAFT_ORDER": 10,
    "UNFINISHED": 20,
    "NEW": 30,
    "VALIDATED": 40,
    "CONFIRMED": 41,
    "PROCESSING": 50,
    "SHIPPED": 51,
    "COMPLETE": 60,
    "ARCHIVED": 61,
    "CANCELLED": 70,
}
"""The statuses of orders, with their positions."""

SETS = {
    "Processing": ("VALIDATED", "CONFIRMED"),
    "Fulfillment": ("PROCESSING", "SHIPPED"),
    "Complete": ("COMPLETE", "ARCHIVED"),
}
OTHER_TYPES = ("REQUEST", "QUOTATION_DRAFT", "QUOTATION")

WORDS = (
    "adapter", "Müller", "straße", "100%", "50", "a_b", "c\\d", "^cap", "=eq", "Łódź", "ÅNGSTRÖM", "ﬁne", "x'y",
    "KABEL", "12", "Ørsted", "日本", "/", "𝔘nicode", "e\u0301cole",
)  # fmt: skip
SOURCES = ("webshop", "Portal, 100% own", "EDI", "")
PAYMENT_METHODS = ("On account", "on account", "Überweisung, 30 Tage", "")
COUNTRIES = ("NL", "DE", "", "BE", "GB")
CURRENCIES = ("EUR", "USD", "GBP")
CARRIERS = (" Post ", "Post", "50%2Coff", "%", "")
OWN_TEXTS = ("debtor_id", "email", "reference", "accounting_id", "external_order_id", "extra3", "extra4", "remarks")
ITEM_TEXTS = ("ean", "manufacturer", "manufacturer_code", "name", "notes", "sku", "supplier", "supplier_code")
SEARCH_FIELDS = (
    "order_number",
    "company",
    *OWN_TEXTS,
    "invoice_first_name",
    "invoice_last_name",
    "recipient_company",
    "recipient_first_name",
    "recipient_last_name",
    *(f"item_{name}" for name in ITEM_TEXTS),
)
SPRING = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Sample:
    """An order as it was written down. The names of the first fifteen are the list's column names."""

    order_number: int
    company: str
    status: str
    payment_status: str
    debtor_id: str
    source: str
    total: Decimal
    items_count: int
    updated_by: str
    created: datetime
    updated: datetime
    status_changed: datetime
    export_status: str
    exported: datetime | None
    export_message: str
    company_id: int | None
    user_id: int | None
    payment_method: str
    carrier: str
    products: frozenset[int]
    country: str
    currency: str
    updated_by_id: int | None
    texts: Mapping[str, tuple[str, ...]]

    @property
    def is_order(self) -> bool:
        return self.status in STATUSES

    def sort_key(self, column: str) -> tuple[Any, ...]:
        """Give what the order stands by in a list sorted by `column`: nothing is the least."""
        value: Any = getattr(self, column)
        if column == "status":
            value = STATUSES[self.status]
        elif column == "company":
            value = fold(self.company)
        return (value is not None, value, self.order_number) if value is not None else (False, 0, self.order_number)

    def holds(self, word: str, fields: Sequence[str]) -> bool:
        """Whether one of the fields has the word, whatever its case and accents."""
        return any(fold(word) in fold(text) for field in fields for text in self.texts[field])


def write_samples(count: int) -> list[Sample]:
    """Write orders into the database of the application context."""
    chance = Random(20260331)
    editors = [make_staff("zoë", ["order:editor"]), make_staff("adam", ["order:editor"]), None]
    companies = [
        make_company("Łódź Straße", "D-100"),
        make_company("ACME 100%", "D-20"),
        make_company("acme a_b c\\d", "D-3"),
        make_company("Ørsted & Søn <GmbH>", "D-100"),
    ]
    contacts = {company.id: make_person("Ann", f"of {company.name}"[:40], company) for company in companies}
    customer = make_person("Zita", "Ångström")
    buyers: list[tuple[Company | None, Person | None]] = [
        *((company, contacts[company.id]) for company in companies),
        (companies[0], None),
        (None, customer),
        (None, None),
    ]
    products = [make_product(name, name.upper()).id for name in ("Adapter", "Kabel", "Müller 12")]
    return [_write(number, chance, buyers, editors, [*products, None]) for number in range(1, count + 1)]


def _write(
    number: int, chance: Random, buyers: Sequence[Any], editors: Sequence[Any], products: Sequence[int | None]
) -> Sample:
    company, user = chance.choice(buyers)
    editor = chance.choice(editors)
    created = SPRING + timedelta(hours=7 * chance.randrange(20))
    own = {name: _some_words(chance) for name in OWN_TEXTS} | {"external_order_id": f"{_some_words(chance)} {number}"}
    invoice = AddressText(**{name: _some_words(chance) for name in ("company", "first_name", "last_name")})
    country = COUNTRIES[number % len(COUNTRIES)]
    delivery = AddressText(
        **{name: _some_words(chance) for name in ("company", "first_name", "last_name")}, country=country
    )
    items = [{name: _some_words(chance) for name in ITEM_TEXTS} for _ in range(chance.randrange(4))]
    lines: list[dict[str, Any]] = [
        {
            **item,
            "quantity": chance.choice((1, 3, -2)),
            "price": chance.choice(("0.05", "19.99", "1234.50", "10.00")),
            "is_bonus": chance.random() < 0.2,
            "line_class": chance.choice(("product", "product", "product", "surcharge")),
            "product_id": products[(number + place) % len(products)],
        }
        for place, item in enumerate(items)
    ]
    export_status = chance.choice(list(ExportStatus))
    facts: dict[str, Any] = {
        "status": chance.choice([*STATUSES, *OTHER_TYPES]) if number > len(STATUSES) else list(STATUSES)[number - 1],
        "payment_status": str(chance.choice(list(PaymentStatus))),
        "source": chance.choice(SOURCES),
        "export_status": str(export_status),
        "export_message": chance.choice(("", "timeout", "Zollnummer fehlt", "=1+1")),
        "payment_method": PAYMENT_METHODS[number % len(PAYMENT_METHODS)],
        "carrier": CARRIERS[number % len(CARRIERS)],
        "currency": CURRENCIES[number % len(CURRENCIES)],
        "updated_by_id": editor.id if editor else None,
    }
    exported = None if export_status == ExportStatus.EMPTY else created + timedelta(days=chance.randrange(3))
    times: dict[str, Any] = {
        "updated_at": created + timedelta(minutes=chance.randrange(3)),
        "status_changed_at": created + timedelta(minutes=chance.randrange(3)),
    }
    written = make_order(
        company=company,
        user=user,
        lines=lines,
        invoice=invoice,
        delivery=delivery,
        created=created,
        exported_at=exported,
        **own,
        **facts,
        **times,
    )
    shown = company.name if company else user.name if user else invoice.company
    texts: dict[str, tuple[str, ...]] = {
        "order_number": (str(written),),
        "company": (shown, invoice.company),
        **{name: (text,) for name, text in own.items()},
        "invoice_first_name": (invoice.first_name,),
        "invoice_last_name": (invoice.last_name,),
        "recipient_company": (delivery.company,),
        "recipient_first_name": (delivery.first_name,),
        "recipient_last_name": (delivery.last_name,),
        **{f"item_{name}": tuple(item[name] for item in items) for name in ITEM_TEXTS},
    }
    return Sample(
        order_number=written,
        company=shown,
        debtor_id=own["debtor_id"],
        total=sum((Decimal(line["price"]) * line["quantity"] for line in lines), start=Decimal("0.00")),
        items_count=sum(line["line_class"] == "product" and not line["is_bonus"] for line in lines),
        updated_by=editor.name if editor else "",
        created=created,
        updated=times["updated_at"],
        status_changed=times["status_changed_at"],
        exported=exported,
        company_id=company.id if company else None,
        user_id=user.id if user else None,
        products=frozenset(line["product_id"] for line in lines if line["product_id"]),
        country=country,
        texts=texts,
        **facts,
    )


def _some_words(chance: Random) -> str:
    return " ".join(chance.sample(WORDS, chance.choice((0, 1, 1, 2))))
