"""A file of order lines, brought together order by order in bounded memory."""

import csv
import gzip
import io
import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, islice
from pathlib import Path
from typing import IO, NamedTuple

from services.errors import Refused
from services.importing.columns import find_columns, find_separator
from services.importing.values import shown_mark

ROWS_AT_ONCE = 5_000
LONGEST_NAME = 255


class Row(NamedTuple):
    """A row of the file, with the line it begins on."""

    line: int
    values: list[str]


class OrderRows(NamedTuple):
    """The rows of one order, in the sequence of the file. `reference` is the order's number there."""

    reference: str
    rows: list[Row]


class OrderTable:
    """The rows of a file, sorted by order in a temporary database that vanishes with us.

    Orders come in the sequence of their first lines. Rows without an order number stand alone. The
    interpreter's own SQLite keeps a nameless database in a file; the newer one may be built to keep it in memory.
    """

    def __init__(self, mapping: dict[str, str]) -> None:
        self._mapping = mapping
        self._database = sqlite3.connect("", isolation_level=None)  # a name would be a file that stays
        self._database.executescript(
            "PRAGMA cache_size = -32768; PRAGMA journal_mode = off; PRAGMA synchronous = off;"
            "CREATE TABLE staged (reference TEXT, line INTEGER, fields TEXT);"
            "CREATE TABLE product_name (sku TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID;"
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
        with _opened(path) as (text, raw):
            self._read_header(text)
            staged = self._staged_rows(text)
            told = 0
            while rows := list(islice(staged, ROWS_AT_ONCE)):
                self._stage(rows)
                advance(raw.tell() - told)
                told = raw.tell()
        self._database.execute("CREATE INDEX staged_reference ON staged (reference, line)")

    def orders(self) -> Iterator[OrderRows]:
        """Give the orders one after the other."""
        rows = self._database.execute(
            "SELECT reference, line, fields FROM (SELECT reference, line, fields, min(line) OVER"
            " (PARTITION BY reference, CASE reference WHEN '' THEN line END) AS first FROM staged)"
            " ORDER BY first, line"
        )
        for _key, group in groupby(rows, key=lambda row: row[0] or row[1]):
            found = list(group)
            yield OrderRows(found[0][0], [Row(line, json.loads(fields)) for _reference, line, fields in found])

    def product_name(self, sku: str) -> str:
        """Give the last name in the file that this SKU has and that is not empty."""
        found = self._database.execute("SELECT name FROM product_name WHERE sku = ?", (sku,)).fetchone()
        return str(found[0]) if found else ""

    def _read_header(self, text: IO[str]) -> None:
        first = text.readline()
        if not first.strip():
            raise Refused("The file is empty; its first line should name the columns.")
        self.separator = find_separator(first, self._mapping)
        self.header = [name.strip() for name in next(csv.reader([first], delimiter=self.separator))]
        self.columns = find_columns(self.header, self._mapping)

    def _staged_rows(self, text: IO[str]) -> Iterator[Row]:
        reader = csv.reader(text, delimiter=self.separator)
        line = 1
        try:
            for values in reader:
                if any(map(str.strip, values)):
                    yield Row(line + 1, values)
                line = 1 + reader.line_num
        except csv.Error as error:
            raise Refused("Line %(line)d cannot be read: %(error)s.", line=line + 1, error=error) from error

    def _stage(self, rows: Sequence[Row]) -> None:
        order, sku, name = self.columns["order"], self.columns["sku"], self.columns.get("name")
        self.rows += len(rows)
        self._database.executemany(
            "INSERT INTO staged VALUES (?, ?, ?)",
            [(_value(values, order).strip(), line, json.dumps(values)) for line, values in rows],
        )
        self._see_marks(rows)
        if name is not None:
            names = {_value(values, sku): _value(values, name) for _, values in rows if _is_name(_value(values, name))}
            self._database.executemany("INSERT OR REPLACE INTO product_name VALUES (?, ?)", names.items())

    def _see_marks(self, rows: Sequence[Row]) -> None:
        """Remember which decimal marks the amounts show, and on which line first."""
        amounts = [self.columns[name] for name in ("price", "discount") if name in self.columns]
        for line, values in rows:
            if len(values) == len(self.header):
                for mark in filter(None, (shown_mark(values[place]) for place in amounts)):
                    self.marks.setdefault(mark, line)


def _value(values: Sequence[str], place: int) -> str:
    return values[place] if place < len(values) else ""


def _is_name(text: str) -> bool:
    return bool(text.strip()) and len(text) <= LONGEST_NAME and "\0" not in text


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[str], IO[bytes]]]:
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            unpacked = gzip.GzipFile(fileobj=raw) if is_packed else raw
            with io.TextIOWrapper(unpacked, encoding="utf-8-sig", newline="") as text:
                yield text, raw
    except UnicodeDecodeError as error:
        raise Refused("%(path)s is not UTF-8 text.", path=path) from error
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise Refused("%(path)s cannot be read: %(reason)s.", path=path, reason=reason) from error
