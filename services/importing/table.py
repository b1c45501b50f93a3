"""The rows of a file, read once and kept in bounded memory; those of order lines are brought together by order."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import NamedTuple

from services.importing.rows import Row, RowFile, opened
from services.importing.values import shown_mark

ROWS_AT_ONCE = 5_000
LONGEST_NAME = 255


class OrderRows(NamedTuple):
    """The rows of one order, in the sequence of the file. `reference` is the order's number there."""

    reference: str
    rows: list[Row]


class Table:
    """The rows of a file, in a temporary database that vanishes with us.

    `mapping` says which column holds what, `amounts` which of these are written with decimals. The
    interpreter's own SQLite keeps a nameless database in a file; the newer one may be built to keep it in memory.
    """

    def __init__(self, mapping: Mapping[str, str], amounts: Collection[str]) -> None:
        self._mapping, self._amounts = mapping, amounts
        self._database = sqlite3.connect("", isolation_level=None)  # a name would be a file that stays
        self._database.executescript(
            "PRAGMA cache_size = -32768; PRAGMA journal_mode = off; PRAGMA synchronous = off;"
            "CREATE TABLE staged (reference TEXT, line INTEGER, fields TEXT, fault TEXT);"
            "BEGIN"
        )
        self.header: list[str] = []
        self.separator = ","
        self.columns: dict[str, int] = {}
        self.marks: dict[str, int] = {}
        self.rows = 0

    def close(self) -> None:
        """Throw the temporary database away."""
        self._database.close()

    def read(self, path: Path, advance: Callable[[int], None]) -> None:
        """Read the whole file; `advance` is told how many bytes of it were read. Raises Refused."""
        with opened(path) as (text, raw):
            file = RowFile(text, self._mapping)
            self.header, self.separator, self.columns = file.header, file.separator, file.columns
            rows = file.rows()
            told = 0
            while some := list(islice(rows, ROWS_AT_ONCE)):
                self._stage(some)
                advance(raw.tell() - told)
                told = raw.tell()

    def _stage(self, rows: Sequence[Row]) -> None:
        self.rows += len(rows)
        self._database.executemany(
            "INSERT INTO staged VALUES (?, ?, ?, ?)",
            [(self._reference(row), row.line, json.dumps(row.values), row.fault) for row in rows],
        )
        self._see_marks(rows)

    def _reference(self, _row: Row) -> str:
        """Give what rows that belong together have in common."""
        return ""

    def _see_marks(self, rows: Sequence[Row]) -> None:
        """Remember which decimal marks the amounts show, and on which line first."""
        amounts = [self.columns[name] for name in self._amounts if name in self.columns]
        for line, values, fault in rows:
            if not fault and len(values) == len(self.header):
                for mark in filter(None, (shown_mark(values[place]) for place in amounts)):
                    self.marks.setdefault(mark, line)


class OrderTable(Table):
    """The rows of a file of order lines, brought together by order.

    Orders come in the sequence of their first lines. Rows without an order number stand alone.
    """

    def __init__(self, mapping: Mapping[str, str]) -> None:
        super().__init__(mapping, ("price", "discount"))
        self._database.execute("CREATE TABLE product_name (sku TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID")

    def read(self, path: Path, advance: Callable[[int], None]) -> None:
        """Read the whole file; `advance` is told how many bytes of it were read. Raises Refused."""
        super().read(path, advance)
        self._database.execute("CREATE INDEX staged_reference ON staged (reference, line)")

    def orders(self) -> Iterator[OrderRows]:
        """Give the orders one after the other."""
        rows = self._database.execute(
            "SELECT reference, line, fields, fault FROM (SELECT reference, line, fields, fault, min(line) OVER"
            " (PARTITION BY reference, CASE reference WHEN '' THEN line END) AS first FROM staged)"
            " ORDER BY first, line"
        )
        for _key, group in groupby(rows, key=lambda row: row[0] or row[1]):
            found = list(group)
            yield OrderRows(found[0][0], [Row(line, json.loads(fields), fault) for _, line, fields, fault in found])

    def product_name(self, sku: str) -> str:
        """Give the last name in the file that this SKU has and that is not empty."""
        found = self._database.execute("SELECT name FROM product_name WHERE sku = ?", (sku,)).fetchone()
        return str(found[0]) if found else ""

    def _stage(self, rows: Sequence[Row]) -> None:
        super()._stage(rows)
        sku, name = self.columns["sku"], self.columns.get("name")
        if name is not None:
            names = {
                _value(values, sku): _value(values, name)
                for _, values, fault in rows
                if not fault and _is_name(_value(values, name))
            }
            self._database.executemany("INSERT OR REPLACE INTO product_name VALUES (?, ?)", names.items())

    def _reference(self, row: Row) -> str:
        return _value(row.values, self.columns["order"]).strip(' "' if row.fault else None)


class RecordTable(Table):
    """The rows of a file that has one record a row."""

    def __init__(self, mapping: Mapping[str, str], amounts: Collection[str]) -> None:
        super().__init__(mapping, amounts)
        self._database.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def batches(self, size: int) -> Iterator[list[Row]]:
        """Give the rows in the sequence of the file, at most so many at once."""
        rows = self._database.execute("SELECT line, fields, fault FROM staged ORDER BY rowid")
        while some := [Row(line, json.loads(fields), fault) for line, fields, fault in islice(rows, size)]:
            yield some

    def first_line(self, key: Sequence[object], line: int) -> int:
        """Say on which line this key was met first: on this one, if it is new."""
        written = json.dumps(key)
        self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (written, line))
        found = self._database.execute("SELECT line FROM seen WHERE key = ?", (written,)).fetchone()
        return int(found[0])


def _value(values: Sequence[str], place: int) -> str:
    return values[place] if place < len(values) else ""


def _is_name(text: str) -> bool:
    return bool(text.strip()) and len(text) <= LONGEST_NAME and "\0" not in text
