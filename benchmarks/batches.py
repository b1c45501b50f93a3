"""One thing done to 10,000 orders, with its history: by the product as a person does it, by the floor in plain SQL."""

import json
import re
from pathlib import Path
from time import perf_counter, sleep

from benchmarks import floor_tables
from benchmarks.data import Database, copied
from benchmarks.servers import Client, Served, serving
from benchmarks.workloads import Who

MANY = 10_000
LOOK_EVERY = 0.02
CHOSEN = {
    "h reset export": "SELECT id FROM orders WHERE export_status <> 'EMPTY' ORDER BY id",
    "h change status": (
        "SELECT o.id FROM orders o JOIN order_status s ON s.id = o.status_id WHERE s.code = 'COMPLETE' ORDER BY o.id"
    ),
}
TO_STATUS = "ARCHIVED"


def measure_batches(database: Database, folder: Path, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Give the seconds of each batch in each round, by its name and who did it, and how many orders it was.

    Every round works on a fresh copy, so that nobody finds done what is to be done.
    """
    found: dict[str, dict[str, list[float]]] = {
        name: {Who.PRODUCT.value: [], Who.FLOOR.value: [], "orders": []} for name in CHOSEN
    }
    order = [Who.PRODUCT, Who.FLOOR]
    for _round in range(rounds):
        for who in order:
            with copied(database) as copy, serving(who, copy, folder) as served:
                for name, chosen in CHOSEN.items():
                    numbers = _numbers(copy, chosen)
                    found[name][who.value].append(_done(name, numbers, served, copy))
                    found[name]["orders"].append(len(numbers))
        order.reverse()
    return found


def _numbers(database: Database, chosen: str) -> list[int]:
    connection = floor_tables.connect(database.url)
    try:
        return [row[0] for row in connection.execute(f"{chosen} LIMIT {MANY}").fetchall()]
    finally:
        connection.close()


def _done(name: str, numbers: list[int], served: Served, database: Database) -> float:
    if served.who is Who.PRODUCT:
        return _by_product(name, numbers, served.client)
    asked: dict[str, object] = {"ids": numbers, "staff": 1}
    if "status" in name:
        status = _numbers(database, f"SELECT id FROM order_status WHERE code = '{TO_STATUS}'")[0]
        asked |= {"status": status, "code": TO_STATUS}
    answer = served.client.post_json("/status" if "status" in name else "/reset", json.dumps(asked))
    assert json.loads(answer.body)["changed"] == len(numbers), answer.text
    return answer.seconds


def _by_product(name: str, numbers: list[int], client: Client) -> float:
    """Tick the orders, look at the preview and confirm it; give the seconds from there until all is done."""
    action = "change_status" if "status" in name else "reset_export"
    ticked = {
        "csrf_token": client.token("/admin/orders/"),
        "action": action,
        "ids": ",".join(map(str, numbers)),
    }
    preview = client.post("/admin/orders/action/", ticked).location
    if action == "change_status":
        preview = f"{preview}?to={TO_STATUS}"
    page = client.get(preview).text
    form = {field: _value(page, field) for field in ("csrf_token", "key", "expected", "to")}
    start = perf_counter()
    batch = client.post(preview, {**form, "note": "", "typed": str(len(numbers))}).location
    assert re.fullmatch(r"/admin/batches/\d+/", batch), f"the batch was not begun: {batch}"
    while not json.loads(client.get(f"{batch}progress").body)["is_ended"]:
        sleep(LOOK_EVERY)
    return perf_counter() - start


def _value(page: str, field: str) -> str:
    found = re.search(rf'name="{field}"[^>]*value="([^"]*)"', page)
    return found[1] if found else ""
