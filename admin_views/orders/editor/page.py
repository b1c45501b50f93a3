"""The page of the editor, put together from the form, what it comes to, and what may be chosen."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from flask import request, url_for
from flask_babel import gettext, lazy_gettext, ngettext

from admin_views.access import zone
from admin_views.notation import language, notation, said
from admin_views.orders.edited_words import VAT_RULES
from admin_views.orders.editor.form import ADDRESSES, packed, typed_words
from admin_views.orders.editor.incentives import accepted
from admin_views.orders.editor.shown import (
    cost_shown,
    lines_shown,
    sections,
    totals_shown,
)
from admin_views.orders.page import Badge
from admin_views.records.forms import country_choices
from admin_views.words import LANGUAGES, PAYMENT_STATUSES, SHIPPING_METHODS
from models.base import db
from models.order import DiscountType, Order, VatRule
from models.party import AddressText, Company, Person
from models.product import Product
from services.addresses import address_lines
from services.countries import countries, currency_names
from services.editing.chain import EvaluatedForm
from services.editing.typed import Typed, TypedLine

SAVES = ("save", "draft", "resolve")
CONTACT = ("email", "phone", "debtor_id", "tax_number", "coc_number", "language")
PLACES = {"customer": "open-customer", "lines": "add-words"}
"""What is gone to for a fault that stands by no field."""
DISCOUNTS = ((DiscountType.NONE, lazy_gettext("None")), (DiscountType.PERCENTAGE, "%"), (DiscountType.AMOUNT, ""))


class Unfinished(NamedTuple):
    """A form that was never saved, as it was kept last."""

    form_key: str
    at: datetime
    typed: Typed


@dataclass(frozen=True)
class Messages:
    """What is told beside the form itself.

    `faults` stand by fields, `sentence` above the form; `removed` are the lines that were removed last, with their
    places; `opened` is the form as the person got it first, where it is another than the browser has; `kept` says when
    the form was kept, `saved_as` as which order it was saved already; `unfinished` is None where nobody looked.
    """

    faults: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""
    removed: Sequence[tuple[int, TypedLine]] = ()
    drawer: str = ""
    opened: Typed | None = None
    kept: str = ""
    is_kept: bool = False
    is_changed: bool = False
    saved_as: int | None = None
    unfinished: Sequence[Unfinished] | None = None

    def also(self, **more: Any) -> "Messages":
        """Tell more."""
        return replace(self, **more)


def editor_page(worked: EvaluatedForm, order: Order | None, told: Messages, *, with_costs: bool) -> dict[str, Any]:
    """Give what the template shows."""
    typed, priced = worked.typed, worked.priced
    is_tried = "tried" in request.form or request.form.get("do") in SAVES
    faults = {**{name: said(fault) for name, fault in worked.faults.items()}, **told.faults}
    if not is_tried:
        faults = {name: sentence for name, sentence in faults.items() if name not in _not_yet(typed)}
    action = url_for(".edit_order", order_id=order.id) if order else url_for(".new_order")
    return {
        "typed": typed,
        "told": told,
        "number": order.id if order else None,
        "badge": Badge.of(order.status) if order else None,
        "title": gettext("Edit order %(number)s", number=order.id) if order else gettext("New order"),
        "action": action,
        "draft_url": f"{action}?draft={typed.form_key}" if told.is_kept else "",
        "back_url": url_for(".detail", order_id=order.id) if order else url_for(".index_view"),
        "shipments_url": url_for(".tab", order_id=order.id, tab="shipments") if order else "",
        "faults": faults,
        "first_fault": next(((PLACES.get(name, name), sentence) for name, sentence in faults.items()), None),
        "is_tried": is_tried,
        "add_words": typed_words(request.form) if "add-words" in faults else "",
        "folds": _folds(faults),
        "opened": packed(told.opened) if told.opened else "",
        "saved_url": url_for(".detail", order_id=told.saved_as) if told.saved_as else "",
        "unfinished": [_draft(draft, action) for draft in told.unfinished or ()],
        "sections": sections(faults, is_new=order is None),
        "made": _made(),
        "lines": lines_shown(worked, faults, with_costs=with_costs),
        "has_agreed": any(line.price and line.product_id for line in typed.lines),
        "removed": json.dumps([(place, asdict(line)) for place, line in told.removed]) if told.removed else "",
        "removed_name": called(told.removed[0][1]) if told.removed else "",
        "incentives": accepted(worked),
        "totals": totals_shown(priced),
        "shipping": cost_shown(
            typed.shipping_costs, priced.shipping, priced.shipping_origin, is_typed=typed.is_shipping_typed
        ),
        "payment": cost_shown(
            typed.payment_costs, priced.payment, priced.payment_origin, is_typed=typed.is_payment_typed
        ),
        "vat_rule": "" if priced.vat_rule is VatRule.DOMESTIC else str(VAT_RULES[priced.vat_rule]),
        "currency": priced.wanted.currency,
        "base_currency": worked.offers.base_currency,
        "suggested_rate": _rate(worked.offers.suggested_rate),
        "passed_over": worked.offers.customer.passed_over,
        **_customer(typed),
        **_choices(worked),
    }


def _not_yet(typed: Typed) -> set[str]:
    """Give what nobody has come to yet, which is no fault before the form is saved."""
    is_nobody = typed.company_id is None and typed.user_id is None
    return {name for name, is_empty in (("customer", is_nobody), ("lines", not typed.lines)) if is_empty}


def _folds(faults: Iterable[str]) -> set[str]:
    """Give the folds that must be open, as something in them is to be mended."""
    return {"contact" if name in CONTACT else name.partition("-")[0] for name in faults}


def _draft(draft: Unfinished, action: str) -> dict[str, str]:
    """Say what a form that was never saved is of."""
    typed = draft.typed
    lines = ngettext("%(num)d line", "%(num)d lines", len(typed.lines))
    who = typed.invoice.company or f"{typed.invoice.first_name} {typed.invoice.last_name}".strip()
    return {
        "key": draft.form_key,
        "url": f"{action}?draft={draft.form_key}",
        "when": notation().moment(draft.at, zone()),
        "what": ", ".join(filter(None, (who or typed.reference, lines))),
    }


def _rate(rate: Decimal | None) -> str:
    return "" if rate is None else notation().number(rate.normalize())


def called(line: TypedLine) -> str:
    """Give the name of a line, be it in the form no more."""
    product = db.session.get(Product, line.product_id) if line.product_id and not line.name else None
    return product.name if product else line.name or line.sku


def _made() -> dict[str, str]:
    """Give what the browser has of each row, by key: those need not be drawn again."""
    return dict(pair.partition(":")[::2] for pair in request.form.get("made", "").split())


def _customer(typed: Typed) -> dict[str, Any]:
    company = db.session.get(Company, typed.company_id) if typed.company_id else None
    person = db.session.get(Person, typed.user_id) if typed.user_id else None
    return {
        "company": company.name if company else "",
        "person": str(person) if person else "",
        "addresses": [(kind, getattr(typed, kind), _written(getattr(typed, kind))) for kind in ADDRESSES],
    }


def _written(address: AddressText) -> Sequence[str]:
    return address_lines(address, countries(language()).get(address.country, ""))


def _choices(worked: EvaluatedForm) -> dict[str, Any]:
    typed, offers = worked.typed, worked.offers
    return {
        "languages": [(str(code), str(word)) for code, word in LANGUAGES.items()],
        "countries": country_choices(),
        "currencies": list(currency_names(language()).items()),
        "shipping_methods": [(str(code), str(word)) for code, word in SHIPPING_METHODS.items()],
        "carriers": _named(offers.carriers_for(typed.shipping_method), typed.carrier),
        "payment_methods": _named(offers.payment_methods, typed.payment_method),
        "payment_statuses": [(str(code), str(word)) for code, word in PAYMENT_STATUSES.items()],
        "sources": _named(offers.sources, typed.source),
        "discounts": [(str(code), str(sign) or worked.priced.wanted.currency) for code, sign in DISCOUNTS],
    }


def _named(names: Sequence[str], chosen: str) -> list[tuple[str, str]]:
    """Give the choice among names, with none of them, and with what is chosen though it is not offered."""
    return [(name, name or gettext("Not set")) for name in dict.fromkeys(["", *names, chosen])]
