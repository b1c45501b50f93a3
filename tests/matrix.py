"""Who may do what, written down a second time, and the house that the tests walk through with it.

Nothing here is read from the product: an action needs what `ACTIONS` says, an address is what
`ADDRESSES` says, and the product must agree.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.base import Base, db
from models.party import AddressText, Company
from models.product import Product, ProductImage
from models.staff import Staff
from permissions import SYSTEM
from tests import record_matrix
from tests.factories import make_company, make_order, make_person, make_staff
from tests.people import csrf_token, signed_in

LEVELS = ("none", "viewer", "editor", "owner")
ROLES = ("order", "backoffice", "user", "product", "configuration", "staff")

ACTIONS: Mapping[str, Mapping[str, str]] = {
    "see orders": {"order": "viewer", "backoffice": "viewer"},
    "edit orders": {"order": "editor", "backoffice": "viewer"},
    "remove notes of others": {"order": "owner", "backoffice": "viewer"},
    "reset export fields": {"order": "owner", "backoffice": "viewer"},
    "share views": {"order": "owner", "backoffice": "viewer"},
    "create orders": {"order": "owner", "backoffice": "viewer", "user": "viewer"},
    "delete orders": {"order": "owner", "backoffice": "viewer", "user": "viewer"},
    "see the jobs of others": {"order": "owner", "backoffice": "viewer", "user": "viewer"},
    "own account": {},
    **record_matrix.ACTIONS,
}
"""Every action with the roles that it needs, all of them, at these levels or above."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
READS = ("GET", "HEAD")
READS_AND_POST = (*READS, "POST")

PUBLIC, SIGNED_IN, CLOSED, SEE = "public", "signed in", "closed", "see orders"

NOBODYS_SELECTION = "/admin/orders/selections/999999"
CONFIRMED = ("key", "no-such")


@dataclass(frozen=True)
class Address:
    """An endpoint: where it is, who may use it, how, and what is answered then.

    `lands_somewhere` says that there must be a page to lead to; `is_of_order` that the answer is 404 for
    whom the order does not exist, `is_of_row` for whom the row of a page of records does not; `shows` that
    it can be recognised in the answer. `answer_ended` is what a request that changes something gets when
    the session has ended, `post` what a form gets where that is not the answer to reading. `group` is the
    part of the product, and `scope` whose rows are seen there. `for_unlimited` is closed to whoever is limited
    to certain companies, and `exists_for` an action without which the row does not exist.
    """

    path: str
    needs: str
    methods: Sequence[str] = READS
    answer: int = 200
    answer_outside: int = 200
    answer_ended: int = 401
    post: int | None = None
    lands_somewhere: bool = False
    is_of_order: bool = False
    shows: bool = False
    is_of_row: bool = False
    writes: bool = False
    form: tuple[tuple[str, str], ...] = ()
    group: str = "orders"
    scope: str = "everybody"
    for_unlimited: bool = False
    exists_for: str = ""


