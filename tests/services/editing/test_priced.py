"""What a form comes to: prices with their origins, VAT, costs, totals, and what cannot be saved."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from models.order import ArticleText, CostsOrigin, PriceOrigin, VatRule
from models.party import AddressText
from services.editing.offers import Article, Charge, Customer, KeptLine, KeptOrder, Offers
from services.editing.priced import DraftLine, Priced, price_changes, reckon
from services.editing.typed import Typed, TypedLine
from services.editing.wanted import Fault, read
from services.pricing import Break, Cost, Margin
from services.taxes import Rates

DAY = date(2026, 3, 31)
SINCE = date(2000, 1, 1)
NONE = Decimal(0)
RATES = {
    "H": Rates({"": [(SINCE, Decimal(21))], "DE": [(SINCE, Decimal(19))]}),
    "L": Rates({"": [(SINCE, Decimal(9))], "DE": [(SINCE, Decimal(7))]}),
}
LAMP = Article(ArticleText("LAMP", "Lamp"), Decimal(10), Decimal(6), "H", 1, 1, is_active=True)
BOX = Article(ArticleText("BOX", "Box", unit="box"), Decimal(2), None, "L", 12, 12, is_active=True)
OLD = replace(LAMP, text=ArticleText("OLD", "Old lamp"), is_active=False)
FREE = replace(LAMP, text=ArticleText("FREE", "No price"), list_price=None)
OFFERS = Offers(
    base_currency="EUR",
    day=DAY,
    seller_country="NL",
    articles={1: LAMP, 2: BOX, 3: OLD, 4: FREE},
    rates=RATES,
    carriers={
        "DHL": Charge(Decimal("6.95"), "H", Decimal(50), "DELIVERY"),
        "Counter": Charge(Decimal(5), "H", None, "PICKUP"),
        "Gone": Charge(Decimal(1), "H", None, "DELIVERY", is_active=False),
    },
    methods={"iDEAL": Charge(Decimal("0.35"), "L")},
)
FORM = Typed("0" * 32, company_id=1, lines=(TypedLine("n1", product_id=1),))
AGREED = KeptLine(
    product_id=1,
    text=ArticleText("LAMP", "Lamp of then", "By hand"),
    line_class="product",
    is_bonus=False,
    quantity=2,
    list_price=Decimal(9),
    price=Decimal(8),
    discount_percentage=Decimal(5),
    origin=PriceOrigin.COMPANY_DISCOUNT,
    tax_code="L",
    tax_percentage=Decimal(6),
    cost_price=Decimal(5),
    total=Decimal("15.20"),
)
PLACED = KeptOrder(
    company_id=1,
    user_id=None,
    tax_number="",
    country="",
    currency="EUR",
    currency_rate=Decimal(1),
    is_credit=False,
    vat_rule=VatRule.DOMESTIC,
    shipping_method="DELIVERY",
    carrier="DHL",
    shipping=Cost(Decimal(4), Decimal(6)),
    shipping_origin=CostsOrigin.CALCULATED,
    payment_method="",
    payment=Cost(NONE, NONE),
    payment_origin=CostsOrigin.CALCULATED,
    source="",
    subtotal=Decimal("15.20"),
)
STORED_LINE = TypedLine("5", product_id=1, quantity="2", price="8.00", discount="5", notes="By hand")
STORED = Typed("0" * 32, order_id=7, company_id=1, carrier="DHL", lines=(STORED_LINE,))
KNOWN = replace(OFFERS, order=PLACED, lines={5: AGREED})
NUMBER: Mapping[str, Any] = {"is_price_typed": True, "is_discount_typed": True}


def reckoned(typed: Typed, offers: Offers = OFFERS) -> tuple[Priced, dict[str, str]]:
    """Reckon a form in English; give the faults filled in."""
    wanted, faults = read(typed, "en")
    priced, more = reckon(wanted, offers)
    return priced, {field: said(fault) for field, fault in {**more, **faults}.items()}


def said(fault: Fault) -> str:
    return fault.sentence % fault.values


def fine(typed: Typed, offers: Offers = OFFERS) -> Priced:
    """Reckon a form that has no faults."""
    priced, faults = reckoned(typed, offers)
    assert not faults
    return priced


def form(*lines: TypedLine, **values: Any) -> Typed:
    """Make a new form of a company with lines."""
    return replace(FORM, lines=(), **values).with_lines(lines)


def one(offers: Offers = OFFERS, **values: Any) -> DraftLine:
    """Reckon a form of one lamp."""
    return fine(form(TypedLine("", product_id=1, **values)), offers).lines[0]


def price(line: DraftLine) -> tuple[str, str, str]:
    """Give a line's unit price, discount and origin."""
    return f"{line.price.normalize():f}", f"{line.discount_percentage.normalize():f}", line.origin


