"""Parts of a page that depend on one value and the language alone, drawn once for all who see the same."""

from collections.abc import Hashable

from flask import current_app
from markupsafe import Markup

from admin_views.notation import language

MOST_KEPT = 1_000

_kept: dict[Hashable, Markup] = {}


def kept_part(name: str, /, **value: Hashable) -> Markup:
    """Give what the template `kept/<name>.html` makes of a value.

    The template may use that value and nothing of the request: no token, no nonce, no right. A test holds it to that.
    """
    key = (name, language(), *value.items())
    drawn = _kept.get(key)
    if drawn is None:
        if len(_kept) >= MOST_KEPT:
            for oldest in list(_kept)[: MOST_KEPT // 2]:
                _kept.pop(oldest, None)
        template = current_app.jinja_env.get_template(f"admin/kept/{name}.html")
        drawn = _kept[key] = Markup(template.render(value))  # nosec B704: templates escape
    return drawn
