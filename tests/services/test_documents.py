"""What documents of orders say, read back from the PDF."""

import io
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import update

from models.base import db
from models.firm import Firm
from models.order import Order
from models.party import AddressText
from permissions import SYSTEM
from services.documents import Document, language_of, written, written_slip, written_together
from services.orders import find_order, totals
from services.shipments import shipments_of
from tests.factories import make_company, make_order, make_person, make_shipment

pytestmark = pytest.mark.usefixtures("database")

ZONE = ZoneInfo("Europe/Amsterdam")
PLACE = AddressText(
    company="Buyer BV", first_name="Ann", last_name="Onder", street="Kade", number="7", postal_code="3011 AA",
    city="Rotterdam", country="NL", country_name="Nederland",
)  # fmt: skip
FIRM = {
    "name": "Noordzee Supplies B.V.", "street": "Havenweg 12", "city": "Rotterdam", "country": "NL",
    "vat_number": "NL000099998B57", "bank_name": "Voorbeeldbank", "iban": "NL91ABNA0417164300", "bic": "ABNANL2A",
}  # fmt: skip
HOSTILE = (
    '#import "/etc/passwd": *', "$x^2$ *b* _i_ `raw` @ref <label>", "\\ // /* #panic() */ = h", "W" * 255,
    "שלום עולם 12", "مرحبا", "Ωж é ẞ €",
)  # fmt: skip


def order_of(**wanted: Any) -> Order:
    """Make an order and read it as its page does."""
    found = find_order(make_order(**wanted), SYSTEM)
    assert found is not None
    return found


def lines(count: int) -> list[Mapping[str, Any]]:
    """Give lines that can be told from each other."""
    return [
        {"sku": f"S{count - number:04}", "name": f"Article {number:04}.", "quantity": number + 1, "price": "1.10"}
        for number in range(count)
    ]


