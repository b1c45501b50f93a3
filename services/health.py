"""Whether the database is there and fits this version."""

from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from models.base import SAFE_WAL, db, sqlite_driver

MIGRATIONS = Path(__file__).parent.parent / "migrations"


@dataclass(frozen=True)
class Readiness:
    """What was found, part by part, in words that give nothing away."""

    is_ready: bool
    parts: dict[str, str]


def readiness() -> Readiness:
    """Look at the database and its schema."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    wanted = set(ScriptDirectory.from_config(config).get_heads())
    try:
        with db.engine.connect() as connection:
            found = set(MigrationContext.configure(connection).get_current_heads())
    except SQLAlchemyError:
        return Readiness(is_ready=False, parts={"database": "unreachable"})
    parts = {"database": "ok", "migrations": "ok" if found == wanted else "behind"}
    if db.engine.dialect.name == "sqlite" and sqlite_driver.sqlite_version_info < SAFE_WAL:
        parts["journal"] = "delete: this SQLite is too old for a safe write-ahead log"
    return Readiness(is_ready=found == wanted, parts=parts)
