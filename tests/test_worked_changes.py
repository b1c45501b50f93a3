"""The changes that CONTRIBUTING.md walks through, made on a copy of the project as they stand there."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
import pytest
from flask.testing import FlaskClient

from app import create_app
from config import Settings
from models.base import db
from models.order import Order
from models.order_history import OrderHistory
from permissions import SYSTEM
from tests.admin_views.reading import LIST, Page, address, file, numbers, page, table
from tests.factories import make_order
from tests.forms import errors, saved, send
from tests.people import client_of, csrf_token
from tests.servers import ROOT

PLACE = re.compile(
    r"^(?:In `(?P<file>[^`]+)`, (?P<how>after|instead of) `(?P<anchor>[^`]+)`|"
    r"At the end of `(?P<end>[^`]+)`|A new file `(?P<new>[^`]+)`):\n\n```python\n(?P<lines>.*?)```$",
    re.MULTILINE | re.DOTALL,
)
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
LIBRARYS_OWN = [
    f"-Wignore:{words}:DeprecationWarning"
    for words in ("Yielding raw tuples from iter_choices", "Passing SelectField choices as tuples")
]
"""Warnings between the libraries, as in pyproject.toml."""
UNUSED = shutil.ignore_patterns(".*", "__pycache__", "instance", "docs")


@dataclass(frozen=True)
class Step:
    """One block of the text: lines, and where they go. `anchor` is a whole line without its indent."""

    path: str
    how: str
    anchor: str
    lines: str

    def take(self, root: Path) -> None:
        """Change the file below `root`."""
        target = root / self.path
        if self.how == "new":
            assert not target.exists()
            target.write_text(self.lines, encoding="utf-8")
            return
        text = target.read_text(encoding="utf-8")
        target.write_text(text + self.lines if self.how == "end" else self._placed(text), encoding="utf-8")

    def _placed(self, text: str) -> str:
        kept = text.splitlines(keepends=True)
        found = [place for place, line in enumerate(kept) if line.strip() == self.anchor]
        assert len(found) == 1, f"{self.path} has {len(found)} lines {self.anchor!r}"
        after = found[0] + 1
        return "".join([*kept[: after - (self.how == "instead of")], self.lines, *kept[after:]])


def steps(text: str) -> Iterator[Step]:
    """Give the steps of a text in their order."""
    for found in PLACE.finditer(text):
        path = found["file"] or found["end"] or found["new"]
        yield Step(path, found["how"] or ("end" if found["end"] else "new"), found["anchor"] or "", found["lines"])


@pytest.fixture(scope="session")
def changed_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with all of the changes made."""
    root = tmp_path_factory.mktemp("changed") / "project"
    shutil.copytree(ROOT, root, ignore=UNUSED)
    for step in steps(TEXT):
        step.take(root)
    return root


