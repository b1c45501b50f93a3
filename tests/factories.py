"""People and orders for tests: short to ask for, complete in the database."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import current_app

from models.base import begin_writing, db
from models.folding import fold_name
from models.invoice import Invoice
from models.order import ArticleText, LineText, Order, OrderLine, OrderSearch, PartOfOrder
from models.order_history import OrderHistory, Origin
from models.party import Address, AddressText, Company, Person, PersonKind
from models.payment import Payment
from models.product import Product
from models.shipment import Shipment, ShipmentLine, TrackingCode
from models.staff import Staff, StaffGrant, StaffSession
from models.status import OrderStatus
from models.wish_list import WishList, WishListItem
from permissions import SYSTEM, Action, Grant
from services.ledger import fix_base_currency
from services.pricing import Cost, PricedLine, base_total, line_total, order_totals
from services.sign_in import hashed
from services.staff import find_staff, set_password
from services.unit_of_work import Edit

PASSWORD = "correct horse battery"
# As the product's, at next to no cost: whoever is tested signs in first.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
PDF = (Path(__file__).parent / "data" / "invoice.pdf").read_bytes()
NOON = datetime(2026, 3, 31, 10, 0, tzinfo=UTC)


def make_staff(name: str, grants: Sequence[str], *, limited_to: Sequence[Company] | None = None) -> Staff:
    """Make a person who may sign in with PASSWORD, with grants written `role:level`."""
    db.session.info["actor"] = SYSTEM
    staff = Staff(
        email=f"{name}@seller.example",
        name=name.title(),
        password_hash=PASSWORD_HASH,
        created_at=NOON,
        is_limited=limited_to is not None,
        companies=list(limited_to or ()),
        grants=[StaffGrant.of(Grant.parse(grant)) for grant in grants],
    )
    db.session.add(staff)
    db.session.commit()
    return staff


def open_session(staff: Staff) -> str:
    """Sign in without a try to count, and give the token."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    db.session.add(
        StaffSession(
            token_hash=hashed(token),
            staff_id=staff.id,
            created_at=now,
            last_used_at=now,
            remote_address="127.0.0.1",
        )
    )
    db.session.commit()
    return token


def change_password(email: str, password: str, *, now: datetime) -> None:
    """Give a person another password, as the command does."""
    set_password(find_staff(email).id, password, edit=Edit(SYSTEM, Action.STAFF_EDIT, now))


def make_company(name: str, debtor_id: str = "") -> Company:
    """Make a company."""
    db.session.info["actor"] = SYSTEM
    company = Company(name=name, debtor_id=debtor_id)
    db.session.add(company)
    db.session.commit()
    return company


def make_person(first_name: str, last_name: str, company: Company | None = None) -> Person:
    """Make a contact of `company`, or a private customer."""
    db.session.info["actor"] = SYSTEM
    person = Person(
        kind=PersonKind.CONTACT if company else PersonKind.CUSTOMER,
        company_id=company.id if company else None,
        first_name=first_name,
        last_name=last_name,
        email=f"{first_name}.{last_name}@buyer.example".lower(),
    )
    db.session.add(person)
    db.session.commit()
    return person


def make_product(name: str, sku: str, **columns: Any) -> Product:
    """Make a product."""
    product = Product(name=name, sku=sku, **columns)
    db.session.add(product)
    db.session.commit()
    return product


def make_order(
    *,
    status: str = "NEW",
    company: Company | None = None,
    user: Person | None = None,
    lines: Sequence[Mapping[str, Any]] = ({"sku": "A-1", "name": "Adapter", "quantity": 2, "price": "10.00"},),
    invoice: AddressText | None = None,
    delivery: AddressText | None = None,
    created: datetime = NOON,
    **columns: Any,
) -> int:
    """Make an order with its lines, totals, history and search texts; give its number."""
    begin_writing(db.session)
    db.session.info["actor"] = SYSTEM
    db.session.info["unit_of_work"] = True
    fix_base_currency(db.session.connection(), current_app.config["BASE_CURRENCY"])
    buyer = "" if company else user.name if user else invoice.company if invoice else ""
    values: dict[str, Any] = {
        "created_at": created,
        "updated_at": created,
        "status_changed_at": created,
        "currency": "EUR",
        "debtor_id": company.debtor_id if company else "",
        "buyer_name": buyer,
        **columns,
    }
    order = Order(
        status_id=status_id(status),
        company_id=company.id if company else None,
        user_id=user.id if user else None,
        buyer_name_folded=fold_name(values["buyer_name"]),
        invoice_address_id=_address(invoice),
        delivery_address_id=_address(delivery),
        **values,
    )
    order.lines = [_line(position, line) for position, line in enumerate(lines, start=1)]
    _add_up(order)
    db.session.add(order)
    db.session.flush()
    db.session.add(OrderSearch(order_id=order.id, **OrderSearch.values(values)))
    db.session.add(
        OrderHistory(order_id=order.id, version=1, at=created, origin=Origin.DEMO, field="status", new_value=status)
    )
    db.session.commit()
    db.session.info["unit_of_work"] = False
    return order.id


