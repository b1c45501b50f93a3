"""The gate before every address: what an endpoint needs, carried by Flask-Principal, closed by default.

Grants become one need per action when the identity is loaded: a Flask-Principal permission with
several needs would let in whoever has any of them.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Flask, abort, current_app, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import LoginManager, UserMixin, current_user
from flask_principal import Identity, Need, Permission, Principal, identity_loaded
from werkzeug.exceptions import Forbidden, HTTPException, MethodNotAllowed, SecurityError

from admin_views.sentences import speak_anew
from admin_views.words import LEVELS, ROLES
from config import Settings
from models.base import db
from permissions import NEEDS, Action, Actor, Level
from services.sign_in import SessionEnded, SignedIn, resume

LONGEST_TARGET = 2_000
"""The longest address that signing in leads back to; a longer one would not fit into a link."""


class Access(Enum):
    """What an endpoint needs when it is not an action."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    CLOSED = "closed"


Declared = Action | Access


class UndeclaredEndpoint(Exception):
    """A program error: an address exists that nobody said who may use."""


class SignedInPerson(UserMixin):
    """Flask-Login's user: the person of an open session, whose id is the session's token."""

    def __init__(self, token: str, signed_in: SignedIn) -> None:
        self.id = token
        self.session_id = signed_in.session_id
        self.actor = signed_in.actor
        self.name = signed_in.actor.name
        self.email = signed_in.email
        self.timezone = signed_in.timezone
        self.language = signed_in.language
        self.theme = signed_in.theme
        self.snapshot = signed_in.snapshot

    @property
    def initials(self) -> str:
        return initials(self.name)


def initials(name: str) -> str:
    """Give the first letters of a person's first and last name."""
    words = name.split()
    return "".join(word[:1] for word in dict.fromkeys((*words[:1], *words[-1:]))).upper()


def actor() -> Actor:
    """Give the actor of this request. Raises AttributeError when nobody is signed in."""
    return current_user.actor


def zone() -> ZoneInfo:
    """Give the time zone of the person of this request."""
    return ZoneInfo(current_user.timezone or current_app.config["TIMEZONE"])


def seller_zone() -> ZoneInfo:
    """Give the seller's time zone, in which clients are told days."""
    return ZoneInfo(current_app.config["TIMEZONE"])


def may(action: str) -> bool:
    """Say whether the person of this request may; templates ask before they draw a control."""
    return permission(Action(action)).can()


def permission(action: Action) -> Permission:
    """Give the permission that an action needs: always a single need."""
    return Permission(Need("action", action))


def refusal(action: Action) -> str:
    """Say what the person may not do, and which grants that needs."""
    needs = [
        gettext("the %(role)s role", role=ROLES[grant.role])
        if grant.level is Level.VIEWER
        else gettext("%(level)s on %(role)s", level=LEVELS[grant.level], role=ROLES[grant.role])
        for grant in NEEDS[action].grants
    ]
    listed = (
        needs[0] if len(needs) == 1 else gettext("%(some)s and %(last)s", some=", ".join(needs[:-1]), last=needs[-1])
    )
    return gettext("You may not %(words)s. That needs %(needs)s.", words=gettext(NEEDS[action].words), needs=listed)


def init_access(app: Flask, settings: Settings, declared: Mapping[str, Declared]) -> None:
    """Set the gate before every address of `app`. Raises UndeclaredEndpoint for one nobody declared."""
    _refuse_undeclared(app, declared)
    idle = timedelta(hours=settings.session_idle_hours)
    login = LoginManager(app)
    login.session_protection = None  # sessions are rows; they end by log-out, not by a changed address
    login.user_loader(lambda token: _load(token, idle))
    Principal(app, use_sessions=False).identity_loader(lambda: _identity(_needed(declared)))
    identity_loaded.connect(_provide, app)
    app.before_request(lambda: _gate(_needed(declared)))


def _refuse_undeclared(app: Flask, declared: Mapping[str, Declared]) -> None:
    undeclared = {rule.endpoint for rule in app.url_map.iter_rules()} - declared.keys()
    if undeclared:
        raise UndeclaredEndpoint(f"Nobody declared who may use: {', '.join(sorted(undeclared))}")


def _load(token: str, idle: timedelta) -> SignedInPerson | None:
    try:
        signed_in = resume(token, idle=idle, now=datetime.now(UTC), is_used=request.headers.get("X-Part") != "news")
        person = SignedInPerson(token, signed_in)
    except SessionEnded:
        return None
    g.language = person.language
    speak_anew()
    return person


def _identity(needed: Declared | None) -> Identity | None:
    """Give who asks; a public address needs nobody, and so answers without the database."""
    if needed is Access.PUBLIC or not current_user.is_authenticated:
        return None
    return Identity(current_user.session_id)


def _provide(_app: Flask, identity: Identity) -> None:
    if current_user.is_authenticated:
        held: Actor = current_user.actor
        identity.provides.update(_needs_met(held))
        db.session.info["actor"] = held


@lru_cache(256)
def _needs_met(held: Actor) -> frozenset[Need]:
    """Give what a person's grants fulfil: the same for every request until they change."""
    return frozenset(Need("action", action) for action in Action if held.may(action))


def _needed(declared: Mapping[str, Declared]) -> Declared | None:
    """Give what the address needs, whatever the method; None when there is no such address."""
    endpoint = request.endpoint or _endpoint_of_another_method()
    return declared.get(endpoint, Access.CLOSED) if endpoint else None


def _endpoint_of_another_method() -> str | None:
    refused = request.routing_exception
    if not isinstance(refused, MethodNotAllowed):
        return None
    for method in refused.valid_methods or ():
        try:
            endpoint, _values = current_app.url_map.bind("").match(request.path, method=method)
        except HTTPException:
            continue
        return str(endpoint)
    return None


def _gate(needed: Declared | None) -> ResponseReturnValue | None:
    if isinstance(request.routing_exception, SecurityError):
        raise request.routing_exception
    if needed is Access.PUBLIC:
        return None
    if not current_user.is_authenticated:
        return _ask_to_sign_in()
    if needed is Access.CLOSED:
        abort(404)
    if isinstance(needed, Action) and not permission(needed).can():
        raise Forbidden(refusal(needed))
    return None


def is_local(target: str) -> bool:
    """Say whether an address leads to a page of ours, and nowhere else."""
    if not re.match("/(?!/)", target) or "\\" in target or not target.isprintable() or len(target) > LONGEST_TARGET:
        return False
    try:
        current_app.url_map.bind("").match(urlsplit(target).path, method="GET")
    except (HTTPException, ValueError):
        return False
    return True


def has_ended_session() -> bool:
    """Say whether this browser was signed in and is no more; the browser of a stranger never was."""
    return "_user_id" in session and not current_user.is_authenticated


def _ask_to_sign_in() -> ResponseReturnValue:
    """Every address looks alike from outside, whether it exists or not."""
    if request.endpoint == "auth.logout" and request.method == "POST" and has_ended_session():
        session.clear()
        flash(gettext("You are signed out."), "success")
        return redirect(url_for("auth.login"))
    if request.method not in ("GET", "HEAD"):
        abort(401)
    target = request.full_path.rstrip("?")
    return redirect(url_for("auth.login", next=target if len(target) <= LONGEST_TARGET else None))
