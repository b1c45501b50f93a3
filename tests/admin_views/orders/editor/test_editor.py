"""The order editor through the client: as somebody without scripts uses it."""

import base64
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from models.base import db
from models.batch import BatchAction
from models.choices import Carrier, OrderSource
from models.order import LineText, Order, OrderLine
from models.order_draft import OrderDraft
from models.party import Address, AddressText, Company
from models.product import Product
from permissions import SYSTEM
from services.editing import keeping
from tests.admin_views.orders.test_statements import counted
from tests.batches import did, person
from tests.factories import make_company, make_order, make_person, make_product, make_staff, make_wish_list
from tests.forms import Form, errors, opened
from tests.forms import written as written_in
from tests.people import GRANTS, client_of, signed_in

NEW = "/admin/orders/new"
HOME = AddressText(company="Maas", street="Hurksestraat", number="60", city="Eindhoven", country="NL")
WRONG_NUMBERS = ("0", "-5", "1.5", "1e400", "NaN", "Infinity", "-0", "٣", "9" * 20, "2147483648", "<b>")
Fields = dict[str, Any]


@pytest.fixture
def catalogue(app: Flask) -> dict[str, int]:
    """A company with a contact, two products and a carrier; their ids by name."""
    with app.app_context():
        company = make_company("Maas", "D1")
        contact = make_person("Helma", "Maas", company)
        pipe = make_product("Copper pipe", "CU-15", list_price="2.50", cost_price="1.00", tax_code="N")
        pump = make_product("Pump", "PU-1", list_price="100", tax_code="N", minimum_quantity=2, step_quantity=2)
        db.session.add(Carrier(name="DHL", costs="6.95"))
        db.session.commit()
        return {"company": company.id, "contact": contact.id, "pipe": pipe.id, "pump": pump.id}


@pytest.fixture
def order(app: Flask) -> int:
    with app.app_context():
        return make_order(invoice=HOME, delivery=HOME, reference="PO-1")


def begin(client: FlaskClient, address: str) -> Fields:
    """Open the editor and give what its form would send."""
    return dict(opened(client, address))


def path(order: int) -> str:
    return f"/admin/orders/{order}/edit"


def line(key: str, product: int, quantity: str = "2") -> Fields:
    return {"line": key, f"line-{key}-product": str(product), f"line-{key}-quantity": quantity}


def for_maas(catalogue: dict[str, int], *lines: Fields) -> Fields:
    """Give the fields that say who orders what."""
    typed: Fields = {"company_id": str(catalogue["company"]), "user_id": str(catalogue["contact"])}
    for kind in ("delivery", "invoice"):
        typed |= {f"{kind}-{name}": getattr(HOME, name) for name in ("company", "street", "number", "city", "country")}
    for each in lines:
        typed |= each
    return {**typed, "line": [each["line"] for each in lines]}


def press(client: FlaskClient, form: Fields, do: str, **changes: Any) -> TestResponse:
    """Send the form of a page as a browser does, by one of its buttons."""
    sent = {**form, **{name.replace("__", "-"): value for name, value in changes.items()}, "do": do}
    address = path(form["at"]) if "at" in form else NEW
    return client.post(address, data={name: value for name, value in sent.items() if name != "at"})


def shown(answer: TestResponse) -> Fields:
    assert answer.status_code == 200, answer.status_code
    return Form(answer.text).values


def told(answer: TestResponse) -> str:
    """Give the words of a page."""
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def sums(answer: TestResponse) -> str:
    return told(answer).partition("Items")[2].partition("Save")[0].strip()


def read(app: Flask, ask: Callable[[], Any]) -> Any:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        return ask()


def orders(app: Flask) -> int:
    return int(read(app, lambda: db.session.scalar(select(func.count()).select_from(Order))))