def pages(pdf: bytes) -> list[str]:
    """Give the text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def text(order: Order, document: Document, language: str = "en") -> str:
    """Write a document and give what it says."""
    return "\n".join(pages(written(order, document, language=language, zone=ZONE)))


def images(order: Order) -> list[Any]:
    """Give the pictures on the first page of a confirmation."""
    pdf = written(order, Document.CONFIRMATION, language="en", zone=ZONE)
    return list(PdfReader(io.BytesIO(pdf)).pages[0].images)


def set_firm(**columns: Any) -> None:
    """Say who the seller is."""
    db.session.execute(update(Firm.__table__).values(**columns))  # type: ignore[arg-type]
    db.session.commit()


def test_a_confirmation_says_who_what_and_how_much() -> None:
    set_firm(**FIRM)
    company = make_company("Buyer BV", "100200")
    order = order_of(
        company=company,
        user=make_person("Ann", "Onder", company),
        invoice=PLACE,
        delivery=PLACE,
        reference="PO-1",
        remarks="Ring twice",
        payment_method="On account",
        carrier="PostNL",
        discount_type="P",
        discount_value=Decimal(10),
        shipping_costs=Decimal("6.95"),
        shipping_tax_percentage=Decimal(21),
        lines=(
            {"sku": "A-1", "name": "Adapter", "quantity": 2, "price": "1000.1250", "tax": 21},
            {"sku": "B-2", "name": "Book", "quantity": 3, "price": "10.00", "tax": 9},
            {"sku": "C-3", "name": "Cap", "quantity": 1, "price": "0.00", "is_bonus": True},
        ),
    )
    said, sums = text(order, Document.CONFIRMATION), totals(order)
    for part in (
        f"Order confirmation {order.id}", "31 Mar 2026", "PO-1", "Ann Onder", "100200", "Kade 7", "3011 AA Rotterdam",
        "Netherlands", "A-1", "Adapter", "1,000.125", "21 %", "Bonus", "Ring twice", "On account", "PostNL",
        "NL91 ABNA 0417 1643 00", "ABNANL2A", "NL000099998B57", "Page 1 of 1", f"EUR {sums.gross:,.2f}",
        f"EUR {sums.net:,.2f}", f"−{sums.discount:,.2f}",
    ):  # fmt: skip
        assert part in said
    for tax in sums.taxes:
        assert re.search(rf"VAT {tax.percentage.normalize():f} % of {tax.base:,.2f}\s+{tax.amount:,.2f}", said)


def test_a_document_is_written_in_the_language_that_is_asked_for() -> None:
    order = order_of(delivery=PLACE, lines=[{"sku": "A-1", "name": "Adapter", "quantity": 1, "price": "1234.50"}])
    assert "Subtotal" in text(order, Document.CONFIRMATION)
    dutch, german = (text(order, Document.CONFIRMATION, language) for language in ("nl", "de"))
    assert all(part in dutch for part in ("Subtotaal", "1.234,50", "31 mrt 2026", "Nederland"))
    assert all(part in german for part in ("Zwischensumme", "1.234,50", "31. März 2026", "Niederlande"))


def test_documents_of_many_orders_speak_the_language_of_each_and_count_their_own_pages() -> None:
    orders = [order_of(language=language, lines=lines(60)) for language in ("nl", "fr")]
    assert [language_of(order) for order in orders] == ["nl", "en"]
    found = pages(written_together(orders, Document.CONFIRMATION, zone=ZONE))
    assert [bool(re.search(r"\b\w+ 1 \w+ 2$", page, re.MULTILINE)) for page in found] == [True, False, True, False]
    assert ["Subtotaal" in found[1], "Subtotal" in found[3]] == [True, True]


def test_every_one_of_705_lines_is_there_under_a_heading_on_each_page() -> None:
    order = order_of(lines=lines(705))
    for document in Document:
        found = pages(written(order, document, language="en", zone=ZONE))
        assert len(found) > 10
        assert all("SKU" in page and f"Page {number} of {len(found)}" in page for number, page in enumerate(found, 1))
        assert sorted(re.findall(r"Article (\d{4})\.", "\n".join(found))) == [f"{number:04}" for number in range(705)]


def test_a_pick_list_goes_by_the_skus() -> None:
    found = re.findall(r"S\d{4}", text(order_of(lines=lines(20)), Document.PICK_LIST))
    assert found == sorted(found)


def test_a_packing_slip_names_goods_without_prices() -> None:
    goods = {"sku": "A-1", "name": "Adapter", "quantity": 2, "price": "98.76"}
    postage = {"sku": "POST", "name": "By train", "quantity": 1, "price": "5.00", "line_class": "postage"}
    returned = {"sku": "R-9", "name": "Pump that came back", "quantity": -2, "price": "1.00"}
    order = order_of(lines=[goods, postage, returned], delivery=PLACE)
    said = text(order, Document.PACKING_SLIP)
    assert all(part in said for part in ("Adapter", "Kade 7", "Signature"))
    assert not any(part in said for part in ("98.76", "By train", "Pump"))


def test_a_packing_slip_of_a_shipment_names_it_and_only_what_is_in_it() -> None:
    order = order_of(lines=[{**line, "quantity": 9} for line in lines(2)], carrier="Own van")
    make_shipment(order.id, pieces=4, code="3S-77")
    (shipment,) = shipments_of(order)
    said = pages(written_slip(order, shipment, language="en", zone=ZONE))[0]
    assert re.search(r"Shipment\s+1\b", said)
    assert re.search(r"Article 0001\.\s+4\b", said)
    assert [part in said for part in ("3S-77", "Own van")] == [True, False]


def test_a_pick_list_leaves_out_what_is_in_shipments() -> None:
    order = order_of(lines=[{**lines(1)[0], "quantity": 9}])
    make_shipment(order.id, pieces=4)
    assert re.search(r"\b5 S\d+ Article 0000\.", text(order, Document.PICK_LIST))
    make_shipment(order.id, pieces=5)
    assert "Nothing of this order is to be picked." in text(order, Document.PICK_LIST)


def test_texts_stay_texts_and_what_has_no_letters_gets_a_box() -> None:
    texts = (*HOSTILE, "中文 😀", "\x1f\u202e end")
    order = order_of(
        lines=[{"sku": "W" * 64, "name": each, "notes": each, "quantity": 1, "price": "1.00"} for each in texts],
        reference=HOSTILE[0],
        remarks="\n".join(HOSTILE),
    )
    for document in Document:
        said = text(order, document)
        for each in HOSTILE[:4]:
            assert "".join(each.split()) in "".join(said.split())


def test_the_same_order_gives_the_same_bytes() -> None:
    orders = [order_of(lines=lines(80)) for _each in range(2)]
    for document in Document:
        once, again = (written(orders[0], document, language="de", zone=ZONE) for _each in range(2))
        assert once == again
        once, again = (written_together(orders, document, zone=ZONE) for _each in range(2))
        assert once == again


def test_a_credit_order_is_called_one() -> None:
    taken_back = [{"sku": "A-1", "name": "Adapter", "quantity": -2, "price": "10.00"}]
    credit, other = order_of(is_credit=True, lines=taken_back), order_of()
    for document in Document:
        said = text(credit, document)
        is_told = document is not Document.PICK_LIST  # nothing of it is fetched
        assert ["Credit" in said, "−2" in said, "Credit" in text(other, document)] == [True, is_told, False]


def test_an_order_without_buyer_addresses_or_lines_can_be_written() -> None:
    order = order_of(lines=())
    for document in Document:
        assert "This order has no lines." in text(order, document)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_logo_of_the_firm_stands_at_the_top(kind: str) -> None:
    order, picture = order_of(), io.BytesIO()
    assert not images(order)
    Image.new("RGB", (60, 20), "red").save(picture, kind)
    set_firm(logo=picture.getvalue(), logo_type=f"image/{kind.lower()}")
    assert images(order)


@pytest.mark.parametrize(("rule", "said"), [("REVERSE_CHARGE", "reverse charge"), ("EXPORT", "export")])
def test_an_order_without_vat_says_why(rule: str, said: str) -> None:
    order = order_of(vat_rule=rule, tax_number="DE123456789")
    (page,) = pages(written(order, Document.CONFIRMATION, language="en", zone=ZONE))
    assert f"VAT 0 %, {said}" in page
    assert "DE123456789" in page
