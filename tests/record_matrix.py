"""Who may do what on the pages of records, written down a second time, and a row for each page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from models.base import db
from models.choices import Carrier, OrderSource, PaymentMethod
from models.incentive import Incentive, IncentiveEffect
from models.job import Job
from models.mail import MailTemplate
from models.party import Address, AddressKind, AddressText, Company, PartyAddress, Person
from models.price import CustomerGroup, Price, PriceList
from models.product import Product
from models.staff import Staff
from models.status import OrderStatus, StatusSet
from models.tax import TaxCode
from models.wish_list import WishList, WishListItem
from models.workflow import Workflow
from tests.factories import NOON, make_person

READS, READS_AND_POST = ("GET", "HEAD"), ("GET", "HEAD", "POST")

ACTIONS: Mapping[str, Mapping[str, str]] = {
    "see statuses": {"order": "viewer"},
    "change statuses": {"order": "editor"},
    "create or delete statuses": {"order": "owner"},
    "see customers": {"user": "viewer"},
    "change customers": {"user": "editor"},
    "create or delete customers": {"user": "owner"},
    "see the catalogue": {"product": "viewer"},
    "change the catalogue": {"product": "editor"},
    "create or delete in the catalogue": {"product": "owner"},
    "see settings": {"configuration": "viewer"},
    "change settings": {"configuration": "editor"},
    "create or delete settings": {"configuration": "owner"},
    "see staff": {"staff": "viewer"},
    "change staff": {"staff": "owner"},
}
"""Every action on records with the role that it needs, at this level or above."""

GROUPS = {
    "statuses": ("see statuses", "change statuses", "create or delete statuses"),
    "customers": ("see customers", "change customers", "create or delete customers"),
    "catalogue": ("see the catalogue", "change the catalogue", "create or delete in the catalogue"),
    "settings": ("see settings", "change settings", "create or delete settings"),
    "staff": ("see staff", "change staff", "change staff"),
}


@dataclass(frozen=True)
class RecordPage:
    """A page of records: its group, what it offers, and what a form without anything in it is answered.

    `scope` says whose rows are seen: everybody's, a company's, or those of nobody who is limited.
    `switches` is what is done with ticked rows. `listed` is the answer to the list, `edited` to a form on an
    old version, `deleted` to the deletion of a row that must stay.
    """

    group: str
    lookup: str = ""
    switch: bool = True
    switches: str = "switch_off"
    ordered: bool = False
    scope: str = "everybody"
    creates: bool = True
    deletes: bool = True
    listed: int = 200
    edited: int = 200
    deleted: int = 200
    marked: bool = True


PAGES: Mapping[str, RecordPage] = {
    "companies": RecordPage("customers", "managers", scope="company"),
    "contacts": RecordPage("customers", "company", scope="company", edited=409),
    "customers": RecordPage("customers", scope="nobody", edited=409),
    "addresses": RecordPage("customers", "company", switch=False, scope="company", deleted=404),
    "customer-groups": RecordPage("customers", switch=False),
    "wish-lists": RecordPage("customers", "company", switch=False, scope="company", deleted=404),
    "products": RecordPage("catalogue"),
    "price-lists": RecordPage("catalogue"),
    "prices": RecordPage("catalogue", "product", switch=False, deleted=404),
    "incentives": RecordPage("catalogue", "product", ordered=True, deleted=404),
    "tax-codes": RecordPage("catalogue"),
    "statuses": RecordPage("statuses", switch=False, ordered=True),
    "status-sets": RecordPage("statuses", switch=False, ordered=True, deleted=404, marked=False),
    "carriers": RecordPage("settings"),
    "payment-methods": RecordPage("settings"),
    "sources": RecordPage("settings"),
    "workflows": RecordPage("settings", deleted=404),
    "firm": RecordPage("settings", switch=False, creates=False, deletes=False, listed=302, edited=409, marked=False),
    "mail-templates": RecordPage("settings", switch=False, creates=False, deletes=False),
    "staff": RecordPage("staff", "companies", switches="switch_on", deletes=False),
}
"""The pages of records by their address."""


def lines(make: Any) -> Iterator[tuple[str, Any]]:
    """Give every endpoint of these pages with what `make` (the class of an address) makes of it."""
    for name, page in PAGES.items():
        see, change, create = GROUPS[page.group]
        base, row = f"/admin/{name}", "{" + name.replace("-", "_") + "}"
        about: dict[str, Any] = {"group": page.group, "scope": page.scope}
        closed = "closed"
        gone = "999999" if page.deleted == 404 else row
        yield f"{name}.index_view", make(f"{base}/", see, answer=page.listed, shows=page.marked, **about)
        yield f"{name}.export", make(f"{base}/export/csv/", see, shows=page.marked, **about)
        yield f"{name}.details_view", make(f"{base}/details/?id={row}", see, shows=page.marked, is_of_row=True, **about)
        look, needs = f"{base}/ajax/lookup/?name={page.lookup}&query=qzx", see if page.lookup else closed
        yield f"{name}.ajax_lookup", make(look, needs, **about)
        yield f"{name}.ajax_update", make(f"{base}/ajax/update/", closed, ("POST",), **about)
        needs = create if page.creates else closed
        nobodys = name in ("companies", "customers")
        yield f"{name}.create_view", make(f"{base}/new/", needs, READS_AND_POST, for_unlimited=nobodys, **about)
        yield (
            f"{name}.edit_view",
            make(f"{base}/edit/?id={row}", change, READS_AND_POST, post=page.edited, is_of_row=True, **about),
        )
        needs = create if page.deletes else closed
        yield (
            f"{name}.delete_view",
            make(f"{base}/delete/?id={gone}", needs, READS_AND_POST, page.deleted, is_of_row=True, **about),
        )
        form = (("action", page.switches), ("rowid", row))
        needs = change if page.switch else closed
        yield f"{name}.action_view", make(f"{base}/action/", needs, ("POST",), 302, writes=True, form=form, **about)
        needs = change if page.ordered else closed
        yield f"{name}.reorder", make(f"{base}/reorder/", needs, ("POST",), 409, form=(("ids", "999999"),), **about)
    yield from _more(make)


def _more(make: Any) -> Iterator[tuple[str, Any]]:
    """What single pages have besides."""
    staff: dict[str, Any] = {"group": "staff"}
    row = "{staff}"
    yield "products.image", make("/admin/products/{product}/image", "see the catalogue", group="catalogue")
    yield "firm.image", make("/admin/firm/1/image", "see settings", answer=404, group="settings")
    yield (
        "mail-templates.preview",
        make("/admin/mail-templates/preview?id={mail_templates}", "see settings", group="settings"),
    )
    end = f"/admin/staff/end-session/?id={row}&session=999999"
    yield "staff.end_session", make(end, "change staff", ("POST",), 302, **staff)
    link = f"/admin/staff/password-link/?id={row}"
    yield "staff.password_link", make(link, "change staff", ("POST",), 200, writes=True, **staff)
    yield "audit-log.index_view", make("/admin/audit-log/", "see staff", **staff)
    yield "audit-log.export", make("/admin/audit-log/export/csv/", "see staff", **staff)
    for name in (
        "create_view",
        "edit_view",
        "delete_view",
        "details_view",
        "ajax_update",
        "ajax_lookup",
        "action_view",
    ):
        path, methods = LIBRARYS[name]
        methods = ("POST",) if name == "delete_view" else methods  # the library's own
        yield f"audit-log.{name}", make(f"/admin/audit-log/{path}", "closed", methods, **staff)
    jobs: dict[str, Any] = {"group": "jobs", "scope": "nobody", "exists_for": "see the jobs of others"}
    yield "jobs.index_view", make("/admin/jobs/", "see orders", shows=True, **jobs)
    for name in ("retry", "cancel"):
        path = f"/admin/jobs/{name}/?id={{job}}"
        yield f"jobs.{name}", make(path, "see orders", ("POST",), 302, is_of_row=True, **jobs)
    for name in set(LIBRARYS) - {"reorder"}:
        path, methods = LIBRARYS[name]
        methods = ("POST",) if name == "delete_view" else methods  # the library's own
        yield f"jobs.{name}", make(f"/admin/jobs/{path}", "closed", methods, **jobs)
    for name in set(LIBRARYS) - {"reorder"}:
        path, methods = LIBRARYS[name]
        methods = ("POST",) if name == "delete_view" else methods
        yield f"files.{name}", make(f"/admin/files/{path}", "closed", methods, group="files")
    own: dict[str, Any] = {"group": "account"}
    yield "account.index_view", make("/admin/account/", "own account", answer=302, **own)
    yield "account.details_view", make("/admin/account/details/?id=999999", "own account", answer=404, **own)
    edit = "/admin/account/edit/?id=999999"
    yield "account.edit_view", make(edit, "own account", READS_AND_POST, answer=404, **own)
    yield "account.password", make("/admin/account/password/", "own account", READS_AND_POST, **own)
    yield "account.theme", make("/admin/account/theme", "own account", ("POST",), 400, form=(("theme", "x"),), **own)
    end = "/admin/account/end-session/?id=999999&session=1"
    yield "account.end_session", make(end, "own account", ("POST",), 404, **own)
    for name in set(LIBRARYS) - {"edit_view", "details_view"}:
        path, methods = LIBRARYS[name]
        yield f"account.{name}", make(f"/admin/account/{path}", "closed", methods, **own)


LIBRARYS = {
    "create_view": ("new/", READS_AND_POST),
    "edit_view": ("edit/?id=1", READS_AND_POST),
    "delete_view": ("delete/?id=1", READS_AND_POST),
    "details_view": ("details/?id=1", READS),
    "ajax_update": ("ajax/update/", ("POST",)),
    "ajax_lookup": ("ajax/lookup/", READS),
    "action_view": ("action/", ("POST",)),
    "reorder": ("reorder/", ("POST",)),
    "export": ("export/csv/", READS),
}


def furnish_records(company: Company, product: Product, mark: str) -> dict[str, int]:
    """Put a row with the mark on every page, each in use where it can be; give their ids."""
    customer = make_person(f"{mark} private", mark)
    # What everybody may choose is marked where only its own page shows it.
    price_list = PriceList(name="A list", description=mark, currency="EUR")
    group = CustomerGroup(name="A group", description=mark, price_list=price_list)
    company.customer_group = customer.customer_group = group
    company.price_list = price_list
    contact = db.session.scalars(db.select(Person).where(Person.company_id == company.id)).one()
    address = Address.of(AddressText(street=f"{mark} street"))
    wish_list = WishList(name=f"{mark} wishes", company=company, items=[WishListItem(product=product)])
    rows: dict[str, Any] = {
        "companies": company,
        "contacts": contact,
        "customers": customer,
        "addresses": PartyAddress(company=company, kind=AddressKind.INVOICE, address=address),
        "customer_groups": group,
        "wish_lists": wish_list,
        "products": product,
        "price_lists": price_list,
        "prices": Price(price_list=price_list, product=product, price=1),
        "incentives": Incentive(name=mark, effects=[IncentiveEffect(kind="SHIPPING_COSTS", amount=0)]),
        "tax_codes": db.session.scalars(db.select(TaxCode).where(TaxCode.code == "H")).one(),
        "statuses": db.session.scalars(db.select(OrderStatus).where(OrderStatus.code == "REJECTED")).one(),
        "status_sets": db.session.scalars(db.select(StatusSet).where(StatusSet.name == "Complete")).one(),
        "carriers": Carrier(name=mark, is_active=False),
        "payment_methods": PaymentMethod(name=mark, code="QZX", is_active=False),
        "mail_templates": db.session.scalars(db.select(MailTemplate).where(MailTemplate.language == "en")).one(),
        "sources": OrderSource(name=mark, is_active=False),
        "workflows": Workflow(
            name=mark, label="Go", url="https://a.example/", secret="of sixteen signs", is_active=False
        ),
        # Whom everybody who keeps the staff may change, also somebody limited.
        "staff": Staff(
            email=f"{mark}@seller.example", name="A colleague", password_hash="!", created_at=NOON, is_limited=True
        ),
    }
    # It has ended, so that nobody changes it: the sentence says that it is too late.
    rows["job"] = Job(kind="FILE", state="DONE", error=mark, created_at=NOON, run_at=NOON, finished_at=NOON)
    rows["mail_templates"].subject = mark
    rows["tax_codes"].name = f"{mark} high"
    rows["statuses"].name = f"{mark} rejected"  # of requests: those of orders are tabs that everybody sees
    wishes_of_customer = WishList(name="other", person=customer)
    db.session.add_all([*rows.values(), wishes_of_customer])
    db.session.flush()
    ids = {name: row.id for name, row in rows.items()}
    db.session.commit()
    return {**ids, "firm": 1}
