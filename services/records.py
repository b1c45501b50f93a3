"""The way to change what owners keep: right, lock, the change itself, rules, version, history, commit.

A change is compared with what the person saw: a save on an older version is refused with both values.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import ColumnProperty, RelationshipDirection, selectinload
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from models.base import db, visible, writing
from models.kept import KeptRow
from models.record_history import RecordHistory
from permissions import SYSTEM, Actor
from services.errors import Invalid, Refused
from services.record_facts import (
    SECRET,
    STAMPS,
    Facts,
    described,
    fact_of,
    is_of_parts,
    kept_in,
    named,
    told_relations,
)
from services.record_usage import kept_references, model_of, usage
from services.rules import ACROSS_ROWS, RULES, AlsoChanged, check_ranges, out_of_scope, refusal_of_deletion
from services.unit_of_work import LONGEST_VALUE, Edit

Row = TypeVar("Row", bound=Any)


class Gone(Refused):
    """The row is not there, or not for this actor."""

    def __init__(self) -> None:
        super().__init__("It no longer exists.")


class ConcurrentWrite(Refused):
    """Somebody else wrote to the same rows at the same moment: nothing is written."""

    def __init__(self) -> None:
        super().__init__("Not saved: somebody else changed or deleted something of this at the same moment. Try again.")


@dataclass(frozen=True)
class Both:
    """A field that was changed by somebody else meanwhile: as it was, as it is stored, as it would be."""

    was: str
    theirs: str
    mine: str

    @property
    def is_mine_untouched(self) -> bool:
        return self.mine == self.was

    @property
    def clashes(self) -> bool:
        return self.mine not in (self.was, self.theirs)


class StaleRecord(Refused):
    """The row was changed since the person saw it: nothing is written, and both values are told."""

    def __init__(self, version: int, fields: Mapping[str, Both], changes: Sequence[RecordHistory]) -> None:
        super().__init__("Not saved yet: it was changed while you were editing.")
        self.version = version
        self.fields = fields
        self.changes = changes


@contextmanager
def creating(row: Row, *, edit: Edit) -> Iterator[Row]:
    """Add a new row; what the caller sets in it is kept. Raises NotAllowed or Invalid."""
    with writing_records(edit, type(row)):
        with db.session.no_autoflush:
            yield row
            row.created_at = row.updated_at = edit.now
            also = _follow_rules(row, edit)
            also += _changed_beside(row, edit)
        db.session.add(row)
        _flush(type(row))
        if not db.session.scalar(select(type(row).id).where(type(row).id == row.id, visible(type(row), edit.actor))):
            raise out_of_scope()
        remember(row, edit, new=named(row))
        _remember_also(also, edit)


@contextmanager
def changing(model: type[Row], row_id: int, *, edit: Edit, seen: int | None = None) -> Iterator[Row]:
    """Give a row, locked, and keep what the caller changes in it.

    `seen` is the version that the person saw. Raises NotAllowed, Gone, Invalid, StaleRecord or ConcurrentWrite.
    """
    with writing_records(edit, model):
        row = locked(model, row_id, edit.actor)
        # A flush in between would forget what the columns held before.
        with db.session.no_autoflush:
            before = described(row)
            yield row
            after = described(row)
            if seen is not None and seen != row.version:
                raise _stale(row, seen, before, after)
            also = _follow_rules(row, edit)
            after = described(row)
            also += _changed_beside(row, edit)
            if before != after:
                _stamp(row, edit)
            _replace_parts(row)
        _flush(model)
        _remember_also([*_differences(row, before, after), *also], edit)


def deleting(model: type[Row], row_id: int, *, edit: Edit) -> None:
    """Delete a row that nothing uses. Raises NotAllowed, Gone, or Refused when it is used."""
    with writing_records(edit, model):
        row = locked(model, row_id, edit.actor)
        if refusal := refusal_of_deletion(row):
            raise refusal
        in_use = Refused("%(name)s is in use, so it is not deleted.", name=named(row))
        if usage(row, SYSTEM):  # by whatever there is, also what does not exist for this actor
            raise in_use
        remember(row, edit, old=named(row))
        _remember_deleted_with(row, edit)
        also = _let_go(row, edit)
        db.session.delete(row)
        try:
            db.session.flush()
        except IntegrityError as error:  # something has just come
            raise in_use from error
        _remember_also(also, edit)


def switch_rows(
    model: type[Row], row_ids: Iterable[int], column: str, *, value: bool, scope: Sequence[Any], edit: Edit
) -> tuple[int, list[Refused]]:
    """Set a flag in rows of `scope`, in one transaction; give how many that changed, and what kept others from it."""
    changed, refused = 0, []
    with writing_records(edit, model):
        rows = db.session.scalars(
            select(model)
            .where(model.id.in_(sorted(set(row_ids))), visible(model, edit.actor), *scope)
            .order_by(model.id)
            .with_for_update(of=model)
            .execution_options(populate_existing=True)
        ).all()
        for row in rows:
            if getattr(row, column) == value:
                continue
            try:
                with db.session.begin_nested(), db.session.no_autoflush:
                    setattr(row, column, value)
                    row.updated_at = edit.now
                    also = _follow_rules(row, edit)
                    db.session.flush()
                    remember(row, edit, column, str(not value), str(value))
                    _remember_also(also, edit)
            except Refused as refusal:
                refused.append(refusal)
            else:
                changed += 1
    return changed, refused


def reorder(model: type[Row], row_ids: Sequence[int], *, edit: Edit) -> None:
    """Let the rows stand in this order, on the places that they have together. Raises Refused."""
    with writing_records(edit, model):
        rows = {
            row.id: row
            for row in db.session.scalars(
                select(model).order_by(model.id).with_for_update().execution_options(populate_existing=True)
            )
        }
        if sorted(row_ids) != sorted(rows):
            raise Refused("Others have added or deleted something meanwhile. Reload the page and try again.")
        place = 0
        for row_id, free in zip(row_ids, sorted(row.position for row in rows.values()), strict=True):
            row, place = rows[row_id], max(free, place + 1)
            if row.position != place:
                old, row.position, row.updated_at = row.position, place, edit.now
                db.session.flush()
                remember(row, edit, "position", str(old), str(place))


def locked(model: type[Row], row_id: int, actor: Actor) -> Row:
    """Lock a row that exists for the actor, in the caller's transaction, and read it afresh. Raises Gone."""
    row = db.session.scalar(
        select(model)
        .where(model.id == row_id, visible(model, actor))
        .with_for_update(of=model)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise Gone
    return row


def history_of(row: Any, most: int) -> Sequence[RecordHistory]:
    """Give the newest changes of a row, the latest first."""
    return db.session.scalars(
        select(RecordHistory)
        .where(RecordHistory.record_type == row.__tablename__, RecordHistory.record_id == row.id)
        .order_by(RecordHistory.id.desc())
        .limit(most)
    ).all()


# ---- what changes along ----


def _differences(row: Any, before: Facts, after: Facts) -> list[AlsoChanged]:
    changed = [name for name in after if before[name] != after[name]]
    return [AlsoChanged(row, name, before[name].text, after[name].text) for name in changed]


def _changed_beside(row: Any, edit: Edit) -> list[AlsoChanged]:
    """Give what the change of a row changed in other kept rows, which get a new version as well."""
    found = [*_referring_otherwise(row), *_chosen_from_here(row)]
    for change in found:
        _stamp(change.row, edit)
    return found


def _referring_otherwise(row: Any) -> Iterator[AlsoChanged]:
    for other in [other for other in db.session.dirty if other is not row and isinstance(other, KeptRow)]:
        state = inspect(other)
        for attribute in (*state.mapper.column_attrs, *state.mapper.relationships):
            is_one = isinstance(attribute, ColumnProperty) or attribute.direction is RelationshipDirection.MANYTOONE
            history = state.attrs[attribute.key].history
            if is_one and attribute.key not in STAMPS | SECRET and history.has_changes():
                old, new = (named(side[0]) if side else "" for side in (history.deleted, history.added))
                yield AlsoChanged(other, attribute.key, old, new)


def _chosen_from_here(row: Any) -> Iterator[AlsoChanged]:
    """Give the other side of a relation that both sides tell: the managers of a company, the companies of a manager."""
    for relation in inspect(row).mapper.relationships:
        if relation.secondary is None or not relation.back_populates:
            continue
        reverse = relation.mapper.relationships[relation.back_populates]
        history = inspect(row).attrs[relation.key].history
        for other in (*(history.added or ()), *(history.deleted or ())):
            now = getattr(other, reverse.key)
            was = [one for one in now if one is not row] if row in now else [*now, row]
            yield AlsoChanged(other, reverse.key, fact_of(reverse, was).text, fact_of(reverse, now).text)


def _remember_deleted_with(row: Any, edit: Edit) -> None:
    for table, column, _own in kept_references(row, "CASCADE"):
        model: Any = model_of(table)
        for other in db.session.scalars(rows_where(model, getattr(model, column) == row.id, SYSTEM)):
            remember(other, edit, old=named(other))


def _let_go(row: Any, edit: Edit) -> list[AlsoChanged]:
    """Take the kept rows out of a row that is deleted, and give what that changes in them."""
    for relation in inspect(row).mapper.relationships:
        if relation.info.get("kept") or (relation.secondary is not None and relation.back_populates):
            setattr(row, relation.key, [])
    return _changed_beside(row, edit)


# ---- writing ----


@contextmanager
def writing_records(edit: Edit, model: type[Any]) -> Iterator[None]:
    """Open a transaction that writes rows of a table. Raises NotAllowed or ConcurrentWrite."""
    edit.actor.must(edit.action)
    try:
        with writing():
            if (group := ACROSS_ROWS.get(model)) and db.engine.dialect.name == "postgresql":
                db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(group))))
            yield
    except StaleDataError as error:
        raise ConcurrentWrite from error


