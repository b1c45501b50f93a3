"""What must hold for the rows that owners keep, what they have of themselves, and who is told to have changed them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from models.base import db
from models.order_history import Origin
from models.party import Company, Person, PersonKind
from models.price import Price, PriceList
from models.product import Product
from models.record_history import RecordHistory
from permissions import SYSTEM, Action, Actor, everything
from services.errors import Invalid
from services.records import changing, creating
from services.unit_of_work import Edit
from tests.factories import NOON, make_company, make_staff

EDIT = Edit(SYSTEM, Action.CATALOGUE_CREATE, NOON + timedelta(hours=1))

pytestmark = pytest.mark.usefixtures("database")


def history(row: Any) -> Sequence[RecordHistory]:
    """Give what happened to a row, the earliest first."""
    return db.session.scalars(
        select(RecordHistory)
        .where(RecordHistory.record_type == row.__tablename__, RecordHistory.record_id == row.id)
        .order_by(RecordHistory.id)
    ).all()


def make_product(**columns: Any) -> Product:
    """Make a product."""
    product = Product(**{"sku": "A-1", "name": "Adapter", **columns})
    db.session.add(product)
    db.session.commit()
    return product


def test_history_says_which_program_changed_a_row() -> None:
    company = make_company("Acme")
    with changing(Company, company.id, edit=replace(EDIT, program=Origin.IMPORT)) as row:
        row.notes = "Rings first."
    assert [(row.origin, row.staff_id) for row in history(company)] == [("IMPORT", None)]


def test_history_says_which_person_changed_a_row_whatever_the_program() -> None:
    company, staff = make_company("Acme"), make_staff("owner", [])
    actor = Actor(staff.id, "Owner", frozenset(everything()))
    with changing(Company, company.id, edit=replace(EDIT, actor=actor, program=Origin.IMPORT)) as row:
        row.notes = "Rings first."
    assert [(row.origin, row.staff_id) for row in history(company)] == [("STAFF", staff.id)]


def test_a_number_that_is_only_written_otherwise_is_not_changed() -> None:
    product = make_product(list_price=Decimal("1.5"), cost_price=Decimal(100))
    with changing(Product, product.id, edit=EDIT) as row:
        row.list_price, row.cost_price = Decimal("1.50"), Decimal("100.1")
    assert [(row.field, row.old_value, row.new_value) for row in history(product)] == [("cost_price", "100", "100.1")]


def test_a_new_row_has_the_defaults_of_its_columns_when_its_rule_looks_at_it() -> None:
    with creating(Product(), edit=EDIT) as product:
        product.sku, product.name = "A-1", "Adapter"
    assert (product.tax_code, product.minimum_quantity, product.step_quantity, product.ean) == ("H", 1, 1, "")


def test_what_may_not_be_empty_falls_back_to_its_default() -> None:
    company = make_company("Acme")
    discounts: Sequence[Any] = (Decimal(5), None)
    for discount in discounts:
        with changing(Company, company.id, edit=EDIT) as row:
            row.discount_percentage = discount
    assert company.discount_percentage == 0
    assert [(row.old_value, row.new_value) for row in history(company)] == [("0", "5"), ("5", "0")]


def test_a_contact_may_be_made_of_an_address_alone() -> None:
    with creating(Person(kind=PersonKind.CONTACT), edit=EDIT) as person:
        person.company, person.email = make_company("Acme"), "ann@acme.example"
    assert (person.first_name, person.last_name, person.name_folded, person.language) == ("", "", "", "en")


@pytest.mark.parametrize(
    ("model", "values", "field", "sentence"),
    [
        (Company, {"discount_percentage": Decimal("100.01")}, "discount_percentage", "100 at most"),
        (Company, {"discount_percentage": Decimal(-1)}, "discount_percentage", "below 0"),
        (Company, {"payment_term_days": 366}, "payment_term_days", "365 at most"),
        (Company, {"payment_term_days": -1}, "payment_term_days", "below 0"),
        (Product, {"minimum_quantity": 0}, "minimum_quantity", "below 1"),
        (Product, {"step_quantity": 0}, "step_quantity", "below 1"),
        (Product, {"list_price": Decimal("-0.0001")}, "list_price", "below 0"),
        (Price, {"from_quantity": 0}, "from_quantity", "below 1"),
        (Price, {"price": Decimal(-1)}, "price", "below 0"),
        (Person, {"language": "xx"}, "language", "no language xx"),
    ],
)
def test_what_no_table_takes_is_told_by_its_field(
    model: type[Any], values: Mapping[str, Any], field: str, sentence: str
) -> None:
    company = make_company("Acme")
    good: dict[type[Any], dict[str, Any]] = {
        Company: {"name": "Beta"},
        Product: {"sku": "A-2", "name": "Plug"},
        Price: {"price_list": PriceList(name="Gold", currency="EUR"), "product": make_product(), "price": Decimal(1)},
        Person: {"kind": PersonKind.CONTACT, "company": company, "email": "ann@acme.example"},
    }
    with pytest.raises(Invalid, match=sentence) as refused, creating(model(**{**good[model], **values}), edit=EDIT):
        pass
    assert refused.value.field == field
