"""The orders of the demo: who ordered what and when, and how far it has come since."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from types import MappingProxyType
from typing import NamedTuple

from models.order import ArticleText, VatRule
from services.demo.catalogue import Article
from services.demo.parties import Buyer, Buyers
from services.demo.people import People
from services.demo.shipments import shipped
from services.loading import Changed, Loading, NewChange, NewLine, NewOrder
from services.vat_rules import vat_of

DAYS = 548
TAKEN_OVER = timedelta(days=60)
"""Older orders come from the seller's former system: their history begins in the status they have."""

RATES = {
    "EUR": 100_000_000,
    "GBP": 117_000_000,
    "PLN": 23_400_000,
    "SEK": 8_800_000,
    "DKK": 13_400_000,
    "CHF": 105_000_000,
}
SOURCES = (
    "Sales Portal",
    "Sales Portal",
    "Sales Portal",
    "Webshop",
    "Webshop",
    "EDI",
    "EDI",
    "Backoffice",
    "API",
    "Punchout",
)
NUMBERED = {"Webshop": "WEB-", "EDI": "EDI", "API": "A", "Punchout": "PO"}
"""Sources that number their orders themselves."""

HOME = "NL"
"""Where the seller is (ISO 3166)."""
METHODS = ("On account", "On account", "On account", "iDEAL", "Credit card", "PayPal", "Direct debit")
CARRIERS = ("PostNL", "DHL", "DPD", "Own transport")
REMARKS = (
    "Deliver at gate 3 before 11:00.",
    "Call the site manager half an hour ahead.",
    "Lieferung nur werktags, bitte avisieren.",
    "Graag in één zending leveren.",
    "Livrer à l'arrière du bâtiment.",
    "Please print our order number on the packing slip.",
)
INTERNAL_NOTES = (
    "Called the customer: part of it may come later.",
    "Price agreed by phone, do not raise it.",
    "Site is closed on Fridays.\nDriver has the code of the gate.",
    "Ask accounts before the next order on account.",
    "The pump is on loan until the new one is in.",
)
NOTED_AFTER = timedelta(minutes=9)
NOTES = ("Cut to 2 m", "For the site in Eindhoven", "Same batch, please", "Spare part")
FAILURES = (
    "Debtor unknown in the ERP: create it first, then reset the export fields",
    "Article is blocked for sale in the ERP",
    "Connection to the ERP was closed before it answered",
    "VAT code N is not allowed for this debtor",
)
LINES_PER_ORDER = (1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 7, 8, 9, 11, 14)
QUANTITIES = (1, 1, 1, 2, 2, 3, 4, 5, 6, 10, 10, 12, 20, 24, 25, 40, 50, 100)

# Age in days up to which a row counts, and the weight of each status then.
BY_AGE = (
    (7, {"NEW": 50, "VALIDATED": 18, "CONFIRMED": 14, "UNFINISHED": 9, "DRAFT_ORDER": 12, "CANCELLED": 2}),
    (
        21,
        {"CONFIRMED": 30, "PROCESSING": 26, "VALIDATED": 15, "SHIPPED": 12, "NEW": 9, "DRAFT_ORDER": 6, "CANCELLED": 4},
    ),
    (45, {"SHIPPED": 40, "COMPLETE": 35, "PROCESSING": 14, "CONFIRMED": 5, "CANCELLED": 4, "UNFINISHED": 2}),
    (180, {"COMPLETE": 93, "CANCELLED": 4, "SHIPPED": 2, "UNFINISHED": 1}),
    (10**6, {"ARCHIVED": 80, "COMPLETE": 16, "CANCELLED": 4}),
)
FLOW = ("NEW", "CONFIRMED", "PROCESSING", "SHIPPED", "COMPLETE", "ARCHIVED")
PATHS = {
    **{status: FLOW[: place + 1] for place, status in enumerate(FLOW)},
    "VALIDATED": ("NEW", "VALIDATED"),
    "CANCELLED": ("NEW", "CANCELLED"),
    "UNFINISHED": ("UNFINISHED",),
    "DRAFT_ORDER": ("DRAFT_ORDER",),
}
PAYMENTS = {
    "UNFINISHED": ("OPEN", "OPEN", "FAILED", "EXPIRED"),
    "DRAFT_ORDER": ("UNKNOWN",),
    "CANCELLED": ("CANCELLED", "CANCELLED", "REFUNDED"),
    "NEW": ("PENDING", "PENDING", "AUTHORIZED", "PAID", "OPEN"),
    "VALIDATED": ("PENDING", "AUTHORIZED", "PAID"),
    "CONFIRMED": ("PENDING", "AUTHORIZED", "PAID", "PAID"),
}
PAID = ("PAID",) * 18 + ("PENDING", "CHARGEBACK")
HANDED_OVER = frozenset({"PROCESSING", "SHIPPED", "COMPLETE", "ARCHIVED"})


