"""Default statuses, what may follow them, and their sets, so that orders can come in at once.

A migration lets the previous release keep running: add first, remove in a later release.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SETS = {"Processing": 40, "Fulfillment": 50, "Complete": 60}

# code, name, order type, colour, position, set, flags (default, public, editable, deletable, exportable), next
STATUSES = [
    ("DRAFT_ORDER", "Draft order", "ORDER", "outline", 10, None, "  ed ", "NEW CANCELLED"),
    ("UNFINISHED", "Unfinished", "ORDER", "amber", 20, None, "   d ", "NEW CANCELLED"),
    ("NEW", "New", "ORDER", "blue", 30, None, "*pe  ", "VALIDATED CONFIRMED CANCELLED"),
    ("VALIDATED", "Validated", "ORDER", "cyan", 40, "Processing", " pe  ", "CONFIRMED CANCELLED"),
    ("CONFIRMED", "Confirmed", "ORDER", "indigo", 41, "Processing", " p  x", "PROCESSING CANCELLED"),
    ("PROCESSING", "Processing", "ORDER", "purple", 50, "Fulfillment", " p   ", "SHIPPED CANCELLED"),
    ("SHIPPED", "Shipped", "ORDER", "teal", 51, "Fulfillment", " p   ", "COMPLETE"),
    ("COMPLETE", "Complete", "ORDER", "green", 60, "Complete", " p   ", "ARCHIVED"),
    ("ARCHIVED", "Archived", "ORDER", "grey", 61, "Complete", " p   ", ""),
    ("CANCELLED", "Cancelled", "ORDER", "red", 70, None, " p d ", "ARCHIVED"),
    ("REQUEST", "Request", "REQUEST", "blue", 100, None, "*ped ", "QUOTATION_DRAFT REJECTED"),
    ("REJECTED", "Rejected", "REQUEST", "red", 110, None, " p   ", ""),
    ("QUOTATION_DRAFT", "Draft quote", "QUOTATION", "outline", 120, None, "* ed ", "QUOTATION"),
    ("QUOTATION", "Quotation", "QUOTATION", "indigo", 130, None, " p   ", "QUOTE_ACCEPTED QUOTE_REJECTED"),
    ("QUOTE_ACCEPTED", "Quote accepted", "QUOTATION", "green", 140, None, " p   ", "NEW DRAFT_ORDER"),
    ("QUOTE_REJECTED", "Quote rejected", "QUOTATION", "red", 150, None, " p   ", ""),
]
FLAGS = ("is_default", "is_public", "is_editable", "is_deletable", "is_exportable")


def upgrade():
    connection = op.get_bind()
    meta = sa.MetaData()
    meta.reflect(connection, only=("status_set", "order_status", "order_status_next"))
    sets, statuses, following = (meta.tables[name] for name in ("status_set", "order_status", "order_status_next"))
    connection.execute(
        sets.insert(), [{"name": name, "description": "", "position": position} for name, position in SETS.items()]
    )
    set_ids = {row.name: row.id for row in connection.execute(sa.select(sets.c.name, sets.c.id))}
    connection.execute(
        statuses.insert(),
        [
            {
                "code": code,
                "name": name,
                "description": "",
                "kind": "SYSTEM",
                "order_type": order_type,
                "colour": colour,
                "position": position,
                "status_set_id": set_ids.get(set_name),
                **{flag: mark != " " for flag, mark in zip(FLAGS, marks, strict=True)},
            }
            for code, name, order_type, colour, position, set_name, marks, _next in STATUSES
        ],
    )
    ids = {row.code: row.id for row in connection.execute(sa.select(statuses.c.code, statuses.c.id))}
    connection.execute(
        following.insert(),
        [
            {"status_id": ids[code], "next_id": ids[next_code]}
            for code, *_rest, next_codes in STATUSES
            for next_code in next_codes.split()
        ],
    )


def downgrade():
    for table in ("order_status_next", "order_status", "status_set"):
        op.execute(sa.text(f"DELETE FROM {table}"))
