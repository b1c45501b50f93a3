"""The product on both databases: each test gets a fresh, migrated database of its own."""

import gc
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import flask_migrate
import hypothesis
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from psycopg import sql

from app import create_app
from config import Settings
from models.base import db
from tests import servers
from tests.people import client_of

POSTGRESQL = pytest.StashKey[str]()
MEMORY = Path("/dev/shm")

if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 << 30 and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
    tempfile.tempdir = str(MEMORY)  # thousands of databases are made, and none has to outlive the tests

for profile, examples in (("default", 60), ("soak", 3_000)):
    hypothesis.settings.register_profile(
        profile,
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        print_blob=True,
    )
hypothesis.settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take how often each race is run."""
    parser.addoption("--rounds", type=int, default=1, help="how often each race and each crash is run")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run races and crashes in rounds."""
    rounds: int = metafunc.config.getoption("rounds")
    if rounds > 1 and metafunc.definition.get_closest_marker("race"):
        metafunc.fixturenames.append("_round")
        metafunc.parametrize("_round", range(1, rounds + 1))


def pytest_collection_finish() -> None:
    """Keep thousands of tests and modules out of each search for garbage: they stay until the end."""
    gc.collect()
    gc.freeze()


def pytest_configure_node(node: object) -> None:
    """Start PostgreSQL before the first parallel worker, so that all share it."""
    node.workerinput["postgresql"] = _postgresql(node.config)  # type: ignore[attr-defined]


def _postgresql(config: pytest.Config) -> str:
    if hasattr(config, "workerinput"):
        shared: str = config.workerinput["postgresql"]
        return shared
    if POSTGRESQL not in config.stash:
        until_end = ExitStack()
        config.add_cleanup(until_end.close)
        config.stash[POSTGRESQL] = until_end.enter_context(servers.postgresql())
    return config.stash[POSTGRESQL]


def _settings(database_url: str, folder: Path) -> Settings:
    instance = folder / "instance"
    instance.mkdir()
    return Settings.from_environ({"DATABASE_URL": database_url, "SECRET_KEY": "only for tests"}, instance)


def _migrate(database_url: str, folder: Path) -> None:
    app = create_app(_settings(database_url, folder))
    with app.app_context():
        flask_migrate.upgrade(str(servers.ROOT / "migrations"))
        db.engine.dispose()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database to copy."""
    folder = tmp_path_factory.mktemp("migrated")
    _migrate(f"sqlite:///{folder / 'orders.db'}", folder)
    return folder / "orders.db"


@pytest.fixture(scope="session")
def postgresql(pytestconfig: pytest.Config) -> Iterator[psycopg.Connection]:
    """A connection that may make and drop databases."""
    with psycopg.connect(_postgresql(pytestconfig), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def migrated_database(postgresql: psycopg.Connection, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database to copy."""
    name = f"migrated_{secrets.token_hex(8)}"
    postgresql.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    _migrate(_address(postgresql, name), tmp_path_factory.mktemp("migrated"))
    return name


def _address(server: psycopg.Connection, name: str) -> str:
    info = server.info
    return f"postgresql+psycopg://{info.user}:{info.password}@{info.host}:{info.port}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """The database a test runs on: both, one after the other."""
    name: str = request.param
    return name


@pytest.fixture
def database_url(engine_name: str, request: pytest.FixtureRequest) -> str:
    """The address of a fresh, migrated database."""
    url: str = request.getfixturevalue(f"{engine_name}_url")
    return url


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """The address of a copied file."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'orders.db')}"


@pytest.fixture
def postgresql_url(postgresql: psycopg.Connection, migrated_database: str) -> Iterator[str]:
    """The address of a copied database, dropped afterwards whoever is still connected."""
    name = f"test_{secrets.token_hex(8)}"
    copy, source = sql.Identifier(name), sql.Identifier(migrated_database)
    postgresql.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(copy, source))
    yield _address(postgresql, name)
    postgresql.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(copy))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of a local trial with files of its own."""
    return _settings(database_url, tmp_path)


@pytest.fixture(scope="session")
def products() -> dict[str, Flask]:
    """The product for each kind of database, once it is made."""
    return {}


@pytest.fixture
def app(engine_name: str, settings: Settings, products: dict[str, Flask]) -> Iterator[Flask]:
    """The product on the database of this test.

    Settings are set back; a test that changes more of the product makes one of its own.
    """
    app = products.get(engine_name) or products.setdefault(engine_name, servers.product(settings))
    config = dict(app.config)
    servers.connect(app, settings)
    yield app
    app.config.clear()
    app.config.update(config)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts, at http://localhost."""
    return app.test_client()


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    """Somebody with every role at owner."""
    return client_of(app, "owner")


@pytest.fixture
def editor(app: Flask) -> FlaskClient:
    """Somebody who edits orders."""
    return client_of(app, "editor")


@pytest.fixture
def viewer(app: Flask) -> FlaskClient:
    """Somebody who sees orders."""
    return client_of(app, "viewer")


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """Somebody who may sign in and nothing else."""
    return client_of(app, "stranger")
