"""The lists of records: what is found, in which order, and what an address that cannot be read is told."""

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from models.base import db
from models.choices import Carrier, OrderSource, PaymentMethod
from models.party import AddressKind, AddressText, Company, PartyAddress, Person
from models.price import CustomerGroup, Price, PriceList
from models.product import Product, ProductImage
from models.record_history import RecordHistory
from models.status import OrderStatus, StatusSet
from models.tax import TaxCode, TaxRate
from models.wish_list import WishList, WishListItem
from permissions import SYSTEM
from services.addresses import stored
from tests.admin_views.reading import Element, Page, table
from tests.admin_views.records.conftest import Shop
from tests.factories import NOON, make_company, make_order, make_person, make_staff, status_id
from tests.forms import errors, saved, send
from tests.people import csrf_token, signed_in

LISTS = (
    "companies", "contacts", "customers", "addresses", "customer-groups", "wish-lists", "products", "price-lists",
    "prices", "tax-codes", "statuses", "status-sets", "carriers", "payment-methods", "sources", "staff", "audit-log",
)  # fmt: skip
LIMITED = ["user:owner", "product:owner", "order:viewer", "backoffice:viewer", "staff:viewer"]


def listed(client: FlaskClient, path: str) -> list[str]:
    """Give what the rows of a list are called."""
    answer = client.get(f"/admin/{path}")
    assert answer.status_code == 200, answer.status_code
    return [
        cell.text for cell in Page(answer.text).find("td", "tbody") if "c-first" in cell.attributes.get("class", "")
    ]


def told(client: FlaskClient, path: str) -> str:
    """Give what a list says of an address that it cannot read; no row is shown then."""
    text = client.get(f"/admin/{path}").text
    assert "<tbody>" not in text
    return Page(text).faults


def related(shown: Element) -> tuple[str, int]:
    """Give the words and the number of what refers to a record."""
    words, number = re.findall(r"^(\D*?) ?([0-9]*)$", shown.text)[0]
    return words, int(number or 0)


@pytest.mark.parametrize("search", ["lodz", "ŁÓDŹ", "acme lódz", "d1", "Lodz D1"])
def test_words_are_found_whatever_their_case_and_accents(owner: FlaskClient, shop: Shop, search: str) -> None:
    assert listed(owner, f"companies/?search={search}") == ["Acme Łódź"]


def test_signs_of_patterns_are_what_they_are(owner: FlaskClient, shop: Shop) -> None:
    assert listed(owner, "companies/?search=100%25") == ["Zeta 100% <b>"]
    for sign in ("_", "^Acme", "=D1", "%25%25"):
        assert listed(owner, f"companies/?search={sign}") == []


def test_a_contact_is_found_by_the_company_as_it_is_called_now(owner: FlaskClient, shop: Shop) -> None:
    assert listed(owner, "contacts/?search=acme+buyer") == ["Ann"]
    saved(owner, f"/admin/companies/edit/?id={shop.acme}", name="Renamed Ltd")
    assert listed(owner, "contacts/?search=acme") == []
    assert listed(owner, "contacts/?search=renamed") == ["Ann"]