@pytest.mark.parametrize(
    ("discount", "breaks", "quantity", "expected"),
    [
        (0, [], "1", ("10", "0", "LIST")),
        (5, [], "1", ("10", "5", "COMPANY_DISCOUNT")),
        (5, [(1, "9.5")], "1", ("9.5", "0", "PRICE_LIST")),
        (5, [(1, "9.6")], "1", ("10", "5", "COMPANY_DISCOUNT")),
        (0, [(1, "10")], "1", ("10", "0", "PRICE_LIST")),
        (0, [(1, "11")], "1", ("10", "0", "LIST")),
        (0, [(5, "9"), (10, "8")], "4", ("10", "0", "LIST")),
        (0, [(5, "9"), (10, "8")], "5", ("9", "0", "PRICE_LIST")),
        (0, [(5, "9"), (10, "8")], "99", ("8", "0", "PRICE_LIST")),
    ],
)
def test_the_lowest_price_wins_and_says_where_it_comes_from(
    discount: int, breaks: list[tuple[int, str]], quantity: str, expected: tuple[str, str, str]
) -> None:
    found = [Break(count, Decimal(amount)) for count, amount in breaks]
    offers = replace(OFFERS, customer=Customer(discount_percentage=Decimal(discount)), breaks={1: found})
    assert price(one(offers, quantity=quantity)) == expected


def test_what_a_person_types_counts() -> None:
    discounted = replace(OFFERS, customer=Customer(discount_percentage=Decimal(5)))
    assert price(one(discounted, price="9", is_price_typed=True)) == ("9", "0", "MANUAL")
    assert price(one(discounted, price="9", discount="1", **NUMBER)) == ("9", "1", "MANUAL")
    assert price(one(discounted, discount="50", is_discount_typed=True)) == ("10", "50", "MANUAL")
    assert price(one(discounted, price="9", discount="1")) == ("10", "5", "COMPANY_DISCOUNT")


def test_a_product_without_a_price_needs_a_typed_one() -> None:
    _, faults = reckoned(form(TypedLine("", product_id=4)))
    assert faults == {"line-n1-price": "This has no price yet. Type one."}
    assert fine(form(TypedLine("", product_id=4, price="3", is_price_typed=True))).totals.gross == 3


def test_prices_of_the_base_currency_are_exchanged_to_four_decimals() -> None:
    dollars = fine(replace(FORM, currency="USD", currency_rate="0.93"))
    assert (dollars.lines[0].price, dollars.lines[0].cost_price) == (Decimal("10.7527"), Decimal("6.4516"))
    _, faults = reckoned(replace(FORM, currency="USD"), replace(OFFERS, suggested_rate=Decimal("0.93")))
    assert faults == {"currency_rate": "Give the rate: how much 1 USD is in EUR."}
    base = fine(replace(FORM, currency="EUR", currency_rate="0.93"))
    assert (base.wanted.currency, base.wanted.currency_rate, base.totals.gross) == ("EUR", Decimal(1), Decimal(10))


def test_a_stored_line_keeps_what_was_agreed() -> None:
    line = fine(STORED, KNOWN).lines[0]
    assert price(line) == ("8", "5", "COMPANY_DISCOUNT")
    assert (line.tax_code, line.tax_percentage, line.list_price, line.cost_price) == (
        "L",
        Decimal(6),
        Decimal(9),
        Decimal(5),
    )
    assert (line.text, line.total) == (AGREED.text, Decimal("15.20"))


