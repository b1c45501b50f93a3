"""The yardstick is honest: it shows what the product shows; and what a query reads is counted."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app import create_app
from benchmarks import data, editing, floor, floor_tables, steps
from benchmarks.servers import Answer, Client
from benchmarks.upkeep import copies_of_newest, measure_upkeep
from benchmarks.workloads import CSV, Who, numbers, workloads
from config import Settings
from models.base import db
from services.order_counts import put_together
from services.reindex import tidy_index
from services.verify import verify
from tests.people import client_of

MOST_GROWTH = 1.25
OF_ONE_SIZE = {
    "a first page",
    "a first page by company",
    "b status set",
    "c tab counts",
    "c tab counts of a company",
    "d company and year by total",
    "d filter that fits nothing",
    "e search rare",
    "e search medium",
    "e search broad",
    "e search none",
    "e23 search rare",
    "e23 search medium",
    "e23 search broad",
    "e23 search none",
    "f page",
    "f oldest first, page",
    "f of a tab, page",
    "f by total, last page",
}
"""What costs the same at 1,000, 10,000 and 100,000 orders. A search costs by what it finds, up to a thousand orders."""


@pytest.fixture
def facts(app: Flask, settings: object, tmp_path: Path) -> data.Facts:
    """A database of demo orders, completed as the measured ones are."""

    def flask(*words: str) -> None:
        done = app.test_cli_runner().invoke(args=words, catch_exceptions=False)
        assert done.exit_code == 0, done.output

    flask("demo", "--orders", "300", "--until", data.UNTIL.isoformat())
    data.add_long_order(tmp_path, flask)
    return data.complete(app.config["SQLALCHEMY_DATABASE_URI"])


@pytest.fixture
def yardstick(facts: data.Facts, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The floor on that database."""
    floor_tables.make(database_url)
    monkeypatch.setenv("DATABASE_URL", database_url)
    made = floor.create_app()
    yield made
    made.extensions["floor"].close()


def test_the_floor_shows_the_orders_of_the_product(app: Flask, facts: data.Facts, yardstick: Flask) -> None:
    product, plain = client_of(app, "owner"), yardstick.test_client()
    for workload in workloads(facts):
        pages = {who: client.get(workload.paths[who]) for who, client in ((Who.PRODUCT, product), (Who.FLOOR, plain))}
        assert [page.status_code for page in pages.values()] == [200, 200], workload
        if workload.alike:
            product_rows, floor_rows = (numbers(who, page.text) for who, page in pages.items())
            assert product_rows == floor_rows, workload
            assert product_rows or workload.name.endswith("none"), workload
    files = product.get(CSV[Who.PRODUCT]).text, plain.get(CSV[Who.FLOOR]).text
    in_product, in_floor = ([(row[0], row[6]) for row in csv.reader(io.StringIO(file))][1:] for file in files)
    assert in_product == in_floor


def test_a_list_reads_no_more_of_ten_times_as_many_orders(
    engine_name: str, postgresql: psycopg.Connection, tmp_path: Path
) -> None:
    address, counted = server_of(postgresql), []
    for orders in (1_000, 10_000):
        made = data.make(engine_name, orders, tmp_path, None if engine_name == "sqlite" else address)
        product = create_app(Settings.from_environ(made.environ, made.folder))
        counted.append(steps.count_steps(product, made.facts))
        if orders == 10_000:
            _copy_all(product, made, 9)
            facts = data.Facts(**{**asdict(made.facts), "orders": 10 * made.facts.orders, **_words(made)})
            counted.append(steps.count_steps(product, facts))
        with product.app_context():
            db.engine.dispose()
    grown, grown_again = (steps.growth(small, large) for small, large in pairwise(counted))
    of_words = {name for name in OF_ONE_SIZE if name.startswith("e")}  # a thousand orders hold too few
    assert not {name for name in OF_ONE_SIZE - of_words if grown[name] > MOST_GROWTH}, counted
    of_a_company = {"a first page by company", "d company and year by total"}  # copies are orders of the same companies
    if engine_name == "postgresql":
        of_a_company.add("e search medium")  # and have the same addresses, of which it reads more then
    assert not {name for name in OF_ONE_SIZE - of_a_company if grown_again[name] > MOST_GROWTH}, counted
    assert min(grown["f by update, page"], grown_again["f by update, page"]) > 2, "what grows is seen to grow"


