"""What can be said of a file of the list: rows, form, selection; and what is refused."""

import csv
import io
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text as sql
from werkzeug.test import TestResponse

import admin_views.orders.export
import admin_views.sending
import services.files.xlsx_file
import services.order_file
from admin_views.sending import FILES_AT_ONCE
from models.base import Base, begin_writing, db
from models.export_file import ExportFile
from models.job import Job
from models.selection import Selection
from permissions import SYSTEM, Actor
from services.line_query import stream_lines
from services.order_file import OrderFile
from services.order_query import OrderQuery, stream
from tests.factories import NOON, make_company, make_order, make_staff
from tests.people import GRANTS, client_of, csrf_token, signed_in

LIST, CSV, XLSX, START = (f"/admin/orders/{path}" for path in ("", "export/csv", "export/xlsx", "export/start"))
LINES = (
    {"sku": "A", "name": "Adapter", "quantity": 2, "price": "10.1250"},
    {"sku": "B", "name": "=Bad;", "quantity": -3, "price": "0.5", "is_bonus": True},
)
COMPARED = (
    *("Order number", "Company", "Order status", "Position", "SKU", "Quantity"),
    *("Unit price excl. VAT", "Total excl. VAT", "Currency", "Bonus"),
)


def table(answer: TestResponse, between: str = ",") -> list[list[str]]:
    """Read a CSV as a program would."""
    assert answer.status_code == 200, answer.text
    text = answer.data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True))


def sheet(answer: TestResponse) -> list[list[Any]]:
    """Read a workbook as a program would."""
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    found = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    return [[cell.value for cell in row] for row in found.iter_rows()]


def tick(client: FlaskClient, numbers: list[int]) -> int:
    """Freeze ticked orders, as the page's script does, and give the selection's number."""
    form = {"action": "export", "ids": ",".join(map(str, numbers)), "csrf_token": csrf_token(client, LIST)}
    answer = client.post(f"{LIST}action/", data=form, headers={"Accept": "application/json"})
    assert answer.json
    assert answer.json["url"] == f"{CSV}?selection={answer.json['id']}"
    return int(answer.json["id"])


def start(client: FlaskClient, query: str = "", **form: str) -> TestResponse:
    """Send the dialog."""
    sent = {"csrf_token": csrf_token(client, LIST), "key": secrets.token_urlsafe(24), **form}
    return client.post(f"{START}{query}", data=sent)


