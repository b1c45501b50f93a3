"""The database: engine set-up, naming of constraints, and the two walls around orders.

The walls stand in the session, below every screen and service: rows that the actor may not see do
not come out of it, and order rows do not go in but through `services.unit_of_work`.
"""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BindParameter,
    CheckConstraint,
    ColumnElement,
    CompoundSelect,
    Connection,
    Engine,
    MetaData,
    ScalarSelect,
    Select,
    String,
    Table,
    TextualSelect,
    any_,
    column,
    event,
    func,
    literal,
    select,
    text,
    true,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    InstrumentedAttribute,
    ORMExecuteState,
    Session,
    UOWTransaction,
    scoped_session,
    with_loader_criteria,
)
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.sql.schema import SchemaItem

from models.types import Numbers
from permissions import Actor

try:
    from pysqlite3 import dbapi2
except ImportError:  # no wheel for this platform: the interpreter's own SQLite
    dbapi2 = sqlite3
sqlite_driver = dbapi2

SAFE_WAL = (3, 51, 3)
"""Older SQLite may corrupt a write-ahead log when two connections write and checkpoint at once."""

MOST_PREPARED = 400
"""Statements that a connection to PostgreSQL keeps prepared: some of each person and of each usual list among them."""

NOBODY = Actor(staff_id=None, name="", grants=frozenset(), companies=frozenset())


class Base(DeclarativeBase):
    """All tables. Constraints get the same names on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)


def limit_texts() -> None:
    """Hold every text to its length by a check: SQLite does not look at the length of a column."""
    for table in Base.metadata.tables.values():
        for each in table.columns:
            if isinstance(each.type, String) and each.type.length:
                limit = f"length({each.name}) <= {each.type.length}"
                table.append_constraint(CheckConstraint(limit, name=f"{each.name}_length"))


def _has_safe_wal() -> bool:
    return sqlite_driver.sqlite_version_info >= SAFE_WAL


def writes_beside_reads() -> bool:
    """Say whether one connection can write while another reads; without a write-ahead log the first waits in vain."""
    return db.engine.dialect.name != "sqlite" or _has_safe_wal()


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite_driver.Connection):
        return
    connection.isolation_level = None  # the driver would delay BEGIN; the next listener sends it
    journal = ("wal", "full") if _has_safe_wal() else ("delete", "extra")
    for setting, value in (
        ("journal_mode", journal[0]),
        ("synchronous", journal[1]),
        ("foreign_keys", "on"),
        ("cache_size", "-16384"),
        ("temp_store", "memory"),
    ):
        connection.execute(f"PRAGMA {setting} = {value}")


@event.listens_for(Engine, "connect")
def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """Let moments be read as texts alike, however the server is set, and more statements stay prepared."""
    if isinstance(connection, psycopg.Connection):
        connection.execute("SET datestyle TO iso")
        connection.prepared_max = MOST_PREPARED
        connection.commit()


@event.listens_for(Engine, "do_execute")
def _plan_for_values(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Keep the driver from preparing what PostgreSQL shall plan for its values; False lets SQLAlchemy go on."""
    if not context.execution_options.get("planned_for_values") or context.dialect.name != "postgresql":
        return False
    cursor.execute(statement, parameters, prepare=False)
    return True


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    """A transaction that will write takes SQLite's write lock at once: an upgrade later would be refused."""
    if connection.dialect.name == "sqlite":
        patience = connection.get_execution_options().get("writes")
        if patience is None:
            connection.connection.execute("BEGIN")  # SQLAlchemy would take longer than the database
        else:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def begin_reading() -> Connection:
    """Let the session read until it begins to write; one that has begun something goes on with that.

    On PostgreSQL it does so without a transaction, in which each statement would see no other moment (READ
    COMMITTED): nothing is sent to begin and to end one, and the statements stay prepared.
    """
    if db.session().in_transaction():
        return db.session.connection()
    alone = {"isolation_level": "AUTOCOMMIT"} if db.engine.dialect.name == "postgresql" else {}
    return db.session.connection(execution_options={"reads": True, **alone})


def begin_writing(session: scoped_session[Any] | Session, *, patience: int = 30_000) -> None:
    """Start a transaction that writes, ending the reading one that may be open.

    On SQLite it waits at most `patience` milliseconds for another writer, then raises OperationalError.
    """
    session.rollback()
    session.connection(execution_options={"writes": patience})


@contextmanager
def writing(session: scoped_session[Any] | Session = db.session, *, patience: int = 30_000) -> Iterator[None]:
    """Open a transaction that writes: committed at the end, taken back at once when anything is raised.

    It waits as `begin_writing` does.
    """
    try:
        begin_writing(session, patience=patience)
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


def one_of(
    column: InstrumentedAttribute[int], numbers: Collection[int] | BindParameter[Sequence[int]]
) -> ColumnElement[bool]:
    """Give the condition that a column holds one of the numbers, however many, in one parameter."""
    given: Any = numbers if isinstance(numbers, BindParameter) else literal([*numbers], Numbers)
    if db.engine.dialect.name == "sqlite":
        each = func.json_each(given).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(given)


def gathered(statement: Select[Any]) -> Select[Any]:
    """Let a statement of numbers give all of them in one value: to read a row for each takes far longer."""
    (number,) = statement.subquery().columns
    gather = func.json_group_array if db.engine.dialect.name == "sqlite" else func.array_agg
    return select(gather(number, type_=Numbers))