class Shelf(NamedTuple):
    """An article with its rows: the product, the text of its lines, and those with a note."""

    article: Article
    product_id: int
    text_id: int
    noted_ids: tuple[int, ...]


class Shop(NamedTuple):
    """Everything that orders are made of."""

    shelves: Sequence[Shelf]
    by_category: dict[str, list[Shelf]]
    surcharge_id: int
    skus: dict[int, str]
    buyers: Sequence[Buyer]
    weights: Sequence[float]
    status_ids: dict[str, int]
    people: People
    wish_lists: Mapping[int, int] = MappingProxyType({})
    """The lists of companies that have one."""


def open_shop(
    load: Loading, stock: Sequence[tuple[Article, int]], buyers: Buyers, status_ids: dict[str, int], people: People
) -> Shop:
    """Make the texts that lines refer to, and bring together what orders are made of."""
    surcharge = ArticleText(sku="SURCHARGE-LONG", name="Surcharge for long goods")
    texts = {article: _text(article) for article, _id in stock}
    noted = {article: [_text(article, note) for note in NOTES] for article, _id in stock[::6]}
    ids = load.text_ids({surcharge, *texts.values(), *(text for several in noted.values() for text in several)})
    shelves = [
        Shelf(article, product_id, ids[texts[article]], tuple(ids[text] for text in noted.get(article, ())))
        for article, product_id in stock
    ]
    by_category: dict[str, list[Shelf]] = {}
    for shelf in shelves:
        by_category.setdefault(shelf.article.category, []).append(shelf)
    everybody = [*buyers.companies, *buyers.customers, *buyers.guests]
    # A few firms order every day, most now and then; private people and guests seldom.
    weights = [1 / (1 + place % 97) ** 0.6 for place in range(len(buyers.companies))]
    seldom = sum(weights) * 0.07 / max(1, len(everybody) - len(weights))
    weights += [seldom] * (len(everybody) - len(weights))
    skus = {text_id: text.sku for text, text_id in ids.items()}
    return Shop(shelves, by_category, ids[surcharge], skus, everybody, list(accumulate(weights)), status_ids, people)


def orders(shop: Shop, count: int, until: datetime, rng: random.Random) -> Iterator[NewOrder]:
    """Make so many orders, the oldest first, over the eighteen months before `until`."""
    for number, created_at in enumerate(_moments(count, until, rng), start=1):
        (buyer,) = rng.choices(shop.buyers, cum_weights=shop.weights)
        source = rng.choice(SOURCES) if buyer.company_id else "Webshop"
        order = shipped(_order(shop, buyer, created_at, until, rng), shop.skus)
        invoice = f"F{created_at.year}-{number:06}" if order.export_status == "FINISHED" else ""
        yield order._replace(
            changes=_noted(_invoiced(order.changes, invoice), number, until),
            source=source,
            channel=f"Webshop {buyer.country.code}" if source == "Webshop" else "",
            cart_id=f"C{510_000 + number * 3}" if source == "Webshop" else "",
            wish_list_id=shop.wish_lists.get(buyer.company_id or 0) if number % 3 == 0 else None,
            external_order_id=f"{NUMBERED[source]}{100_000 + number}" if source in NUMBERED else "",
            accounting_id=invoice,
            extra3=f"Cost centre {4_000 + number % 37}" if number % 5 == 0 else "",
            extra4=f"Project {2_100 + number % 53}" if number % 11 == 0 else "",
        )


