"""Where a search found each order: the first field that holds a word, and its text around the word."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import aliased

from models.base import db
from models.folding import fold
from models.order import LineText, Order, OrderLine
from models.party import Address, Company
from models.trigrams import is_held
from permissions import Actor

AROUND = 30
"""Signs that are shown before and after a word of a longer text."""

INVOICE, DELIVERY = aliased(Address), aliased(Address)
OWN: Mapping[str, tuple[Any, ...]] = {
    "order_number": (cast(Order.id, String),),
    "company": (Company.name, Order.buyer_name, INVOICE.company),
    "debtor_id": (Order.debtor_id,),
    "email": (Order.email,),
    "reference": (Order.reference,),
    "remarks": (Order.remarks,),
    "extra3": (Order.extra3,),
    "extra4": (Order.extra4,),
    "accounting_id": (Order.accounting_id,),
    "external_order_id": (Order.external_order_id,),
    "invoice_first_name": (INVOICE.first_name,),
    "invoice_last_name": (INVOICE.last_name,),
    "recipient_company": (DELIVERY.company,),
    "recipient_first_name": (DELIVERY.first_name,),
    "recipient_last_name": (DELIVERY.last_name,),
}
OF_LINES: Mapping[str, Any] = {f"item_{name}": getattr(LineText, name) for name in LineText.SEARCHED}


@dataclass(frozen=True)
class Match:
    """A field of a search that holds one of its words, and the text there, cut if it is long."""

    field: str
    text: str


def matches(
    numbers: Sequence[int], words: Sequence[str], fields: Sequence[str], actor: Actor
) -> dict[int, list[Match]]:
    """Give, of the orders with these numbers that the actor may see, a match for each word that is found."""
    texts = _own_texts(numbers, [name for name in fields if name in OWN], actor)
    found: dict[int, list[Match]] = {number: [] for number in texts}
    for word in map(fold, words):
        missed = [number for number, own in texts.items() if not _add(found[number], own, word)]
        of_lines = _texts_of_lines(missed, [name for name in fields if name in OF_LINES], word)
        for number, own in of_lines:
            _add(found[number], own, word)
    return found


def _add(found: list[Match], texts: Sequence[tuple[str, str]], word: str) -> bool:
    """Add the first text that holds a word, once; say whether there is one."""
    match = next((Match(field, _around(text, word)) for field, text in texts if word in fold(text)), None)
    if match and match not in found:
        found.append(match)
    return match is not None


def _around(text: str, word: str) -> str:
    place = fold(text).index(word)  # about there in the text, too: folding changes few lengths
    first, last = place - AROUND, place + len(word) + AROUND
    before, after = "…" if first > 0 else "", "…" if last < len(text) else ""
    return f"{before}{text[max(0, first) : last].strip()}{after}"


def _own_texts(numbers: Sequence[int], fields: Sequence[str], actor: Actor) -> dict[int, list[tuple[str, str]]]:
    """Give the texts of the orders' own fields, by their numbers."""
    columns = [(name, column) for name in fields for column in OWN[name]]
    rows = db.session.execute(
        select(Order.id, *(column.label(f"text{place}") for place, (_name, column) in enumerate(columns)))
        .outerjoin(Order.company)
        .outerjoin(INVOICE, Order.invoice_address)
        .outerjoin(DELIVERY, Order.delivery_address)
        .where(Order.id.in_(numbers), Order.listed_for(actor))
    )
    names = [name for name, _column in columns]
    return {number: [(name, text or "") for name, text in zip(names, texts, strict=True)] for number, *texts in rows}


def _texts_of_lines(
    numbers: Sequence[int], fields: Sequence[str], word: str
) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Give the texts of the first line of each order that holds a word."""
    if not numbers or not fields:
        return
    folded = tuple(f"{OF_LINES[name].key}_folded" for name in fields)
    first = (
        select(func.min(OrderLine.id))
        .join(LineText, LineText.id == OrderLine.text_id)
        .where(OrderLine.order_id.in_(numbers), is_held(LineText.__table__, folded, word))
        .group_by(OrderLine.order_id)
    )
    rows = db.session.execute(
        select(OrderLine.order_id, *(OF_LINES[name] for name in fields))
        .join(LineText, LineText.id == OrderLine.text_id)
        .where(OrderLine.id.in_(first))
    )
    for number, *texts in rows:
        yield number, list(zip(fields, texts, strict=True))
