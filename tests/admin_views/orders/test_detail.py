"""The page of one order as a person reads it."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin_views.orders.tabs import TABS
from models.base import begin_writing, db
from models.order import OrderLine
from models.party import AddressText
from models.product import Product, ProductImage
from permissions import SYSTEM, Action
from services.unit_of_work import Edit, changing_many
from tests.factories import NOON, make_company, make_order, make_payment, make_person, make_staff, status_id
from tests.people import signed_in

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}${7*7}"


def words(client: FlaskClient, path: str, **more: Any) -> str:
    """Give the words of a page, without its marks and with single spaces."""
    answer = client.get(path, **more)
    assert answer.status_code == 200, answer.text
    body = re.sub(r"(?s)<(script|style).*?</\1>", "", answer.text.partition("<main")[2])
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_the_header_says_which_order_of_whom_in_which_status(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order(
            status="CONFIRMED", company=make_company("Acme & Sons", "D-7"), reference="PO 15", source="web shop"
        )
    page = words(viewer, f"/admin/orders/{number}/")
    for said in (f"Order {number}", "Confirmed", "Acme & Sons", "PO 15", "web shop", "D-7"):
        assert said in page


def test_the_title_names_the_order(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order()
    assert f"<title>Order {number} · Orders Backoffice</title>" in viewer.get(f"/admin/orders/{number}/").text


def test_the_product_list_shows_every_line_with_its_amounts(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order(
            lines=[
                {"sku": "A-1", "name": "Adapter", "notes": "black", "quantity": 3, "price": "1234.5", "unit": "pcs"},
                {"sku": "B-2", "name": "Gift", "quantity": 1, "price": "0", "is_bonus": True},
                {"sku": "P", "name": "Freight", "quantity": 1, "price": "9.9999", "line_class": "postage", "tax": 0},
            ]
        )
    page = words(viewer, f"/admin/orders/{number}/")
    assert "Adapter A-1 · black" in page
    assert "3 pcs" in page
    assert "1,234.50" in page
    assert "3,703.50" in page
    assert "4,481.24" in page
    assert "Gift Bonus" in page
    assert "9.9999" in page
    assert "Product list 3" in page


def test_an_order_without_lines_says_so(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order(lines=[])
    assert "This order has no lines." in words(viewer, f"/admin/orders/{number}/")


def test_the_totals_add_up_by_rate(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order(
            lines=[
                {"sku": "A", "name": "A", "quantity": 1, "price": "100", "tax": 21},
                {"sku": "B", "name": "B", "quantity": 2, "price": "50", "tax": 9},
            ]
        )
    page = words(viewer, f"/admin/orders/{number}/financials/")
    assert "Total excl. VAT 200.00" in page
    assert "VAT 9 % of 100.00 9.00" in page
    assert "VAT 21 % of 100.00 21.00" in page
    assert "Total incl. VAT 230.00" in page


def test_the_financials_tell_of_each_payment(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order()
        make_payment(number, "20.00", method="iDEAL", external_id="pay_1")
        make_payment(number, "-4.20", status="REFUNDED", currency="GBP", updated_at=NOON + timedelta(days=1))
    page = words(viewer, f"/admin/orders/{number}/financials/")
    assert "iDEAL pay_1 31 Mar 2026 10:00 Paid 20.00 EUR" in page
    assert "31 Mar 2026 10:00 Refunded 1 Apr 2026 10:00 −4.20 GBP" in page
    assert "Payments" not in words(viewer, f"/admin/orders/{number}/")


def test_a_credit_is_written_with_a_real_minus(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order(is_credit=True, lines=[{"sku": "A", "name": "A", "quantity": -2, "price": "10", "tax": 0}])
    page = words(viewer, f"/admin/orders/{number}/")
    assert "Total incl. VAT −20.00" in page
    assert "Quantity −2" in page
    assert f"Order {number} New Credit" in page


def test_a_foreign_currency_shows_its_rate_and_the_total_of_the_list(app: Flask, viewer: FlaskClient) -> None:
    lines = [{"sku": "A", "name": "A", "quantity": 1, "price": "2241.30"}]
    with app.app_context():
        foreign = make_order(currency="GBP", currency_rate=Decimal("1.17"), lines=lines)
        home = make_order()
    for tab in ("", "financials/"):
        page = words(viewer, f"/admin/orders/{foreign}/{tab}")
        assert "Total excl. VAT, 1 GBP = 1.17 EUR at order time 2,622.32 EUR" in page
        assert "1 GBP = 1,17 EUR" in words(viewer, f"/admin/orders/{foreign}/{tab}", headers={"Accept-Language": "nl"})
        assert "at order time" not in words(viewer, f"/admin/orders/{home}/{tab}")


def test_the_number_at_the_source_stands_beside_the_source(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order(source="shop", external_order_id="WEB-536365")
    for tab in ("", "financials/"):
        assert "Source shop · WEB-536365" in words(viewer, f"/admin/orders/{number}/{tab}")


def test_the_export_says_when_and_what_came_back(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        failed = make_order(export_status="FAILED", exported_at=NOON, export_message="no such debtor")
        empty = make_order()
    told = words(viewer, f"/admin/orders/{failed}/financials/")
    assert "Export status Failed Exported date 31 Mar 2026 10:00 Export message no such debtor" in told
    untold = words(viewer, f"/admin/orders/{empty}/financials/")
    assert "Export status Empty" in untold
    assert "Exported date" not in untold


def crumb(client: FlaskClient, path: str, referrer: str) -> str:
    """Give where "Orders" leads on a page that a person came to from there."""
    found = re.search(r'<a class="crumb[^"]*" href="([^"]+)"', client.get(path, headers={"Referer": referrer}).text)
    assert found
    return unescape(found[1])


def test_the_way_back_leads_to_the_list_that_the_person_came_from(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order()
    path, came_from = f"/admin/orders/{number}/", "/admin/orders/?tab=set-1&search=a%26b&page=3"
    assert crumb(viewer, path, f"http://localhost{came_from}") == came_from
    text = viewer.get(path, headers={"Referer": f"http://localhost{came_from}"}).text
    tabs = re.findall(rf'href="({path}(?!history/|documents/)[^"]*\?list=[^"]+)"', text)
    assert len(tabs) == len(TABS)
    for tab in tabs:
        assert crumb(viewer, unescape(tab), f"http://localhost{path}") == came_from
    (history,) = re.findall(rf'href="({path}history/\?list=[^"]+)"', text)
    order = crumb(viewer, unescape(history), f"http://localhost{path}")
    assert crumb(viewer, order, f"http://localhost{unescape(history)}") == came_from


def test_from_anywhere_else_the_way_back_leads_to_the_plain_list(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order()
    for referrer in (
        "",
        "http://localhost/admin/orders/",
        "http://localhost/admin/",
        "http://elsewhere.example/admin/orders/?tab=NEW",
        "http://localhost.elsewhere.example/admin/orders/?tab=NEW",
        "http://localhost@elsewhere.example/admin/orders/?tab=NEW",
        "http://localhost/admin/orders/5/?tab=NEW",
        "javascript:alert(1)//http://localhost/admin/orders/?",
        "http://[",
    ):
        assert crumb(viewer, f"/admin/orders/{number}/", referrer) == "/admin/orders/", referrer


def test_whatever_the_address_says_the_way_back_leads_to_the_list(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order()
    for said in ("https://elsewhere.example/", "//elsewhere.example", '"><script>alert(1)</script>', "../../logout"):
        href = crumb(viewer, f"/admin/orders/{number}/?{urlencode({'list': said})}", "")
        assert href == f"/admin/orders/?{said}"


def test_the_arrows_lead_along_the_list_that_the_person_came_from(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        first, _other, last = (make_order(status=code) for code in ("NEW", "CONFIRMED", "NEW"))
    asked = "list=tab%3DNEW%26sort%3Dorder_number%26desc%3D0"
    text = viewer.get(f"/admin/orders/{first}/statuses/?{asked}").text
    (link,) = re.findall(r'href="([^"]+)" aria-label="Order after this one"', text)
    answer = viewer.get(unescape(link))
    assert answer.location == f"/admin/orders/{last}/statuses/?{asked}"
    assert "This is the last order." in viewer.get(f"/admin/orders/{last}/next?{asked}", follow_redirects=True).text
    told = viewer.get(f"/admin/orders/{first}/next?list=tab%3Dno-such", follow_redirects=True).text
    assert "The list that you came from cannot be read any more." in told


def test_a_tab_is_marked_as_the_current_one(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        page = f"/admin/orders/{make_order()}/"
    for tab, marked in (("", ""), ("products/", ""), *((f"{tab.key}/",) * 2 for tab in TABS[1:])):
        current = re.findall(r'<li class="on"><a href="([^"]+)" aria-current="page">', viewer.get(page + tab).text)
        assert current == [page + marked], tab


def test_a_private_customer_and_a_guest_are_marked(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        private = make_order(user=make_person("Ann", "Lee"))
        guest = make_order(invoice=AddressText(company="Walk-in Ltd"))
    assert "Ann Lee private" in words(viewer, f"/admin/orders/{private}/")
    assert "Walk-in Ltd guest" in words(viewer, f"/admin/orders/{guest}/")


def test_a_customer_without_a_name_is_marked_all_the_same(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        guest, private, company = (
            make_order(),
            make_order(user=make_person("", "")),
            make_order(company=make_company("A")),
        )
    assert "Customer Guest, no name given" in words(viewer, f"/admin/orders/{guest}/")
    assert "Customer Private customer, no name given" in words(viewer, f"/admin/orders/{private}/")
    assert "no name given" not in words(viewer, f"/admin/orders/{company}/")
    assert '<span class="tag">guest</span>' in viewer.get(f"/admin/orders/{guest}/").text
    assert '<span class="tag">private</span>' in viewer.get(f"/admin/orders/{private}/").text


def test_an_order_with_nothing_but_lines_has_a_page(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order()
    for tab in ("", "financials/"):
        assert f"Order {number}" in words(viewer, f"/admin/orders/{number}/{tab}")


def test_the_customer_is_one_link_away_for_whoever_may_see_it(
    app: Flask, owner: FlaskClient, viewer: FlaskClient
) -> None:
    with app.app_context():
        company = make_company("Maas")
        number, link = make_order(company=company), f'href="/admin/companies/details/?id={company.id}"'
    assert link in owner.get(f"/admin/orders/{number}/").text
    assert link not in viewer.get(f"/admin/orders/{number}/").text


def test_addresses_are_written_line_by_line(app: Flask, viewer: FlaskClient) -> None:
    delivery = AddressText(
        company="Acme", first_name="Ann", street="High St", number="1", number_extension="b", postal_code="1000 AA",
        city="Town", country_name="Netherlands", phone="+31 20 1",
    )  # fmt: skip
    with app.app_context():
        number = make_order(delivery=delivery, invoice=AddressText(company="Acme Accounts"))
    page = words(viewer, f"/admin/orders/{number}/")
    for said in ("Acme Ann High St 1 b 1000 AA Town Netherlands", "+31 20 1", "Acme Accounts"):
        assert said in page


@pytest.mark.parametrize("tab", ["products", "shipments"])
def test_whoever_prepares_the_delivery_reads_how_and_when(app: Flask, viewer: FlaskClient, tab: str) -> None:
    with app.app_context():
        number = make_order(carrier="DHL", requested_on=date(2026, 3, 9), is_partial_delivery_allowed=True)
        plain = make_order(shipping_method="PICKUP")
    told = "Shipping method Delivery Carrier DHL Preferred delivery date 9 Mar 2026 Partial delivery Allowed"
    assert words(viewer, f"/admin/orders/{number}/{tab}/").count(told) == 1
    assert "Shipping method Pickup Partial delivery Not allowed" in words(viewer, f"/admin/orders/{plain}/{tab}/")


def test_moments_are_in_the_zone_of_the_person(app: Flask) -> None:
    with app.app_context():
        number = make_order(created=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
        for name, zone in (("riga", "Europe/Riga"), ("york", "America/New_York")):
            make_staff(name, ["order:viewer", "backoffice:viewer"]).timezone = zone
            db.session.commit()
    assert "01:30" in words(signed_in(app, "riga@seller.example"), f"/admin/orders/{number}/")
    assert "18:30" in words(signed_in(app, "york@seller.example"), f"/admin/orders/{number}/")


def test_the_history_says_what_happened_and_who_did_it_newest_first(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        staff = make_staff("olga", ["order:editor", "backoffice:viewer"])
        number = make_order(status="NEW")
        db.session.info["actor"] = SYSTEM
        actor = replace(SYSTEM, staff_id=staff.id, name="Olga")
        for orders in changing_many([number], edit=Edit(actor, Action.ORDERS_EDIT, NOON)):
            orders[0].status_id = status_id("CONFIRMED")
    page = words(viewer, f"/admin/orders/{number}/")
    assert page.index("Status New → Confirmed") < page.index("Created, status New")
    assert "Olga" in page


def test_the_company_leads_to_its_orders(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        company = make_company("Acme")
        number, company_id = make_order(company=company), company.id
    assert f'href="/admin/orders/?company={company_id}"' in viewer.get(f"/admin/orders/{number}/").text
    with app.app_context():
        nobodys = make_order()
    assert "View company orders" not in words(viewer, f"/admin/orders/{nobodys}/")


def test_texts_of_customers_stay_texts(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        company = make_company(HOSTILE, HOSTILE[:60])
        person = make_person(HOSTILE[:90], HOSTILE[:90], company)
        written = AddressText(company=HOSTILE, first_name=HOSTILE[:90], city=HOSTILE[:90], street=HOSTILE)
        number = make_order(
            company=company, user=person, delivery=written, invoice=written, reference=HOSTILE, remarks=HOSTILE,
            email=HOSTILE, export_message=HOSTILE, source=HOSTILE[:50], payment_method=HOSTILE[:60],
            lines=[{"sku": HOSTILE[:60], "name": HOSTILE, "notes": HOSTILE, "unit": HOSTILE[:30],
                    "quantity": 1, "price": "1"}],
        )  # fmt: skip
    for path in (f"/admin/orders/{number}/", f"/admin/orders/{number}/financials/", "/admin/orders/?search=script"):
        text = viewer.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "${49}" not in text
        assert "&lt;script&gt;alert" in text


def test_a_number_that_is_no_order_is_named(viewer: FlaskClient) -> None:
    for number in (0, 999_999, 2**63 - 1, 2**63, 10**30):
        for tab in ("", "products/", "financials/"):
            answer = viewer.get(f"/admin/orders/{number}/{tab}")
            assert answer.status_code == 404
            assert f"There is no order {number}." in answer.text


def test_a_tab_that_is_not_there_is_not_found(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order()
    assert viewer.get(f"/admin/orders/{number}/no-such-tab/").status_code == 404


# ---- pictures ----


@pytest.fixture
def pictured(app: Flask) -> tuple[int, int]:
    """An order of a product with a picture: the number and the product's id."""
    with app.app_context():
        product = Product(sku="A-1", name="Adapter")
        db.session.add(product)
        db.session.flush()
        product_id = product.id
        db.session.add(ProductImage(product_id=product_id, media_type="image/png", content=b"\x89PNG picture"))
        db.session.commit()
        number = make_order()
        begin_writing(db.session)
        db.session.info["unit_of_work"] = True
        db.session.execute(db.update(OrderLine).values(product_id=product_id))
        db.session.commit()
    return number, product_id


