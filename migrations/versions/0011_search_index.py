"""Any part of a searched text is found by an index: FTS5 beside the tables on SQLite, pg_trgm on PostgreSQL.

A migration that rebuilds one of these tables on SQLite makes its triggers anew: they go with the table.
"""

import sqlalchemy as sa
from alembic import op
from models.types import folded

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ORDER = ("order_number", "buyer_name", "debtor_id", "email", "reference", "remarks", "extra3", "extra4")
LINE = ("sku", "name", "notes", "ean", "manufacturer", "manufacturer_code", "supplier", "supplier_code")
INDEXED = {
    ("order_search", "order_id"): (*ORDER, "accounting_id", "external_order_id"),
    ("company", "id"): ("name_folded",),
    ("address", "id"): ("company_folded", "first_name_folded", "last_name_folded"),
    ("line_text", "id"): tuple(f"{name}_folded" for name in LINE),
}


def upgrade():
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    kind = folded.compile(op.get_bind().dialect)
    op.execute(f"ALTER TABLE order_search ADD COLUMN buyer_name {kind} DEFAULT '' NOT NULL")
    op.execute(
        "UPDATE order_search SET buyer_name = buyer_name_folded FROM orders"
        " WHERE orders.id = order_search.order_id AND buyer_name_folded <> ''"
    )
    stored = "VIRTUAL" if is_sqlite else "STORED"
    number = f"{kind} GENERATED ALWAYS AS (CAST(order_id AS TEXT)) {stored} NOT NULL"
    op.execute(f"ALTER TABLE order_search ADD COLUMN order_number {number}")
    if not is_sqlite:
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for (table, key), columns in INDEXED.items():
        if is_sqlite:
            _index_beside(table, key, columns)
        else:
            listed = ", ".join(f"{column} gin_trgm_ops" for column in columns)
            op.execute(f"CREATE INDEX ix_{table}_trigrams ON {table} USING gin ({listed})")


def _index_beside(table, key, columns):
    index, listed = f"{table}_trigrams", ", ".join(columns)
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    forget = f"INSERT INTO {index} ({index}, rowid, {listed}) VALUES ('delete', OLD.{key}, {old});"
    learn = f"INSERT INTO {index} (rowid, {listed}) VALUES (NEW.{key}, {new});"
    op.execute(
        f"CREATE VIRTUAL TABLE {index} USING fts5"
        f" ({listed}, content='{table}', content_rowid='{key}', tokenize='trigram case_sensitive 1')"
    )
    op.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
    op.execute(f"CREATE TRIGGER {index}_inserted AFTER INSERT ON {table} BEGIN {learn} END")
    op.execute(f"CREATE TRIGGER {index}_deleted AFTER DELETE ON {table} BEGIN {forget} END")
    written = listed.replace("order_number, ", "")
    op.execute(f"CREATE TRIGGER {index}_updated AFTER UPDATE OF {written} ON {table} BEGIN {forget} {learn} END")


def downgrade():
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, _key in INDEXED:
        if is_sqlite:
            for event in ("inserted", "deleted", "updated"):
                op.execute(f"DROP TRIGGER {table}_trigrams_{event}")
            op.execute(f"DROP TABLE {table}_trigrams")
        else:
            op.execute(f"DROP INDEX ix_{table}_trigrams")
    for column in ("order_number", "buyer_name"):
        op.execute(f"ALTER TABLE order_search DROP COLUMN {column}")
