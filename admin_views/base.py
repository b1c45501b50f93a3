"""The one base of all views: what each address needs, and the library's loose ends tied once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from flask_babel import gettext
from werkzeug.exceptions import Forbidden, NotFound

from admin_views.access import Access, Declared, is_local, may, refusal
from admin_views.values import read_id
from models.base import db
from permissions import Action

LIBRARY_WRITES = ("create_view", "edit_view", "details_view", "delete_view", "ajax_update")


class BackofficeView(ModelView):
    """A ModelView whose every address says what it needs.

    `action` is what the view needs; `method_actions` says otherwise for single methods, and
    `batch_actions` names what each batch action needs. `file_forms` are the methods whose forms take files,
    `large_forms` those whose forms have very many fields. A class that is mixed in says it for its own methods: of
    `method_actions`, `file_forms` and `large_forms` all count.
    """

    action: ClassVar[Action]
    method_actions: ClassVar[Mapping[str, Declared]] = {}
    batch_actions: ClassVar[Mapping[str, Action]] = {}
    icon = ""
    file_forms: ClassVar[Sequence[str]] = ()
    large_forms: ClassVar[Sequence[str]] = ()

    def declared(self) -> dict[str, Declared]:
        """Give what each endpoint of this view needs, its static files included."""
        endpoints: dict[str, Declared] = {f"{self.endpoint}.static": Access.CLOSED}
        needed = self.all_method_actions()
        for _url, name, _methods in self._urls:
            endpoints[f"{self.endpoint}.{name}"] = needed.get(name, self.action)
        if not self.batch_actions:
            endpoints[f"{self.endpoint}.action_view"] = Access.CLOSED
        return endpoints

    @classmethod
    def all_method_actions(cls) -> dict[str, Declared]:
        """Give what single methods need, by the classes that have them."""
        said: dict[str, Declared] = {}
        for base in reversed(cls.__mro__):
            said |= vars(base).get("method_actions", {})
        return said

    @classmethod
    def all_forms(cls, kind: str) -> set[str]:
        """Give the methods whose forms are `file_forms` or `large_forms`, of all classes that have some."""
        return {name for base in cls.__mro__ for name in vars(base).get(kind, ())}

    def is_accessible(self) -> bool:
        return may(self.action)

    def is_action_allowed(self, name: str) -> bool:
        return name in self.batch_actions and may(self.batch_actions[name])

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call the method once: the library would swallow a TypeError and call it again."""
        return fn(self, *args, **kwargs)

    def get_one(self, id: str) -> Any:
        """Read one row by an id that is a plain number; the library would hand over any text."""
        return db.get_or_404(self.model, read_id(id) or abort(404))

    @expose("/action/", methods=("POST",))
    def action_view(self) -> ResponseReturnValue:
        """Run a batch action on the ticked rows; the library would pass over a wrong name or id in silence."""
        name = request.form.get("action", "")
        if name not in self._actions_data or name not in self.batch_actions:
            raise NotFound
        if not self.is_action_allowed(name):
            raise Forbidden(refusal(self.batch_actions[name]))
        run, _label, _confirmation = self._actions_data[name]
        return self.run_action(run)

    def run_action(self, run: Callable[[list[int]], Any]) -> ResponseReturnValue:
        """Run a batch action on the ticked rows, and lead back unless it leads elsewhere."""
        if ids := self._ticked_ids():
            return run(ids) or redirect(self.return_url())
        flash(gettext("Nothing was changed: no row is ticked."), "warning")
        return redirect(self.return_url())

    def return_url(self) -> str:
        """Give the page of ours that the address or the form names, or the list."""
        target = request.values.get("url", "")
        return target if is_local(target) else self.get_url(".index_view")

    def _ticked_ids(self) -> list[int]:
        """Give the ids of the ticked rows. Raises NotFound for what is no id."""
        return [read_id(value) or abort(404) for value in request.form.getlist("rowid")]
