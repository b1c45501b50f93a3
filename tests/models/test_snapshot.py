"""Whether anything has been written since can be told on both databases, whoever wrote."""

from collections.abc import Hashable, Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine, select, text, update

from models.base import begin_writing, db
from models.snapshot import Seen, snapshot
from models.status import OrderStatus

CHANGE = text("UPDATE order_status SET position = position + 1")
TRIES = 100


@pytest.fixture
def stranger(app: Flask, database_url: str) -> Iterator[Connection]:
    """Another program at the same database."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def read() -> Hashable:
    """Give the snapshot of the session's connection."""
    connection = db.session.connection()
    return snapshot(connection, connection.execute(select(Seen())).scalar_one())


def now(app: Flask) -> Hashable:
    """Give the snapshot of a request."""
    with app.app_context():
        return read()


def stays(app: Flask) -> bool:
    """Say whether two snapshots are equal; of the tests beside, PostgreSQL hears now and then."""
    return any(now(app) == now(app) for _try in range(TRIES))


def test_it_stays_while_nobody_writes(app: Flask) -> None:
    assert stays(app)


def test_it_is_another_after_whoever_writes(app: Flask, stranger: Connection) -> None:
    seen = {now(app)}
    with app.app_context():
        begin_writing(db.session)
        db.session.execute(update(OrderStatus).values(position=OrderStatus.position + 1))
        db.session.commit()
    seen.add(now(app))
    stranger.execute(CHANGE)
    stranger.commit()
    seen.add(now(app))
    assert len(seen) == 3


def test_it_is_another_only_when_what_was_written_can_be_seen(app: Flask, stranger: Connection) -> None:
    stranger.execute(CHANGE)
    assert stays(app), "it is not there for others yet"
    before = now(app)
    stranger.commit()
    assert now(app) != before


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_it_tells_who_began_before_and_ended_after(app: Flask, stranger: Connection) -> None:
    stranger.execute(CHANGE)
    with app.app_context():
        begin_writing(db.session)
        db.session.execute(text("CREATE TABLE written_meanwhile (id INTEGER)"))
        db.session.commit()
    before = now(app)
    stranger.commit()
    assert now(app) != before


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_two_databases_of_one_server_have_their_own(app: Flask, stranger: Connection) -> None:
    beside = create_engine(stranger.engine.url.set(database="postgres"))
    with beside.connect() as other:
        assert snapshot(other, "1:1:") != snapshot(stranger, "1:1:")
    beside.dispose()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_tells_of_one_connection_is_not_taken_for_another(app: Flask) -> None:
    with app.app_context():
        mine = read()
        with app.app_context():
            assert read() != mine