def server_of(postgresql: psycopg.Connection) -> str:
    """Give the address of the server of a database."""
    info = postgresql.info
    return f"postgresql://{info.user}:{info.password}@{info.host}:{info.port}/postgres"


def _words(made: data.Database) -> dict[str, str]:
    """Give the words of the copies, of which one shall have a reference of its own."""
    connection = floor_tables.connect(made.url)
    try:
        connection.execute("UPDATE orders SET reference = 'PO-ONCE' WHERE id = 1")
        connection.execute("UPDATE order_search SET reference = 'po-once' WHERE order_id = 1")
        return data.words_of(connection)
    finally:
        connection.close()


def _copy_all(product: Flask, made: data.Database, times: int) -> None:
    """Add all orders again so often: to load as many would take minutes."""
    with product.app_context():
        for time in range(1, times + 1):
            with db.engine.begin() as connection:
                for copies in copies_of_newest(made.facts.orders, time * made.facts.orders):
                    connection.execute(copies)
            put_together()
        tidy_index()
        assert db.session.scalar(text("SELECT count(*) FROM orders")) == (times + 1) * made.facts.orders
        db.session.rollback()
    data.settle(made.url)


def test_a_batch_of_the_floor_keeps_its_counters(facts: data.Facts, yardstick: Flask) -> None:
    plain, numbers_of_set = yardstick.test_client(), f"/orders?statuses={','.join(map(str, facts.statuses))}"
    chosen = numbers(Who.FLOOR, plain.get(numbers_of_set).text)
    asked = {"ids": chosen, "staff": 1, "status": facts.statuses[0], "code": "VALIDATED"}
    for path in ("/status", "/reset"):
        assert plain.post(path, json=asked).status_code == 200
    floor_of = yardstick.extensions["floor"]
    counted = floor_of.execute("SELECT status_id, n FROM floor_status WHERE n > 0 ORDER BY 1").fetchall()
    assert counted == floor_of.execute("SELECT status_id, count(*) FROM orders GROUP BY 1 ORDER BY 1").fetchall()


class InProcess(Client):
    """A browser of the benchmarks that asks the product without a server."""

    def __init__(self, browser: FlaskClient) -> None:
        super().__init__(0)
        self._browser = browser

    def get(self, path: str, *, keep: bool = True) -> Answer:
        return Answer(200, self._browser.get(path).data, 0, 0)

    def post(
        self, path: str, form: Mapping[str, object], headers: Mapping[str, str] | None = None, *, keep: bool = True
    ) -> Answer:
        answer = self._browser.post(path, data=form, headers=headers)
        return Answer(answer.status_code, answer.data, 0.1, 0.2, answer.location or "")


def test_the_editor_is_measured(app: Flask, facts: data.Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing, "LINES", (2, 4))
    deeds = editing.deeds_of(InProcess(client_of(app, "owner")), app.config["SQLALCHEMY_DATABASE_URI"], rounds=1)
    assert deeds == {deed: {"2": [0.2], "4": [0.2]} for deed in editing.DEEDS}


def test_upkeep_is_measured_and_taken_back(
    app: Flask, facts: data.Facts, engine_name: str, database_url: str, tmp_path: Path
) -> None:
    def kept() -> list[object]:
        with app.app_context():
            counts = "SELECT status_id, sum(orders) FROM order_count GROUP BY 1 ORDER BY 1"
            found: list[object] = [db.session.execute(text(counts)).all(), verify()]
            db.session.rollback()
            return found

    before = kept()
    database = data.Database(engine_name, facts.orders, database_url, tmp_path, facts)
    deeds = measure_upkeep(database, rounds=2)
    assert len(deeds) == 4
    assert all(len(seconds) == 2 and min(seconds) > 0 for of_deed in deeds.values() for seconds in of_deed.values())
    assert kept() == before


def test_growth_is_told_by_name() -> None:
    small, large = {"a first page": 100, "f page 10": 50}, {"a first page": 120, "f page 200": 100}
    assert steps.growth(small, large) == {"a first page": 1.2, "f page": 2.0}