def test_an_order_is_made_without_scripts(app: Flask, owner: FlaskClient, catalogue: dict[str, int]) -> None:
    form = begin(owner, NEW)
    assert "Choose who orders." not in owner.get(NEW).text
    answer = press(owner, form, "save")
    assert "Choose who orders." in told(answer)
    form = shown(answer) | for_maas(catalogue, line("n1", catalogue["pipe"], "10"), line("n2", catalogue["pump"], "3"))
    form |= {"carrier": "DHL", "reference": "PO-77120", "discount_type": "P", "discount_value": "10"}
    answer = press(owner, form, "reckon")
    assert "Maas" in told(answer)
    assert list(errors(answer)) == ["line-n2-quantity"]
    assert 'aria-describedby="line-n2-quantity-error"' in answer.text
    assert 'href="#line-n2-quantity"' in answer.text
    form = shown(answer)
    assert form["line-n1-price"] == ["2.5000"]
    assert form["shipping_costs"] == ["6.95"]
    assert press(owner, form, "save").status_code == 200
    assert orders(app) == 0
    form["line-n2-quantity"] = ["4"]
    answer = press(owner, form, "reckon")
    assert "425.00" in sums(answer)
    form = shown(answer)
    answer = press(owner, form, "save")
    assert answer.status_code == 302, errors(answer)
    page = told(owner.get(answer.location))
    assert "is created." in page
    assert "PO-77120" in page
    assert "389.45" in page
    assert press(owner, form, "save").location == answer.location
    assert orders(app) == 1


def test_an_order_is_edited_and_its_agreed_price_stays(app: Flask, editor: FlaskClient, order: int) -> None:
    form = begin(editor, path(order)) | {"at": order}
    key = form["line"][0]
    assert form[f"line-{key}-price"] == ["10.0000"]
    assert f"line-{key}-hand" not in form
    form = shown(press(editor, form, "reckon", reference="PO-2", remarks="Gate 3")) | {"at": order}
    answer = press(editor, form, "save")
    assert answer.status_code == 302, errors(answer)
    page = told(editor.get(answer.location))
    assert "Reference: PO-1 → PO-2" in page
    assert "Gate 3" in page
    kept = read(app, lambda: db.session.execute(select(OrderLine.price, OrderLine.price_origin)).one())
    assert (str(kept[0]), kept[1]) == ("10.0000", "UNKNOWN")
    assert read(app, lambda: db.session.scalar(select(func.count()).select_from(OrderDraft))) == 0


def test_a_typed_price_stays_until_todays_is_asked_for(owner: FlaskClient, catalogue: dict[str, int]) -> None:
    form = begin(owner, NEW) | for_maas(catalogue, line("n1", catalogue["pipe"], "10"))
    form = shown(press(owner, form, "reckon"))
    answer = press(owner, form, "reckon", line__n1__price="2.40")
    assert "Price by hand" in told(answer)
    assert "list 2.50 · 4 % below list" in told(answer)
    discounted = press(owner, form, "reckon", line__n1__discount="4")
    assert "below list" not in told(discounted)
    form = shown(press(owner, shown(answer), "reckon", line__n1__quantity="20"))
    assert form["line-n1-price"] == ["2.40"]
    answer = press(owner, form, "reckon", line__n1__price="2.40", line__n1__discount="0")
    by_hand = shown(answer) | {"line-n1-state": ["PD"]}
    answer = press(owner, by_hand, "reckon", line__n1__price="")
    assert shown(answer)["line-n1-price"] == ["2.5000"]
    assert "Price by hand" not in told(answer)
    answer = press(owner, form, "today:n1")
    assert "Price by hand" not in told(answer)
    assert "below list" not in told(answer)
    assert shown(answer)["line-n1-price"] == ["2.5000"]
    costs = press(owner, shown(answer), "reckon", shipping_costs="12.00")
    assert "Typed in, stays" in told(costs)
    assert shown(press(owner, shown(costs), "calculate:shipping"))["shipping_costs"] == ["0.00"]


def test_a_price_that_cannot_be_read_counts_as_nothing(owner: FlaskClient, catalogue: dict[str, int]) -> None:
    lines = line("n1", catalogue["pipe"], "10"), line("n2", catalogue["pump"], "2")
    form = shown(press(owner, begin(owner, NEW) | for_maas(catalogue, *lines), "reckon"))
    answer = press(owner, form, "reckon", line__n1__price="2.50 each")
    assert list(errors(answer)) == ["line-n1-price"]
    assert shown(answer)["line-n1-price"] == ["2.50 each"]
    assert "200.00" in sums(answer)
    assert "225.00" not in sums(answer)
    assert "below list" not in told(answer)


