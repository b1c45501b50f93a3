"""Measures the product beside the floor and the peers, and writes what it found: `python -m benchmarks.run`."""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

from app import create_app
from benchmarks import data, floor_tables, report, steps
from benchmarks.batches import measure_batches
from benchmarks.data import Database
from benchmarks.editing import measure_editing
from benchmarks.exports import files, measure_file
from benchmarks.measure import Party, Round, in_rounds, memory, ratios, summary
from benchmarks.servers import Served, serving
from benchmarks.upkeep import measure_upkeep
from benchmarks.workloads import Who, Workload, after_write, numbers, workloads
from config import Settings
from models.base import db, sqlite_driver
from tests.people import csrf_token
from tests.servers import ROOT, postgresql

PACKAGES = ("flask", "flask-admin", "sqlalchemy", "psycopg", "gunicorn", "django")
MOST_ROUNDS_OF_FILES = 3
LONGER = 2
"""How many times longer a turn takes when the CPU of a page is wanted: the kernel counts in hundredths."""


class OtherRows(Exception):
    """Two who are compared do not show the same orders, so their times say nothing."""


def main() -> None:
    """Measure what was asked for; what is found is kept after each database."""
    asked = _arguments()
    home = asked.folder.resolve()
    home.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {"databases": [], "growth": {}}
    for engine in asked.engines:
        with server(engine, home) as (address, process):
            counted: list[tuple[int, dict[str, int]]] = []
            for orders in sorted({*asked.sizes, *asked.counted}):
                print(f"{engine}, {orders:,} orders: making the database", flush=True)
                database = data.make(engine, orders, home, address)
                if orders in asked.sizes:
                    results["databases"].append(measure(database, home, process, asked.rounds, asked.budget))
                    counted.append((orders, results["databases"][-1]["steps"]))
                else:
                    counted.append((orders, _count(database, ())[1]))
            results["growth"][engine] = [
                {"from": few, "to": many, "times": steps.growth(small, large)}
                for (few, small), (many, large) in pairwise(counted)
            ]
            (home / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    report.write(home / "results.json")
    print("benchmarks/RESULTS.md is written.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000], help="how many orders")
    parser.add_argument("--counted", type=int, nargs="*", default=[], help="sizes at which only steps are counted")
    parser.add_argument("--engines", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    parser.add_argument("--rounds", type=int, default=7, help="turns of each, the order turned round each time")
    parser.add_argument("--budget", type=float, default=0.5, help="seconds that a turn takes, if a request takes less")
    parser.add_argument("--folder", type=Path, default=ROOT / ".benchmarks", help="where databases stay")
    return parser.parse_args()


def about(rounds: int) -> dict[str, Any]:
    """Give what the figures depend on: the day, the machine, the versions."""
    memory_kb = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit.stdout.strip(),
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory_kb.split()[1]) / 2**20),
        "load": round(os.getloadavg()[2], 1),
        "rounds": rounds,
        "python": platform.python_version(),
        "sqlite": sqlite_driver.sqlite_version,
        "packages": {name: version(name) for name in PACKAGES},
    }


@contextmanager
def server(engine: str, home: Path) -> Iterator[tuple[str | None, int | None]]:
    """Run the database server, if the engine has one; give its address and the number of its process."""
    if engine == "sqlite":
        yield None, None
        return
    folder = home / "postgresql"
    folder.mkdir(exist_ok=True)
    with postgresql(folder, **data.TUNED) as address:
        yield address, int((folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])


def measure(database: Database, home: Path, process: int | None, rounds: int, budget: float) -> dict[str, Any]:
    """Measure everything on one database."""
    asked, circumstances = workloads(database.facts), about(rounds)
    _make_django_tables(database)
    say = partial(print, f"{database.engine}, {database.orders:,} orders:", flush=True)
    with ExitStack() as servers:
        write = servers.enter_context(_writing(database))
        served = {who: servers.enter_context(serving(who, database, home)) for who in Who}
        say("comparing rows")
        _compare_rows(asked, served)
        pages = []
        for workload in asked:
            pages.append(measure_page(workload, served, write, process, rounds, budget))
            say(report.line(pages[-1]))
        memories = {who.value: memory(one.process) for who, one in served.items()}
        exports = {}
        for name, asks in files(database.facts).items():
            say(name)
            rows = database.facts.orders if "CSV" in name else database.facts.recent_orders
            exports[name] = measure_file(asks, served, rows, min(rounds, MOST_ROUNDS_OF_FILES))
    say("one worker")
    with ExitStack() as servers:
        write = servers.enter_context(_writing(database))
        pair = (Who.PRODUCT, Who.FLOOR)
        served = {who: servers.enter_context(serving(who, database, home, workers=1)) for who in pair}
        one_worker = [measure_page(workload, served, write, process, rounds, LONGER * budget) for workload in asked]
    say("batches")
    batches = measure_batches(database, home, min(rounds, MOST_ROUNDS_OF_FILES))
    say("editor")
    editing = measure_editing(database, home, rounds)
    say("upkeep")
    upkeep = measure_upkeep(database, rounds)
    say("statements and steps")
    per_page, counted = _count(database, asked)
    return {
        "engine": database.engine,
        "orders": database.orders,
        "about": circumstances,
        "facts": asdict(database.facts),
        "pages": pages,
        "one_worker": one_worker,
        "statements": per_page,
        "memory": memories,
        "exports": exports,
        "batches": batches,
        "editing": editing,
        "upkeep": upkeep,
        "steps": counted,
    }


