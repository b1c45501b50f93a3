"""A dialog of the editor. It is a part of its form, drawn while it is open; `drawers.py` has all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString

from admin_views.orders.editor.form import Form
from services.editing.chain import EditorContext, EvaluatedForm


@dataclass(frozen=True)
class Drawer:
    """A dialog of the editor: its title, its template, what that shows, and the class that gives it its size."""

    title: LazyString
    template: str
    shown: Callable[[EvaluatedForm, Form, EditorContext], Mapping[str, Any]]
    look: str = "dialog-wide"