def test_lines_move_go_and_come_back(owner: FlaskClient, catalogue: dict[str, int]) -> None:
    form = begin(owner, NEW) | for_maas(catalogue, line("n1", catalogue["pipe"]), line("n2", catalogue["pump"]))
    form = shown(press(owner, form, "up:n2"))
    assert form["line"] == ["n2", "n1"]
    assert shown(press(owner, form, "up:n2"))["line"] == ["n2", "n1"]
    answer = press(owner, form, "remove:n2")
    assert "Pump is removed." in told(answer)
    assert shown(answer)["line"] == ["n1"]
    answer = press(owner, shown(answer), "undo")
    assert shown(answer)["line"] == ["n2", "n1"]
    assert "is removed" not in told(answer)


def test_a_line_comes_back_though_its_key_was_given_to_another(owner: FlaskClient, catalogue: dict[str, int]) -> None:
    form = begin(owner, NEW) | for_maas(catalogue, line("n1", catalogue["pipe"]), line("n2", catalogue["pump"]))
    form = shown(press(owner, form, "remove:n2", line__n2__quantity="4"))
    form = shown(press(owner, form, f"add:{catalogue['pump']}"))
    form = shown(press(owner, form, "undo"))
    assert form["line"] == ["n1", "n3", "n2"]
    assert [form[f"line-{key}-quantity"] for key in form["line"]] == [["2"], ["4"], ["2"]]


def test_an_order_that_is_full_takes_no_more_and_lines_can_be_taken_out(
    owner: FlaskClient, catalogue: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("admin_views.orders.editor.form", "services.editing.wanted"):
        monkeypatch.setattr(f"{module}.MOST_LINES", 2)
    pipe, pump = catalogue["pipe"], catalogue["pump"]
    full = begin(owner, NEW) | for_maas(catalogue, line("n1", pipe), line("n2", pipe))
    pasted = {"drawer": "products", "paste": "PU-1;2", "tick": str(pump)}
    for do, field in ((f"add:{pump}", "add-words"), ("paste", "paste"), ("products", "find-products")):
        answer = press(owner, full, do, **(pasted if field != "add-words" else {}))
        assert "An order has 2 lines at most." in told(answer), do
        assert (shown(answer)["line"], shown(answer).get("paste", ["PU-1;2"])) == (["n1", "n2"], ["PU-1;2"])
    more = full | for_maas(catalogue, line("n1", pipe), line("n2", pipe), line("n3", pump))
    answer = press(owner, more, "reckon")
    assert "An order has 2 lines at most." in told(answer)
    assert shown(press(owner, shown(answer), "remove:n3"))["line"] == ["n1", "n2"]


def written(content: str) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content.encode())).decode()


HOSTILE = (
    *("[" * 100_000, "{", "5", '{"form_key": 5}', json.dumps({"form_key": "0" * 40}), '{"lines": [{"key": {}}]}'),
    *(json.dumps({"form_key": "0" * 32, **changed}) for changed in ({"company_id": "x"}, {"reference": "\ud800"})),
    json.dumps({"form_key": "0" * 32, "lines": [{"key": "n1", "quantity": {}, "line_class": "zzz"}]}),
    json.dumps({"form_key": "0" * 32, "lines": [{"key": f"n{place}"} for place in range(1, 15_001)]}),
    json.dumps({"form_key": "0" * 32, "remarks": "x" * 8_000_000}),
)


def test_hidden_fields_that_no_page_wrote_are_passed_over(app: Flask, owner: FlaskClient, order: int) -> None:
    form = begin(owner, path(order)) | {"at": order}
    for content in HOSTILE:
        hidden = {name: written(content) for name in ("opened", "together", "theirs")}
        for do in ("mend", "undo"):
            answer = press(owner, form, do, **hidden, removed=content[:100_000])
            assert shown(answer)["line"] == form["line"], content[:50]
    for removed in (
        '[[0, {"key": 5}]]',
        '[[1e9, {"key": "n1"}]]',
        f'[[{"9" * 30}, {{"key": "n1"}}]]',
        '{"a": 1}',
        "[5]",
    ):
        assert shown(press(owner, form, "undo", removed=removed))["line"] == form["line"], removed
    draft = read(app, lambda: db.session.scalars(select(OrderDraft)).one())
    assert len(draft.opened) < 10_000


