"""PDFs of documents are files as well, each of one document, in one language or in that of each order."""

from alembic import op
from sqlalchemy import text as sql

from models.types import text

revision = "0022"
down_revision = "0017"
branch_labels = None
depends_on = None

BEFORE = "format IN ('csv', 'xlsx')"
AFTER = "format IN ('csv', 'xlsx', 'pdf')"
COLUMNS = {"document": 16, "language": 2}
RULES = {"document": "CONSTRAINT ck_export_file_document CHECK ((format = 'pdf') = (document <> ''))"}


def upgrade():
    _check(BEFORE, AFTER)
    for name, length in COLUMNS.items():
        kind = text(length).compile(op.get_bind().dialect)
        check = f"CONSTRAINT ck_export_file_{name}_length CHECK (length({name}) <= {length}) {RULES.get(name, '')}"
        op.execute(f"ALTER TABLE export_file ADD COLUMN {name} {kind} DEFAULT '' NOT NULL {check}")


def downgrade():
    op.execute("DELETE FROM export_file WHERE format = 'pdf'")
    for name in COLUMNS:
        op.drop_column("export_file", name)
    _check(AFTER, BEFORE)


def _check(old, new):
    """Exchange the check of the formats; see 0017."""
    if op.get_bind().dialect.name == "sqlite":
        version = op.get_bind().scalar(sql("PRAGMA schema_version"))
        op.execute("PRAGMA writable_schema = ON")
        where = "WHERE type = 'table' AND name = 'export_file'"
        op.execute(
            sql(f"UPDATE sqlite_master SET sql = replace(sql, :old, :new) {where}").bindparams(old=old, new=new)
        )
        op.execute(f"PRAGMA schema_version = {version + 1}")
        op.execute("PRAGMA writable_schema = OFF")
    else:
        op.drop_constraint(op.f("ck_export_file_format"), "export_file", type_="check")
        op.create_check_constraint(op.f("ck_export_file_format"), "export_file", new)
