"""Views of the list are written at once, or not at all."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from models.base import db
from models.saved_view import SavedView
from services.errors import Invalid
from services.saved_views import rename_view, save_view
from services.sign_in import actor_of
from tests.factories import make_staff


def test_a_view_that_is_refused_keeps_nobody_from_writing(app: Flask) -> None:
    with app.app_context():
        ann = actor_of(make_staff("ann", ["order:viewer", "backoffice:viewer"]).id)
        save_view("Mine", "", is_shared=False, is_default=False, actor=ann)
        number = save_view("Other", "", is_shared=False, is_default=False, actor=ann)
        with pytest.raises(Invalid, match="already"):
            save_view("mine", "", is_shared=False, is_default=True, actor=ann)
        assert not db.session().in_transaction()
        with pytest.raises(Invalid, match="already"):
            rename_view(number, "MINE", seen=1, actor=ann)
        assert not db.session().in_transaction()
        assert db.session.scalar(select(func.count()).select_from(SavedView)) == 2
