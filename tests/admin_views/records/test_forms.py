"""Creating, changing and deleting records: what is kept, what is refused by its field, what two people see."""

import io
import struct
import zlib
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from models.base import db
from models.firm import Firm
from models.party import Company, PartyAddress, Person
from models.price import Price
from models.product import Product
from models.record_history import RecordHistory
from models.staff import Staff
from models.status import StatusSet
from models.tax import TaxCode
from models.wish_list import WishList
from permissions import SYSTEM
from tests.admin_views.reading import Page, table
from tests.admin_views.records.conftest import Shop
from tests.factories import make_order, make_staff
from tests.forms import Form, errors, opened, saved, send
from tests.matrix import snapshot
from tests.people import client_of, csrf_token, signed_in


def history(app: Flask, table: str) -> list[tuple[str, str, str, str]]:
    """Give what the history says of a table: who, field, from, to."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        rows = db.session.scalars(db.select(RecordHistory).where(RecordHistory.record_type == table)).all()
        return [(row.staff.name if row.staff else "", row.field, row.old_value, row.new_value) for row in rows]


def picture(size: tuple[int, int] = (900, 600), kind: str = "PNG") -> bytes:
    """Make a picture."""
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, kind)
    return file.getvalue()


def uploaded(content: bytes, name: str = "picture.png") -> tuple[io.BytesIO, str]:
    """Give a file as a browser sends it."""
    return io.BytesIO(content), name


# ---- what is kept ----


def test_a_company_is_made_changed_and_deleted_with_its_history(owner: FlaskClient, app: Flask) -> None:
    company = saved(owner, "/admin/companies/new/", name="Bolt Ltd", discount_percentage="2.5", payment_term_days="30")
    saved(owner, f"/admin/companies/edit/?id={company}", name="Bolt & Nut Ltd", currency="GBP")
    page = owner.get(f"/admin/companies/details/?id={company}").text
    assert "Bolt &amp; Nut Ltd" in page
    assert "2.5 %" in page
    assert owner.post(f"/admin/companies/delete/?id={company}", data={"csrf_token": token(owner)}).status_code == 302
    assert owner.get(f"/admin/companies/details/?id={company}").status_code == 404
    assert history(app, "company") == [
        ("Owner", "", "", "Bolt Ltd"),
        ("Owner", "name", "Bolt Ltd", "Bolt & Nut Ltd"),
        ("Owner", "currency", "", "GBP"),
        ("Owner", "", "Bolt & Nut Ltd", ""),
    ]


def test_a_save_without_a_change_is_no_change(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    saved(owner, f"/admin/companies/edit/?id={shop.acme}")
    assert history(app, "company") == []
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        assert db.session.get_one(Company, shop.acme).version == 1


def test_a_form_is_filled_with_what_a_link_chose_already(owner: FlaskClient, shop: Shop) -> None:
    assert opened(owner, f"/admin/contacts/new/?company={shop.acme}")["company"] == [str(shop.acme)]
    (new,) = (
        link
        for link in Page(owner.get(f"/admin/contacts/?company={shop.acme}").text).find("a")
        if link.text == "New contact"
    )
    assert f"company={shop.acme}" in new.attributes["href"]
    assert owner.get("/admin/contacts/new/?email=x").status_code == 400


def test_a_product_keeps_its_price_to_four_decimals_and_its_names(owner: FlaskClient, app: Flask) -> None:
    product = saved(
        owner, "/admin/products/new/", sku="A-1", name="Adapter", list_price="1,234.5678", cost_price="0.0001",
        names__0__language="de", names__0__name="Stecker",
    )  # fmt: skip
    with app.app_context():
        row = db.session.get_one(Product, product)
        assert (str(row.list_price), str(row.cost_price)) == ("1234.5678", "0.0001")
        assert [(name.language, name.name) for name in row.names] == [("de", "Stecker")]
    saved(owner, f"/admin/products/edit/?id={product}", names__0__name="Kupplung")
    assert ("Owner", "names", "de: Stecker", "de: Kupplung") in history(app, "product")


def test_a_picture_is_made_small_and_can_be_taken_away(owner: FlaskClient, app: Flask) -> None:
    product = saved(owner, "/admin/products/new/", sku="A-1", name="Adapter", image=uploaded(picture((2000, 1000))))
    answer = owner.get(f"/admin/products/{product}/image")
    assert answer.mimetype == "image/jpeg"
    assert Image.open(io.BytesIO(answer.data)).size == (640, 320)
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    saved(owner, f"/admin/products/edit/?id={product}", image=uploaded(picture((50, 50))))
    assert Image.open(io.BytesIO(owner.get(f"/admin/products/{product}/image").data)).size == (50, 50)
    saved(owner, f"/admin/products/edit/?id={product}", image__remove="on")
    assert owner.get(f"/admin/products/{product}/image").status_code == 404
    assert [field for _who, field, _old, _new in history(app, "product")] == ["", "image", "image"]


def test_a_picture_survives_a_form_that_has_to_be_sent_again(owner: FlaskClient) -> None:
    answer = send(owner, "/admin/products/new/", sku="", name="Adapter", image=uploaded(picture()))
    assert errors(answer) == {"sku": "This field is required."}
    again = send(owner, "/admin/products/new/", Form(answer.text).values, sku="A-1")
    product = int(again.location.partition("id=")[2].partition("&")[0])
    assert owner.get(f"/admin/products/{product}/image").status_code == 200


def test_an_address_is_a_new_row_each_time_it_changes(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    entry = saved(
        owner, "/admin/addresses/new/", company=str(shop.acme), kind="INVOICE", address__street="Main Street",
        address__city="Utrecht", address__country="NL",
    )  # fmt: skip
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        first = db.session.get_one(PartyAddress, entry).address_id
        assert str(db.session.get_one(PartyAddress, entry)) == "Main Street, Utrecht, Netherlands"
    saved(owner, f"/admin/addresses/edit/?id={entry}", address__city="Arnhem")
    saved(owner, f"/admin/addresses/edit/?id={entry}", address__city="Utrecht")
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        assert db.session.get_one(PartyAddress, entry).address_id == first
    assert history(app, "party_address")[1] == (
        *("Owner", "address", "Main Street, Utrecht, Netherlands", "Main Street, Arnhem, Netherlands"),
    )


def test_a_wish_list_holds_products_that_come_and_go(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    path = "/admin/wish-lists/new/"
    wishes = saved(
        owner, path, name="Spring", company=str(shop.acme), items__0__product=str(shop.product), items__0__quantity="5"
    )
    assert "5 × Adapter" in owner.get(f"/admin/wish-lists/details/?id={wishes}").text
    saved(owner, f"/admin/wish-lists/edit/?id={wishes}", items__0__quantity="7")
    form = opened(owner, f"/admin/wish-lists/edit/?id={wishes}")
    assert send(owner, f"/admin/wish-lists/edit/?id={wishes}", {**form, "del-items-0": ["on"]}).status_code == 302
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        assert db.session.get_one(WishList, wishes).items == []
    assert [row[1:] for row in history(app, "wish_list")] == [
        ("", "", "Spring"), ("items", "5 × Adapter", "7 × Adapter"), ("items", "7 × Adapter", ""),
    ]  # fmt: skip


def test_a_tax_code_has_rates_by_country_and_date(owner: FlaskClient, app: Flask) -> None:
    code = saved(
        owner, "/admin/tax-codes/new/", code="X", name="Extra", rates__0__country="DE", rates__0__percentage="7.5",
        rates__0__valid_from="2026-01-01",
    )  # fmt: skip
    with app.app_context():
        assert list(map(str, db.session.get_one(TaxCode, code).rates)) == ["DE 2026-01-01: 7.5 %"]
    twice = send(
        owner, f"/admin/tax-codes/edit/?id={code}", rates__1__country="DE", rates__1__percentage="8",
        rates__1__valid_from="2026-01-01",
    )  # fmt: skip
    assert "Two rates of a country begin on the same day." in twice.text


def test_an_incentive_tells_what_it_asks_for_and_gives_in_words(owner: FlaskClient, shop: Shop) -> None:
    form = {"conditions__1__kind": "PRODUCT", "conditions__1__product": str(shop.product)}
    rule = saved(owner, "/admin/incentives/new/", **right("incentives", shop), **form)
    saved(owner, f"/admin/incentives/edit/?id={rule}", effects__0__percentage="7.5")
    page = owner.get(f"/admin/incentives/details/?id={rule}").text
    assert "Subtotal at least 500.00 EUR, At least 1 × Adapter" in page
    assert "7.5 % off the order" in page
    assert table(owner.get("/admin/incentives/export/csv/").data)[1][1:3] == [
        "Subtotal at least 500.00 EUR, At least 1 × Adapter",
        "7.5 % off the order",
    ]
    assert "Discount on the order 5 % → Discount on the order 7.5 %" in page


def test_the_firm_has_a_logo_and_a_bank_account(owner: FlaskClient, app: Flask) -> None:
    saved(
        owner, "/admin/firm/edit/?id=1", name="Seller B.V.", iban="NL91 ABNA 0417 1643 00", bic="ABNANL2A",
        country="NL", logo=uploaded(picture((300, 100))),
    )  # fmt: skip
    with app.app_context():
        firm = db.session.get_one(Firm, 1)
        assert (firm.iban, firm.logo_type) == ("NL91ABNA0417164300", "image/jpeg")
    assert owner.get("/admin/firm/1/image").mimetype == "image/jpeg"
    assert owner.get("/admin/firm/2/image").status_code == 404


def test_ticked_rows_are_switched_with_their_history(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    form = {"action": "switch_off", "rowid": [shop.product, 99999], "csrf_token": token(owner)}
    answer = owner.post("/admin/products/action/", data=form, follow_redirects=True)
    assert "1 record is changed." in answer.text
    assert history(app, "product") == [("Owner", "is_active", "True", "False")]
    again = owner.post("/admin/products/action/", data=form, follow_redirects=True)
    assert "Nothing had to be changed." in again.text
    hidden = {"action": "switch_off", "rowid": shop.acme, "csrf_token": token(owner)}
    owner.post("/admin/companies/action/", data=hidden)
    assert history(app, "company") == [("Owner", "is_hidden", "False", "True")]


def test_rows_that_were_chosen_can_all_be_taken_away_again(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    with app.app_context():
        person = make_staff("manager", ["user:viewer"]).id
    both = f"{shop.acme},{shop.zeta}"
    saved(owner, f"/admin/staff/edit/?id={person}", is_limited="y", companies=both, managed_companies=both)
    saved(owner, f"/admin/companies/edit/?id={shop.acme}", managers="")
    saved(owner, f"/admin/staff/edit/?id={person}", companies="", managed_companies=None)
    told = sorted((field, new) for _who, field, _old, new in history(app, "company"))
    assert told == [*[("managers", "")] * 2, *[("managers", "Manager")] * 2]
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        manager = db.session.get_one(Staff, person)
        assert (manager.companies, manager.managed_companies) == ([], [])


def test_a_code_that_is_not_offered_any_more_stays_until_another_is_chosen(
    owner: FlaskClient, app: Flask, shop: Shop
) -> None:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        for code in db.session.scalars(db.select(TaxCode).where(TaxCode.code != "M")):
            code.is_active = False
        db.session.get_one(Product, shop.product).tax_code = "L"
        db.session.get_one(Company, shop.acme).currency = "DEM"
        db.session.get_one(Person, shop.contact).language = "la"
        person = make_staff("far", ["user:viewer"])
        person.timezone = "Atlantis/City"
        db.session.commit()
        person_id = person.id
    for page, row in {"products": shop.product, "companies": shop.acme, "staff": person_id}.items():
        saved(owner, f"/admin/{page}/edit/?id={row}", name="Renamed")
    renamed = send(owner, f"/admin/contacts/edit/?id={shop.contact}", first_name="Renamed")
    assert errors(renamed) == {"language": "There is no language la."}
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        assert db.session.get_one(Product, shop.product).tax_code == "L"
        assert db.session.get_one(Company, shop.acme).currency == "DEM"
        assert db.session.get_one(Staff, person_id).timezone == "Atlantis/City"
    assert opened(owner, "/admin/products/new/")["tax_code"] == ["M"]
    assert errors(send(owner, "/admin/products/new/", sku="A-1", name="A", tax_code="L")) == {
        "tax_code": "Not a valid choice."
    }


def test_a_blank_number_is_what_its_column_says(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    product = saved(owner, "/admin/products/new/", sku="A-1", name="A", minimum_quantity="", step_quantity=" ")
    wishes = saved(
        owner, "/admin/wish-lists/new/", name="Spring", company=str(shop.acme),
        items__0__product=str(product), items__0__quantity="5",
    )  # fmt: skip
    saved(owner, f"/admin/wish-lists/edit/?id={wishes}", items__0__quantity="")
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        row = db.session.get_one(Product, product)
        assert (row.minimum_quantity, row.step_quantity) == (1, 1)
        assert [item.quantity for item in db.session.get_one(WishList, wishes).items] == [1]


# ---- what is refused, by its field ----

WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("products", {"list_price": "1.23456"}, "list_price", "“1.23456” has more than 4 decimals."),
    ("products", {"list_price": "NaN"}, "list_price", "“NaN” is not an amount. Write it as 1,250.50 or 1250.50."),
    ("products", {"list_price": "Infinity"}, "list_price", "is not an amount"),
    ("products", {"list_price": "1e400"}, "list_price", "is not an amount"),
    ("products", {"list_price": "٣"}, "list_price", "is not an amount"),
    ("products", {"list_price": "99999999999999"}, "list_price", "too large"),
    ("products", {"list_price": "-1"}, "list_price", "may not be below 0"),
    ("products", {"minimum_quantity": "0"}, "minimum_quantity", "may not be below 1"),
    ("products", {"minimum_quantity": "1.5"}, "minimum_quantity", "not a whole number"),
    ("products", {"minimum_quantity": "99999999999"}, "minimum_quantity", "too large"),
    ("products", {"minimum_quantity": "3", "step_quantity": "2"}, "minimum_quantity", "not a multiple of the step"),
    ("products", {"ean": "4006381333932"}, "ean", "This is not a valid EAN"),
    ("products", {"tax_code": "ZZ"}, "tax_code", "Not a valid choice."),
    ("products", {"sku": ""}, "sku", "required"),
    ("products", {"sku": "a\nb"}, "sku", "line breaks or other characters"),
    ("products", {"sku": "S" * 65}, "sku", "longer than 64"),
    ("products", {"image": (b"hello", "picture.png")}, "image", "not a picture"),
    ("products", {"image": (b"<svg><script>alert(1)</script></svg>", "p.svg")}, "image", "not a picture"),
    ("companies", {"email": "a@b.example\nBcc: x@y.example"}, "email", "line breaks or other characters"),
    ("companies", {"email": "nobody"}, "email", "This is not an e-mail address."),
    ("companies", {"discount_percentage": "101"}, "discount_percentage", "100 at most"),
    ("companies", {"payment_term_days": "366"}, "payment_term_days", "365 at most"),
    ("companies", {"currency": "XXX"}, "currency", "Not a valid choice."),
    ("companies", {"customer_group": "77"}, "customer_group", "This does not exist or is not available to you."),
    ("companies", {"managers": "77"}, "managers", "This does not exist or is not available to you."),
    ("addresses", {"address__country": "XQ"}, "address-country", "There is no country “XQ”."),
    ("addresses", {"address__street": ""}, "address-street", "Write an address."),
    ("addresses", {"company": ""}, "company", "An address belongs to one company or to one private customer"),
    ("contacts", {"company": ""}, "company", "A contact orders for a company."),
    ("contacts", {"company": "1 OR 1=1"}, "company", "This does not exist or is not available to you."),
    ("price-lists", {"currency": ""}, "currency", "This field is required."),
    ("price-lists", {"valid_from": "2026-02-30"}, "valid_from", "is not a day"),
    ("price-lists", {"valid_from": "2026-02-02", "valid_until": "2026-02-01"}, "valid_until", "before the first"),
    ("incentives", {"valid_from": "2026-02-02", "valid_until": "2026-02-01"}, "valid_until", "before the first"),
    ("incentives", {"action_code": "spring 5"}, "action_code", "An action code has capital letters"),
    ("incentives", {"effects__0__percentage": "100.01"}, "effects-0-percentage", "100 at most"),
    ("incentives", {"effects__0__amount": "5"}, "effects-0-percentage", "either a percentage or an amount"),
    (
        "incentives",
        {"effects__0__kind": "DISCOUNT_PRODUCT"},
        "effects-0-product",
        "The kind that is chosen needs this.",
    ),
    ("incentives", {"conditions__0__country": "NL"}, "conditions-0-country", "does not belong to the kind"),
    (
        "incentives",
        {"conditions__0__kind": "ITEMS", "conditions__0__amount": ""},
        "conditions-0-quantity",
        "needs this",
    ),
    ("prices", {"price": "-0.01"}, "price", "may not be below 0"),
    ("prices", {"from_quantity": "0"}, "from_quantity", "may not be below 1"),
    ("tax-codes", {"code": "a b"}, "code", "capital letters and digits"),
    ("statuses", {"code": "on hold"}, "code", "capital letters, digits, - and _"),
    ("statuses", {"colour": "pink"}, "colour", "Not a valid choice."),
    ("carriers", {"tracking_url": "javascript:alert({code})"}, "tracking_url", "Write a web address with {code}"),
    ("carriers", {"tracking_url": "https://x.example/"}, "tracking_url", "Write a web address with {code}"),
    ("payment-methods", {"code": "on account"}, "code", "capital letters, digits and _"),
    ("payment-methods", {"costs": "0.005"}, "costs", "more than 2 decimals"),
    ("payment-methods", {"tax_code": "ZZ"}, "tax_code", "Not a valid choice."),
    ("carriers", {"costs": "-0.01"}, "costs", "This may not be below 0."),
    ("carriers", {"free_from": "NaN"}, "free_from", "is not an amount"),
    ("staff", {"email": "x"}, "email", "This is not an e-mail address."),
    ("staff", {"grants__order": "9"}, "grants-order", "Not a valid choice."),
]
RIGHT: dict[str, dict[str, Any]] = {
    "products": {"sku": "OK", "name": "Fine", "names__0__language": "de", "names__0__name": "Gut"},
    "companies": {"name": "Fine"},
    "addresses": {"company": "{acme}", "kind": "INVOICE", "address__street": "Here"},
    "contacts": {"company": "{acme}", "first_name": "A", "last_name": "B"},
    "customers": {"first_name": "A", "last_name": "B"},
    "customer-groups": {"name": "Fine"},
    "wish-lists": {
        "name": "Fine",
        "company": "{acme}",
        "items__0__product": "{product}",
        "items__0__quantity": "3",
        "items__0__notes": "soon",
    },
    "price-lists": {"name": "Fine", "currency": "EUR"},
    "prices": {"price_list": "{price_list}", "product": "{product}", "price": "1"},
    "incentives": {
        "name": "Fine",
        "conditions__0__kind": "SUBTOTAL_FROM",
        "conditions__0__amount": "500",
        "effects__0__kind": "DISCOUNT_ORDER",
        "effects__0__percentage": "5",
    },
    "tax-codes": {
        "code": "X",
        "name": "Fine",
        "rates__0__percentage": "1",
        "rates__0__valid_from": "2026-01-01",
        "rates__0__country": "DE",
    },
    "statuses": {"code": "FINE", "name": "Fine"},
    "status-sets": {"name": "Fine"},
    "carriers": {"name": "Fine"},
    "payment-methods": {"code": "FINE", "name": "Fine"},
    "sources": {"name": "Fine"},
    "staff": {"name": "Fine", "email": "fine@seller.example"},
}


def right(page: str, shop: Shop) -> dict[str, Any]:
    """Give values with which a row of a page can be made."""
    return {name: value.format(**vars(shop)) for name, value in RIGHT[page].items()}


@pytest.mark.parametrize(("page", "wrong", "field", "sentence"), WRONG)
def test_what_cannot_be_is_told_by_its_field_and_nothing_is_stored(
    owner: FlaskClient, app: Flask, shop: Shop, page: str, wrong: dict[str, Any], field: str, sentence: str
) -> None:
    before = snapshot(app)
    files = {name: uploaded(*value) for name, value in wrong.items() if isinstance(value, tuple)}
    answer = send(owner, f"/admin/{page}/new/", **{**right(page, shop), **wrong, **files})
    assert sentence in errors(answer).get(field, ""), errors(answer)
    assert list(errors(answer)) == [field]
    assert snapshot(app) == before
    kept = {name: value for name, value in right(page, shop).items() if name not in wrong and "__" not in name}
    typed = opened_values(answer.text)
    assert {name: typed[name] for name in kept} == {name: [value] for name, value in kept.items()}


def opened_values(text: str) -> dict[str, list[Any]]:
    """Give what stands in the form of a page."""
    return Form(text).values


def test_a_space_is_not_what_a_field_requires(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    before = snapshot(app)
    for page, fields in {
        "companies": ["name"],
        "products": ["sku", "name"],
        "carriers": ["name"],
        "prices": ["price"],
        "price-lists": ["name"],
        "tax-codes": ["name", "rates__0__percentage", "rates__0__valid_from"],
        "staff": ["name", "email"],
    }.items():
        blank = dict.fromkeys(fields, " ")
        answer = send(owner, f"/admin/{page}/new/", **{**right(page, shop), **blank})
        assert errors(answer) == {field.replace("__", "-"): "This field is required." for field in fields}, page
    assert snapshot(app) == before


def test_a_number_that_no_column_holds_is_told_by_its_field(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    before = snapshot(app)
    whole, large = "This is not a whole number.", "This is too large."
    for page, field, typed, sentence in (
        ("statuses", "position", "-1", "This may not be below 0."),
        ("statuses", "position", "--5", whole),
        ("status-sets", "position", "٣", whole),
        ("status-sets", "position", "1000001", "This may be 1000000 at most."),
        ("companies", "payment_term_days", "-" + "9" * 30, large),
        ("products", "minimum_quantity", "9" * 5000, large),
        ("products", "minimum_quantity", str(2**31), large),
        ("products", "list_price", "950000000000", "“950000000000” is too large: an amount is below 900,000,000,000."),
    ):
        answer = send(owner, f"/admin/{page}/new/", **{**right(page, shop), field: typed})
        assert errors(answer) == {field: sentence}, (page, typed)
    assert snapshot(app) == before


def test_countries_are_named_and_sorted_in_the_language_of_the_page(owner: FlaskClient) -> None:
    page = owner.get("/admin/firm/edit/?id=1", headers={"Accept-Language": "de"}).text
    names = [option.text for option in Page(page).find("option") if len(option.attributes["value"]) == 2]
    assert [names[0], names[-1]] == ["Afghanistan", "Zypern"]
    assert names.index("Oman") < names.index("Österreich") < names.index("Pakistan")


def test_every_page_takes_what_is_right(owner: FlaskClient, shop: Shop) -> None:
    for page in RIGHT:
        assert saved(owner, f"/admin/{page}/new/", **right(page, shop)), page


def bomb() -> bytes:
    """Make a small file that says it is a picture of 3.6 billion pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (bomb(), "more than 25 million pixels"),
        (picture((6_000, 6_000)), "36 million pixels"),
        (b"\x89PNG" + b"\0" * 50_000_000, "larger than 8 MB"),
        (b"", "not a picture"),
        (picture()[:60], "not a picture"),
    ],
    ids=["bomb", "many pixels", "50 MB", "empty", "cut"],
)
def test_a_picture_that_cannot_be_used_is_told_by_its_field(
    owner: FlaskClient, app: Flask, content: bytes, sentence: str
) -> None:
    answer = send(owner, "/admin/products/new/", sku="A-1", name="Adapter", image=uploaded(content))
    assert sentence in errors(answer)["image"]
    logo = send(owner, "/admin/firm/edit/?id=1", logo=uploaded(content))
    assert sentence in errors(logo)["logo"]
    with app.app_context():
        assert db.session.scalar(db.select(Product.id)) is None


