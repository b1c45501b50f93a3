"""Which worker took a job, so that it is given free at once when that one has died.

A migration lets the previous release keep running: add first, remove in a later release.
"""

from alembic import op

from models.types import text

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade():
    kind = text(100).compile(op.get_bind().dialect)
    check = "CONSTRAINT ck_job_worker_length CHECK (length(worker) <= 100)"
    op.execute(f"ALTER TABLE job ADD COLUMN worker {kind} DEFAULT '' NOT NULL {check}")


def downgrade():
    op.drop_column("job", "worker")