def test_line_breaks_are_no_change(
    app: Flask, owner: FlaskClient, editor: FlaskClient, catalogue: dict[str, int]
) -> None:
    with app.app_context():
        order = make_order(invoice=HOME, delivery=HOME, remarks="first\nsecond")
    mine, theirs = (begin(client, path(order)) | {"at": order} for client in (owner, editor))
    assert press(editor, theirs, "save", remarks="first\r\nthird").status_code == 302
    answer = press(owner, mine, "save", remarks="first\r\nsecond", reference="PO-3")
    assert shown(answer)["remarks"] == ["first\nthird"]


def test_a_form_is_gone_on_with_in_another_language(owner: FlaskClient, catalogue: dict[str, int]) -> None:
    dutch, english = ({"Accept-Language": code} for code in ("nl", "en"))
    form: Fields = Form(owner.get(NEW, headers=dutch).text).values | for_maas(catalogue, line("n1", catalogue["pipe"]))
    form |= {
        "line-n1-price": "1,250",
        "shipping_costs": "2.000,5",
        "currency": "USD",
        "currency_rate": "0,9",
        "do": "reckon",
    }
    kept = Form(owner.post(NEW, data=form, headers=dutch).text).values
    again = Form(owner.get(f"{NEW}?draft={kept['form_key'][0]}", headers=english).text).values
    sent = Form(owner.post(NEW, data=kept | {"do": "reckon"}, headers=english).text).values
    for shown_again in (again, sent):
        found = [shown_again[name] for name in ("line-n1-price", "shipping_costs", "currency_rate", "numbers")]
        assert found == [["1.250"], ["2000.5"], ["0.9"], ["en"]]


def test_numbers_that_mean_nothing_are_told_by_their_field(owner: FlaskClient, catalogue: dict[str, int]) -> None:
    for number in WRONG_NUMBERS:
        form = begin(owner, NEW) | for_maas(catalogue, line("n1", catalogue["pipe"]))
        form |= {
            "line-n1-quantity": number,
            "discount_type": "P",
            "discount_value": "101",
            "requested_on": "30-02-2026",
        }
        answer = press(owner, form, "save")
        assert {"line-n1-quantity", "discount_value", "requested_on"} <= errors(answer).keys(), number
        assert shown(answer)["line-n1-quantity"] == [number]
    form = begin(owner, NEW) | for_maas(catalogue, line("n1", catalogue["pipe"]))
    for number in ("0.00005", "1e400", "NaN", "9" * 20, "-1", "٣"):
        answer = press(owner, form, "save", line__n1__price=number, shipping_costs=number)
        assert {"line-n1-price", "shipping_costs"} <= errors(answer).keys(), number


def test_a_new_order_comes_from_the_back_office_where_that_is_a_source(app: Flask, owner: FlaskClient) -> None:
    def source() -> list[str]:
        return list(begin(owner, NEW)["source"])

    before = source()
    with app.app_context():
        db.session.add_all([OrderSource(name="Backoffice"), OrderSource(name="Webshop")])
        db.session.commit()
    assert (before, source()) == ([""], ["Backoffice"])


def test_nothing_is_set_but_what_the_form_has(app: Flask, owner: FlaskClient, order: int) -> None:
    columns = ("id", "created_at", "updated_by_id", "export_status", "total_gross", "is_credit", "status_id", "source")
    before = read(app, lambda: db.session.execute(select(*(getattr(Order, name) for name in columns))).one())
    form = begin(owner, path(order)) | {"at": order}
    key = form["line"][0]
    hostile = {"id": "999", "created_at": "2020-01-01", "updated_by": "1", "updated_by_id": "1", "total_gross": "0"}
    hostile |= {"export_status": "FINISHED", "is_credit": "1", "status_id": "1", "order_id": "1", "staff_id": "1"}
    hostile |= {f"line-{key}-total": "0", f"line-{key}-order_id": "1", f"line-{key}-id": "7", "customer": "1"}
    answer = press(owner, form, "save", **hostile, reference="PO-9")
    assert answer.status_code == 302, errors(answer)
    after = read(app, lambda: db.session.execute(select(*(getattr(Order, name) for name in columns))).one())
    assert [after[number] for number in (0, 1, 3, 4, 5, 6, 7)] == [before[number] for number in (0, 1, 3, 4, 5, 6, 7)]


