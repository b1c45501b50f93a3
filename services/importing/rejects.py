"""The file of rows that were refused: mended, it can be imported again."""

import csv
import filecmp
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TextIO

from services.errors import Refused
from services.importing.columns import SEPARATORS
from services.importing.rows import Row

ADDED = ("line", "reason")
LONGEST_HEADER = 100_000


def former(path: Path) -> Path:
    """Say where the rejects of an earlier run go, which somebody may be mending."""
    return path.with_name(f"{path.name}.old")


def may_replace(path: Path) -> bool:
    """Say whether nothing stands there, or rejects that were written here."""
    if not path.exists():
        return True
    if not path.is_file():
        return False
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            header = file.readline(LONGEST_HEADER)
    except OSError:
        return False
    return not header or any(
        tuple(next(csv.reader([header], delimiter=separator), [])[-len(ADDED) :]) == ADDED for separator in SEPARATORS
    )


def rejects_beside(path: Path) -> Path:
    """Say where the rejects of a file go when no place is named."""
    return path.with_name(f"{path.name}.rejects.csv")


def check_rejects(path: Path, rejects: Path) -> None:
    """Refuse a place for the rejects of the file at `path` that cannot be written, or that holds something else."""
    if path.resolve() in (rejects.resolve(), former(rejects).resolve()):
        raise Refused("The rejects file may not be the file itself.")
    if rejects.is_dir() or not rejects.parent.is_dir() or not os.access(rejects.parent, os.W_OK):
        raise Refused("%(path)s cannot be written; name another file with --rejects.", path=rejects)
    for place in (rejects, former(rejects)):
        if not may_replace(place):
            raise Refused("%(path)s does not hold rejects; name another file with --rejects.", path=place)


class Rejects:
    """Collects what is refused beside `path` and becomes that file at the end; without any, there is none.

    Rejects of an earlier run that stand there are kept as `former(path)`.
    """

    def __init__(self, path: Path, header: Sequence[str], separator: str) -> None:
        self._path, self._separator = path, separator
        self._draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
        self._width = len(header)
        # A file that was made here once, and mended, has our two columns already.
        self._own = self._width - len(ADDED) if tuple(header[-len(ADDED) :]) == ADDED else self._width
        self._header = header[: self._own]
        self._file: TextIO | None = None
        self._writer: Any = None
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: type[BaseException] | None, *_rest: object) -> None:
        if self._file is not None:
            self._file.close()
        if failed is None:
            self._put_in_place()
        elif self._file is not None:
            self._draft.unlink(missing_ok=True)

    def add(self, rows: Sequence[Row], reasons: Mapping[int, str]) -> None:
        """Write the rows of a refused order, or a single one; `reasons` says what is wrong with which line."""
        self.count += 1
        named = ", ".join(str(line) for line in sorted(reasons)[:5])
        whole = f"The order is refused because of line {named}."
        for row in rows:
            own = row.values[: self._own]
            padded = [*own, *[""] * (self._own - len(own))]
            self._open().writerow([*padded, row.line, reasons.get(row.line, whole), *row.values[self._width :]])

    def _put_in_place(self) -> None:
        is_again = (
            self._file is not None and self._path.exists() and filecmp.cmp(self._path, self._draft, shallow=False)
        )
        if not is_again:
            with suppress(FileNotFoundError):
                self._path.replace(former(self._path))
        if self._file is not None:
            self._draft.replace(self._path)

    def _open(self) -> Any:
        if self._file is None:
            try:
                self._file = self._draft.open("w", encoding="utf-8", newline="")
            except OSError as error:
                raise Refused("%(path)s cannot be written: %(error)s.", path=self._path, error=error) from error
            self._writer = csv.writer(self._file, delimiter=self._separator)
            self._writer.writerow([*self._header, *ADDED])
        return self._writer