def test_filters_narrow_by_text_flag_row_number_and_day(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    for path, names in {
        "companies/?name=acme": ["Acme Łódź"],
        "companies/?name=ME%20ŁóDŹ": ["Acme Łódź"],
        "companies/?name=Łódź": ["Acme Łódź"],
        "companies/?name=lodz": [],
        "companies/?name=0%25%20<B": ["Zeta 100% <b>"],
        "companies/?name=a.me": [],
        "companies/?name=(?i)[acme": [],
        "companies/?is_hidden=1": [],
        "companies/?is_hidden=0": ["Acme Łódź", "Zeta 100% <b>"],
        f"contacts/?company={shop.acme}": ["Ann"],
        f"contacts/?company={shop.zeta}": [],
        "products/?list_price_from=1": [],
        "companies/?created_at_from=2020-01-01": [],
        "statuses/?order_type=REQUEST": ["Request", "Rejected"],
        "statuses/?order_type=REQUEST&is_editable=1": ["Request"],
        "status-sets/?name=fulf": ["Fulfillment"],
        "tax-codes/?name=low&is_active=1": ["L"],
        "products/?tax_code=h": [],
    }.items():
        assert listed(owner, path) == names, path


def test_the_log_takes_no_search_and_writes_flags_as_its_file_does(owner: FlaskClient, shop: Shop) -> None:
    assert "“search” that is not known here" in told(owner, "audit-log/?search=acme")
    saved(owner, f"/admin/companies/edit/?id={shop.acme}", is_hidden="y")
    shown = Page(owner.get("/admin/audit-log/").text)
    cells = [cell.text for cell in shown.find("td", "tbody") if "value" in cell.attributes["class"]]
    assert cells == ["No", "Yes"] == table(owner.get("/admin/audit-log/export/csv/").data)[1][5:7]


def test_rates_are_written_by_country_and_day_as_the_person_writes_days(owner: FlaskClient, app: Flask) -> None:
    with app.app_context():
        rates = [("", date(2002, 1, 1), 19), ("NL", date(2012, 10, 1), 21)]
        parts = [TaxRate(country=where, valid_from=day, percentage=rate) for where, day, rate in rates]
        db.session.add(TaxCode(code="X", name="Extra", rates=parts))
        db.session.commit()
    page = owner.get("/admin/tax-codes/?code=x").text
    said = "NL from 1 Oct 2012: 21 %, everywhere else from 1 Jan 2002: 19 %"
    assert said in page
    assert table(owner.get("/admin/tax-codes/export/csv/?code=x").data)[1][2] == said
    assert "Empty: every country without a rate of its own." in owner.get("/admin/tax-codes/new/").text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("nonsense=1", "“nonsense” that is not known here"),
        ("search=a&search=b", "“search” is given more than once"),
        ("page=0", "Pages are counted from 1"),
        ("page=-1", "Pages are counted from 1"),
        ("page=99999999999999999999", "Pages are counted from 1"),
        ("page=1e3", "Pages are counted from 1"),
        ("page_size=7", "A page may have 10, 25, 100 rows, not “7”."),
        ("sort=password_hash", "There is no column “password_hash”"),
        ("desc=yes", "“desc” is 0 or 1"),
        ("is_hidden=maybe", "Hidden: “maybe” is neither 1 for yes nor 0 for no."),
        ("customer_group=1%20OR%201=1", "is not the number of a record"),
        ("created_at_from=2026-02-30", "is not a day"),
        ("search=" + "a" * 201, "too long"),
        ("search=%00", "characters that cannot be read"),
        ("search=%CC%81", "There is nothing in"),
        ("_method=DELETE", "not known here"),
        ("endpoint=x", "not known here"),
        ("flt0_0=x", "not known here"),
    ],
)
def test_an_address_that_cannot_be_read_shows_a_sentence_and_no_rows_and_gives_no_file(
    owner: FlaskClient, shop: Shop, query: str, sentence: str
) -> None:
    assert sentence in told(owner, f"companies/?{query}")
    assert owner.get(f"/admin/companies/export/csv/?{query}").status_code == 400


def test_a_number_that_no_column_holds_is_told(owner: FlaskClient, shop: Shop) -> None:
    for page, query, limit in (
        ("products", "list_price_from=950000000000", "900,000,000,000"),
        ("products", "cost_price_to=-950000000000", "900,000,000,000"),
        ("prices", "price_to=900000000000", "900,000,000,000"),
        ("prices", "from_quantity_from=999999999999", "2,147,483,648"),
        ("prices", "from_quantity_to=-2147483648", "2,147,483,648"),
    ):
        assert f"is too large: an amount is below {limit}." in told(owner, f"{page}/?{query}"), query
        assert listed(owner, f"{page}/?{query.partition('=')[0]}=899999999") in ([], ["Adapter"])


def test_every_column_of_every_list_that_can_be_sorted_is_sorted_both_ways(owner: FlaskClient, shop: Shop) -> None:
    for page in LISTS:
        text = owner.get(f"/admin/{page}/").text
        columns = set(re.findall(rf'href="/admin/{page}/\?sort=(\w+)', text))
        assert "<tbody>" not in text or columns >= {"at"} or columns & {"name", "first_name", "product"}, page
        for column in columns:
            ways = [listed(owner, f"{page}/?sort={column}{way}&page_size=100") for way in ("", "&desc=1")]
            assert sorted(ways[0]) == sorted(ways[1]), f"{page} {column}"


def test_names_are_sorted_as_they_are_read(owner: FlaskClient, app: Flask) -> None:
    with app.app_context():
        for name in ("zebra", "Émile", "apple", "Zorro"):
            make_company(name)
    assert listed(owner, "companies/") == ["apple", "Émile", "zebra", "Zorro"]
    assert listed(owner, "companies/?sort=name&desc=1") == ["Zorro", "zebra", "Émile", "apple"]


