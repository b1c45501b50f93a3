"""PDFs of documents are files as well, each of one document, in one language or in that of each order."""

from alembic import op

from migrations.checks import exchange
from models.types import text

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BEFORE = "format IN ('csv', 'xlsx')"
AFTER = "format IN ('csv', 'xlsx', 'pdf')"
COLUMNS = {"document": 16, "language": 2}
RULES = {"document": "CONSTRAINT ck_export_file_document CHECK ((format = 'pdf') = (document <> ''))"}


def upgrade():
    exchange("export_file", "format", BEFORE, AFTER)
    for name, length in COLUMNS.items():
        kind = text(length).compile(op.get_bind().dialect)
        check = f"CONSTRAINT ck_export_file_{name}_length CHECK (length({name}) <= {length}) {RULES.get(name, '')}"
        op.execute(f"ALTER TABLE export_file ADD COLUMN {name} {kind} DEFAULT '' NOT NULL {check}")


def downgrade():
    op.execute("DELETE FROM export_file WHERE format = 'pdf'")
    for name in COLUMNS:
        op.drop_column("export_file", name)
    exchange("export_file", "format", AFTER, BEFORE)

