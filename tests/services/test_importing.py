"""Importing order lines from a file."""

import csv
import gzip
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import column, distinct, func, select, table

from config import Settings
from models.base import db
from models.order import LineText, Order, OrderLine
from models.order_history import OrderHistory
from models.party import Company
from models.product import Product
from models.tax import TaxCode, TaxRate
from services.errors import Refused
from services.importing import ImportRequest, ImportResult, import_orders
from services.importing.rejects import former
from services.verify import verify
from tests.factories import NOON
from tests.servers import ROOT

LINES = ROOT / "tests" / "data" / "order-lines.csv"
MAPPING = (
    "order=Order, sku=Article, name=Description, quantity=Pieces, date=Placed, price=Unit price, company=Customer, "
    "country=Land, reference=PO, email=Mail, notes=Note, discount=Off"
)
HEADER = ("order", "sku", "name", "quantity", "date", "price", "company", "country")
PLAIN = ",".join(f"{name}={name}" for name in HEADER)
GOOD = {"order": "1", "sku": "A", "name": "Adapter", "quantity": "1", "date": "2024-01-01", "price": "1"}
ORDERS = 6_000
"""Enough for several transactions."""

pytestmark = pytest.mark.usefixtures("database")
Asking = Callable[..., ImportRequest]


@pytest.fixture
def asking(tmp_path: Path) -> Asking:
    """Make a request for a file of rows, or for the path of one."""

    def ask(rows: Sequence[Mapping[str, str]] | Path, **fields: Any) -> ImportRequest:
        path = rows if isinstance(rows, Path) else written(tmp_path / "lines.csv", rows)
        asked = {
            "mapping": PLAIN,
            "source": "shop",
            "base_currency": "EUR",
            "timezone": "Europe/Amsterdam",
            "now": NOON,
        }
        return ImportRequest(path=path, rejects=tmp_path / "rejects.csv", **{**asked, **fields})

    return ask


def written(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    return path


def rejected(request: ImportRequest) -> list[dict[str, str]]:
    with request.rejects_path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def is_whole() -> bool:
    return not [check for check in verify() if check.count]


@pytest.fixture
def oddities(database: None, asking: Asking) -> tuple[ImportRequest, ImportResult]:
    """The file of oddities, imported."""
    request = asking(LINES, mapping=MAPPING, tax="H", status="COMPLETE")
    return request, import_orders(request)


def order(number: str) -> Order:
    return db.session.scalars(select(Order).where(Order.external_order_id == number)).one()


@pytest.mark.usefixtures("oddities")
class TestOddities:
    """What becomes of each oddity of the file."""

    def test_lines_of_an_order_may_be_apart_and_the_earlier_time_counts(self) -> None:
        found = order("1001")
        assert [line.text.sku for line in found.lines] == ["A-1", "A-2"]
        assert found.lines[1].text.name == 'Plug, "black"'
        assert found.lines[1].text.notes == "Cut to 2 m"
        assert found.created_at == datetime(2024, 3, 1, 8, 59, tzinfo=UTC)
        assert (found.reference, found.email, found.debtor_id) == ("PO 7", "buyer@acme.example", "17850")

    def test_amounts_are_rounded_per_line_and_taxed(self) -> None:
        found = order("1001")
        assert [line.total for line in found.lines] == [Decimal("20.00"), Decimal("0.33")]
        assert (found.total_gross, found.total_tax, found.total_net, found.total_base) == (
            Decimal("20.33"),
            Decimal("4.27"),
            Decimal("24.60"),
            Decimal("20.33"),
        )
        assert {(line.tax_code, line.tax_percentage) for line in found.lines} == {("H", Decimal(21))}

    def test_a_company_is_named_as_its_id(self) -> None:
        assert sorted(db.session.scalars(select(Company.name))) == ["17850", "=1+1"]
        assert order("1001").company == db.session.scalars(select(Company).where(Company.debtor_id == "17850")).one()

    def test_an_order_without_a_company_is_a_guests(self) -> None:
        found = order("2001")
        assert (found.company_id, found.user_id, found.buyer_name, found.debtor_id) == (None, None, "", "")

    def test_an_order_of_negative_quantities_is_a_credit(self) -> None:
        found = order("2001")
        assert (found.is_credit, found.total_gross, found.lines[0].quantity) == (True, Decimal("-15.00"), -3)
        assert not order("1001").is_credit

    def test_countries_become_codes_where_that_is_sure(self) -> None:
        addresses = [order(number).delivery_address for number in ("1001", "2001", "3001")]
        assert [(address.country, address.country_name) for address in addresses if address] == [
            ("GB", "United Kingdom"),
            ("IE", "EIRE"),
            ("", "Channel Islands"),
        ]
        assert order("4001").delivery_address is None

    def test_a_product_has_the_last_name_and_a_line_its_own(self) -> None:
        names = {row.sku: row.name for row in db.session.scalars(select(Product))}
        assert names == {"A-1": "Adaptor", "A-2": 'Plug, "black"', "B-1": "B-1", "a-1": "small"}
        assert [line.text.name for line in order("4001").lines] == ["small", "A-1"]
        assert order("1001").lines[0].text.name == "Adapter"

    def test_times_may_have_an_offset_or_be_local(self) -> None:
        assert order("3001").created_at == datetime(2024, 7, 1, 10, 0, tzinfo=UTC)
        # At 02:30 that night the clocks jumped to 03:30; the offset before was one hour.
        assert order("4001").created_at == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)

    def test_a_discount_lowers_the_line(self) -> None:
        (line,) = order("3001").lines
        assert (line.price, line.discount_percentage, line.total) == (
            Decimal("1.0050"),
            Decimal("12.50"),
            Decimal("0.88"),
        )

    def test_history_and_stamps_are_those_of_the_order(self) -> None:
        found = order("1001")
        history = db.session.scalars(select(OrderHistory).where(OrderHistory.order_id == found.id)).one()
        assert (history.origin, history.field, history.old_value, history.new_value) == (
            "IMPORT",
            "status",
            "",
            "COMPLETE",
        )
        assert found.created_at == found.updated_at == found.status_changed_at == history.at
        assert (found.version, found.updated_by_id, found.item_count) == (1, None, 2)

    def test_the_data_is_whole(self) -> None:
        assert is_whole()


