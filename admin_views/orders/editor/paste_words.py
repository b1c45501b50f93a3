"""What is said of a line of a pasted list."""

from collections.abc import Callable, Mapping

from flask_babel import gettext

from admin_views.notation import notation
from services.editing.matching import Answer, Verdict


def said_answer(answer: Answer, in_order: Mapping[int, int]) -> str:
    """Say what becomes of a line; `in_order` is how many of a product the order has already, by its id."""
    return _notes(answer, in_order) if answer.is_fine else SAID[answer.verdict](answer)


def _no_code(_answer: Answer) -> str:
    return gettext("There is no SKU in this line.")


def _unknown(answer: Answer) -> str:
    if answer.meant:
        return gettext("No product with this SKU. Meant %(sku)s?", sku=answer.meant)
    return gettext("No product with this SKU or EAN.")


def _ambiguous(answer: Answer) -> str:
    skus = ", ".join(product.sku for product in answer.products[:3])
    return gettext("Several products have this code: %(skus)s.", skus=skus)


def _not_sold(_answer: Answer) -> str:
    return gettext("Not sold any more.")


def _unreadable(answer: Answer) -> str:
    if answer.quantity is None:
        return gettext("“%(text)s” is not a whole number.", text=answer.line.quantity)
    return gettext("This is too many.")


def _off_step(answer: Answer) -> str:
    product = answer.product
    step = product.step_quantity if product else 1
    least, more = (notation().whole(number) for number in answer.near)
    if step > 1:
        return gettext("Per %(step)s: %(least)s or %(more)s.", step=notation().whole(step), least=least, more=more)
    return gettext("At least %(least)s.", least=least)


def _notes(answer: Answer, in_order: Mapping[int, int]) -> str:
    product = answer.product
    notes = []
    if product and answer.is_by_ean:
        notes.append(gettext("found by EAN"))
    elif product and product.sku != answer.line.sku:
        notes.append(gettext("SKU %(sku)s", sku=product.sku))
    if answer.is_repeated:
        notes.append(gettext("twice in the list, %(number)s together", number=notation().whole(answer.together)))
    if product and product.id in in_order:
        becomes = in_order[product.id] + answer.together
        notes.append(gettext("in the order, becomes %(number)s", number=notation().whole(becomes)))
    return ", ".join(notes)


SAID: Mapping[Verdict, Callable[[Answer], str]] = {
    Verdict.NO_CODE: _no_code,
    Verdict.UNKNOWN: _unknown,
    Verdict.AMBIGUOUS: _ambiguous,
    Verdict.NOT_SOLD: _not_sold,
    Verdict.UNREADABLE: _unreadable,
    Verdict.OFF_STEP: _off_step,
}
"""What is said of lines that cannot be added."""
