"""Work that is done after the page has answered, and when a worker was last there.

A migration lets the previous release keep running: add first, remove in a later release.
"""

import sqlalchemy as sa
from alembic import op
from models.types import Key, text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "job",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", text(16), nullable=False),
        sa.Column("subject_id", Key, nullable=True),
        sa.Column("staff_id", Key, nullable=True),
        sa.Column("state", text(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("is_cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("error", text(500), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('BATCH', 'FILE', 'CLEAN')", name=op.f("ck_job_kind")),
        sa.CheckConstraint(
            "state IN ('WAITING', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED')", name=op.f("ck_job_state")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_job_attempts")),
        sa.CheckConstraint("done >= 0", name=op.f("ck_job_done")),
        sa.CheckConstraint("total >= 0", name=op.f("ck_job_total")),
        sa.CheckConstraint("(state = 'RUNNING') = (lease_until IS NOT NULL)", name=op.f("ck_job_lease")),
        sa.CheckConstraint(
            "(state IN ('WAITING', 'RUNNING')) = (finished_at IS NULL)", name=op.f("ck_job_finished")
        ),
        sa.CheckConstraint("length(kind) <= 16", name=op.f("ck_job_kind_length")),
        sa.CheckConstraint("length(state) <= 16", name=op.f("ck_job_state_length")),
        sa.CheckConstraint("length(error) <= 500", name=op.f("ck_job_error_length")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_job_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_job_state_run_at_id"), "job", ["state", "run_at", "id"])
    op.create_index(op.f("ix_job_staff_id_id"), "job", ["staff_id", "id"])
    op.create_index(op.f("ix_job_kind_id"), "job", ["kind", "id"])
    op.create_index(op.f("ix_job_finished_at"), "job", ["finished_at"])
    op.create_table(
        "worker_beat",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_worker_beat_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_beat")),
    )
    op.execute("INSERT INTO worker_beat (id) VALUES (1)")


def downgrade():
    op.drop_table("worker_beat")
    op.drop_table("job")
