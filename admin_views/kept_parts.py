"""Parts of a page that depend on one value and the language alone, drawn once for all who see the same."""

from collections.abc import Callable, Hashable
from typing import TypeVar

from markupsafe import Markup

from admin_views.notation import language

MOST_KEPT = 500

Part = TypeVar("Part", bound=Hashable)
_kept: dict[tuple[str, Hashable], Markup] = {}


def kept_part(draw: Callable[[Part], Markup], part: Part) -> Markup:
    """Give what a macro makes of a value. The value holds all that differs: no token, no nonce, no right."""
    key = (language(), part)
    drawn = _kept.get(key)
    if drawn is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        drawn = _kept[key] = draw(part)
    return drawn
