"""What happened to a record, in words; and what two people changed at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any

from flask_babel import gettext
from sqlalchemy import Boolean, Column, Date, Integer

from admin_views.access import zone
from admin_views.notation import notation
from admin_views.notes import note_writer
from admin_views.records.filters import Words
from admin_views.words import FLAGS, ORIGINS
from models.record_history import RecordHistory
from models.types import Scaled
from services.records import StaleRecord

FieldWords = Callable[[str, str], tuple[str, str]]
"""From a field and its stored text to what they are called on the page."""
Write = Callable[[str], str]
"""Writes a text of the history as pages write the value; made in a request, it keeps to its language after it."""


@dataclass(frozen=True)
class Step:
    """One committed change: when, by whom, and each field from and to. Nothing before is a creation."""

    when: str
    who: str
    note: str
    fields: Sequence[tuple[str, str, str]]
    is_creation: bool


@dataclass(frozen=True)
class ConflictRow:
    """A field that both changed: its name in the form and on screen, as it was, theirs, mine."""

    name: str
    label: str
    was: str
    theirs: str
    mine: str


@dataclass(frozen=True)
class Conflict:
    """What keeps a save from being written: who saved meanwhile, what clashes, and what of theirs does not."""

    who: str
    rows: Sequence[ConflictRow]
    kept: Sequence[tuple[str, str]]


def writers(columns: Iterable[Column[Any]], choices: Mapping[str, Words]) -> dict[str, Write]:
    """Give what writes the codes, flags, numbers and days among the columns of a record."""
    found = {}
    for column in columns:
        if write := coded(choices[column.key]) if column.key in choices else _written(column):
            found[column.key] = write
    return found


def coded(words: Words) -> Write:
    """Give what writes codes as words."""
    said = {str(code): str(word) for code, word in words.items()}
    return lambda code: said.get(code, code)


def _written(column: Column[Any]) -> Write | None:
    in_language = notation()
    match column.type:
        case Boolean():
            return coded(FLAGS)
        case Scaled():
            return lambda number: in_language.decimal(Decimal(number))
        case Integer():
            return lambda number: in_language.whole(int(number))
        case Date():
            return lambda day: in_language.day(date.fromisoformat(day))
    return None


def write_stored(write: Write | None, text: str) -> str:
    """Write a text of the history; what cannot be read as a value of its field stands as it is."""
    try:
        return write(text) if write and text else text
    except (ValueError, InvalidOperation):
        return text


def steps(history: Iterable[RecordHistory], said: FieldWords) -> list[Step]:
    """Put the rows of each change together."""
    found, write_note = [], note_writer()
    for _key, group in groupby(history, key=lambda row: (row.version, row.at)):
        rows = list(group)
        fields = [(*said(row.field, row.old_value), said(row.field, row.new_value)[1]) for row in rows if row.field]
        found.append(
            Step(
                when=notation().moment(rows[0].at, zone()),
                who=who(rows[0]),
                note=write_note(rows[0].note),
                fields=fields,
                is_creation=any(not row.field and row.new_value for row in rows),
            )
        )
    return found


def who(row: RecordHistory) -> str:
    """Say who made a change."""
    return str(ORIGINS.get(row.origin, row.who))


def conflict(stale: StaleRecord, said: FieldWords, in_form: Mapping[str, object]) -> Conflict:
    """Say what keeps a stale save from being written."""
    rows, kept = [], []
    for name, both in stale.fields.items():
        label, theirs = said(name, both.theirs)
        if both.clashes and name in in_form:
            rows.append(ConflictRow(name, label, said(name, both.was)[1], theirs, said(name, both.mine)[1]))
        elif both.theirs != both.mine:
            kept.append((label, theirs))
    last = stale.changes[-1] if stale.changes else None
    told = (
        gettext("%(who)s saved it on %(when)s.", who=who(last), when=notation().moment(last.at, zone())) if last else ""
    )
    return Conflict(told, rows, kept)