@pytest.mark.parametrize(
    "changed",
    [
        {"quantity": "3"},
        {"price": "", "discount": ""},
        {"quantity": "3", "price": "", "discount": ""},
    ],
)
def test_another_quantity_and_todays_prices_reckon_a_stored_line_anew(changed: Mapping[str, Any]) -> None:
    line = fine(replace(STORED, lines=(replace(STORED_LINE, **changed),)), KNOWN).lines[0]
    assert price(line) == ("10", "0", "LIST")
    assert (line.tax_code, line.tax_percentage, line.list_price, line.cost_price) == (
        "H",
        Decimal(21),
        Decimal(10),
        Decimal(6),
    )
    assert line.text.name == "Lamp of then"


def test_another_currency_reckons_a_stored_line_anew() -> None:
    line = fine(replace(STORED, currency="USD", currency_rate="0.5"), KNOWN).lines[0]
    assert price(line) == ("20", "0", "LIST")


def test_a_price_by_hand_stays_until_todays_is_asked() -> None:
    by_hand = replace(KNOWN, lines={5: replace(AGREED, origin=PriceOrigin.MANUAL)})
    typed = replace(STORED_LINE, quantity="3", **NUMBER)
    assert price(fine(replace(STORED, lines=(typed,)), by_hand).lines[0]) == ("8", "5", "MANUAL")
    untouched = replace(typed, is_price_typed=False, is_discount_typed=False)
    assert price(fine(replace(STORED, lines=(untouched,)), by_hand).lines[0]) == ("8", "5", "MANUAL")
    today = replace(untouched, price="", discount="")
    assert price(fine(replace(STORED, lines=(today,)), by_hand).lines[0]) == ("10", "0", "LIST")


def test_typing_what_was_agreed_already_changes_nothing() -> None:
    same = replace(STORED_LINE, price="8", discount="5.00", **NUMBER)
    assert price(fine(replace(STORED, lines=(same,)), KNOWN).lines[0]) == ("8", "5", "COMPANY_DISCOUNT")
    other = replace(STORED_LINE, discount="6", is_discount_typed=True)
    assert price(fine(replace(STORED, lines=(other,)), KNOWN).lines[0]) == ("8", "6", "MANUAL")


def test_a_line_without_a_product_keeps_its_words_and_needs_a_price() -> None:
    imported = replace(AGREED, product_id=None, origin=PriceOrigin.UNKNOWN)
    line = replace(STORED_LINE, product_id=None, quantity="3", notes="Soon")
    draft = fine(replace(STORED, lines=(line,)), replace(KNOWN, lines={5: imported})).lines[0]
    assert (price(draft), draft.text) == (("8", "5", "UNKNOWN"), replace(AGREED.text, notes="Soon"))
    new = TypedLine("", sku="X", name="By hand", tax_code="L", price="2", is_price_typed=True)
    assert fine(form(new)).lines[0].tax_percentage == 9
    assert reckoned(form(replace(new, price="")))[1] == {"line-n1-price": "This has no price yet. Type one."}
    assert reckoned(form(replace(new, sku="", name="")))[1] == {"line-n1-quantity": "Choose a product."}


def test_what_an_incentive_gives_and_takes_is_told_so() -> None:
    found = fine(
        form(
            TypedLine("", product_id=2, quantity="12"),
            TypedLine("", parent="n1", line_class="incentive", incentive_id=4, name="Spring", price="-2.40"),
            TypedLine("", line_class="incentive", incentive_id=4, name="Spring", price="-1", tax_code="H"),
            TypedLine("", product_id=2, is_bonus=True, incentive_id=4),
            incentive_shipping="0.00",
            carrier="DHL",
        )
    )
    assert [price(line) for line in found.lines[1:]] == [
        ("-2.4", "0", "INCENTIVE"),
        ("-1", "0", "INCENTIVE"),
        ("0", "0", "INCENTIVE"),
    ]
    assert [line.tax_code for line in found.lines] == ["L", "L", "H", "L"]
    assert (found.shipping.amount, found.shipping_origin) == (NONE, CostsOrigin.INCENTIVE)
    assert found.totals.gross == Decimal("20.60")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (TypedLine("", product_id=9), "There is no such product any more."),
        (TypedLine("", product_id=3), "OLD is not sold any more."),
        (TypedLine("", product_id=2, quantity="5"), "Sold from 12 on, per 12: 12 or 24."),
        (TypedLine("", product_id=2, quantity="25"), "Sold from 12 on, per 12: 24 or 36."),
        (TypedLine("", product_id=1, quantity="2147483647", price="800000000000", is_price_typed=True),
         "This is too large."),
    ],
)  # fmt: skip
def test_what_cannot_be_ordered_is_told_at_the_line(line: TypedLine, sentence: str) -> None:
    assert reckoned(form(line))[1] == {"line-n1-quantity": sentence}