@pytest.mark.parametrize("path", ["contacts/", "customers/", "contacts/?sort=first_name"])
def test_people_are_read_by_name_along_an_index(owner: FlaskClient, app: Flask, path: str) -> None:
    asked: list[tuple[str, Any]] = []

    def heard(_connection: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        if "ORDER BY person." in statement:
            asked.append((statement, values))

    with app.app_context():
        company = make_company("Acme")
        for name in ("zebra", "Émile", "apple"):
            make_person(name, "Vos", company)
            make_person(name, "Vos")
        event.listen(db.engine, "before_cursor_execute", heard)
        assert listed(owner, path) == ["apple", "Émile", "zebra"]
        event.remove(db.engine, "before_cursor_execute", heard)
        ((statement, values),) = asked
        is_sqlite = db.engine.dialect.name == "sqlite"
        cursor = db.session.connection().connection.cursor()
        if not is_sqlite:
            cursor.execute("SET LOCAL enable_seqscan = off")  # which is as quick for six rows
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{statement}", values)
        plan = str(cursor.fetchall())
    assert "ix_person_kind_name_folded_id" in plan, plan
    assert "Sort" not in plan, plan
    assert "TEMP B-TREE" not in plan, plan


def test_pages_follow_each_other_without_gap_or_repeat(owner: FlaskClient, app: Flask) -> None:
    with app.app_context():
        for number in range(23):
            make_company("Same name", f"N{number}")
    seen: list[str] = []
    for page in (1, 2, 3):
        text = owner.get(f"/admin/companies/?page_size=10&page={page}&sort=name").text
        seen += re.findall(r'data-row-id="(\d+)"', text)
    assert len(seen) == len(set(seen)) == 23
    beyond = owner.get("/admin/companies/?page_size=10&page=9").text
    assert "There are 3 pages." in beyond
    assert 'href="/admin/companies/?page=3&amp;page_size=10"' in beyond


def test_a_file_holds_all_that_matches_with_the_columns_of_the_list(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    with app.app_context():
        db.session.add(Product(sku="=1+1", name="@formula", list_price="0.1250", is_active=False))
        db.session.add(Product(sku="2", name="False", is_active=False))
        db.session.commit()
    headings, *rows = table(owner.get("/admin/products/export/csv/?is_active=0").data)
    assert "Picture" not in headings
    found = [dict(zip(headings, row, strict=True)) for row in rows]
    assert [[row[name] for name in ("SKU", "Name", "List price", "Active")] for row in found] == [
        ["'=1+1", "'@formula", "0.125", "No"], ["2", "False", "", "No"],
    ]  # fmt: skip
    assert len(table(owner.get("/admin/companies/export/csv/?page_size=10").data)) == 3
    assert table(owner.get("/admin/statuses/export/csv/?order_type=REQUEST&sort=name").data)[1][:4] == [
        "Rejected", "REJECTED", "System", "Request",
    ]  # fmt: skip


def test_hostile_texts_are_shown_as_what_they_are(owner: FlaskClient, shop: Shop) -> None:
    for path in ("companies/", f"companies/details/?id={shop.zeta}", f"companies/edit/?id={shop.zeta}"):
        text = owner.get(f"/admin/{path}").text
        assert "Zeta 100% &lt;b&gt;" in text
        assert "Zeta 100% <b>" not in text


def one_more_of_each(number: int) -> None:
    """Put a row on the list of every page, with parts and with what it refers to."""
    db.session.info["actor"] = SYSTEM
    mark = f"more {number}"
    company, customer = make_company(mark, mark), make_person("Customer", mark)
    contact = make_person("Contact", mark, company)
    products = [
        Product(sku=f"{mark} {part}", name=mark, image=ProductImage(media_type="", content=b"")) for part in "ab"
    ]
    price_list = PriceList(name=mark, currency="EUR")
    group = CustomerGroup(name=mark, price_list=price_list)
    company.customer_group = customer.customer_group = group
    company.managers = [make_staff(f"manager-{number}", ["user:viewer"], limited_to=[company])]
    company.managers[0].name = mark
    status = OrderStatus(code=f"M{number}", name=mark, position=900 + number)
    status.next_statuses = [OrderStatus(code=f"N{number}", name=mark, position=800 + number)]
    rates = [TaxRate(country=country, valid_from=date(2026, 1, 1), percentage=7) for country in ("NL", "DE")]
    items = [WishListItem(product=product, quantity=2) for product in products]
    db.session.add_all([
        *products, *(Price(price_list=price_list, product=product, price=1) for product in products),
        PartyAddress(company=company, kind=AddressKind.INVOICE, address=stored(AddressText(street=mark))),
        PartyAddress(person=customer, kind=AddressKind.INVOICE, address=stored(AddressText(city=mark))),
        WishList(name=mark, company=company, items=items), WishList(name=mark, person=contact),
        StatusSet(name=mark, position=900 + number, statuses=[status]),
        TaxCode(code=f"M{number}", name=mark, rates=rates),
        Carrier(name=mark), PaymentMethod(name=mark, code=f"M{number}"), OrderSource(name=mark),
        RecordHistory(
            record_type="company", record_id=company.id, version=1, at=NOON, origin="STAFF",
            staff_id=company.managers[0].id, new_value=mark,
        ),
    ])  # fmt: skip
    db.session.commit()


def test_no_page_and_no_file_needs_a_statement_per_row(owner: FlaskClient, app: Flask) -> None:
    def statements(path: str) -> int:
        counted: list[str] = []

        def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            counted.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", count)
        text = owner.get(path).text
        event.remove(engine, "before_cursor_execute", count)
        assert "more 0" in text, path
        return len(counted)

    pages = [f"/admin/{page}/" for page in LISTS]
    paths = [*(f"{page}?page_size=100" for page in pages), *(f"{page}export/csv/" for page in pages)]
    with app.app_context():
        one_more_of_each(0)
    few = {path: statements(path) for path in paths}
    with app.app_context():
        for number in range(1, 6):
            one_more_of_each(number)
    assert {path: statements(path) for path in paths} == few


def test_every_list_that_a_record_links_to_has_the_rows_that_are_told(
    owner: FlaskClient, app: Flask, shop: Shop
) -> None:
    name = "50% off, “today” %2C"
    chosen: dict[str, Any] = {"carrier": name, "payment_method": name, "source": name}
    others: dict[str, Any] = dict.fromkeys(chosen, "50% off")
    with app.app_context():
        one_more_of_each(0)
        product = db.session.get_one(Product, shop.product)
        product.tax_code = "M0"
        db.session.add(TaxCode(code="M0X", name="Longer"))
        db.session.add(Product(sku="X", name="Of another code", tax_code="M0X"))
        for part in (WishListItem, Price):
            db.session.scalars(db.select(part).limit(1)).one().product = product
        company = db.session.scalars(db.select(Company).where(Company.name == "more 0")).one()
        company.price_list = company.customer_group.price_list
        for model in (Carrier, PaymentMethod, OrderSource):
            db.session.scalars(db.select(model).where(model.name == "more 0")).one().name = name
        people = db.session.scalars(db.select(Person).where(Person.last_name == "more 0")).all()
        db.session.add_all(WishList(name="Another", person=person) for person in people)
        db.session.commit()
        line = {"sku": "A", "name": "A", "quantity": 1, "price": "1", "product_id": product.id}
        make_order(company=company, user=people[0], lines=[line, line], **chosen)
        make_order(company=company, user=people[0], lines=[line], status="REQUEST", **chosen)
        make_order(user=people[1], lines=[line], **others)
        request = status_id("REQUEST")
    most: dict[tuple[str, str], int] = {}
    views = [view for view in app.extensions["backoffice_views"] if getattr(view, "links", ())]
    for view in views:
        listing = owner.get(f"/admin/{view.endpoint}/?page_size=10").text
        for address in re.findall(r'<tr data-href="([^"]+)"', listing):
            page = Page(owner.get(address.replace("&amp;", "&")).text)
            for link in page.find("a", "link-list"):
                label, number = related(link)
                href = link.attributes["href"]
                followed = Page(owner.get(f"{href}&page_size=25").text)
                assert (followed.faults, len(followed.cells)) == ("", number), href
                most[view.endpoint, label] = max(most.get((view.endpoint, label), 0), number)
    assert [link for link, number in most.items() if not number] == []
    assert len(most) == sum(len(view.links) for view in views)
    assert "link-list" not in owner.get(f"/admin/statuses/details/?id={request}").text


# ---- whose rows ----


def limited(app: Flask, company: int) -> FlaskClient:
    """Give somebody who is limited to a company."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        make_staff("limited", LIMITED, limited_to=[db.session.get_one(Company, company)])
    return signed_in(app, "limited@seller.example")


def test_a_limited_person_sees_the_customers_of_his_or_her_companies_and_no_other(app: Flask, shop: Shop) -> None:
    with app.app_context():
        for company in (shop.acme, shop.zeta):
            address = stored(AddressText(street=f"Street {company}"))
            db.session.add(PartyAddress(company_id=company, kind=AddressKind.INVOICE, address=address))
            db.session.add(WishList(name=f"List {company}", company_id=company))
        db.session.add(WishList(name="Of a customer", person_id=shop.customer))
        db.session.commit()
    client = limited(app, shop.acme)
    assert listed(client, "companies/") == ["Acme Łódź"]
    assert listed(client, "contacts/?sort=company") == ["Ann"]
    assert listed(client, "customers/") == []
    assert listed(client, "addresses/?sort=company") == ["Acme Łódź"]
    assert listed(client, "wish-lists/") == [f"List {shop.acme}"]
    for path in (
        *(f"companies/details/?id={shop.zeta}", f"companies/edit/?id={shop.zeta}", f"companies/delete/?id={shop.zeta}"),
        *(f"customers/details/?id={shop.customer}", "addresses/details/?id=2", "wish-lists/details/?id=2"),
    ):
        assert client.get(f"/admin/{path}").status_code == 404, path
    assert len(table(client.get("/admin/companies/export/csv/").data)) == 2
    for path in ("contacts/ajax/lookup/?name=company&query=", "wish-lists/ajax/lookup/?name=company&query="):
        assert [name for _id, name in client.get(f"/admin/{path}").json or ()] == ["Acme Łódź · D1"]
    assert client.get("/admin/wish-lists/ajax/lookup/?name=person&query=zoe").json == []


def test_what_is_out_of_scope_can_neither_be_chosen_nor_made_nor_switched(app: Flask, shop: Shop) -> None:
    client = limited(app, shop.acme)
    answer = send(client, "/admin/contacts/new/", first_name="X", last_name="Y", company=str(shop.zeta))
    assert errors(answer) == {"company": "This does not exist or is not available to you. Choose another one."}
    for page in ("companies", "customers"):
        refused = client.get(f"/admin/{page}/new/")
        assert refused.status_code == 403
        assert "You work for certain companies only" in refused.text
        assert "/new/" not in client.get(f"/admin/{page}/").text
    token = csrf_token(client, "/admin/account/password/")
    form = {"action": "switch_off", "rowid": [shop.acme, shop.zeta], "csrf_token": token}
    client.post("/admin/companies/action/", data=form)
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        hidden = {company.id: company.is_hidden for company in db.session.scalars(db.select(Company))}
    assert hidden == {shop.acme: True, shop.zeta: False}


def test_lists_of_other_companies_are_not_counted_for_a_limited_person(app: Flask, shop: Shop) -> None:
    with app.app_context():
        for company in (shop.acme, shop.zeta, shop.zeta):
            items = [WishListItem(product_id=shop.product)]
            db.session.add(WishList(name="Wishes", company_id=company, items=items))
        db.session.commit()
    client = limited(app, shop.acme)
    for path in ("details", "delete"):
        page = Page(client.get(f"/admin/products/{path}/?id={shop.product}").text)
        told = [related(element) for element in (*page.find("a", "link-list"), *page.find("tr", "tbody"))]
        assert ("Wish lists", 1) in told, path
    assert listed(client, f"wish-lists/?product={shop.product}") == ["Wishes"]


def test_the_audit_log_of_a_limited_person_says_nothing_of_customers(
    app: Flask, owner: FlaskClient, shop: Shop
) -> None:
    saved(owner, f"/admin/companies/edit/?id={shop.zeta}", name="Secret Ltd")
    assert "Secret Ltd" in owner.get("/admin/audit-log/").text
    assert "Secret Ltd" not in limited(app, shop.acme).get("/admin/audit-log/").text


def test_a_look_up_is_strict_about_what_it_is_asked(owner: FlaskClient, shop: Shop) -> None:
    look = "/admin/contacts/ajax/lookup/?name=company"
    assert len(owner.get(f"{look}&query=&limit=100000&offset=-5").json or ()) == 2
    assert owner.get(f"{look}&query={'a' * 101}").status_code == 400
    assert owner.get(f"{look}&query=%00").status_code == 400
    assert owner.get(look).status_code == 400
    assert owner.get("/admin/contacts/ajax/lookup/?name=no_such&query=a").status_code == 404
