"""Each person's columns of the order list.

A migration lets the previous release keep running: add first, remove in a later release.
"""

from alembic import op

from models.types import text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    check = "CONSTRAINT ck_list_settings_columns_length CHECK (length(columns) <= 2000)"
    kind = text(2000).compile(op.get_bind().dialect)
    op.execute(f"ALTER TABLE list_settings ADD COLUMN columns {kind} DEFAULT '' NOT NULL {check}")


def downgrade():
    op.drop_column("list_settings", "columns")
