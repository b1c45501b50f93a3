"""An order as a form: reading it and saving it changes nothing, and another order can be made like it."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import exists, select, update

from models.base import begin_writing, db
from models.order import Order, OrderLine
from models.status import OrderStatus
from permissions import SYSTEM, Action, Actor, everything
from services.demo import DemoRequest, load_demo
from services.editing.offers import look_up
from services.editing.priced import Priced, price_changes, reckon
from services.editing.saving import change, create
from services.editing.stored import copied, typed_of
from services.editing.typed import Typed
from services.editing.wanted import read
from services.importing import ImportRequest, import_orders
from services.order_history import history_since
from services.orders import whole_orders
from services.unit_of_work import Edit
from services.verify import verify
from tests.editing import new_key
from tests.factories import NOON, make_company, make_order, make_staff
from tests.servers import ROOT

pytestmark = pytest.mark.usefixtures("database")

ORDERS = 150
IMPORTED = ROOT / "tests" / "data" / "order-lines.csv"
MAPPING = (
    "order=Order, sku=Article, name=Description, quantity=Pieces, date=Placed, price=Unit price, company=Customer, "
    "country=Land, reference=PO, email=Mail, notes=Note, discount=Off"
)


def worked_out(typed: Typed, language: str) -> tuple[Priced, dict[str, object]]:
    wanted, faults = read(typed, language)
    offers = look_up(wanted, actor=SYSTEM, today=NOON.date(), base_currency="EUR")
    priced, more = reckon(wanted, offers)
    return priced, {**faults, **more, **price_changes(priced)}


@pytest.fixture
def mia(tmp_path: Path) -> Actor:
    """Somebody in a house with orders of every kind, all of which may be edited."""
    load_demo(DemoRequest(ORDERS, seed=5, until=NOON, base_currency="EUR", instance=tmp_path))
    import_orders(ImportRequest(IMPORTED, MAPPING, "shop", "EUR", "UTC", NOON, rejects=tmp_path / "rejects.csv"))
    begin_writing(db.session)
    db.session.execute(update(OrderStatus).values(is_editable=True))
    db.session.commit()
    db.session.info["actor"] = SYSTEM
    make_order(lines=[{"sku": " ", "name": "As  told", "quantity": 1, "price": "0.0005", "notes": "Two\nlines"}])
    yen = [{"sku": "A-1", "name": "Adapter", "quantity": 3, "price": "1000"}]
    make_order(lines=yen, currency="JPY", currency_rate=Decimal("0.00612345"))
    return Actor(make_staff("mia", []).id, "Mia", frozenset(everything()))


def whole(number: int) -> Order:
    db.session.rollback()
    return db.session.scalars(whole_orders().where(Order.id == number)).one()


def test_saving_an_order_as_it_was_opened_changes_nothing(mia: Actor) -> None:
    kinds = {
        "credit": Order.is_credit,
        "of a company": Order.company_id.is_not(None),
        "of a guest": Order.user_id.is_(None),
        "in another currency": Order.currency != "EUR",
        "with a discount": Order.discount_type != "N",
        "with costs": Order.shipping_costs > 0,
        "with a child": Order.lines.any(OrderLine.parent_id.is_not(None)),
        "with a bonus": Order.lines.any(OrderLine.is_bonus),
        "without a product": Order.lines.any(OrderLine.product_id.is_(None)),
    }
    asked = {kind: select(exists(select(Order.id).where(condition))) for kind, condition in kinds.items()}
    assert [kind for kind, is_there in asked.items() if not db.session.scalar(is_there)] == []
    edit = Edit(mia, Action.ORDERS_EDIT, NOON + timedelta(hours=1))
    told: dict[int, Any] = {}
    versions = {row.id: row.version for row in db.session.execute(select(Order.id, Order.version))}
    for number in versions:
        typed = typed_of(whole(number), new_key(), "de")
        priced, faults = worked_out(typed, "de")
        if faults:
            told[number] = faults
        else:
            change(priced, typed, language="de", edit=edit)
    assert told == {}
    for row in db.session.execute(select(Order.id, Order.version)):
        if row.version != versions[row.id]:
            told[row.id] = [
                (each.field, each.old_value, each.new_value) for each in history_since(whole(row.id), versions[row.id])
            ]
    assert told == {}


def test_a_copy_asks_for_the_rate_of_today() -> None:
    number = make_order(currency="JPY", currency_rate=Decimal("0.00612345"))
    assert copied(whole(number), new_key(), "en").currency_rate == ""


def test_a_copy_of_a_credit_order_orders_what_was_taken_back() -> None:
    line = {"sku": "A-1", "name": "Adapter", "quantity": -2, "price": "10.00"}
    discount: dict[str, Any] = {"discount_type": "A", "discount_value": Decimal("-1.50")}
    number = make_order(company=make_company("Acme"), lines=[line], is_credit=True, **discount)
    db.session.info["actor"] = SYSTEM
    priced, faults = worked_out(copied(whole(number), new_key(), "en"), "en")
    assert ([line.wanted.quantity for line in priced.lines], priced.totals.gross) == ([2], Decimal("18.50"))
    assert not faults


def test_a_copy_is_a_new_order_of_the_same_things_at_todays_prices(mia: Actor) -> None:
    edit, made = Edit(mia, Action.ORDERS_CREATE, NOON), 0
    for number in db.session.scalars(select(Order.id).where(~Order.is_credit).order_by(Order.id).limit(40)).all():
        order = whole(number)
        typed = copied(order, new_key(), "en")
        assert not any(line.price for line in typed.lines if line.product_id)
        priced, faults = worked_out(typed, "en")
        if faults:
            continue  # what is not sold any more, or has no price
        again = whole(create(priced, as_draft=False, base_currency="EUR", edit=edit))
        made += 1
        assert (again.version, again.company_id, again.export_status) == (1, order.company_id, "EMPTY")
        assert [(line.product_id, line.quantity, line.parent_id is None) for line in again.lines] == [
            (line.product_id, line.quantity, line.parent_id is None) for line in order.lines if not line.is_bonus
        ]
    assert made
    assert [check for check in verify() if check.count] == []
