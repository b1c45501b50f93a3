"""Choosing who the order is for: a company with a contact, or a private customer."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext

from admin_views.orders.editor.drawer import Drawer
from admin_views.orders.editor.form import Form
from admin_views.orders.editor.pressed import Pressed
from admin_views.values import read_id
from permissions import Actor
from services.editing.chain import EditorContext, EvaluatedForm
from services.editing.customers import (
    MOST_FOUND,
    contacts_of,
    find_companies,
    find_customers,
    to_ask,
    with_customer,
)
from services.editing.typed import Typed
from services.errors import Invalid

KINDS = ("companies", "customers")


def found_parties(form: Form, actor: Actor) -> dict[str, Any]:
    """Give the companies and private customers that are found, and the contacts of the company that is chosen."""
    words = form.get("find-words", "")
    companies, customers = find_companies(words, actor), find_customers(words, actor)
    kind = form.get("find-kind", "")
    if kind not in KINDS:
        kind = KINDS[1] if customers and not companies else KINDS[0]
    counts = (
        ngettext("%(num)d company", "%(num)d companies", len(companies)),
        ngettext("%(num)d customer", "%(num)d customers", len(customers)),
    )
    is_cut = MOST_FOUND in (len(companies), len(customers))
    told = gettext("%(found)s; type more to narrow it down.", found=", ".join(counts)) if is_cut else ", ".join(counts)
    return {
        "companies": companies,
        "customers": customers,
        "most": MOST_FOUND,
        "kind": kind,
        "told": told,
        **found_contacts(form, actor),
    }


def found_contacts(form: Form, actor: Actor) -> dict[str, Any]:
    """Give the contacts of the company that is chosen."""
    company_id = read_id(form.get("find-company", ""))
    return {"company_id": company_id, "contacts": contacts_of(company_id, actor) if company_id else ()}


def _shown(worked: EvaluatedForm, form: Form, context: EditorContext) -> Mapping[str, Any]:
    typed = worked.typed
    asks = to_ask(typed)
    return {
        "words": form.get("find-words", ""),
        "asks": asks,
        "keeps_prices": form.get("find-prices") == "keep",
        "keeps_addresses": form.get("find-addresses") == "keep",
        **found_parties(form, context.actor),
    }


def choose(typed: Typed, pressed: Pressed) -> Typed:
    """Take over the company and person of `customer:<company>:<person>`, either of which may be empty."""
    company, _, person = pressed.argument.partition(":")
    company_id, user_id = read_id(company), read_id(person)
    if (company and company_id is None) or (person and user_id is None):
        raise Invalid("customer", "Choose who the order is for.")
    return with_customer(
        typed,
        company_id,
        user_id,
        keep_prices=pressed.form.get("find-prices") == "keep",
        keep_addresses=pressed.form.get("find-addresses") == "keep",
        actor=pressed.context.actor,
    )


CUSTOMER = Drawer(
    lazy_gettext("Who is the order for"), "admin/orders/editor/customer_drawer.html", _shown, "dialog-wide"
)
