"""What is told of values that cannot be read."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from services.countries import country_code
from services.importing.orders import ImportContext, NotReadable, read_order
from services.importing.rows import Row
from services.importing.table import OrderRows
from services.importing.values import decimal_mark, read_quantity, shown_mark
from services.taxes import Rates

GOOD = {
    "order": "1",
    "sku": "A",
    "name": "Adapter",
    "quantity": "1",
    "date": "2024-01-01",
    "price": "1",
    "company": "",
    "country": "",
}
READING = ImportContext(
    columns={name: place for place, name in enumerate(GOOD)},
    width=len(GOOD),
    mark=decimal_mark(",", {}),
    zone=ZoneInfo("Europe/Amsterdam"),
    now=datetime(2026, 3, 31, 12, tzinfo=UTC),
    rate=100_000_000,
    tax_code="H",
    rates=Rates({"": [(date(1999, 1, 1), Decimal(21))]}),
    unit=1,
)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"date": "1998-12-31"}, "The tax code H has no rate on 1998-12-31."),
        ({"quantity": "0"}, "The quantity is 0."),
        ({"quantity": "1.5"}, "The quantity '1.5' is not a whole number."),
        ({"quantity": ""}, "The quantity '' is not a whole number."),
        ({"quantity": "1e3"}, "The quantity '1e3' is not a whole number."),
        ({"quantity": "٣"}, "The quantity '٣' is not a whole number."),
        ({"quantity": "1.000"}, "The quantity '1.000' may be thousands or decimals."),
        ({"quantity": "-12,000"}, "The quantity '-12,000' may be thousands or decimals."),
        ({"quantity": "1.0000"}, "The quantity '1.0000' is not a whole number."),
        ({"quantity": "2147483648"}, "The quantity '2147483648' is too large."),
        ({"price": "-0.0001"}, "The price '-0.0001' is negative."),
        ({"price": "1.00001"}, "The price '1.00001' is not a number with at most four decimals."),
        ({"price": "NaN"}, "The price 'NaN' is not a number with at most four decimals."),
        ({"price": "Infinity"}, "The price 'Infinity' is not a number with at most four decimals."),
        ({"price": "1,50"}, "The price '1,50' is not clear: before decimals a file with commas has '.'."),
        ({"price": ""}, "The price '' is not a number with at most four decimals."),
        ({"price": "999999999999999999"}, "The price '999999999999999999' is too large."),
        ({"price": "900000000000", "quantity": "1000000"}, "The amounts of the order are too large."),
        ({"date": "31-12-2024"}, "The date '31-12-2024' is not of the form 2024-12-31 or 2024-12-31 23:59."),
        ({"date": "2024-02-30"}, "The date '2024-02-30' is not of the form 2024-12-31 or 2024-12-31 23:59."),
        ({"date": "0001-01-01"}, "The date '0001-01-01' is before 1970."),
        ({"date": "1969-12-31 23:59"}, "The date '1969-12-31 23:59' is before 1970."),
        ({"date": "9999-12-31"}, "The date '9999-12-31' is in the future."),
        ({"date": "2026-04-01 14:01"}, "The date '2026-04-01 14:01' is in the future."),
        ({"sku": ""}, "The SKU is missing."),
        ({"sku": "x" * 65}, "The SKU has 65 characters; at most 64 fit."),
        ({"name": "a\0b"}, "The name holds a NUL character."),
        ({"order": "x" * 65}, "The order number has 65 characters; at most 64 fit."),
        ({"order": ""}, "The order number is missing."),
        ({"company": "x" * 65}, "The company has 65 characters; at most 64 fit."),
        ({"country": "x" * 101}, "The country has 101 characters; at most 100 fit."),
    ],
)
def test_what_cannot_be_read_is_told(changed: dict[str, str], reason: str) -> None:
    values = {**GOOD, **changed}
    with pytest.raises(NotReadable) as refused:
        read_order(OrderRows(values["order"], [Row(3, list(values.values()))]), READING)
    assert refused.value.reasons == {3: f"Line 3: {reason}"}


@pytest.mark.parametrize("quantity", ["2", "+2", " 2 ", "2.0", "2.00"])
def test_a_quantity_may_be_written_as_spreadsheets_write_it(quantity: str) -> None:
    assert read_quantity(quantity) == 2


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("12,50", ","),
        (" -12.5 ", "."),
        ("12,5%", ","),
        ("0.125", "."),
        ("1234,567", ","),
        ("1.2340", "."),
        ("1.234", ""),
        ("999,000", ""),
        ("12", ""),
        ("1.234,50", ""),
        ("x,50", ""),
    ],
)
def test_numbers_show_their_decimal_mark_when_they_cannot_be_thousands(text: str, mark: str) -> None:
    assert shown_mark(text) == mark


@pytest.mark.parametrize(
    ("written_as", "code"),
    [
        ("NL", "NL"),
        ("nl", "NL"),
        ("Netherlands", "NL"),
        ("The Netherlands", "NL"),
        ("EIRE", "IE"),
        ("RSA", "ZA"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("Czech Republic", "CZ"),
        ("Bosnia & Herzegovina", "BA"),
        ("Bosnia and Herzegovina", "BA"),
        ("Côte d'Ivoire", "CI"),
        ("Hong Kong", "HK"),
        ("European Community", ""),
        ("Channel Islands", ""),
        ("Unspecified", ""),
        ("EU", ""),
        ("001", ""),
    ],
)
def test_country_names(written_as: str, code: str) -> None:
    assert country_code(written_as) == code
