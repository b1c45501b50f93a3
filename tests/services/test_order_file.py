"""The bytes of a file of orders or lines: those of the plainest way to write what the database holds."""

from datetime import timedelta
from itertools import cycle
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

import services.files.csv_file
import services.streaming
from models.base import db
from models.export_file import CsvForm, FileRows
from models.order import LineText, Order, OrderLine
from permissions import SYSTEM
from services.files.columns import FileColumn
from services.line_query import LINE_COLUMNS
from services.order_file import OrderFile, typed
from services.order_query import COLUMNS, OrderQuery, of_orders
from tests.factories import make_company, make_order
from tests.plain_csv import CHANGES, HOSTILE, ORDINARY, ZONES, plain_csv

WORDS = {"EMPTY": "=leer", "FAILED": "Fehlgeschlagen; ganz"}
AROUND = [timedelta(seconds=seconds) for seconds in (-3600, -1, 0, 1, 1799, 1800, 3599, 3600)]


@pytest.fixture
def orders(app: Flask) -> int:
    """Orders with every text that could run or be misread, about every change of a clock; gives how many."""
    moments = [change + step for change in CHANGES for step in AROUND]
    texts = cycle(HOSTILE + ORDINARY)
    with app.app_context():
        companies = cycle([make_company("=Vermeer, B.V."), make_company("Ordinary"), None])
        for place, moment in enumerate(moments):
            price = ("0.0001", "-3.3333", "0", "12.5000", "1234.5670")[place % 5]
            make_order(
                company=next(companies),
                buyer_name=next(texts),
                created=moment.replace(microsecond=place * 10_007),
                exported_at=moment if place % 2 else None,
                export_status="FAILED" if place % 2 else "EMPTY",
                export_message=next(texts),
                reference=next(texts),
                requested_on=moment.date() if place % 3 else None,
                lines=[
                    {"sku": next(texts), "name": next(texts), "quantity": place % 7 - 3 or 9, "price": price},
                    {"sku": "A", "name": next(texts), "quantity": 1, "price": "0.5", "is_bonus": True},
                ][: 1 + place % 2],
            )
        return len(moments)


def wanted(names: Any, rows: FileRows, form: CsvForm, zone: ZoneInfo) -> OrderFile:
    """Ask for columns, two of them with words for codes."""
    words: dict[str, dict[str, str]] = {"export_status": WORDS, "line_class": {"product": "-Artikel"}}
    columns = tuple(typed(FileColumn(f"@{name}", name=name, words=words.get(name, {})), rows) for name in names)
    return OrderFile(OrderQuery(sort="order_number", desc=False), columns, zone, rows, form=form)


def written(file: OrderFile) -> bytes:
    return b"".join(file.write(file.read(SYSTEM)))


def expected(file: OrderFile, statement: Any) -> bytes:
    """Write what a plain statement finds."""
    db.session.info["actor"] = SYSTEM
    found = db.session.execute(statement).all()
    rows = [[column.words.get(value, value) for column, value in zip(file.columns, row, strict=True)] for row in found]
    return plain_csv([column.heading for column in file.columns], rows, file.zone, file.form)


@pytest.mark.parametrize("form", CsvForm)
def test_a_file_of_orders_is_that_of_the_plainest_way(
    app: Flask, orders: int, form: CsvForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.files.csv_file, "ROWS_AT_ONCE", 7)
    monkeypatch.setattr(services.streaming, "FETCHED_AT_ONCE", 5)
    values = select(*(column.shown for column in COLUMNS.values())).select_from(Order)
    statement = of_orders(values, COLUMNS).order_by(Order.id)
    with app.app_context():
        for zone in ZONES:
            file = wanted(COLUMNS, FileRows.ORDERS, form, zone)
            got = written(file)
            assert got == expected(file, statement), zone
            assert b"'=leer" in got
        assert file.count(SYSTEM) == orders


@pytest.mark.parametrize("form", CsvForm)
def test_a_file_of_lines_is_that_of_the_plainest_way(app: Flask, orders: int, form: CsvForm) -> None:
    values = select(*LINE_COLUMNS.values()).select_from(Order).join(OrderLine, OrderLine.order_id == Order.id)
    statement = of_orders(values.join(LineText, LineText.id == OrderLine.text_id), COLUMNS)
    statement = statement.order_by(OrderLine.order_id, OrderLine.position)
    with app.app_context():
        for zone in ZONES[:3]:
            file = wanted(LINE_COLUMNS, FileRows.LINES, form, zone)
            assert written(file) == expected(file, statement), zone
        assert file.count(SYSTEM) == orders * 3 // 2


@pytest.mark.parametrize("name", ["reference", "exported", "total", "items_count"])
def test_a_file_of_one_column_keeps_its_empty_rows(app: Flask, orders: int, name: str) -> None:
    file = wanted([name], FileRows.ORDERS, CsvForm.COMMA, ZONES[1])
    with app.app_context():
        statement = select(COLUMNS[name].shown).order_by(Order.id)
        assert written(file) == expected(file, statement)


@pytest.mark.parametrize("form", CsvForm)
def test_a_file_without_rows_has_headings(app: Flask, form: CsvForm) -> None:
    file = wanted(COLUMNS, FileRows.ORDERS, form, ZONES[1])
    with app.app_context():
        assert written(file) == expected(file, select(Order.id))
