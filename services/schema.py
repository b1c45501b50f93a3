"""Which state of the schema this version needs, and which one a database has, by the names of migrations."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parent.parent / "migrations"
OK, BEHIND, NEWER = "ok", "behind", "made by a newer version"


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def known() -> set[str]:
    """Give every state that this version can bring up to date."""
    return {script.revision for script in _scripts().walk_revisions()}


def wanted() -> str | None:
    """Give the state that this version needs."""
    return _scripts().get_current_head()


def found(connection: Connection) -> str | None:
    """Give the state of a database; None for one without tables."""
    return MigrationContext.configure(connection).get_current_revision()


def fits(connection: Connection) -> str:
    """Say how a database stands to this version: OK, BEHIND or NEWER."""
    state = found(connection)
    if state == wanted():
        return OK
    return BEHIND if state is None or state in known() else NEWER