def test_what_only_others_changed_is_kept(app: Flask, owner: FlaskClient, editor: FlaskClient, order: int) -> None:
    mine = begin(owner, path(order)) | {"at": order}
    theirs = begin(editor, path(order)) | {"at": order}
    assert press(editor, theirs, "save", remarks="Gate 3").status_code == 302
    answer = press(owner, mine, "save", reference="PO-3")
    assert "Not saved yet" in told(answer)
    form = shown(answer) | {"at": order}
    assert (form["remarks"], form["reference"]) == (["Gate 3"], ["PO-3"])
    assert press(owner, form, "save").status_code == 302
    assert read(app, lambda: db.session.execute(select(Order.remarks, Order.reference)).one()) == ("Gate 3", "PO-3")


@pytest.mark.parametrize(("side", "kept"), [("theirs", "PO-2"), ("mine", "PO-3")])
def test_what_both_changed_is_chosen(
    app: Flask, owner: FlaskClient, editor: FlaskClient, order: int, side: str, kept: str
) -> None:
    mine = begin(owner, path(order)) | {"at": order}
    theirs = begin(editor, path(order)) | {"at": order}
    assert press(editor, theirs, "save", reference="PO-2", remarks="Gate 3").status_code == 302
    answer = press(owner, mine, "save", reference="PO-3", email="a@b.example")
    page = told(answer)
    assert "1 field was changed on both sides" in page
    assert "Reference was PO-1 PO-2 PO-3" in page
    assert "Remarks: empty → Gate 3" in page
    answer = press(owner, shown(answer) | {"at": order}, "resolve", take__reference=side)
    assert answer.status_code == 302, told(answer)
    found = read(app, lambda: db.session.execute(select(Order.reference, Order.remarks, Order.email)).one())
    assert found == (kept, "Gate 3", "a@b.example")


def test_what_both_changed_is_told_by_names_that_one_statement_reads(
    app: Flask, owner: FlaskClient, editor: FlaskClient, catalogue: dict[str, int], order: int
) -> None:
    with app.app_context():
        other = make_company("Rhein", "D2")
        contact, private = make_person("Ada", "Rhein", other), make_person("Jo", "Bloggs")
        theirs_is = {"company_id": str(other.id), "user_id": str(contact.id), "delivery-country": "DE"}
        theirs_is |= {"discount_value": "7", "discount_type": "A"}
        mine_is = {"company_id": "", "user_id": str(private.id), "delivery-country": "BE"}
        mine_is |= {"discount_value": "5", "discount_type": "P"}
    mine = begin(owner, path(order)) | {"at": order}
    assert press(editor, begin(editor, path(order)) | {"at": order} | theirs_is, "save").status_code == 302
    with counted(app) as statements:
        answer = press(owner, mine | mine_is, "save")
    page = told(answer)
    assert "Customer was empty Rhein · D2, Ada Rhein Jo Bloggs" in page
    assert "Delivery address: Country was Netherlands Germany Belgium" in page
    assert "Order discount was empty 7.00 EUR 5 %" in page
    assert sum("UNION ALL" in each and "person" in each for each in statements) == 1


def test_who_leaves_what_both_changed_is_asked_again(
    app: Flask, owner: FlaskClient, editor: FlaskClient, order: int
) -> None:
    mine = begin(owner, path(order)) | {"at": order}
    assert press(editor, begin(editor, path(order)) | {"at": order}, "save", reference="PO-2").status_code == 302
    assert "1 field was changed on both sides" in told(press(owner, mine, "save", reference="PO-3"))
    again = begin(owner, f"{path(order)}?draft={mine['form_key'][0]}") | {"at": order}
    assert again["reference"] == ["PO-3"]
    answer = press(owner, again, "save")
    assert "Reference was PO-1 PO-2 PO-3" in told(answer)
    assert press(owner, shown(answer) | {"at": order}, "resolve", take__reference="mine").status_code == 302
    assert read(app, lambda: db.session.scalar(select(Order.reference))) == "PO-3"


