"""Views of the order list that are kept under a name, and which of them opens first for each person.

A migration lets the previous release keep running: add first, remove in a later release.
"""

import sqlalchemy as sa
from alembic import op

from models.types import Key, folded, text

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "saved_view",
        sa.Column("id", Key, nullable=False),
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("name", text(60), nullable=False),
        sa.Column("name_folded", folded, nullable=False),
        sa.Column("asked", text(8192), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_saved_view_name")),
        sa.CheckConstraint("length(name) <= 60", name=op.f("ck_saved_view_name_length")),
        sa.CheckConstraint("length(asked) <= 8192", name=op.f("ck_saved_view_asked_length")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_saved_view_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_saved_view_staff_id_name_folded"), "saved_view", ["staff_id", "name_folded"], unique=True)
    op.create_index(
        op.f("uq_saved_view_shared_name"),
        "saved_view",
        ["name_folded"],
        unique=True,
        sqlite_where=sa.text("is_shared"),
        postgresql_where=sa.text("is_shared"),
    )
    op.create_table(
        "default_view",
        sa.Column("staff_id", Key, nullable=False),
        sa.Column("view_id", Key, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_default_view_staff_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["view_id"], ["saved_view.id"], name=op.f("fk_default_view_view_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_default_view")),
    )
    op.create_index(op.f("ix_default_view_view_id"), "default_view", ["view_id"])


def downgrade():
    op.drop_table("default_view")
    op.drop_table("saved_view")
