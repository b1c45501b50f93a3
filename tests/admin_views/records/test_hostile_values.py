"""Whatever stands in a field, a filter or a look-up of records, the answer is a page and never a fault."""

from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient

from admin_views.records.listing import RecordList
from tests.admin_views.records.conftest import Shop
from tests.admin_views.records.test_forms import RIGHT, right
from tests.forms import opened, send

TYPED = ("a\0b", "-" + "9" * 30)
ASKED = ("-999999999999", "'[%_\\ÄÖ")
NOT_TAKEN = {"sku": "S{}", "code": "C{}", "name": "Name {}", "email": "a{}@seller.example", "from_quantity": "{}"}
"""Values that no row has yet: what is taken would be refused before the database is asked."""


def answers(client: FlaskClient, app: Flask, shop: Shop) -> Iterator[tuple[str, int]]:
    """Send every form, with one field blank or all of them wrong, and ask every list; give what each was answered."""
    number = count(1)
    for page in RIGHT:
        path = f"/admin/{page}/new/"
        form: dict[str, Any] = {
            **opened(client, path),
            **{name.replace("__", "-"): value for name, value in right(page, shop).items()},
        }
        names = set(form) - {"csrf_token"}
        for wrong in (*({name: " "} for name in names), *(dict.fromkeys(names, value) for value in TYPED)):
            fresh = {field: new.format(next(number)) for field, new in NOT_TAKEN.items() if field in form}
            sent: dict[str, Any] = {**form, **fresh, **wrong}
            yield f"{path} {wrong}", send(client, path, sent).status_code
    for view in app.extensions["backoffice_views"]:
        if isinstance(view, RecordList):
            asked = [f"?{found.parameter}=" for found in view.get_filters() or ()]
            asked += [f"ajax/lookup/?name={name}&query=" for name in view._form_ajax_refs]
            for query in asked:
                for value in ASKED:
                    address = f"/admin/{view.endpoint}/{query}{quote(value, errors='surrogatepass')}"
                    yield address, client.get(address).status_code


def test_no_value_is_answered_with_a_fault(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    assert [(asked, code) for asked, code in answers(owner, app, shop) if code not in (200, 302, 400)] == []