def listed(statement: Select[Any] | CompoundSelect[Any]) -> ScalarSelect[Any]:
    """Let a statement give all of its rows in one value, each as a list, beside the values of another."""
    rows = statement.subquery()
    is_sqlite = db.engine.dialect.name == "sqlite"
    row, gather = (func.json_array, func.json_group_array) if is_sqlite else (func.json_build_array, func.json_agg)
    return select(func.coalesce(gather(row(*rows.columns)), row(), type_=JSON)).scalar_subquery()


def how_many(gathered_numbers: ColumnElement[Any]) -> ColumnElement[int]:
    """Give how many numbers there are in one value."""
    length = func.json_array_length if db.engine.dialect.name == "sqlite" else func.cardinality
    return length(gathered_numbers)


class ScopedRow:
    """A row that exists only for some people: an order, a customer, or a part of one."""

    @classmethod
    def visible_to(cls, actor: Actor) -> Any:
        """Give the SQL condition on the rows that exist for `actor`."""
        raise NotImplementedError


def visible(model: type[Any], actor: Actor) -> ColumnElement[bool]:
    """Give the condition on the rows that exist for the actor."""
    condition: ColumnElement[bool] = model.visible_to(actor) if issubclass(model, ScopedRow) else true()
    return condition


class GuardedRow:
    """A row that is written through `services.unit_of_work` only."""


class WriteOutsideUnitOfWork(Exception):
    """A program error: an order row was about to be written from somewhere else."""


class WriteWhileReading(Exception):
    """A program error: `begin_writing` was forgotten, so nothing could be taken back."""


@event.listens_for(Session, "do_orm_execute")
def _keep_to_scope(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load:
        return
    writes = state.is_insert or state.is_update or state.is_delete
    if writes:
        _refuse_while_reading(state.session)
    if writes and any(issubclass(mapper.class_, GuardedRow) for mapper in state.all_mappers):
        _refuse_unguarded(state.session)
    actor: Actor | None = state.session.info.get("actor")
    if actor is not None and actor.companies is None:
        return
    state.statement = state.statement.options(*_limits(actor or NOBODY))


@lru_cache(256)
def _limits(actor: Actor) -> tuple[ExecutableOption, ...]:
    return tuple(
        with_loader_criteria(scoped, scoped.visible_to(actor), include_aliases=True) for scoped in _scoped_rows()
    )


def plain_rows(statement: Select[Any], **values: Any) -> Sequence[Any]:
    """Read columns; `values` are what the statement leaves open.

    For somebody who sees every row nothing need be added, so the ORM does not look at it first.
    """
    return _rows(statement, values, {})


def list_rows(statement: Select[Any], **values: Any) -> Sequence[Any]:
    """Read columns as `plain_rows` does, by a plan for these values; one for any would be wrong for a search."""
    return _rows(statement, values, {"planned_for_values": True})


def repeated_rows(statement: Select[Any], **values: Any) -> Sequence[Any]:
    """Read columns by a statement, always the same object, that is asked with the same values again and again.

    They are written into its text, so each connection to PostgreSQL plans it for them and keeps that plan.
    """
    if not _sees_all():
        return plain_rows(statement, **values)
    written = _written_out(statement, tuple(values.items()), db.engine.dialect.name)
    return db.session.connection().execute(written).all()


@lru_cache(256)
def _written_out(statement: Select[Any], values: tuple[tuple[str, Any], ...], _dialect: str) -> TextualSelect:
    """Write the values into the text; in this style signs of per cent stand single there, as `text` doubles them."""
    dialect: Any = type(db.engine.dialect)
    written = {"dialect": dialect(paramstyle="named"), "compile_kwargs": {"literal_binds": True}}
    sql = str(statement.params(dict(values)).compile(**written))
    shown = (column(str(each.key), each.type) for each in statement.selected_columns)
    return text(sql.replace(":", r"\:")).columns(*shown)


def _sees_all() -> bool:
    actor: Actor | None = db.session.info.get("actor")
    return actor is not None and actor.companies is None


def _rows(statement: Select[Any], values: dict[str, Any], options: dict[str, Any]) -> Sequence[Any]:
    if _sees_all():
        return db.session.connection().execute(statement, values, execution_options=options).all()
    return db.session.execute(statement, values, execution_options=options).all()


def _scoped_rows() -> list[type[ScopedRow]]:
    return [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, ScopedRow)]


def scoped_tables() -> list[str]:
    """Give the names of the tables whose rows exist only for some people."""
    return [scoped.__tablename__ for scoped in _scoped_rows()]  # type: ignore[attr-defined]


@event.listens_for(Session, "before_flush")
def _guard_orders(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    _refuse_while_reading(session)
    touched = (*session.new, *session.dirty, *session.deleted)
    if any(isinstance(row, GuardedRow) for row in touched):
        _refuse_unguarded(session)


def _refuse_while_reading(session: Session) -> None:
    if session.connection().get_execution_options().get("reads"):
        raise WriteWhileReading


def _refuse_unguarded(session: Session) -> None:
    if not session.info.get("unit_of_work"):
        raise WriteOutsideUnitOfWork("Orders are written through services.unit_of_work only.")


def belongs_to(item: SchemaItem, dialect: str) -> bool:
    """Say whether a part of the schema is meant for this database; most are for both.

    What FTS5 keeps beside a table belongs to none: its migration makes it whole (`models.trigrams`).
    """
    is_beside = isinstance(item, Table) and "_trigrams" in item.name
    return not is_beside and bool(item.info.get("dialect", dialect) == dialect)
