"""The lists of contacts and of private customers stand in the sequence of their names, with an index."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

INDEX = "ix_person_kind_name_folded_id"


def upgrade():
    op.create_index(INDEX, "person", ["kind", "name_folded", "id"])


def downgrade():
    op.drop_index(INDEX, "person")
