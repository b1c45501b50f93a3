"""What opens over the editor to choose something: each is a part of its form, drawn while it is open."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString

from admin_views.orders.editor.form import Form
from services.editing.chain import Asked, Worked


@dataclass(frozen=True)
class Drawer:
    """A dialog of the editor: its title, its template, and what that shows."""

    title: LazyString
    template: str
    shown: Callable[[Worked, Form, Asked], Mapping[str, Any]]


DRAWERS: Mapping[str, Drawer] = {}
"""Drawers by name: `open:<name>` is the button that opens one."""
