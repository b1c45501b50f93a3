"""What the choosers of forms and filters find: rows that exist for the person, at most twenty."""

from typing import Any

from flask_admin.model.ajax import AjaxModelLoader
from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, select
from werkzeug.exceptions import BadRequest

from admin_views.access import actor
from admin_views.values import read_id
from models.base import db, visible
from models.folding import fold

MOST_FOUND = 20
LONGEST_TERM = 100


class RecordLookup(AjaxModelLoader):
    """Rows of a model by words of their search text. `only` narrows them, `described` says more than the name."""

    def __init__(self, name: str, model: type[Any], *, only: ColumnElement[bool] | None = None) -> None:
        super().__init__(name, {"placeholder": lazy_gettext("Type to find")})
        self.model = model
        self.only = only

    def format(self, model: Any) -> tuple[int, str] | None:
        return None if model is None else (model.id, described(model))

    def get_one(self, pk: Any) -> Any:
        row_id = read_id(str(pk))
        return None if row_id is None else db.session.scalar(self._visible().where(self.model.id == row_id))

    def get_list(self, query: str | None, offset: int = 0, limit: int = MOST_FOUND) -> Any:
        """Find rows; the library's own offset and limit come from the address and are not believed."""
        if query is None or len(query) > LONGEST_TERM or not query.isprintable():
            raise BadRequest
        words = fold(query).split()
        holds = [self.model.search_text.contains(word, autoescape=True) for word in words]
        found = self._visible().where(*holds).order_by(self.model.search_text, self.model.id)
        return db.session.scalars(found.limit(MOST_FOUND)).all()

    def _visible(self) -> Any:
        found = select(self.model).where(visible(self.model, actor()))
        return found if self.only is None else found.where(self.only)


def described(row: Any) -> str:
    """Say what a row is called, and the number by which people know it."""
    known_as = next((getattr(row, name) for name in ("debtor_id", "sku", "code") if getattr(row, name, "")), "")
    name = str(row)
    return f"{name} · {known_as}" if known_as and known_as not in name else name