ADDRESSES: Mapping[str, Address] = {
    "root.index": Address("/", SIGNED_IN, answer=302),
    "admin.index": Address("/admin/", SIGNED_IN, answer=302, lands_somewhere=True),
    "admin.static": Address("/admin/static/bootstrap/bootstrap4/css/bootstrap.min.css", CLOSED),
    "orders.index_view": Address("/admin/orders/", SEE, shows=True),
    "orders.detail": Address("/admin/orders/{order}/", SEE, is_of_order=True, shows=True),
    "orders.change_order_status": Address(
        "/admin/orders/{order}/change-status",
        "edit orders",
        READS_AND_POST,
        is_of_order=True,
        form=(("to", "CONFIRMED"), ("version", "0")),
    ),
    "orders.new_order": Address("/admin/orders/new", "create orders", READS_AND_POST, form=(("do", "drop:none"),)),
    "orders.edit_order": Address(
        "/admin/orders/{order}/edit", "edit orders", READS_AND_POST, is_of_order=True, form=(("do", "drop:none"),)
    ),
    "orders.found_customers": Address("/admin/orders/editor/customers?find-words=qzx", "edit orders", shows=True),
    "orders.found_contacts": Address("/admin/orders/editor/contacts?find-company=1", "edit orders"),
    "orders.found_products": Address("/admin/orders/editor/products?find-words=pump", "edit orders"),
    "orders.suggestions": Address("/admin/orders/editor/suggestions?find-words=pump", "edit orders"),
    "orders.save_order": Address(
        "/admin/orders/{order}/save", "edit orders", READS_AND_POST, 302, is_of_order=True, form=(("version", "1"),)
    ),
    "orders.remove_note": Address(
        "/admin/orders/{order}/notes/999999/remove", "edit orders", READS_AND_POST, 404, post=302, is_of_order=True
    ),
    "orders.link_wish_list": Address(
        "/admin/orders/{order}/wished-items/link", "edit orders", ("POST",), 302, is_of_order=True
    ),
    "orders.unlink_wish_list": Address(
        "/admin/orders/{order}/wished-items/unlink", "edit orders", ("POST",), 302, is_of_order=True
    ),
    "orders.history": Address("/admin/orders/{order}/history/", SEE, is_of_order=True),
    "orders.neighbour": Address("/admin/orders/{order}/next", SEE, answer=302, is_of_order=True),
    "orders.news": Address("/admin/orders/{order}/news?seen=1", SEE, answer=204, is_of_order=True),
    "orders.tab": Address("/admin/orders/{order}/financials/", SEE, is_of_order=True, shows=True),
    "orders.attach_invoice": Address(
        "/admin/orders/{order}/invoices/attach", "edit orders", READS_AND_POST, is_of_order=True
    ),
    "orders.detach_invoice": Address(
        "/admin/orders/{order}/invoices/999999/detach", "edit orders", READS_AND_POST, 404, post=302, is_of_order=True
    ),
    "orders.invoice_pdf": Address("/admin/orders/{order}/invoices/999999/pdf", SEE, answer=404, is_of_order=True),
    "orders.new_shipment": Address(
        "/admin/orders/{order}/shipments/new", "edit orders", READS_AND_POST, is_of_order=True
    ),
    "orders.edit_shipment": Address(
        "/admin/orders/{order}/shipments/999999/edit", "edit orders", READS_AND_POST, 404, post=200, is_of_order=True
    ),
    "orders.delete_shipment": Address(
        "/admin/orders/{order}/shipments/999999/delete", "edit orders", READS_AND_POST, 404, post=302, is_of_order=True
    ),
    "orders.documents": Address("/admin/orders/{order}/documents/", SEE, is_of_order=True),
    "orders.document": Address("/admin/orders/{order}/documents/pick-list", SEE, is_of_order=True),
    "orders.shipment_slip": Address(
        "/admin/orders/{order}/shipments/999999/packing-slip", SEE, answer=404, is_of_order=True
    ),
    "orders.print_orders": Address(f"{NOBODYS_SELECTION}/documents/", SEE, answer=409),
    "orders.print_together": Address(f"{NOBODYS_SELECTION}/documents/packing-slip", SEE, READS_AND_POST, 409),
    "orders.show_workflows": Address("/admin/orders/{order}/workflows/", SEE, is_of_order=True),
    "orders.start_workflow": Address(
        "/admin/orders/{order}/workflows/999999/start",
        "edit orders",
        ("POST",),
        409,
        is_of_order=True,
        form=(("key", "one"),),
    ),
    "orders.retry_workflow": Address(
        "/admin/orders/{order}/workflows/runs/999999/retry", "edit orders", ("POST",), 409, is_of_order=True
    ),
    "orders.send_order": Address(
        "/admin/orders/{order}/send", "edit orders", READS_AND_POST, is_of_order=True, form=(("version", "0"),)
    ),
    "orders.preview_mail": Address(
        "/admin/orders/{order}/send/preview", "edit orders", READS_AND_POST, is_of_order=True
    ),
    "orders.mail": Address("/admin/orders/{order}/mails/999999/", SEE, answer=404, is_of_order=True),
    **{
        f"orders.mail_{form}": Address(
            f"/admin/orders/{{order}}/mails/999999/{path}", SEE, answer=404, is_of_order=True
        )
        for form, path in (("html", "html"), ("file", "eml"), ("pdf", "pdf"))
    },
    "orders.mail_of_order": Address("/admin/orders/mails/999999/", SEE, answer=404),
    "orders.image": Address("/admin/orders/products/{product}/image", SEE),
    "orders.export": Address("/admin/orders/export/csv", SEE, shows=True),
    "orders.export_xlsx": Address("/admin/orders/export/xlsx", SEE),
    "orders.export_count": Address("/admin/orders/export/count", SEE),
    "orders.matches": Address("/admin/orders/matches?search={order}&fields=order_number&orders={order}", SEE),
    "orders.export_page": Address("/admin/orders/export/", SEE),
    "orders.start_export": Address("/admin/orders/export/start", SEE, ("POST",), 302, writes=True),
    "orders.ajax_lookup": Address("/admin/orders/ajax/lookup/?name=company&query=qzx", SEE, shows=True),
    "orders.action_view": Address(
        "/admin/orders/action/", SEE, ("POST",), 302, writes=True, form=(("action", "select"),)
    ),
    "orders.selection": Address(f"{NOBODYS_SELECTION}/", SEE, answer=409),
    "orders.held": Address(f"{NOBODYS_SELECTION}/held?ids={{order}}", SEE, answer=409),
    "orders.change_status": Address(
        f"{NOBODYS_SELECTION}/change-status/", "edit orders", READS_AND_POST, 409, form=(("to", "NEW"), CONFIRMED)
    ),
    "orders.reset_export": Address(
        f"{NOBODYS_SELECTION}/reset-export/", "reset export fields", READS_AND_POST, 409, form=(CONFIRMED,)
    ),
    "orders.delete_orders": Address(
        f"{NOBODYS_SELECTION}/delete/", "delete orders", READS_AND_POST, 409, form=(CONFIRMED,)
    ),
    "orders.restore": Address(f"{NOBODYS_SELECTION}/restore/", "delete orders", READS_AND_POST, 409, form=(CONFIRMED,)),
    "orders.remember_search_fields": Address(
        "/admin/orders/search-fields", SEE, ("POST",), 204, writes=True, form=(("fields", "company"),)
    ),
    "orders.save_columns": Address(
        "/admin/orders/columns", SEE, ("POST",), 302, writes=True, form=(("column", "order_number"),)
    ),
    "orders.save_view": Address("/admin/orders/views/save", SEE, READS_AND_POST),
    "orders.update_view": Address("/admin/orders/views/999999/update", SEE, ("POST",), 404),
    "orders.rename_view": Address("/admin/orders/views/999999/rename", SEE, READS_AND_POST, 404),
    "orders.share_view": Address("/admin/orders/views/999999/share", "share views", ("POST",), 404),
    "orders.prefer_view": Address("/admin/orders/views/999999/default", SEE, ("POST",), 404),
    "orders.remove_view": Address("/admin/orders/views/999999/delete", SEE, READS_AND_POST, 404),
    "orders.create_view": Address("/admin/orders/new/", CLOSED, READS_AND_POST),
    "orders.edit_view": Address("/admin/orders/edit/?id={order}", CLOSED, READS_AND_POST),
    "orders.details_view": Address("/admin/orders/details/?id={order}", CLOSED),
    "orders.delete_view": Address("/admin/orders/delete/?id={order}", CLOSED, ("POST",), form=(("id", "{order}"),)),
    "orders.ajax_update": Address(
        "/admin/orders/ajax/update/", CLOSED, ("POST",), form=(("list_form_pk", "{order}"), ("remarks", "changed"))
    ),
    "batches.index_view": Address("/admin/batches/", SEE),
    "batches.result": Address("/admin/batches/999999/", SEE, answer=404),
    "batches.progress": Address("/admin/batches/999999/progress", SEE, answer=404),
    "batches.file": Address("/admin/batches/999999/csv", SEE, answer=404),
    **{
        f"batches.{verb}": Address(f"/admin/batches/999999/{verb}", SEE, methods, 404)
        for verb, methods in (("undo", READS_AND_POST), ("stop", ("POST",)), ("resume", ("POST",)))
    },
    "bin.index_view": Address("/admin/bin/", "delete orders"),
    "bin.action_view": Address(
        "/admin/bin/action/",
        "delete orders",
        ("POST",),
        409,
        form=(("action", "restore"), ("rowid", "{order}")),
    ),
    "bin.restore_all": Address("/admin/bin/restore-all/", "delete orders", ("POST",), 409),
    "bin.ajax_lookup": Address("/admin/bin/ajax/lookup/?name=company&query=qzx", "delete orders", shows=True),
    **{
        f"{view}.{name}": Address(f"/admin/{view}/{path}", CLOSED, ("POST",) if name == "delete_view" else methods)
        for view in ("batches", "bin")
        for name, (path, methods) in record_matrix.LIBRARYS.items()
        if name != "reorder" and (view, name) not in (("bin", "action_view"), ("bin", "ajax_lookup"))
    },
    "health.alive": Address("/healthz", PUBLIC),
    "health.ready": Address("/readyz", PUBLIC),
    "files.index_view": Address("/admin/files/", SEE, group="files"),
    "files.progress": Address("/admin/files/999999/progress", SEE, answer=404, group="files"),
    "files.download": Address("/admin/files/999999/download", SEE, answer=404, group="files"),
    "files.cancel": Address("/admin/files/999999/cancel", SEE, ("POST",), 404, group="files"),
    "files.delete": Address("/admin/files/999999/delete", SEE, ("POST",), 404, group="files"),
    **dict(record_matrix.lines(Address)),
    "auth.password": Address("/password/no-such", PUBLIC, READS_AND_POST, answer=410, answer_outside=410),
    "auth.login": Address("/login", PUBLIC, READS_AND_POST, answer=302),
    "auth.logout": Address("/logout", SIGNED_IN, ("POST",), 302, writes=True, answer_ended=302),
}
"""Every endpoint of the product. Signing out comes last: it is the end of the client that does it."""

