"""Documents of orders as PDF. What each says is a module here, how it looks a template in `templates/documents`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from models.export_file import Document
from models.order import Order
from models.shipment import Shipment
from services.documents.confirmation import confirmation
from services.documents.pen import Pen
from services.documents.picking import pick_list
from services.documents.press import printed, printed_together
from services.documents.shipping import packing_slip
from services.firm import seller
from services.notation import LANGUAGES

__all__ = ["Document", "language_of", "written", "written_slip", "written_together"]

CONTENTS: Mapping[Document, Callable[[Order, Pen], Mapping[str, Any]]] = {
    Document.CONFIRMATION: confirmation,
    Document.PACKING_SLIP: packing_slip,
    Document.PICK_LIST: pick_list,
}


def language_of(order: Order) -> str:
    """Give the language in which a document of an order is written unless another is asked for."""
    return order.language if order.language in LANGUAGES else LANGUAGES[0]


def written(order: Order, document: Document, *, language: str, zone: ZoneInfo) -> bytes:
    """Write a document of an order as PDF: the same order gives the same bytes.

    `language` is one of LANGUAGES; days are those of `zone`, the seller's.
    """
    return printed(document, CONTENTS[document](order, Pen(language, zone, seller())))


def written_together(orders: Iterable[Order], document: Document, *, language: str = "", zone: ZoneInfo) -> bytes:
    """Write the documents of orders, at least one, in one PDF, each on pages of its own.

    Each is in `language`, or in that of its order if none is given.
    """
    content = CONTENTS[document]
    pens = {code: Pen(code, zone, seller()) for code in LANGUAGES}
    return printed_together(document, (content(order, pens[language or language_of(order)]) for order in orders))


def written_slip(order: Order, shipment: Shipment, *, language: str, zone: ZoneInfo) -> bytes:
    """Write the packing slip of one shipment of an order."""
    return printed(Document.PACKING_SLIP, packing_slip(order, Pen(language, zone, seller()), shipment))
