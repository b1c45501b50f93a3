"""What a load balancer asks."""

from datetime import UTC, datetime, timedelta

import flask_migrate
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from models.base import db
from services.storage import store
from services.worker import SILENCE, beat
from tests.factories import NOON
from tests.servers import ROOT


def test_a_process_that_answers_is_alive(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_a_migrated_database_makes_the_product_ready(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        beat(now=datetime.now(UTC))
    answer = client.get("/readyz")
    ready = {"status": "ok", "database": "ok", "migrations": "ok", "worker": "ok", "files": "ok"}
    assert (answer.status_code, answer.json) == (200, ready)


def test_pages_are_ready_without_a_worker_and_its_absence_is_told(app: Flask, client: FlaskClient) -> None:
    def said() -> tuple[int, str]:
        answer = client.get("/readyz")
        return answer.status_code, (answer.json or {})["worker"]

    assert said() == (200, "not running: none was ever started")
    with app.app_context():
        beat(now=NOON)
    with time_machine.travel(NOON + SILENCE, tick=False):
        assert said() == (200, "ok")
    with time_machine.travel(NOON + SILENCE + timedelta(seconds=1), tick=False):
        assert said() == (200, f"not running since {NOON:%Y-%m-%dT%H:%M:%SZ}")


@pytest.mark.parametrize("url", ["file:///proc/nowhere", "s3://bucket"])
def test_pages_are_ready_without_the_file_store_and_its_absence_is_told(client: FlaskClient, url: str) -> None:
    store.connect(url)
    answer = client.get("/readyz")
    assert (answer.status_code, (answer.json or {})["files"]) == (200, "cannot be written or read")


def test_an_older_schema_is_not_ready(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        flask_migrate.downgrade(str(ROOT / "migrations"), revision="0001")
    answer = client.get("/readyz")
    assert (answer.status_code, (answer.json or {})["migrations"]) == (503, "behind")


def test_a_process_is_alive_without_its_database_whoever_asks(
    app: Flask, client: FlaskClient, owner: FlaskClient
) -> None:
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "checkout", lambda *_connection: asked.append("the database"))
    for browser in (client, owner):
        answer = browser.get("/healthz")
        assert (answer.status_code, answer.json, asked) == (200, {"status": "ok"}, [])
    owner.get("/admin/orders/")
    assert asked