VARIANTS: Mapping[str, Sequence[str]] = {
    "orders.index_view": (
        "?search={order}",
        "?company=mine",
        "?search=qzx&tab=NEW",
        "?user_id={person}",
        "?product=999999",
        "?source=plain&payment_method=plain&carrier=plain",
    ),
    "orders.export": ("?search=qzx", "?rows=lines&search=qzx"),
    "orders.selection": ("?page=2", "?page=x"),
    "orders.ajax_lookup": ("?name=user&query=qzx", "?name=product&query=plain"),
}
"""Other questions to the same endpoints."""


class Scope(Enum):
    """Whose orders exist for a person."""

    EVERYBODYS = "everybody's"
    THE_COMPANYS = "the company's"
    ANOTHER_COMPANYS = "another company's"
    NOBODYS = "nobody's"


class Presence(Enum):
    """Whether a person is there, and since when no more."""

    SIGNED_IN = "signed in"
    ANONYMOUS = "never signed in"
    DEACTIVATED = "deactivated after signing in"
    REVOKED = "lost every grant after signing in"


@dataclass(frozen=True)
class Principal:
    """Somebody who asks."""

    name: str
    grants: tuple[str, ...] = ()
    scope: Scope = Scope.EVERYBODYS
    presence: Presence = Presence.SIGNED_IN

    @property
    def is_inside(self) -> bool:
        return self.presence in (Presence.SIGNED_IN, Presence.REVOKED)

    def may(self, action: str) -> bool:
        """Say whether ACTIONS gives this person the action."""
        held = {} if self.presence is Presence.REVOKED else dict(grant.split(":") for grant in self.grants)
        return self.is_inside and all(
            LEVELS.index(held.get(role, "none")) >= LEVELS.index(level) for role, level in ACTIONS[action].items()
        )

    @property
    def sees_the_order(self) -> bool:
        return self.may(SEE) and self.scope in (Scope.EVERYBODYS, Scope.THE_COMPANYS)

    def sees(self, address: Address) -> bool:
        """Say whether what the address is about exists for this person."""
        if address.group == "orders":
            return self.sees_the_order
        whose = {
            "everybody": set(Scope),
            "company": {Scope.EVERYBODYS, Scope.THE_COMPANYS},
            "nobody": {Scope.EVERYBODYS},
        }
        needed = {address.needs, address.exists_for or address.needs}
        return needed <= ACTIONS.keys() and all(map(self.may, needed)) and self.scope in whose[address.scope]


