"""The databases that are measured: made by the product's own commands, once, and kept between runs."""

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from psycopg import sql

from app import create_app
from benchmarks import floor_tables
from config import Settings
from tests.servers import ROOT

UNTIL = date(2026, 1, 1)
"""The day before which the orders end, so that a database made later is the same."""
YEAR = (date(2025, 1, 1), date(2025, 12, 31))
LONG = 500
"""Lines of the longest order."""
SHORT = 5
SOME = 100
"""Orders that hold a word of medium rarity, about: as many in a small database as in a large one."""
LOOKED_AT = 8
MOST_IN_XLSX = 100_000
"""Orders up to which the product sends a workbook at once."""
TUNED = {
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
}
"""How PostgreSQL is set, as somebody with a gigabyte to spare and a solid-state disk would."""


@dataclass(frozen=True)
class Facts:
    """What the workloads ask for in a database: rows that are there, and words by how many orders hold them.

    `statuses` are the three of the set with the id `status_set`; `company` is the one with the most orders in YEAR;
    `recent` is the first day of the newest orders, MOST_IN_XLSX at most and less than a day's fewer.
    """

    orders: int
    statuses: list[int]
    status_set: int
    company: int
    recent: str
    recent_orders: int
    short_order: int
    long_order: int
    rare: str
    medium: str
    broad: str
    article: str
    none: str = "xqzjwv"


@dataclass(frozen=True)
class Database:
    """A database with so many demo orders, at the address `url` (as SQLAlchemy writes it)."""

    engine: str
    orders: int
    url: str
    folder: Path
    facts: Facts

    @property
    def environ(self) -> dict[str, str]:
        """The environment in which the product, the floor and the peers work on it."""
        return environ(self.url, self.folder)

    @property
    def login(self) -> tuple[str, str]:
        """The e-mail address and password of the demo's owner."""
        line = (self.folder / "demo-logins.txt").read_text(encoding="ascii").splitlines()[0]
        email, password = line.split()
        return email, password


def environ(url: str, folder: Path) -> dict[str, str]:
    """Give the environment of a process that works on the database `url` and keeps its files in `folder`."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": url,
        "SECRET_KEY": "of no use to anybody",
        "FILES_URL": (folder / "files").as_uri(),
        "QUEUE_URL": f"sqlite:///{folder / 'queue.db'}",
    }


def make(engine: str, orders: int, home: Path, server: str | None) -> Database:
    """Give a database with so many orders, migrated to what the product wants now; `server` is PostgreSQL's address."""
    folder = home / f"{engine}-{orders}"
    url = f"sqlite:///{folder / 'orders.db'}" if server is None else f"{_with_driver(server)}/{_name(orders)}"
    kept = folder / "facts.json"
    if not kept.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if server is not None:
            _renew(server, _name(orders))
    _flask(url, folder, "db", "upgrade", "-d", str(ROOT / "migrations"))
    if not kept.exists():
        _flask(url, folder, "demo", "--orders", str(orders), "--until", UNTIL.isoformat())
        add_long_order(folder, lambda *words: _flask(url, folder, *words))
        kept.write_text(json.dumps(asdict(complete(url))))
    made_by = hashlib.sha256(Path(floor_tables.__file__).read_bytes()).hexdigest()
    if not (marker := folder / f"floor-{made_by[:16]}").exists():
        floor_tables.drop(url)
        floor_tables.make(url)
        marker.touch()
    settle(url)
    return Database(engine, orders, url, folder, Facts(**json.loads(kept.read_text())))


def add_long_order(folder: Path, flask: Any) -> None:
    """Import an order of LONG lines, older than all others, with the product's own command."""
    path = folder / "long-order.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["order", "sku", "name", "quantity", "price", "date"])
        for place in range(LONG):
            writer.writerow(["LONG", f"BENCH-{place:03}", f"Article {place} of a long order", 2, "12.50", "2024-01-02"])
    mapping = "order=order,sku=sku,name=name,quantity=quantity,price=price,date=date"
    flask("import-orders", str(path), "--map", mapping, "--source", "Benchmark", "--status", "COMPLETE")


