"""The way to change what owners keep: history, versions, locks, rules across rows, what is in use."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from models.base import db
from models.choices import Carrier
from models.order_history import Origin
from models.party import Address, AddressKind, AddressText, Company, PartyAddress
from models.product import Product
from models.record_history import RecordHistory
from models.staff import Staff, StaffGrant, StaffSession
from models.status import OrderStatus, StatusSet
from models.wish_list import WishList, WishListItem
from permissions import SYSTEM, Action, Actor, Grant, NotAllowed, everything
from services.errors import Invalid, Refused
from services.order_pages import page
from services.order_query import OrderQuery
from services.record_usage import usage
from services.records import ConcurrentWrite, Gone, StaleRecord, changing, creating, deleting, reorder, switch_rows
from services.staff import set_password
from services.unit_of_work import Edit
from tests.factories import make_company, make_order, make_person, make_staff
from tests.people import GRANTS

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


def by(actor: Actor = SYSTEM, action: Action = Action.CUSTOMERS_EDIT, now: datetime = NOW) -> Edit:
    """Say who changes something."""
    return Edit(actor, action, now)


def owner(name: str = "ann") -> Actor:
    """Make somebody who may everything."""
    staff = make_staff(name, GRANTS["owner"])
    return Actor(staff.id, staff.name, frozenset(everything()))


def history(row: Any) -> list[tuple[int, str, str, str]]:
    """Give the history of a row: version, field, from, to."""
    rows = db.session.scalars(
        db.select(RecordHistory)
        .where(RecordHistory.record_type == row.__tablename__, RecordHistory.record_id == row.id)
        .order_by(RecordHistory.id)
    )
    return [(found.version, found.field, found.old_value, found.new_value) for found in rows]


def status(code: str) -> OrderStatus:
    """Give a status."""
    return db.session.scalars(db.select(OrderStatus).where(OrderStatus.code == code)).one()


# ---- history and version ----


def test_each_change_makes_one_version_with_a_row_for_each_field() -> None:
    with creating(Company(), edit=by(owner(), Action.CUSTOMERS_CREATE)) as company:
        company.name = "Acme"
    with changing(Company, company.id, edit=by(), seen=1) as row:
        row.name, row.phone, row.payment_term_days = "Acme Ltd", "1", 30
    assert (company.version, company.created_at, company.updated_at) == (2, NOW, NOW)
    assert history(company) == [
        (1, "", "", "Acme"),
        (2, "name", "Acme", "Acme Ltd"),
        (2, "phone", "", "1"),
        (2, "payment_term_days", "", "30"),
    ]
    origins = db.session.scalars(db.select(RecordHistory.origin).order_by(RecordHistory.id)).all()
    assert origins == [Origin.STAFF, Origin.SYSTEM, Origin.SYSTEM, Origin.SYSTEM]


def test_what_a_row_refers_to_and_its_parts_are_in_the_history_by_name() -> None:
    company, staff = make_company("Acme"), make_staff("mia", ["order:viewer"])
    with changing(Company, company.id, edit=by()) as row:
        row.managers = [staff]
    with changing(Staff, staff.id, edit=by(action=Action.STAFF_EDIT)) as person:
        person.grants = [StaffGrant.of(Grant.parse("order:editor")), StaffGrant.of(Grant.parse("user:viewer"))]
    assert history(company) == [(2, "managers", "", "Mia")]
    assert history(staff)[-1] == (3, "grants", "order:viewer", "order:editor, user:viewer")


def test_a_password_is_in_the_history_without_itself() -> None:
    staff = make_staff("mia", [])
    set_password(staff.id, "another fine password", edit=by(action=Action.STAFF_EDIT))
    assert history(staff) == [(2, "password", "", "")]
    everywhere = " ".join(map(str, db.session.execute(db.select(RecordHistory)).all()))
    assert staff.password_hash not in everywhere


def test_choosing_statuses_for_a_set_is_in_the_history_of_the_statuses_as_well() -> None:
    complete = db.session.scalars(db.select(StatusSet).where(StatusSet.name == "Complete")).one()
    shipped, archived = status("SHIPPED"), status("ARCHIVED")
    with changing(StatusSet, complete.id, edit=by(action=Action.STATUSES_EDIT)) as row:
        row.statuses = [status("COMPLETE"), shipped]
    assert history(complete) == [(2, "statuses", "Archived, Complete", "Complete, Shipped")]
    assert history(shipped) == [(2, "status_set", "Fulfillment", "Complete")]
    assert history(archived) == [(2, "status_set", "Complete", "")]
    deleting(StatusSet, complete.id, edit=by(action=Action.STATUSES_CREATE))
    assert history(shipped)[1:] == [(3, "status_set", "Complete", "")]


def test_a_new_set_is_in_the_history_of_its_statuses() -> None:
    shipped = status("SHIPPED")
    with creating(StatusSet(), edit=by(action=Action.STATUSES_EDIT)) as row:
        row.name, row.statuses = "On the road", [shipped]
    assert history(shipped) == [(2, "status_set", "Fulfillment", "On the road")]


def test_what_is_chosen_from_the_other_side_is_a_version_of_both() -> None:
    company, first, second = make_company("Acme"), make_staff("ann", []), make_staff("bob", [])
    with changing(Company, company.id, edit=by()) as row:
        row.managers = [first]
    with changing(Staff, second.id, edit=by(action=Action.STAFF_EDIT)) as person:
        person.managed_companies = [company]
    assert history(company) == [(2, "managers", "", "Ann"), (3, "managers", "Ann", "Ann, Bob")]
    assert history(second) == [(2, "managed_companies", "", "Acme")]
    with pytest.raises(StaleRecord), changing(Company, company.id, edit=by(), seen=2) as row:
        row.managers = [first]
    assert company.managers == [first, second]


def test_rows_of_one_name_are_told_apart() -> None:
    one, other = make_company("Acme", "D1"), make_company("Acme", "D2")
    staff = make_staff("mia", [], limited_to=[one])
    with changing(Staff, staff.id, edit=by(action=Action.STAFF_EDIT)) as person:
        person.companies = [other]
    assert history(staff) == [(2, "companies", "Acme", "Acme")]


def test_what_a_part_says_beside_its_name_is_a_change() -> None:
    hammer, nail = Product(sku="H", name="Hammer"), Product(sku="N", name="Nail")
    company = make_company("Acme")
    wishes = WishList(name="Tools", company=company, items=[WishListItem(product=hammer), WishListItem(product=nail)])
    written = AddressText(street="Main Street", phone="1")
    entry = PartyAddress(company=company, kind=AddressKind.INVOICE, address=Address.of(written))
    db.session.add_all([wishes, entry])
    db.session.commit()
    with changing(WishList, wishes.id, edit=by()) as row:
        row.items[0].notes = "red"
    assert history(wishes) == [(2, "items", "1 × Hammer, 1 × Nail", "1 × Hammer (red), 1 × Nail")]
    with changing(PartyAddress, entry.id, edit=by()) as row:
        row.address = Address.of(replace(written, phone="2"))
    assert history(entry) == [(2, "address", "Main Street, 1", "Main Street, 2")]


def test_parts_change_places_and_come_back() -> None:
    hammer, nail = Product(sku="H", name="Hammer"), Product(sku="N", name="Nail")
    wishes = WishList(name="Tools", company=make_company("Acme"))
    wishes.items = [WishListItem(product=hammer, quantity=1), WishListItem(product=nail, quantity=2)]
    db.session.add(wishes)
    db.session.commit()
    with changing(WishList, wishes.id, edit=by()) as row:
        row.items[0].product, row.items[1].product = nail, hammer
    assert history(wishes)[-1][1:] == ("items", "1 × Hammer, 2 × Nail", "1 × Nail, 2 × Hammer")
    with changing(WishList, wishes.id, edit=by()) as row:
        row.items = [*row.items[1:], WishListItem(product=nail, quantity=3)]
    with changing(WishList, wishes.id, edit=by()) as row:
        row.items = row.items[1:]
        row.items[0].product = hammer
    db.session.expire_all()
    assert [str(item) for item in wishes.items] == ["3 × Hammer"]
    assert db.session.scalar(db.select(db.func.count(WishListItem.id))) == 1


def test_what_is_deleted_or_written_at_the_same_moment_is_told() -> None:
    company = make_company("Acme")
    with pytest.raises(ConcurrentWrite), changing(Company, company.id, edit=by()) as row:
        row.price_list_id = 999_999
    overtaken = db.update(Company.__table__).values(version=7)
    with pytest.raises(ConcurrentWrite), changing(Company, company.id, edit=by()) as row:
        row.name = str(db.session.execute(overtaken))
    assert (company.name, company.version) == ("Acme", 1)


def test_a_refused_change_leaves_nothing_behind() -> None:
    company = make_company("Acme")
    with pytest.raises(Invalid), changing(Company, company.id, edit=by()) as row:
        row.name, row.email = "Other", "nobody"
    with pytest.raises(NotAllowed), changing(Company, company.id, edit=by(Actor(1, "", frozenset()))):
        pytest.fail("without the right nothing is given")
    db.session.expire_all()
    assert (company.name, company.version, history(company)) == ("Acme", 1, [])


def test_a_row_of_somebody_else_is_gone() -> None:
    company, other = make_company("Acme"), make_company("Other")
    limited = Actor(1, "", frozenset(everything()), companies=frozenset({other.id}))
    with pytest.raises(Gone), changing(Company, company.id, edit=by(limited)):
        pytest.fail("it does not exist")
    with pytest.raises(Gone):
        deleting(Company, company.id, edit=by(limited, Action.CUSTOMERS_CREATE))


def test_the_search_text_follows_the_row() -> None:
    company = make_company("Müller & Söhne", "D-1")
    with changing(Company, company.id, edit=by()) as row:
        row.name = "Łódź Straße"
    assert company.search_text.split("\n")[:2] == ["lodz strasse", "d-1"]
    assert company.name_folded == "lodz strasse"


# ---- a company with many orders ----


def test_renaming_a_company_reads_and_writes_no_order_and_the_list_says_the_new_name_at_once() -> None:
    few, many = make_company("Few"), make_company("Many")
    make_order(company=few)
    for _number in range(30):
        make_order(company=many)
    counted: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        counted.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    needed = []
    for company_id in (few.id, many.id):
        counted.clear()
        with changing(Company, company_id, edit=by()) as row:
            row.name = f"{row.name} renamed"
        needed.append(len(counted))
        assert not [statement for statement in counted if "orders" in statement]
    event.remove(db.engine, "before_cursor_execute", count)
    assert needed[0] == needed[1]
    query = OrderQuery(words=("many", "renamed"), fields=("company",))
    found, _count = page(query, SYSTEM, ["company"], skip=0, take=100)
    assert {row.company for row in found} == {"Many renamed"}
    assert len(found) == 30


# ---- somebody else changed it meanwhile ----


def test_a_stale_change_tells_what_was_what_is_and_what_would_be() -> None:
    company = make_company("Acme")
    mia = owner("mia")
    with changing(Company, company.id, edit=by(mia), seen=1) as row:
        row.name, row.phone = "Theirs", "1"
    with changing(Company, company.id, edit=by(mia), seen=2) as row:
        row.notes = "theirs"
    with pytest.raises(StaleRecord) as raised, changing(Company, company.id, edit=by(), seen=1) as row:
        row.name, row.email = "Mine", "mine@acme.example"
    told = raised.value
    assert {name: (both.was, both.theirs, both.mine, both.clashes) for name, both in told.fields.items()} == {
        "name": ("Acme", "Theirs", "Mine", True),
        "phone": ("", "1", "1", False),
        "notes": ("", "theirs", "theirs", False),
    }
    assert (told.version, [change.staff_id for change in told.changes]) == (3, [mia.staff_id] * 3)
    db.session.expire_all()
    assert company.name == "Theirs"


@pytest.mark.race
def test_two_people_on_the_same_row_are_never_both_told_that_it_is_kept(app: Flask) -> None:
    company_id = make_company("Acme").id
    people, each, start = 4, 5, Barrier(4)

    def edit(person: int) -> int:
        kept = 0
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            start.wait()
            for turn in range(each):
                seen = db.session.scalar(db.select(Company.version).where(Company.id == company_id))
                db.session.rollback()
                try:
                    with changing(Company, company_id, edit=by(), seen=seen) as row:
                        row.notes += f"{person}-{turn} "
                except StaleRecord:
                    continue
                kept += 1
        return kept

    db.session.rollback()
    with ThreadPoolExecutor(people) as threads:
        kept = sum(threads.map(edit, range(people)))
    company = db.session.get_one(Company, company_id)
    assert len(company.notes.split()) == kept == company.version - 1
    assert [version for version, *_rest in history(company)] == list(range(2, company.version + 1))


@pytest.mark.race
def test_a_status_that_is_saved_while_its_set_is_changed_waits_for_it(app: Flask) -> None:
    shipped = status("SHIPPED")
    shipped_id, set_id = shipped.id, shipped.status_set_id
    assert set_id

    def rename() -> None:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            with changing(OrderStatus, shipped_id, edit=by(action=Action.STATUSES_EDIT)) as row:
                row.name = "Sent"

    with ThreadPoolExecutor(1) as threads:
        with changing(StatusSet, set_id, edit=by(action=Action.STATUSES_EDIT)) as row:
            row.statuses = []
            renamed = threads.submit(rename)
            wait([renamed], timeout=0.3)
        renamed.result()
    db.session.expire_all()
    assert (shipped.name, shipped.status_set_id, shipped.version) == ("Sent", None, 3)


# ---- one default, one owner ----


def test_the_default_moves_and_is_never_lost() -> None:
    confirmed, new = status("CONFIRMED"), status("NEW")
    with changing(OrderStatus, confirmed.id, edit=by(action=Action.STATUSES_EDIT)) as row:
        row.is_default = True
    db.session.expire_all()
    assert (confirmed.is_default, new.is_default) == (True, False)
    assert history(new) == [(2, "is_default", "True", "False")]
    with pytest.raises(Invalid) as refused, changing(OrderStatus, confirmed.id, edit=by(action=Action.STATUSES_EDIT)):
        confirmed.is_default = False
    assert refused.value.field == "is_default"


@pytest.mark.parametrize(("field", "value"), [("grants", []), ("is_active", False)])
def test_the_last_owner_of_the_staff_stays(field: str, value: Any) -> None:
    last = make_staff("last", GRANTS["owner"])
    make_staff("viewer", ["staff:viewer"])
    inactive = make_staff("inactive", GRANTS["owner"])
    with changing(Staff, inactive.id, edit=by(action=Action.STAFF_EDIT)) as row:
        row.is_active = False
    with pytest.raises(Invalid), changing(Staff, last.id, edit=by(action=Action.STAFF_EDIT)) as row:
        setattr(row, field, value)
    changed, refused = switch_rows(
        Staff, [last.id], "is_active", value=False, scope=[], edit=by(action=Action.STAFF_EDIT)
    )
    assert (changed, len(refused)) == (0, 1)
    db.session.expire_all()
    assert last.is_active


@pytest.mark.race
def test_two_owners_who_remove_each_other_at_the_same_moment_leave_one(app: Flask) -> None:
    ids = [make_staff(name, GRANTS["owner"]).id for name in ("ann", "ben")]
    start = Barrier(2)

    def remove(own: int, other: int) -> bool:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            actor = Actor(own, "", frozenset(everything()))
            start.wait()
            try:
                with changing(Staff, other, edit=by(actor, Action.STAFF_EDIT)) as row:
                    row.grants = [grant for grant in row.grants if grant.role != "staff"]
            except (Invalid, NotAllowed):
                return False
            return True

    db.session.rollback()
    with ThreadPoolExecutor(2) as threads:
        kept = list(threads.map(remove, ids, reversed(ids)))
    assert sorted(kept) == [False, True]
    keepers = db.session.scalars(db.select(StaffGrant.staff_id).where(StaffGrant.role == "staff")).all()
    assert len(keepers) == 1


def test_whoever_lost_the_right_while_waiting_changes_no_staff() -> None:
    ann = make_staff("ann", GRANTS["owner"])
    ben = make_staff("ben", GRANTS["owner"])
    stale_actor = Actor(ben.id, "Ben", frozenset(everything()))
    with changing(Staff, ben.id, edit=by(action=Action.STAFF_EDIT)) as row:
        row.grants = []
    with pytest.raises(NotAllowed), changing(Staff, ann.id, edit=by(stale_actor, Action.STAFF_EDIT)) as row:
        row.name = "Changed"


def test_a_limited_actor_gives_only_companies_of_the_own_scope() -> None:
    acme, other = make_company("Acme"), make_company("Other")
    mia, wide = make_staff("mia", [], limited_to=[]), make_staff("wide", [], limited_to=[other])
    keeper = make_staff("keeper", ["staff:owner"], limited_to=[acme])
    limited = Actor(keeper.id, "", frozenset({Grant.parse("staff:owner")}), companies=frozenset({acme.id}))
    edit = by(limited, Action.STAFF_EDIT)
    with pytest.raises(Invalid) as refused, changing(Staff, mia.id, edit=edit) as row:
        row.companies = [acme, other]
    assert refused.value.field == "companies"
    with changing(Staff, wide.id, edit=edit) as row:
        row.companies = [other, acme]
    assert history(wide) == [(2, "companies", "Other", "Acme, Other")]


def test_a_deactivated_person_has_no_session_left() -> None:
    staff = make_staff("mia", ["order:viewer"])
    session = StaffSession(token_hash="x", staff_id=staff.id, created_at=NOW, last_used_at=NOW)
    db.session.add(session)
    db.session.commit()
    for is_active in (False, True):
        with changing(Staff, staff.id, edit=by(action=Action.STAFF_EDIT, now=NOW + timedelta(hours=1))) as row:
            row.is_active = is_active
    db.session.expire_all()
    assert session.ended_at == NOW + timedelta(hours=1)


# ---- in use ----


def test_what_uses_a_row_is_counted_within_the_scope_and_keeps_it_everywhere() -> None:
    acme, other = make_company("Acme"), make_company("Other")
    person = make_person("Ann", "Buyer", acme)
    make_order(company=acme, user=person, carrier="DHL")
    make_order(company=acme)
    assert [(use.table, use.count) for use in usage(acme, SYSTEM)] == [("person", 1), ("orders", 2)]
    carrier = Carrier(name="DHL")
    db.session.add(carrier)
    db.session.commit()
    limited = Actor(1, "", frozenset(everything()), companies=frozenset({other.id}))
    assert usage(carrier, limited) == []
    with pytest.raises(Refused, match="in use"):
        deleting(Carrier, carrier.id, edit=by(limited, Action.SETTINGS_CREATE))


@pytest.mark.race
def test_a_row_that_is_deleted_while_it_is_put_to_use_is_either_there_or_not_used(app: Flask) -> None:
    product_id = make_product()
    start = Barrier(2)

    def use() -> bool:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            company_id = db.session.scalars(db.select(Company.id)).one()
            db.session.rollback()
            start.wait()
            try:
                with creating(WishList(name="W"), edit=by(action=Action.CUSTOMERS_CREATE)) as row:
                    row.company_id = company_id
                    row.company = db.session.get_one(Company, company_id)
                    row.items = [WishListItem(product=db.session.get_one(Product, product_id))]
            except Exception:  # noqa: BLE001  whatever the database says: the product was gone
                return False
            return True

    def remove() -> bool:
        with app.app_context():
            db.session.info["actor"] = SYSTEM
            start.wait()
            try:
                deleting(Product, product_id, edit=by(action=Action.CATALOGUE_CREATE))
            except Refused:
                return False
            return True

    make_company("Acme")
    db.session.rollback()
    with ThreadPoolExecutor(2) as threads:
        used, removed = threads.submit(use), threads.submit(remove)
        assert used.result() != removed.result()


def make_product() -> int:
    """Make a product."""
    product = Product(sku="A-1", name="Adapter")
    db.session.add(product)
    db.session.commit()
    return product.id


# ---- order ----


def test_rows_are_put_in_order_on_the_places_that_they_have() -> None:
    sets = db.session.scalars(db.select(StatusSet).order_by(StatusSet.position)).all()
    places = [row.position for row in sets]
    wanted = [sets[2].id, sets[0].id, sets[1].id]
    reorder(StatusSet, wanted, edit=by(action=Action.STATUSES_EDIT))
    db.session.expire_all()
    after = db.session.scalars(db.select(StatusSet).order_by(StatusSet.position)).all()
    assert [row.id for row in after] == wanted
    assert [row.position for row in after] == places
    assert history(sets[0]) == [(2, "position", str(places[0]), str(places[1]))]


def test_rows_on_the_same_place_come_apart() -> None:
    for row in db.session.scalars(db.select(StatusSet)):
        row.position = 5
    db.session.commit()
    wanted = list(db.session.scalars(db.select(StatusSet.id).order_by(StatusSet.id.desc())))
    reorder(StatusSet, wanted, edit=by(action=Action.STATUSES_EDIT))
    db.session.expire_all()
    assert list(db.session.scalars(db.select(StatusSet.id).order_by(StatusSet.position))) == wanted


def test_an_order_that_knows_not_all_rows_is_refused() -> None:
    ids = list(db.session.scalars(db.select(StatusSet.id)))
    for wrong in (ids[1:], [*ids, 999], [*ids[:-1], ids[0]]):
        with pytest.raises(Refused, match="Reload the page"):
            reorder(StatusSet, wrong, edit=by(action=Action.STATUSES_EDIT))