def _owner_of(*roles: str) -> tuple[str, ...]:
    return tuple(f"{role}:owner" for role in roles)


READER = ("order:viewer", "backoffice:viewer")
EDITOR = ("order:editor", "backoffice:viewer")
EVERYTHING = _owner_of(*ROLES)

PRINCIPALS = (
    Principal("nobody in particular", presence=Presence.ANONYMOUS),
    Principal("stranger"),
    *(Principal(f"{role} alone", _owner_of(role)) for role in ROLES),
    Principal("order and user", _owner_of("order", "user")),
    Principal("backoffice and user", _owner_of("backoffice", "user")),
    Principal("product and user", _owner_of("product", "user")),
    Principal("order and staff", _owner_of("order", "staff")),
    Principal("backoffice and configuration", _owner_of("backoffice", "configuration")),
    Principal("reader", READER),
    Principal("editor", EDITOR),
    Principal("order owner", ("order:owner", "backoffice:viewer")),
    Principal("order viewer, backoffice owner", ("order:viewer", "backoffice:owner")),
    Principal("order owner and user", ("order:owner", "backoffice:viewer", "user:viewer")),
    Principal("order owner and user, no backoffice", ("order:owner", "user:viewer")),
    Principal("everything", EVERYTHING),
    Principal("everything but backoffice", _owner_of("order", "user", "product", "configuration", "staff")),
    Principal("everything but order", _owner_of("backoffice", "user", "product", "configuration", "staff")),
    Principal("deactivated", EVERYTHING, presence=Presence.DEACTIVATED),
    Principal("revoked", EVERYTHING, presence=Presence.REVOKED),
    Principal("reader of the company", READER, Scope.THE_COMPANYS),
    Principal("editor of the company", EDITOR, Scope.THE_COMPANYS),
    Principal("reader of another company", READER, Scope.ANOTHER_COMPANYS),
    Principal("everything of another company", EVERYTHING, Scope.ANOTHER_COMPANYS),
    Principal("everything of no company", EVERYTHING, Scope.NOBODYS),
)