def test_stored_lines_are_not_measured_again() -> None:
    gone = replace(KNOWN, lines={5: replace(AGREED, product_id=3)})
    assert fine(STORED, gone).lines[0].wanted.product_id == 3
    removed = reckoned(STORED, replace(KNOWN, lines={}))[1]
    assert removed == {"line-5-quantity": "This line was removed from the order meanwhile."}


@pytest.mark.parametrize(
    ("country", "company", "tax_number", "rule", "percentage", "tax"),
    [
        ("", 1, "", VatRule.DOMESTIC, 21, "3.56"),
        ("NL", 1, "DE123456789", VatRule.DOMESTIC, 21, "3.56"),
        ("DE", 1, "DE123456789", VatRule.REVERSE_CHARGE, 0, "0"),
        ("DE", 1, "NL123456789B01", VatRule.DOMESTIC, 19, "3.22"),
        ("DE", 1, "", VatRule.DOMESTIC, 19, "3.22"),
        ("DE", None, "DE123456789", VatRule.DOMESTIC, 19, "3.22"),
        ("US", None, "", VatRule.EXPORT, 0, "0"),
    ],
)
def test_vat_follows_the_way_of_the_goods(
    country: str, company: int | None, tax_number: str, rule: VatRule, percentage: object, tax: str
) -> None:
    typed = replace(
        FORM, company_id=company, user_id=2, tax_number=tax_number, delivery=AddressText(country=country), carrier="DHL"
    )
    found = fine(typed)
    assert (found.vat_rule, found.lines[0].tax_percentage, found.lines[0].tax_code) == (rule, percentage, "H")
    assert found.shipping.tax_percentage == percentage
    assert found.totals.tax == Decimal(tax)


def test_a_stored_order_keeps_its_vat_until_its_way_changes() -> None:
    untaxed = replace(AGREED, tax_percentage=NONE)
    exported = replace(KNOWN, order=replace(PLACED, vat_rule=VatRule.EXPORT), lines={5: untaxed})
    more = STORED.with_lines([TypedLine("", product_id=1)])
    found = fine(more, exported)
    assert (found.vat_rule, [line.tax_percentage for line in found.lines]) == (VatRule.EXPORT, [NONE, NONE])
    moved = fine(replace(STORED, delivery=AddressText(country="DE")), KNOWN)
    assert (moved.vat_rule, moved.lines[0].tax_percentage) == (VatRule.DOMESTIC, Decimal(7))


def test_goods_that_a_consumer_fetches_bear_the_sellers_vat() -> None:
    fetched: dict[str, Any] = {"delivery": AddressText(country="DE"), "shipping_method": "PICKUP"}
    assert fine(replace(FORM, company_id=None, user_id=2, **fetched)).lines[0].tax_percentage == 21
    assert fine(replace(FORM, **fetched)).lines[0].tax_percentage == 21
    placed = replace(KNOWN, order=replace(PLACED, country="DE", shipping_method="PICKUP", carrier=""))
    stored = replace(STORED, carrier="", delivery=AddressText(country="DE"))
    kept, sent = (replace(stored, shipping_method=method) for method in ("PICKUP", "DELIVERY"))
    assert [fine(each, placed).lines[0].tax_percentage for each in (kept, sent)] == [6, 7]


def test_the_sellers_rates_do_not_stand_for_those_of_another_member_state() -> None:
    french = replace(FORM, delivery=AddressText(country="FR"))
    told = "The VAT code H has no rate for FR on the day of the order."
    assert reckoned(french)[1] == {"line-n1-vat": told}
    assert reckoned(replace(french, carrier="DHL"))[1] == {"line-n1-vat": told, "shipping_costs": told}


def test_costs_that_an_order_did_not_have_bear_the_vat_of_the_day() -> None:
    free = replace(KNOWN, order=replace(PLACED, shipping=Cost(NONE, NONE)))
    assert fine(STORED, free).shipping == Cost(NONE, NONE)
    assert fine(replace(STORED, shipping_costs="10", is_shipping_typed=True), free).shipping.tax_percentage == 21


