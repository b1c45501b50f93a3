"""Mails and posts to workflows are jobs as well."""

from alembic import op

from migrations.checks import exchange

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BEFORE = "kind IN ('BATCH', 'FILE', 'CLEAN')"
AFTER = "kind IN ('BATCH', 'FILE', 'CLEAN', 'MAIL', 'WORKFLOW')"


def upgrade():
    exchange("job", "kind", BEFORE, AFTER)


def downgrade():
    op.execute("DELETE FROM job WHERE kind IN ('MAIL', 'WORKFLOW')")
    exchange("job", "kind", AFTER, BEFORE)

