"""All orders as a file: how fast, how soon, in how much memory, and how the others fare meanwhile.

Who reads the list meanwhile is a process of its own, as a second browser is: in the reader's own it would also wait
for the reader.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Event, Thread
from time import sleep

from benchmarks.data import Facts
from benchmarks.measure import memory, p95
from benchmarks.servers import Answer, Client, Served, ask_django
from benchmarks.workloads import CSV, ROOTS, Who

LOOK_EVERY = 0.05
FIRST_PAGES = {
    Who.PRODUCT: f"{ROOTS[Who.PRODUCT]}?page_size=25",
    Who.FLOOR: "/orders",
    Who.FLASK_ADMIN: ROOTS[Who.FLASK_ADMIN],
    Who.DJANGO: ROOTS[Who.DJANGO],
}
ALONE = 5
"""Seconds for which pages are asked for before the file, to know what they take by themselves."""
LONG_FOR_PEERS = 300_000
"""Orders from which on a peer's file is had once only: it takes minutes."""

Ask = Callable[[Client], Answer]


def files(facts: Facts) -> dict[str, dict[Who, Ask]]:
    """Give, by name, how each gives a file. XLSX is of the newest 100,000 orders at most."""
    recent = facts.recent
    return {
        "g CSV of all orders": {
            **{who: _getting(path) for who, path in CSV.items() if who is not Who.DJANGO},
            Who.DJANGO: lambda client: ask_django(client, CSV[Who.DJANGO]),
        },
        "g XLSX of the newest orders": {
            Who.PRODUCT: _getting(f"/admin/orders/export/xlsx?created_from={recent}"),
            Who.FLOOR: _getting(f"/xlsx?first={recent}"),
        },
    }


def _getting(path: str) -> Ask:
    return lambda client: client.get(path, keep=False)


def measure_file(
    asks: Mapping[Who, Ask], served: Mapping[Who, Served], rows: int, rounds: int
) -> dict[Who, list[dict[str, float]]]:
    """Have a file of so many rows of each in turn, the order turned round each round."""
    found: dict[Who, list[dict[str, float]]] = {who: [] for who in asks}
    order = list(asks)
    for place in range(rounds):
        for who in order:
            is_quick = who in (Who.PRODUCT, Who.FLOOR) or rows < LONG_FOR_PEERS
            if is_quick or not place:
                found[who].append(_one_file(asks[who], served[who], rows))
        order.reverse()
    return found


def _one_file(ask: Ask, served: Served, rows: int) -> dict[str, float]:
    with closing(served.another_client()) as reader:
        with _another_person(served) as alone:
            sleep(ALONE)
        before = memory(served.process)["anonymous"]
        with _another_person(served) as meanwhile, _watched_memory(served) as seen:
            answer = ask(reader)
    assert answer.status == 200, (served.who, answer.status)
    return {
        "seconds": answer.seconds,
        "rows_per_second": rows / answer.seconds,
        "first_byte": answer.first_byte,
        "bytes": int.from_bytes(answer.body, "big"),
        "growth": max(seen) - before,
        "others_alone": p95(alone),
        "others_meanwhile": p95(meanwhile or alone),
    }


@contextmanager
def _another_person(served: Served) -> Iterator[list[float]]:
    """Let somebody else read the list; the seconds that each page took are there in the end."""
    processes = get_context("spawn")
    ours, theirs = processes.Pipe()
    found: list[float] = []
    person = processes.Process(target=_read_pages, args=(theirs, served.another_client(), FIRST_PAGES[served.who]))
    person.start()
    theirs.close()
    try:
        ours.recv()
        yield found
        ours.send("over")
        found += ours.recv()
    finally:
        person.terminate()
        person.join()


def _read_pages(told: Connection, client: Client, page: str) -> None:
    seconds = []
    told.send("ready")
    while not told.poll(LOOK_EVERY):
        seconds.append(client.get(page).seconds)
    told.send(seconds)


@contextmanager
def _watched_memory(served: Served) -> Iterator[list[int]]:
    """Watch the memory of the server."""
    over = Event()
    seen = [memory(served.process)["anonymous"]]

    def watch() -> None:
        while not over.wait(LOOK_EVERY):
            seen.append(memory(served.process)["anonymous"])

    thread = Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
