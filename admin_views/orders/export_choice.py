"""How a person wants a file of the list: one row for what, written how. Read strictly, as addresses are."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from flask_babel import gettext

from admin_views.values import Unreadable
from models.export_file import CsvForm, FileFormat, FileRows
from services.typed_values import clip

STREAMED = 100_000
"""The most rows of a worksheet that is not written in the background."""
PARAMETERS = ("rows", "format", "form", "selection")
"""What the addresses of files take beside the list's own parameters."""
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True)
class ExportChoice:
    """One choice; at first a CSV with commas and one row per order."""

    rows: FileRows = FileRows.ORDERS
    format: FileFormat = FileFormat.CSV
    form: CsvForm = CsvForm.COMMA

    @property
    def parameters(self) -> dict[str, str]:
        """Give what the address of a CSV says beyond the usual."""
        usual = ExportChoice()
        found: dict[str, str] = {}
        if self.rows is not usual.rows:
            found["rows"] = self.rows
        if self.form is not usual.form:
            found["form"] = self.form
        return found


def kept_choice(kept: tuple[str, str, str]) -> ExportChoice:
    """Give what was kept; what is not known any more is as at first."""
    try:
        return read_choice(dict(zip(PARAMETERS, kept, strict=False)))
    except Unreadable:
        return ExportChoice()


def read_choice(values: Mapping[str, str]) -> ExportChoice:
    """Read a choice; what is not said is as at first. Raises Unreadable."""
    return ExportChoice(
        _read(FileRows, "rows", values.get("rows")),
        _read(FileFormat, "format", values.get("format"), but=FileFormat.PDF),
        _read(CsvForm, "form", values.get("form")),
    )


def _read(known: type[E], name: str, value: str | None, but: E | None = None) -> E:
    choices = [choice for choice in known if choice is not but]
    if not value:
        return choices[0]
    if value not in choices:
        raise Unreadable(
            gettext(
                "“%(name)s” is %(choices)s, not “%(value)s”.", name=name, choices=", ".join(choices), value=clip(value)
            )
        )
    return known(value)
