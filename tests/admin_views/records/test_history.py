"""The history of records: values are written as pages write them, on the record's own page, in the log and its file."""

from datetime import date
from decimal import Decimal

from flask import Flask
from flask.testing import FlaskClient

from models.base import db
from models.incentive import ConditionKind, EffectKind, Incentive, IncentiveCondition, IncentiveEffect
from models.product import Product
from models.record_history import RecordHistory
from models.staff import Staff
from models.tax import TaxCode, TaxRate
from services.record_facts import described
from tests.admin_views.reading import Page, table
from tests.admin_views.records.conftest import Shop
from tests.factories import NOON
from tests.forms import saved

GERMAN = {"Accept-Language": "de"}
LOG = "/admin/audit-log/"


def told(client: FlaskClient) -> list[list[str]]:
    """Give the values before and after of each line of the log, in German, which its file has as well."""
    page = Page(client.get(LOG, headers=GERMAN).text)
    cells = [cell.text.strip() for cell in page.find("td", "tbody") if "value" in cell.attributes["class"]]
    lines = [[*pair] for pair in zip(cells[::2], cells[1::2], strict=True)]
    assert [row[5:7] for row in table(client.get(f"{LOG}export/csv/", headers=GERMAN).data)[1:]] == lines
    return lines


def remembered(app: Flask, record_type: str, record_id: int, field: str, old: str, new: str) -> None:
    """Let the history have a change."""
    with app.app_context():
        staff = db.session.scalars(db.select(Staff)).first()
        row = RecordHistory(record_type=record_type, record_id=record_id, version=2, at=NOON, origin="STAFF")
        row.staff, row.field, row.old_value, row.new_value = staff, field, old, new
        db.session.add(row)
        db.session.commit()


def test_values_are_written_as_pages_write_them(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    for (path, record_type, row_id), field, old, new, before, after in [
        (("products", "product", shop.product), "list_price", "1250.5", "1250.125", "1.250,50", "1.250,125"),
        (("products", "product", shop.product), "minimum_quantity", "1", "12000", "1", "12.000"),
        (("products", "product", shop.product), "is_active", "True", "False", "Ja", "Nein"),
        (("products", "product", shop.product), "list_price", "unknown", "2", "unknown", "2,00"),
        (("price-lists", "price_list", shop.price_list), "valid_from", "2026-03-01", "", "1. März 2026", ""),
        (("contacts", "person", shop.contact), "language", "nl", "de", "Nederlands", "Deutsch"),
    ]:
        remembered(app, record_type, row_id, field, old, new)
        assert told(owner)[0] == [before, after]
        shown = Page(owner.get(f"/admin/{path}/details/?id={row_id}", headers=GERMAN).text).text
        assert f"{before} → {after or 'leer'}" in shown


def test_what_is_made_of_several_rows_is_written_in_words(owner: FlaskClient, app: Flask) -> None:
    with app.app_context():
        rates = [TaxRate(country="NL", valid_from=date(2026, 1, 1), percentage=Decimal("7.5"))]
        rates.append(TaxRate(country="", valid_from=date(2025, 5, 1), percentage=Decimal(21)))
        code = TaxCode(code="X", name="Extra", rates=rates)
        condition = IncentiveCondition(kind=ConditionKind.SUBTOTAL_FROM, amount=Decimal("2500.5"))
        effects = [IncentiveEffect(kind=EffectKind.DISCOUNT_ORDER, percentage=Decimal("2.5"))]
        effects.append(IncentiveEffect(kind=EffectKind.DISCOUNT_MANUFACTURER, manufacturer="S 2.5", amount=3))
        effects.append(IncentiveEffect(kind=EffectKind.BONUS_PRODUCT, product=Product(sku="C", name="Cable 1.5")))
        effects[-1].quantity = 2
        incentive = Incentive(name="Summer", position=900, conditions=[condition], effects=effects)
        db.session.add_all([code, incentive])
        db.session.commit()
        held = [(row, field, described(row)[field].text) for row, field in
                ((code, "rates"), (incentive, "conditions"), (incentive, "effects"))]  # fmt: skip
        known = [(row.__tablename__, row.id, field, text) for row, field, text in held]
    for record_type, row_id, field, text in known:
        remembered(app, record_type, row_id, field, "", text)
    assert [after for _before, after in told(owner)] == [
        "Gratisprodukt 2 × Cable 1.5, Rabatt auf Positionen eines Herstellers S 2.5 3,00, Rabatt auf den Auftrag 2,5 %",
        "Zwischensumme mindestens 2.500,50",
        "überall sonst ab 1. Mai 2025: 21 %, NL ab 1. Jan. 2026: 7,5 %",
    ]


def test_a_refused_status_and_grants_are_told_by_their_names(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    remembered(app, "orders", shop.order, "status", "NEW", "COMPLETE")
    remembered(app, "staff", 1, "grants", "", "order:editor, staff:owner")
    remembered(app, "staff", 1, "language", "", "nl")
    assert told(owner) == [
        ["", "Nederlands"],
        ["", "Auftrag: Bearbeiter, Mitarbeiter: Besitzer"],
        ["New", "Complete"],
    ]


def test_each_record_is_called_as_its_page_is(owner: FlaskClient) -> None:
    saved(owner, "/admin/mail-templates/edit/?id=1", subject="Your order")
    assert table(owner.get(f"{LOG}export/csv/").data)[1][2] == "Mail template"
