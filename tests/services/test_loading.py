"""New orders in bulk."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, func, inspect, select, text

from models.base import db
from models.order import ArticleText, LineText, Order, OrderLine, OrderSearch
from models.order_history import OrderHistory, Origin
from models.party import Address, AddressText
from models.staff import Staff
from services.loading import (
    HISTORY_COLUMNS,
    LINE_COLUMNS,
    ORDER_COLUMNS,
    SEARCH_COLUMNS,
    Changed,
    Loading,
    NewChange,
    NewLine,
    NewOrder,
    loading,
)
from services.orders import totals
from services.verify import verify
from tests.factories import make_company, make_staff, status_id

NOON = datetime(2026, 3, 31, 12, 0, 0, 250, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


def an_order(load: Loading, **fields: Any) -> NewOrder:
    text_id = load.text_ids([ArticleText("A-1", "Adapter")])[ArticleText("A-1", "Adapter")]
    return NewOrder(
        **{
            "status_id": status_id("NEW"),
            "lines": [NewLine(text_id, 3, 12_345, tax_code="H", tax_percentage=2_100)],
            "changes": [NewChange(NOON, (Changed("status", "", "NEW"),))],
            "currency": "EUR",
            **fields,
        }
    )


def written(**fields: Any) -> Order:
    with loading(Origin.DEMO, "EUR") as load:
        (order_id,) = load.write([an_order(load, **fields)])
    return db.session.get_one(Order, order_id)


EDITED = {
    *("phone", "tax_number", "coc_number", "payment_term_days", "action_code"),
    *("vat_rule", "shipping_costs_origin", "payment_costs_origin", "price_origin", "cost_price", "incentive_id"),
}
"""What the editor keeps: where nobody has said it, the tables say what it is."""


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (Order, (*ORDER_COLUMNS, "is_deleted")),  # nothing comes into the bin at once: the table says so
        (OrderLine, LINE_COLUMNS),
        (OrderHistory, ("id", *HISTORY_COLUMNS)),
        (OrderSearch, ("order_number", *SEARCH_COLUMNS)),  # the number is the database's
    ],
)
def test_every_column_is_written(model: type, columns: tuple[str, ...]) -> None:
    mapper: Any = inspect(model)
    assert len(set(columns)) == len(columns)
    assert set(columns) - EDITED == set(mapper.columns.keys()) - EDITED


def test_totals_and_counts_follow_from_the_lines() -> None:
    order = written(
        lines=[
            NewLine(text_id := _text_id(), 3, 12_345, tax_percentage=2_100, discount_percentage=1_000),
            NewLine(text_id, 1, 50_000, tax_percentage=900, parent=0),
            NewLine(text_id, 1, 0, is_bonus=True),
            NewLine(text_id, 1, 9_999, line_class="surcharge"),
        ],
        discount_type="P",
        discount_value=500,
        shipping_costs=695,
        shipping_tax_percentage=2_100,
        currency="GBP",
        currency_rate=117_000_000,
    )
    assert [line.total for line in order.lines] == [Decimal(total) for total in ("3.33", "5.00", "0.00", "1.00")]
    assert order.lines[1].parent_id == order.lines[0].id
    assert order.item_count == 1
    assert (order.total_gross, order.total_tax, order.total_net) == (
        totals(order).gross,
        totals(order).tax,
        totals(order).net,
    )
    assert order.total_base == Decimal("18.50")
    assert not any(check.count for check in verify())


def _text_id() -> int:
    with loading(Origin.DEMO, "EUR") as load:
        return load.text_ids([ArticleText("A-1", "Adapter")])[ArticleText("A-1", "Adapter")]


def test_history_version_and_stamps_follow_from_the_changes() -> None:
    staff_id = make_staff("ann", []).id
    later = NOON + timedelta(hours=2)
    order = written(
        status_id=status_id("CONFIRMED"),
        changes=[
            NewChange(NOON, (Changed("status", "", "NEW"),)),
            NewChange(NOON + timedelta(hours=1), (Changed("status", "NEW", "CONFIRMED"),), staff_id, "By phone"),
            NewChange(later, (Changed("payment_status", "OPEN", "PAID"), Changed("accounting_id", "", "F1"))),
        ],
    )
    history = db.session.scalars(select(OrderHistory).order_by(OrderHistory.id)).all()
    assert [(row.version, row.origin, row.field, row.old_value, row.new_value, row.note) for row in history] == [
        (1, "DEMO", "status", "", "NEW", ""),
        (2, "STAFF", "status", "NEW", "CONFIRMED", "By phone"),
        (3, "DEMO", "payment_status", "OPEN", "PAID", ""),
        (3, "DEMO", "accounting_id", "", "F1", ""),
    ]
    assert (order.version, order.updated_by_id) == (3, staff_id)
    assert (order.created_at, order.status_changed_at, order.updated_at) == (NOON, NOON + timedelta(hours=1), later)


def test_moments_are_stored_as_sqlalchemy_stores_them() -> None:
    abroad = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    db.session.add(Staff(email="a@b.example", name="A", password_hash="!", created_at=abroad))
    db.session.commit()
    written(changes=[NewChange(abroad, (Changed("status", "", "NEW"),))], exported_at=abroad, payment_status_at=NOON)
    as_text = "SELECT CAST({} AS TEXT) FROM {}"
    expected = db.session.scalar(text(as_text.format("created_at", "staff")))
    for column in ("created_at", "updated_at", "status_changed_at", "exported_at", "payment_status_at"):
        assert db.session.scalar(text(as_text.format(column, "orders"))) == expected
    assert db.session.scalar(text(as_text.format("at", "order_history"))) == expected


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        written(exported_at=NOON.replace(tzinfo=None))
    assert db.session.scalar(select(func.count()).select_from(LineText)) == 0


def test_an_order_of_a_company_has_no_buyers_name() -> None:
    company = make_company("Acme", "1")
    with pytest.raises(ValueError, match="buyer"):
        written(company_id=company.id, buyer_name="Ann")


def test_nothing_stays_of_a_load_that_fails() -> None:
    def fail() -> None:
        with loading(Origin.DEMO, "EUR") as load:
            load.write([an_order(load)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert db.session.scalar(select(func.count()).select_from(Order)) == 0
    assert db.session.scalar(select(func.count()).select_from(LineText)) == 0


def test_a_number_is_never_given_again() -> None:
    first = written().id
    with db.engine.execution_options(writes=True).begin() as connection:
        for model in (OrderHistory, Order):
            connection.execute(delete(model.__table__))  # type: ignore[arg-type]
    assert written().id > first


def test_numbers_follow_the_sequence_given() -> None:
    with loading(Origin.DEMO, "EUR") as load:
        ids = load.write([an_order(load, reference=str(number)) for number in range(20)])
    rows = db.session.execute(select(Order.reference).order_by(Order.id)).scalars().all()
    assert list(rows) == [str(number) for number in range(20)]
    assert sorted(ids) == list(ids)


def test_equal_texts_and_addresses_share_a_row() -> None:
    texts = [ArticleText("A-1", "Adapter"), ArticleText("A-1", "adapter")]
    addresses = [AddressText(city="Łódź"), AddressText(city="Lodz")]
    seen = []
    for _load in range(2):
        with loading(Origin.DEMO, "EUR") as load:
            seen.append((load.text_ids(texts), load.address_ids(addresses)))
    assert seen[0] == seen[1]
    assert db.session.scalar(select(func.count()).select_from(LineText)) == 2
    assert db.session.scalar(select(func.count()).select_from(Address)) == 2


def test_awkward_texts_come_back_as_they_went() -> None:
    awkward = 'tab\t, line\nbreak, \\N \\. "quote" \r é 🚚'
    order = written(remarks=awkward, reference="\\N", buyer_name="Ørsted Łódź")
    assert (order.remarks, order.reference) == (awkward, "\\N")
    assert order.buyer_name_folded == "orsted lodz"
    assert not any(check.count for check in verify())
