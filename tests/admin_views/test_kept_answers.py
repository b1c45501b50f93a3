"""A list that is asked for again is given as it was, and never when anything is new."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy import create_engine, text

from admin_views import kept_answers
from admin_views.orders.list import OrderView
from models.base import db
from models.saved_view import SavedView
from models.staff import Staff
from tests.admin_views.orders.test_statements import counted
from tests.admin_views.reading import LIST, Page
from tests.factories import make_order, make_staff
from tests.people import GRANTS, signed_in, token_in

TRIES = 50


class Made:
    """How often a list was made."""

    def __init__(self) -> None:
        self.times = 0

    def by(self, ask: Callable[[], object]) -> int:
        """Count how often asking made one."""
        before = self.times
        ask()
        return self.times - before


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """Count the lists that are made, from none kept on."""
    seen, answer = Made(), OrderView._answer

    def counting(view: OrderView) -> ResponseReturnValue:
        seen.times += 1
        return answer(view)

    monkeypatch.setattr(OrderView, "_answer", counting)
    kept_answers.forget()
    yield seen
    kept_answers.forget()


def is_kept(made: Made, ask: Callable[[], object]) -> bool:
    """Say whether what is asked for is kept; tests beside write to the same server now and then."""
    return any(made.by(ask) == 0 for _try in range(TRIES))


def test_what_is_asked_for_again_is_not_made_again(app: Flask, viewer: FlaskClient, made: Made) -> None:
    with app.app_context():
        make_order()
    assert is_kept(made, lambda: viewer.get(LIST))

    def only_asked_who_it_is() -> bool:
        with counted(app) as statements:
            viewer.get(LIST)
        return len(statements) == 1

    assert any(only_asked_who_it_is() for _try in range(TRIES))
    assert viewer.get(LIST).headers["Cache-Control"] == "no-store"
    assert "nonce" not in viewer.get(LIST).text, "it would be another request's"


def test_what_anybody_writes_is_seen_at_once(app: Flask, viewer: FlaskClient, made: Made, database_url: str) -> None:
    for count in range(1, 4):
        with app.app_context():
            number = make_order()
        assert number in Page(viewer.get(LIST).text).numbers
        assert len(Page(viewer.get(LIST).text).numbers) == count
    engine = create_engine(database_url)
    with engine.begin() as stranger:
        stranger.execute(text("UPDATE order_status SET name = 'Written by hand' WHERE code = 'NEW'"))
    engine.dispose()
    assert "Written by hand" in viewer.get(LIST).text


def test_a_page_is_of_its_address(app: Flask, viewer: FlaskClient, made: Made) -> None:
    with app.app_context():
        first, second = make_order(), make_order()
    for _time in range(2):
        assert Page(viewer.get(LIST).text).numbers == [second, first]
        assert Page(viewer.get(f"{LIST}?search={first}").text).numbers == [first]


def test_a_page_is_of_its_session(app: Flask, made: Made) -> None:
    with app.app_context():
        make_order()
        emails = [make_staff(name, GRANTS[name]).email for name in ("viewer", "owner")]
    viewer, owner = (signed_in(app, email) for email in emails)
    for client in (viewer, owner):
        with client.session_transaction() as session:
            session["csrf_token"] = "alike"
    for _time in range(2):
        assert "reset_export" not in viewer.get(LIST).text
        assert "reset_export" in owner.get(LIST).text
    assert owner.post("/logout", data={"csrf_token": token_in(owner.get(LIST).text)}).status_code == 302
    assert owner.get(LIST).status_code == 302


@pytest.mark.parametrize("token", ["another", None])
def test_the_forms_of_a_page_are_taken(app: Flask, viewer: FlaskClient, made: Made, token: str | None) -> None:
    """Two tabs that open at once may be given a token each; the browser keeps the last."""
    with app.app_context():
        make_order()
    form = {"column": ["order_number"], "url": LIST}
    for _time in range(3):
        for _again in range(2):
            viewer.get(LIST)
        with viewer.session_transaction() as session:
            session.pop("csrf_token", None)
            if token:
                session["csrf_token"] = token
        answer = viewer.post(f"{LIST}columns", data={**form, "csrf_token": token_in(viewer.get(LIST).text)})
        assert answer.status_code == 302


def test_an_answer_that_leads_elsewhere_is_made_each_time(app: Flask, viewer: FlaskClient, made: Made) -> None:
    with app.app_context():
        view = SavedView(
            staff_id=db.session.scalars(db.select(Staff.id)).one(), name="N", name_folded="n", asked="tab=X"
        )
        db.session.add(view)
        db.session.commit()
        number = view.id
    for _time in range(3):
        assert made.by(lambda: viewer.get(f"{LIST}?view={number}", follow_redirects=True)) == 2


def test_a_page_is_of_its_language_and_its_day(
    viewer: FlaskClient, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer.get(LIST)
    assert "All orders" in viewer.get(LIST, headers={"Accept-Language": "en"}).text
    assert "Alle orders" in viewer.get(LIST, headers={"Accept-Language": "nl"}).text
    assert is_kept(made, lambda: viewer.get(LIST))

    tomorrow = SimpleNamespace(now=lambda zone: datetime.now(zone) + timedelta(days=1))
    monkeypatch.setattr(kept_answers, "datetime", tomorrow)
    assert made.by(lambda: viewer.get(LIST)) == 1


def test_a_message_is_shown_once(viewer: FlaskClient, made: Made) -> None:
    for _time in range(2):
        assert is_kept(made, lambda: viewer.get(LIST))
        with viewer.session_transaction() as session:
            session["_flashes"] = [("info", "Only now")]
        assert "Only now" in viewer.get(LIST).text
        assert "Only now" not in viewer.get(LIST).text


def test_a_message_waits_for_a_page_that_somebody_reads(viewer: FlaskClient) -> None:
    with viewer.session_transaction() as session:
        session["_flashes"] = [("info", "Only now")]
    assert "Only now" not in viewer.get(LIST, headers={"X-Part": "rows"}).text
    assert "Only now" in viewer.get(LIST).text


@pytest.mark.race
def test_whoever_wrote_sees_it_while_others_write(app: Flask, made: Made) -> None:
    together = Barrier(8)
    with app.app_context():
        emails = [make_staff(f"clerk{place}", GRANTS["viewer"]).email for place in range(8)]
    clients = [signed_in(app, email) for email in emails]

    def work(client: FlaskClient) -> list[int]:
        unseen = []
        together.wait(30)
        for _time in range(5):
            client.get(f"{LIST}?page_size=100")
            with app.app_context():
                number = make_order()
            shown = client.get(f"{LIST}?page_size=100").text
            unseen += [number] if f">{number}</a>" not in shown else []
        return unseen

    with ThreadPoolExecutor(8) as clerks:
        assert not any(list(clerks.map(work, clients)))
