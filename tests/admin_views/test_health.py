"""What a load balancer asks."""

import flask_migrate
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from models.base import db
from tests.servers import ROOT


def test_a_process_that_answers_is_alive(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_a_migrated_database_makes_the_product_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "database": "ok", "migrations": "ok"})


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