def make_invoice(order_id: int, number: str = "I-1", **columns: Any) -> int:
    """Make an invoice that was sent for an order; give its id."""
    invoice = Invoice(order_id=order_id, number=number, **columns)
    _add_part(invoice)
    return invoice.id


def make_payment(order_id: int, amount: str = "24.20", **columns: Any) -> None:
    """Make a payment that a provider told of."""
    told = {"status": "PAID", "currency": "EUR", "created_at": NOON, "updated_at": NOON, **columns}
    _add_part(Payment(order_id=order_id, amount=Decimal(amount), **told))


def make_shipment(order_id: int, status: str = "CREATED", pieces: int = 0, code: str = "") -> int:
    """Make a shipment of an order, with so many pieces of each line and a tracking code; give its id."""
    db.session.info["actor"] = SYSTEM
    columns = {"order_id": order_id}
    made = db.session.scalar(db.select(db.func.count()).where(Shipment.order_id == order_id)) or 0
    shipment = Shipment(number=made + 1, status=status, created_at=NOON, **columns)
    if pieces:
        lines = db.session.scalars(db.select(OrderLine).where(OrderLine.order_id == order_id))
        shipment.lines = [ShipmentLine(line_id=line.id, quantity=pieces, **columns) for line in lines]
    if code:
        shipment.tracking = [TrackingCode(code=code, **columns)]
    _add_part(shipment)
    return shipment.id


def make_wish_list(
    name: str,
    company: Company | None = None,
    *,
    person: Person | None = None,
    wishes: Mapping[Product, int] | None = None,
) -> WishList:
    """Make a wish list of a company or a person, with so many of each product."""
    wish_list = WishList(name=name, company=company, person=person)
    wish_list.items = [WishListItem(product=product, quantity=wished) for product, wished in (wishes or {}).items()]
    db.session.add(wish_list)
    db.session.commit()
    return wish_list


def make_part(part: PartOfOrder) -> None:
    """Keep a part of an order, as an integration would."""
    _add_part(part)


def _add_part(part: PartOfOrder) -> None:
    begin_writing(db.session)
    db.session.info["unit_of_work"] = True
    db.session.add(part)
    db.session.commit()
    db.session.info["unit_of_work"] = False


def status_id(code: str) -> int:
    """Give the id of a status."""
    return db.session.scalars(db.select(OrderStatus.id).where(OrderStatus.code == code)).one()


def _line(position: int, given: Mapping[str, Any]) -> OrderLine:
    price, quantity = Decimal(given["price"]), given["quantity"]
    texts = ArticleText(**{name: value for name, value in given.items() if name in ArticleText.__dataclass_fields__})
    text = db.session.scalar(db.select(LineText).where(LineText.digest == texts.digest))
    if text is None:
        text = LineText.of(texts)
        db.session.add(text)
        db.session.flush()
    return OrderLine(
        position=position,
        product_id=given.get("product_id"),
        text=text,
        quantity=quantity,
        price=price,
        tax_percentage=Decimal(given.get("tax", 21)),
        is_bonus=given.get("is_bonus", False),
        line_class=given.get("line_class", "product"),
        total=line_total(quantity, price),
    )


def _add_up(order: Order) -> None:
    nothing = Cost(Decimal(0), Decimal(0))
    sums = order_totals(
        [PricedLine(line.total, line.tax_percentage) for line in order.lines], Decimal(0), nothing, nothing
    )
    order.total_gross, order.total_tax, order.total_net = sums.gross, sums.tax, sums.net
    order.total_base = base_total(sums.gross, order.currency_rate or Decimal(1))
    order.item_count = sum(line.line_class == "product" and not line.is_bonus for line in order.lines)


def _address(written: AddressText | None) -> int | None:
    if written is None:
        return None
    found = db.session.scalar(db.select(Address).where(Address.digest == written.digest))
    address = found or Address.of(written)
    db.session.add(address)
    db.session.flush()
    return address.id