def test_a_download_that_finds_no_room_says_so_and_gives_its_place_back(
    app: Flask, viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        make_order()
    with monkeypatch.context() as patch:
        patch.setattr(services.files.xlsx_file, "TemporaryFile", partial(open, "/dev/full", "w+b"))
        for _file in range(2 * FILES_AT_ONCE):
            answer = viewer.get(XLSX)
            assert answer.status_code == 507
            assert "There is no room left for the file." in answer.text
    assert len(sheet(viewer.get(XLSX))) == 2


def test_numbers_are_written_as_the_person_writes_them(
    app: Flask, viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        make_order()
    german = {"Accept-Language": "de"}
    assert "1.048.575" in viewer.get(LIST, headers=german).text
    monkeypatch.setattr(OrderFile, "count", lambda *_asked: 1_234)
    page = viewer.get(f"{LIST}export/", headers=german).text
    assert page.count("1.234") == 3
    assert "1,234" not in page
    monkeypatch.setattr(admin_views.orders.export, "MOST_ROWS", 1)
    refused = viewer.get(XLSX, headers=german)
    assert refused.status_code == 409
    assert "1.048.575" in refused.text


def test_the_form_with_semicolons_has_decimal_commas(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order(lines=LINES[:1], export_message="a;b")
    rows = table(viewer.get(f"{CSV}?form=semicolon"), ";")
    assert (rows[1][0], rows[1][6], rows[1][14]) == (str(number), "20,25", "a;b")
    assert table(viewer.get(f"{CSV}?form=comma")) == table(viewer.get(CSV))


def test_a_file_of_lines_equals_the_lines_in_the_database(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        for place in range(7):
            company = make_company(f"Company {place}") if place % 2 else None
            make_order(company=company, created=NOON + timedelta(hours=place % 3), lines=LINES[: 1 + place % 2])
        found = db.session.execute(
            sql(
                "SELECT o.id, coalesce(c.name, ''), s.name, l.position, t.sku, l.quantity, l.price, l.total,"
                " o.currency, l.is_bonus"
                " FROM orders o JOIN order_status s ON s.id = o.status_id LEFT JOIN company c ON c.id = o.company_id"
                " JOIN order_line l ON l.order_id = o.id JOIN line_text t ON t.id = l.text_id"
                " ORDER BY o.created_at, o.id, l.position"
            )
        ).all()
    rows = table(viewer.get(f"{CSV}?rows=lines&sort=created"))
    assert rows[0][:5] == ["Order number", "Company", "Order status", "Date Created", "Position"]
    places = [rows[0].index(name) for name in COMPARED]
    written = [[row[place] for place in places] for row in rows[1:]]
    assert written == [
        [*map(str, row[:6]), _decimal(row[6], 4), _decimal(row[7], 2), row[8], str(bool(row[9])).lower()]
        for row in found
    ]
    assert len(written) == 10
    assert {row[rows[0].index("Name")] for row in rows[1:]} == {"Adapter", "'=Bad;"}
    assert {row[rows[0].index("Kind")] for row in rows[1:]} == {"Product"}


def _decimal(stored: int, decimals: int) -> str:
    sign, number = "-" if stored < 0 else "", str(abs(stored)).rjust(decimals + 1, "0")
    cents = number[-decimals:]
    return f"{sign}{number[:-decimals]}.{cents[:2]}{cents[2:].rstrip('0')}"


def test_a_workbook_holds_what_the_csv_holds_with_real_types(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order(lines=LINES, payment_status="PAID", export_message="=1+1")
        make_order(created=NOON - timedelta(days=1))
    rows, plain = sheet(viewer.get(XLSX)), table(viewer.get(CSV))
    assert [row[0] for row in rows[1:]] == [int(row[0]) for row in plain[1:]]
    assert rows[0][9] == "Date Created (UTC)"
    assert (rows[1][3], rows[1][6], rows[1][7], rows[1][9]) == ("Paid", 18.75, 1, NOON.replace(tzinfo=None))
    assert rows[1][14] == "=1+1"
    lines = sheet(viewer.get(f"{XLSX}?rows=lines"))
    assert [row[lines[0].index("VAT (%)")] for row in lines[1:]] == [0.21] * 3
    assert [row[lines[0].index("Unit price excl. VAT")] for row in lines[1:]] == [10.125, 0.5, 10]


def test_an_empty_list_makes_a_workbook_with_headings(viewer: FlaskClient) -> None:
    rows = sheet(viewer.get(XLSX))
    assert len(rows[0]) == 15
    assert not [value for row in rows[1:] for value in row if value is not None]


def test_only_ticked_orders_are_written_in_the_lists_sort(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        numbers = [make_order(lines=[{**LINES[0], "price": price}]) for price in ("5", "7", "1", "3")]
        gone = make_order(status="CANCELLED")
    chosen = tick(viewer, [numbers[0], numbers[2], gone])
    query, expected = (
        f"?selection={chosen}&sort=total&tab=NEW",
        [str(number) for number in (numbers[2], numbers[0], gone)],
    )
    assert [row[0] for row in table(viewer.get(CSV + query))[1:]] == expected
    assert [row[0] for row in table(viewer.get(f"{CSV}{query}&rows=lines"))[1:]] == expected
    assert len(sheet(viewer.get(XLSX + query))) == 4
    assert viewer.get(f"/admin/orders/export/count{query}").json == {"orders": 3, "lines": 3}


def test_a_selection_that_is_no_more_or_another_persons_is_told(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order()
    chosen = tick(viewer, [number])
    other = client_of(app, "editor")
    for client in (other, viewer):
        if client is viewer:
            with app.app_context():
                begin_writing(db.session)
                db.session.get_one(Selection, chosen).created_at = datetime.now(UTC) - timedelta(days=1)
                db.session.commit()
        for path in (CSV, XLSX, "/admin/orders/export/count"):
            answer = client.get(f"{path}?selection={chosen}")
            assert answer.status_code == 409
            assert "What you chose is no longer kept" in answer.text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?rows=cells", "“rows” is orders, lines, not “cells”."),
        ("?form=tab", "“form” is comma, semicolon, not “tab”."),
        ("?rows=", "“rows” is empty."),
        ("?rows=lines&rows=orders", "“rows” is given more than once."),
        ("?format=xlsx", "The address has a part “format” that is not known here."),
        ("?selection=x", "“x” is not the number of a selection."),
        ("?selection=1&selection=2", "“selection” is given more than once."),
        ("?nonsense=1", "The address has a part “nonsense” that is not known here."),
        ("?tab=NOWHERE&rows=lines", "There is no tab “NOWHERE”."),
    ],
)
def test_what_cannot_be_read_is_told_and_no_file_is_sent(
    app: Flask, viewer: FlaskClient, query: str, sentence: str
) -> None:
    with app.app_context():
        make_order(reference="Never told")
    answer = viewer.get(CSV + query)
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert sentence in answer.text


def test_a_workbook_has_no_separator(viewer: FlaskClient) -> None:
    assert viewer.get(f"{XLSX}?form=semicolon").status_code == 400


def test_the_list_itself_takes_nothing_of_a_file(viewer: FlaskClient) -> None:
    assert "not known here" in viewer.get(f"{LIST}?rows=lines").text


def test_a_file_holds_the_orders_in_scope_and_no_other(app: Flask) -> None:
    with app.app_context():
        mine, others = make_company("Mine"), make_company("Others")
        number = make_order(company=mine, lines=LINES)
        foreign = make_order(company=others, lines=LINES)
        email = make_staff("limited", GRANTS["viewer"], limited_to=[mine]).email
    client = signed_in(app, email)
    assert {row[0] for row in table(client.get(f"{CSV}?rows=lines"))[1:]} == {str(number)}
    assert [row[0] for row in sheet(client.get(XLSX))[1:]] == [number]
    assert client.get("/admin/orders/export/count").json == {"orders": 1, "lines": 2}
    chosen = tick(client, [number, foreign])
    assert [row[0] for row in table(client.get(f"{CSV}?selection={chosen}"))[1:]] == [str(number)]
    assert client.get(f"/admin/orders/export/count?selection={chosen}").json == {"orders": 1, "lines": 2}


def test_the_dialog_leads_to_the_file_and_the_choice_is_kept(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order(reference="Kept")
    answer = start(viewer, "?search=kept&sort=total", rows="lines", format="csv", form="semicolon", which="all")
    assert answer.status_code == 302
    assert answer.location == f"{CSV}?search=kept&sort=total&rows=lines&form=semicolon"
    assert len(table(viewer.get(answer.location), ";")) == 2
    page = viewer.get(f"{LIST}?search=kept&page_size=5").text
    button = rf'href="{re.escape(CSV)}\?search=kept&amp;rows=lines&amp;form=semicolon" [^>]+ data-export-now'
    assert re.search(button, page)
    xlsx = start(viewer, rows="orders", format="xlsx", form="semicolon", which="all")
    assert xlsx.location == XLSX
    assert 'value="xlsx" checked' in viewer.get(LIST).text
    assert 'value="xlsx" checked' not in client_of(app, "editor").get(LIST).text


def test_the_dialog_takes_ticked_orders_along(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order()
        make_order()
    chosen = str(tick(viewer, [number]))
    answer = start(viewer, "?tab=NEW", rows="orders", format="csv", which="ticked", selection=chosen)
    assert answer.location == f"{CSV}?tab=NEW&selection={chosen}"
    assert start(viewer, which="ticked").status_code == 400
    assert start(viewer, which="all", selection=chosen).location == CSV


def test_the_page_without_scripts_says_how_many_rows_there_are(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        number = make_order(lines=LINES, reference="Kept")
        make_order()
    page = viewer.get("/admin/orders/export/?search=kept").text
    assert "All 1 that match" in page
    assert "1 orders, 2 order lines" in page
    assert "All orders · search “kept” · Sorted by Date Created, descending" in page
    assert f'action="{START}?search=kept"' in page
    chosen = tick(viewer, [number])
    ticked = viewer.get(f"/admin/orders/export/?selection={chosen}&format=xlsx").text
    assert f'name="selection" value="{chosen}"' in ticked
    assert 'value="xlsx" checked' in ticked


def test_a_long_workbook_is_written_in_the_background(
    app: Flask, viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_views.orders.export, "STREAMED", 2)
    with app.app_context():
        for _order in range(3):
            make_order()
    answer = viewer.get(f"{XLSX}?tab=NEW")
    assert (answer.status_code, answer.location) == (302, "/admin/orders/export/?tab=NEW&format=xlsx")
    assert "These are 3 rows: XLSX is written in the background then." in viewer.get(answer.location).text
    begun = start(viewer, "?tab=NEW", rows="orders", format="xlsx")
    assert (begun.status_code, begun.location) == (302, "/admin/files/")
    assert "Waiting for its turn" in viewer.get("/admin/files/").text
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        file = db.session.scalars(db.select(ExportFile)).one()
        assert (file.asked, file.question) == ("tab=NEW", "New · Sorted by Date Created, descending")
        assert db.session.scalars(db.select(Job.subject_id)).all() == [file.id]
    assert table(viewer.get(f"{CSV}?tab=NEW"))[0]


def test_what_a_workbook_cannot_hold_is_refused_before_it_starts(
    app: Flask, viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_views.orders.export, "MOST_ROWS", 1)
    with app.app_context():
        make_order(lines=LINES)
    for answer in (viewer.get(f"{XLSX}?rows=lines"), start(viewer, rows="lines", format="xlsx", background="1")):
        assert answer.status_code == 409
        assert "Choose CSV." in answer.text
    assert viewer.get(XLSX).status_code == 200
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        assert db.session.scalars(db.select(ExportFile)).all() == []


def test_any_file_can_be_written_in_the_background(app: Flask, viewer: FlaskClient) -> None:
    assert start(viewer, rows="lines", format="csv", form="semicolon", background="1").location == "/admin/files/"
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        file = db.session.scalars(db.select(ExportFile)).one()
        assert (file.rows, file.format, file.form, file.zone) == ("lines", "csv", "semicolon", "UTC")


def test_files_run_nothing_in_a_browser(viewer: FlaskClient) -> None:
    for path in (CSV, XLSX):
        headers = viewer.get(path).headers
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Disposition"].startswith('attachment; filename="orders-')


def test_a_workbook_leaves_nothing_behind_and_gives_its_place_back(
    app: Flask, viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with app.app_context():
        make_order()
    for _reader in range(2 * FILES_AT_ONCE):
        viewer.head(XLSX)
        left = viewer.get(XLSX, buffered=False)
        next(left.iter_encoded())
        left.close()
    with monkeypatch.context() as patch:
        patch.setattr(services.order_file, "stream", lambda *_asked: iter([None]))
        for _file in range(2 * FILES_AT_ONCE):
            assert viewer.get(XLSX).status_code == 500
    sent = [viewer.get(XLSX, buffered=False) for _file in range(FILES_AT_ONCE)]
    assert viewer.get(XLSX).status_code == 503
    for answer in sent:
        answer.close()
    assert len(sheet(viewer.get(XLSX))) == 2
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("of_lines", [False, True])
def test_a_file_holds_the_orders_of_one_moment(app: Flask, *, of_lines: bool) -> None:
    with app.app_context():
        make_order(reference="before")
        begin_writing(db.session)
        _multiply(4_000)
        db.session.commit()
        asked = OrderQuery(sort="order_number", desc=False)
        rows: Iterator[Any] = stream_lines(asked, SYSTEM) if of_lines else stream(asked, SYSTEM, ["reference"])
        seen = [next(rows)]
        begin_writing(db.session)
        db.session.execute(sql("UPDATE orders SET reference = 'after', currency = 'USD'"))
        db.session.execute(sql("UPDATE order_line SET quantity = 77"))
        db.session.commit()
        make_order(id=999_999, reference="late")
        seen += rows
        assert len(seen) == 4_001
        assert {(row.currency, row.quantity) if of_lines else row.reference for row in seen} == (
            {("EUR", 2)} if of_lines else {"before"}
        )


def _multiply(count: int) -> None:
    """Copy the order, with its line, so often."""
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
    for rows, key in (("orders", "id"), ("order_line", "order_id")):
        columns = [name for name in Base.metadata.tables[rows].columns.keys() if name != "id"]  # noqa: SIM118
        values = [f"{rows}.{key} + n.i" if name == key else name for name in columns]
        if key == "id":
            columns, values = ["id", *columns], ["orders.id + n.i", *values]
        db.session.execute(
            sql(f"INSERT INTO {rows} ({', '.join(columns)}) {numbers} SELECT {', '.join(values)} FROM {rows}, n"),
            {"count": count},
        )


def test_a_person_of_no_company_gets_headings_and_nothing_else(app: Flask) -> None:
    nobody = Actor(1, "Nobody", SYSTEM.grants, frozenset())
    with app.app_context():
        make_order(company=make_company("One"))
        assert list(stream_lines(OrderQuery(), nobody)) == []


def test_the_button_says_what_it_downloads(viewer: FlaskClient, app: Flask) -> None:
    with app.app_context():
        for _ in range(3):
            make_order()
    shown = viewer.get(f"{LIST}?tab=NEW").text
    assert 'title="CSV, one row per order: all 3 that match"' in shown
    assert 'data-export-ticked-title="CSV, one row per order: the {n} ticked orders"' in shown
    start(viewer, rows="lines", format="csv", which="all")
    assert 'title="CSV, one row per order line: all 3 that match"' in viewer.get(LIST).text


@pytest.mark.parametrize(("rows", "hidden"), [("lines", ""), ("orders", " hidden")])
def test_the_dialog_says_that_lines_do_not_add_up_to_totals(viewer: FlaskClient, rows: str, hidden: str) -> None:
    shown = viewer.get(f"{LIST}export/?rows={rows}").text
    assert f'<span data-export-columns="lines"{hidden}>Costs and discounts of an order are not in its lines' in shown
