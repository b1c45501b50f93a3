"""The queue: what is announced is heard, and what goes wrong with it harms nobody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest

from services.queue import Queue

LONG, SHORT = 30, 0.3
CROWD = 8


@pytest.fixture
def queue_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A file, or a PostgreSQL database."""
    if engine_name == "sqlite":
        return f"sqlite:///{tmp_path / 'queue.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def queues(queue_url: str) -> Iterator[tuple[Queue, Queue]]:
    """The same queue in two processes."""
    here, there = Queue(), Queue()
    for queue in (here, there):
        queue.connect(queue_url)
    yield here, there
    for queue in (here, there):
        queue.connect("")


def hears(queue: Queue, seconds: float) -> bool:
    """Say whether something was announced; waiting would otherwise last until `stop` is set."""
    return queue.wait(seconds, Event())


def test_what_one_process_announces_another_hears(queues: tuple[Queue, Queue]) -> None:
    here, there = queues
    here.announce()
    assert hears(there, LONG)


def test_many_announcements_are_heard_once(queues: tuple[Queue, Queue]) -> None:
    here, there = queues
    for _announcement in range(3):
        here.announce()
    assert hears(there, LONG)
    assert not hears(there, SHORT)
    here.announce()
    assert hears(there, LONG)


def test_waiting_ends_when_the_worker_is_stopped(queues: tuple[Queue, Queue]) -> None:
    stop = Event()
    stop.set()
    assert not queues[0].wait(LONG, stop)


@pytest.mark.race
def test_many_may_open_a_new_queue_at_once(queue_url: str, caplog: pytest.LogCaptureFixture) -> None:
    ready = Barrier(CROWD)

    def announce(_nth: int) -> None:
        queue = Queue()
        queue.connect(queue_url)
        ready.wait(LONG)
        queue.announce()
        queue.connect("")

    with ThreadPoolExecutor(CROWD) as crowd:
        list(crowd.map(announce, range(CROWD)))
    assert not caplog.records


@pytest.mark.parametrize("content", [b"no database at all, but a text that is long enough to be read as one" * 9, None])
def test_a_broken_queue_harms_nobody(content: bytes | None, tmp_path: Path) -> None:
    path, queue = tmp_path / "queue.db", Queue()
    path.mkdir() if content is None else path.write_bytes(content)
    queue.connect(f"sqlite:///{path}")
    queue.announce()
    assert not hears(queue, SHORT)


def test_a_lost_queue_file_is_made_anew(tmp_path: Path) -> None:
    path, queue = tmp_path / "queue.db", Queue()
    queue.connect(f"sqlite:///{path}")
    queue.announce()
    path.unlink()
    queue.connect(f"sqlite:///{path}")
    assert not hears(queue, SHORT)
    queue.announce()
    assert hears(queue, LONG)
    queue.connect("")
