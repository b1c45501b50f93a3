"""The tables that the floor reads beside the product's: counters, and one text per order to search in.

They are made anew from the orders and know no bin, no quotes and no other writer than the floor itself.
"""

from typing import Any

import psycopg

from models.base import sqlite_driver

PREFIX = "floor_"
FIVE = """
    CAST(o.id AS TEXT)
    || {nl} || coalesce(c.name_folded, CASE WHEN o.company_id IS NULL THEN o.buyer_name_folded END, '')
    || {nl} || coalesce(i.company_folded, '') || {nl} || t.debtor_id || {nl} || t.reference || {nl} || t.email
"""
REST = """
    t.remarks || {nl} || t.extra3 || {nl} || t.extra4 || {nl} || t.accounting_id || {nl} || t.external_order_id
    || {nl} || coalesce(i.first_name_folded, '') || {nl} || coalesce(i.last_name_folded, '')
    || {nl} || coalesce(d.company_folded, '') || {nl} || coalesce(d.first_name_folded, '')
    || {nl} || coalesce(d.last_name_folded, '')
"""
LINE = " || {nl} || ".join(
    f"{name}_folded"
    for name in ("sku", "name", "notes", "ean", "manufacturer", "manufacturer_code", "supplier", "supplier_code")
)
"""A word never holds a line break, so it is found within one field only."""

TABLES = f"""
CREATE TABLE floor_status (status_id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
INSERT INTO floor_status
    SELECT s.id, count(o.id) FROM order_status s LEFT JOIN orders o ON o.status_id = s.id GROUP BY s.id;
CREATE TABLE floor_company_status (
    company_id INTEGER, status_id INTEGER, n INTEGER NOT NULL, PRIMARY KEY (company_id, status_id));
INSERT INTO floor_company_status
    SELECT company_id, status_id, count(*) FROM orders WHERE company_id IS NOT NULL GROUP BY company_id, status_id;
CREATE TABLE floor_day (day TEXT PRIMARY KEY, n INTEGER NOT NULL);
INSERT INTO floor_day SELECT substr(CAST(created_at AS TEXT), 1, 10), count(*) FROM orders GROUP BY 1;
CREATE TABLE floor_text (order_id INTEGER PRIMARY KEY, five TEXT NOT NULL, own TEXT NOT NULL);
INSERT INTO floor_text SELECT id, five, five || {{nl}} || rest FROM (
    SELECT o.id, {FIVE} AS five, {REST} AS rest
    FROM orders o
    JOIN order_search t ON t.order_id = o.id
    LEFT JOIN company c ON c.id = o.company_id
    LEFT JOIN address i ON i.id = o.invoice_address_id
    LEFT JOIN address d ON d.id = o.delivery_address_id) AS texts;
CREATE TABLE floor_line (text_id INTEGER PRIMARY KEY, text TEXT NOT NULL);
INSERT INTO floor_line SELECT id, {LINE} FROM line_text;
"""
SQLITE_INDEX = """
CREATE VIRTUAL TABLE floor_fts_{name} USING fts5(
    {name}, content='floor_text', content_rowid='order_id', tokenize='trigram case_sensitive 1', columnsize=0);
INSERT INTO floor_fts_{name} (floor_fts_{name}) VALUES ('rebuild');
"""
POSTGRESQL_INDEX = "CREATE INDEX floor_text_{name} ON floor_text USING gin ({name} gin_trgm_ops);"
UNKNOWN = """
SELECT count(*) FROM orders o JOIN order_status s ON s.id = o.status_id WHERE o.is_deleted OR s.order_type <> 'ORDER'
"""


class NotForTheFloor(Exception):
    """The floor would show other orders than the product: there are some that the list leaves out."""


def connect(url: str) -> Any:
    """Open a connection of the driver that commits each statement by itself; `url` as SQLAlchemy writes it."""
    if url.startswith("sqlite"):
        connection = sqlite_driver.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        for setting, value in (("journal_mode", "wal"), ("synchronous", "full"), ("cache_size", "-16384")):
            connection.execute(f"PRAGMA {setting} = {value}")
        connection.execute("PRAGMA temp_store = memory")
        return connection
    options = "-c timezone=UTC -c jit=off -c plan_cache_mode=force_custom_plan"
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True, options=options)


def make(url: str) -> None:
    """Make the tables of a database anew. Raises NotForTheFloor."""
    connection = connect(url)
    try:
        (left_out,) = connection.execute(UNKNOWN).fetchone()
        if left_out:
            raise NotForTheFloor(f"{left_out} orders are in the bin or no orders.")
        is_sqlite = url.startswith("sqlite")
        for statement in _statements(is_sqlite=is_sqlite):
            connection.execute(statement)
    finally:
        connection.close()


def drop(url: str) -> None:
    """Take the tables out of a database again, if they are there."""
    connection = connect(url)
    try:
        for name in ("fts_five", "fts_own", "status", "company_status", "day", "text", "line"):
            connection.execute(f"DROP TABLE IF EXISTS {PREFIX}{name}")
    finally:
        connection.close()


def _statements(*, is_sqlite: bool) -> list[str]:
    script = TABLES.format(nl="char(10)" if is_sqlite else "chr(10)")
    index = SQLITE_INDEX if is_sqlite else POSTGRESQL_INDEX
    script += "" if is_sqlite else "CREATE EXTENSION IF NOT EXISTS pg_trgm;"
    script += "".join(index.format(name=name) for name in ("five", "own"))
    script += "" if is_sqlite else "".join(f"VACUUM ANALYZE {PREFIX}{name};" for name in ("status", "text", "line"))
    return [statement for statement in script.split(";") if statement.strip()]