def test_the_result_counts(oddities: tuple[ImportRequest, ImportResult]) -> None:
    _request, result = oddities
    assert (result.orders, result.lines, result.skipped, result.rejected) == (4, 6, 0, 2)
    assert result.total == 2_033 - 1_500 + 88 + 200
    assert dict(result.unknown_countries) == {"Channel Islands": 1}


def test_rejects_have_the_files_columns_with_line_and_reason(oddities: tuple[ImportRequest, ImportResult]) -> None:
    rows = rejected(oddities[0])
    assert [(row["Order"], row["Unit price"], row["line"]) for row in rows] == [
        ("5001", "1", "8"),
        ("5001", "1", "9"),
        ("5002", "-0.01", "10"),
    ]
    assert rows[0]["reason"] == "The order is refused because of line 9."
    assert rows[1]["reason"] == "Line 9: The order mixes positive and negative quantities."
    assert rows[2]["reason"] == "Line 10: The price '-0.01' is negative."
    assert "Z-1" not in db.session.scalars(select(Product.sku)).all()


def test_twice_imports_nothing_twice(asking: Asking, oddities: tuple[ImportRequest, ImportResult]) -> None:
    result = import_orders(asking(LINES, mapping=MAPPING))
    assert (result.orders, result.skipped, result.rejected, result.total) == (0, 4, 2, 0)
    assert count(Order) == 4
    assert import_orders(asking(LINES, mapping=MAPPING, source="other")).orders == 4


def test_mended_rejects_can_be_imported(asking: Asking, oddities: tuple[ImportRequest, ImportResult]) -> None:
    path = oddities[0].rejects_path
    mended = path.with_name("mended.csv")
    mended.write_text(path.read_text(encoding="utf-8").replace(",-1,", ",1,"), encoding="utf-8")
    request = asking(mended, mapping=MAPPING)
    result = import_orders(request)
    assert (result.orders, result.lines, result.rejected) == (1, 2, 1)
    header = LINES.read_text(encoding="utf-8").partition("\n")[0].split(",")
    assert list(rejected(request)[0]) == [*header, "line", "reason"]


def test_rejects_of_an_earlier_run_go_when_nothing_is_rejected(asking: Asking) -> None:
    request = asking([{**GOOD, "price": "-1"}])
    import_orders(request)
    assert request.rejects_path.exists()
    import_orders(asking([GOOD]))
    assert not request.rejects_path.exists()


