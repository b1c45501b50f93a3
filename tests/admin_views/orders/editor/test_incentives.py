"""Incentives in the editor: looked at, accepted, saved, withdrawn."""

from flask import Flask
from flask.testing import FlaskClient

from models.base import db
from models.incentive import Incentive, IncentiveCondition, IncentiveEffect
from models.order import Order
from tests.admin_views.orders.editor.test_editor import begin, path, press, read, shown, sums, told
from tests.factories import make_order


def test_incentives_are_looked_at_accepted_saved_and_withdrawn(app: Flask, editor: FlaskClient) -> None:
    with app.app_context():
        order = make_order()  # 20.00, one line
        ten_off = IncentiveEffect(kind="DISCOUNT_LINES", percentage=10)
        least = IncentiveCondition(kind="SUBTOTAL_FROM", amount=15)
        freight = IncentiveEffect(kind="SHIPPING_COSTS", amount=3)
        db.session.add(Incentive(name="Fair", action_code="FAIR", effects=[ten_off]))
        db.session.add(Incentive(name="Freight <b>", conditions=[least], effects=[freight]))
        db.session.commit()
    form = begin(editor, path(order)) | {"at": order}
    answer = press(editor, form, "open:incentives")
    assert "Freight <b> Subtotal at least 15.00 EUR Shipping costs 0.00 stay, as they were typed" in told(answer)
    assert "Fair missing: Action code FAIR" in told(answer)
    form = shown(answer) | {"at": order, "incentive-code": ["fair"]}
    answer = press(editor, form, "open:incentives")
    assert "Adapter −2.00" in told(answer)
    assert "18.00" not in sums(answer)
    answer = press(editor, form, "incentives")
    assert "Incentives: Fair" in told(answer)
    form = shown(answer) | {"at": order}
    assert (form["action_code"], form["line-n1-parent"]) == (["fair"], [form["line"][0]])
    again = press(editor, form, "incentives")
    assert shown(again)["line"] == form["line"]
    more = press(editor, form | {f"line-{form['line'][0]}-quantity": ["3"]}, "reckon")
    assert "The incentives no longer fit the order" in told(more)
    more = press(editor, form | {"line-n1-price": ["-19.99"]}, "save")
    assert "No incentive gives this now" in told(more)
    assert press(editor, form, "save").status_code == 302
    history = told(editor.get(f"/admin/orders/{order}/history/"))
    assert "Incentive Fair" in history
    assert read(app, lambda: str(db.session.get_one(Order, order).total_gross)) == "18.00"
    form = begin(editor, path(order)) | {"at": order}
    answer = press(editor, form, "withdraw")
    assert "Incentives: Fair" not in told(answer)
    assert len(shown(answer)["line"]) == 1