def test_an_order_from_before_rules_were_kept_gets_one_when_its_lines_change() -> None:
    american = AddressText(country="US")
    placed = replace(PLACED, country="US", shipping=Cost(Decimal(4), NONE))
    untaxed = replace(KNOWN, order=placed, lines={5: replace(AGREED, tax_code="N", tax_percentage=NONE)})
    assert fine(replace(STORED, delivery=american), untaxed).vat_rule == VatRule.DOMESTIC
    more = fine(replace(STORED, delivery=american).with_lines([TypedLine("", product_id=1)]), untaxed)
    assert (more.vat_rule, more.totals.tax) == (VatRule.EXPORT, NONE)


def test_a_code_without_a_rate_on_that_day_is_told() -> None:
    early = replace(OFFERS, day=date(1999, 12, 31))
    assert reckoned(FORM, early)[1] == {"line-n1-vat": "The VAT code H has no rate on the day of the order."}
    assert "shipping_costs" in reckoned(replace(FORM, carrier="DHL"), early)[1]


def test_costs_are_the_carriers_until_the_order_is_large_enough() -> None:
    four, five = (replace(FORM, carrier="DHL", lines=(TypedLine("n1", product_id=1, quantity=n),)) for n in "45")
    assert (fine(four).shipping.amount, fine(five).shipping.amount) == (Decimal("6.95"), NONE)
    dollars = fine(replace(four, currency="USD", currency_rate="0.8"))
    assert dollars.shipping.amount == Decimal("8.69")
    yen = fine(replace(FORM, currency="JPY", currency_rate="0.006", carrier="DHL", payment_method="iDEAL"))
    assert (yen.shipping.amount, yen.payment.amount) == (Decimal(1158), Decimal(58))
    picked_up = fine(replace(FORM, carrier="Counter", shipping_method="PICKUP"))
    assert (picked_up.shipping.amount, picked_up.shipping_origin) == (NONE, CostsOrigin.CALCULATED)
    assert fine(replace(FORM, payment_method="iDEAL")).payment == Cost(Decimal("0.35"), Decimal(9))


def test_costs_by_hand_stay_and_an_emptied_field_is_reckoned() -> None:
    typed = replace(FORM, carrier="DHL", shipping_costs="3", is_shipping_typed=True, incentive_shipping="1.00")
    found = fine(typed)
    assert (found.shipping.amount, found.shipping_origin) == (Decimal(3), CostsOrigin.MANUAL)
    found = fine(replace(typed, shipping_costs="", incentive_shipping=""))
    assert (found.shipping.amount, found.shipping_origin) == (Decimal("6.95"), CostsOrigin.CALCULATED)


@pytest.mark.parametrize(
    "refused",
    [
        {"shipping_costs": "-1", "is_shipping_typed": True},
        {"shipping_costs": "many", "is_shipping_typed": True},
        {"payment_costs": "many", "is_payment_typed": True},
        {"discount_type": "A", "discount_value": "10.01"},
        {"discount_type": "P", "discount_value": "101"},
        {"shipping_costs": "", "incentive_shipping": "-1"},
    ],
)
def test_a_refused_amount_is_in_no_total(refused: dict[str, Any]) -> None:
    plain = replace(FORM, carrier="DHL", payment_method="iDEAL", shipping_costs="0", payment_costs="0",
                    is_shipping_typed=True, is_payment_typed=True)  # fmt: skip
    found, faults = reckoned(replace(plain, **refused))
    assert (found.totals, len(faults)) == (fine(plain).totals, 1)


def test_reckoned_costs_of_a_stored_order_stay_while_nothing_changes() -> None:
    assert fine(STORED, KNOWN).shipping == Cost(Decimal(4), Decimal(6))
    more = fine(STORED.with_lines([TypedLine("", product_id=1)]), KNOWN)
    assert more.shipping == Cost(Decimal("6.95"), Decimal(6))


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"carrier": "Gone"}, "carrier", "Choose one of the carriers in use."),
        ({"carrier": "Counter"}, "carrier", "Choose one of the carriers in use."),
        ({"payment_method": "Barter"}, "payment_method", "Choose one of the payment methods in use."),
        ({"source": "Fax"}, "source", "Choose one of the sources in use."),
        ({"company_id": None}, "customer", "Choose who orders."),
        ({"discount_type": "A", "discount_value": "10.01"}, "discount_value",
         "The discount is more than the subtotal of 10.00."),
    ],
)  # fmt: skip
def test_what_may_not_be_chosen_is_told(values: dict[str, Any], field: str, sentence: str) -> None:
    assert reckoned(replace(FORM, **values))[1] == {field: sentence}
    own = replace(PLACED, carrier="Gone", payment_method="Barter", source="Fax")
    stored = replace(STORED, carrier="Gone", payment_method="Barter", source="Fax")
    assert not reckoned(stored, replace(KNOWN, order=own))[1]


