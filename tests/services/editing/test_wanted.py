"""What the editor's form means, field by field."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest

from models.party import AddressText
from services.editing.typed import Typed, TypedLine
from services.editing.wanted import MOST_LINES, Fault, WantedLine, read

FORM = Typed("0" * 32, company_id=1, lines=(TypedLine("n1", product_id=1),))
HOSTILE = ["1e400", "NaN", "Infinity", "-Infinity", "٣", "１", "9" * 20, "0x10", "1_000", "1 000", "--1", "+1", "1,50"]
AMOUNTS = ["shipping_costs", "payment_costs", "discount_value", "currency_rate"]
LINES_NUMBERS = ["price", "discount"]
TYPED = {"is_shipping_typed": True, "is_payment_typed": True, "discount_type": "A"}


def line(form: Typed, **values: object) -> Typed:
    """Change the form's only line."""
    return replace(form, lines=(replace(form.lines[0], **values),))  # type: ignore[arg-type]


def only(form: Typed, language: str = "en") -> WantedLine:
    """Read a form of one line without any fault."""
    wanted, faults = read(form, language)
    assert not faults
    return wanted.lines[0]


def faults(form: Typed, language: str = "en") -> dict[str, str]:
    """Give what is said of each field, filled in."""
    return {field: said(fault) for field, fault in read(form, language)[1].items()}


def said(fault: Fault) -> str:
    return fault.sentence % fault.values


@pytest.mark.parametrize("text", [*HOSTILE, "-1", "-0", "−0", "0.000000001"])
def test_no_number_is_guessed(text: str) -> None:
    amounts = replace(FORM, **TYPED, **dict.fromkeys(AMOUNTS, text))  # type: ignore[arg-type]
    assert [*faults(amounts)] == ["currency_rate", "shipping_costs", "payment_costs", "discount_value"]
    prices = line(FORM, **dict.fromkeys(LINES_NUMBERS, text), is_price_typed=True, is_discount_typed=True)
    assert [*faults(prices)] == ["line-n1-price", "line-n1-discount"]
    assert [*faults(replace(FORM, payment_term_days=text))] == ["payment_term_days"]
    assert [*faults(replace(FORM, requested_on=text))] == ["requested_on"]


@pytest.mark.parametrize("text", [*HOSTILE, "", "0", "-0", "-5", "1.5", str(2**31)])
def test_a_quantity_is_a_whole_number_from_one_on(text: str) -> None:
    assert [*faults(line(FORM, quantity=text))] == ["line-n1-quantity"]
    assert read(line(FORM, quantity=text), "en")[0].lines[0].quantity == 1


def test_numbers_have_the_decimals_of_their_columns() -> None:
    for field, fine, too_fine in (
        ("shipping_costs", "0.01", "0.005"),
        ("payment_costs", "0.01", "0.005"),
        ("discount_value", "0.01", "0.005"),
        ("currency_rate", "0.00000001", "0.000000001"),
    ):
        assert not faults(replace(FORM, **TYPED, **{"discount_value": "1", field: fine}))  # type: ignore[arg-type]
        told = faults(replace(FORM, **TYPED, **{"discount_value": "1", field: too_fine}))  # type: ignore[arg-type]
        assert "decimals" in told[field]
    yen = faults(replace(FORM, currency="JPY", shipping_costs="1.5", is_shipping_typed=True))
    assert yen == {"shipping_costs": "“1.5” is not a whole number."}
    assert faults(line(FORM, price="0.00005", is_price_typed=True)) == {
        "line-n1-price": "“0.00005” has more than 4 decimals."
    }
    assert faults(replace(FORM, currency_rate="0")) == {"currency_rate": "A rate is above 0."}


def test_a_pasted_text_is_taken_as_it_is_seen() -> None:
    pasted = "Packing\u00a0tape \u200fspe\u00adcial, می\u200cخواهم 👩\u200d🔧"
    typed = line(replace(FORM, reference=pasted, remarks=pasted), name=pasted, notes=pasted)
    assert not faults(typed)
    assert read(typed, "en")[0].reference == "Packing tape special, می\u200cخواهم 👩\u200d🔧"
    for unreadable in ("\u202e", "\x07", "\ue000"):
        assert set(faults(replace(FORM, reference=f"a{unreadable}b"))) == {"reference"}


