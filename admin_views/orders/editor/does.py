"""What the buttons of the editor do to the form: each takes it and gives another."""

from collections.abc import Mapping
from dataclasses import replace

from admin_views.orders.editor import address_drawer, customer_drawer, earlier_drawer, incentives, products_drawer
from admin_views.orders.editor.conflict import taken
from admin_views.orders.editor.form import removed_lines
from admin_views.orders.editor.pressed import Do, Pressed, StaysOpen
from services.editing.typed import NEW, Typed, TypedLine


def reckon(typed: Typed, pressed: Pressed) -> Typed | StaysOpen:
    """Leave the form as it is: it is worked out anew anyway, and so is what an open drawer shows."""
    return StaysOpen(typed) if pressed.form.get("drawer") else typed


def close(typed: Typed, _pressed: Pressed) -> Typed:
    """Close the drawer that is open."""
    return typed


def remove(typed: Typed, pressed: Pressed) -> Typed:
    """Take a line away, with those that belong to it."""
    return typed.without_line(pressed.argument)


def undo(typed: Typed, pressed: Pressed) -> Typed:
    """Bring back the lines that were removed last, where they stood; new ones by new keys if theirs were given away."""
    lines, keys = list(typed.lines), {line.key for line in typed.lines}
    back = [
        (place, line) for place, line in removed_lines(pressed.form) if not (line.key.isdecimal() and line.key in keys)
    ]
    new = [line.key for _place, line in back if line.key.startswith(NEW)]
    renamed = {} if keys.isdisjoint(new) else dict(zip(new, typed.new_keys(len(new)), strict=True))
    for place, line in back:
        key, parent = (renamed.get(each, each) for each in (line.key, line.parent))
        lines.insert(place, replace(line, key=key, parent=parent))
    return replace(typed, lines=tuple(lines))


def up(typed: Typed, pressed: Pressed) -> Typed:
    """Move a line before the one above it."""
    return _moved(typed, pressed.argument, -1)


def down(typed: Typed, pressed: Pressed) -> Typed:
    """Move a line behind the one below it."""
    return _moved(typed, pressed.argument, 1)


def today(typed: Typed, pressed: Pressed) -> Typed:
    """Ask for today's price of a line, or of all."""
    lines = [_at_todays_price(line) if pressed.argument in ("", line.key) else line for line in typed.lines]
    return replace(typed, lines=tuple(lines))


def mend(typed: Typed, pressed: Pressed) -> Typed:
    """Go on with what was chosen of what two people changed at once."""
    return taken(pressed.form, typed.order_id) or typed


def calculate(typed: Typed, pressed: Pressed) -> Typed:
    """Reckon costs that were typed: of shipping, or of the payment."""
    if pressed.argument == "shipping":
        return replace(typed, shipping_costs="", is_shipping_typed=False)
    return replace(typed, payment_costs="", is_payment_typed=False)


def _moved(typed: Typed, key: str, step: int) -> Typed:
    heads = [line.key for line in typed.lines if not line.parent]
    place = heads.index(key) if key in heads else -1
    other = place + step
    if place < 0 or not 0 <= other < len(heads):
        return typed
    heads[place], heads[other] = heads[other], heads[place]
    return typed.in_order(heads)


def _at_todays_price(line: TypedLine) -> TypedLine:
    if line.incentive_id or line.is_bonus or not line.product_id:
        return line
    return replace(line, price="", is_price_typed=False, discount="", is_discount_typed=False)


DOES: Mapping[str, Do] = {
    "add": products_drawer.add,
    "addresses": address_drawer.choose,
    "calculate": calculate,
    "close": close,
    "customer": customer_drawer.choose,
    "down": down,
    "incentives": incentives.accept,
    "mend": mend,
    "older": earlier_drawer.older,
    "paste": products_drawer.add_pasted,
    "products": products_drawer.add_ticked,
    "reckon": reckon,
    "remove": remove,
    "seek": products_drawer.seek,
    "take": earlier_drawer.take,
    "today": today,
    "undo": undo,
    "up": up,
    "withdraw": incentives.withdraw,
}
"""What buttons do, by the name before the colon of their value. `save`, `draft`, `discard` and `open` end otherwise."""
