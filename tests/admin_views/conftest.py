"""The sample orders on both databases at once, for tests that only read."""

import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg import sql

from app import create_app
from config import Settings
from models.base import db
from tests.people import client_of
from tests.samples import Sample, write_samples

HOW_MANY = 48


@dataclass(frozen=True)
class Both:
    """Two products with the same orders, one on each database, and a viewer signed in to each."""

    apps: Mapping[str, Flask]
    viewers: Mapping[str, FlaskClient]
    samples: Sequence[Sample]

    @property
    def orders(self) -> list[Sample]:
        """The samples that are orders, not quotes or requests."""
        return [sample for sample in self.samples if sample.is_order]


@pytest.fixture(scope="session")
def both(
    migrated_file: Path,
    postgresql: psycopg.Connection,
    migrated_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Both]:
    """The same orders twice. Whoever uses them must not write."""
    folder = tmp_path_factory.mktemp("both")
    name, info = f"both_{secrets.token_hex(8)}", postgresql.info
    postgresql.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(migrated_database))
    )
    urls = {
        "sqlite": f"sqlite:///{shutil.copy(migrated_file, folder / 'orders.db')}",
        "postgresql": f"postgresql+psycopg://{info.user}:{info.password}@{info.host}:{info.port}/{name}",
    }
    apps = {
        engine: create_app(Settings.from_environ({"DATABASE_URL": url, "SECRET_KEY": "only for tests"}, folder))
        for engine, url in urls.items()
    }
    samples = {}
    for engine, app in apps.items():
        with app.app_context():
            samples[engine] = write_samples(HOW_MANY)
    assert samples["sqlite"] == samples["postgresql"]
    yield Both(apps, {engine: client_of(app, "viewer") for engine, app in apps.items()}, samples["sqlite"])
    for app in apps.values():
        with app.app_context():
            db.engine.dispose()
    postgresql.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(params=["sqlite", "postgresql"])
def reader(both: Both, request: pytest.FixtureRequest) -> FlaskClient:
    """A viewer of the sample orders, on one database after the other."""
    return both.viewers[request.param]