def test_a_number_is_read_as_its_language_writes_it() -> None:
    dutch = line(FORM, price="1.250,50", is_price_typed=True, discount="12,5", is_discount_typed=True)
    assert (only(dutch, "nl").price, only(dutch, "nl").discount) == (Decimal("1250.5"), Decimal("12.5"))
    assert [*faults(dutch)] == ["line-n1-price", "line-n1-discount"]


def test_no_other_amount_stands_for_one_that_is_at_fault() -> None:
    typed = line(FORM, price="ten", is_price_typed=True, discount="101", is_discount_typed=True)
    wanted, told = read(replace(typed, shipping_costs="-1", is_shipping_typed=True), "en")
    assert [*told] == ["line-n1-price", "line-n1-discount", "shipping_costs"]
    assert [wanted.lines[0].price, wanted.lines[0].discount, wanted.shipping_costs] == [0, 0, 0]


def test_only_what_is_typed_is_a_price_and_the_rest_says_whether_it_is_kept() -> None:
    stored = replace(FORM, order_id=7, lines=(TypedLine("12", product_id=1, price="9.50", discount="0"),))
    assert (only(stored).price, only(stored).keeps, only(stored).line_id) == (None, True, 12)
    assert only(line(stored, price="", discount="")).keeps is False
    by_hand = only(line(stored, price="9.00", is_price_typed=True))
    assert (by_hand.price, by_hand.discount, by_hand.keeps) == (Decimal(9), None, True)
    assert only(line(FORM, price="9.00", discount="0")).keeps is False


def test_what_an_incentive_takes_off_has_a_price_below_zero() -> None:
    assert only(line(FORM, line_class="incentive", price="-2.50")).price == Decimal("-2.5")
    assert only(line(FORM, line_class="incentive", price="-0.00")).price == 0
    assert only(line(FORM, line_class="incentive", price="-2.50", tax_code="L")).tax_code == "L"
    wanted, _ = read(replace(FORM, incentive_shipping="0.00", incentive_payment="nothing"), "nl")
    assert (wanted.incentive_shipping, wanted.incentive_payment) == (Decimal(0), None)


def test_a_credit_has_quantities_below_zero_and_a_new_order_has_none() -> None:
    assert only(line(replace(FORM, order_id=7), quantity="-5")).quantity == -5
    assert faults(line(FORM, quantity="-5")) == {"line-n1-quantity": "This may not be below 1."}


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("reference", "x" * 256, "At most 255 characters fit here."),
        ("reference", "two\nlines", "This has characters that cannot be read. Type it again."),
        ("remarks", "nul\0", "This has characters that cannot be read. Type it again."),
        ("remarks", "half \ud800", "This has characters that cannot be read. Type it again."),
        ("remarks", "x" * 4001, "At most 4000 characters fit here."),
        ("email", "nobody", "This is not an e-mail address."),
        ("tax_number", "9" * 33, "At most 32 characters fit here."),
        ("requested_on", "31-03-2026", "“31-03-2026” is not a day. Write it as 2026-03-31."),
        ("requested_on", "2026-02-30", "“2026-02-30” is not a day. Write it as 2026-03-31."),
        ("payment_term_days", "366", "This may be 365 at most."),
        ("payment_term_days", "-1", "This may not be below 0."),
        ("payment_status", "Paid", "There is no such payment status."),
        ("currency", "XXX", "This does not exist or is not available to you. Choose another one."),
        ("currency", "eur", "This does not exist or is not available to you. Choose another one."),
        ("language", "xx", "This does not exist or is not available to you. Choose another one."),
        ("shipping_method", "BY SEA", "This does not exist or is not available to you. Choose another one."),
        ("discount_type", "X", "This does not exist or is not available to you. Choose another one."),
    ],
)
def test_what_is_wrong_is_told_by_its_field(field: str, text: str, sentence: str) -> None:
    assert faults(replace(FORM, **{field: text})) == {field: sentence}  # type: ignore[arg-type]


