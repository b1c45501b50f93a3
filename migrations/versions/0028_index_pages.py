"""A rare word is looked up in larger pages of SQLite's index, of which fewer are read the more orders there are.

They were 4,050 bytes; what is written from now on is in pages of 8,100, all of it after `flask reindex`. As few pieces
as two are merged, since a search looks into each.
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

INDEXED = ("order_search", "line_text", "company", "address", "party_address")


def upgrade():
    _configure(pgsz=8100, usermerge=2)


def downgrade():
    _configure(pgsz=4050, usermerge=4)


def _configure(**options):
    if op.get_bind().dialect.name != "sqlite":
        return
    for name in INDEXED:
        index = f"{name}_trigrams"
        for option, value in options.items():
            op.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('{option}', {value})")
