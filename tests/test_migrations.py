"""The migrations make what the models describe, on both databases, down and up again."""

import shutil
from pathlib import Path

import flask_migrate
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import CheckConstraint, func, inspect, select, text

from models.base import Base, belongs_to, db
from models.staff import StaffGrant
from models.status import OrderStatus, OrderType, StatusSet
from models.trigrams import INDEXED, SUFFIX
from tests.factories import make_staff
from tests.servers import ROOT

MIGRATIONS = str(ROOT / "migrations")

# Copied from the description of the default statuses: code, flags (default, public, editable, deletable), next.
DEFAULTS = {
    "DRAFT_ORDER": ("..ed", {"NEW", "CANCELLED"}),
    "UNFINISHED": ("...d", {"NEW", "CANCELLED"}),
    "NEW": ("*pe.", {"VALIDATED", "CONFIRMED", "CANCELLED"}),
    "VALIDATED": (".pe.", {"CONFIRMED", "CANCELLED"}),
    "CONFIRMED": (".p..", {"PROCESSING", "CANCELLED"}),
    "PROCESSING": (".p..", {"SHIPPED", "CANCELLED"}),
    "SHIPPED": (".p..", {"COMPLETE"}),
    "COMPLETE": (".p..", {"ARCHIVED"}),
    "CANCELLED": (".p.d", {"ARCHIVED"}),
    "ARCHIVED": (".p..", set()),
}
REBUILD = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "LATEST"


def upgrade():
    with op.batch_alter_table("staff") as batch:
        batch.alter_column("timezone", nullable=True, existing_type=sa.String(64))
"""
SETS = {
    "Processing": ["VALIDATED", "CONFIRMED"],
    "Fulfillment": ["PROCESSING", "SHIPPED"],
    "Complete": ["COMPLETE", "ARCHIVED"],
}


def test_the_migrations_make_exactly_what_the_models_describe(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        options = {"include_object": lambda item, *_: belongs_to(item, db.engine.dialect.name)}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []


def test_every_check_and_index_of_the_models_is_in_the_database(app: Flask) -> None:
    with app.app_context():
        found = inspect(db.engine)
        for table in Base.metadata.tables.values():
            checks = {str(check["name"]) for check in found.get_check_constraints(table.name)}
            described = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
            assert described == checks, table.name
            indexes = {index["name"] for index in found.get_indexes(table.name)}
            assert {index.name for index in table.indexes if belongs_to(index, db.engine.dialect.name)} <= indexes


def test_every_trigger_is_there_after_the_last_migration(app: Flask) -> None:
    events = ("inserted", "deleted", "updated")
    with app.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
        known = "sqlite_master WHERE type = 'trigger'" if is_sqlite else "pg_trigger WHERE NOT tgisinternal"
        found = db.session.scalars(text(f"SELECT {'name' if is_sqlite else 'tgname'} FROM {known}")).all()
        indexes = [f"{table.name}{SUFFIX}_{event}" for table in INDEXED for event in events] if is_sqlite else []
        counts = [f"{counted}_{event}" for counted in ("count", "day") for event in events]
        of_days = ["day_of_all_updated"] if is_sqlite else []
        assert sorted(found) == sorted([*counts, *of_days, *indexes])


def test_the_migrations_go_down_and_up_again(app: Flask) -> None:
    with app.app_context():
        flask_migrate.downgrade(MIGRATIONS, revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version", "sqlite_sequence"}
        flask_migrate.upgrade(MIGRATIONS)
        assert db.session.scalars(select(OrderStatus.code)).all()


def test_a_migration_that_rebuilds_a_table_keeps_the_rows_that_refer_to_it(app: Flask, tmp_path: Path) -> None:
    folder = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    (folder / "versions" / "9999_rebuild.py").write_text(REBUILD.replace("LATEST", _latest()))
    with app.app_context():
        make_staff("viewer", ["order:viewer", "backoffice:viewer"])
        db.session.remove()
        flask_migrate.upgrade(str(folder), revision="9999")
        assert db.session.scalar(select(func.count()).select_from(StaffGrant)) == 2
        assert {c["name"]: c["nullable"] for c in inspect(db.engine).get_columns("staff")}["timezone"]


def test_an_empty_database_has_the_default_statuses(app: Flask) -> None:
    with app.app_context():
        statuses = db.session.scalars(select(OrderStatus).where(OrderStatus.order_type == OrderType.ORDER)).all()
        assert {
            status.code: (_flags(status), {following.code for following in status.next_statuses}) for status in statuses
        } == DEFAULTS
        assert [status.code for status in statuses if status.is_exportable] == ["CONFIRMED"]


def test_an_empty_database_has_the_default_sets_in_their_order(app: Flask) -> None:
    with app.app_context():
        sets = db.session.scalars(select(StatusSet).order_by(StatusSet.position)).all()
        assert {found.name: [status.code for status in found.statuses] for found in sets} == SETS
        assert [found.name for found in sets] == list(SETS)


def _latest() -> str:
    return ScriptDirectory(MIGRATIONS).get_current_head() or ""


def _flags(status: OrderStatus) -> str:
    held = (status.is_default, status.is_public, status.is_editable, status.is_deletable)
    return "".join(mark if flag else "." for mark, flag in zip("*ped", held, strict=True))
