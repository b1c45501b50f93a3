"""Mails of orders: the texts they begin with, what was sent, and what became of it.

A migration lets the previous release keep running: add first, remove in a later release.
"""

import sqlalchemy as sa
from alembic import op

from models.folding import fold
from models.types import Key, folded, text

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
CODES = "code IN ('ORDER_CONFIRMATION')"
LANGUAGES = "language IN ('en', 'nl', 'de')"
REFERENCE = "{% if order.reference %}, REFERENCE {{ order.reference }}{% endif %}"
TEMPLATES = {
    "en": (
        "Confirmation of your order {{ order.number }}",
        "Dear {{ order.contact or order.company or 'customer' }},\n\n"
        "Thank you for your order {{ order.number }}" + REFERENCE.replace("REFERENCE", "reference") + ". "
        "Below is what we have noted. Is something not right? Then simply reply to this mail.",
    ),
    "nl": (
        "Bevestiging van uw bestelling {{ order.number }}",
        "Beste {{ order.contact or order.company or 'klant' }},\n\n"
        "Bedankt voor uw bestelling {{ order.number }}" + REFERENCE.replace("REFERENCE", "referentie") + ". "
        "Hieronder staat wat wij hebben genoteerd. Klopt er iets niet? Antwoord dan op deze mail.",
    ),
    "de": (
        "Bestätigung Ihres Auftrags {{ order.number }}",
        "Guten Tag{% if order.contact %} {{ order.contact }}{% endif %},\n\n"
        "vielen Dank für Ihren Auftrag {{ order.number }}" + REFERENCE.replace("REFERENCE", "Referenz") + ". "
        "Unten steht, was wir notiert haben. Stimmt etwas nicht? Dann antworten Sie einfach auf diese E-Mail.",
    ),
}


def upgrade():
    template = op.create_table(
        "mail_template",
        sa.Column("id", Key, nullable=False),
        sa.Column("code", text(32), nullable=False),
        sa.Column("language", text(2), nullable=False),
        sa.Column("subject", text(200), nullable=False),
        sa.Column("body", text(10_000), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("search_text", folded, server_default="", nullable=False),
        sa.CheckConstraint(CODES, name=op.f("ck_mail_template_code")),
        sa.CheckConstraint(LANGUAGES, name=op.f("ck_mail_template_language")),
        *_lengths("mail_template", code=32, language=2, subject=200, body=10_000),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_template")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_mail_template_code_language"), "mail_template", ["code", "language"], unique=True)
    op.bulk_insert(
        template,
        [
            {
                "code": "ORDER_CONFIRMATION",
                "language": language,
                "subject": subject,
                "body": body,
                "search_text": fold(f"{subject}\n{body}"),
            }
            for language, (subject, body) in TEMPLATES.items()
        ],
    )
    op.create_table(
        "order_mail",
        sa.Column("id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("code", text(32), nullable=False),
        sa.Column("language", text(2), nullable=False),
        sa.Column("sender", text(255), nullable=False),
        sa.Column("recipients", text(1000), nullable=False),
        sa.Column("copies", text(1000), nullable=False),
        sa.Column("subject", text(200), nullable=False),
        sa.Column("body", text(10_000), nullable=False),
        sa.Column("attachment", text(255), nullable=False),
        sa.Column("message_id", text(255), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by_id", Key, nullable=True),
        sa.CheckConstraint(CODES, name=op.f("ck_order_mail_code")),
        sa.CheckConstraint(LANGUAGES, name=op.f("ck_order_mail_language")),
        sa.CheckConstraint("recipients <> ''", name=op.f("ck_order_mail_recipients")),
        *_lengths(
            "order_mail",
            **{"code": 32, "language": 2, "sender": 255, "recipients": 1000, "copies": 1000},
            **{"subject": 200, "body": 10_000, "attachment": 255, "message_id": 255},
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_mail_order_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["staff.id"], name=op.f("fk_order_mail_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_mail")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_order_mail_order_id_id"), "order_mail", ["order_id", "id"])
    op.create_index(op.f("ix_order_mail_message_id"), "order_mail", ["message_id"], unique=True)
    op.create_table(
        "mail_delivery",
        sa.Column("mail_id", Key, nullable=False),
        sa.Column("state", text(16), nullable=False),
        sa.Column("reason", text(500), nullable=False),
        sa.Column("accepted", text(2_500), nullable=False),
        sa.Column("refused", text(10_000), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('WAITING', 'SENDING', 'SENT', 'FAILED', 'CANCELLED')", name=op.f("ck_mail_delivery_state")
        ),
        sa.CheckConstraint("unanswered >= 0", name=op.f("ck_mail_delivery_unanswered")),
        *_lengths("mail_delivery", state=16, reason=500, accepted=2_500, refused=10_000),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["order_mail.id"], name=op.f("fk_mail_delivery_mail_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_mail_delivery")),
    )


def downgrade():
    op.execute("DELETE FROM job WHERE kind = 'MAIL'")
    op.execute("DELETE FROM record_history WHERE record_type = 'mail_template'")
    op.drop_table("mail_delivery")
    op.drop_table("order_mail")
    op.drop_table("mail_template")


def _lengths(table, **columns):
    return [
        sa.CheckConstraint(f"length({name}) <= {most}", name=op.f(f"ck_{table}_{name}_length"))
        for name, most in columns.items()
    ]
