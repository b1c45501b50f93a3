"""Every refusal as a page: what happened, why, and what to do next. Never a trace of the inside."""

import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Flask, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError, ServiceUnavailable

from admin_views.access import is_local, may, refusal
from admin_views.menu import first_page
from admin_views.notation import said
from admin_views.values import Unreadable
from models.base import db
from permissions import Action, NotAllowed
from services.errors import Refused
from services.files.room import NoRoom
from services.records import Gone
from services.unit_of_work import OrderGone

TITLES = {
    400: lazy_gettext("This request cannot be understood"),
    401: lazy_gettext("Sign in first"),
    403: lazy_gettext("You may not do this"),
    404: lazy_gettext("There is nothing here"),
    405: lazy_gettext("This cannot be done here"),
    410: lazy_gettext("It was deleted"),
    413: lazy_gettext("This is too large"),
    429: lazy_gettext("Too many tries"),
    503: lazy_gettext("This cannot be done at the moment"),
}
MESSAGES = {
    401: lazy_gettext("Your session has ended. Sign in and try again."),
    404: lazy_gettext("The address is wrong, or what was here is gone."),
    405: lazy_gettext("The address is right, but it takes another kind of request."),
    413: lazy_gettext("This is more than can be sent at once."),
}

Written = Sequence[tuple[str, str]]
"""What was typed into the fields of a form, each with what it is called."""
WRITTEN = {
    "recipients": lazy_gettext("Send to"),
    "copies": lazy_gettext("Copy to"),
    "subject": lazy_gettext("Subject"),
    "body": lazy_gettext("Message"),
    "reference": lazy_gettext("Reference"),
    "accounting_id": lazy_gettext("Accounting id"),
    "note": lazy_gettext("Note"),
}
"""Fields that somebody writes a text into; what was deleted meanwhile has no place for it any more."""


def init_errors(app: Flask) -> None:
    """Answer every error of `app` with a page."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(SecurityError, _wrong_host)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(MethodNotAllowed, _wrong_method)
    app.register_error_handler(NotAllowed, _not_allowed)
    app.register_error_handler(Unreadable, _unreadable)
    app.register_error_handler(Gone, _gone)
    app.register_error_handler(OrderGone, _order_gone)
    app.register_error_handler(Refused, _not_done)
    app.register_error_handler(NoRoom, _no_room)
    app.register_error_handler(ServiceUnavailable, _busy)
    for kind in (OperationalError, InterfaceError, NoConnectionFree):
        app.register_error_handler(kind, _unavailable)
    app.register_error_handler(Exception, _broken)


def _refused(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    told = error.description if error.description != type(error).description else None
    message = told or str(MESSAGES.get(error.code, lazy_gettext("The request was refused.")))
    return _page(error.code, str(TITLES.get(error.code, lazy_gettext("This did not work"))), message)


def _wrong_host(_error: SecurityError) -> ResponseReturnValue:
    """Answer without a page: every link on it would lead to the wrong host."""
    return gettext("There is no page at this address."), 400, {"Content-Type": "text/plain; charset=utf-8"}


def _wrong_method(error: MethodNotAllowed) -> ResponseReturnValue:
    response = current_app.make_response(_refused(error))
    response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return response


def _busy(error: ServiceUnavailable) -> ResponseReturnValue:
    response = current_app.make_response(_refused(error))
    if error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    if request.is_secure and _referring_host() != request.host:
        current_app.logger.warning(
            "%s %s was refused: it came from a page at %r and reached the server as %r. The proxy must pass on the "
            "header Host as the browser sent it, with its port.",
            request.method,
            request.path,
            _referring_host(),
            request.host,
        )
        return _page(
            400,
            gettext("This form came from another address"),
            gettext(
                "Nothing was changed. The server does not know this page by the address that the browser tells. "
                "Whoever manages the server finds the two addresses in its log."
            ),
        )
    return _page(
        400,
        gettext("This page was open for too long"),
        gettext("Nothing was changed. Go back, reload the page and send it again."),
    )


def _not_allowed(error: NotAllowed) -> ResponseReturnValue:
    return _page(403, gettext("You may not do this"), refusal(error.action))


def _unreadable(error: Unreadable) -> ResponseReturnValue:
    return _page(400, str(TITLES[400]), str(error))


def _gone(error: Gone) -> ResponseReturnValue:
    """Lead back to the list of what somebody else has just deleted."""
    flash(said(error), "error")
    return redirect(url_for(f"{request.blueprint}.index_view"))


def _order_gone(error: OrderGone) -> ResponseReturnValue:
    return _page(410, str(TITLES[410]), said(error))


def _not_done(error: Refused) -> ResponseReturnValue:
    return _page(409, gettext("This did not work"), said(error))


def _no_room(error: NoRoom) -> ResponseReturnValue:
    current_app.logger.error("%s %s: %s", request.method, request.path, error)
    return _page(507, str(TITLES[503]), said(error))


def _unavailable(error: Exception) -> ResponseReturnValue:
    reference = _logged(error)
    body, code = _page(
        503,
        gettext("The database cannot be reached"),
        gettext("Nothing was changed. Try again in a moment."),
        reference,
    )
    return body, code, {"Retry-After": "5"}


def _broken(error: Exception) -> ResponseReturnValue:
    return _page(
        500,
        gettext("Something went wrong on our side"),
        gettext("Nothing was changed by this request. Try again; if it happens again, give support the reference."),
        _logged(error),
    )


def _logged(error: Exception) -> str:
    reference = secrets.token_hex(4)
    current_app.logger.error("%s %s (reference %s)", request.method, request.path, reference, exc_info=error)
    db.session.rollback()
    g._login_user = AnonymousUserMixin()  # noqa: SLF001  else the page would ask the database who this is
    return reference


def _page(code: int, title: str, message: str, reference: str = "") -> tuple[str, int]:
    signed_in = code < 500 and current_user.is_authenticated
    is_shut_out = signed_in and not first_page()
    body = render_template(
        "admin/error.html",
        code=code,
        title=title,
        message=message,
        next_url=g.get("way_back") or url_for("admin.index")
        if signed_in or code >= 500
        else url_for("auth.login", next=_came_from()),
        next_label=_way_out(signed_in=signed_in) if signed_in or code >= 500 else gettext("Sign in"),
        is_shut_out=is_shut_out,
        reference=reference,
        was_sent=request.method == "POST",
        written=_written() if code == 410 else [],
    )
    return body, code


def _written() -> Written:
    """Give what was typed into the form that was sent, as its own view says it, or else its usual texts."""
    if "written" in g:
        told: Written = g.written()
    else:
        told = [(str(label), request.form.get(name, "")) for name, label in WRITTEN.items()]
    return [(label, text) for label, text in told if text]


def _came_from() -> str | None:
    """Give the page of ours from which the request came, to which signing in shall lead."""
    came_from = urlsplit(request.referrer or "")
    path = f"{came_from.path}?{came_from.query}".rstrip("?")
    return path if _referring_host() == request.host and is_local(path) else None


def _referring_host() -> str:
    return urlsplit(request.referrer or "").netloc


def _way_out(*, signed_in: bool) -> str:
    if "way_back" in g:
        return gettext("Back to the list")
    return gettext("Back to Orders") if signed_in and may(Action.ORDERS_SEE) else gettext("Back to the start")