def _follow_rules(row: Any, edit: Edit) -> list[AlsoChanged]:
    _complete(row)
    check_ranges(row)
    rule = RULES.get(type(row))
    return (rule(row, edit) if rule else None) or []


def _complete(row: Any) -> None:
    """Give what is empty and may not be its column's default, so that a rule sees the row as it will be stored."""
    for attribute in inspect(row).mapper.column_attrs:
        column = attribute.columns[0]
        default: Any = column.default
        has_default = not column.nullable and default is not None and default.is_scalar
        if has_default and getattr(row, attribute.key) is None:
            setattr(row, attribute.key, default.arg)


def _stamp(row: Any, edit: Edit) -> None:
    """Let the row have a new version, also when only what belongs to it has changed."""
    row.updated_at = edit.now
    flag_modified(row, "updated_at")


def _replace_parts(row: Any) -> None:
    """Write changed parts anew, once what they were is gone: the database would meet two in one place meanwhile."""
    for relation in filter(is_of_parts, inspect(row).mapper.relationships):
        history = inspect(row).attrs[relation.key].history
        changed = [part for part in history.unchanged or () if db.session.is_modified(part)]
        if changed or (history.added and history.deleted):
            parts = list(getattr(row, relation.key))
            staying = [part for part in history.unchanged if part not in changed]
            wanted = [_copied(part, type(row)) if part in changed else part for part in parts]
            setattr(row, relation.key, staying)
            _flush(type(row))
            setattr(row, relation.key, wanted)


