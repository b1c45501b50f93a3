"""Parts of a page that depend on one value and the language alone, drawn once for all who see the same."""

from collections.abc import Hashable

from jinja2.runtime import Macro
from markupsafe import Markup

from admin_views.notation import language

MOST_KEPT = 500

_kept: dict[tuple[str | None, str, Hashable], Markup] = {}


def kept_part(draw: Macro, part: Hashable) -> Markup:
    """Give what a macro makes of a value. The value holds all that differs: no token, no nonce, no right.

    What is kept goes by the macro's name: every page has macros of its own.
    """
    key = (draw.name, language(), part)
    drawn = _kept.get(key)
    if drawn is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        drawn = _kept[key] = Markup(draw(part))  # nosec B704: a macro escapes what it is given
    return drawn