def _moments(count: int, until: datetime, rng: random.Random) -> Iterator[datetime]:
    """Spread the orders over working days and hours; some come at the weekend."""
    first = until - timedelta(days=DAYS)
    days = [day for day in (first + timedelta(days=n) for n in range(DAYS)) if day.weekday() < 5 or rng.random() < 0.2]
    for number in range(count):
        place = number * len(days) / count
        day = days[int(place)]
        seconds = 6.5 * 3600 + (place % 1) * 11.2 * 3600 + rng.random() * 600
        yield day + timedelta(seconds=int(seconds))


def _order(shop: Shop, buyer: Buyer, created_at: datetime, until: datetime, rng: random.Random) -> NewOrder:
    age = until - created_at
    status = _status(age, rng)
    changes = _changes(shop.people, status, created_at, until, rng)
    is_credit = rng.random() < 0.01 and status in {"COMPLETE", "ARCHIVED"}
    currency = buyer.country.currency
    is_company = buyer.company_id is not None
    vat_rule = vat_of(HOME, buyer.country.code, is_company=is_company, tax_number=buyer.tax_number).rule
    is_taxed = vat_rule == VatRule.DOMESTIC
    method = rng.choice(METHODS) if buyer.company_id else rng.choice(METHODS[3:])
    export_status, exported_at, message = _export(status, changes[-1].at, rng)
    chance = rng.random()
    contact = rng.randrange(len(buyer.emails))
    shipping = 0 if chance < 0.35 or is_credit else rng.choice((695, 1_250, 1_850))
    return NewOrder(
        status_id=shop.status_ids[status],
        lines=_lines(shop, buyer, rng, sign=-1 if is_credit else 1, is_taxed=is_taxed),
        changes=changes,
        currency=currency,
        currency_rate=RATES[currency],
        company_id=buyer.company_id,
        user_id=buyer.user_ids[contact] if buyer.user_ids else None,
        account_manager_id=buyer.account_manager_id,
        buyer_name=buyer.buyer_name,
        debtor_id=buyer.debtor_id,
        tax_number=buyer.tax_number,
        vat_rule=vat_rule,
        email=buyer.emails[contact],
        reference=f"PO-{rng.randrange(10_000, 99_999)}" if chance < 0.6 else "",
        remarks=rng.choice(REMARKS) if chance > 0.92 else "",
        language=buyer.country.language,
        is_credit=is_credit,
        discount_type="P" if 0.4 < chance < 0.45 else "N",
        discount_value=rng.choice((200, 300, 500)) if 0.4 < chance < 0.45 else 0,
        payment_method=method,
        payment_status=rng.choice(PAYMENTS.get(status, PAID)),
        payment_status_at=changes[-1].at,
        payment_costs=295 if method == "PayPal" and not is_credit else 0,
        payment_tax_percentage=2_100 if is_taxed else 0,
        carrier=rng.choice(CARRIERS),
        requested_on=(created_at + timedelta(days=rng.randrange(3, 20))).date() if chance < 0.2 else None,
        is_partial_delivery_allowed=chance < 0.7,
        shipping_costs=shipping,
        shipping_tax_percentage=2_100 if is_taxed else 0,
        delivery_address_id=rng.choice(buyer.delivery_address_ids),
        invoice_address_id=buyer.invoice_address_id,
        export_status=export_status,
        exported_at=exported_at,
        export_message=message,
    )


def _status(age: timedelta, rng: random.Random) -> str:
    weights = next(weights for days, weights in BY_AGE if age < timedelta(days=days))
    return rng.choices(list(weights), list(weights.values()))[0]