def test_the_form_knows_how_it_was_opened_though_nothing_of_it_was_kept(
    app: Flask, owner: FlaskClient, editor: FlaskClient, order: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = begin(owner, path(order)) | {"at": order}
    assert press(editor, begin(editor, path(order)) | {"at": order}, "save", reference="PO-2").status_code == 302
    monkeypatch.setattr(keeping, "LARGEST", 10)
    form = shown(press(owner, mine, "reckon", remarks="Gate 3")) | {"at": order}
    answer = press(owner, form, "save", line__1__quantity="none")
    assert "Not saved yet" in told(answer)
    assert "line-1-quantity" in errors(answer)
    form = shown(answer) | {"at": order, "line-1-quantity": ["1"]}
    assert press(owner, form, "save").status_code == 302
    found = read(app, lambda: db.session.execute(select(Order.reference, Order.remarks)).one())
    assert found == ("PO-2", "Gate 3")


@pytest.mark.parametrize("is_known", [True, False])
def test_what_was_typed_into_a_form_that_another_tab_discarded_is_asked_about(
    owner: FlaskClient, editor: FlaskClient, order: int, *, is_known: bool
) -> None:
    form = begin(owner, path(order)) | {"at": order}
    form = shown(press(owner, form, "reckon", reference="PO-3")) | {"at": order}
    assert press(owner, form, "discard").status_code == 302
    assert press(editor, begin(editor, path(order)) | {"at": order}, "save", reference="PO-2").status_code == 302
    form = shown(press(owner, form, "reckon")) | {"at": order}
    answer = press(owner, form if is_known else {**form, "opened": "?"}, "save")
    assert ("Reference was PO-1 PO-2 PO-3" if is_known else "PO-2 PO-3") in told(answer)


def test_a_form_that_was_saved_already_leads_to_its_order(
    app: Flask, owner: FlaskClient, catalogue: dict[str, int], order: int
) -> None:
    form = begin(owner, NEW) | for_maas(catalogue, line("n1", catalogue["pipe"]))
    made = press(owner, form, "save")
    assert made.status_code == 302
    for deed in ("reckon", "save"):
        answer = press(owner, form, deed, line__n1__quantity="none" if deed == "save" else "5")
        assert "This form was saved already" in told(answer)
        assert "Draft kept" not in told(answer)
        assert f'href="{made.location}"' in answer.text
    again = press(owner, shown(answer), "anew", line__n1__quantity="5")
    assert "Draft kept" in told(again)
    assert press(owner, shown(again), "save").status_code == 302
    assert orders(app) == 3
    edited = begin(owner, path(order)) | {"at": order}
    assert press(owner, edited, "save", reference="PO-4").status_code == 302
    assert press(owner, edited, "save", reference="PO-4").status_code == 302
    assert "This form was saved already" in told(press(owner, edited, "save", reference="PO-5"))


def test_notes_keep_their_line_breaks(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        lines = [{"sku": "A", "name": "Adapter", "notes": "red\nblue", "quantity": 1, "price": "2"}]
        order = make_order(invoice=HOME, delivery=replace(HOME, notes="back\ndoor"), lines=lines)
    form = begin(owner, path(order)) | {"at": order}
    assert press(owner, form, "save", reference="PO-9").status_code == 302
    texts = select(LineText.notes, Address.notes).select_from(Order).join(Order.delivery_address)
    found = read(app, lambda: db.session.execute(texts.join(Order.lines).join(OrderLine.text)).one())
    assert found == ("red\nblue", "back\ndoor")


def test_a_line_that_one_side_removed_is_called_by_its_name(
    app: Flask, owner: FlaskClient, editor: FlaskClient
) -> None:
    with app.app_context():
        lines = [
            {"sku": sku, "name": name, "quantity": 2, "price": "10"} for sku, name in (("A", "Adapter"), ("B", "Box"))
        ]
        order = make_order(invoice=HOME, delivery=HOME, lines=lines)
    mine, theirs = (begin(client, path(order)) | {"at": order} for client in (owner, editor))
    key = mine["line"][0]
    assert press(editor, theirs | {f"line-{key}-quantity": "7"}, "save").status_code == 302
    mine = shown(press(owner, mine, f"remove:{key}")) | {"at": order}
    page = told(press(owner, mine, "save"))
    assert re.search(r"Adapter was Adapter: 2 × 10[.0]* Adapter: 7 × 10[.0]* removed", page), page


def test_many_forms_that_are_not_finished_are_folded_and_discarded_together(
    owner: FlaskClient, catalogue: dict[str, int]
) -> None:
    for number in range(8):
        press(owner, begin(owner, NEW) | for_maas(catalogue), "reckon", reference=f"PO-{number}")
    page = owner.get(NEW)
    latest, _, older = page.text.partition('<details id="more-unfinished"><summary>7 more are not finished</summary>')
    assert [part.count("Not finished: Maas") for part in (latest, older)] == [1, 7]
    answer = press(owner, Form(page.text).values, "reckon", reference="PO-9")
    answer = press(owner, shown(answer), "drop:others")
    assert "Not finished" not in told(answer)
    assert shown(answer)["reference"] == ["PO-9"]
    assert "Not finished: PO-9, 0 lines" in told(owner.get(NEW))


def test_an_order_that_may_not_be_edited_says_so(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        order = make_order(status="CONFIRMED", invoice=HOME, delivery=HOME)
    assert "Confirmed orders cannot be edited." in told(owner.get(path(order), follow_redirects=True))
    assert path(order) not in owner.get(f"/admin/orders/{order}/").text


def test_an_order_whose_status_changed_meanwhile_is_not_saved(app: Flask, owner: FlaskClient, order: int) -> None:
    form = begin(owner, path(order)) | {"at": order}
    status = {"to": "CONFIRMED", "version": "1", "csrf_token": form["csrf_token"]}
    assert owner.post(f"/admin/orders/{order}/change-status", data=status).status_code == 302
    answer = press(owner, form, "save", reference="PO-5")
    assert "Confirmed orders cannot be edited. What you typed is kept as a draft" in told(answer)
    assert f'href="/admin/orders/{order}/"' in answer.text
    assert shown(answer)["reference"] == ["PO-5"]


def test_what_is_not_finished_is_offered_and_can_be_discarded(owner: FlaskClient, catalogue: dict[str, int]) -> None:
    form = begin(owner, NEW) | for_maas(catalogue, line("n1", catalogue["pipe"]))
    press(owner, form, "reckon", reference="PO-8")
    page = owner.get(NEW)
    assert "Not finished: Maas, 1 line" in told(page)
    answer = press(owner, Form(page.text).values, "reckon", reference="PO-9")
    assert "Not finished: Maas, 1 line" in told(answer)
    answer = press(owner, shown(answer), f"drop:{form['form_key'][0]}")
    assert "Not finished" not in told(answer)
    assert shown(answer)["reference"] == ["PO-9"]
    press(owner, shown(answer), "discard")
    press(owner, form, "reckon", reference="PO-8")
    page = owner.get(NEW)
    found = re.search(r'href="([^"]*\?draft=[0-9a-f]{32})"', page.text)
    assert found
    again = begin(owner, found[1])
    assert (again["reference"], again["line"], again["form_key"]) == (["PO-8"], ["n1"], form["form_key"])
    assert press(owner, again, "discard").status_code == 302
    assert "Not finished" not in told(owner.get(NEW))


def test_a_copy_has_todays_prices_and_no_number(app: Flask, owner: FlaskClient, catalogue: dict[str, int]) -> None:
    with app.app_context():
        lines = [{"sku": "CU-15", "name": "Copper pipe", "quantity": 3, "price": "9", "product_id": catalogue["pipe"]}]
        order = make_order(invoice=HOME, delivery=HOME, lines=lines)
    page = owner.get(f"/admin/orders/{order}/").text
    assert f"{NEW}?copy={order}" in page
    form = begin(owner, f"{NEW}?copy={order}")
    assert form["line-n1-price"] == ["2.5000"]
    assert form["line-n1-quantity"] == ["3"]


def test_a_changed_price_is_told_before_it_counts(app: Flask, owner: FlaskClient, catalogue: dict[str, int]) -> None:
    form = begin(owner, NEW) | for_maas(catalogue, line("n1", catalogue["pipe"]))
    form = shown(press(owner, form, "reckon"))
    with app.app_context():
        db.session.execute(db.text("UPDATE product SET list_price = 30000 WHERE sku = 'CU-15'"))
        db.session.commit()
    answer = press(owner, form, "save")
    assert list(errors(answer)) == ["line-n1-price"]
    assert shown(answer)["line-n1-price"] == ["3.0000"]
    assert press(owner, shown(answer), "save").status_code == 302


def test_a_thousand_lines_ask_no_more_of_the_database_and_are_drawn_only_where_they_changed(
    app: Flask, owner: FlaskClient, catalogue: dict[str, int]
) -> None:
    def asked(count: int) -> tuple[int, str]:
        lines = [line(f"n{number}", catalogue["pipe"], "3") for number in range(1, count + 1)]
        form = begin(owner, NEW) | for_maas(catalogue, *lines)
        page = press(owner, form, "reckon").text
        made = " ".join(f"{key}:{mark}" for key, mark in re.findall(r'data-key="(\w+)" data-made="(\w+)"', page))
        form = {**form, "made": made, "line-n2-quantity": "4", "do": "reckon"}
        form.pop("opened", None)
        with counted(app) as statements:
            answer = owner.post(NEW, data=Form(page).values | form, headers={"X-Part": "editor"})
        return len(statements), answer.text

    few, _page = asked(10)
    many, page = asked(1_000)
    assert many == few
    assert page.count("data-same") == 999
    assert 'value="4"' in page


def test_buttons_are_for_those_who_may(app: Flask, viewer: FlaskClient, order: int) -> None:
    for name, is_maker in (("viewer", False), ("editor", False), ("owner", True)):
        client = viewer if name == "viewer" else client_of(app, name)
        listed, page = client.get("/admin/orders/").text, client.get(f"/admin/orders/{order}/").text
        assert (NEW in listed) is is_maker
        assert (f"{NEW}?copy=" in page) is is_maker
        assert (path(order) in page) is (name != "viewer")


def test_who_is_limited_neither_sees_nor_takes_another_company(app: Flask, catalogue: dict[str, int]) -> None:
    with app.app_context():
        email = make_staff("limited", GRANTS["owner"], limited_to=[make_company("Other")]).email
    client = signed_in(app, email)
    form = begin(client, NEW) | for_maas(catalogue, line("n1", catalogue["pipe"]))
    form |= {f"{kind}-company": "" for kind in ("delivery", "invoice")}
    answer = press(client, form, "save")
    assert "customer" in errors(answer)
    assert "Helma" not in answer.text
    assert orders(app) == 0


def test_what_a_wish_list_misses_becomes_lines(app: Flask, editor: FlaskClient, catalogue: dict[str, int]) -> None:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        company = db.session.get_one(Company, catalogue["company"])
        lines = [{"sku": "CU-15", "name": "Pipe", "quantity": 3, "price": "2.50", "product_id": catalogue["pipe"]}]
        pipe, pump = (db.session.get_one(Product, catalogue[name]) for name in ("pipe", "pump"))
        wished = make_wish_list("Spring", company, wishes={pipe: 5, pump: 4}).id
        order = make_order(company=company, lines=lines, wish_list_id=wished)
    page = editor.get(f"/admin/orders/{order}/wished-items/").text
    assert f"{path(order)}?wished=1" in page
    form = begin(editor, f"{path(order)}?wished=1")
    quantities = [form[f"line-{key}-quantity"] for key in form["line"]]
    assert quantities == [["3"], ["2"], ["4"]]


def test_what_was_typed_into_an_order_that_is_deleted_meanwhile_is_there_to_copy(
    app: Flask, editor: FlaskClient, catalogue: dict[str, int]
) -> None:
    with app.app_context():
        number = make_order(status="DRAFT_ORDER", invoice=HOME, delivery=HOME, reference="PO-1")
    form = {**begin(editor, path(number)), "at": number}
    form = shown(press(editor, form, "reckon", **line("n9", catalogue["pipe"], "7"))) | {"at": number}
    with app.app_context():
        did(BatchAction.DELETE, [number], person("deleter"))
    typed = {"remarks": "By crane.\n<Call first>", "delivery__city": "Delft"}
    typed |= {"line-n9-price": "2.40", "line-n9-discount": "5", "line-n9-notes": "Cut"}
    typed |= {"company_id": str(catalogue["company"]), "user_id": str(catalogue["contact"]), "invoice-country": "BE"}
    answer = press(editor, form, "save", **typed)
    assert answer.status_code == 410
    assert written_in(answer.text) == {
        "Remarks": "By crane.\n<Call first>",
        "Customer": "Maas · D1, Helma Maas",
        "Delivery address: City": "Delft",
        "Invoice address: Country": "Belgium",
        "Copper pipe": "7 × 2.40 − 5 %\nCut",
    }
    assert editor.get(path(number)).status_code == 410
