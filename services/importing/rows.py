"""The rows of a CSV file, whose first line names the columns."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from services.errors import Refused
from services.importing.columns import find_columns, find_separator
from services.importing.values import Unreadable


class Row(NamedTuple):
    """A row of a file, with the line it begins on; `fault` says why it cannot be one."""

    line: int
    values: list[str]
    fault: str = ""

    def check(self, width: int) -> None:
        """Raise Unreadable unless it is a row of `width` values."""
        if self.fault:
            raise Unreadable(self.fault)
        if len(self.values) != width:
            raise Unreadable(f"The row has {len(self.values)} values and the header {width}.")


class RowFile:
    """An open file: its header at once, its rows one after the other. Raises Refused when they cannot be read."""

    def __init__(self, text: IO[str], mapping: Mapping[str, str]) -> None:
        first = text.readline()
        if not first.strip():
            raise Refused("The file is empty; its first line should name the columns.")
        self._text = text
        self.separator = find_separator(first, mapping)
        self.header = [name.strip() for name in next(csv.reader([first], delimiter=self.separator))]
        self.columns = find_columns(self.header, mapping)

    def rows(self) -> Iterator[Row]:
        """Give the rows that are not empty."""
        lines = _Lines(self._text)
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
        fault = f"The quotation marks of {where} do not fit rows of {len(self.header)} values."
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


def size_of(path: Path) -> int:
    """Give how many bytes there are to read."""
    return path.stat().st_size if path.is_file() else 0


@contextmanager
def opened(path: Path) -> Iterator[tuple[IO[str], IO[bytes]]]:
    """Open a file of UTF-8 text, packed or not; the second is the file as it lies there. Raises Refused."""
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
