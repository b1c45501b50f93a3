"""How Alembic reaches the database of the application that runs it."""

import click
import sqlalchemy as sa
from alembic import context
from alembic.util import CommandError
from flask import current_app
from sqlalchemy.exc import OperationalError

from models.base import Base, belongs_to
from models.types import Scaled, UtcDateTime
from services import schema


def render_item(kind, item, autogen_context):
    """Write our column types as what they are in the database, so that a migration stays true."""
    if kind == "type" and isinstance(item, Scaled):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, (sa.BigInteger, sa.Text, sa.String)) and item._variant_mapping:
        autogen_context.imports.add("from models.types import Key, folded, text")
        if isinstance(item, sa.BigInteger):
            return "Key"
        return "folded" if isinstance(item, sa.Text) else f"text({item.length})"
    return False


engine = current_app.extensions["migrate"].db.engine.execution_options(writes=30_000)
try:
    connected = engine.connect()
except OperationalError as error:
    reason = str(error.orig).strip().partition("\n")[0]
    raise click.ClickException(f"The database cannot be reached: {reason}. Look at DATABASE_URL.") from error
with connected as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=lambda item, *_: belongs_to(item, connection.dialect.name),
        render_item=render_item,
        render_as_batch=True,
        transactional_ddl=True,
    )
    # Rebuilding a table drops the old one: with its references watched, SQLite would take the children along.
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = off")
    with context.begin_transaction():
        try:
            context.run_migrations()
        except CommandError as error:
            if schema.fits(connection) != schema.NEWER:
                raise
            raise click.ClickException(
                f"The database was {schema.NEWER} of the product: {schema.found(connection)}."
                " Run that version, or restore a backup that this one made."
            ) from error
        if is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            raise RuntimeError(f"The migration would leave references without a row: {broken[:5]}")
    if is_sqlite:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = on")
