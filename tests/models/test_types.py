"""Columns that keep exact values, alike on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import Column, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from models.base import db
from models.types import LARGEST, Key, Money, Percentage, Rate, Scaled, UnitPrice, UtcDateTime, text

VALUES = Table(
    "kept_values",
    MetaData(),
    Column("id", Key, primary_key=True),
    Column("money", Money),
    Column("price", UnitPrice),
    Column("rate", Rate),
    Column("moment", UtcDateTime),
    Column("words", text(10)),
)


def kept(app: Flask, column: str, *values: object) -> list[object]:
    """Write the values and read them back, sorted by the database."""
    with app.app_context(), db.engine.begin() as connection:
        VALUES.create(connection)
        connection.execute(insert(VALUES), [{column: value} for value in values])
        return list(connection.scalars(select(VALUES.c[column]).order_by(VALUES.c[column])))


def test_money_is_exact(app: Flask) -> None:
    amounts = [
        Decimal(LARGEST).scaleb(-2),
        Decimal("0.01"),
        Decimal("-0.01"),
        Decimal(0),
        Decimal(-LARGEST).scaleb(-2),
    ]
    assert kept(app, "money", *amounts) == sorted(amounts)


def test_prices_and_rates_keep_their_decimals(app: Flask) -> None:
    assert kept(app, "price", Decimal("0.0001"), Decimal("-3.3333"), None).count(None) == 1
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(insert(VALUES), [{"rate": Decimal("0.00000001")}])
        assert Decimal("0.00000001") in connection.scalars(select(VALUES.c.rate)).all()


@pytest.mark.parametrize("value", ["0.001", "NaN", "Infinity", "90000000000000.01", "-90000000000000.01"])
def test_what_would_not_be_exact_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Money.process_bind_param(Decimal(value), None)  # type: ignore[arg-type]


def test_numbers_are_stored_as_the_whole_numbers_of_their_scale() -> None:
    scales: list[tuple[Scaled, int]] = [(Money, 123), (UnitPrice, 12_300), (Rate, 123_000_000), (Percentage, 123)]
    for scaled, stored in scales:
        assert scaled.process_bind_param(Decimal("1.23"), None) == stored  # type: ignore[arg-type]


def test_moments_come_back_in_utc_to_the_microsecond(app: Flask) -> None:
    there = datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=timezone(timedelta(hours=14)))
    (back,) = kept(app, "moment", there)
    assert isinstance(back, datetime)
    assert back == there
    assert back.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(app: Flask) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        kept(app, "moment", datetime(2026, 3, 29))  # noqa: DTZ001


def test_texts_sort_by_code_point(app: Flask) -> None:
    words = ["b", "B", "a", "Z", "é", "_", "", "日", "𝔘", "\ufffd", "a b", "ab"]
    assert kept(app, "words", *words) == sorted(words)
