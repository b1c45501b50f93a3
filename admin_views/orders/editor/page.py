"""The page of the editor, put together from the form, what it comes to, and what may be chosen."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from admin_views.notation import language
from admin_views.orders.editor.form import ADDRESSES
from admin_views.orders.editor.shown import (
    VAT_RULES,
    cost_shown,
    lines_shown,
    said_fault,
    sections,
    totals_shown,
)
from admin_views.orders.page import Badge
from admin_views.records.forms import country_choices
from admin_views.words import LANGUAGES, PAYMENT_STATUSES, SHIPPING_METHODS
from models.base import db
from models.choices import Carrier, OrderSource, PaymentMethod
from models.order import DiscountType, Order
from models.party import AddressText, Company, Person
from services.countries import countries, currency_names
from services.editing.chain import Worked
from services.editing.typed import Typed, TypedLine
from services.order_saving import choices

DISCOUNTS = ((DiscountType.NONE, "–"), (DiscountType.PERCENTAGE, "%"), (DiscountType.AMOUNT, ""))


def editor_page(
    worked: Worked,
    order: Order | None,
    *,
    with_costs: bool,
    faults: Mapping[str, str] | None = None,
    told: str = "",
    removed: Sequence[tuple[int, TypedLine]] = (),
    kept: str = "",
) -> dict[str, Any]:
    """Give what the template shows. `faults` and `told` come from what was pressed, `kept` is when it was kept."""
    typed, priced = worked.typed, worked.priced
    all_faults = {**{name: said_fault(fault) for name, fault in worked.faults.items()}, **(faults or {})}
    return {
        "typed": typed,
        "number": order.id if order else None,
        "badge": Badge.of(order.status) if order else None,
        "title": gettext("Edit order %(number)s", number=order.id) if order else gettext("New order"),
        "action": url_for(".edit_order", order_id=order.id) if order else url_for(".new_order"),
        "back_url": url_for(".detail", order_id=order.id) if order else url_for(".index_view"),
        "shipments_url": url_for(".tab", order_id=order.id, tab="shipments") if order else "",
        "faults": all_faults,
        "told": told,
        "kept": kept,
        "sections": sections(all_faults, is_new=order is None),
        "made": _made(),
        "lines": lines_shown(worked, all_faults, with_costs=with_costs),
        "with_costs": with_costs,
        "removed": json.dumps([(place, asdict(line)) for place, line in removed]) if removed else "",
        "removed_name": removed[0][1].name if removed else "",
        "totals": totals_shown(priced, typed),
        "shipping": cost_shown(
            typed.shipping_costs,
            priced.shipping.amount if priced else None,
            priced.shipping_origin if priced else None,
            is_typed=typed.is_shipping_typed,
        ),
        "payment": cost_shown(
            typed.payment_costs,
            priced.payment.amount if priced else None,
            priced.payment_origin if priced else None,
            is_typed=typed.is_payment_typed,
        ),
        "vat_rule": str(VAT_RULES[priced.vat_rule]) if priced else "",
        **_customer(typed),
        **_choices(typed),
    }


def _made() -> dict[str, str]:
    """Give what the browser has of each row, by key: those need not be drawn again."""
    return dict(pair.partition(":")[::2] for pair in request.form.get("made", "").split())


def _customer(typed: Typed) -> dict[str, Any]:
    company = db.session.get(Company, typed.company_id) if typed.company_id else None
    person = db.session.get(Person, typed.user_id) if typed.user_id else None
    return {
        "company": company.name if company else "",
        "person": str(person) if person else "",
        "addresses": [(kind, getattr(typed, kind), _address_lines(getattr(typed, kind))) for kind in ADDRESSES],
    }


def _address_lines(address: AddressText) -> list[str]:
    country = countries(language()).get(address.country, address.country_name)
    lines = (
        address.company,
        f"{address.first_name} {address.last_name}",
        f"{address.street} {address.number} {address.number_extension}",
        f"{address.postal_code} {address.city}",
        address.region,
        country,
    )
    return [" ".join(line.split()) for line in lines if line.strip()]


def _choices(typed: Typed) -> dict[str, Any]:
    return {
        "languages": [(str(code), str(word)) for code, word in LANGUAGES.items()],
        "countries": country_choices(),
        "currencies": list(currency_names(language()).items()),
        "shipping_methods": [(str(code), str(word)) for code, word in SHIPPING_METHODS.items()],
        "carriers": _named(choices(Carrier, typed.carrier)),
        "payment_methods": _named(choices(PaymentMethod, typed.payment_method)),
        "payment_statuses": [(str(code), str(word)) for code, word in PAYMENT_STATUSES.items()],
        "sources": _named(choices(OrderSource, typed.source)),
        "discounts": [(code, sign or typed.currency) for code, sign in DISCOUNTS],
    }


def _named(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, name or gettext("Not set")) for name in dict.fromkeys(["", *names])]