def complete(url: str) -> Facts:
    """Let the set Processing hold three statuses, and find what the workloads ask for."""
    connection = floor_tables.connect(url)

    def ask(statement: str, *values: Any) -> Any:
        marked = statement if url.startswith("sqlite") else statement.replace("?", "%s")
        return connection.execute(marked, values).fetchone()

    try:
        (status_set,) = ask("SELECT id FROM status_set WHERE name = 'Processing'")
        connection.execute(f"UPDATE order_status SET status_set_id = {status_set} WHERE code = 'PROCESSING'")
        within = connection.execute(f"SELECT id FROM order_status WHERE status_set_id = {status_set} ORDER BY id")
        (orders,) = ask("SELECT count(*) FROM orders")
        start, stop = YEAR[0].isoformat(), UNTIL.isoformat()
        (company,) = ask(
            "SELECT company_id FROM orders WHERE company_id IS NOT NULL AND created_at >= ? AND created_at < ? "
            "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
            start,
            stop,
        )
        recent = "SELECT substr(CAST(created_at AS TEXT), 1, 10) FROM orders ORDER BY created_at DESC, id DESC "
        since = ask(f"{recent} LIMIT 1 OFFSET {min(orders - 1, MOST_IN_XLSX - orders // 350)}")[0]
        lines = "SELECT order_id FROM order_line GROUP BY order_id {} ORDER BY count(*) DESC, 1 DESC LIMIT 1"
        return Facts(
            orders=orders,
            statuses=[row[0] for row in within],
            status_set=status_set,
            company=company,
            recent=since,
            recent_orders=ask("SELECT count(*) FROM orders WHERE created_at >= ?", f"{since} 00:00:00")[0],
            short_order=ask(lines.format(f"HAVING count(*) = {SHORT}"))[0],
            long_order=ask(lines.format(f"HAVING count(*) = {LONG}"))[0],
            **words_of(connection),
            article=ask("SELECT sku FROM line_text ORDER BY id LIMIT 1")[0],
        )
    finally:
        connection.close()


def words_of(connection: Any) -> dict[str, str]:
    """Give the words: a reference of one order, and words in the company names of some and of the most orders."""
    once = "SELECT reference FROM orders WHERE reference <> '' GROUP BY 1 HAVING count(*) = 1 ORDER BY 1 LIMIT 1"
    counted: Counter[str] = Counter()
    named = "SELECT c.name_folded, count(*) FROM orders o JOIN company c ON c.id = o.company_id GROUP BY 1 ORDER BY 1"
    for name, count in connection.execute(named):
        counted.update(dict.fromkeys(re.findall(r"[a-z]{3,}", name), count))
    near = sorted(counted, key=lambda word: abs(counted[word] - SOME))[:LOOKED_AT]
    return {
        "rare": connection.execute(once).fetchone()[0],
        "medium": min(near, key=lambda word: abs(_holding(connection, word) - SOME)),
        "broad": counted.most_common(1)[0][0],
    }


def _holding(connection: Any, word: str) -> int:
    """Count the orders that hold a word of letters in one of the five fields."""
    texts = ("c.name_folded", "t.buyer_name", "i.company_folded", "t.debtor_id", "t.reference", "t.email")
    holds = " OR ".join(f"{text} LIKE '%{word}%'" for text in texts)
    found = (
        "SELECT count(*) FROM orders o JOIN order_search t ON t.order_id = o.id "
        f"LEFT JOIN company c ON c.id = o.company_id LEFT JOIN address i ON i.id = o.invoice_address_id WHERE {holds}"
    )
    return int(connection.execute(found).fetchone()[0])


@contextmanager
def copied(database: Database) -> Iterator[Database]:
    """Give a copy that may be written to, with nobody else at the database meanwhile; it is gone afterwards."""
    if database.engine == "sqlite":
        path = database.folder / "copy.db"
        settle(database.url)
        shutil.copyfile(database.url.removeprefix("sqlite:///"), path)
        try:
            yield Database("sqlite", database.orders, f"sqlite:///{path}", database.folder, database.facts)
        finally:
            for left in database.folder.glob("copy.db*"):
                left.unlink()
        return
    source, copy = _name(database.orders), f"{_name(database.orders)}_copy"
    server = database.url.removesuffix(f"/{source}")
    _renew(server, copy, template=source)
    try:
        yield Database("postgresql", database.orders, f"{server}/{copy}", database.folder, database.facts)
    finally:
        _drop(server, copy)


def _name(orders: int) -> str:
    return f"bench_{orders}"


def _with_driver(server: str) -> str:
    """Write the address of a server as SQLAlchemy does, without a database."""
    return server.replace("postgresql://", "postgresql+psycopg://").rpartition("/")[0]


def product(folder: str) -> Flask:
    """Make the product that keeps its files in a folder; the rest stands in the environment."""
    return create_app(Settings.from_environ(os.environ, Path(folder)))


def _flask(url: str, folder: Path, *words: str) -> None:
    command = [sys.executable, "-m", "flask", "--app", f"benchmarks.data:product({str(folder)!r})", *words]
    subprocess.run(command, cwd=ROOT, env=environ(url, folder), check=True)


@contextmanager
def _ruling(server: str) -> Iterator[psycopg.Connection[Any]]:
    address = server.replace("+psycopg", "").removesuffix("/postgres") + "/postgres"
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def _renew(server: str, name: str, template: str = "template0") -> None:
    _drop(server, name)
    with _ruling(server) as connection:
        made = "CREATE DATABASE {} TEMPLATE {}"
        connection.execute(sql.SQL(made).format(sql.Identifier(name), sql.Identifier(template)))


def _drop(server: str, name: str) -> None:
    with _ruling(server) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def settle(url: str) -> None:
    """Let the database do now what it would do by itself while it is measured."""
    connection = floor_tables.connect(url)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)" if url.startswith("sqlite") else "VACUUM ANALYZE")
    finally:
        connection.close()