@pytest.mark.parametrize(
    "customer",
    [
        Customer(is_company_there=False),
        Customer(is_user_there=False),
        Customer(is_user_of_company=False),
        Customer(is_company_offered=False),
        Customer(is_user_offered=False),
    ],
)
def test_who_may_not_order_is_told_but_the_orders_own_customer_stays(customer: Customer) -> None:
    assert [*reckoned(FORM, replace(OFFERS, customer=customer))[1]] == ["customer"]
    assert not reckoned(STORED, replace(KNOWN, customer=customer))[1]


def test_only_a_credit_goes_below_zero() -> None:
    back = replace(STORED, lines=(replace(STORED_LINE, quantity="-2"),), shipping_costs="-4", is_shipping_typed=True)
    assert [*reckoned(back, KNOWN)[1]] == ["line-5-quantity", "shipping_costs", "lines"]
    credit = replace(KNOWN, order=replace(PLACED, is_credit=True), lines={5: replace(AGREED, quantity=-2)})
    assert fine(back, credit).totals.gross == Decimal("-19.20")
    turned = replace(back, lines=(replace(STORED_LINE, quantity="2"),))
    assert [*reckoned(turned, credit)[1]] == ["shipping_costs"]


def test_a_price_that_changed_since_it_was_shown_is_told() -> None:
    def told(**values: Any) -> dict[str, str]:
        return {
            field: said(fault)
            for field, fault in price_changes(fine(form(TypedLine("", product_id=1, **values)))).items()
        }

    assert told(shown="9.0000") == {"line-n1-price": "The price was 9.0000 and is 10.0000 now. Save again to take it."}
    assert not told(shown="10.0000")
    assert not told(shown="")
    assert not told(shown="9.0000", price="8", is_price_typed=True)
    assert one().shown == "10.0000"


def test_nothing_is_too_large_for_an_answer() -> None:
    most = TypedLine("", product_id=1, quantity="2147483647", price="41000", is_price_typed=True)
    assert [*reckoned(form(*[most] * 2))[1]] == ["lines"]
    dear = replace(OFFERS, articles={1: replace(LAMP, list_price=Decimal("899999999999.9999"))})
    tiny = replace(FORM, currency="USD", currency_rate="0.00000001", carrier="DHL")
    priced, faults = reckoned(tiny, dear)
    assert [*faults] == ["line-n1-price"]
    assert priced.shipping.amount == 695_000_000
    huge = replace(OFFERS, carriers={"DHL": Charge(Decimal(10) ** 13, "H", None, "DELIVERY")})
    assert (
        "shipping_costs" in reckoned(replace(FORM, currency="USD", currency_rate="0.00000001", carrier="DHL"), huge)[1]
    )
    small = replace(form(*[most]), currency="USD", currency_rate="89999999")
    assert [*reckoned(small)[1]] == ["lines"]


def test_a_margin_is_what_is_left_after_the_cost_of_the_goods() -> None:
    found = fine(form(TypedLine("", product_id=1), TypedLine("", product_id=2, quantity="12")))
    assert [line.margin for line in found.lines] == [Margin(Decimal(4), Decimal(40)), None]
    assert found.lines[0].below_list == 0


def test_a_thousand_lines_are_reckoned_in_a_moment() -> None:
    typed = form(*[TypedLine("", product_id=1, quantity="3")] * 1_000, carrier="DHL", payment_method="iDEAL")
    wanted, _ = read(typed, "en")
    began = time.perf_counter()
    priced, faults = reckon(wanted, replace(OFFERS, breaks={1: [Break(2, Decimal(9))]}))
    assert time.perf_counter() - began < 1
    assert (not faults, priced.totals.gross) == (True, Decimal("27000.35"))