def _copied(part: Any, owner: type[Any]) -> Any:
    columns, references = kept_in(part)
    others = [relation.key for relation in references if relation.mapper.class_ is not owner]
    return type(part)(**{key: getattr(part, key) for key in (*columns, *others)})


def _flush(model: type[Any]) -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        if field := _taken_field(model, error):
            raise Invalid(field, "Another record has this already.") from error
        if "FOREIGN KEY" in str(error.orig).upper():
            raise ConcurrentWrite from error
        raise


def _taken_field(model: type[Any], error: IntegrityError) -> str:
    """Give the field whose value must be the only one and is not, from what the database says."""
    said = str(error.orig)
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    table = model.__table__
    uniques = [index for index in table.indexes if index.unique]
    uniques += [rule for rule in table.constraints if rule.__visit_name__ == "unique_constraint"]
    for unique in uniques:
        columns = [column.name for column in unique.columns]
        listed = ", ".join(f"{table.name}.{column}" for column in columns)
        if unique.name == name or said == f"UNIQUE constraint failed: {listed}":
            return columns[-1].removesuffix("_id")
    return ""


def remember(row: Any, edit: Edit, field: str = "", old: str = "", new: str = "") -> None:
    """Write a change of a row into the history, in the caller's transaction."""
    db.session.add(
        RecordHistory(
            record_type=row.__tablename__,
            record_id=row.id,
            name=named(row),
            version=row.version,
            at=edit.now,
            origin=edit.origin,
            staff_id=edit.actor.staff_id,
            field=field,
            old_value=old[:LONGEST_VALUE],
            new_value=new[:LONGEST_VALUE],
            note=edit.note,
        )
    )


