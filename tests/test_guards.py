"""Each guard is taken away alone, and each time a check must notice."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from flask import Flask, g, request
from flask.testing import FlaskClient
from flask_principal import Need, Permission
from sqlalchemy import event, select, true, update
from sqlalchemy.orm import Session

import admin_views.access
import admin_views.auth
import admin_views.menu
import models.base
import services.order_pages
import services.order_query
import services.sign_in
import services.status_counts
from admin_views.access import Access, Declared
from admin_views.base import BackofficeView
from app import create_app
from config import Settings
from models.base import Base, db
from models.order import Order
from models.party import Company, Person
from models.staff import Staff
from permissions import NEEDS, SYSTEM, Action, Actor
from services.orders import find_order
from tests.matrix import ADDRESSES, CLOSED, NUMBER, PRINCIPALS, Caller, House, check_cells, enter, furnish, snapshot
from tests.people import csrf_token, signed_in

PRESENT = (
    "nobody in particular",
    "stranger",
    "order alone",
    "reader",
    "everything",
    "reader of another company",
)
LONG_AGO = timedelta(days=9)


@pytest.fixture
def engine_name() -> str:
    """One database: the guards are the same on both."""
    return "sqlite"


@dataclass(frozen=True)
class Scene:
    """The house with somebody of each kind in it."""

    house: House
    callers: Sequence[Caller]

    @property
    def app(self) -> Flask:
        return self.house.app

    def client(self, name: str) -> FlaskClient:
        return next(caller.client for caller in self.callers if caller.principal.name == name)


@pytest.fixture
def scene(settings: Settings) -> Iterator[Scene]:
    """Everybody in PRESENT, before any guard is gone, and an endpoint that came after the gate."""
    app = create_app(settings)
    app.add_url_rule("/later", "later", lambda: "open")
    house = furnish(app)
    yield Scene(house, enter(house, [principal for principal in PRINCIPALS if principal.name in PRESENT]))
    with app.app_context():
        db.engine.dispose()


# ---- what is checked ----


def cells(*endpoints: str) -> Callable[[Scene], None]:
    """The slice of the matrix at these endpoints."""
    return lambda scene: check_cells(scene.house, scene.callers, endpoints)


def refusals_say_what_is_needed(scene: Scene) -> None:
    said = scene.client("order alone").get("/admin/orders/").text
    assert "You may not see orders. That needs the Order role and the Backoffice role." in said


def menu_shows_what_may_be_opened(scene: Scene) -> None:
    assert 'href="/admin/orders/"' in scene.client("reader").get("/admin/nothing").text
    assert 'href="/admin/orders/"' not in scene.client("stranger").get("/admin/nothing").text


def posts_without_a_token_change_nothing(scene: Scene) -> None:
    before = snapshot(scene.app)
    client = scene.client("everything")
    for address in ADDRESSES.values():
        if address.writes and address.needs != CLOSED and "POST" in address.methods:
            form = {name: scene.house.path(value) for name, value in address.form}
            assert client.post(scene.house.path(address.path), data=form).status_code == 400
    assert snapshot(scene.app) == before


def a_copied_cookie_ends_with_its_session(scene: Scene) -> None:
    client = signed_in(scene.app, "reader@seller.example")
    copy = _copied(client)
    client.post("/logout", data={"csrf_token": csrf_token(client, "/admin/orders/")})
    assert copy.get("/admin/orders/").status_code == 302


def a_deactivated_person_is_out(scene: Scene) -> None:
    client = signed_in(scene.app, "reader@seller.example")
    _set_active(scene, is_active=False)
    status = client.get("/admin/orders/").status_code
    _set_active(scene, is_active=True)
    assert status == 302


def a_session_ends_when_idle(scene: Scene) -> None:
    client = signed_in(scene.app, "reader@seller.example")
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=9)):
        assert client.get("/admin/orders/").status_code == 302


def a_session_ends_after_half_a_day(scene: Scene) -> None:
    client, start = signed_in(scene.app, "reader@seller.example"), datetime.now(UTC)
    for hours in (5, 10):
        with time_machine.travel(start + timedelta(hours=hours)):
            assert client.get("/admin/orders/").status_code == 200
    with time_machine.travel(start + timedelta(hours=13)):
        assert client.get("/admin/orders/").status_code == 302


def verbs_read_what_their_actor_may_see(scene: Scene) -> None:
    """The first wall, with the second wide open."""
    actor = _stranger_to(scene.house.company)
    with scene.app.app_context():
        db.session.info["actor"] = SYSTEM
        everything = services.order_query.OrderQuery()
        rows, _count = services.order_pages.page(everything, actor, ["order_number"], skip=0, take=10)
        assert NUMBER not in [row.order_id for row in rows]
        assert services.order_query.exact_count(everything, actor) == 0
        counted = services.status_counts.status_counts(actor, company=None, managed_by=None)
        assert not any(status.orders for status in counted.statuses)
        assert list(services.order_query.stream(everything, actor, ["order_number"])) == []


def an_order_is_found_by_whom_it_exists_for(scene: Scene) -> None:
    """The first wall at a single order, with the second wide open."""
    with scene.app.app_context():
        db.session.info["actor"] = SYSTEM
        assert find_order(NUMBER, _stranger_to(scene.house.company)) is None


def sessions_give_what_their_actor_may_see(scene: Scene) -> None:
    """The second wall, without the first."""
    with scene.app.app_context():
        assert db.session.scalars(select(Order)).all() == []
        db.session.info["actor"] = _stranger_to(scene.house.company)
        assert db.session.scalars(select(Order)).all() == []


def orders_are_not_written_by_the_way(scene: Scene) -> None:
    with scene.app.app_context():
        db.session.info["actor"] = SYSTEM
        models.base.begin_writing(db.session)
        db.session.get_one(Order, NUMBER).remarks = "by the way"
        assert _is_refused(db.session.flush)


def orders_are_not_written_in_bulk(scene: Scene) -> None:
    with scene.app.app_context():
        db.session.info["actor"] = SYSTEM
        models.base.begin_writing(db.session)
        assert _is_refused(partial(db.session.execute, update(Order).values(remarks="by the way")))


def batch_actions_are_refused_unless_declared(scene: Scene) -> None:
    form = {"action": "delete", "rowid": str(scene.house.order)}
    for name, status in (("reader", 403), ("everything", 302)):
        client = scene.client(name)
        form["csrf_token"] = csrf_token(client, "/admin/account/password/")
        assert client.post("/admin/orders/action/", data=form).status_code == status


def an_undeclared_endpoint_stops_the_start(_scene: Scene) -> None:
    other = Flask("other")
    other.add_url_rule("/new", "new", str)
    refused = False
    try:
        admin_views.access.init_access(other, Settings("sqlite://", "key"), {"static": Access.CLOSED})
    except admin_views.access.UndeclaredEndpoint:
        refused = True
    assert refused


def an_endpoint_added_later_is_closed(scene: Scene) -> None:
    assert scene.client("everything").get("/later").status_code == 404


def other_hosts_are_refused(scene: Scene) -> None:
    assert scene.client("reader").get("/admin/orders/", headers={"Host": "evil.example"}).status_code == 400


def signing_in_leads_to_our_own_pages(scene: Scene) -> None:
    answer = scene.client("reader").get("/login?next=https://evil.example/")
    assert answer.headers["Location"] == "/admin/"


def guessing_is_slowed_down(scene: Scene) -> None:
    client = scene.app.test_client()
    form = {"email": "guess@seller.example", "password": "wrong", "csrf_token": csrf_token(client)}
    assert [client.post("/login", data=form).status_code for _try in range(12)][-1] == 429


def scripts_cannot_read_the_cookie(scene: Scene) -> None:
    answer = scene.app.test_client().get("/login")
    assert "HttpOnly" in answer.headers["Set-Cookie"]


# ---- how a guard is taken away ----


def without_gate(patch: pytest.MonkeyPatch, _app: Flask) -> None:
    patch.setattr(admin_views.access, "_gate", lambda _needed: None)


def with_gate_asking(less: Callable[[Declared | None], Declared | None]) -> "Removal":
    """Put `less` in the place of what the gate asks for."""
    gate = admin_views.access._gate
    return lambda patch, _app: patch.setattr(admin_views.access, "_gate", lambda needed: gate(less(needed)))


def with_any_grant_in_the_permission(patch: pytest.MonkeyPatch, _app: Flask) -> None:
    one_need = admin_views.access.permission

    def permission(action: Action) -> Permission:
        if action not in NEEDS:
            return one_need(action)
        g.identity.provides.update(Need("role", grant.role) for grant in admin_views.access.actor().grants)
        return Permission(*(Need("role", grant.role) for grant in NEEDS[action].grants))

    patch.setattr(admin_views.access, "permission", permission)


def with_any_grant_in_the_actor(patch: pytest.MonkeyPatch, _app: Flask) -> None:
    def may(self: Actor, action: Action) -> bool:
        return any(held.role == needed.role for held in self.grants for needed in NEEDS[action].grants)

    patch.setattr(Actor, "may", may)


def with_levels_ignored(patch: pytest.MonkeyPatch, _app: Flask) -> None:
    patch.setattr(Actor, "may", lambda _self, _action: True)


def without_scope_in_queries(patch: pytest.MonkeyPatch, _app: Flask) -> None:
    patch.setattr(services.order_query, "_companies", lambda _query, _actor: [true()])


def without_scope_anywhere(patch: pytest.MonkeyPatch, _app: Flask) -> None:
    patch.setattr(Order, "visible_to", lambda _actor: true())


def without_scope_of(model: type[Base]) -> "Removal":
    return lambda patch, _app: patch.setattr(model, "visible_to", lambda *_scoped: true())


def without_listener(name: str, listener: Callable[..., None]) -> "Removal":
    """Take a wall of the session away; `_restored_walls` puts it back."""
    return lambda _patch, _app: event.remove(Session, name, listener)


@pytest.fixture(autouse=True)
def _restored_walls() -> Iterator[None]:
    yield
    for name, listener in WALLS:
        if not event.contains(Session, name, listener):
            event.listen(Session, name, listener)
    _forget_answers()


def _forget_answers() -> None:
    """Let what a person may do and see, rows and menu, be found anew."""
    models.base._limits.cache_clear()
    admin_views.access._needs_met.cache_clear()
    admin_views.menu._menu.cache_clear()


def without_condition(column: str) -> "Removal":
    """Let sessions be resumed whatever is in `column`."""

    def remove(patch: pytest.MonkeyPatch, _app: Flask) -> None:
        looser: Any = services.sign_in._resumed._generate()
        looser._where_criteria = tuple(part for part in looser._where_criteria if column not in str(part))
        patch.setattr(services.sign_in, "_resumed", looser)

    return remove


def without_idle_time(patch: pytest.MonkeyPatch, _app: Flask) -> None:
    load = admin_views.access._load
    patch.setattr(admin_views.access, "_load", lambda token, _idle: load(token, LONG_AGO))


def without_lifetime(patch: pytest.MonkeyPatch, _app: Flask) -> None:
    patch.setattr(services.sign_in, "LIFETIME", LONG_AGO)


def without(owner: object, name: str, answer: object = None) -> "Removal":
    """Let a function do nothing and give `answer`."""
    return lambda patch, _app: patch.setattr(owner, name, lambda *_args, **_named: answer)


def with_setting(name: str, value: object) -> "Removal":
    """Set a setting of Flask's."""
    return lambda patch, app: patch.setitem(app.config, name, value)