def _make_django_tables(database: Database) -> None:
    make = "from benchmarks.peers.django_peer import make_tables; make_tables()"
    subprocess.run([sys.executable, "-c", make], cwd=ROOT, env=database.environ, check=True)


def _compare_rows(asked: Sequence[Workload], served: Mapping[Who, Served]) -> None:
    """Raise OtherRows when those who give the same rows do not."""
    for workload in asked:
        found = {}
        for who in workload.alike:
            answer = served[who].client.get(workload.paths[who])
            assert answer.status == 200, (who, workload.paths[who], answer.status)
            found[who.value] = numbers(who, answer.text)
        if len({tuple(rows) for rows in found.values()}) > 1:
            raise OtherRows(f"{workload.key} {workload.name}: {found}")


def measure_page(
    workload: Workload,
    served: Mapping[Who, Served],
    write: Callable[[], None],
    database_process: int | None,
    rounds: int,
    budget: float,
) -> dict[str, Any]:
    """Measure a page of all who give it; ratios are those of the product to each other one.

    The product and the floor are asked in two ways: with nothing written meanwhile, and each time after a write.
    """
    those = [who for who in served if who in workload.paths]
    sizes = {who.value: len(served[who].client.get(workload.paths[who]).body) for who in those}

    def party(who: Who, before: Callable[[], None]) -> Party:
        one, path = served[who], workload.paths[who]
        return Party(partial(_seconds, one, path, before), one.client.close, one.process, database_process)

    parties = {who.value: party(who, lambda: None) for who in those}
    parties |= {after_write(who): party(who, write) for who in (Who.PRODUCT, Who.FLOOR)}
    found = in_rounds(parties, rounds, budget)
    after = {who.value: found.get(after_write(who), found[who.value]) for who in those}

    def to_others(rounds_of: Mapping[str, Sequence[Round]]) -> dict[str, Any]:
        mine = rounds_of[Who.PRODUCT.value]
        return {who.value: ratios(mine, rounds_of[who.value]) for who in those if who is not Who.PRODUCT}

    return {
        "key": workload.key,
        "name": workload.name,
        "bytes": sizes,
        "measured": {who: summary(rounds_of) for who, rounds_of in found.items()},
        "ratios": to_others(found),
        "ratios_after_write": to_others(after),
    }


@contextmanager
def _writing(database: Database) -> Iterator[Callable[[], None]]:
    """Give a deed that writes a little of what no page shows."""
    connection = floor_tables.connect(database.url)
    try:
        connection.execute("DROP TABLE IF EXISTS floor_written")
        connection.execute("CREATE TABLE floor_written AS SELECT 0 AS times")
        yield lambda: connection.execute("UPDATE floor_written SET times = times + 1")
    finally:
        connection.close()


def _seconds(one: Served, path: str, before: Callable[[], None]) -> float:
    before()
    answer = one.client.get(path)
    assert answer.status == 200, (one.who, path, answer.status)
    return answer.seconds


def _count(database: Database, asked: Sequence[Workload]) -> tuple[dict[str, int], dict[str, int]]:
    """Give the product's statements per page, and the steps or rows of each query."""
    settings = {"DATABASE_URL": database.url, "SECRET_KEY": "of no use to anybody", "FILES_URL": "memory://files"}
    app = create_app(Settings.from_environ(settings, database.folder))
    client = app.test_client()
    email, password = database.login
    client.post("/login", data={"email": email, "password": password, "csrf_token": csrf_token(client)})
    per_page = {
        f"{workload.key} {workload.name}": steps.statements_of_page(app, client, workload.paths[Who.PRODUCT])
        for workload in asked
    }
    counted = steps.count_steps(app, database.facts)
    with app.app_context():
        db.engine.dispose()
    return per_page, counted


if __name__ == "__main__":
    main()