def run(root: Path, *command: str) -> None:
    """Run a Python module in the copy."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(root)}
    result = subprocess.run(
        [sys.executable, "-W", "error", *LIBRARYS_OWN, "-m", *command],
        cwd=root,
        env=environ,
        check=False,
        timeout=120,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_block_of_python_has_a_place() -> None:
    assert len(list(steps(TEXT))) == TEXT.count("```python") > 10


def test_the_changed_code_has_the_usual_style(changed_copy: Path) -> None:
    touched = sorted({step.path for step in steps(TEXT)})
    run(changed_copy, "ruff", "check", "--no-cache", *touched)
    run(changed_copy, "ruff", "format", "--no-cache", "--check", *touched)


def test_the_changes_do_what_is_said(changed_copy: Path, database_url: str, tmp_path: Path) -> None:
    run(changed_copy, "tests.test_worked_changes", database_url, str(tmp_path))


def look(database_url: str, folder: Path) -> None:
    """Look at the changed product; this runs in the copy."""
    app = create_app(Settings.from_environ({"DATABASE_URL": database_url, "SECRET_KEY": "only for tests"}, folder))
    with app.app_context():
        flask_migrate.upgrade(str(ROOT / "migrations"))
        late = make_order(extra3="Zulu", payment_status="OPEN", shipping_method="PICKUP")
        early = make_order(extra3="Alpha", payment_status="PAID")
    viewer, editor = client_of(app, "viewer"), client_of(app, "editor")

    # the column
    shown = page(viewer, sort="extra3")
    place = shown.headings.index("Extra 3")
    assert shown.headings[place - 1] == "Debtor Id"
    assert [row[place] for row in shown.cells] == ["Alpha", "Zulu"]
    assert [row[place] for row in file(viewer, sort="extra3", desc=1)] == ["Extra 3", "Zulu", "Alpha"]

    # the filter
    assert numbers(viewer, shipping_method="PICKUP") == [late]
    assert [row[0] for row in file(viewer, shipping_method="DELIVERY")[1:]] == [str(early)]
    drawer = page(viewer, shipping_method="PICKUP")
    assert list(drawer.find("input", "drawer", name="shipping_method", value="PICKUP"))
    assert "By pigeon" in page(viewer, shipping_method="By pigeon").faults

    # the batch action
    assert not list(page(viewer).find("button", value="mark_as_paid"))
    bar = page(editor)
    assert [button.text for button in bar.find("button", value="mark_as_paid")] == ["Mark as paid"]
    assert {box.attributes["value"] for box in bar.find("input", name="rowid")} == {str(late), str(early)}
    back = address(tab="NEW")
    form = {"action": "mark_as_paid", "rowid": [late, early, 999]}
    for client, answer in ((viewer, 403), (editor, 302)):
        token = csrf_token(client, LIST)
        done = client.post(f"{LIST}action/?tab=NEW", data={**form, "csrf_token": token})
        assert (done.status_code, done.location) == (answer, back if client is editor else None)
    assert "1 order is paid now." in editor.get(back).text
    token = csrf_token(editor, LIST)
    for wrong in ({"action": "no-such"}, {"rowid": "1 OR 1=1"}, {"rowid": ""}, {"rowid": "9" * 30}):
        assert editor.post(f"{LIST}action/", data={**form, "csrf_token": token, **wrong}).status_code == 404
    nothing = editor.post(f"{LIST}action/", data={"action": "mark_as_paid", "csrf_token": token})
    assert (nothing.status_code, "no order is ticked" in nothing.text) == (409, True)
    elsewhere = {**form, "csrf_token": token, "url": "https://elsewhere.example/"}
    assert editor.post(f"{LIST}action/", data=elsewhere).location == LIST

    look_at_carriers(client_of(app, "owner"))

    with app.app_context():
        db.session.info["actor"] = SYSTEM
        order = db.session.get_one(Order, late)
        assert order.payment_status == "PAID"
        assert order.updated_by
        assert order.updated_by.name == "Editor"
        assert (order.version, db.session.get_one(Order, early).version) == (2, 1)
        history = db.session.scalars(db.select(OrderHistory).where(OrderHistory.field == "payment_status")).all()
        assert [(row.order_id, row.old_value, row.new_value, row.version) for row in history] == [
            (late, "OPEN", "PAID", 2)
        ]
        db.session.remove()
        db.engine.dispose()


def look_at_carriers(owner: FlaskClient) -> None:
    """Look at the new field of a record."""
    carrier = saved(owner, "/admin/carriers/new/", name="Courier", phone="010 555 0142")
    saved(owner, f"/admin/carriers/edit/?id={carrier}", phone="010 555 0199")
    rows = table(owner.get("/admin/carriers/export/csv/?sort=phone").data)
    assert dict(zip(*rows, strict=True))["Phone"] == "010 555 0199"
    assert "010 555 0142 → 010 555 0199" in Page(owner.get(f"/admin/carriers/details/?id={carrier}").text).text
    assert list(errors(send(owner, "/admin/carriers/new/", name="Other", phone="1" * 65))) == ["phone"]


if __name__ == "__main__":
    look(sys.argv[1], Path(sys.argv[2]))
