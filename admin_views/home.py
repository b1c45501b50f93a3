"""The start page, and what the gate says of the addresses around the views."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import AdminIndexView, expose
from flask_babel import gettext
from werkzeug.exceptions import Forbidden

from admin_views.access import Access, Declared
from admin_views.menu import first_page

root = Blueprint("root", __name__)
DECLARED = {"root.index": Access.SIGNED_IN}


@root.route("/")
def index() -> ResponseReturnValue:
    """Lead from the bare address into the product."""
    return redirect(url_for("admin.index"))


class Home(AdminIndexView):
    """Where a person lands after signing in: the first page that he or she may see."""

    def is_visible(self) -> bool:
        return False

    def declared(self) -> dict[str, Declared]:
        """Give what each endpoint of this view needs."""
        return {"admin.index": Access.SIGNED_IN, "admin.static": Access.CLOSED}

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Go to the first page of the menu."""
        if first := first_page():
            return redirect(first)
        raise Forbidden(
            gettext("You are signed in, but have no access to any page yet. Ask the people who run Orders Backoffice.")
        )
