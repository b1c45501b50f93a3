"""Choosing among the addresses of the customer's book; what is typed in the form is for this order only."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext

from admin_views.notation import language
from admin_views.orders.editor.drawer import Drawer
from admin_views.orders.editor.form import Form
from admin_views.orders.editor.pressed import Pressed
from models.party import Address, AddressKind, AddressText
from services.addresses import address_lines
from services.countries import countries
from services.editing.chain import EditorContext, EvaluatedForm
from services.editing.customers import addresses_of
from services.editing.typed import Typed
from services.errors import Invalid

KINDS = {"delivery": AddressKind.DELIVERY, "invoice": AddressKind.INVOICE}
"""The kinds of addresses by the names of their fields. Each may be any of the book, those of its kind first."""
WORDS = {"delivery": lazy_gettext("Delivery address"), "invoice": lazy_gettext("Invoice address")}


def _offered(typed: Typed, kind: AddressKind) -> Sequence[Address]:
    """Give the different addresses of the customer."""
    kinds = sorted(AddressKind, key=lambda each: each is not kind)
    found = [address for each in kinds for address in addresses_of(typed.company_id, typed.user_id, each)]
    return list({address.id: address for address in found}.values())


def _shown(worked: EvaluatedForm, _form: Form, _asked: EditorContext) -> Mapping[str, Any]:
    typed = worked.typed
    return {
        "kinds": [
            {
                "name": name,
                "label": str(WORDS[name]),
                "offered": [_choice(address, getattr(typed, name)) for address in _offered(typed, kind)],
                "is_own": getattr(typed, name) not in (AddressText(), *(a.written for a in _offered(typed, kind))),
            }
            for name, kind in KINDS.items()
        ]
    }


def _choice(address: Address, current: AddressText) -> dict[str, Any]:
    country = countries(language()).get(address.country, "")
    return {"id": address.id, "lines": address_lines(address, country), "is_current": address.written == current}


def choose(typed: Typed, pressed: Pressed) -> Typed:
    """Take over the addresses that are chosen; where none is, the form's own stays."""
    chosen: dict[str, Any] = {}
    for name, kind in KINDS.items():
        number = pressed.form.get(f"find-{name}", "")
        if not number:
            continue
        offered = {str(address.id): address.written for address in _offered(typed, kind)}
        if number not in offered:
            raise Invalid("addresses", "This address is not in the customer's book any more. Choose again.")
        chosen[name] = offered[number]
    return replace(typed, **chosen)


ADDRESSES = Drawer(lazy_gettext("Addresses"), "admin/orders/editor/address_drawer.html", _shown)