KEEPERS = (
    *(Principal(f"{role} {level}", (f"{role}:{level}",)) for role in ROLES[2:] for level in LEVELS[1:]),
    *(Principal(f"order {level}", (f"order:{level}",)) for level in LEVELS[1:]),
    Principal("backoffice owner", ("backoffice:owner",)),
    Principal("everything of the company", EVERYTHING, Scope.THE_COMPANYS),
    *(
        principal
        for principal in PRINCIPALS
        if principal.name
        in ("nobody in particular", "stranger", "everything", "deactivated", "revoked", "everything of another company")
    ),
)
"""Who is let loose on the pages of records: each role at each level, and those to whom they are closed."""

THOROUGH = (
    "nobody in particular",
    "stranger",
    "order alone",
    "reader",
    "everything",
    "deactivated",
    "revoked",
    "reader of another company",
    "everything of another company",
)
"""Who asks by every method: one for each kind of answer."""


def asking(principals: Sequence[Principal], endpoints: Iterable[str], engine_name: str) -> list[Principal]:
    """Give who asks at these endpoints on a database: one of each kind on both, the others on one or the other.

    Of a role that no endpoint needs, only the level asks that holds the lower ones.
    """
    needed = {role for endpoint in endpoints for role in ACTIONS.get(ADDRESSES[endpoint].needs, {})}

    def says_nothing_new(principal: Principal) -> bool:
        role, _, level = principal.grants[0].partition(":") if len(principal.grants) == 1 else ("", "", "")
        return role not in needed and level in LEVELS[1:-1]

    telling = [principal for principal in principals if not says_nothing_new(principal)]
    others = [principal for principal in telling if principal.name not in THOROUGH]
    elsewhere = others[engine_name == "sqlite" :: 2]
    return [principal for principal in telling if principal not in elsewhere]


SEEING = (SEE, "see statuses", "see customers", "see the catalogue", "see settings", "see staff")
"""What opens a page to somebody."""

MARK = "qzxmark"
NUMBER = 7_654_321
MISSING = 7_654_320


@dataclass(frozen=True)
class House:
    """The product with one unmistakable order, one of another company, and one of nobody's."""

    app: Flask
    order: int
    others: tuple[int, int]
    product: int
    person: int
    company: int
    companies: Mapping[Scope, Sequence[int]]
    rows: Mapping[str, int]

    def path(self, template: str) -> str:
        return template.format(order=self.order, product=self.product, person=self.person, **self.rows)


