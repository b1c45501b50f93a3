"""Importing companies, contacts, products and prices: a row makes a record, or changes the one with its key."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models.base import db
from models.order_history import Origin
from permissions import SYSTEM
from services.errors import Invalid, Refused
from services.importing.columns import parse_mapping
from services.importing.kinds import Kind, Reference, words
from services.importing.rejects import Rejects, check_rejects, rejects_beside
from services.importing.rows import Row, size_of
from services.importing.table import RecordTable
from services.importing.values import Unreadable, decimal_mark, shown
from services.loading import wait_for_turn
from services.progress import Progress, silent
from services.records import BulkWriter, rows_where, writing_records
from services.unit_of_work import Edit

ROWS_AT_ONCE = 1_000
NOT_TAKEN = "The database does not take this: something in it is taken already, or gone."


@dataclass(frozen=True)
class RecordRequest:
    """What to import and how; the fields are those of the command, checked when it runs."""

    kind: Kind
    path: Path
    mapping: str
    is_dry_run: bool = False
    rejects: Path | None = None

    @property
    def rejects_path(self) -> Path:
        return self.rejects or rejects_beside(self.path)


class Outcome(Enum):
    """What became of a row that was not rejected."""

    CREATED = auto()
    CHANGED = auto()
    UNCHANGED = auto()


Outcomes = dict[int, Outcome | str]
"""What became of the row on each line; a text is the reason why it is rejected."""


@dataclass(frozen=True)
class RecordResult:
    """How many rows of a file did what."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0


class Record(NamedTuple):
    """What a row says, by meaning: what its record is known by, and the rest."""

    line: int
    key: Mapping[str, Any]
    values: Mapping[str, Any]


Referred = Mapping[str, Mapping[str, Sequence[Any]]]
"""Rows that records name: by what they are to the record, and by the name."""


def import_records(request: RecordRequest, *, now: datetime, progress: Progress = silent) -> RecordResult:
    """Import a file; all changes are of the moment `now`. Raises Refused, before anything is written."""
    kind = request.kind
    mapping = parse_mapping(request.mapping, kind.required, kind.optional)
    check_rejects(request.path, request.rejects_path)
    amounts = [name for name, column in kind.columns.items() if column.has_decimals]
    with closing(RecordTable(mapping, amounts)) as table:
        with progress("Reading", size_of(request.path)) as advance:
            table.read(request.path, advance)
        importer = _Importer(kind, table, now, is_dry_run=request.is_dry_run)
        with (
            Rejects(request.rejects_path, table.header, table.separator) as rejects,
            progress("Importing", table.rows) as advance,
        ):
            for rows in table.batches(ROWS_AT_ONCE):
                importer.take(rows, rejects)
                advance(len(rows))
    done = importer.done
    return RecordResult(done[Outcome.CREATED], done[Outcome.CHANGED], done[Outcome.UNCHANGED], rejects.count)


