"""Saving orders from the editor: whole or not at all, once, and never over what somebody else has changed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count as counting
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

import services.editing.saving
from models.base import db
from models.order import Order
from models.order_history import OrderHistory
from models.order_note import OrderNote
from models.party import Address, AddressText
from models.staff import Staff
from permissions import SYSTEM, Action, Actor, Grant, NotAllowed
from services.addresses import stored
from services.editing.keeping import AlreadySaved
from services.editing.merging import merged
from services.editing.names import Names
from services.editing.saving import NotEditable, Stale, change, create
from services.editing.stored import typed_of
from services.editing.typed import Typed
from services.errors import Invalid, Refused
from services.unit_of_work import Edit, OrderGone, changing_one
from services.verify import verify
from services.wished_items import link
from tests.batches import counted
from tests.editing import BUYER, a_form, a_line, new_key, priced
from tests.factories import (
    NOON,
    make_company,
    make_order,
    make_person,
    make_product,
    make_shipment,
    make_staff,
    make_wish_list,
    status_id,
)

NUMBERS = counting(1)
pytestmark = pytest.mark.usefixtures("database")


def by(who: Actor, *, minutes: int = 60) -> Edit:
    return Edit(who, Action.ORDERS_EDIT, NOON + timedelta(minutes=minutes))


def new_order(who: Actor, typed: Typed, *, as_draft: bool = False) -> int:
    edit = Edit(who, Action.ORDERS_CREATE, NOON)
    return create(priced(typed), as_draft=as_draft, base_currency="EUR", edit=edit)


def opened(number: int) -> Typed:
    """Open the editor on an order."""
    return typed_of(read(number), new_key(), "en")


def save(who: Actor, typed: Typed, *, minutes: int = 60) -> int:
    return change(priced(typed), typed, language="en", edit=by(who, minutes=minutes))


def read(number: int) -> Order:
    """Read an order afresh."""
    db.session.rollback()
    return db.session.get_one(Order, number)


def history(number: int, version: int) -> dict[str, list[tuple[str, str]]]:
    """Give what a version changed, from and to by field; totals are left out."""
    rows = db.session.scalars(
        select(OrderHistory)
        .where(OrderHistory.order_id == number, OrderHistory.version == version)
        .order_by(OrderHistory.id)
    )
    told: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if not row.field.startswith("total_"):
            told.setdefault(row.field, []).append((row.old_value, row.new_value))
    return told


def orders() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Order)) or 0


def another(who: Actor) -> Actor:
    """Give a colleague with the same rights."""
    return replace(who, staff_id=make_staff(f"colleague{NUMBERS.__next__()}", []).id)


def with_quantity(form: Typed, key: str, quantity: str) -> Typed:
    return replace(
        form, lines=tuple(replace(line, quantity=quantity) if line.key == key else line for line in form.lines)
    )


def _city(order: Order) -> str:
    return order.delivery_address.city if order.delivery_address else ""


def is_whole() -> bool:
    db.session.rollback()
    return not [check for check in verify() if check.count]


def test_a_new_order_is_whole_with_its_lines_and_one_row_of_history(mia: Actor) -> None:
    lines = a_line("n1"), a_line("n2", "3", "1.2345", parent="n1"), a_line("n3", discount="12.5")
    number = new_order(mia, a_form(*lines, payment_status="PAID", discount_type="P", discount_value="10"))
    order = read(number)
    assert (order.version, order.status.code, order.item_count, order.buyer_name) == (1, "NEW", 2, "Acme")
    assert [(line.position, line.quantity, line.total) for line in order.lines] == [
        (1, 2, Decimal("20.00")),
        (2, 3, Decimal("3.70")),
        (3, 2, Decimal("17.50")),
    ]
    assert order.lines[1].parent_id == order.lines[0].id
    assert (order.total_gross, order.total_base) == (Decimal("37.08"), Decimal("37.08"))
    assert (order.created_at, order.updated_by_id, order.payment_status_at) == (NOON, mia.staff_id, NOON)
    assert history(number, 1) == {"status": [("", "NEW")]}
    assert is_whole()


def test_saving_what_is_so_already_makes_no_version(mia: Actor) -> None:
    number = new_order(mia, a_form(a_line("n1"), a_line("n2", parent="n1"), a_line("n3", discount="12.5")))
    assert save(mia, opened(number)) == number
    assert (read(number).version, history(number, 2)) == (1, {})


def test_lines_come_change_go_and_move_in_one_version(mia: Actor) -> None:
    number = new_order(mia, a_form(a_line("n1"), a_line("n2", parent="n1"), a_line("n3"), a_line("n4")))
    form = opened(number)
    one, two, _three, four = form.lines
    new = a_line("n1", "1", "5", sku="NEW"), a_line("n2", "1", "6", sku="CHILD", parent="n1", notes="inside")
    form = replace(form, remarks="Hello", lines=(four, replace(one, quantity="7", discount="5"), two, *new))
    save(mia, replace(form, delivery=replace(BUYER, city="Delft")))
    assert [line.text.sku for line in read(number).lines] == ["SKU-n4", "SKU-n1", "SKU-n2", "NEW", "CHILD"]
    assert history(number, 2) == {
        "remarks": [("", "Hello")],
        "delivery_address": [
            ("Acme, Ada Byron, Dam, Amsterdam, NL", "Acme, Ada Byron, Dam, Delft, NL"),
        ],
        "line": [
            ("SKU-n3: 2 × 10.00", ""),
            ("SKU-n1: 2 × 10.00", "SKU-n1: 7 × 10.00 − 5 %"),
            ("", "NEW: 1 × 5.00"),
            ("", "CHILD: 1 × 6.00 “inside”"),
        ],
        "line_sequence": [("SKU-n1, SKU-n2, SKU-n4", "SKU-n4, SKU-n1, SKU-n2")],
    }
    assert is_whole()


def test_without_the_right_or_out_of_sight_nothing_is_saved(mia: Actor) -> None:
    number = new_order(mia, a_form())
    form = replace(opened(number), remarks="x")
    reader = replace(mia, grants=frozenset(map(Grant.parse, ("order:viewer", "backoffice:viewer", "user:viewer"))))
    with pytest.raises(NotAllowed):
        save(reader, form)
    with pytest.raises(NotAllowed):
        new_order(replace(mia, grants=frozenset(map(Grant.parse, ("order:editor", "backoffice:viewer")))), a_form())
    with pytest.raises(OrderGone):
        save(replace(mia, companies=frozenset({7})), form)
    with pytest.raises(Invalid, match="not available to you"):
        new_order(replace(mia, companies=frozenset({7})), a_form())
    assert (read(number).version, orders()) == (1, 1)


def test_a_draft_is_a_draft(mia: Actor) -> None:
    assert read(new_order(mia, a_form(), as_draft=True)).status.code == "DRAFT_ORDER"


# ---- once ----


def test_a_form_that_is_sent_twice_makes_one_order(mia: Actor) -> None:
    form = a_form(a_line("n1"), a_line("n2", parent="n1"))
    number = new_order(mia, form)
    assert (new_order(mia, form), orders()) == (number, 1)
    assert read(number).version == 1


def test_a_saved_form_is_not_saved_with_other_content_or_by_somebody_else(mia: Actor) -> None:
    form = a_form()
    number = new_order(mia, form)
    with pytest.raises(AlreadySaved, match=f"as order {number}") as raised:
        new_order(mia, replace(form, remarks="more"))
    assert raised.value.order_id == number
    with pytest.raises(AlreadySaved):
        new_order(mia, form, as_draft=True)
    with pytest.raises(Refused, match="somebody else"):
        new_order(another(mia), form)
    other = new_order(mia, a_form())
    with pytest.raises(AlreadySaved):
        save(mia, replace(opened(other), form_key=form.form_key, remarks="x"))
    assert (orders(), read(number).version, read(other).version) == (2, 1, 1)


def test_a_change_that_is_sent_twice_makes_one_version(mia: Actor) -> None:
    number = new_order(mia, a_form())
    form = replace(opened(number), remarks="once").with_lines([a_line("n1", sku="NEW")])
    assert [save(mia, form), save(mia, form)] == [number, number]
    assert (read(number).version, len(read(number).lines)) == (2, 2)
    with pytest.raises(Stale):
        save(mia, replace(form, remarks="typed since"))


# ---- what others did ----


def test_a_stale_form_is_refused_with_theirs_and_nothing_is_written(mia: Actor) -> None:
    number = new_order(mia, a_form(a_line("n1"), a_line("n2")))
    mine = replace(opened(number), reference="mine")
    save(another(mia), replace(opened(number), remarks="theirs", lines=opened(number).lines[:1]))
    with pytest.raises(Stale) as raised:
        save(mia, mine)
    theirs = raised.value.theirs
    assert (theirs.version, theirs.remarks, len(theirs.lines), theirs.form_key) == (2, "theirs", 1, mine.form_key)
    assert (read(number).version, read(number).reference) == (2, "")


def test_what_the_form_does_not_hold_does_not_make_it_stale(mia: Actor) -> None:
    number = new_order(mia, a_form())
    form = replace(opened(number), remarks="mine")
    with changing_one(number, edit=by(another(mia))) as order:
        db.session.add(OrderNote(order_id=number, staff_id=mia.person, at=NOON, text="Called."))
        order.export_status = "EXPORTED"
    save(mia, form)
    order = read(number)
    assert (order.version, order.remarks, order.export_status) == (3, "mine", "EXPORTED")


def test_a_status_that_forbids_it_refuses_also_when_it_came_meanwhile(mia: Actor) -> None:
    number = new_order(mia, a_form())
    form = replace(opened(number), remarks="mine")
    with changing_one(number, edit=by(mia)) as order:
        order.status_id = status_id("COMPLETE")
    with pytest.raises(NotEditable, match="Complete orders cannot be edited"):
        save(mia, form)
    binned = make_order(is_deleted=True)
    with pytest.raises(OrderGone):
        save(mia, replace(form, order_id=binned, form_key=new_key()))
    assert read(number).remarks == ""


# ---- lines ----


def test_a_line_that_is_shipped_stays_and_is_not_lowered_below(mia: Actor) -> None:
    number = new_order(mia, a_form(a_line("n1", "5"), a_line("n2", "5"), a_line("n3", "5")))
    make_shipment(number, pieces=2)
    make_shipment(number, "CANCELED", pieces=2)
    form = opened(number)
    first = form.lines[0]
    with pytest.raises(Invalid, match="SKU-n1 is in a shipment") as raised:
        save(mia, form.without_line(first.key))
    assert raised.value.field == "lines"
    with pytest.raises(Invalid, match="2 are shipped already") as raised:
        save(mia, replace(form, lines=(replace(first, quantity="1"), *form.lines[1:])))
    assert raised.value.field == f"line-{first.key}-quantity"
    save(mia, replace(form, lines=(replace(first, quantity="2"), *form.lines[1:])))
    assert is_whole()


def test_an_order_takes_everything_back_or_nothing(mia: Actor) -> None:
    with pytest.raises(Invalid, match="mixes positive and negative") as raised:
        new_order(mia, a_form(a_line("n1", "-2"), a_line("n2", "1")))
    assert raised.value.field == "lines"
    number = new_order(mia, a_form(a_line("n1", "-2"), a_line("n2", "-1")))
    assert (read(number).is_credit, read(number).total_gross) == (True, Decimal("-30.00"))
    assert is_whole()


def test_a_form_that_names_lines_of_elsewhere_is_refused(mia: Actor) -> None:
    number, other = new_order(mia, a_form(a_line("n1"), a_line("n2", parent="n1"))), new_order(mia, a_form())
    form, strange = opened(number), opened(other).lines[0]
    parent, child = form.lines
    for lines in (
        (*form.lines, strange),
        (*form.lines, a_line("n1", parent=strange.key)),
        (*form.lines, a_line("n1"), a_line("n1")),
        (*form.lines, a_line("n1", parent="n2"), a_line("n2", parent="n1")),
        (child,),
        (parent, parent),
    ):
        with pytest.raises(Invalid) as raised:
            save(mia, replace(form, lines=lines))
        assert raised.value.field == "lines"
    assert (read(number).version, read(other).version, len(read(number).lines)) == (1, 1, 2)


def test_a_form_sets_what_is_its_own_and_nothing_else_of_a_line(mia: Actor) -> None:
    number = new_order(mia, a_form(a_line("n1"), a_line("n2")))
    form = opened(number)
    forged = replace(form.lines[0], line_class="surcharge", is_bonus=True, product_id=make_product("P", "P-1").id)
    save(mia, replace(form, remarks="x", lines=(forged, form.lines[1])))
    line = read(number).lines[0]
    assert (line.line_class, line.is_bonus, line.product_id) == ("product", False, None)
    assert is_whole()


def test_a_product_that_is_gone_is_told_by_its_line(mia: Actor) -> None:
    with pytest.raises(Invalid, match="no longer exists") as raised:
        new_order(mia, a_form(a_line("n1"), a_line("n2", product_id=make_product("P", "P-1").id + 1)))
    assert (raised.value.field, orders()) == ("line-n2-quantity", 0)


def test_however_many_lines_stay_or_move_the_statements_are_as_many(mia: Actor) -> None:
    asked = []
    for count in (3, 300):
        number = new_order(mia, a_form(*(a_line(f"n{place}") for place in range(count))))
        form = opened(number)
        last = replace(form.lines[-1], quantity="9")
        with counted() as statements:
            save(mia, replace(form, lines=(last, *form.lines[1:-1])))
        asked.append(len(statements))
        assert [line.position for line in read(number).lines] == list(range(1, count))
    assert asked[0] == asked[1]


def test_what_stands_behind_a_line_that_goes_moves_at_once(mia: Actor) -> None:
    number = new_order(mia, a_form(*(a_line(f"n{place}") for place in range(1, 31))))
    moves: list[Any] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "BETWEEN" in statement and statement.startswith("UPDATE order_line"):
            moves.append(len(parameters) if isinstance(parameters, list) else 1)

    form = opened(number)
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        save(mia, replace(form, lines=(*form.lines[1:10], *form.lines[11:])))
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert moves == [2]
    form = opened(number)
    save(mia, replace(form, lines=(*form.lines[20:], *form.lines[:3][::-1], *form.lines[3:20])))
    names = [line.text.sku for line in read(number).lines]
    assert names == [f"SKU-n{place}" for place in (*range(23, 31), 4, 3, 2, *range(5, 11), *range(12, 23))]
    assert is_whole()


# ---- who orders ----


def test_another_customer_names_the_buyer_and_drops_the_wish_list(mia: Actor) -> None:
    acme = make_company("Acme")
    ada, bob = make_person("Ada", "Byron", acme), make_person("Bob", "Hood")
    number = new_order(mia, a_form(company_id=acme.id, user_id=ada.id))
    link(number, make_wish_list("Spring", acme).id, edit=by(mia))
    assert (read(number).buyer_name, read(number).wish_list_id is None) == ("", False)
    save(mia, replace(opened(number), company_id=None, user_id=bob.id))
    assert (read(number).buyer_name, read(number).wish_list_id) == ("Bob Hood", None)
    assert {name: told for name, told in history(number, 3).items() if name != "buyer_name"} == {
        "company": [("Acme", "")],
        "user": [("Ada Byron", "Bob Hood")],
        "wish_list": [("Spring", "")],
    }
    with pytest.raises(Invalid) as raised:
        save(mia, replace(opened(number), company_id=None, user_id=ada.id))
    assert raised.value.field == "customer"
    assert is_whole()


def test_a_new_order_is_looked_after_by_a_manager_of_its_company(mia: Actor) -> None:
    acme, other = make_company("Acme"), make_company("Other")
    acme.managers = [db.session.get_one(Staff, make_staff("eve", []).id), db.session.get_one(Staff, mia.person)]
    db.session.commit()
    for who, company, manager in ((mia, acme, mia.person), (another(mia), acme, mia.person), (mia, other, None)):
        assert read(new_order(who, a_form(company_id=company.id))).account_manager_id == manager


def test_what_a_country_was_called_stays_while_the_address_does(mia: Actor) -> None:
    there = replace(BUYER, country_name="Nederland")
    number = make_order(delivery=there, invoice=there)
    named = replace(BUYER, country_name="Netherlands")
    save(mia, replace(opened(number), delivery=named, invoice=named))
    assert read(number).version == 1
    save(mia, replace(opened(number), delivery=replace(named, country="DE", country_name="Germany")))
    order = read(number)
    assert [each.country_name for each in (order.delivery_address, order.invoice_address) if each] == [
        *("Germany", "Nederland"),
    ]


def test_addresses_are_made_in_the_same_sequence_whichever_is_which(
    mia: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def note(text: AddressText) -> Address:
        made.append(text.city)
        return stored(text)

    monkeypatch.setattr(services.editing.saving, "stored", note)
    one, other = (replace(BUYER, city=city) for city in ("Delft", "Gouda"))
    for delivery, invoice in ((one, other), (other, one)):
        new_order(mia, a_form(delivery=delivery, invoice=invoice))
    assert made[:2] == made[2:]


def test_a_guest_is_called_as_the_invoice_says(mia: Actor) -> None:
    number = new_order(mia, a_form())
    save(mia, replace(opened(number), invoice=replace(BUYER, company="", last_name="Lovelace")))
    assert read(number).buyer_name == "Ada Lovelace"
    assert history(number, 2)["invoice_address"] == [
        ("Acme, Ada Byron, Dam, Amsterdam, NL", "Ada Lovelace, Dam, Amsterdam, NL")
    ]
    assert is_whole()


def test_a_source_that_has_the_external_number_already_is_told(mia: Actor) -> None:
    make_order(source="Webshop", external_order_id="7")
    number = make_order(source="EDI", external_order_id="7", invoice=BUYER, delivery=BUYER)
    with pytest.raises(Invalid, match="Another order from Webshop") as raised:
        save(mia, replace(opened(number), source="Webshop"))
    assert raised.value.field == "source"


# ---- at once ----


@pytest.mark.race
def test_forms_that_are_sent_twice_at_once_make_one_order_each(app: Flask, mia: Actor) -> None:
    forms = [a_form(a_line("n1"), a_line("n2", parent="n1")) for _form in range(10)]

    def do(form: Typed) -> int:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            return new_order(mia, form)

    with ThreadPoolExecutor(4) as threads:
        numbers = list(threads.map(do, [form for form in forms for _twice in range(2)]))
    assert numbers[::2] == numbers[1::2]
    assert (len(set(numbers)), orders()) == (len(forms), len(forms))
    assert is_whole()


@pytest.mark.race
def test_of_those_who_save_at_once_nobody_loses_what_was_typed(app: Flask, mia: Actor) -> None:
    number = new_order(mia, a_form(a_line("n1"), a_line("n2"), a_line("n3")))
    _first, second, third = opened(number).lines
    typed: list[Callable[[Typed], Typed]] = [
        lambda form: replace(form, remarks="typed"),
        lambda form: replace(form, delivery=replace(form.delivery, city="Delft")),
        lambda form: with_quantity(form, second.key, "7"),
        lambda form: form.without_line(third.key),
        lambda form: form.with_lines([a_line("n1", sku="NEW")]),
    ]
    start = Barrier(len(typed))

    def do(change_of: Callable[[Typed], Typed]) -> None:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            seen = opened(number)
            mine = change_of(seen)
            db.session.rollback()
            start.wait()
            while True:
                try:
                    save(mia, mine)
                except Stale as stale:
                    mine, clashes = merged(seen, stale.theirs, mine, Names())
                    seen = stale.theirs
                    assert not clashes
                else:
                    return

    db.session.rollback()
    with ThreadPoolExecutor(len(typed)) as threads:
        list(threads.map(do, typed))
    order = read(number)
    assert (order.version, order.remarks, _city(order)) == (1 + len(typed), "typed", "Delft")
    assert [(line.text.sku, line.quantity) for line in order.lines] == [("SKU-n1", 2), ("SKU-n2", 7), ("NEW", 2)]
    assert is_whole()


@pytest.mark.race
def test_what_many_save_again_and_again_is_as_often_as_it_was_acknowledged(app: Flask, mia: Actor) -> None:
    number, writers, times = new_order(mia, a_form(a_line("n1", "1"))), 8, 3
    start = Barrier(writers)

    def do(_writer: int) -> int:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            start.wait()
            acknowledged = 0
            while acknowledged < times:
                form = opened(number)
                line = form.lines[0]
                try:
                    save(mia, replace(form, lines=(replace(line, quantity=str(int(line.quantity) + 1)),)))
                except Stale:
                    continue
                acknowledged += 1
            return acknowledged

    db.session.rollback()
    with ThreadPoolExecutor(writers) as threads:
        acknowledged = sum(threads.map(do, range(writers)))
    order = read(number)
    assert (order.version, order.lines[0].quantity) == (1 + acknowledged, 1 + acknowledged)
    assert is_whole()
