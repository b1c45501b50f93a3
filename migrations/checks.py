"""What several migrations do to checks."""

from alembic import op
from sqlalchemy import text


def exchange(table: str, column: str, old: str, new: str) -> None:
    """Let another condition hold for a column; `old` and `new` are what stands in the check.

    SQLite exchanges its text, as its documentation has it for changes that leave the content as it is
    (lang_altertable.html, section 7): a copy of the table would lose its other checks, which Alembic does not read.
    """
    if op.get_bind().dialect.name == "sqlite":
        version = op.get_bind().scalar(text("PRAGMA schema_version"))
        op.execute("PRAGMA writable_schema = ON")
        replaced = text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :name")
        op.execute(replaced.bindparams(old=old, new=new, name=table))
        op.execute(f"PRAGMA schema_version = {version + 1}")
        op.execute("PRAGMA writable_schema = OFF")
    else:
        name = op.f(f"ck_{table}_{column}")
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, new)