class _Importer:
    """Writes batches of rows, each in one transaction."""

    def __init__(self, kind: Kind, table: RecordTable, now: datetime, *, is_dry_run: bool) -> None:
        self._kind, self._table, self._is_dry_run = kind, table, is_dry_run
        self._now = now
        self._mark = decimal_mark(table.separator, table.marks)
        self.done: Counter[Outcome] = Counter()

    def take(self, rows: Sequence[Row], rejects: Rejects) -> None:
        """Import one batch in one transaction, which begins when everything is read: others want to write too."""
        outcomes: Outcomes = {}
        records = []
        for row in rows:
            try:
                records.append(self._read(row))
            except Unreadable as error:
                outcomes[row.line] = str(error)
        if records:
            edit = Edit(SYSTEM, self._kind.action, self._now, program=Origin.IMPORT)
            outcomes |= self._try(records, edit) if self._is_dry_run else self._write(records, edit)
        for row in rows:
            outcome = outcomes[row.line]
            if isinstance(outcome, Outcome):
                self.done[outcome] += 1
            else:
                rejects.add([row], {row.line: f"Line {row.line}: {outcome}"})

    def _read(self, row: Row) -> Record:
        table, kind = self._table, self._kind
        row.check(len(table.header))
        texts = {name: row.values[place].strip() for name, place in table.columns.items()}
        key = kind.read({name: texts.pop(name, "") for name in kind.key}, self._mark)
        first = table.first_line(kind.compared(key), row.line)
        if first != row.line:
            raise Unreadable(f"Line {first} has this {kind.key_words} already.")
        return Record(row.line, key, kind.read(texts, self._mark))

    def _try(self, records: Sequence[Record], edit: Edit) -> Outcomes:
        try:
            return self._settle(records, BulkWriter(self._kind.model, edit))
        finally:
            db.session.rollback()

    def _write(self, records: Sequence[Record], edit: Edit) -> Outcomes:
        with writing_records(edit, self._kind.model):
            wait_for_turn(db.session.connection())
            return self._keep(records, edit)

    def _keep(self, records: Sequence[Record], edit: Edit) -> Outcomes:
        """Write the records; when the database takes one of them not, look for it half by half."""
        together = BulkWriter(self._kind.model, edit)
        try:
            with db.session.begin_nested():
                outcomes = self._settle(records, together)
                together.write()
        except (Refused, IntegrityError) as error:
            if len(records) == 1:
                return {records[0].line: self._kind.told(error) if isinstance(error, Invalid) else NOT_TAKEN}
            half = len(records) // 2
            return self._keep(records[:half], edit) | self._keep(records[half:], edit)
        return outcomes

    def _settle(self, records: Sequence[Record], together: BulkWriter) -> Outcomes:
        """Create what is not there, change what is, and say so."""
        outcomes: Outcomes = {}
        referred = self._referred(records)
        complete = []
        for record in records:
            try:
                complete.append(self._completed(record, referred))
            except Refused as refusal:
                outcomes[record.line] = str(refusal)
        present = self._present(complete)
        for record in complete:
            try:
                outcomes[record.line] = self._put(record, present[self._kind.compared(record.key)], together)
            except Refused as refusal:
                outcomes[record.line] = self._kind.told(refusal)
        return outcomes

    def _referred(self, records: Sequence[Record]) -> Referred:
        """Find the rows that the records name."""
        named = [said for record in records for said in (record.key, record.values)]
        return {
            name: _rows_by(column.refers.by, {said[name] for said in named if said.get(name)})
            for name, column in self._kind.columns.items()
            if column.refers
        }

    def _completed(self, record: Record, referred: Referred) -> Record:
        """Put rows in the place of the texts that name them. Raises Refused."""

        key, values = (
            {name: self._row_or_value(name, value, referred) for name, value in said.items()}
            for said in (record.key, record.values)
        )
        return Record(record.line, key, values)

    def _row_or_value(self, name: str, value: Any, referred: Referred) -> Any:
        reference = self._kind.columns[name].refers
        return _meant(referred[name][value], reference, value) if reference and value else value

    def _present(self, records: Sequence[Record]) -> Mapping[tuple[Any, ...], Sequence[Any]]:
        """Find, and lock, the records that are there, by key."""
        kind = self._kind
        present = defaultdict(list)
        keys = [kind.compared(record.key) for record in records]
        wanted = rows_where(kind.model, kind.has_key(keys), SYSTEM)
        if not self._is_dry_run:
            # Whoever only refers to such a row need not wait.
            wanted = wanted.with_for_update(of=kind.model, key_share=True)
        for row in db.session.scalars(wanted):
            key = {name: getattr(row, kind.columns[name].attribute) for name in kind.key}
            present[kind.compared(key)].append(row)
        return present

    def _put(self, record: Record, found: Sequence[Any], together: BulkWriter) -> Outcome:
        kind = self._kind
        values = kind.attributes(record.values)
        if not found:
            if missing := [name for name in kind.needed_when_new if name not in record.values]:
                raise Refused(
                    "There is no %(noun)s with this %(key)s yet, and a new one needs a %(missing)s.",
                    noun=kind.noun,
                    key=kind.key_words,
                    missing=words(missing[0]),
                )
            together.create(kind.model(**kind.fixed, **kind.attributes(record.key), **values))
            return Outcome.CREATED
        if len(found) > 1:
            raise Refused("There is more than one %(noun)s with this %(key)s.", noun=kind.noun, key=kind.key_words)
        (row,) = found
        if all(getattr(row, name) == value for name, value in values.items()):
            return Outcome.UNCHANGED
        together.change(row, values)
        return Outcome.CHANGED


def _meant(found: Sequence[Any], reference: Reference, name: str) -> Any:
    """Give the one row that a file means by a name. Raises Refused."""
    if not found:
        raise Refused("There is no %(noun)s %(name)s.", noun=reference.noun, name=shown(name))
    if len(found) > 1:
        raise Refused("There is more than one %(noun)s %(name)s.", noun=reference.noun, name=shown(name))
    return found[0]


def _rows_by(column: Any, names: Collection[str]) -> Mapping[str, Sequence[Any]]:
    found = defaultdict(list)
    for row in db.session.scalars(select(column.class_).where(column.in_(names))):
        found[getattr(row, column.key)].append(row)
    return found