def _changes(
    people: People, status: str, created_at: datetime, until: datetime, rng: random.Random
) -> tuple[NewChange, ...]:
    if until - created_at > TAKEN_OVER:
        return (NewChange(created_at, (Changed("status", "", status),), note="Taken over from the former system"),)
    steps = PATHS[status]
    made, at, before = [], created_at, ""
    for place, step in enumerate(steps):
        left = until - at
        at += min(left / (len(steps) - place + 1), timedelta(hours=36)) * rng.uniform(0.2, 1) if place else timedelta(0)
        by = None if not place or rng.random() < 0.3 else rng.choice(people.colleagues)
        made.append(NewChange(at.replace(microsecond=0), (Changed("status", before, step),), by))
        before = step
    return tuple(made)


def _invoiced(changes: Sequence[NewChange], invoice: str) -> tuple[NewChange, ...]:
    """Let the invoice be attached when the goods leave."""
    attached = Changed("invoice", "", invoice)
    return tuple(
        change._replace(fields=(*change.fields, attached))
        if invoice and change.fields[0].old and change.fields[0].new == "SHIPPED"
        else change
        for change in changes
    )


def _noted(changes: tuple[NewChange, ...], number: int, until: datetime) -> tuple[NewChange, ...]:
    """Let whoever changed the order last leave a note, now and then."""
    last = changes[-1]
    if number % 4 or last.staff_id is None or last.at + NOTED_AFTER >= until:
        return changes
    note = Changed("internal_note", "", INTERNAL_NOTES[number // 4 % len(INTERNAL_NOTES)])
    return (*changes, NewChange(last.at + NOTED_AFTER, (note,), last.staff_id))


def _export(status: str, at: datetime, rng: random.Random) -> tuple[str, datetime | None, str]:
    if status in HANDED_OVER:
        return ("FINISHED", at, "") if rng.random() < 0.96 else ("EXPORTED", at, "")
    chance = rng.random()
    if status != "CONFIRMED" or chance < 0.6:
        return "EMPTY", None, ""
    return ("EXPORTED", at, "") if chance < 0.85 else ("FAILED", at, rng.choice(FAILURES))


def _lines(shop: Shop, buyer: Buyer, rng: random.Random, *, sign: int, is_taxed: bool) -> list[NewLine]:
    count = rng.choice(LINES_PER_ORDER) if rng.random() > 0.003 else rng.randrange(60, 90)
    own = shop.by_category[buyer.focus]
    rate = RATES[buyer.country.currency]
    lines: list[NewLine] = []
    for _line in range(count):
        shelf = rng.choice(own if rng.random() < 0.6 else shop.shelves)
        chance = rng.random()
        list_price = shelf.article.list_price * 100_000_000 // rate
        code, percentage = shelf.article.tax if is_taxed else ("N", 0)
        is_bonus = chance < 0.01
        lines.append(
            NewLine(
                text_id=rng.choice(shelf.noted_ids) if shelf.noted_ids and chance > 0.8 else shelf.text_id,
                quantity=sign * _in_steps(rng.choice(QUANTITIES), shelf.article.step),
                price=0 if is_bonus else list_price * 95 // 100 if chance > 0.95 else list_price,
                product_id=shelf.product_id,
                list_price=list_price,
                discount_percentage=0 if is_bonus else buyer.discount_percentage,
                tax_code=code,
                tax_percentage=percentage,
                is_bonus=is_bonus,
            )
        )
        if 0.01 < chance < 0.02:
            lines.append(
                NewLine(
                    shop.surcharge_id,
                    sign,
                    95_000,
                    tax_code=code,
                    tax_percentage=percentage,
                    line_class="surcharge",
                    parent=len(lines) - 1,
                )
            )
    return lines


def _in_steps(quantity: int, step: int) -> int:
    """Give the next quantity that is sold."""
    return -(-quantity // step) * step


def _text(article: Article, note: str = "") -> ArticleText:
    return ArticleText(
        sku=article.sku,
        name=article.name,
        notes=note,
        unit=article.unit,
        ean=article.ean,
        manufacturer=article.manufacturer,
        manufacturer_code=article.manufacturer_code,
        supplier=article.supplier,
        supplier_code=article.supplier_code,
    )
