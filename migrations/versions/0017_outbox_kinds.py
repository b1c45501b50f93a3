"""Mails and posts to workflows are jobs as well."""

from alembic import op
from sqlalchemy import text

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BEFORE = "kind IN ('BATCH', 'FILE', 'CLEAN')"
AFTER = "kind IN ('BATCH', 'FILE', 'CLEAN', 'MAIL', 'WORKFLOW')"


def upgrade():
    _check(BEFORE, AFTER)


def downgrade():
    op.execute("DELETE FROM job WHERE kind IN ('MAIL', 'WORKFLOW')")
    _check(AFTER, BEFORE)


def _check(old, new):
    """Exchange the check of the kinds.

    SQLite exchanges its text, as its documentation has it for changes that leave the content as it is
    (lang_altertable.html, section 7): a copy of the table would lose its other checks, which Alembic does not read.
    """
    if op.get_bind().dialect.name == "sqlite":
        version = op.get_bind().scalar(text("PRAGMA schema_version"))
        op.execute("PRAGMA writable_schema = ON")
        replaced = text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = 'job'")
        op.execute(replaced.bindparams(old=old, new=new))
        op.execute(f"PRAGMA schema_version = {version + 1}")
        op.execute("PRAGMA writable_schema = OFF")
    else:
        op.drop_constraint(op.f("ck_job_kind"), "job", type_="check")
        op.create_check_constraint(op.f("ck_job_kind"), "job", new)
