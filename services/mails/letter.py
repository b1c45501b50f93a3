"""A mail put together: its text as plain text and as HTML, and the message that mail servers pass on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from secrets import token_hex

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from models.firm import Firm
from services.documents.pen import Pen
from services.mails.texts import OrderFacts

TEMPLATES = Path(__file__).parent.parent.parent / "templates" / "mails"
POLICY = policy.SMTP.clone(cte_type="7bit")
"""Nothing but ASCII on the way, so that every server passes it on as it is."""

_environment = Environment(
    loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=select_autoescape(["html"])
)
_inliner = CSSInliner(load_remote_stylesheets=False)


@dataclass(frozen=True)
class Letter:
    """What is read: a subject, and a text in two forms."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Attachment:
    """A PDF that goes along."""

    name: str
    pdf: bytes


@dataclass(frozen=True)
class Envelope:
    """From whom a mail is, and to whom it goes. The addresses have been read by `services.mails.addresses`."""

    sender_name: str
    sender: str
    recipients: Sequence[str]
    copies: Sequence[str] = ()


def letter(subject: str, body: str, facts: OrderFacts, pen: Pen) -> Letter:
    """Put the text of a mail, the tables of an order, and the signature of the firm together."""
    body = body.replace("\r\n", "\n").strip()
    values = {
        "language": pen.language,
        "subject": subject,
        "body": body,
        "paragraphs": [paragraph.split("\n") for paragraph in body.split("\n\n") if paragraph.strip()],
        "quantity": pen.gettext("Quantity"),
        "product": pen.gettext("Product"),
        "amount": pen.gettext("Total excl. VAT"),
        "regards": pen.gettext("Kind regards"),
        "order": facts,
        "firm": pen.firm,
        "signature": _signature(pen.firm),
    }
    html = _inliner.inline(_environment.get_template("order.html").render(values))
    return Letter(subject, _environment.get_template("order.txt").render(values), html)


def _signature(firm: Firm) -> list[str]:
    place = " ".join(f"{firm.postal_code} {firm.city}".split())
    lines = (", ".join(filter(None, (firm.name, firm.street, place))), firm.phone, firm.email)
    return [line for line in lines if line]


def new_message_id(order_id: int, sender: str) -> str:
    """Give a name for a mail of an order that no other has."""
    return f"<order-{order_id}.{token_hex(12)}@{sender.rpartition('@')[2]}>"


def message(
    written: Letter, envelope: Envelope, attachment: Attachment | None, *, message_id: str, now: datetime
) -> bytes:
    """Give the whole message, to be handed over as it is."""
    made = EmailMessage(policy=POLICY)
    made["From"] = made["Reply-To"] = Address(envelope.sender_name, addr_spec=envelope.sender)
    made["To"] = [Address(addr_spec=address) for address in envelope.recipients]
    if envelope.copies:
        made["Cc"] = [Address(addr_spec=address) for address in envelope.copies]
    made["Subject"] = written.subject
    made["Date"] = format_datetime(now)
    made["Message-ID"] = message_id
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(written.text)
    made.add_alternative(written.html, subtype="html")
    if attachment is not None:
        made.add_attachment(attachment.pdf, maintype="application", subtype="pdf", filename=attachment.name)
    return made.as_bytes()


def read(content: bytes) -> tuple[Letter, bytes]:
    """Give what is read of a message again, and the PDF in it, if there is one."""
    held = message_from_bytes(content, _class=EmailMessage, policy=POLICY)
    text, html = (held.get_body((form,)) for form in ("plain", "html"))
    pdf = next((part.get_content() for part in held.iter_attachments()), b"")
    return Letter(held["Subject"], text.get_content() if text else "", html.get_content() if html else ""), pdf