@dataclass(frozen=True)
class Caller:
    """A principal at the keyboard."""

    principal: Principal
    client: FlaskClient
    token: str

    def call(self, method: str, path: str, form: Mapping[str, str] | None = None) -> TestResponse:
        """Send a request the way a page of ours would: with its token."""
        if method in (*READS, "OPTIONS", "TRACE"):
            return self.client.open(path, method=method)
        return self.client.open(path, method=method, data={"csrf_token": self.token, **(form or {})})


def furnish(app: Flask) -> House:
    """Put the orders into an empty product. Every text of the first carries MARK."""
    with app.app_context():
        company, other = make_company(f"{MARK} Ltd", f"{MARK}-1"), make_company("Plain Ltd", "P-1")
        person = make_person(f"{MARK} first", f"{MARK} last", company)
        product = Product(sku=f"{MARK} sku", name=f"{MARK} product")
        db.session.add(product)
        db.session.flush()
        db.session.add(ProductImage(product_id=product.id, media_type="image/png", content=b"\x89PNG"))
        db.session.commit()
        written = AddressText(
            **dict.fromkeys(("company", "first_name", "last_name", "street", "city", "phone", "email"), MARK)
        )
        texts: dict[str, Any] = dict.fromkeys(
            (
                *("reference", "remarks", "email", "extra3", "extra4", "source", "accounting_id", "export_message"),
                *("carrier", "payment_method"),
            ),
            MARK,
        )
        order = make_order(
            id=NUMBER,
            company=company,
            user=person,
            invoice=written,
            delivery=written,
            lines=[
                {"sku": f"{MARK} sku", "name": f"{MARK} name", "notes": MARK, "unit": MARK, "quantity": 3, "price": "9"}
            ],
            **texts,
        )
        others = make_order(id=101, company=other), make_order(id=102, buyer_name="Guest")
        rows = record_matrix.furnish_records(company, product, MARK)
        return House(
            app,
            order,
            others,
            product.id,
            person.id,
            company.id,
            {Scope.THE_COMPANYS: [company.id], Scope.ANOTHER_COMPANYS: [other.id], Scope.NOBODYS: []},
            rows,
        )


def enter(house: House, principals: Iterable[Principal]) -> list[Caller]:
    """Let the principals come in, each with a client of its own."""
    return [_enter(house, principal) for principal in principals]


def _enter(house: House, principal: Principal) -> Caller:
    if principal.presence is Presence.ANONYMOUS:
        client = house.app.test_client()
        return Caller(principal, client, csrf_token(client))
    with house.app.app_context():
        db.session.info["actor"] = SYSTEM
        limits = house.companies.get(principal.scope)
        companies = None if limits is None else [db.session.get_one(Company, id_) for id_ in limits]
        name = re.sub(r"\W+", "-", principal.name)
        staff = make_staff(name, principal.grants, limited_to=companies)
        staff_id, email = staff.id, staff.email
    client = signed_in(house.app, email)
    token = csrf_token(client, "/admin/account/password/")
    with house.app.app_context():
        person = db.session.get_one(Staff, staff_id)
        person.is_active = principal.presence is not Presence.DEACTIVATED
        if principal.presence is Presence.REVOKED:
            person.grants = []
        db.session.commit()
    return Caller(principal, client, token)


def check_cells(house: House, callers: Iterable[Caller], endpoints: Iterable[str] = tuple(ADDRESSES)) -> None:
    """Ask everything as everybody. Raises AssertionError that lists every cell that differs."""
    listed = list(endpoints)
    kept: Mapping[str, object] = snapshot(house.app)
    wrong: list[str] = []
    for caller in callers:
        for endpoint in listed:
            wrong += _cells(house, caller, endpoint)
        if snapshot(house.app) != kept:
            wrong.append(f"{caller.principal.name}: the database was changed by something that may not change it")
        for endpoint in listed:
            wrong += _allowed_writes(house, caller, endpoint)
        kept = snapshot(house.app)
    assert not wrong, "\n".join(wrong)