def test_rejects_that_are_being_mended_are_kept(asking: Asking) -> None:
    request = asking([{**GOOD, "price": "-1"}])
    import_orders(request)
    mended = request.rejects_path.read_text().replace("-1,", "1,")
    request.rejects_path.write_text(mended)
    for _time in range(2):
        import_orders(request)
        assert rejected(request)[0]["price"] == "-1"
        assert former(request.rejects_path).read_text() == mended


@pytest.mark.parametrize("name", ["rejects.csv", "rejects.csv.old"])
def test_a_file_that_holds_no_rejects_is_never_replaced(asking: Asking, tmp_path: Path, name: str) -> None:
    place = tmp_path / name
    texts = ("a,b\n1,2\n", "line,reason,more\n", "\0\0", '"line,reason')
    for text, price, is_dry_run in product(texts, ("1", "-1"), (False, True)):
        place.write_text(text)
        with pytest.raises(Refused, match=f"{name} does not hold rejects"):
            import_orders(asking([{**GOOD, "price": price}], is_dry_run=is_dry_run))
        assert place.read_text() == text
    assert count(Order) == 0


@pytest.mark.parametrize("text", ["", "\ufefforder;line;reason\r\n", 'a,"line",reason\n1,2,3\n'])
def test_rejects_may_be_saved_by_a_spreadsheet_and_still_be_replaced(asking: Asking, tmp_path: Path, text: str) -> None:
    (tmp_path / "rejects.csv").write_text(text, encoding="utf-8")
    request = asking([{**GOOD, "price": "-1"}])
    assert import_orders(request).rejected == len(rejected(request)) == 1