def _remember_also(changes: Iterable[AlsoChanged], edit: Edit) -> None:
    for change in changes:
        remember(change.row, edit, change.field, change.old, change.new)


def _stale(row: Any, seen: int, before: Facts, after: Facts) -> StaleRecord:
    changes = db.session.scalars(
        select(RecordHistory)
        .where(
            RecordHistory.record_type == row.__tablename__,
            RecordHistory.record_id == row.id,
            RecordHistory.version > seen,
        )
        .order_by(RecordHistory.id)
    ).all()
    was: dict[str, str] = {}
    for change in changes:
        was.setdefault(change.field, change.old_value)
    fields = {name: Both(was[name], before[name].text, after[name].text) for name in after if name in was}
    return StaleRecord(row.version, fields, changes)


# ---- many rows in one transaction ----


def rows_where(model: type[Row], condition: ColumnElement[bool], actor: Actor) -> Select[tuple[Row]]:
    """Select rows that exist for the actor, in the order of their ids, with all that is told of them."""
    told = [selectinload(getattr(model, relation.key)) for relation in told_relations(inspect(model))]
    return select(model).where(condition, visible(model, actor)).order_by(model.id).options(*told)


class BulkWriter:
    """New and changed rows of a table that are written together, in the caller's transaction.

    A row that is refused leaves the others as they are. What is set in a row changes nothing beside it.
    """

    def __init__(self, model: type[Any], edit: Edit) -> None:
        self._model, self._edit = model, edit
        self._created: list[Any] = []
        self._changes: list[AlsoChanged] = []

    def create(self, row: Any) -> None:
        """Add a new row. Raises Invalid."""
        with db.session.no_autoflush:
            row.created_at = row.updated_at = self._edit.now
            self._changes += _follow_rules(row, self._edit)
        db.session.add(row)
        self._created.append(row)

    def change(self, row: Any, values: Mapping[str, Any]) -> None:
        """Set values in a row that is locked. Raises Invalid."""
        with db.session.no_autoflush:
            before = described(row)
            try:
                for name, value in values.items():
                    setattr(row, name, value)
                also = _follow_rules(row, self._edit)
            except Refused:
                db.session.expire(row)
                raise
            row.updated_at = self._edit.now
            self._changes += [*_differences(row, before, described(row)), *also]

    def write(self) -> None:
        """Write the rows with their history. Raises Invalid or IntegrityError when the database takes one not."""
        _flush(self._model)
        for row in self._created:
            remember(row, self._edit, new=named(row))
        _remember_also(self._changes, self._edit)