def _cells(house: House, caller: Caller, endpoint: str) -> Iterator[str]:
    for address in _variants(endpoint):
        path = house.path(address.path)
        for method in _methods(caller.principal, address):
            if _is_allowed_write(caller.principal, address, method):
                continue
            answer = caller.call(method, path, {name: house.path(value) for name, value in address.form})
            cell = f"{caller.principal.name} × {method} {path}"
            wanted = expected(caller.principal, address, method)
            if answer.status_code != wanted:
                yield f"{cell}: {answer.status_code} instead of {wanted}"
            text = f"{answer.headers}{answer.data.decode(errors='replace')}".lower()
            sees = caller.principal.sees(address)
            if not sees and _gives_away(text, path):
                yield f"{cell}: shows what it is about"
            if wanted == 200 and method == "GET" and address.shows and sees and MARK not in text:
                yield f"{cell}: does not show what it is about"


def _methods(principal: Principal, address: Address) -> Sequence[str]:
    """Give by what a principal asks: everybody reads and sends, those in THOROUGH try what else there is."""
    if principal.name not in THOROUGH:
        return "GET", "POST"
    return METHODS if address.group == "orders" else (*READS_AND_POST, "PUT")


def _allowed_writes(house: House, caller: Caller, endpoint: str) -> Iterator[str]:
    for address in _variants(endpoint):
        for method in address.methods:
            if _is_allowed_write(caller.principal, address, method):
                path = house.path(address.path)
                form = {name: house.path(value) for name, value in address.form}
                status = caller.call(method, path, form).status_code
                if status != address.answer:
                    yield f"{caller.principal.name} × {method} {path}: {status} instead of {address.answer}"


def _variants(endpoint: str) -> Iterator[Address]:
    address = ADDRESSES[endpoint]
    yield address
    for query in VARIANTS.get(endpoint, ()):
        yield replace(address, path=address.path.partition("?")[0] + query, shows=query.startswith("?search=qzx"))


def _is_allowed_write(principal: Principal, address: Address, method: str) -> bool:
    return address.writes and method in address.methods and expected(principal, address, method) < 400


def _gives_away(text: str, path: str) -> bool:
    return MARK in text or (str(NUMBER) in text and str(NUMBER) not in path)


def expected(principal: Principal, address: Address, method: str) -> int:  # noqa: C901, PLR0911  one line per answer
    """Give the status that a request must have, from the tables above alone."""
    is_offered = method in (*address.methods, "OPTIONS")
    if address.needs != PUBLIC:
        if not principal.is_inside:
            has_ended = principal.presence is Presence.DEACTIVATED and method in address.methods
            return 302 if method in READS else address.answer_ended if has_ended else 401
        if address.needs == CLOSED:
            return 404
        if address.needs in ACTIONS and not principal.may(address.needs):
            return 403
    if not is_offered:
        return 405
    if method == "OPTIONS":
        return 200
    if address.needs == PUBLIC and not principal.is_inside:
        return address.answer_outside
    if address.lands_somewhere and not any(principal.may(action) for action in SEEING):
        return 403
    if address.for_unlimited and principal.scope is not Scope.EVERYBODYS:
        return 403
    if (address.is_of_order or address.is_of_row) and not principal.sees(address):
        return 404
    return address.post if method == "POST" and address.post is not None else address.answer


def snapshot(app: Flask) -> dict[str, list[str]]:
    """Give the content of every table, but for the moment that a session was last used."""
    found = {}
    with app.app_context(), db.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name != "last_used_at"]
            found[table.name] = sorted(map(repr, connection.execute(db.select(*columns))))
    return found


def masked(answer: TestResponse, *names: object) -> tuple[int, list[tuple[str, str]], str]:
    """Give an answer without what differs anyway: its nonce, its token, and the names in the request."""
    headers = sorted((name, value) for name, value in answer.headers if name not in ("Content-Length", "Date"))
    text = answer.text
    nonce = re.search(r"'nonce-([\w-]+)'", answer.headers["Content-Security-Policy"])
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    for hidden in (nonce and nonce[1], token and token[1], *(quote(str(name)) for name in names), *map(str, names)):
        if hidden:
            text = text.replace(hidden, "…")
            headers = [(name, value.replace(hidden, "…")) for name, value in headers]
    return answer.status_code, headers, text
