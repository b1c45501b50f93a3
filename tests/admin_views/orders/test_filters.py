"""The filters: what their values mean, and what they find."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from admin_views.orders.filters import Amounts, Codes, Days, Products, Reading, Statuses, Texts, Unchanged, Users
from admin_views.orders.page import Choice
from admin_views.values import Unreadable, read_id, read_texts, write_text
from admin_views.words import EXPORT_STATUSES, PAYMENT_STATUSES
from models.base import db
from models.choices import Carrier, OrderSource, PaymentMethod
from services.order_query import Condition, Operator
from services.status_counts import CountedStatus, StatusCounts
from services.typed_values import is_text
from tests.admin_views.conftest import Both
from tests.admin_views.reading import file_numbers, numbers, page
from tests.factories import make_company, make_order, make_person, make_product, make_staff
from tests.people import signed_in
from tests.samples import CARRIERS, COUNTRIES, CURRENCIES, PAYMENT_METHODS, SOURCES, STATUSES, Sample

NEW = CountedStatus(3, "NEW", "New", "blue", 30, None, None, None, 0)
TODAY = date(2026, 3, 31)
HELD = CountedStatus(9, "on-hold", "On hold", "red", 35, None, None, None, 0)


def reading(zone: str = "UTC") -> Reading:
    """Give what values are read against."""
    return Reading(
        ZoneInfo(zone),
        TODAY,
        "EUR",
        StatusCounts([NEW, HELD]),
        names={"user_id": {7: "Ann Buyer", 12: "Bob Buyer"}, "product": {4: "Adapter"}},
        offered={"carrier": ["Post", "Post, NL"]},
    )


# ---- days ----


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("UTC", "2026-03-31", "2026-03-31T00:00", 24),
        ("Europe/Amsterdam", "2026-03-29", "2026-03-28T23:00", 23),  # the clock goes forward
        ("Europe/Amsterdam", "2026-10-25", "2026-10-24T22:00", 25),  # and back
        ("America/New_York", "2026-11-01", "2026-11-01T04:00", 25),
        ("Pacific/Kiritimati", "2026-01-01", "2025-12-31T10:00", 24),
        ("Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15", 24),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00", 23),  # a day without midnight
        ("America/Havana", "2026-11-01", "2026-11-01T04:00", 25),  # a day with two
        ("UTC", "2024-02-29", "2024-02-29T00:00", 24),
    ],
)
def test_a_day_is_the_persons_day(zone: str, day: str, start: str, hours: int) -> None:
    conditions, faults = Days("created", "Date").conditions({"created_from": day, "created_to": day}, reading(zone))
    first = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert not faults
    assert conditions == [
        Condition("created", Operator.FROM, first),
        Condition("created", Operator.BEFORE, first + timedelta(hours=hours)),
    ]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/New_York", "Europe/Amsterdam"])
def test_both_days_belong_to_the_range(app: Flask, zone: str) -> None:
    there = ZoneInfo(zone)
    first, last = date(2026, 3, 28), date(2026, 3, 30)
    start = datetime(first.year, first.month, first.day, tzinfo=there)
    end = datetime(last.year, last.month, last.day + 1, tzinfo=there)
    moment = timedelta(microseconds=1)
    with app.app_context():
        person = make_staff("viewer", ["order:viewer", "backoffice:viewer"])
        person.timezone = zone
        db.session.commit()
        email = person.email
        made = [
            make_order(created=at, updated_at=at, exported_at=at) for at in (start - moment, start, end - moment, end)
        ]
    viewer = signed_in(app, email)
    for name in ("created", "updated", "exported"):
        both_bounds = {f"{name}_from": first, f"{name}_to": last}
        assert set(numbers(viewer, **both_bounds)) == set(made[1:3])
        assert set(numbers(viewer, **{f"{name}_from": first})) == set(made[1:])
        assert set(numbers(viewer, **{f"{name}_to": last})) == set(made[:3])
    assert page(viewer, created_from=first, sort="created").cells[0][9] == "28 Mar 2026 00:00"


@pytest.mark.parametrize(
    "value", ["2026-02-30", "2026-2-3", "20260203", "2026-02-03T00:00", "٢٠٢٦-٠١-٠١", "2026-W01-1"]
)
def test_what_is_no_day_is_told(value: str) -> None:
    conditions, faults = Days("created", "Date").conditions({"created_from": value}, reading())
    assert (conditions, list(faults)) == ([], ["created_from"])
    assert "is not a day" in faults["created_from"]


@pytest.mark.parametrize("value", ["1899-12-31", "2201-01-01", "9999-12-31"])
def test_a_day_too_far_away_is_told_which_years_there_are(value: str) -> None:
    conditions, faults = Days("created", "Date").conditions({"created_to": value}, reading())
    assert conditions == []
    assert faults == {"created_to": f"“{value}” is too far away: a day lies in the years 1900 to 2200."}


@pytest.mark.parametrize(
    ("first", "last", "since", "until"),
    [
        ("today", "today", "2026-03-31", "2026-03-31"),
        ("today", "", "2026-03-31", ""),
        ("-1d", "", "2026-03-31", ""),
        ("-7d", "", "2026-03-25", ""),
        ("-30d", "-7d", "2026-03-02", "2026-03-24"),
        ("", "-7d", "", "2026-03-24"),
        ("this-year", "", "2026-01-01", ""),
        ("this-year", "this-year", "2026-01-01", "2026-12-31"),
        ("2026-02-01", "-1d", "2026-02-01", "2026-03-30"),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/New_York"])
def test_a_relative_day_is_counted_from_the_persons_today(
    zone: str, first: str, last: str, since: str, until: str
) -> None:
    days = Days("created", "Date")
    found = days.conditions({"created_from": first, "created_to": last}, reading(zone))
    assert found == days.conditions({"created_from": since, "created_to": until}, reading(zone))
    assert found[0]
    assert not found[1]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("-7d", "", "last 7 days"),
        ("-1d", "", "last 1 day"),
        ("today", "", "today"),
        ("today", "today", "today"),
        ("this-year", "", "this year"),
        ("", "-7d", "up to 7 days ago"),
        ("", "today", "up to today"),
        ("-30d", "-7d", "last 30 days, up to 7 days ago"),
        ("2026-03-01", "-7d", "from 1 Mar 2026, up to 7 days ago"),
        ("-9999d", "2026-03-28", "last 9999 days, up to 28 Mar 2026"),
    ],
)
def test_a_chip_keeps_a_relative_day_relative(reader: FlaskClient, first: str, last: str, words: str) -> None:
    values = {name: value for name, value in (("created_from", first), ("created_to", last)) if value}
    (chip,) = page(reader, **values).find("span", "chips", **{"class": "chip"})
    assert chip.text == f"Date Created{words}"


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("-14d", "", "from 18 Mar 2026"),
        ("-30d", "-7d", "2 Mar 2026 – 24 Mar 2026"),
        ("this-year", "", "from 1 Jan 2026"),
        ("today", "today", "31 Mar 2026"),
        ("2026-03-01", "", ""),
    ],
)
def test_a_chip_tells_the_days_that_are_counted_from_today(app: Flask, first: str, last: str, days: str) -> None:
    values = {name: value for name, value in (("created_from", first), ("created_to", last)) if value}
    with app.test_request_context():
        assert Days("created", "Date").chip(values, {}, reading("UTC"), "").days == days


@pytest.mark.parametrize("value", ["-0d", "7d", "-7", "-07d", "-10000d", "+7d", "-7D", "yesterday", "TODAY", "-٣d"])
def test_what_is_no_relative_day_is_told(value: str) -> None:
    _conditions, faults = Days("created", "Date").conditions({"created_from": value}, reading())
    assert "is not a day" in faults["created_from"]


@pytest.mark.parametrize(("first", "last"), [("-7d", "-7d"), ("today", "-1d"), ("-7d", "2026-03-24")])
def test_a_relative_range_that_ends_before_it_begins_is_told(first: str, last: str) -> None:
    _conditions, faults = Days("created", "Date").conditions({"created_from": first, "created_to": last}, reading())
    assert faults == {"created_to": "The second value is less than the first."}


@pytest.mark.parametrize("value", ["0", "-1", "01", "1.0", "10000", "x", "٣", "1e3"])
def test_what_is_no_number_of_days_is_told(value: str) -> None:
    with pytest.raises(Unreadable, match="is not a number of days from 1 to 9999"):
        Unchanged("unchanged", "").condition("unchanged", value, reading())


def test_orders_not_changed_for_days_are_those_of_the_days_before() -> None:
    not_since = Unchanged("updated", "").conditions({"updated": "7"}, reading())
    assert not_since == Days("updated", "").conditions({"updated_to": "-7d"}, reading())


# ---- amounts ----


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("5", "5"),
        ("-5.5", "-5.5"),
        ("1250.50", "1250.50"),
        ("0", "0"),
        ("-0.01", "-0.01"),
        ("9" * 12, "9" * 12),
        ("1,250.50", "1250.50"),
        ("−67.39", "-67.39"),
        ("−1,234,567.8", "-1234567.8"),
    ],
)
def test_an_amount_is_read_as_the_product_writes_it(value: str, amount: str) -> None:
    conditions, faults = Amounts("price", "Price").conditions({"price_from": value}, reading())
    assert not faults
    assert conditions == [Condition("price", Operator.FROM, Decimal(amount))]


def test_an_amount_with_more_decimals_than_the_currency_is_told() -> None:
    _conditions, faults = Amounts("price", "Price").conditions({"price_from": "1.234"}, reading())
    assert faults == {"price_from": "“1.234” has more than 2 decimals."}


@pytest.mark.parametrize(
    "value",
    [
        "1e3", "NaN", "Infinity", "1.234,50", "1,25", "12,34.50", "1,2345", "1234,567", ",500", "1 000", "+1",
        "--1", "−-1", ".5", "5.", "٣", "0x1",
    ],
)  # fmt: skip
def test_what_is_no_amount_is_told(value: str) -> None:
    _conditions, faults = Amounts("price", "Price").conditions({"price_to": value}, reading())
    assert "is not an amount" in faults["price_to"]


def test_an_amount_too_large_is_told_how_large_it_may_be() -> None:
    for value in ("99999999999999", "1,000,000,000,000", f"-{'9' * 30}"):
        _conditions, faults = Amounts("price", "Price").conditions({"price_from": value}, reading())
        assert faults == {"price_from": f"“{value}” is too large: an amount is below 1,000,000,000,000."}


def test_both_amounts_belong_to_the_range(app: Flask) -> None:
    with app.app_context():
        made = {
            price: make_order(lines=[{"sku": "A", "name": "A", "quantity": quantity, "price": price.lstrip("-")}])
            for price, quantity in (("-1.01", -1), ("-1.00", -1), ("0.00", 1), ("4.99", 1), ("5.00", 1), ("5.01", 1))
        }
        email = make_staff("viewer", ["order:viewer", "backoffice:viewer"]).email
    viewer = signed_in(app, email)
    for first, last, expected in (
        ("-1", "5", ["-1.00", "0.00", "4.99", "5.00"]),
        ("−1.01", "-1.01", ["-1.01"]),
        ("4.99", "", ["4.99", "5.00", "5.01"]),
        ("", "-0.5", ["-1.01", "-1.00"]),
    ):
        found = numbers(viewer, price_from=first, price_to=last, sort="total")
        assert found == [made[price] for price in expected]


def test_the_price_is_in_the_base_currency(app: Flask) -> None:
    with app.app_context():
        foreign = make_order(currency="USD", currency_rate=Decimal("0.5"))
        make_order()
        email = make_staff("viewer", ["order:viewer", "backoffice:viewer"]).email
    viewer = signed_in(app, email)
    assert numbers(viewer, price_to=10) == [foreign]
    assert page(viewer, price_to=10).cells[0][6] == "10.00"


@pytest.mark.parametrize(
    "values",
    [
        {"created_from": "2026-03-02", "created_to": "2026-03-01"},
        {"price_from": "5", "price_to": "4.99"},
        {"exported_from": "2027-01-01", "exported_to": "2026-12-31"},
    ],
)
def test_a_range_that_ends_before_it_begins_is_told(both: Both, values: dict[str, str]) -> None:
    shown = page(both.viewers["sqlite"], **values)
    assert "The second value is less than the first." in shown.faults
    assert not shown.numbers


# ---- choices ----


def test_statuses_are_taken_by_their_exact_codes() -> None:
    listed = Statuses("status", "Status")
    assert listed.condition("status", "NEW,on-hold", reading()).value == (3, 9)
    for value in ("new", "ON-HOLD", "NEW,", ",", "REQUEST", "NEW;on-hold"):
        with pytest.raises(Unreadable):
            listed.condition("status", value, reading())


@pytest.mark.parametrize("value", ["NEW,,", ",", "NEW,", ",NEW"])
def test_an_empty_name_in_a_list_is_told(value: str) -> None:
    for listed in (
        Statuses("status", "Status"),
        Codes("status", "", EXPORT_STATUSES),
        Users("status", "User Id"),
        Products("status", "Product"),
        Texts("status", "Source"),
    ):
        with pytest.raises(Unreadable, match="There is an empty name in"):
            listed.condition("status", value, reading())


def test_empty_is_an_export_status_of_its_own() -> None:
    listed = Codes("export_status", "Export statuses", EXPORT_STATUSES)
    assert listed.condition("export_status", "EMPTY,failed", reading()).value == ("EMPTY", "FAILED")
    assert [choice.label for choice in listed.choices("EMPTY", reading()) if choice.is_selected] == ["Empty"]
    with pytest.raises(Unreadable, match="“paid”"):
        listed.condition("export_status", "EMPTY,paid", reading())


def test_persons_are_taken_by_id_and_shown_by_name() -> None:
    listed = Users("user_id", "User Id")
    assert listed.condition("user_id", "7,12", reading()).value == (7, 12)
    assert listed.shown("7,12", reading()) == "Ann Buyer, Bob Buyer"
    for value in ("0", "-1", "07", "1,", "1.0", "1e3", "٣", str(2**63), "Ann"):
        with pytest.raises(Unreadable):
            listed.condition("user_id", value, reading())
    with pytest.raises(Unreadable, match="“Ann” is not the number of a user"):
        listed.condition("user_id", "Ann", reading())
    with pytest.raises(Unreadable, match="There is no user 999"):
        listed.condition("user_id", "7,999", reading())
    assert [choice.label for choice in listed.choices("7,x,,٣", reading())] == ["Ann Buyer", "x", "٣"]


def test_products_are_taken_by_id_and_shown_by_name() -> None:
    listed = Products("product", "Product")
    assert listed.condition("product", "4", reading()) == Condition("product", Operator.AMONG, (4,))
    assert listed.shown("4,4", reading()) == "Adapter, Adapter"
    with pytest.raises(Unreadable, match="“A-1” is not the number of a product"):
        listed.condition("product", "A-1", reading())
    with pytest.raises(Unreadable, match="There is no product 7"):
        listed.condition("product", "4,7", reading())
    assert [choice.label for choice in listed.choices("4,x", reading())] == ["Adapter", "x"]


def test_at_most_a_hundred_values_are_taken_at_once() -> None:
    for listed in (Users("user_id", "User Id"), Texts("user_id", "Source")):
        assert len(listed.condition("user_id", ",".join(["7"] * 100), reading()).value) == 100
        with pytest.raises(Unreadable, match="At most 100"):
            listed.condition("user_id", ",".join(["7"] * 101), reading())


def test_an_id_is_a_plain_number_that_a_database_takes() -> None:
    assert read_id(str(2**63 - 1)) == 2**63 - 1
    assert read_id(str(2**63)) is None


# ---- texts ----


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("EDI", ["EDI"]),
        ("EDI,edi", ["EDI", "edi"]),
        ("Post%2C NL,EDI", ["Post, NL", "EDI"]),
        ("a%2cb", ["a,b"]),
        ("50%25", ["50%"]),
        ("50%", ["50%"]),
        ("50% off", ["50% off"]),
        ("%252C", ["%2C"]),
        ("%20x%20", [" x "]),
        ("%20", [" "]),
        ("%C3%98st,Øst", ["Øst", "Øst"]),
        ("a b, c", ["a b", " c"]),
        ("'; DROP TABLE orders --", ["'; DROP TABLE orders --"]),
        ('"a","b"', ['"a"', '"b"']),
    ],
)
def test_a_text_is_taken_exactly_and_may_have_a_comma(value: str, texts: list[str]) -> None:
    assert Texts("source", "Source").condition("source", value, reading()).value == tuple(texts)


@pytest.mark.parametrize("value", ["%00", "a%0Ab", "EDI,%FF", "%ED%A0%80", "%7F"])
def test_codes_of_signs_that_are_no_text_are_told(value: str) -> None:
    with pytest.raises(Unreadable, match="has characters that cannot be read"):
        Texts("source", "Source").condition("source", value, reading())


@given(st.lists(st.text(min_size=1).filter(is_text), min_size=1, max_size=5))
def test_every_list_of_texts_is_read_as_it_was_written(texts: list[str]) -> None:
    value = ",".join(map(write_text, texts))
    assert read_texts(value) == texts
    assert value.strip() == value


def test_the_drawer_offers_what_the_settings_keep_and_what_is_asked_for() -> None:
    listed = Texts("carrier", "Carrier")
    kept = [Choice("Post", "Post", is_selected=False), Choice("Post%2C NL", "Post, NL", is_selected=False)]
    assert list(listed.choices("", reading())) == kept
    assert list(listed.choices("Post%2C%20NL,50%25,50%", reading())) == [
        kept[0],
        Choice("Post%2C NL", "Post, NL", is_selected=True),
        Choice("50%25", "50%", is_selected=True),
    ]
    assert list(listed.choices("%00", reading())) == kept
    assert list(Texts("source", "Source").choices("", reading())) == []


def test_orders_are_found_by_their_own_text(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        texts = ("Post", "post", "Post, NL", "Post, NL 100%", " Post", "Pöst")
        made = {text: make_order(source=text, payment_method=text, carrier=text, lines=[]) for text in texts}
        make_order(lines=[])
    for name in ("source", "payment_method", "carrier"):
        for text, number in made.items():
            assert numbers(viewer, **{name: write_text(text)}) == [number]
            assert numbers(viewer, **{name: quote(text)}) == [number]
        both = ",".join(map(write_text, ("Post, NL", "Pöst")))
        assert numbers(viewer, **{name: both}, sort="order_number") == [made["Post, NL"], made["Pöst"]]
        assert numbers(viewer, **{name: both}, tab="CANCELLED") == []


def test_a_text_that_no_order_has_finds_nothing_and_is_no_fault(both: Both) -> None:
    for viewer in both.viewers.values():
        for name in ("source", "payment_method", "carrier"):
            shown = page(viewer, **{name: "Nobody's"})
            assert (shown.numbers, shown.faults) == ([], "")
            assert "No order matches the filters." in next(shown.find("div", **{"class": "list-state"})).text
            assert file_numbers(viewer, **{name: "Nobody's"}) == []


def test_a_product_finds_orders_whatever_its_line_says_now(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        adapter, cable = make_product("Adapter", "A-1"), make_product("Cable", "C-1", is_active=False)
        line = {"sku": "old", "name": "Old name", "quantity": 1, "price": "1", "product_id": adapter.id}
        other = {**line, "product_id": cable.id}
        twice, mixed, without = make_order(lines=[line, line]), make_order(lines=[other, line]), make_order()
        first, second = adapter.id, cable.id
    asked = {"sort": "order_number"}
    assert numbers(viewer, product=first, **asked) == [twice, mixed]
    assert numbers(viewer, product=second, **asked) == [mixed]
    assert numbers(viewer, product=f"{first},{second}", **asked) == [twice, mixed]
    assert without not in numbers(viewer, product=first, status="NEW", search="old", fields="item_name")
    shown = page(viewer, product=first, status="NEW")
    assert "2 orders match" in next(shown.find("div", **{"class": "resline"})).text
    unknown = page(viewer, product=999)
    assert "There is no product 999." in unknown.faults
    assert not unknown.numbers


# ---- chips and drawer ----


def test_a_chip_says_what_is_filtered(app: Flask) -> None:
    with app.app_context():
        acme = make_company("Acme")
        user, company = make_person("Ann", "Buyer", acme).id, acme.id
        product = make_product("Adapter & Co", "A-1").id
        staff = make_staff("viewer", ["order:viewer", "backoffice:viewer"])
        email, colleague = staff.email, staff.id
    values = {
        "user_id": user,
        "status": "NEW,CANCELLED",
        "created_from": "2026-03-01",
        "created_to": "2026-03-01",
        "updated_to": "2026-12-31",
        "price_from": "−1,234.5",
        "export_status": "EMPTY",
        "exported_from": "2026-02-01",
        "exported_to": "2026-02-02",
        "source": "EDI,a%2Cb",
        "payment_method": "<b>",
        "carrier": "50%",
        "product": product,
        "payment_status": "OPEN,failed",
        "companies": company,
        "country": "NL,de",
        "items_count_from": "2",
        "items_count_to": "1,000",
        "currency": "USD",
        "updated_by": colleague,
        "unchanged": "14",
    }
    shown = page(signed_in(app, email), **values)
    chips = [chip.text for chip in shown.find("span", "chips", **{"class": "chip"})]
    assert chips == [
        "User IdAnn Buyer",
        "StatusNew, Cancelled",
        "Date Created1 Mar 2026",
        "Date Updatedup to 31 Dec 2026",
        "Pricefrom −1,234.50",
        "Export statusesEmpty",
        "Export Date1 Feb 2026 – 2 Feb 2026",
        "ProductAdapter & Co",
        "SourceEDI, a,b",
        "Payment method<b>",
        "Carrier50%",
        "Payment statusOpen, Failed",
        "CompaniesAcme",
        "Delivery countryNetherlands, Germany",
        "Items Count2 – 1,000",
        "CurrencyUS Dollar",
        "Updated ByViewer",
        "Not changedfor 14 days",
    ]
    inputs = {
        e.attributes["name"]: e.attributes.get("value") for e in shown.find("input", "drawer") if "name" in e.attributes
    }
    assert {name: inputs[name] for name in values} == {name: str(value) for name, value in values.items()}


def test_the_drawer_ticks_the_texts_that_are_asked_for(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        db.session.add_all([OrderSource(name="EDI"), OrderSource(name="Fax", is_active=False)])
        db.session.add_all([PaymentMethod(name="Cash, <now>", code="CASH"), Carrier(name="Post")])
        db.session.commit()

    def boxes(name: str, **values: str) -> dict[str, bool]:
        shown = page(viewer, **values)
        (joined,) = shown.find("input", "drawer", name=name)
        assert joined.attributes["value"] == values.get(name, "")
        place = shown.elements.index(joined)
        found = {}
        for element in shown.elements[place + 1 :]:
            if element.tag in ("fieldset", "form"):
                break
            if element.tag == "input":
                found[element.attributes["value"]] = "checked" in element.attributes
        return found

    assert boxes("source") == {"EDI": False}
    assert boxes("source", source="Fax,EDI") == {"EDI": True, "Fax": True}
    assert boxes("payment_method") == {"Cash%2C <now>": False}
    assert boxes("payment_method", payment_method="Cash%2C <now>") == {"Cash%2C <now>": True}
    assert boxes("carrier", carrier="Post,") == {"Post": False}


def test_a_text_filter_without_anything_to_choose_is_not_drawn(app: Flask, viewer: FlaskClient) -> None:
    def drawn(**values: str) -> set[str]:
        return {e.attributes["name"] for e in page(viewer, **values).find("input", "drawer") if "name" in e.attributes}

    texts = {"source", "payment_method", "carrier"}
    assert not texts & drawn()
    assert texts & drawn(source="x", carrier=",") == {"source", "carrier"}
    with app.app_context():
        db.session.add(PaymentMethod(name="Cash", code="CASH"))
        db.session.commit()
    assert texts & drawn() == {"payment_method"}


def test_a_product_in_the_drawer_is_known_by_its_name(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        product = make_product('Kabel "rot" & <lang>', "K-1").id
    (field,) = page(viewer, product=product).find("input", "drawer", name="product")
    assert field.attributes["data-chooser"] == "/admin/orders/ajax/lookup/?name=product"
    assert json.loads(field.attributes["data-chosen"]) == [[str(product), 'Kabel "rot" & <lang>']]
    assert field.attributes["placeholder"] == "Name, SKU or EAN"


# ---- all together, against plain Python ----

PLAIN = (
    "user_id",
    "status",
    "export_status",
    "source",
    "payment_method",
    "carrier",
    "payment_status",
    "country",
    "currency",
)
DAYS = st.integers(-1, 8).map(lambda days: date(2026, 3, 28) + timedelta(days=days))
UNCHANGED = st.integers(-9, 3).map(lambda days: max(1, (datetime.now(UTC).date() - date(2026, 3, 28)).days + days))
PRICES = st.sampled_from(["-3000", "-39.98", "0", "0.05", "19.99", "60", "1,234.50", "3703.5"])
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "user_id": st.lists(st.integers(1, 5), min_size=1, max_size=3),
        "status": st.lists(st.sampled_from(list(STATUSES)), min_size=1, max_size=4),
        "created_from": DAYS,
        "created_to": DAYS,
        "updated_from": DAYS,
        "updated_to": DAYS,
        "exported_from": DAYS,
        "exported_to": DAYS,
        "price_from": PRICES,
        "price_to": PRICES,
        "export_status": st.lists(st.sampled_from(list(EXPORT_STATUSES)), min_size=1, max_size=3),
        "source": st.lists(st.sampled_from([*filter(None, SOURCES), "edi"]), min_size=1, max_size=3),
        "payment_method": st.lists(st.sampled_from([*filter(None, PAYMENT_METHODS), "x"]), min_size=1, max_size=3),
        "carrier": st.lists(st.sampled_from([*filter(None, CARRIERS), "50"]), min_size=1, max_size=3),
        "product": st.lists(st.integers(1, 3), min_size=1, max_size=2),
        "payment_status": st.lists(st.sampled_from(list(PAYMENT_STATUSES)), min_size=1, max_size=4),
        "companies": st.lists(st.integers(1, 4), min_size=1, max_size=3),
        "country": st.lists(st.sampled_from([*filter(None, COUNTRIES), "FR"]), min_size=1, max_size=3),
        "items_count_from": st.integers(0, 4),
        "items_count_to": st.integers(0, 4),
        "currency": st.lists(st.sampled_from([*CURRENCIES, "CHF"]), min_size=1, max_size=2),
        "updated_by": st.lists(st.integers(1, 2), min_size=1, max_size=2),
        "unchanged": UNCHANGED,
    },
)


@given(asked=FILTERS)
def test_filters_find_what_plain_python_finds(both: Both, asked: dict[str, Any]) -> None:
    values = {
        name: ",".join(write_text(str(part)) for part in value) if isinstance(value, list) else value
        for name, value in asked.items()
    }
    today = datetime.now(UTC).date()
    expected = sorted(sample.order_number for sample in both.orders if matches(sample, asked, today))
    for viewer in both.viewers.values():
        shown = page(viewer, **values, page_size=100, sort="order_number")
        if is_reversed(asked):
            assert shown.faults
            assert not shown.numbers
        else:
            assert not shown.faults
            assert shown.numbers == file_numbers(viewer, **values, sort="order_number") == expected


def matches(sample: Sample, asked: Mapping[str, Any], today: date) -> bool:
    """Whether an order is among those that the filters ask for."""
    ranges: Sequence[tuple[str, Any]] = (
        ("created", sample.created.date()),
        ("updated", sample.updated.date()),
        ("exported", sample.exported.date() if sample.exported else None),
        ("price", sample.total),
        ("items_count", sample.items_count),
    )
    return (
        all(name not in asked or getattr(sample, name) in asked[name] for name in PLAIN)
        and ("companies" not in asked or sample.company_id in asked["companies"])
        and ("updated_by" not in asked or sample.updated_by_id in asked["updated_by"])
        and ("unchanged" not in asked or sample.updated.date() <= today - timedelta(days=asked["unchanged"]))
        and ("product" not in asked or not sample.products.isdisjoint(asked["product"]))
        and all(within(value, bound(asked, f"{name}_from"), bound(asked, f"{name}_to")) for name, value in ranges)
    )


def bound(asked: Mapping[str, Any], name: str) -> Any:
    """Give one end of a range."""
    value = asked.get(name)
    return Decimal(value.replace(",", "")) if isinstance(value, str) else value


def within(value: Any, first: Any, last: Any) -> bool:
    """Whether a value lies in a range; nothing lies in none."""
    if value is None:
        return first is None and last is None
    return (first is None or value >= first) and (last is None or value <= last)


def is_reversed(asked: Mapping[str, Any]) -> bool:
    """Whether a range ends before it begins."""
    for name in ("created", "updated", "exported", "price", "items_count"):
        first, last = bound(asked, f"{name}_from"), bound(asked, f"{name}_to")
        if first is not None and last is not None and first > last:
            return True
    return False