def test_a_name_that_is_taken_is_told_by_its_field(owner: FlaskClient, shop: Shop) -> None:
    answer = send(owner, "/admin/products/new/", sku="SKU-1", name="Again")
    assert errors(answer) == {"sku": "Already exists."}
    saved(owner, "/admin/prices/new/", price_list=str(shop.price_list), product=str(shop.product), price="1")
    again = send(owner, "/admin/prices/new/", price_list=str(shop.price_list), product=str(shop.product), price="2")
    assert errors(again) == {"from_quantity": "Another record has this already."}


def test_no_field_is_set_that_the_form_does_not_have(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    form = opened(owner, f"/admin/companies/edit/?id={shop.acme}")
    more = {name: ["77"] for name in ("id", "name_folded", "created_at", "search_text")}
    assert send(owner, f"/admin/companies/edit/?id={shop.acme}", {**form, **more}, name="New").status_code == 302
    fixed = opened(owner, "/admin/statuses/edit/?id=3")
    assert "code" not in fixed
    send(owner, "/admin/statuses/edit/?id=3", {**fixed, "code": ["HACKED"], "kind": ["CUSTOM"]}, name="Newer")
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        company = db.session.get_one(Company, shop.acme)
        assert (company.id, company.name_folded, company.search_text.split("\n")[0]) == (shop.acme, "new", "new")
    assert [row[1:] for row in history(app, "order_status")] == [("name", "New", "Newer")]


# ---- deleting ----


def token(client: FlaskClient) -> str:
    """Give a token for a form."""
    return csrf_token(client, "/admin/account/password/")


def test_what_is_used_is_not_deleted_but_says_by_what_and_can_be_set_inactive(
    owner: FlaskClient, app: Flask, shop: Shop
) -> None:
    page = owner.get(f"/admin/companies/delete/?id={shop.acme}").text
    assert "is in use, so it cannot be deleted" in page
    for link in (f"/admin/orders/?company={shop.acme}", f"/admin/contacts/?company={shop.acme}"):
        assert f'href="{link}"' in page
        assert owner.get(link).status_code == 200
    assert ">Hide</button>" in page
    answer = owner.post(f"/admin/companies/delete/?id={shop.acme}", data={"csrf_token": token(owner)})
    assert "is in use, so it is not deleted" in answer.text
    contact = owner.get(f"/admin/contacts/delete/?id={shop.contact}").text
    assert f'href="/admin/orders/?user_id={shop.contact}"' in contact
    assert ">Set inactive</button>" in contact
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        assert db.session.get(Company, shop.acme)
        assert db.session.get(Person, shop.contact)
    assert history(app, "company") == []


def test_what_orders_name_by_its_text_is_in_use(owner: FlaskClient, app: Flask) -> None:
    with app.app_context():
        make_order(carrier="DHL", payment_method="On account", source="EDI")
    for page, values in {
        "carriers": {"name": "DHL"},
        "payment-methods": {"name": "On account", "code": "ON_ACCOUNT"},
        "sources": {"name": "EDI"},
    }.items():
        row = saved(owner, f"/admin/{page}/new/", **values)
        answer = owner.post(f"/admin/{page}/delete/?id={row}", data={"csrf_token": token(owner)})
        assert "is in use, so it is not deleted" in answer.text, page


def test_what_goes_with_a_row_is_told_before_and_remembered_after(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    saved(owner, "/admin/prices/new/", price_list=str(shop.price_list), product=str(shop.product), price="1")
    saved(owner, "/admin/addresses/new/", company=str(shop.zeta), kind="INVOICE", address__street="Main Street")
    with app.app_context():
        sets = db.session.scalars(db.select(StatusSet).where(StatusSet.name == "Fulfillment")).one()
        set_id, members = sets.id, len(sets.statuses)
    for path, heading, said in (
        (f"price-lists/delete/?id={shop.price_list}", "Deleted with it", "Prices1"),
        (f"products/delete/?id={shop.product}", "Deleted with it", "Prices1"),
        (f"companies/delete/?id={shop.zeta}", "Deleted with it", "Addresses1"),
        (f"status-sets/delete/?id={set_id}", "Stays without it", f"Statuses{members}"),
    ):
        page = Page(owner.get(f"/admin/{path}").text)
        assert [table.text for table in page.find("table")] == [f"{heading}How many {said}"], path
    for path in (f"price-lists/delete/?id={shop.price_list}", f"companies/delete/?id={shop.zeta}"):
        owner.post(f"/admin/{path}", data={"csrf_token": token(owner)})
    owner.post(f"/admin/status-sets/delete/?id={set_id}", data={"csrf_token": token(owner)})
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(Price)) == 0
    assert history(app, "price")[-1] == ("Owner", "", "Dealers · Adapter · 1", "")
    assert history(app, "party_address")[-1] == ("Owner", "", "Main Street", "")
    assert history(app, "order_status") == [("Owner", "status_set", "Fulfillment", "")] * members


def test_a_row_that_is_gone_is_told_and_what_was_typed_does_not_vanish_unsaid(owner: FlaskClient, shop: Shop) -> None:
    path = f"/admin/companies/edit/?id={shop.zeta}"
    form = opened(owner, path)
    owner.post(f"/admin/companies/delete/?id={shop.zeta}", data={"csrf_token": token(owner)})
    assert send(owner, path, form, name="New").status_code == 404


# ---- two people on the same row ----


def test_a_save_on_an_older_version_is_refused_with_both_values_and_keeps_what_was_typed(
    owner: FlaskClient, app: Flask, shop: Shop
) -> None:
    path, other = f"/admin/companies/edit/?id={shop.acme}", signed_in(app, "owner@seller.example")
    form = opened(owner, path)
    saved(other, path, name="Theirs Ltd", phone="111", notes="their note")
    stale = send(owner, path, form, name="Mine Ltd", phone="111", email="mine@acme.example")
    assert stale.status_code == 409
    assert "Not saved yet: it was changed while you were editing." in stale.text
    assert "Owner saved it on" in stale.text
    for text in ("was Acme Łódź", "Theirs Ltd", "Mine Ltd", "1 field was changed on both sides", "Notes: their note"):
        assert text in stale.text
    typed = opened_values(stale.text)
    assert (typed["name"], typed["email"], typed["notes"]) == (["Mine Ltd"], ["mine@acme.example"], ["their note"])
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        assert db.session.get_one(Company, shop.acme).name == "Theirs Ltd"
    assert send(owner, path, typed).status_code == 302
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        company = db.session.get_one(Company, shop.acme)
        assert (company.name, company.email, company.notes) == ("Mine Ltd", "mine@acme.example", "their note")


def test_the_other_persons_value_can_be_taken(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    path = f"/admin/companies/edit/?id={shop.acme}"
    form = opened(owner, path)
    saved(owner, path, name="Theirs Ltd", managers="")
    stale = send(owner, path, form, name="Mine Ltd", phone="222")
    typed = opened_values(stale.text)
    assert typed["take-name"] == ["mine"]
    assert send(owner, path, {**typed, "take-name": ["theirs"]}).status_code == 302
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        company = db.session.get_one(Company, shop.acme)
        assert (company.name, company.phone) == ("Theirs Ltd", "222")


@pytest.mark.parametrize("version", ["", "0", "-1", "abc", "99999999999"])
def test_a_form_with_a_wrong_version_changes_nothing(owner: FlaskClient, app: Flask, shop: Shop, version: str) -> None:
    path = f"/admin/companies/edit/?id={shop.acme}"
    assert send(owner, path, version=version, name="Changed").status_code == 409
    assert history(app, "company") == []


def test_a_right_that_was_taken_away_while_the_form_was_open_keeps_nothing(app: Flask, shop: Shop) -> None:
    client = client_of(app, "owner")
    path = f"/admin/companies/edit/?id={shop.acme}"
    form = opened(client, path)
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        person = db.session.scalars(db.select(Staff)).one()
        person.grants = [grant for grant in person.grants if grant.role != "user"]
        db.session.commit()
    assert send(client, path, form, name="Changed").status_code == 403
    assert history(app, "company") == []


@pytest.mark.parametrize("row_id", ["abc", "1,2", "", "0", "-1", "1e1", "٣", "9" * 30, "%00", " 1", "1;2"])
def test_an_id_that_is_none_is_not_found(owner: FlaskClient, shop: Shop, row_id: str) -> None:
    for page in ("details", "edit", "delete"):
        assert owner.get(f"/admin/companies/{page}/?id={row_id}").status_code == 404, page


def test_an_address_of_a_record_takes_nothing_else(owner: FlaskClient, shop: Shop) -> None:
    for more in ("x=1", f"id={shop.acme}", "_external=1", "modal=True"):
        assert owner.get(f"/admin/companies/details/?id={shop.acme}&{more}").status_code == 400, more
    for url in ("https://evil.example/", "//evil.example", "/admin/%0anew", "javascript:alert(1)", "/no/such/page"):
        text = owner.get(f"/admin/companies/edit/?id={shop.acme}&url={url}").text
        assert "evil" not in text
        assert 'href="javascript' not in text
