"""Importing companies, contacts, products and prices from a file."""

import csv
import gzip
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select, text
from sqlalchemy.exc import OperationalError

from config import Settings
from models.base import db
from models.party import Company, Person, PersonKind
from models.price import CustomerGroup, Price, PriceList
from models.product import Product
from models.record_history import RecordHistory
from permissions import SYSTEM, Action
from services.errors import Refused
from services.importing.kinds import COMPANIES, CONTACTS, PRICES, PRODUCTS, Kind
from services.importing.records import RecordRequest, RecordResult, import_records
from services.importing.rejects import former
from services.records import BulkWriter, changing
from services.unit_of_work import Edit
from services.verify import verify
from tests.factories import NOON, make_company, make_person
from tests.servers import ROOT

LATER = NOON + timedelta(hours=1)
AGAIN = NOON + timedelta(hours=2)
Rows = Sequence[Mapping[str, str]]
Asking = Callable[..., RecordRequest]

pytestmark = pytest.mark.usefixtures("database")


def written(path: Path, rows: Rows, delimiter: str = ",") -> Path:
    """Write a file whose columns are named as what they hold."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def mapped(names: Iterable[str]) -> str:
    """Map columns that are named as what they hold."""
    return ",".join(f"{name}={name}" for name in names)


@pytest.fixture
def asking(tmp_path: Path) -> Asking:
    """Make a request for a file of rows, or for the path of one."""

    def ask(kind: Kind, rows: Rows | Path, mapping: str = "", *, is_dry_run: bool = False) -> RecordRequest:
        path = rows if isinstance(rows, Path) else written(tmp_path / "records.csv", rows)
        names = path.read_text(encoding="utf-8").partition("\n")[0].strip().split(",") if not mapping else ()
        return RecordRequest(kind, path, mapping or mapped(names), is_dry_run, tmp_path / "rejects.csv")

    return ask


def rejected(request: RecordRequest) -> list[dict[str, str]]:
    with request.rejects_path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reasons(request: RecordRequest) -> dict[int, str]:
    """Give why rows are rejected, by line."""
    return {int(row["line"]): row["reason"].removeprefix(f"Line {row['line']}: ") for row in rejected(request)}


def history(row: Any) -> list[tuple[str, int, str, str, str]]:
    """Give what happened to a row: origin, version, field, from, to."""
    found = db.session.scalars(
        select(RecordHistory)
        .where(RecordHistory.record_type == row.__tablename__, RecordHistory.record_id == row.id)
        .order_by(RecordHistory.id)
    )
    return [(one.origin, one.version, one.field, one.old_value, one.new_value) for one in found]


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def only(model: Any) -> Any:
    """Give the one row that there is."""
    return db.session.scalars(select(model)).one()


def is_whole() -> bool:
    return not [check for check in verify() if check.count]


@pytest.fixture
def catalogue(database: None) -> tuple[Product, PriceList]:
    """A product and a price list."""
    rows = Product(sku="A-1", name="Adapter"), PriceList(name="Gold", currency="EUR")
    db.session.add_all(rows)
    db.session.commit()
    return rows


# ---- creating ----


def test_a_row_makes_a_company_of_all_that_it_says(asking: Asking, catalogue: object) -> None:
    db.session.add(CustomerGroup(name="Dealers"))
    db.session.commit()
    row = {
        "debtor_id": " 17850.0 ",
        "name": "  Łódź Großhandel ",
        "tax_number": "NL001B01",
        "coc_number": "123",
        "phone": "+31 20 1",
        "email": "info@acme.example",
        "customer_group": "Dealers",
        "price_list": "Gold",
        "discount_percentage": "12.5%",
        "payment_term_days": "30",
        "currency": "PLN",
        "hidden": "Yes",
        "notes": "First line,\nsecond line",
    }
    assert import_records(asking(COMPANIES, [row]), now=LATER) == RecordResult(created=1)
    company = only(Company)
    assert (company.debtor_id, company.name, company.name_folded) == ("17850", "Łódź Großhandel", "lodz grosshandel")
    assert (company.tax_number, company.coc_number, company.phone) == ("NL001B01", "123", "+31 20 1")
    assert (company.customer_group.name, company.price_list.name) == ("Dealers", "Gold")
    assert (company.discount_percentage, company.payment_term_days) == (Decimal("12.5"), 30)
    assert (company.currency, company.is_hidden, company.notes) == ("PLN", True, "First line,\nsecond line")
    assert company.search_text.splitlines()[:2] == ["lodz grosshandel", "17850"]
    assert (company.version, company.created_at, company.updated_at) == (1, LATER, LATER)
    assert history(company) == [("IMPORT", 1, "", "", "Łódź Großhandel")]
    assert is_whole()


def test_a_row_makes_a_contact_of_all_that_it_says(asking: Asking) -> None:
    company = make_company("Acme", "17")
    row = {"company": "17", "email": "Ann@acme.example", "first_name": "Ann", "last_name": "Ÿ", "phone": "1"}
    assert import_records(asking(CONTACTS, [{**row, "language": "nl", "active": "no"}]), now=LATER).created == 1
    person = only(Person)
    assert (person.kind, person.company, person.email) == (PersonKind.CONTACT, company, "Ann@acme.example")
    assert (person.name, person.name_folded, person.phone) == ("Ann Ÿ", "ann y", "1")
    assert (person.language, person.is_active) == ("nl", False)
    assert is_whole()


def test_a_row_makes_a_product_of_all_that_it_says(asking: Asking) -> None:
    row = {
        "sku": "a-1",
        "name": "Adapter",
        "ean": "4006381333931",
        "unit": "pc",
        "minimum_quantity": "10",
        "step_quantity": "5.0",
        "list_price": "1.2345",
        "cost_price": "0.5",
        "tax_code": "L",
        "manufacturer": "Acme",
        "manufacturer_code": "M-1",
        "supplier": "Beta",
        "supplier_code": "S-1",
        "active": "0",
    }
    assert import_records(asking(PRODUCTS, [row]), now=LATER).created == 1
    product = only(Product)
    assert (product.sku, product.name, product.ean, product.unit) == ("a-1", "Adapter", "4006381333931", "pc")
    assert (product.minimum_quantity, product.step_quantity, product.tax_code) == (10, 5, "L")
    assert (product.list_price, product.cost_price) == (Decimal("1.2345"), Decimal("0.5"))
    assert (product.manufacturer, product.manufacturer_code) == ("Acme", "M-1")
    assert (product.supplier, product.supplier_code, product.is_active) == ("Beta", "S-1", False)
    assert is_whole()


def test_a_row_makes_a_price_from_a_quantity_on_which_is_one_when_it_is_not_given(
    asking: Asking, catalogue: tuple[Product, PriceList]
) -> None:
    rows = [
        {"price_list": "Gold", "sku": "A-1", "from_quantity": "10", "price": "1.0001"},
        {"price_list": "Gold", "sku": "A-1", "from_quantity": "", "price": "2"},
    ]
    assert import_records(asking(PRICES, rows), now=LATER).created == 2
    without = asking(PRICES, [{"price_list": "Gold", "sku": "A-1", "price": "2.00"}])
    assert import_records(without, now=LATER) == RecordResult(unchanged=1)
    prices = db.session.scalars(select(Price).order_by(Price.from_quantity)).all()
    assert [(price.from_quantity, price.price) for price in prices] == [(1, Decimal(2)), (10, Decimal("1.0001"))]
    assert {(price.product, price.price_list) for price in prices} == {catalogue}
    assert history(prices[1]) == [("IMPORT", 1, "", "", "Gold · Adapter · 10")]


def test_what_a_file_does_not_say_of_a_new_record_has_its_default(asking: Asking) -> None:
    make_company("Acme", "17")
    import_records(asking(CONTACTS, [{"company": "17", "email": "ann@acme.example"}]), now=LATER)
    import_records(asking(PRODUCTS, [{"sku": "A-1", "name": "Adapter", "tax_code": "", "active": ""}]), now=LATER)
    person, product = only(Person), only(Product)
    assert (person.name, person.name_folded, person.language, person.is_active) == ("", "", "en", True)
    assert (product.tax_code, product.minimum_quantity, product.list_price, product.is_active) == ("H", 1, None, True)


# ---- changing ----


def test_only_what_the_file_says_is_changed_and_history_tells_it(asking: Asking) -> None:
    import_records(asking(COMPANIES, [{"debtor_id": "17", "name": "Acme", "phone": "1", "hidden": "yes"}]), now=NOON)
    result = import_records(asking(COMPANIES, [{"debtor_id": "17", "name": "Écme", "phone": "1"}]), now=LATER)
    company = only(Company)
    assert result == RecordResult(changed=1)
    assert (company.name, company.name_folded, company.phone, company.is_hidden) == ("Écme", "ecme", "1", True)
    assert (company.version, company.created_at, company.updated_at) == (2, NOON, LATER)
    assert history(company) == [("IMPORT", 1, "", "", "Acme"), ("IMPORT", 2, "name", "Acme", "Écme")]
    assert is_whole()


def test_an_empty_value_empties_a_field_unless_the_field_may_not_be_empty(
    asking: Asking, catalogue: tuple[Product, PriceList]
) -> None:
    full = {"sku": "A-1", "name": "Adapter", "ean": "40063812", "list_price": "1.5", "tax_code": "L"}
    full |= {"minimum_quantity": "4", "step_quantity": "2", "active": "no"}
    assert import_records(asking(PRODUCTS, [full]), now=LATER).changed == 1
    assert import_records(asking(PRODUCTS, [{**dict.fromkeys(full, ""), "sku": "A-1"}]), now=AGAIN).changed == 1
    product = only(Product)
    assert (product.name, product.tax_code, product.minimum_quantity, product.is_active) == ("Adapter", "L", 4, False)
    assert (product.ean, product.list_price) == ("", None)
    assert history(product)[-2:] == [
        ("IMPORT", 3, "ean", "40063812", ""),
        ("IMPORT", 3, "list_price", "1.5", ""),
    ]


def test_an_empty_value_takes_a_company_out_of_its_group_and_list(asking: Asking, catalogue: object) -> None:
    row = {"debtor_id": "17", "name": "Acme", "price_list": "Gold", "discount_percentage": "5", "currency": "EUR"}
    import_records(asking(COMPANIES, [row]), now=LATER)
    import_records(asking(COMPANIES, [{**dict.fromkeys(row, ""), "debtor_id": "17"}]), now=AGAIN)
    company = only(Company)
    assert (company.name, company.price_list, company.discount_percentage, company.currency) == ("Acme", None, 0, "")


def test_the_same_again_changes_nothing(asking: Asking, catalogue: object) -> None:
    make_company("Acme", "17")
    files: Sequence[tuple[Kind, Rows]] = (
        (COMPANIES, [{"debtor_id": "18", "name": "Beta", "price_list": "Gold", "discount_percentage": "1.50"}]),
        (CONTACTS, [{"company": "17", "email": "ann@acme.example", "first_name": "Ann", "active": "true"}]),
        (PRODUCTS, [{"sku": "A-2", "name": " Plug", "list_price": "1.50", "tax_code": "N"}]),
        (PRICES, [{"price_list": "Gold", "sku": "A-1", "price": "1.5000"}]),
    )
    for kind, rows in files:
        assert import_records(asking(kind, rows), now=LATER) == RecordResult(created=1)
        told = count(RecordHistory)
        assert import_records(asking(kind, rows), now=AGAIN) == RecordResult(unchanged=1)
        assert count(RecordHistory) == told


def test_a_contact_is_known_by_company_and_address_in_capitals_or_not(asking: Asking) -> None:
    acme, beta = make_company("Acme", "17"), make_company("Beta", "18")
    for company in (acme, beta):
        make_person("Ann", "É", company)
    db.session.add(Person(kind=PersonKind.CUSTOMER, first_name="Ann", last_name="É", email="ann.é@buyer.example"))
    db.session.commit()
    request = asking(CONTACTS, [{"company": "17", "email": "ANN.é@Buyer.example", "phone": "1"}])
    assert import_records(request, now=LATER) == RecordResult(changed=1)
    changed = db.session.scalars(select(Person).where(Person.phone == "1")).one()
    assert (changed.company, changed.email) == (acme, "ann.é@buyer.example")
    for result in (RecordResult(created=1), RecordResult(unchanged=1)):
        assert import_records(asking(CONTACTS, [{"company": "17", "email": "Zoë.É@Acme.example"}]), now=LATER) == result


def test_a_sku_is_compared_exactly(asking: Asking, catalogue: object) -> None:
    assert import_records(asking(PRODUCTS, [{"sku": "a-1", "name": "Other"}]), now=LATER).created == 1
    assert sorted(db.session.scalars(select(Product.sku))) == ["A-1", "a-1"]


# ---- refusing ----

TOO_LONG = "x" * 4_001
REFUSED: Sequence[tuple[Kind, Mapping[str, str], Sequence[tuple[Mapping[str, str], str]]]] = (
    (
        COMPANIES,
        {"debtor_id": "1", "name": "Good"},
        [
            ({"debtor_id": " "}, "The debtor id is missing."),
            ({"debtor_id": "x" * 65}, "The debtor id has 65 characters; at most 64 fit."),
            ({"name": ""}, "There is no company with this debtor id yet, and a new one needs a name."),
            ({"name": "x" * 256}, "The name has 256 characters; at most 255 fit."),
            ({"name": "a\0b"}, "The name holds a NUL character."),
            ({"name": "a\nb"}, "The name holds the character '\\n', which cannot be kept."),
            ({"name": "a\u200bb"}, "The name holds the character '\\u200b', which cannot be kept."),
            ({"notes": "a\x07b"}, "The text of the notes holds the character '\\x07', which cannot be kept."),
            ({"notes": TOO_LONG}, "The text of the notes has 4,001 characters; at most 4000 fit."),
            ({"email": "acme"}, "E-mail address: This is not an e-mail address."),
            ({"customer_group": "Nobody"}, "There is no customer group 'Nobody'."),
            ({"customer_group": "\0"}, "The customer group holds a NUL character."),
            ({"price_list": "gold"}, "There is no price list 'gold'."),
            (
                {"discount_percentage": "101"},
                "The discount '101' is not a percentage from 0 to 100 with at most two decimals.",
            ),
            ({"payment_term_days": "366"}, "Payment term: This may be 365 at most."),
            ({"payment_term_days": "1.5"}, "The payment term '1.5' is not a whole number."),
            ({"currency": "EURO"}, "The currency has 4 characters; at most 3 fit."),
            (
                {"currency": "XXQ"},
                "Currency: This is not an ISO 4217 code of a currency with at most two decimals, such as EUR.",
            ),
            ({"hidden": "maybe"}, "The value of hidden 'maybe' is neither yes nor no."),
        ],
    ),
    (
        CONTACTS,
        {"company": "17", "email": "ann@acme.example"},
        [
            ({"company": ""}, "The company is missing."),
            ({"company": "404"}, "There is no company with the debtor id '404'."),
            ({"email": ""}, "The e-mail address is missing."),
            ({"email": "bob"}, "E-mail address: This is not an e-mail address."),
            ({"email": "ANN@acme.example"}, "Line 2 has this company and e-mail address already."),
            ({"email": "bob@acme.example", "language": "xx"}, "Language: There is no language xx."),
            (
                {"email": "eve@acme.example", "first_name": "x" * 101},
                "The first name has 101 characters; at most 100 fit.",
            ),
        ],
    ),
    (
        PRODUCTS,
        {"sku": "B-1", "name": "Good", "minimum_quantity": "3"},
        [
            ({"sku": ""}, "The SKU is missing."),
            ({"sku": "A-1", "name": ""}, "There is no product with this SKU yet, and a new one needs a name."),
            (
                {"sku": "A-2", "ean": "4006381333930"},
                "EAN: This is not a valid EAN: it has 8, 12, 13 or 14 digits, and the last follows from the others.",
            ),
            ({"sku": "A-3", "tax_code": "X"}, "Tax code: There is no tax code X."),
            ({"sku": "A-4", "minimum_quantity": "0"}, "Minimum quantity: This may not be below 1."),
            ({"sku": "A-5", "step_quantity": "0"}, "Step quantity: This may not be below 1."),
            (
                {"sku": "A-6", "minimum_quantity": "3", "step_quantity": "2"},
                "Minimum quantity: The minimum is not a multiple of the step.",
            ),
            ({"sku": "A-7", "minimum_quantity": "1.000"}, "The minimum quantity '1.000' may be thousands or decimals."),
            ({"sku": "A-8", "list_price": "-1"}, "The list price '-1' is negative."),
            (
                {"sku": "A-9", "cost_price": "1.00001"},
                "The cost price '1.00001' is not a number with at most four decimals.",
            ),
            (
                {"sku": "A-10", "list_price": "1,50"},
                "The list price '1,50' is not clear: before decimals a file with commas has '.'.",
            ),
            ({"sku": "B-1"}, "Line 2 has this SKU already."),
        ],
    ),
    (
        PRICES,
        {"price_list": "Gold", "sku": "A-1", "price": "1"},
        [
            ({"price_list": ""}, "The price list is missing."),
            ({"price_list": "Silver"}, "There is no price list 'Silver'."),
            ({"sku": "a-1"}, "There is no product with the SKU 'a-1'."),
            ({"from_quantity": "0"}, "From quantity: This may not be below 1."),
            ({"from_quantity": "2147483648"}, "The from quantity '2147483648' is too large."),
            ({"from_quantity": "2", "price": ""}, "The price is missing."),
            (
                {"from_quantity": "3", "price": "1.00001"},
                "The price '1.00001' is not a number with at most four decimals.",
            ),
            ({"from_quantity": "1.0"}, "Line 2 has this price list, SKU and from quantity already."),
        ],
    ),
)


@pytest.mark.parametrize(("kind", "good", "refused"), REFUSED, ids=["companies", "contacts", "products", "prices"])
def test_a_row_that_cannot_be_is_refused_with_a_sentence_and_the_others_go_in(
    asking: Asking,
    tmp_path: Path,
    kind: Kind,
    good: Mapping[str, str],
    refused: Sequence[tuple[Mapping[str, str], str]],
) -> None:
    db.session.add_all([PriceList(name="Gold", currency="EUR"), Company(name="Acme", debtor_id="17")])
    if kind is PRICES:
        db.session.add(Product(sku="A-1", name="Adapter"))
    db.session.commit()
    unlike = [{"debtor_id": str(number)} if kind is COMPANIES else {} for number in range(2, len(refused) + 2)]
    rows = [good, *({**good, **other, **changed} for other, (changed, _) in zip(unlike, refused, strict=True))]
    path = written(tmp_path / "records.csv", rows)
    request = asking(kind, path, mapped(dict.fromkeys(name for row in rows for name in row)))
    result = import_records(request, now=LATER)
    assert list(reasons(request).values()) == [reason for _, reason in refused]
    assert result == RecordResult(created=1, rejected=len(refused))


def test_a_row_of_another_width_and_one_in_an_open_quote_are_refused(asking: Asking, tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    path.write_text('sku,name\nA-1,Adapter,more\nA-2,Plug\n\nA-3,"Cable\nA-4,Switch\n')
    request = asking(PRODUCTS, path)
    assert import_records(request, now=LATER) == RecordResult(created=1, rejected=3)
    assert reasons(request) == {
        2: "The row has 3 values and the header 2.",
        5: "The quotation marks of lines 5 to 6 do not fit rows of 2 values.",
        6: "The quotation marks of lines 5 to 6 do not fit rows of 2 values.",
    }
    assert only(Product).sku == "A-2"


def test_a_refused_change_leaves_the_record_as_it_was(asking: Asking) -> None:
    import_records(asking(COMPANIES, [{"debtor_id": "17", "name": "Acme", "email": "a@acme.example"}]), now=NOON)
    rows = [
        {"debtor_id": "17", "name": "Changed", "email": "nobody"},
        {"debtor_id": "18", "name": "Beta", "email": ""},
    ]
    assert import_records(asking(COMPANIES, rows), now=LATER) == RecordResult(created=1, rejected=1)
    company = db.session.scalars(select(Company).where(Company.debtor_id == "17")).one()
    assert (company.name, company.email, company.version, company.updated_at) == ("Acme", "a@acme.example", 1, NOON)
    assert len(history(company)) == 1


def test_a_key_that_two_records_have_is_not_clear(asking: Asking) -> None:
    for name in ("Acme", "Acme North"):
        make_company(name, "17")
    companies = asking(COMPANIES, [{"debtor_id": "17", "name": "Which"}])
    assert import_records(companies, now=LATER).rejected == 1
    assert reasons(companies) == {2: "There is more than one company with this debtor id."}
    contacts = asking(CONTACTS, [{"company": "17", "email": "ann@acme.example"}])
    assert import_records(contacts, now=LATER).rejected == 1
    assert reasons(contacts) == {2: "There is more than one company with the debtor id '17'."}


def test_the_second_row_of_a_key_is_refused_though_the_first_one_was(asking: Asking) -> None:
    rows = [{"sku": "A-1", "name": "", "list_price": "x"}, {"sku": "A-1", "name": "Adapter", "list_price": "1"}]
    request = asking(PRODUCTS, rows)
    assert import_records(request, now=LATER).rejected == 2
    assert reasons(request)[3] == "Line 2 has this SKU already."


# ---- rejects ----


def test_mended_rejects_can_be_imported(asking: Asking, tmp_path: Path) -> None:
    rows = [{"sku": "A-1", "name": "Adapter", "ean": "1"}, {"sku": "A-2", "name": "Plug", "ean": ""}]
    request = asking(PRODUCTS, rows)
    import_records(request, now=LATER)
    assert rejected(request) == [
        {
            **rows[0],
            "line": "2",
            "reason": "Line 2: EAN: This is not a valid EAN: it has 8, 12, 13 or 14 digits, "
            "and the last follows from the others.",
        }
    ]
    mended = tmp_path / "mended.csv"
    mended.write_text(request.rejects_path.read_text().replace("Adapter,1,", "Adapter,,"))
    again = asking(PRODUCTS, mended, mapped(rows[0]))
    assert import_records(again, now=AGAIN) == RecordResult(created=1)
    assert not again.rejects_path.exists()
    assert former(again.rejects_path).exists()


def test_rejects_stand_in_the_sequence_of_the_file(asking: Asking) -> None:
    make_company("Acme", "3")
    rows = [{"debtor_id": str(number), "name": "x", "email": ""} for number in range(1, 7)]
    rows[0]["email"], rows[1]["name"], rows[3]["debtor_id"], rows[5]["email"] = "no", "\0", "", "no"
    request = asking(COMPANIES, rows)
    assert import_records(request, now=LATER) == RecordResult(created=1, changed=1, rejected=4)
    assert list(reasons(request)) == [2, 3, 5, 7]


# ---- the file ----


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_packed_file_with_semicolons_or_tabs_has_decimal_commas(
    asking: Asking, tmp_path: Path, separator: str
) -> None:
    rows = [
        {"Artikel": "A-1", "Naam": "Adapter, zwart", "Prijs": "12,50"},
        {"Artikel": "A-2", "Naam": "Stekker", "Prijs": "1,234"},
    ]
    plain = written(tmp_path / "products.csv", rows, separator)
    packed = tmp_path / "products.csv.gz"
    packed.write_bytes(gzip.compress(b"\xef\xbb\xbf" + plain.read_bytes()))
    request = asking(PRODUCTS, packed, "sku=Artikel,name=Naam,list_price=Prijs")
    assert import_records(request, now=LATER) == RecordResult(created=2)
    prices = {product.sku: product.list_price for product in db.session.scalars(select(Product))}
    assert prices == {"A-1": Decimal("12.5"), "A-2": Decimal("1.234")}


def test_a_file_that_shows_no_decimal_mark_has_no_decimals(asking: Asking, tmp_path: Path) -> None:
    rows = [{"sku": "A-1", "name": "Adapter", "list_price": "1.234"}, {"sku": "A-2", "name": "b", "list_price": "7"}]
    request = asking(PRODUCTS, written(tmp_path / "records.csv", rows, ";"), mapped(rows[0]))
    assert import_records(request, now=LATER) == RecordResult(created=1, rejected=1)
    assert "nothing in the file shows what stands before decimals" in request.rejects_path.read_text()


def test_a_file_of_a_header_alone_imports_nothing(asking: Asking, tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    path.write_text("sku,name\n")
    assert import_records(asking(PRODUCTS, path), now=LATER) == RecordResult()


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ("name=name", "--map: a column is needed for sku."),
        ("sku=sku,price=name", "--map: 'price' is not known; use sku, name, ean,"),
        ("sku=Artikel", "The file has no column Artikel; its columns are sku, name."),
    ],
)
def test_what_cannot_run_is_told_before_anything_is_written(asking: Asking, mapping: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        import_records(asking(PRODUCTS, [{"sku": "A-1", "name": "Adapter"}], mapping), now=LATER)
    assert count(Product) == 0


def test_a_file_that_holds_no_rejects_is_never_replaced(asking: Asking, tmp_path: Path) -> None:
    (tmp_path / "rejects.csv").write_text("my own\n")
    with pytest.raises(Refused, match="does not hold rejects"):
        import_records(asking(PRODUCTS, [{"sku": "A-1", "name": "Adapter"}]), now=LATER)
    assert count(Product) == 0


# ---- trying, and many at once ----


def test_a_dry_run_says_the_same_and_writes_nothing(asking: Asking, catalogue: tuple[Product, PriceList]) -> None:
    rows = [
        {"sku": "A-1", "name": "Changed", "ean": ""},
        {"sku": "A-2", "name": "Plug", "ean": "1"},
        {"sku": "A-3", "name": "Cable", "ean": ""},
        {"sku": "A-3", "name": "Twice", "ean": ""},
    ]
    tried = import_records(asking(PRODUCTS, rows, is_dry_run=True), now=LATER)
    assert tried == RecordResult(created=1, changed=1, rejected=2)
    assert (count(Product), count(RecordHistory), catalogue[0].name) == (1, 0, "Adapter")
    told = reasons(asking(PRODUCTS, rows))
    assert import_records(asking(PRODUCTS, rows), now=LATER) == tried
    assert reasons(asking(PRODUCTS, rows)) == told
    made = db.session.scalars(select(Product).where(Product.sku == "A-3")).one()
    assert made.id == catalogue[0].id + 1


def test_each_batch_is_a_transaction_of_its_own(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.importing.records.ROWS_AT_ONCE", 10)
    written_at_once: list[int] = []

    def note(_session: object) -> None:
        written_at_once.append(count(Product))

    event.listen(db.session, "before_commit", note)
    try:
        rows = [{"sku": f"A-{number}", "name": "" if number == 13 else "Adapter"} for number in range(25)]
        assert import_records(asking(PRODUCTS, rows), now=LATER) == RecordResult(created=24, rejected=1)
    finally:
        event.remove(db.session, "before_commit", note)
    assert sorted(set(written_at_once)) == [10, 19, 24]


@pytest.mark.parametrize("bad", [0, 7, 19])
def test_what_only_the_database_refuses_spoils_no_other_row_of_its_batch(asking: Asking, bad: int) -> None:
    with db.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("CREATE UNIQUE INDEX one_unit ON product (unit) WHERE unit <> ''"))
    db.session.add(Product(sku="B-1", name="Box", unit="box"))
    db.session.commit()
    rows = [{"sku": f"A-{number}", "name": "Adapter", "unit": "box" if number == bad else ""} for number in range(20)]
    request = asking(PRODUCTS, rows)
    assert import_records(request, now=LATER) == RecordResult(created=19, rejected=1)
    assert reasons(request) == {bad + 2: "The database does not take this: something in it is taken already, or gone."}
    assert count(RecordHistory) == 19
    assert is_whole()


def test_a_record_is_locked_before_it_is_looked_at(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    company = make_company("Acme", "17")
    company_id = company.id
    change = BulkWriter.change
    tried: list[str] = []

    def change_while_another_tries(together: BulkWriter, row: Any, values: Mapping[str, Any]) -> None:
        wanted = select(Company.id).where(Company.id == company_id).with_for_update(nowait=True)
        with (
            db.engine.execution_options(writes=0).connect() as other,
            pytest.raises(OperationalError, match="lock"),
        ):
            other.execute(wanted)
        tried.append(row.name)
        change(together, row, values)

    monkeypatch.setattr(BulkWriter, "change", change_while_another_tries)
    assert import_records(asking(COMPANIES, [{"debtor_id": "17", "phone": "1"}]), now=LATER).changed == 1
    assert tried == ["Acme"]


def test_what_somebody_changed_meanwhile_stays(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    company = make_company("Acme", "17")
    edit = Edit(SYSTEM, Action.CUSTOMERS_EDIT, LATER)

    def change_first(_connection: Connection) -> None:
        db.session.rollback()
        with changing(Company, company.id, edit=edit) as row:
            row.email = "new@acme.example"

    monkeypatch.setattr("services.importing.records.wait_for_turn", change_first)
    assert import_records(asking(COMPANIES, [{"debtor_id": "17", "phone": "1"}]), now=AGAIN).changed == 1
    assert (company.email, company.phone, company.version) == ("new@acme.example", "1", 3)


@pytest.mark.race
def test_two_imports_at_once_change_each_record_twice_and_make_none_twice(tmp_path: Path, settings: Settings) -> None:
    number = 2_500
    names = written(tmp_path / "a.csv", [{"debtor_id": str(n), "name": f"Name {n}"} for n in range(number)])
    phones = written(
        tmp_path / "b.csv",
        [{"debtor_id": str(n), "name": f"Name {n}", "phone": str(n)} for n in reversed(range(number))],
    )
    started = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "flask", "--app", "app", "import-companies", path),
                *("--map", mapped(columns)),
            ],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for path, columns in ((names, ["debtor_id", "name"]), (phones, ["debtor_id", "name", "phone"]))
    ]
    said = [process.communicate(timeout=120)[0].splitlines()[-1] for process in started]
    numbers = [dict(part.rsplit(" ", 1) for part in line.split(", ")) for line in said]
    assert sum(int(line["created"]) for line in numbers) == number
    assert {line["rejected"] for line in numbers} == {"0"}
    companies = db.session.scalars(select(Company)).all()
    assert {(company.debtor_id, company.name, company.phone) for company in companies} == {
        (str(n), f"Name {n}", str(n)) for n in range(number)
    }
    assert len(companies) == number
    assert is_whole()
