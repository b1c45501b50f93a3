"""Workers as processes: woken, stopped, killed, taken over from, and beside the web server."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

import services.worker
from config import Settings
from models.base import begin_writing, db
from models.job import Job, JobKind, JobState, WorkerBeat
from permissions import SYSTEM
from services.jobs import Run, WorkerContext, enqueue, wake
from services.queue import queue
from services.worker import work
from tests.factories import NOON, make_order
from tests.servers import PATIENCE, ROOT, UNTIL_OUR_END

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def settings(settings: Settings, engine_name: str) -> Settings:
    """On PostgreSQL the queue is there, too."""
    return replace(settings, queue_url=settings.database_url) if engine_name == "postgresql" else settings


@pytest.fixture
def database(app: Flask) -> Iterator[None]:
    """The session on a fresh database, and its queue closed afterwards."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        yield
        db.session.rollback()
    queue.connect("")


@contextmanager
def running(settings: Settings, *command: str, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of the product; what is left of it at the end is killed."""
    process = subprocess.Popen(
        [*UNTIL_OUR_END, sys.executable, "-m", *command],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "QUEUE_URL": settings.queue_url,
            "SECRET_KEY": settings.secret_key,
            **environ,
        },
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)


@contextmanager
def worker(settings: Settings, *options: str, look_every: float = 600) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker with the slow job."""
    app = f"tests.slow_worker:slow_app({str(settings.instance)!r}, {look_every})"
    with running(settings, "flask", "--app", app, "worker", *options) as process:
        yield process


def until(condition: Callable[[], Any]) -> Any:
    """Give what the condition gives as soon as that is true."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)
    return found


def ask() -> int:
    begin_writing(db.session)
    job_id = enqueue(JobKind.FILE, 7, staff_id=None, now=NOON).id
    db.session.commit()
    return job_id


def job(job_id: int) -> Job:
    db.session.rollback()
    return db.session.get_one(Job, job_id, populate_existing=True)


def is_idle() -> bool:
    """Say whether the first look is over: it asks for what is periodic, and does it."""
    db.session.rollback()
    return bool(db.session.scalar(db.select(Job.id).where(Job.kind == JobKind.CLEAN, Job.state == JobState.DONE)))


def has_beaten() -> bool:
    """Say whether a worker has ever been there."""
    db.session.rollback()
    return db.session.scalar(db.select(WorkerBeat.at)) is not None


def test_a_job_that_was_never_announced_is_found_without_a_queue(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "queue.db").mkdir()
    queue.connect(f"sqlite:///{tmp_path / 'queue.db'}")
    monkeypatch.setattr(services.worker, "LOOK_EVERY", 0.05)
    stop, first = Event(), ask()
    done: list[int] = []

    def handler(run: Run) -> None:
        done.append(run.job_id)
        if run.job_id == first:
            ask()
        else:
            stop.set()

    work({JobKind.FILE: handler}, {}, WorkerContext(lambda: NOON), stop)
    assert len(done) == 2


def test_a_worker_merges_what_every_search_would_read_through(engine_name: str) -> None:
    is_postgresql, stop = engine_name == "postgresql", Event()

    def unmerged_pages() -> int:
        merges = text("SELECT gin_clean_pending_list('ix_order_search_trigrams')")
        pages: int = db.session.execute(merges).scalar_one() if is_postgresql else 0
        db.session.rollback()
        return pages

    make_order()
    assert unmerged_pages() == is_postgresql
    make_order()

    def clock() -> datetime:
        stop.set()
        return NOON

    work({}, {}, WorkerContext(clock), stop)
    assert unmerged_pages() == 0


def test_a_worker_outlives_its_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.worker, "LOOK_EVERY", 0.01)
    stop = Event()
    clocks: list[int] = []

    def clock() -> datetime:
        clocks.append(1)
        if len(clocks) == 1:
            raise OperationalError("SELECT 1", {}, Exception("gone"))
        stop.set()
        return NOON

    work({}, {}, WorkerContext(clock), stop)
    assert len(clocks) > 1


@pytest.mark.race
def test_a_worker_is_woken_does_the_job_and_ends_when_asked(settings: Settings) -> None:
    (settings.instance / "go").touch()
    with worker(settings) as process:
        until(is_idle)
        until(has_beaten)
        job_id = ask()
        wake()
        until(lambda: job(job_id).state == JobState.DONE)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


@pytest.mark.race
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_stopped_hands_its_job_back_and_the_next_one_ends_it(
    settings: Settings, number: signal.Signals
) -> None:
    job_id = ask()
    with worker(settings) as process:
        until(lambda: job(job_id).done)
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
    assert (job(job_id).state, job(job_id).attempts) == (JobState.WAITING, 0)
    (settings.instance / "go").touch()
    with worker(settings):
        until(lambda: job(job_id).state == JobState.DONE)


@pytest.mark.race
def test_a_killed_workers_job_is_taken_over_by_the_next_one_of_its_host(settings: Settings) -> None:
    job_id = ask()
    with worker(settings, "--lease=86400") as lost:
        until(lambda: job(job_id).done)
        lost.kill()
    (settings.instance / "go").touch()
    with worker(settings):
        until(lambda: job(job_id).state == JobState.DONE)
    assert job(job_id).attempts == 2


@pytest.mark.race
def test_a_job_that_a_living_worker_does_is_not_taken_over(settings: Settings) -> None:
    job_id = ask()
    with worker(settings):
        until(lambda: job(job_id).done)
        with worker(settings):
            until(is_idle)
        (settings.instance / "go").touch()
        until(lambda: job(job_id).state == JobState.DONE)
    assert job(job_id).attempts == 1


@pytest.mark.race
def test_the_job_of_a_worker_that_was_lost_elsewhere_is_taken_over_after_its_lease(settings: Settings) -> None:
    job_id = ask()
    with worker(settings, "--lease=1") as lost:
        until(lambda: job(job_id).done)
        lost.kill()
    shutil.rmtree(settings.instance / "workers")
    (settings.instance / "go").touch()
    with worker(settings, look_every=0.1):
        until(lambda: job(job_id).state == JobState.DONE)
    assert job(job_id).attempts == 2


@contextmanager
def web_server(settings: Settings) -> Iterator[tuple[int, int]]:
    """Serve the product as `make run` does; give the processes of the server and of the worker beside it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ("gunicorn", "--workers=1", "app:create_app()")
    with running(settings, *command, PORT=str(port), WORKER="1") as server:
        yield server.pid, until(lambda: worker_of(server.pid))


def worker_of(server: int) -> int | None:
    """Give the worker of a web server, once it has said that it is there."""
    return next(started(server, b"--parent"), None) if has_beaten() else None


def started(process: int, word: bytes) -> Iterator[int]:
    """Give the processes below one, however deep, that have this word in their command."""
    with suppress(OSError):
        for child in map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()):
            if word in Path(f"/proc/{child}/cmdline").read_bytes():
                yield child
            yield from started(child, word)


def is_gone(process: int) -> bool:
    """Say whether a process has ended, whether or not anybody has noticed."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.race
def test_a_worker_beside_the_web_server_is_started_again_and_ends_with_it(settings: Settings) -> None:
    with web_server(settings) as (server, first):
        os.kill(first, signal.SIGKILL)
        second = until(lambda: (found := worker_of(server)) != first and found)
        keeper = next(started(server, b"keep_worker"))
        os.kill(server, signal.SIGTERM)
        until(lambda: is_gone(server))
        assert is_gone(second)
        assert is_gone(keeper)


@pytest.mark.race
def test_a_worker_beside_the_web_server_ends_when_that_is_killed(settings: Settings) -> None:
    with web_server(settings) as (server, process):
        keeper = next(started(server, b"keep_worker"))
        os.kill(server, signal.SIGKILL)
        until(lambda: is_gone(process) and is_gone(keeper))
