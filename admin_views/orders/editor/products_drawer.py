"""Adding products: one by one, several that are ticked, or a pasted list."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask import g
from flask_babel import gettext, lazy_gettext

from admin_views.notation import notation, said
from admin_views.orders.editor.drawer import Drawer
from admin_views.orders.editor.form import Form, typed_words, with_room
from admin_views.orders.editor.paste_words import said_answer
from admin_views.orders.editor.pressed import Pressed, StaysOpen
from admin_views.values import read_id
from models.product import Product
from services.editing.chain import EditorContext, EvaluatedForm, worked_out
from services.editing.matching import Answer, answers, to_add
from services.editing.pasted import read, whole_quantity, without
from services.editing.products import (
    MOST_FOUND,
    find_products,
    manufacturers,
    new_line,
    products_of,
    quantities_in,
    with_products,
)
from services.editing.typed import Typed
from services.errors import Invalid
from services.notation import notation_of
from services.orders import pictured
from services.pricing import line_total

MODES = ("tick", "paste")
MOST_TICKED = 500


def found_products(form: Form) -> dict[str, Any]:
    """Give the products that are found, those that are ticked before them."""
    ticked = products_of(_ticked(form))
    found = find_products(form.get("find-words", ""), manufacturer=form.get("find-maker", ""))
    rows = [*ticked.values(), *(product for product in found if product.id not in ticked)]
    pictures = pictured([product.id for product in rows])
    return {
        "products": [
            _row(product, form, has_picture=product.id in pictures, is_ticked=product.id in ticked) for product in rows
        ],
        "is_cut": len(found) == MOST_FOUND,
    }


def _ticked(form: Form) -> list[int]:
    return [number for value in form.getlist("tick")[:MOST_TICKED] if (number := read_id(value))]


def _row(product: Product, form: Form, *, has_picture: bool, is_ticked: bool) -> dict[str, Any]:
    step = product.step_quantity if product.step_quantity > 1 else product.minimum_quantity
    return {
        "id": product.id,
        "name": product.name,
        "sku": product.sku,
        "more": " · ".join(filter(None, (product.sku, product.manufacturer, _per(step)))),
        "price": list_price(product),
        "has_picture": has_picture,
        "is_ticked": is_ticked,
        "quantity": form.get(f"tick-{product.id}-quantity", "") or str(product.minimum_quantity),
    }


def list_price(product: Product) -> str:
    """Write the price of a product before any agreement."""
    return "" if product.list_price is None else notation().decimal(product.list_price)


def _per(step: int) -> str:
    return gettext("per %(step)s", step=notation().whole(step)) if step > 1 else ""


def _shown(worked: EvaluatedForm, form: Form, context: EditorContext) -> Mapping[str, Any]:
    mode = form.get("find-mode", "")
    return {
        "mode": mode if mode in MODES else MODES[0],
        "words": form.get("find-words", ""),
        "maker": form.get("find-maker", ""),
        "makers": manufacturers(),
        **found_products(form),
        **_pasted_shown(worked.typed, form, context),
    }


def _pasted_shown(typed: Typed, form: Form, context: EditorContext) -> dict[str, Any]:
    try:
        text, answered = _pasted(form, context)
    except Invalid as invalid:
        fault = said(invalid)
        return {"paste": form.get("paste", ""), "paste_fault": fault, "answers": ()}
    return {"paste": text, **_answered(typed, answered, context)}


def _pasted(form: Form, context: EditorContext) -> tuple[str, Sequence[Answer]]:
    """Give the pasted list and its answers, which are found once for a request. Raises Invalid when it is too long."""
    if "pasted" not in g:
        text = form.get("paste", "")
        g.pasted = text, answers(read(text), notation_of(context.language))
    pasted: tuple[str, Sequence[Answer]] = g.pasted
    return pasted


def _take_out(text: str, answered: Sequence[Answer]) -> None:
    """Leave of the pasted list what could not be added."""
    rest, gone = [], 0
    for answer in answered:
        gone += answer.is_fine
        if not answer.is_fine:
            rest.append(replace(answer, line=replace(answer.line, number=answer.line.number - gone)))
    g.pasted = without(text, [answer.line.number for answer in answered if answer.is_fine]), rest


def _answered(typed: Typed, answered: Sequence[Answer], context: EditorContext) -> dict[str, Any]:
    """Give what is said of each line, with its price where it can be added."""
    fine = to_add(answered)
    in_order = quantities_in(typed, context.language)
    prices = _prices(typed, fine, context)
    amounts = [_amount(answer, prices) for answer in answered]
    return {
        "answers": [
            {
                "number": answer.line.number,
                "is_fine": answer.is_fine,
                "name": answer.product.name if answer.product else answer.line.sku or answer.line.text,
                "said": said_answer(answer, in_order),
                "quantity": answer.line.quantity if answer.quantity is None else notation().whole(answer.quantity),
                "amount": "" if amount is None else notation().amount(amount),
            }
            for answer, amount in zip(answered, amounts, strict=True)
        ],
        "ready": sum(answer.is_fine for answer in answered),
        "to_mend": sum(not answer.is_fine for answer in answered),
        "together": notation().amount(sum((amount for amount in amounts if amount), Decimal(0))),
    }


def _prices(typed: Typed, fine: Sequence[tuple[Product, int]], context: EditorContext) -> dict[int, Decimal]:
    """Give the unit price that each product would have in the order."""
    if not fine:
        return {}
    priced = worked_out(with_products(typed, fine, context.language), context).priced
    return {line.wanted.product_id: line.unit_price for line in priced.lines if line.wanted.product_id}


def _amount(answer: Answer, prices: Mapping[int, Decimal]) -> Decimal | None:
    price = prices.get(answer.product.id) if answer.is_fine and answer.product else None
    return None if price is None or answer.quantity is None else line_total(answer.quantity, price)


def add(typed: Typed, pressed: Pressed) -> Typed:
    """Add the product of `add:<id>`, or the first that is found by what is typed."""
    number = read_id(pressed.argument)
    product = products_of([number]).get(number) if number else None
    return seek(typed, pressed) if product is None else _with_one(typed, product, pressed)


def seek(typed: Typed, pressed: Pressed) -> Typed:
    """Add the first product that is found by the words of `seek:<words>`, or else by what is typed."""
    words = typed_words(pressed.form)
    if not words:
        raise Invalid("add-words", "Type a name, SKU or EAN.")
    product = next(iter(find_products(words)), None)
    if product is None:
        raise Invalid("add-words", "No product is found by “%(words)s”.", words=words[:100])
    return _with_one(typed, product, pressed)


def _with_one(typed: Typed, product: Product, pressed: Pressed) -> Typed:
    return with_room(with_products(typed, [(product, product.minimum_quantity)], pressed.context.language), "add-words")


def add_ticked(typed: Typed, pressed: Pressed) -> Typed:
    """Add the products that are ticked with the quantities beside them; what cannot be read is told at its line."""
    ticked = products_of(_ticked(pressed.form)).values()
    if not ticked:
        raise Invalid("find-products", "Tick at least one product.")
    clear, unclear = [], []
    for product in ticked:
        text = pressed.form.get(f"tick-{product.id}-quantity", "").strip() or str(product.minimum_quantity)
        quantity = whole_quantity(text, notation_of(pressed.context.language))
        if quantity is None:
            unclear.append(new_line(product, text))
        else:
            clear.append((product, quantity))
    return with_room(with_products(typed, clear, pressed.context.language).with_lines(unclear), "find-products")


def add_pasted(typed: Typed, pressed: Pressed) -> Typed | StaysOpen:
    """Add the lines of a pasted list that are fine; the others stay in the box to be mended."""
    text, answered = _pasted(pressed.form, pressed.context)
    fine = to_add(answered)
    if not fine:
        raise Invalid("paste", "There is no line that can be added yet.")
    added = with_room(with_products(typed, fine, pressed.context.language), "paste")
    _take_out(text, answered)
    return added if all(answer.is_fine for answer in answered) else StaysOpen(added)


PRODUCTS = Drawer(
    lazy_gettext("Add multiple products"), "admin/orders/editor/products_drawer.html", _shown, "dialog-wider"
)