def with_undeclared_open(patch: pytest.MonkeyPatch, _app: Flask) -> None:
    patch.setattr(admin_views.access, "_needed", lambda declared: declared.get(request.endpoint or ""))


def with_next_believed(patch: pytest.MonkeyPatch, _app: Flask) -> None:
    patch.setattr(admin_views.auth, "is_local", lambda _target: True)


Removal = Callable[[pytest.MonkeyPatch, Flask], None]
WALLS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("do_orm_execute", models.base._keep_to_scope),
    ("before_flush", models.base._guard_orders),
)

SHOWN = ("orders.detail", "orders.export")

GUARDS: dict[str, tuple[Removal, Callable[[Scene], None]]] = {
    "the gate": (without_gate, cells("orders.detail", "orders.create_view")),
    "closed addresses": (
        with_gate_asking(lambda needed: None if needed is Access.CLOSED else needed),
        cells("orders.create_view", "orders.delete_view", "orders.ajax_update"),
    ),
    "signed-in addresses": (
        with_gate_asking(lambda needed: Access.PUBLIC if needed is Access.SIGNED_IN else needed),
        cells("admin.index"),
    ),
    "action addresses": (
        with_gate_asking(lambda needed: Access.SIGNED_IN if isinstance(needed, Action) else needed),
        refusals_say_what_is_needed,
    ),
    "one need per permission": (with_any_grant_in_the_permission, cells(*SHOWN)),
    "all grants of an action": (with_any_grant_in_the_actor, cells(*SHOWN)),
    "any grant at all": (with_levels_ignored, cells(*SHOWN)),
    "is_accessible": (without(BackofficeView, "is_accessible", answer=True), menu_shows_what_may_be_opened),
    "is_action_allowed": (
        without(BackofficeView, "is_action_allowed", answer=True),
        batch_actions_are_refused_unless_declared,
    ),
    "scope of queries": (without_scope_in_queries, verbs_read_what_their_actor_may_see),
    "scope of the order page": (without_scope_anywhere, an_order_is_found_by_whom_it_exists_for),
    "scope of the session": (
        without_listener("do_orm_execute", models.base._keep_to_scope),
        sessions_give_what_their_actor_may_see,
    ),
    "scope of an order, in both walls": (without_scope_anywhere, cells(*SHOWN)),
    "scope of companies found": (without_scope_of(Company), cells("orders.ajax_lookup")),
    "scope of persons found": (without_scope_of(Person), cells("orders.ajax_lookup")),
    "unit of work for objects": (
        without_listener("before_flush", models.base._guard_orders),
        orders_are_not_written_by_the_way,
    ),
    "unit of work for statements": (without(models.base, "_refuse_unguarded"), orders_are_not_written_in_bulk),
    "token of a form": (with_setting("WTF_CSRF_ENABLED", value=False), posts_without_a_token_change_nothing),
    "end of a session": (without_condition("ended_at"), a_copied_cookie_ends_with_its_session),
    "deactivated people": (without_condition("is_active"), a_deactivated_person_is_out),
    "idle time": (without_idle_time, a_session_ends_when_idle),
    "lifetime": (without_lifetime, a_session_ends_after_half_a_day),
    "declaration of endpoints": (
        without(admin_views.access, "_refuse_undeclared"),
        an_undeclared_endpoint_stops_the_start,
    ),
    "closed unless declared": (with_undeclared_open, an_endpoint_added_later_is_closed),
    "trusted hosts": (with_setting("TRUSTED_HOSTS", value=None), other_hosts_are_refused),
    "local paths": (with_next_believed, signing_in_leads_to_our_own_pages),
    "brake on guessing": (without(services.sign_in, "_spend_a_try"), guessing_is_slowed_down),
    "cookie for the server only": (
        with_setting("SESSION_COOKIE_HTTPONLY", value=False),
        scripts_cannot_read_the_cookie,
    ),
}


@pytest.mark.parametrize("guard", GUARDS)
def test_a_check_notices_when_a_guard_is_gone(guard: str, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    remove, check = GUARDS[guard]
    check(scene)
    remove(monkeypatch, scene.app)
    _forget_answers()
    with pytest.raises(AssertionError):
        check(scene)


def _stranger_to(company: int) -> Actor:
    return Actor(None, "Somebody", frozenset(), companies=frozenset({company + 999}))


def _set_active(scene: Scene, *, is_active: bool) -> None:
    with scene.app.app_context():
        db.session.execute(update(Staff).where(Staff.email == "reader@seller.example").values(is_active=is_active))
        db.session.commit()


def _copied(client: FlaskClient) -> FlaskClient:
    copy = client.application.test_client()
    cookie = client.get_cookie("session")
    assert cookie is not None
    copy.set_cookie("session", cookie.value)
    return copy


def _is_refused(write: Callable[[], object]) -> bool:
    try:
        write()
    except models.base.WriteOutsideUnitOfWork:
        return True
    finally:
        db.session.rollback()
    return False
