"""A file of order lines, brought together order by order in bounded memory."""

import csv
import gzip
import io
import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    """A row of the file, with the line it begins on; `fault` says why it cannot be one."""

    line: int
    values: list[str]
    fault: str = ""


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
            "CREATE TABLE staged (reference TEXT, line INTEGER, fields TEXT, fault TEXT);"
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

    def _read_header(self, text: IO[str]) -> None:
        first = text.readline()
        if not first.strip():
            raise Refused("The file is empty; its first line should name the columns.")
        self.separator = find_separator(first, self._mapping)
        self.header = [name.strip() for name in next(csv.reader([first], delimiter=self.separator))]
        self.columns = find_columns(self.header, self._mapping)

    def _staged_rows(self, text: IO[str]) -> Iterator[Row]:
        lines = _Lines(text)
        line = 2
        try:
            for values in csv.reader(lines, delimiter=self.separator):
                taken = lines.take()
                if (len(taken) > 1 or lines.at_end) and not self._is_one_row(taken):
                    yield from self._apart(line, taken)
                elif any(map(str.strip, values)):
                    yield Row(line, values)
                line += len(taken)
        except csv.Error as error:
            raise Refused("Line %(line)d cannot be read: %(error)s.", line=line, error=error) from error

    def _is_one_row(self, lines: Sequence[str]) -> bool:
        try:
            rows = list(csv.reader(lines, delimiter=self.separator, strict=True))
        except csv.Error:
            return False
        # Lines that would each make a row are orders between two stray quotes rather than one long value.
        separators = {line.count(self.separator) for line in lines if line.strip()}
        return [len(values) for values in rows] == [len(self.header)] and separators != {len(self.header) - 1}

    def _apart(self, first: int, lines: Sequence[str]) -> Iterator[Row]:
        """Give each line as a row of its own, all refused: none of their orders may vanish or come in half."""
        where = f"lines {first} to {first + len(lines) - 1}" if len(lines) > 1 else f"line {first}"
        fault = f"The quote signs of {where} do not fit rows of {len(self.header)} values."
        for line, text in enumerate(lines, first):
            is_open = text.count('"') % 2 == 1
            reader = csv.reader(
                [text.rstrip("\r\n")],
                delimiter=self.separator,
                quoting=csv.QUOTE_NONE if is_open else csv.QUOTE_MINIMAL,
            )
            values = next(reader, [])
            if any(map(str.strip, values)):
                yield Row(line, values, fault)

    def _stage(self, rows: Sequence[Row]) -> None:
        order, sku, name = self.columns["order"], self.columns["sku"], self.columns.get("name")
        self.rows += len(rows)
        self._database.executemany(
            "INSERT INTO staged VALUES (?, ?, ?, ?)",
            [
                (_value(values, order).strip(' "' if fault else None), line, json.dumps(values), fault)
                for line, values, fault in rows
            ],
        )
        self._see_marks(rows)
        if name is not None:
            names = {
                _value(values, sku): _value(values, name)
                for _, values, fault in rows
                if not fault and _is_name(_value(values, name))
            }
            self._database.executemany("INSERT OR REPLACE INTO product_name VALUES (?, ?)", names.items())

    def _see_marks(self, rows: Sequence[Row]) -> None:
        """Remember which decimal marks the amounts show, and on which line first."""
        amounts = [self.columns[name] for name in ("price", "discount") if name in self.columns]
        for line, values, fault in rows:
            if not fault and len(values) == len(self.header):
                for mark in filter(None, (shown_mark(values[place]) for place in amounts)):
                    self.marks.setdefault(mark, line)


class _Lines:
    """The lines of a file, remembered until they are taken."""

    def __init__(self, text: Iterable[str]) -> None:
        self._text, self._read = text, list[str]()
        self.at_end = False

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            self._read.append(line)
            yield line
        self.at_end = True

    def take(self) -> list[str]:
        """Give the lines read since the last time."""
        taken, self._read = self._read, []
        return taken


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
