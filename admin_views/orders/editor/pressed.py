"""What a button of the editor is given, and what it gives."""

from collections.abc import Callable
from dataclasses import dataclass

from admin_views.orders.editor.form import Form
from services.editing.chain import EditorContext
from services.editing.typed import Typed


@dataclass(frozen=True)
class Pressed:
    """A button of the editor: its argument (`remove:12` has `12`), the whole form, and who pressed it when."""

    argument: str
    form: Form
    context: EditorContext


@dataclass(frozen=True)
class StaysOpen:
    """A form whose drawer stays open, as something is left to do there."""

    typed: Typed


Do = Callable[[Typed, Pressed], Typed | StaysOpen]
