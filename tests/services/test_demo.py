"""Demo data."""

import shutil
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from config import Settings
from models.base import Base, db
from models.invoice import Invoice
from models.order import Order, OrderLine
from models.order_count import OrderCount, OrderDay
from models.order_history import OrderHistory
from models.product import Product, ProductImage
from models.shipment import Shipment
from models.staff import Staff, company_manager
from models.status import OrderStatus
from permissions import SYSTEM
from services.demo import DemoRequest, load_demo
from services.demo.catalogue import ean
from services.errors import Refused
from services.orders import find_order, part_counts, totals
from services.shipment_rules import Shipped
from services.shipments import shipped_of
from services.sign_in import resume, sign_in
from services.verify import verify
from tests.people import GRANTS

UNTIL = datetime(2026, 3, 31, tzinfo=UTC)
ORDERS = 400


@pytest.fixture
def asked(tmp_path: Path) -> DemoRequest:
    return DemoRequest(ORDERS, seed=7, until=UNTIL, base_currency="EUR", instance=tmp_path / "instance")


@pytest.fixture
def loaded(database: None, asked: DemoRequest) -> Path:
    """The demo, loaded; gives the file of the logins."""
    return load_demo(asked)


@pytest.fixture
def other_app(migrated_file: Path, tmp_path: Path) -> Iterator[Flask]:
    """The product on another database."""
    path = shutil.copy(migrated_file, tmp_path / "other.db")
    settings = {"DATABASE_URL": f"sqlite:///{path}", "SECRET_KEY": "only for tests"}
    app = create_app(Settings.from_environ(settings, tmp_path))
    yield app
    with app.app_context():
        db.engine.dispose()


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the database but passwords and secrets, which differ each time, and where something is counted."""
    tables = {}
    with db.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            is_count = table in {OrderCount.__table__, OrderDay.__table__}
            columns = [
                c
                for c in table.columns
                if c.name not in ("password_hash", "secret") and not (is_count and c.primary_key)
            ]
            rows = connection.execute(select(*columns).order_by(*(columns if is_count else table.primary_key)))
            tables[table.name] = [tuple(row) for row in rows]
    return tables


@pytest.mark.usefixtures("loaded")
def test_equal_seeds_make_equal_data_on_every_database(other_app: Flask, asked: DemoRequest) -> None:
    here = contents()
    with other_app.app_context():
        db.session.info["actor"] = SYSTEM
        load_demo(asked)
        assert contents() == here


@pytest.mark.usefixtures("loaded")
def test_another_seed_makes_other_data(other_app: Flask, asked: DemoRequest) -> None:
    here = contents()
    with other_app.app_context():
        db.session.info["actor"] = SYSTEM
        load_demo(replace(asked, seed=8))
        assert contents()["orders"] != here["orders"]


@pytest.mark.usefixtures("loaded")
def test_the_data_is_whole_and_adds_up_by_the_money_rules() -> None:
    assert not [check for check in verify() if check.count]
    for order_id in db.session.scalars(select(Order.id).order_by(Order.id)).all():
        order = find_order(order_id, SYSTEM)
        assert order is not None
        sums = totals(order)
        assert (order.total_gross, order.total_tax, order.total_net) == (sums.gross, sums.tax, sums.net)


@pytest.mark.usefixtures("loaded")
def test_orders_are_of_every_kind_and_lie_before_the_day() -> None:
    def kinds(column: Any) -> set[Any]:
        return set(db.session.scalars(select(column).distinct()))

    assert db.session.scalar(select(func.count()).select_from(Order)) == ORDERS
    first, last = db.session.execute(select(func.min(Order.created_at), func.max(Order.updated_at))).one()
    assert UNTIL - timedelta(days=560) < first < last < UNTIL
    assert {"EUR", "GBP"} <= kinds(Order.currency)
    assert {"Webshop", "EDI", "Sales Portal"} <= kinds(Order.source)
    assert len(kinds(Order.status_id)) >= 5
    assert {"EMPTY", "FINISHED"} <= kinds(Order.export_status)
    assert kinds(OrderLine.is_bonus) == {True, False}
    assert {0, 9, 21} <= kinds(OrderLine.tax_percentage)
    assert kinds(OrderHistory.origin) == {"DEMO", "STAFF"}
    assert None in kinds(Order.company_id)


@pytest.mark.usefixtures("loaded")
def test_what_was_shipped_lately_has_an_invoice_of_its_total_told_in_the_history() -> None:
    invoiced = db.session.execute(select(Invoice, Order).join(Order, Order.id == Invoice.order_id)).all()
    assert {invoice.paid_on is None for invoice, _order in invoiced} == {True, False}
    for invoice, order in invoiced:
        assert (invoice.number, invoice.total_net) == (order.accounting_id, order.total_net)
        assert invoice.issued_on
        assert invoice.due_on == invoice.issued_on + timedelta(days=30)
        assert invoice.paid_on is None or invoice.issued_on <= invoice.paid_on <= UNTIL.date()
    told = db.session.scalars(select(OrderHistory.new_value).where(OrderHistory.field == "invoice"))
    assert sorted(told) == sorted(invoice.number for invoice, _order in invoiced)


def test_every_status_has_orders_in_the_newest_weeks(database: None, asked: DemoRequest) -> None:
    load_demo(replace(asked, orders=2_000))
    newest = select(OrderStatus.code).join(Order.status).where(Order.created_at > UNTIL - timedelta(days=45))
    counts = Counter(db.session.scalars(newest))
    for code in ("DRAFT_ORDER", "UNFINISHED", "COMPLETE", "CANCELLED"):
        assert counts[code] >= 1, code
    for code in ("NEW", "VALIDATED", "CONFIRMED", "PROCESSING", "SHIPPED"):
        assert counts[code] >= 4, code


@pytest.mark.usefixtures("loaded")
def test_what_was_packed_or_sent_lately_has_shipments_told_in_the_history() -> None:
    shipments = db.session.scalars(select(Shipment).order_by(Shipment.order_id, Shipment.number)).all()
    assert {"PROCESSING", "IN_TRANSIT", "DELIVERED"} <= {shipment.status for shipment in shipments}
    assert max(shipment.number for shipment in shipments) == 2
    told: dict[str, dict[int, str]] = {}
    for row in db.session.scalars(select(OrderHistory).order_by(OrderHistory.id)):
        told.setdefault(row.field, {}).setdefault(row.order_id, "")
        told[row.field][row.order_id] += f"{row.new_value}; "
    far = set()
    for shipment in shipments:
        order = db.session.get_one(Order, shipment.order_id)
        assert order.created_at <= shipment.created_at <= UNTIL
        assert str(shipment) in told["shipment"][order.id]
        assert all(str(line) in told["shipment_line"][order.id] for line in shipment.lines)
        assert all(str(code) in told["tracking_code"][order.id] for code in shipment.tracking)
        far.add((order.status.code == "PROCESSING", shipped_of(order, part_counts(order).pieces_shipped)))
    assert far == {(True, Shipped.PARTLY), (False, Shipped.FULLY)}


@pytest.mark.usefixtures("loaded")
def test_articles_have_valid_numbers_and_small_pictures() -> None:
    numbers = db.session.scalars(select(Product.ean)).all()
    assert len(numbers) >= 250
    assert all(ean(number[:12]) == number for number in numbers)
    pictures = db.session.scalars(select(ProductImage.content)).all()
    assert len(pictures) == len(numbers)
    assert all(picture.startswith(b"\x89PNG") and len(picture) < 2_000 for picture in pictures)


def test_a_known_article_number_has_its_check_digit() -> None:
    assert ean("400638133393") == "4006381333931"


def test_the_logins_work_and_have_the_demo_grants(loaded: Path) -> None:
    assert stat.S_IMODE(loaded.stat().st_mode) == 0o600
    logins = dict(line.split() for line in loaded.read_text(encoding="ascii").splitlines())
    assert list(logins) == ["owner@demo.example", "editor@demo.example", "viewer@demo.example"]
    for email, password in logins.items():
        token = sign_in(email, password, remote_address="127.0.0.1", user_agent="test", now=UNTIL)
        actor = resume(token, idle=timedelta(hours=8), now=UNTIL).actor
        assert sorted(map(str, actor.grants)) == sorted(GRANTS[email.partition("@")[0]])
        managed = db.select(company_manager).where(company_manager.c.staff_id == actor.staff_id)
        assert bool(db.session.execute(managed).all()) == email.startswith("owner")


@pytest.mark.usefixtures("loaded")
def test_colleagues_cannot_sign_in() -> None:
    hashes = db.session.scalars(select(Staff.password_hash)).all()
    assert sum(value.startswith("$argon2id$") for value in hashes) == 3
    assert len(hashes) > 3


def test_passwords_do_not_come_from_the_seed(loaded: Path, other_app: Flask, asked: DemoRequest) -> None:
    before = loaded.read_text(encoding="ascii")
    with other_app.app_context():
        assert load_demo(asked).read_text(encoding="ascii") != before


def test_a_database_with_orders_is_refused_and_keeps_its_logins(loaded: Path, asked: DemoRequest) -> None:
    before = loaded.read_text(encoding="ascii")
    with pytest.raises(Refused, match="empty database"):
        load_demo(replace(asked, seed=8))
    assert loaded.read_text(encoding="ascii") == before
    assert db.session.scalar(select(func.count()).select_from(Order)) == ORDERS