def test_what_is_no_file_is_never_replaced(asking: Asking, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rejects.csv")
    with pytest.raises(Refused, match="does not hold rejects"):
        import_orders(asking([GOOD]))
    assert (tmp_path / "rejects.csv").is_fifo()


@pytest.mark.parametrize("own", ["rejects.csv", "rejects.csv.old"])
def test_rejects_are_not_imported_onto_themselves(asking: Asking, tmp_path: Path, own: str) -> None:
    import_orders(asking([{**GOOD, "price": "-1"}]))
    path = (tmp_path / "rejects.csv").rename(tmp_path / own)
    before = path.read_bytes()
    with pytest.raises(Refused, match="may not be the file itself"):
        import_orders(asking(path))
    assert path.read_bytes() == before


def test_rejects_of_rejects_go_beside_them(asking: Asking, tmp_path: Path) -> None:
    import_orders(asking([{**GOOD, "price": "-1"}]))
    path = tmp_path / "rejects.csv"
    before = path.read_bytes()
    assert import_orders(replace(asking(path), rejects=None)).rejected == 1
    assert path.read_bytes() == before
    assert (tmp_path / "rejects.csv.rejects.csv").is_file()


def test_an_order_is_of_one_company(asking: Asking) -> None:
    request = asking([{**GOOD, "company": "1"}, {**GOOD, "company": ""}, {**GOOD, "company": "2"}])
    assert import_orders(request).rejected == 1
    assert rejected(request)[2]["reason"] == "Line 4: The company is not that of the lines before."


def test_a_row_of_another_width_is_refused(asking: Asking, tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text("order,sku,quantity,date,price\n1,A,1,2024-01-01\n2,A,1,2024-01-01,1,more\n3,A,1,2024-01-01,1\n")
    request = asking(path, mapping="order=order,sku=sku,quantity=quantity,date=date,price=price")
    result = import_orders(request)
    assert (result.orders, result.rejected) == (1, 2)
    assert rejected(request)[0]["reason"] == "Line 2: The row has 4 values and the header 5."


SMALL = "order=order,sku=sku,name=name,quantity=quantity,date=date,price=price"
SMALL_HEADER = "order,sku,name,quantity,date,price\n"
OPEN_QUOTES: Sequence[tuple[str, str, set[str]]] = (
    ('3,C,"c,1,2024-01-01,1\n4,D,d,1,2024-01-01,1\n5,E,e,1,2024-01-01,1\n', "lines 3 to 5", {"3", "4", "5"}),
    ('3,C,"c,1,2024-01-01,1\n4,D,"d",1,2024-01-01,1\n5,E,e,1,2024-01-01,1\n', "lines 3 to 4", {"3", "4"}),
    ('3,C,"c,1,2024-01-01,1\n\n4,D,d,1,2024-01-01,1\n5,E",1,2024-01-01,1,,\n', "lines 3 to 6", {"3", "4", "5"}),
    ('3,C,"c,1,2024-01-01,1\n4,D,d",1,2024-01-01,1\n5,E,e,1,2024-01-01,1\n', "lines 3 to 4", {"3", "4"}),
    ('"3,C,c,1,2024-01-01,1\n', "line 3", {"3"}),
    ('3,C,c,1,2024-01-01,"1\n', "line 3", {"3"}),
    ('3,C,c,1,2024-01-01,"1', "line 3", {"3"}),
)


@pytest.mark.parametrize(("text", "where", "refused"), OPEN_QUOTES)
def test_a_quote_that_stays_open_swallows_no_order(
    asking: Asking, tmp_path: Path, text: str, where: str, refused: set[str]
) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(f"{SMALL_HEADER}1,A,a,1,2024-01-01,1\n{text}")
    request = asking(path, mapping=SMALL)
    result = import_orders(request)
    numbers = sorted(set(re.findall(r"^\"?(\d)", path.read_text(), re.MULTILINE)))
    assert sorted({*refused, *db.session.scalars(select(Order.external_order_id))}) == numbers
    assert (result.orders, result.rejected) == (len(numbers) - len(refused), len(refused))
    rows = rejected(request)
    assert {row["order"].strip('"') for row in rows} == refused
    assert {row["reason"] for row in rows} == {
        f"Line {row['line']}: The quotation marks of {where} do not fit rows of 6 values." for row in rows
    }


def test_an_order_that_stands_partly_in_an_open_quote_is_refused_whole(asking: Asking, tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(
        f"{SMALL_HEADER}4,D,first,1,2024-01-01,1\n"
        '3,C,"c,1,2024-01-01,1\n4,D,"d",1,2024-01-01,1\n4,D,last,1,2024-01-01,1\n'
    )
    request = asking(path, mapping=SMALL)
    assert import_orders(request).rejected == 2
    assert [(row["order"], row["name"], row["line"]) for row in rejected(request)] == [
        ("4", "first", "2"),
        ("4", "d", "4"),
        ("4", "last", "5"),
        ("3", '"c', "3"),
    ]
    assert count(Order) == 0


def test_a_value_may_hold_line_breaks(asking: Asking, tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(f'{SMALL_HEADER}1,A,"two\nlines, ""all"" told\n",1,2024-01-01,1\n2,A,a,0,2024-01-01,1\n')
    request = asking(path, mapping=SMALL)
    assert import_orders(request).orders == 1
    assert order("1").lines[0].text.name == 'two\nlines, "all" told\n'
    assert rejected(request)[0]["line"] == "5"


def test_rows_without_a_number_are_refused_one_by_one(asking: Asking) -> None:
    assert import_orders(asking([{**GOOD, "order": ""}, {**GOOD, "order": " "}, GOOD])).rejected == 2


@pytest.mark.parametrize(("separator", "mark"), [(",", "\ufeff"), (";", ""), ("\t", "\ufeff")])
def test_separator_byte_order_mark_and_packing_are_found_out(
    asking: Asking, tmp_path: Path, separator: str, mark: str
) -> None:
    rows = (HEADER, ("1", "A", "Łódź", "1", "2024-01-01", "1.5" if separator == "," else "1,5", "7", "NL"))
    text = mark + "".join(separator.join(row) + "\r\n" for row in rows)
    path = tmp_path / "lines.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    assert import_orders(asking(path)).total == 150
    assert db.session.scalars(select(LineText.name)).one() == "Łódź"


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize(
    ("prices", "total", "reasons"),
    [
        (("12,50", "1,234"), 12_50 + 1_23, {}),
        (("12.50", "1.234"), 12_50 + 1_23, {}),
        (("12,50", "1.234", "7"), 12_50 + 7_00, {3: "before decimals the file has ',' on line 2."}),
        (("1.234", "7"), 7_00, {2: "nothing in the file shows what stands before decimals"}),
        (("1.234", "1,234"), 0, dict.fromkeys((2, 3), "nothing in the file shows")),
        (("12.50", "12,5", "7"), 7_00, dict.fromkeys((2, 3), "the file has '.' on line 2 and ',' on line 3.")),
    ],
)
def test_a_file_has_one_decimal_mark_which_its_values_show(
    asking: Asking, tmp_path: Path, separator: str, prices: Sequence[str], total: int, reasons: Mapping[int, str]
) -> None:
    rows = [(str(number), "A", "", "1", "2024-01-01", price, "", "") for number, price in enumerate(prices)]
    path = tmp_path / "lines.csv"
    path.write_text("".join(separator.join(row) + "\n" for row in (HEADER, *rows)))
    request = asking(path)
    result = import_orders(request)
    assert (result.total, result.rejected) == (total, len(reasons))
    if reasons:
        with request.rejects_path.open(newline="") as file:
            told = {int(row["line"]): row["reason"] for row in csv.DictReader(file, delimiter=separator)}
        assert told.keys() == reasons.keys()
        assert all(reasons[line] in told[line] for line in told)


def test_a_company_and_a_product_that_are_there_are_used_and_keep_their_names(asking: Asking) -> None:
    db.session.add_all([Company(name="Acme", debtor_id="7"), Product(sku="A", name="Cable")])
    db.session.commit()
    import_orders(asking([{**GOOD, "company": "7"}]))
    assert order("1").company == db.session.scalars(select(Company)).one()
    assert db.session.scalars(select(Product.name)).one() == "Cable"
    assert order("1").lines[0].text.name == "Adapter"


def test_the_rate_of_the_tax_code_is_that_of_the_orders_day_and_country(asking: Asking) -> None:
    high = db.session.scalars(db.select(TaxCode).where(TaxCode.code == "H")).one()
    high.rates.append(TaxRate(country="FR", valid_from=date(2014, 1, 1), percentage=Decimal(20)))
    db.session.commit()
    rows = [("2012-09-30", ""), ("2012-10-01", "Netherlands"), ("2014-01-01", "France"), ("2013-12-31", "France")]
    import_orders(
        asking(
            [
                {**GOOD, "order": str(number), "date": day, "country": country}
                for number, (day, country) in enumerate(rows)
            ],
            tax="H",
        )
    )
    assert [order(str(number)).lines[0].tax_percentage for number in range(4)] == [19, 21, 20, 21]
    assert is_whole()


def test_what_an_import_adds_is_of_its_moment(asking: Asking) -> None:
    import_orders(asking([{**GOOD, "company": "17"}]))
    for model in (Company, Product):
        assert db.session.scalars(db.select(model.created_at)).one() == NOON


def test_another_currency_has_a_rate_of_its_own(asking: Asking) -> None:
    import_orders(asking([{**GOOD, "price": "10.005"}], currency="GBP", rate="1.17"))
    found = order("1")
    assert (found.currency, found.total_gross, found.total_base) == ("GBP", Decimal("10.01"), Decimal("11.71"))


def test_a_currency_without_decimals_is_rounded_to_whole_amounts(asking: Asking) -> None:
    result = import_orders(asking([{**GOOD, "price": "33.5", "quantity": "3"}], currency="JPY", rate="0.0061"))
    assert result.total == 10_100
    assert is_whole()


def test_a_dry_run_counts_and_writes_nothing(asking: Asking) -> None:
    request = asking([GOOD, {**GOOD, "order": "2", "quantity": "0"}], is_dry_run=True)
    result = import_orders(request)
    assert (result.orders, result.lines, result.rejected, result.total) == (1, 1, 1, 100)
    assert count(Order) == count(Product) == 0
    assert len(rejected(request)) == 1


CANNOT_RUN: Sequence[tuple[dict[str, Any], str]] = (
    ({"mapping": "order=order"}, "a column is needed for sku, quantity, price, date"),
    ({"mapping": f"{PLAIN},colour=name"}, "'colour' is not known"),
    ({"mapping": f"{PLAIN},order=sku"}, "order is given twice"),
    ({"mapping": f"{PLAIN},notes"}, "not of the form"),
    ({"mapping": PLAIN.replace("=sku", "=Artikel")}, "no column Artikel"),
    ({"source": " "}, "--source"),
    ({"source": "x" * 51}, "--source"),
    ({"status": "NOWHERE"}, "not a status of orders"),
    ({"status": "QUOTATION"}, "not a status of orders"),
    ({"timezone": "Mars/Olympus"}, "not a time zone"),
    ({"timezone": "../../etc/passwd"}, "not a time zone"),
    ({"tax": "X"}, "not a tax code"),
    ({"currency": "EURO"}, "not an ISO 4217 code"),
    ({"currency": "KWD", "rate": "3"}, "more than two decimals"),
    ({"currency": "GBP"}, "--rate is needed"),
    ({"currency": "GBP", "rate": "0"}, "not a number above 0"),
    ({"currency": "GBP", "rate": "NaN"}, "not a number above 0"),
    ({"currency": "GBP", "rate": "1e999999999"}, "not a number above 0"),
    ({"currency": "GBP", "rate": "1.123456789"}, "not a number above 0"),
    ({"rate": "2"}, "--rate must be 1"),
    ({"rejects": Path("/nowhere/at/all.csv")}, "cannot be written"),
)
UNREADABLE_FILES = (
    (b"", "is empty"),
    (b"\xff\xfe", "not UTF-8"),
    (",".join(HEADER).encode() + b"\n1,A,\xff,1,2024-01-01,1,,\n", "not UTF-8"),
    (gzip.compress(b"order")[:-4], "cannot be read"),
    (gzip.compress(os.urandom(5_000))[:3_000], "cannot be read|not UTF-8"),
    (",".join(HEADER).encode() + b'\n1,"' + b"x" * 200_000, "Line 2 cannot be read"),
    (f"{','.join(HEADER)},sku\n".encode(), "has the column sku twice"),
)


def test_what_cannot_run_is_told_before_anything_is_written(asking: Asking) -> None:
    for fields, sentence in CANNOT_RUN:
        request = replace(asking([GOOD]), **fields)
        with pytest.raises(Refused, match=sentence):
            import_orders(request)
    assert count(Order) == 0


def test_a_file_that_cannot_be_read_is_told(asking: Asking, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    for content, sentence in UNREADABLE_FILES:
        path.write_bytes(content)
        with pytest.raises(Refused, match=sentence):
            import_orders(asking(path))


def test_a_missing_file_is_told(asking: Asking, tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(Refused, match="cannot be read"):
            import_orders(asking(path))


def test_a_file_of_a_header_alone_imports_nothing(asking: Asking) -> None:
    assert import_orders(asking([])) == ImportResult()


def test_orders_keep_the_sequence_of_the_file(asking: Asking) -> None:
    rows = [{**GOOD, "order": str(number)} for number in (9, 3, 7, 3, 9, 1)]
    import_orders(asking(rows))
    assert list(db.session.scalars(select(Order.external_order_id).order_by(Order.id))) == ["9", "3", "7", "1"]


def importing(request: ImportRequest, settings: Settings) -> "subprocess.Popen[str]":
    """Start the command in a process of its own."""
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "flask", "--app", "app", "import-orders", request.path),
            *("--map", request.mapping, "--source", request.source, "--rejects", request.rejects_path),
        ],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def many(asking: Asking) -> ImportRequest:
    """A file that takes several transactions."""
    return asking([{**GOOD, "order": str(number), "company": str(number % 700)} for number in range(ORDERS)])


@pytest.mark.race
def test_what_was_killed_half_way_is_finished_by_the_next_run(many: ImportRequest, settings: Settings) -> None:
    with importing(many, settings) as process:
        while process.poll() is None and count(Order) == 0:
            db.session.rollback()
        process.send_signal(signal.SIGKILL)
    db.session.rollback()
    before = count(Order)
    assert 0 < before < ORDERS
    assert before == count(OrderLine)
    db.session.rollback()
    result = import_orders(many)
    assert (result.orders, result.skipped) == (ORDERS - before, before)
    assert (count(Order), count(OrderLine), count(Company)) == (ORDERS, ORDERS, 700)
    assert is_whole()


@pytest.mark.race
def test_two_at_once_import_each_order_once(many: ImportRequest, settings: Settings) -> None:
    with importing(many, settings) as one, importing(many, settings) as other:
        said = [process.communicate(timeout=120)[0].splitlines()[-1] for process in (one, other)]
    numbers = [dict(part.rsplit(" ", 1) for part in line.split(", ")) for line in said]
    assert sum(int(line["orders"]) for line in numbers) == ORDERS
    assert sum(int(line["skipped"]) for line in numbers) == ORDERS
    assert (count(Order), count(Company), count(Product)) == (ORDERS, 700, 1)
    assert is_whole()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_imports_leave_the_search_index_in_order(asking: Asking) -> None:
    for number in range(3):
        assert import_orders(asking([{**GOOD, "order": f"ORDER-{number}"}])).orders == 1
    pieces = select(func.count(distinct(column("segid")))).select_from(table("order_search_trigrams_idx"))
    assert db.session.scalar(pieces) in (1, 2), "each would leave one"
