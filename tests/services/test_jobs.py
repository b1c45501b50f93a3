"""Jobs on both databases: asked for, taken once, tried again, failed with the reason, cancelled, taken over."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from models.base import begin_writing, db
from models.job import Job, JobKind, JobState
from permissions import SYSTEM, Action, Actor, Grant, NotAllowed
from services.errors import Refused, reread
from services.jobs import (
    LEASE,
    MOST_ATTEMPTS,
    PAUSES,
    Run,
    Taken,
    WorkerContext,
    cancel,
    enqueue,
    give_free,
    reason,
    retry,
    run_due,
    sweep,
)
from services.records import Gone
from tests.factories import NOON, make_staff

pytestmark = pytest.mark.usefixtures("database")


class Time:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, span: timedelta) -> None:
        self.now += span


@pytest.fixture
def time() -> Time:
    """It is noon."""
    return Time()


@pytest.fixture
def working(time: Time) -> WorkerContext:
    """A worker that is not being stopped."""
    return WorkerContext(time)


def ask(kind: JobKind = JobKind.FILE, subject_id: int = 7, staff_id: int | None = None) -> int:
    begin_writing(db.session)
    job_id = enqueue(kind, subject_id, staff_id=staff_id, now=NOON).id
    db.session.commit()
    return job_id


def job(job_id: int) -> Job:
    db.session.rollback()
    return db.session.get_one(Job, job_id, populate_existing=True)


def nothing(_run: Run) -> None:
    """Be done at once."""


def failing(error: Exception) -> Callable[[Run], None]:
    def fail(_run: Run) -> None:
        raise error

    return fail


def test_a_job_whose_transaction_is_rolled_back_was_never_asked_for() -> None:
    begin_writing(db.session)
    enqueue(JobKind.FILE, 7, staff_id=None, now=NOON)
    db.session.rollback()
    assert db.session.scalars(select(Job)).all() == []


def test_a_job_is_done_by_the_handler_of_its_kind(time: Time, working: WorkerContext) -> None:
    runs: list[Run] = []
    job_id = ask(subject_id=41)
    assert run_due({JobKind.FILE: runs.append}, working) == 1
    assert [(run.subject_id, run.attempt) for run in runs] == [(41, 1)]
    done = job(job_id)
    assert (done.state, done.finished_at, done.lease_until) == (JobState.DONE, time.now, None)
    assert run_due({JobKind.FILE: runs.append}, working) == 0


def test_a_report_keeps_progress_and_the_job(time: Time, working: WorkerContext) -> None:
    def work(run: Run) -> None:
        run.report(0, 10)
        time.pass_by(LEASE / 2)
        run.report(4)
        kept = job(run.job_id)
        assert (kept.state, kept.done, kept.total, kept.lease_until) == (JobState.RUNNING, 4, 10, time.now + LEASE)

    job_id = ask()
    run_due({JobKind.FILE: work}, working)
    assert job(job_id).state == JobState.DONE


def test_a_kind_without_handler_fails_with_that_reason(working: WorkerContext) -> None:
    job_id = ask()
    run_due({}, working)
    assert (job(job_id).state, job(job_id).error) == (
        JobState.FAILED,
        "This version of the product cannot do such work.",
    )


def test_a_failing_job_is_tried_again_with_growing_pauses_and_then_fails(time: Time, working: WorkerContext) -> None:
    job_id = ask()
    handlers = {JobKind.FILE: failing(ConnectionError("cannot reach ftp://me:secret@host/\nin detail"))}
    for pause in PAUSES:
        assert run_due(handlers, working) == 1
        waiting = job(job_id)
        assert (waiting.state, waiting.run_at - time.now) == (JobState.WAITING, pause)
        time.pass_by(pause - timedelta(seconds=1))
        assert run_due(handlers, working) == 0
        time.pass_by(timedelta(seconds=1))
    assert list(PAUSES) == sorted(set(PAUSES))
    run_due(handlers, working)
    failed = job(job_id)
    assert (failed.state, failed.attempts) == (JobState.FAILED, MOST_ATTEMPTS)
    assert (failed.started_at, failed.finished_at) == (time.now, time.now)
    assert failed.error == "ConnectionError: cannot reach ftp://…@host/"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Refused("%(number)d rows are too many.", number=9), "9 rows are too many."),
        (NotAllowed(Action.ORDERS_EDIT), "Whoever asked for it may no longer do this."),
    ],
)
def test_a_refusal_is_not_tried_again(error: Exception, sentence: str, working: WorkerContext) -> None:
    job_id = ask()
    run_due({JobKind.FILE: failing(error)}, working)
    assert (job(job_id).state, str(reread(job(job_id).error))) == (JobState.FAILED, sentence)


def test_an_error_without_words_is_told_by_its_name() -> None:
    assert reason(KeyError()) == "KeyError"
    assert len(reason(ValueError("x" * 9_999))) == 500
    assert "\0" not in reason(ValueError("a\0b"))


def test_what_a_failing_handler_wrote_and_did_not_commit_is_gone(working: WorkerContext) -> None:
    def work(_run: Run) -> None:
        begin_writing(db.session)
        make_unfinished()
        raise ValueError

    def make_unfinished() -> None:
        enqueue(JobKind.BATCH, 1, staff_id=None, now=NOON)

    ask()
    run_due({JobKind.FILE: work}, working)
    assert db.session.scalars(select(Job.kind)).all() == [JobKind.FILE]


def test_a_lost_workers_job_is_taken_over_and_the_lost_one_may_not_go_on(time: Time, working: WorkerContext) -> None:
    told: list[tuple[str, int]] = []

    def lost(run: Run) -> None:
        time.pass_by(LEASE)
        run_due({JobKind.FILE: lambda other: told.append(("other", other.attempt))}, working)
        with pytest.raises(Taken):
            run.report(1)
        told.append(("lost", run.attempt))
        run.report(2)

    job_id = ask()
    run_due({JobKind.FILE: lost}, working)
    assert told == [("other", 2), ("lost", 1)]
    assert (job(job_id).state, job(job_id).done) == (JobState.DONE, 0)
    assert (job(job_id).started_at, job(job_id).finished_at) == (NOON, NOON + LEASE)


def test_the_job_of_a_worker_that_died_is_free_at_once(time: Time) -> None:
    told: list[str] = []

    def lost(run: Run) -> None:
        give_free(WorkerContext(time, dead=lambda: ["other", "los", ""]))
        assert run_due({JobKind.FILE: nothing}, WorkerContext(time)) == 0
        give_free(WorkerContext(time, dead=lambda: ["lost"]))
        assert run_due({JobKind.FILE: lambda other: told.append(f"attempt {other.attempt}")}, WorkerContext(time)) == 1
        with pytest.raises(Taken):
            run.report(1)

    job_id = ask()
    run_due({JobKind.FILE: lost}, WorkerContext(time, name="lost"))
    assert told == ["attempt 2"]
    assert job(job_id).state == JobState.DONE
    give_free(WorkerContext(time, dead=lambda: ["lost"]))
    assert job(job_id).lease_until is None


def test_a_job_that_another_worker_took_over_is_not_given_free_for_the_first_one(time: Time) -> None:
    """It was a worker of an earlier release, which writes no names."""

    def lost(run: Run) -> None:
        held = update(Job).where(Job.id == run.job_id).values(token=run.token + 1, lease_until=time.now + LEASE)
        begin_writing(db.session)
        db.session.execute(held)
        db.session.commit()
        give_free(WorkerContext(time, dead=lambda: ["lost"]))
        assert run_due({JobKind.FILE: nothing}, WorkerContext(time)) == 0

    job_id = ask()
    run_due({JobKind.FILE: lost}, WorkerContext(time, name="lost"))
    assert (job(job_id).state, job(job_id).attempts) == (JobState.RUNNING, 1)


def test_a_job_that_always_ends_its_worker_fails_in_the_end(time: Time, working: WorkerContext) -> None:
    class Killed(BaseException):
        """As kill -9: nothing is written any more."""

    def die(_run: Run) -> None:
        raise Killed

    job_id = ask()
    for _attempt in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            run_due({JobKind.FILE: die}, working)
        time.pass_by(LEASE)
    run_due({JobKind.FILE: die}, working)
    assert (job(job_id).state, job(job_id).error) == (
        JobState.FAILED,
        "The worker was stopped in the middle of it too many times.",
    )


def test_a_worker_that_is_stopped_hands_its_job_back(time: Time) -> None:
    stopping: list[bool] = []

    def work(run: Run) -> None:
        run.report(3, 9)
        stopping.append(True)
        run.report(4)

    job_id, later = ask(), ask()
    assert run_due({JobKind.FILE: work}, WorkerContext(time, is_stopping=lambda: bool(stopping))) == 1
    back = job(job_id)
    assert (back.state, back.attempts, back.done, back.run_at) == (JobState.WAITING, 0, 3, time.now)
    assert job(later).attempts == 0
    time.pass_by(LEASE)
    run_due({JobKind.FILE: lambda _run: None}, WorkerContext(time))
    assert (job(job_id).started_at, job(later).started_at) == (NOON, time.now)


def test_cancelling_a_waiting_job_ends_it_at_once(working: WorkerContext) -> None:
    job_id = ask()
    assert cancel(job_id, actor=SYSTEM, now=NOON).state == JobState.CANCELLED
    assert run_due({JobKind.FILE: nothing}, working) == 0


@pytest.mark.parametrize("last", [lambda run: run.report(1), failing(ValueError())])
def test_cancelling_a_running_job_ends_it_soon(last: Callable[[Run], None], working: WorkerContext) -> None:
    def work(run: Run) -> None:
        assert cancel(run.job_id, actor=SYSTEM, now=NOON).state == JobState.RUNNING
        last(run)

    job_id = ask()
    run_due({JobKind.FILE: work}, working)
    assert job(job_id).state == JobState.CANCELLED


def test_a_job_that_was_cancelled_when_its_worker_was_lost_is_not_taken_over(
    time: Time, working: WorkerContext
) -> None:
    def lost(run: Run) -> None:
        cancel(run.job_id, actor=SYSTEM, now=NOON)
        time.pass_by(LEASE)
        assert run_due({JobKind.FILE: nothing}, working) == 0
        with pytest.raises(Taken):
            run.report(1)

    job_id = ask()
    run_due({JobKind.FILE: lost}, working)
    assert job(job_id).state == JobState.CANCELLED


def test_a_failed_job_is_tried_again_when_somebody_asks(time: Time, working: WorkerContext) -> None:
    job_id = ask()
    run_due({JobKind.FILE: failing(Refused("Not now."))}, working)
    retry(job_id, actor=SYSTEM, now=time.now)
    assert job(job_id).error == ""
    time.pass_by(LEASE)
    runs: list[Run] = []
    run_due({JobKind.FILE: runs.append}, working)
    assert ([run.attempt for run in runs], job(job_id).started_at) == ([1], time.now)
    with pytest.raises(Refused, match="Only a job that failed"):
        retry(job_id, actor=SYSTEM, now=time.now)
    with pytest.raises(Refused, match="nothing to cancel"):
        cancel(job_id, actor=SYSTEM, now=time.now)


READER = ("order:viewer", "backoffice:viewer")
OWNER = ("order:owner", "backoffice:viewer", "user:viewer")


@pytest.mark.parametrize(
    ("grants", "companies", "outcome"),
    [
        (READER, None, Gone),
        (OWNER, None, None),
        (OWNER, frozenset({1}), Gone),
        (("user:owner",), None, NotAllowed),
    ],
)
def test_other_peoples_jobs_exist_for_those_who_may_see_them(
    grants: tuple[str, ...], companies: frozenset[int] | None, outcome: type[Exception] | None
) -> None:
    mine = make_staff("me", list(READER)).id
    job_id = ask(staff_id=mine)
    other = Actor(mine + 1, "Other", frozenset(map(Grant.parse, grants)), companies)
    if outcome:
        with pytest.raises(outcome):
            cancel(job_id, actor=other, now=NOON)
        cancel(job_id, actor=Actor(mine, "Me", frozenset(map(Grant.parse, READER))), now=NOON)
    else:
        cancel(job_id, actor=other, now=NOON)
    assert job(job_id).state == JobState.CANCELLED


def test_periodic_work_is_asked_for_when_its_time_has_come_and_not_twice(time: Time, working: WorkerContext) -> None:
    every = {JobKind.CLEAN: timedelta(days=1)}
    for _worker in range(2):
        sweep(every, now=time.now)
    assert run_due({JobKind.CLEAN: nothing}, working) == 1
    time.pass_by(timedelta(hours=23))
    sweep(every, now=time.now)
    assert run_due({JobKind.CLEAN: nothing}, working) == 0
    time.pass_by(timedelta(hours=1))
    sweep(every, now=time.now)
    assert run_due({JobKind.CLEAN: nothing}, working) == 1


@pytest.mark.race
def test_sweeps_at_the_same_moment_ask_for_periodic_work_once(app: Flask) -> None:
    def look(_number: int) -> None:
        with app.app_context():
            sweep({JobKind.CLEAN: timedelta(days=1)}, now=NOON)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(look, range(12)))
    assert db.session.scalars(select(Job.kind)).all() == [JobKind.CLEAN]


@pytest.mark.race
def test_many_workers_do_each_job_once(app: Flask) -> None:
    done: list[int | None] = []

    def work(run: Run) -> None:
        run.report(1)
        done.append(run.subject_id)

    def worker(_number: int) -> None:
        with app.app_context():
            while run_due({JobKind.FILE: work}, WorkerContext(lambda: NOON)):
                pass

    begin_writing(db.session)
    for number in range(60):
        enqueue(JobKind.FILE, number, staff_id=None, now=NOON)
    db.session.commit()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(worker, range(4)))
    assert sorted(number for number in done if number is not None) == list(range(60))
    assert set(db.session.execute(select(Job.state, Job.attempts)).all()) == {(JobState.DONE, 1)}