def test_addresses_are_read_part_by_part() -> None:
    form = replace(
        FORM,
        delivery=AddressText(city="x" * 101, country="QQ", notes="two\r\nlines"),
        invoice=AddressText(email="nobody", street="\x07", country="NL"),
    )
    wanted, told = read(form, "en")
    assert {field: said(fault) for field, fault in told.items()} == {
        "invoice-street": "This has characters that cannot be read. Type it again.",
        "invoice-email": "This is not an e-mail address.",
        "delivery-city": "At most 100 characters fit here.",
        "delivery-country": "There is no country “QQ”.",
    }
    assert (wanted.delivery.notes, wanted.invoice.country) == ("two\nlines", "NL")


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        ("P", "100.01", "This may be 100 at most."),
        ("P", "", "Give a discount."),
        ("A", "", "Give a discount."),
        ("A", "-1", "This may not be below 0."),
    ],
)
def test_a_discount_is_a_percentage_or_an_amount(kind: str, value: str, sentence: str) -> None:
    assert faults(replace(FORM, discount_type=kind, discount_value=value)) == {"discount_value": sentence}


def test_an_order_has_lines_but_not_too_many() -> None:
    assert faults(replace(FORM, lines=())) == {"lines": "An order needs at least one line."}
    many = replace(FORM, lines=()).with_lines(TypedLine("", product_id=1) for _ in range(MOST_LINES + 1))
    assert faults(many) == {"lines": f"An order has {MOST_LINES} lines at most."}


def test_a_line_belongs_to_one_that_belongs_to_none() -> None:
    def heads(**parents: str) -> list[str]:
        lines = [TypedLine(key, product_id=1, parent=parent) for key, parent in parents.items()]
        return [line.parent for line in read(replace(FORM, lines=tuple(lines)), "en")[0].lines]

    assert heads(n1="", n2="n1", n3="n2", n4="n3") == ["", "n1", "n1", "n1"]
    assert heads(n4="n3", n3="n2", n2="n1", n1="") == ["n1", "n1", "n1", ""]
    assert heads(n1="n2", n2="n1", n3="n1", n4="n4", n5="n9") == [""] * 5
    deep = {f"n{place}": f"n{place - 1}" for place in range(1, MOST_LINES)}
    assert heads(**deep) == ["", *["n1"] * (MOST_LINES - 2)]


def test_a_country_is_called_by_its_name() -> None:
    german = AddressText(country="NL", country_name="Germany")
    assert read(replace(FORM, delivery=german), "en")[0].delivery.country_name == "Netherlands"
    assert read(replace(FORM, delivery=AddressText(country_name="Elbonia")), "en")[0].delivery.country_name == "Elbonia"


def test_what_a_page_would_not_send_is_harmless() -> None:
    odd = TypedLine("1e9", product_id=2**63, parent="n9", line_class="gift", incentive_id=-1, shown="NaN", sku="\0")
    wanted, told = read(replace(FORM, company_id=-1, user_id=2**63, lines=(odd,)), "en")
    assert (wanted.company_id, wanted.user_id) == (None, None)
    assert [*told] == ["line-1e9-quantity", "customer"]
    read_line = wanted.lines[0]
    assert (read_line.product_id, read_line.parent, read_line.line_class, read_line.shown) == (
        None,
        "",
        "product",
        None,
    )


def test_all_that_is_typed_is_read() -> None:
    form = replace(
        FORM,
        order_id=7,
        version=3,
        requested_on="2026-04-01",
        payment_term_days="30",
        currency="USD",
        currency_rate="0.91",
        language="de",
        source=" Fax ",
        discount_type="P",
        discount_value="12.5",
        is_partial_delivery_allowed=True,
    )
    wanted, told = read(form, "en")
    assert not told
    assert (wanted.order_id, wanted.version, wanted.requested_on) == (7, 3, date(2026, 4, 1))
    assert (wanted.payment_term_days, wanted.currency, wanted.currency_rate) == (30, "USD", Decimal("0.91"))
    assert (wanted.language, wanted.source, wanted.discount_type, wanted.discount_value) == (
        "de",
        "Fax",
        "P",
        Decimal("12.5"),
    )
    assert {each.name for each in fields(wanted)} >= {each.name for each in fields(form)} - {
        "is_shipping_typed",
        "is_payment_typed",
        "numbers",
    }


@pytest.mark.parametrize("key", ["9" * 5_000, "٣", "0", "n" + "9" * 5_000, "12 "])
def test_an_odd_key_is_that_of_no_stored_line(key: str) -> None:
    form = line(FORM, key=key)
    assert read(form, "en")[0].lines[0].line_id is None
    assert form.new_keys(1) == ["n1"]
