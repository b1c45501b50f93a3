"""Any part of an address in a customer's book is found by an index, as searched texts are since 0011.

A migration that rebuilds the table on SQLite makes its triggers anew: they go with the table.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

INDEX = "party_address_trigrams"


def upgrade():
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"CREATE INDEX ix_{INDEX} ON party_address USING gin (search_text gin_trgm_ops)")
        return
    forget = f"INSERT INTO {INDEX} ({INDEX}, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);"
    learn = f"INSERT INTO {INDEX} (rowid, search_text) VALUES (NEW.id, NEW.search_text);"
    op.execute(
        f"CREATE VIRTUAL TABLE {INDEX} USING fts5"
        " (search_text, content='party_address', content_rowid='id', tokenize='trigram case_sensitive 1')"
    )
    op.execute(f"INSERT INTO {INDEX} ({INDEX}) VALUES ('rebuild')")
    op.execute(f"CREATE TRIGGER {INDEX}_inserted AFTER INSERT ON party_address BEGIN {learn} END")
    op.execute(f"CREATE TRIGGER {INDEX}_deleted AFTER DELETE ON party_address BEGIN {forget} END")
    op.execute(f"CREATE TRIGGER {INDEX}_updated AFTER UPDATE OF search_text ON party_address BEGIN {forget} {learn} END")


def downgrade():
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"DROP INDEX ix_{INDEX}")
        return
    for event in ("inserted", "deleted", "updated"):
        op.execute(f"DROP TRIGGER {INDEX}_{event}")
    op.execute(f"DROP TABLE {INDEX}")