def test_a_line_shows_the_picture_of_its_product(viewer: FlaskClient, pictured: tuple[int, int]) -> None:
    number, product_id = pictured
    assert f'src="/admin/orders/products/{product_id}/image"' in viewer.get(f"/admin/orders/{number}/").text


def test_a_picture_is_sent_as_one_that_can_do_nothing(viewer: FlaskClient, pictured: tuple[int, int]) -> None:
    answer = viewer.get(f"/admin/orders/products/{pictured[1]}/image")
    assert (answer.status_code, answer.content_type, answer.data) == (200, "image/png", b"\x89PNG picture")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_picture_is_sent_once(viewer: FlaskClient, pictured: tuple[int, int]) -> None:
    path = f"/admin/orders/products/{pictured[1]}/image"
    again = viewer.get(path, headers={"If-None-Match": viewer.get(path).headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == "private, no-cache"


def test_a_product_without_a_picture_has_none(viewer: FlaskClient) -> None:
    for product_id in (0, 999_999, 2**63, 10**30):
        assert viewer.get(f"/admin/orders/products/{product_id}/image").status_code == 404


def test_the_source_leads_to_the_orders_before_and_after(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        first = make_order(source="Web shop", external_order_id="WEB-7")
        credit = make_order(original_order_id=first, is_credit=True, status="CONFIRMED")
        binned = make_order(original_order_id=first, is_deleted=True)
        alone = make_order()
    page = words(viewer, f"/admin/orders/{first}/source/")
    assert "External order id WEB-7" in page
    assert "Original order" not in page
    assert f"Orders made from this one Order number Order status Date Created Total excl. VAT {credit} Credit" in page
    assert f'href="/admin/orders/{credit}/"' in viewer.get(f"/admin/orders/{first}/source/").text
    assert f'href="/admin/orders/{binned}/"' not in viewer.get(f"/admin/orders/{first}/source/").text
    after = words(viewer, f"/admin/orders/{credit}/source/")
    assert f"Original order Order number Order status Date Created Total excl. VAT {first} New" in after
    assert "Orders made from this one None." in after
    nothing = words(viewer, f"/admin/orders/{alone}/source/")
    assert "No source is named." in nothing


def test_an_order_out_of_scope_is_no_relative(app: Flask) -> None:
    with app.app_context():
        ours, theirs = make_company("Ours"), make_company("Theirs")
        number = make_order(company=ours)
        foreign = make_order(company=theirs, original_order_id=number)
        email = make_staff("limited", ["order:viewer", "backoffice:viewer"], limited_to=[ours]).email
    page = signed_in(app, email).get(f"/admin/orders/{number}/source/").text
    assert f"/admin/orders/{foreign}/" not in page
    assert "None." in page
