"""Parts of a page that depend on one value and the language alone, drawn once for all who see the same."""

from collections.abc import Hashable
from typing import Any

from flask import current_app
from markupsafe import Markup

from admin_views.kept import Kept
from admin_views.notation import language

MOST_KEPT = 1_000

_kept: Kept[Markup] = Kept(MOST_KEPT)


def kept_part(name: str, /, **value: Hashable) -> Markup:
    """Give what the template `kept/<name>.html` makes of a value.

    The template may use that value and nothing of the request: no token, no nonce, no right. A test holds it to that.
    """
    key = (name, language(), *value.items())
    drawn = _kept.get(key)
    return _kept.keep(key, draw(name, **value)) if drawn is None else drawn


def draw(name: str, /, **value: Any) -> Markup:
    """Draw a part that somebody else keeps, by all that it is drawn of."""
    template = current_app.jinja_env.get_template(f"admin/kept/{name}.html")
    return Markup(template.render(value))  # nosec B704: templates escape
