"""The order list as a person reads it: columns, tabs, companies, search, sorting, pages, links."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

import services.order_query
from admin_views.words import SEARCH_FIELDS as EVERY_FIELD
from app import create_app
from config import Settings
from models.base import db
from models.list_settings import ListSettings
from models.party import AddressText
from models.staff import Staff
from models.status import OrderStatus, StatusSet
from tests.admin_views.conftest import Both
from tests.admin_views.reading import FILE, LIST, Page, address, file, followed, numbers, page, state
from tests.factories import make_company, make_order, make_person, make_staff
from tests.people import GRANTS, client_of, csrf_token, signed_in
from tests.samples import ITEM_TEXTS, OWN_TEXTS, SEARCH_FIELDS, SETS, STATUSES, Sample

COLUMNS = """
| Column | Description |
|---|---|
| Order number | Unique order ID |
| Company | Company name |
| Order status | Current order status |
| Payment status | Payment status (for example, Pending or Paid) |
| Debtor Id | Debtor identifier |
| Source | Where the order originated |
| Total, EUR | Gross total amount |
| Items Count | Number of line items |
| Updated By | Last admin user who modified the order |
| Date Created | When the order was created |
| Date Updated | When last modified |
| Status changed date | When the status last changed |
| Export status | Empty, Exported, Failed or Finished |
| Exported date | When the order was exported |
| Export message | Export result message |
"""
HEADINGS = [line.split("|")[1].strip() for line in COLUMNS.strip().splitlines()[2:]]
NAMES = (
    "order_number", "company", "status", "payment_status", "debtor_id", "source", "total", "items_count",
    "updated_by", "created", "updated", "status_changed", "export_status", "exported", "export_message",
)  # fmt: skip
TABS = ["All orders", "Draft order", "Unfinished", "New", "Processing", "Fulfillment", "Complete", "Cancelled"]
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


def sorted_numbers(samples: Sequence[Sample], column: str, *, desc: bool) -> list[int]:
    """Give the order numbers in the order that the list should have."""
    ordered = sorted(samples, key=lambda sample: sample.sort_key(column), reverse=desc)
    return [sample.order_number for sample in ordered]


def walked(client: FlaskClient, **values: Any) -> list[int]:
    """Give the order numbers of all pages, by the link to the next page."""
    found: list[int] = []
    href = address(**values)
    for _ in range(100):
        shown = followed(client, href)
        found += shown.numbers
        following = list(shown.find("a", "pages", **{"aria-label": "Next page"}))
        if not following:
            return found
        href = following[0].attributes["href"]
    raise AssertionError("the pages do not end")


# ---- columns ----


def test_the_columns_are_those_of_the_page_in_their_order(reader: FlaskClient) -> None:
    assert page(reader).headings == HEADINGS
    assert file(reader)[0] == HEADINGS


def test_the_heading_of_the_total_names_the_base_currency(settings: Settings) -> None:
    app = create_app(replace(settings, base_currency="SEK"))
    with app.app_context():
        make_order(currency="SEK")
    viewer = client_of(app, "viewer")
    expected = ["Total, SEK" if heading == "Total, EUR" else heading for heading in HEADINGS]
    assert page(viewer).headings == expected
    assert file(viewer)[0] == expected
    with app.app_context():
        db.engine.dispose()


def test_the_heading_of_the_total_says_that_it_is_without_vat(reader: FlaskClient) -> None:
    assert "excl. VAT" in next(page(reader).find("span", "thead", **{"class": "desc"})).attributes["title"]


def test_a_row_tells_everything_about_an_order(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        editor = make_staff("zoë", ["order:editor"])
        number = make_order(
            company=make_company("A & <B>", "D-7"),
            lines=[{"sku": "X", "name": "X", "quantity": -3, "price": "1234.50"}],
            status="CONFIRMED",
            payment_status="PAID",
            source="EDI",
            updated_by_id=editor.id,
            created=JANUARY,
            updated_at=JANUARY + timedelta(hours=13),
            status_changed_at=JANUARY + timedelta(days=1),
            export_status="FAILED",
            exported_at=JANUARY + timedelta(days=2),
            export_message="no <b>such</b> debtor",
        )
    assert page(viewer).cells == [
        [
            str(number), "A & <B>", "Confirmed", "Paid", "D-7", "EDI", "−3,703.50", "1", "Zoë", "1 Jan 2026 00:00",
            "1 Jan 2026 13:00", "2 Jan 2026 00:00", "Failed", "3 Jan 2026 00:00", "no <b>such</b> debtor",
        ]
    ]  # fmt: skip


def test_an_order_without_a_company_shows_who_ordered(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order(user=make_person("Zita", "Ångström"))
        make_order(invoice=AddressText(company="Kiosk am Eck"))
    shown = page(viewer, sort="order_number")
    assert [row[1] for row in shown.cells] == ["Zita Ångström private", "Kiosk am Eck guest"]
    assert [row[1] for row in file(viewer, sort="company")[1:]] == ["Kiosk am Eck", "Zita Ångström"]


def test_a_credit_order_is_marked_beside_its_total(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order(is_credit=True, lines=[{"sku": "A", "name": "A", "quantity": -1, "price": "67.39"}])
        make_order()
    assert [row[6] for row in page(viewer, sort="total").cells] == ["Credit −67.39", "20.00"]
    assert file(viewer, sort="total")[1][6] == "-67.39"


def test_items_count_leaves_out_bonus_lines_and_costs(app: Flask, viewer: FlaskClient) -> None:
    line = {"sku": "A", "name": "A", "quantity": 5, "price": "1.00"}
    with app.app_context():
        make_order(lines=[line, line, {**line, "is_bonus": True}, {**line, "line_class": "postage"}])
    assert page(viewer).cells[0][HEADINGS.index("Items Count")] == "2"


# ---- sort and pages ----


def test_the_newest_ten_stand_first(both: Both, reader: FlaskClient) -> None:
    shown = page(reader)
    assert shown.numbers == sorted_numbers(both.orders, "created", desc=True)[:10]
    assert [option.text for option in shown.find("option", "pager")] == ["5", "10", "25", "100"]


@pytest.mark.parametrize("column", NAMES)
def test_every_column_sorts_totally_and_pages_lose_nothing(both: Both, column: str, subtests: pytest.Subtests) -> None:
    for engine, viewer in both.viewers.items():
        for desc in (False, True):
            with subtests.test(f"{engine} desc={desc}"):
                expected = sorted_numbers(both.orders, column, desc=desc)
                assert walked(viewer, sort=column, desc=int(desc), page_size=5) == expected
                assert [int(row[0]) for row in file(viewer, sort=column, desc=int(desc))[1:]] == expected


def test_a_sort_without_a_direction_ascends(both: Both, reader: FlaskClient) -> None:
    assert numbers(reader, sort="total", page_size=100) == sorted_numbers(both.orders, "total", desc=False)
    assert numbers(reader, desc=0, page_size=100) == sorted_numbers(both.orders, "created", desc=False)


def test_a_heading_sorts_and_the_current_one_turns(reader: FlaskClient) -> None:
    shown = page(reader, tab="all", page=2, page_size=5)
    once = followed(reader, shown.link("Company", "thead"))
    assert state(shown.link("Company", "thead")) == {"tab": "all", "page_size": "5", "sort": "company", "desc": "0"}
    assert state(once.link("Company", "thead"))["desc"] == "1"
    twice = followed(reader, once.link("Company", "thead"))
    assert state(twice.link("Company", "thead"))["desc"] == "0"
    directions = [
        heading.attributes["aria-sort"]
        for shown in (once, twice)
        for heading in shown.find("th")
        if "aria-sort" in heading.attributes
    ]
    assert directions == ["ascending", "descending"]
    assert state(page(reader).link("Date Created", "thead"))["desc"] == "0"


def test_a_page_beyond_the_last_says_so_and_leads_back(both: Both, reader: FlaskClient) -> None:
    last = -(-len(both.orders) // 5)
    for beyond in (last + 1, 10**9):
        shown = page(reader, page=beyond, page_size=5)
        assert not shown.numbers
        assert f"There are {last} pages" in next(shown.find("div", **{"class": "list-state"})).text
        assert len(followed(reader, shown.link("Go to the last page")).numbers) == (len(both.orders) - 1) % 5 + 1
    searched = page(reader, search="webshop ACME", fields="company", page=7)
    assert "No orders match" in next(searched.find("div", **{"class": "list-state"})).text


def test_one_page_is_one_page(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order()
    assert "There is 1 page, so there is no page 2." in viewer.get(address(page=2)).text


def test_the_pager_says_which_rows_are_shown(both: Both, reader: FlaskClient) -> None:
    shown = page(reader, page=2, page_size=25)
    assert (
        next(shown.find("span", "pager", **{"class": "of tnum"})).text
        == f"26–{min(50, len(both.orders))} of {len(both.orders)}"
    )
    assert f"{len(both.orders)} orders match" in next(shown.find("div", **{"class": "resline"})).text


# ---- tabs ----


def test_tabs_stand_in_their_order_with_exact_counts(both: Both, reader: FlaskClient) -> None:
    per_status = {status: sum(sample.status == status for sample in both.orders) for status in STATUSES}
    single = {"Draft order": "DRAFT_ORDER", "Unfinished": "UNFINISHED", "New": "NEW", "Cancelled": "CANCELLED"}
    expected = {"All orders": len(both.orders)}
    for name in TABS[1:]:
        members = SETS.get(name) or (single[name],)
        expected[name] = sum(per_status[member] for member in members)
    for values in ({}, {"search": "adapter"}, {"price_from": "100"}, {"tab": "NEW"}, {"page": 3}):
        tabs = page(reader, **values).tabs
        assert list(tabs) == TABS
        assert {name: count for name, (count, _href) in tabs.items()} == expected


def test_a_tab_shows_its_statuses_and_no_other(both: Both, reader: FlaskClient) -> None:
    for name, (_count, href) in page(reader, page_size=100).tabs.items():
        shown = followed(reader, href)
        members = SETS.get(name) or [state(href).get("tab", "")]
        wanted = both.orders if name == "All orders" else [s for s in both.orders if s.status in members]
        assert shown.numbers == sorted_numbers(wanted, "created", desc=True)
        assert next(shown.find("a", "stabs", **{"aria-current": "page"})).text.startswith(name)


def test_a_set_names_its_members(both: Both, reader: FlaskClient) -> None:
    shown = page(reader)
    members = [link.text for link in shown.find("a", "setcard")]
    assert [text.rstrip("0123456789") for text in members] == [
        "Validated", "Confirmed", "Processing", "Shipped", "Complete", "Archived",
    ]  # fmt: skip
    confirmed = next(link.attributes["href"] for link in shown.find("a", "setcard") if link.text.startswith("Conf"))
    wanted = [sample for sample in both.orders if sample.status == "CONFIRMED"]
    assert followed(reader, confirmed).numbers == sorted_numbers(wanted, "created", desc=True)


def test_quotes_and_requests_are_in_no_tab_list_or_file(both: Both, reader: FlaskClient) -> None:
    others = {sample.order_number for sample in both.samples if not sample.is_order}
    assert others
    assert not others & set(numbers(reader, page_size=100))
    assert not others & {int(row[0]) for row in file(reader)[1:]}
    assert not page(reader, tab="QUOTATION").numbers
    assert page(reader, status="QUOTATION").faults


def test_an_empty_tab_stays_and_a_new_status_gets_one(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        db.session.add(OrderStatus(code="on-hold", name="On hold", position=35))
        db.session.commit()
        make_order(status="on-hold")
    tabs = page(viewer).tabs
    assert {name: count for name, (count, _href) in tabs.items()} == {
        **dict.fromkeys(TABS, 0), "All orders": 1, "On hold": 1,
    }  # fmt: skip
    assert list(tabs).index("On hold") == 4
    assert len(followed(viewer, tabs["On hold"][1]).numbers) == 1
    assert len(numbers(viewer, status="on-hold")) == 1


def test_another_tab_leaves_the_status_of_a_sets_card_behind(reader: FlaskClient) -> None:
    kept = {"price_from": "1", "search": "a"}
    shown = page(reader, **kept, tab="set-1", status="CONFIRMED")
    for key, name in (("NEW", "New"), (None, "All orders"), ("set-1", "Processing")):
        assert state(shown.tabs[name][1]) == {**kept, **({"tab": key} if key else {})}


def test_tabs_follow_the_positions_of_sets_and_statuses(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        db.session.query(StatusSet).filter_by(name="Complete").one().position = 5
        db.session.query(OrderStatus).filter_by(code="SHIPPED").one().status_set_id = None
        db.session.commit()
    assert list(page(viewer).tabs) == [
        "All orders", "Complete", "Draft order", "Unfinished", "New", "Processing", "Fulfillment", "Shipped",
        "Cancelled",
    ]  # fmt: skip


# ---- companies ----


def test_the_company_picker_takes_one_all_or_mine(app: Flask) -> None:
    with app.app_context():
        mine, other = make_company("Mine"), make_company("Other")
        viewer_row = make_staff("viewer", ["order:viewer", "backoffice:viewer"])
        viewer_row.managed_companies.append(mine)
        db.session.commit()
        in_mine, in_other, in_none = make_order(company=mine), make_order(company=other), make_order()
        mine_id, other_id, email = mine.id, other.id, viewer_row.email
    viewer = signed_in(app, email)
    shown = page(viewer)
    assert set(shown.numbers) == {in_mine, in_other, in_none}
    assert followed(viewer, shown.link("All mine1", "companies-menu")).numbers == [in_mine]
    one = page(viewer, company=other_id, search="")
    assert one.numbers == [in_other]
    assert one.tabs["New"][0] == one.tabs["All orders"][0] == 1
    assert next(one.find("span", **{"class": "clip company"})).text == "Other"
    assert set(followed(viewer, one.link("All companies", "companies-menu")).numbers) == {in_mine, in_other, in_none}
    assert page(viewer, company="mine").tabs["New"][0] == 1
    assert numbers(viewer, company=mine_id) == [in_mine]


def test_a_company_that_is_unknown_or_not_the_persons_is_told(app: Flask) -> None:
    with app.app_context():
        inside, outside = make_company("Inside"), make_company("Outside")
        limited = make_staff("limited", ["order:viewer", "backoffice:viewer"], limited_to=[inside])
        limited.managed_companies.extend([inside, outside])
        db.session.commit()
        seen, unseen = make_order(company=inside), make_order(company=outside)
        make_order()
        outside_id, email = outside.id, limited.email
    viewer = signed_in(app, email)
    for company in (outside_id, 999):
        shown = page(viewer, company=company)
        assert shown.faults
        assert "Outside" not in shown.faults
        assert not shown.numbers
        assert viewer.get(address(FILE, company=company)).status_code == 400
    everything = page(viewer)
    assert everything.numbers == [seen]
    assert everything.tabs["All orders"][0] == everything.tabs["New"][0] == 1
    assert numbers(viewer, company="mine") == [seen]
    assert [row[0] for row in file(viewer)[1:]] == [str(seen)]
    assert numbers(viewer, search=str(unseen), fields="order_number") == []
    assert "Open order" not in viewer.get(address(search=str(unseen))).text


def test_a_company_without_orders_is_no_first_use(app: Flask, viewer: FlaskClient) -> None:
    assert "No orders yet" in viewer.get(LIST).text
    with app.app_context():
        company = make_company("Idle").id
        make_order()
    assert "No orders match" in viewer.get(address(company=company)).text


def test_all_mine_is_offered_to_everyone(both: Both, reader: FlaskClient) -> None:
    assert state(page(reader).link("All mine0", "companies-menu")) == {"company": "mine"}


def test_an_unreadable_company_is_told_beside_the_picker(reader: FlaskClient) -> None:
    shown = page(reader, company="abc")
    (told,) = [element.text for element in shown.find("p", "dropdown", id="company-error")]
    assert told == "“abc” is not the number of a company. Choose one with the company picker."
    assert told in shown.faults


# ---- nothing found ----

NARROWED: Mapping[str, tuple[Mapping[str, str], str, Mapping[str, Mapping[str, str]]]] = {
    "search": (
        {"search": "zzzqq", "fields": "email"},
        "the search “zzzqq”",
        {
            "Search in all 23 fields": {"search": "zzzqq", "fields": ",".join(EVERY_FIELD)},
            "Clear search": {"fields": "email"},
        },
    ),
    "filters": ({"price_from": "999,999,999"}, "the filters", {"Clear filters": {}}),
    "company": ({"company": "mine"}, "the company “All mine”", {"All companies": {}}),
}


@pytest.mark.parametrize("narrowed", NARROWED)
def test_a_list_without_rows_says_what_narrows_it_and_offers_to_widen_it(both: Both, narrowed: str) -> None:
    asked, what, ways_out = NARROWED[narrowed]
    shown = page(both.viewers["sqlite"], **asked)
    assert f"No order matches {what}." in next(shown.find("div", **{"class": "list-state"})).text
    assert {link.text: state(link.attributes["href"]) for link in shown.find("a", "list-state")} == ways_out


def test_a_tab_without_rows_leads_to_all_orders_and_everything_is_named(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        company = make_company("Idle").id
        make_order()
    shown = page(viewer, tab="CANCELLED")
    assert "No order matches the tab “Cancelled”." in next(shown.find("div", **{"class": "list-state"})).text
    assert state(shown.link("All orders", "list-state")) == {}
    everything = page(viewer, tab="NEW", company=company, search="x", status="NEW", fields=",".join(SEARCH_FIELDS))
    said = "the search “x”, the filters, the tab “New”, and the company “Idle”"
    assert f"No order matches {said}." in next(everything.find("div", **{"class": "list-state"})).text
    assert [link.text for link in everything.find("a", "list-state")] == [
        "Clear search", "Clear filters", "All orders", "All companies",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "mended"),
    [
        ({"tab": "x", "price_from": "1"}, {"price_from": "1"}),
        ({"page": "x", "tab": "NEW"}, {"tab": "NEW"}),
        ({"company": "abc", "search": "a"}, {"search": "a"}),
        ({"price_from": "x", "price_to": "5"}, {"price_to": "5"}),
        ({"unheard": "x", "sort": "y", "desc": "0"}, {"desc": "0"}),
    ],
)
def test_what_cannot_be_read_is_removed_and_nothing_else(
    reader: FlaskClient, asked: dict[str, str], mended: dict[str, str]
) -> None:
    shown = page(reader, **asked)
    assert state(shown.link("Remove them" if "unheard" in asked else "Remove it", "list-state")) == mended


def test_above_and_below_the_list_the_number_is_the_same(
    app: Flask, viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.order_query, "COUNT_CAP", 10)
    with app.app_context():
        for _ in range(23):
            make_order(lines=[])
    for number, total in ((1, "10+"), (2, "10+"), (3, "15+"), (4, "20+"), (5, "23+")):
        shown = page(viewer, price_from=0, page=number, page_size=5)
        assert next(shown.find("div", **{"class": "resline"})).text.startswith(f"{total} orders match")
        assert next(shown.find("span", "pager", **{"class": "of tnum"})).text.endswith(f" of {total}")


# ---- search ----


def test_a_word_is_found_in_the_selected_field_and_in_no_other(
    app: Flask, viewer: FlaskClient, subtests: pytest.Subtests
) -> None:
    with app.app_context():
        for _ in range(120):
            make_order(lines=[])  # so that the number of the last is in no other text
        names = {field: f"ZÉbra{place:02d}x" for place, field in enumerate(SEARCH_FIELDS)}
        item: dict[str, Any] = {name: names[f"item_{name}"] for name in ITEM_TEXTS}
        own: dict[str, Any] = {name: names[name] for name in OWN_TEXTS}
        number = make_order(
            company=make_company(names["company"]),
            invoice=AddressText(first_name=names["invoice_first_name"], last_name=names["invoice_last_name"]),
            delivery=AddressText(
                names["recipient_company"], names["recipient_first_name"], names["recipient_last_name"]
            ),
            lines=[{**item, "quantity": 1, "price": "1"}, {**item, "quantity": 2, "price": "2", "unit": "box"}],
            **own,
        )
    names["order_number"] = str(number)
    for field, word in names.items():
        with subtests.test(field):
            others = ",".join(name for name in SEARCH_FIELDS if name != field)
            asked = word.upper().replace("É", "e")
            assert numbers(viewer, search=asked, fields=field) == [number]
            assert numbers(viewer, search=asked, fields=others) == []
    assert len(names) == 23


def test_company_also_searches_the_company_of_the_invoice(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        found = make_order(company=make_company("Acme"), invoice=AddressText(company="Holding"))
    assert numbers(viewer, search="holding", fields="company") == [found]
    assert numbers(viewer, search="acme holding", fields="company") == [found]


def test_words_are_all_needed_in_whatever_selected_field(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        found = make_order(reference="blue ribbon", email="ann@x.example")
        make_order(reference="blue")
    assert numbers(viewer, search="ann  BLUE", fields="reference,email") == [found]
    assert numbers(viewer, search="ann blue", fields="reference") == []


def test_signs_of_search_languages_are_plain_signs(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        texts = ("50% off", "50 off", "a_b", "axb", "c\\d", "cd", "^cap", "cap", "=eq", "eq", "x/y", '"quoted"', "it's")
        by_text = {text: make_order(reference=text, lines=[]) for text in texts}
    for word, expected in {
        "50%": {"50% off"},
        "%": {"50% off"},
        "_": {"a_b"},
        "a_b": {"a_b"},
        "\\": {"c\\d"},
        "^cap": {"^cap"},
        "=eq": {"=eq"},
        "/": {"x/y"},
        '"quoted"': {'"quoted"'},
        "it's": {"it's"},
        "cap": {"^cap", "cap"},
    }.items():
        assert set(numbers(viewer, search=word, fields="reference", page_size=25)) == {by_text[t] for t in expected}, (
            word
        )


def test_a_sign_that_folds_to_nothing_finds_nothing(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order(reference="two words")
    for text in ("´", "¨ ¸", "\u0301"):
        shown = page(viewer, search=text)
        assert "There is nothing in" in shown.faults
        assert not shown.numbers


def test_an_exact_number_is_one_click_away_whatever_the_tab_or_filter(both: Both, reader: FlaskClient) -> None:
    order = both.orders[3]
    for values in (
        {},
        {"tab": "CANCELLED"},
        {"price_from": "999999"},
        {"created_to": "1999-12-31"},
        {"fields": "email"},
        {"price_from": "x"},
    ):
        shown = page(reader, search=order.order_number, **values)
        assert shown.link(f"Open order {order.order_number}") == f"/admin/orders/{order.order_number}/"
    for text in ("99999", f"{order.order_number}x", f"0{order.order_number}", "9" * 18, "9" * 40):
        assert "Open order" not in reader.get(address(search=text)).text


# ---- what a person prefers ----


def test_the_choice_of_search_fields_is_kept_per_person(app: Flask, viewer: FlaskClient, editor: FlaskClient) -> None:
    def selected(client: FlaskClient, **values: object) -> str:
        return next(page(client, **values).find("input", "search", name="fields")).attributes["value"]

    default = "order_number,company,debtor_id,reference,email"
    assert selected(viewer) == default
    kept = {"fields": "remarks,item_sku", "csrf_token": csrf_token(viewer, LIST)}
    assert viewer.post("/admin/orders/search-fields", data=kept).status_code == 204
    assert selected(viewer) == "remarks,item_sku"
    assert selected(editor) == default
    assert selected(viewer, fields="email") == "email"
    assert selected(viewer) == "remarks,item_sku"
    with app.app_context():
        found = make_order(remarks="fragile")
    assert numbers(viewer, search="fragile") == [found]
    assert numbers(editor, search="fragile") == []
    for fields in ("", "remarks,remarks", "password", "remarks,", "a" * 5000):
        refused = {**kept, "fields": fields}
        assert viewer.post("/admin/orders/search-fields", data=refused).status_code == 400
    assert selected(viewer) == "remarks,item_sku"


def test_reading_the_list_writes_nothing(app: Flask, viewer: FlaskClient) -> None:
    page(viewer, fields="remarks", search="x", page_size=100)
    assert viewer.get("/admin/orders/search-fields").status_code in {404, 405}
    with app.app_context():
        assert db.session.query(ListSettings).count() == 0
        assert db.session.query(Staff).count() == 1


# ---- the state is in the address ----

FULL = {
    "tab": "set-1", "company": "1", "search": "a b&c=d+e%", "fields": "company,remarks", "user_id": "1,2",
    "status": "VALIDATED,CONFIRMED", "created_from": "2026-01-01", "created_to": "2026-12-31",
    "updated_from": "2026-01-02", "updated_to": "2026-12-30", "price_from": "-5", "price_to": "99,999.99",
    "export_status": "EMPTY,FAILED", "exported_from": "2026-01-03", "exported_to": "2026-12-29",
    "source": "EDI,Portal%2C 100%25 own", "payment_method": "On account", "carrier": "%20Post%20", "product": "1,3",
    "payment_status": "OPEN,PAID", "companies": "1,2", "country": "NL,DE", "currency": "EUR,USD", "unchanged": "1",
    "items_count_from": "0", "items_count_to": "9", "updated_by": "1,2",
    "sort": "total", "desc": "0", "page_size": "5",
}  # fmt: skip


def test_every_link_keeps_the_rest_of_the_state(both: Both, reader: FlaskClient) -> None:
    shown = page(reader, **FULL)
    assert not shown.faults
    links = [
        link
        for link in shown.find("a")
        if link.attributes.get("href", "").startswith(LIST) and "?" in link.attributes["href"]
    ]
    assert len(links) > 25
    for link in links:
        said = state(link.attributes["href"])
        where = next(
            (c for c in ("stabs", "companies-menu", "chips", "thead", "pager", "list-state") if c in link.inside), ""
        )
        may_change = {
            "stabs": {"tab", "status"},
            "companies-menu": {"company"},
            "thead": {"sort", "desc"},
            "pager": {"page_size", "page"},
            "": {"page_size"},
            "list-state": FULL.keys(),
        }
        if where == "chips":
            gone = FULL.keys() - said.keys()
            assert gone
            assert all(said[name] == FULL[name] for name in said)
            assert not gone & {"tab", "company", "search", "fields", "sort", "desc", "page_size"}
        elif link.text == "Clear filters":
            assert said.keys() == {"tab", "company", "search", "fields", "sort", "desc", "page_size"}
        else:
            kept = {name: value for name, value in FULL.items() if name not in may_change[where]}
            assert {name: value for name, value in said.items() if name in kept} == kept, link.text
        path = urlsplit(link.attributes["href"]).path
        assert reader.get(link.attributes["href"]).status_code == 200, link.attributes["href"]
        assert path in (LIST, FILE, "/admin/orders/export/", "/admin/orders/views/save")


def test_the_forms_carry_the_rest_of_the_state(both: Both, reader: FlaskClient) -> None:
    def hidden(shown: Page, form: str) -> dict[str, str]:
        inputs = [found for found in shown.find("input", form) if not {"columns", "dialog"} & {*found.inside}]
        return {e.attributes["name"]: e.attributes["value"] for e in inputs if e.attributes.get("name")}

    shown = page(reader, **FULL, page=2)
    assert hidden(shown, "search") == FULL
    assert hidden(shown, "drawer-b") == FULL


def test_a_reloaded_address_gives_the_same_list(both: Both, reader: FlaskClient) -> None:
    values = {"tab": "set-1", "sort": "total", "desc": "1", "page_size": "5", "search": "a"}
    assert numbers(reader, **values) == numbers(reader, **values)


# ---- batch actions ----


def test_a_batch_action_that_is_none_has_no_address(owner: FlaskClient) -> None:
    token = csrf_token(owner, LIST)
    for name in ("", "restore", "action_view", "action_delete", "__class__"):
        answer = owner.post("/admin/orders/action/", data={"action": name, "rowid": "1", "csrf_token": token})
        assert answer.status_code == 404


def test_the_librarys_own_addresses_do_not_exist(owner: FlaskClient) -> None:
    for path in ("new/", "edit/?id=1", "details/?id=1", "ajax/update/", "delete/"):
        assert owner.get(f"{LIST}{path}").status_code in {404, 405}
        data = {"csrf_token": csrf_token(owner, LIST), "id": "1"}
        assert owner.post(f"{LIST}{path}", data=data).status_code in {404, 405}


def test_the_list_is_for_those_who_see_orders(stranger: FlaskClient, client: FlaskClient, tmp_path: Path) -> None:
    for path in (LIST, FILE, f"{LIST}ajax/lookup/?name=user&query=a"):
        assert stranger.get(path).status_code == 403
        assert client.get(path).status_code == 302


def test_the_drawer_knows_the_day_of_each_person(app: Flask) -> None:
    """Drawers are kept for all who see the same; two people may see different days."""
    with app.app_context():
        east, west = (make_staff(name, GRANTS["viewer"]) for name in ("east", "west"))
        east.timezone, west.timezone = "Pacific/Kiritimati", "Pacific/Niue"  # 25 hours apart: never the same day
        db.session.commit()
        emails = east.email, west.email
    days = [re.search(r'data-today="([^"]+)"', signed_in(app, email).get(LIST).text) for email in emails]
    assert [found and found[1] for found in days] == [
        datetime.now(ZoneInfo(zone)).date().isoformat() for zone in ("Pacific/Kiritimati", "Pacific/Niue")
    ]
