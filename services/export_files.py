"""Files that are written in the background: asked for, written whole or not at all, fetched, expired."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from models.base import db, writes_beside_reads, writing
from models.export_file import CsvForm, Document, ExportFile, FileFormat, FileRows
from models.job import OPEN, Job, JobKind
from models.types import LARGEST_ID
from permissions import Action, Actor
from services import jobs
from services.documents.chosen import READ_AT_ONCE
from services.errors import Refused
from services.files.room import room
from services.files.xlsx_file import MOST_ROWS, TooManyRows
from services.jobs import Run, Taken, enqueue
from services.kept_query import read_columns, read_query, write_columns, write_query
from services.order_file import OrderFile
from services.records import Gone
from services.selection import find_selection
from services.sign_in import actor_of
from services.storage import PART, store

KEPT = timedelta(days=7)
FORGOTTEN = timedelta(days=30)
"""How long after its end the row of a file still tells that there was one."""
REPORT_EVERY = 2_000
LONGEST_READ = timedelta(minutes=15)
"""How long the rows of a file may take where nothing can be written meanwhile."""
NAME = re.compile(rf"([0-9]{{1,19}})-([0-9]{{1,19}})\.(?:{'|'.join(FileFormat)})(?:{re.escape(PART)})?")
"""A name that `write_file` makes in the store."""


@dataclass(frozen=True)
class FileRequest:
    """How a file was asked for: its name, the conditions in words and as the address.

    `key` is the form's: what is sent twice with it is one file.
    """

    key: str
    name: str
    question: str
    asked: str


class OtherScope(Refused):
    """The file holds other companies than the person may see today."""

    def __init__(self) -> None:
        super().__init__("The companies that you see have changed since this file was written. Export again.")


def ask(wanted: OrderFile, asking: FileRequest, *, actor: Actor, now: datetime) -> ExportFile:
    """Ask for a file, or give the one that was asked for with this key; `wake` is called afterwards.

    Raises NotAllowed.
    """
    actor.must(Action.ORDERS_SEE)
    if earlier := _with_key(asking.key, actor):
        return earlier
    file = ExportFile(
        staff_id=actor.person,
        key=asking.key,
        created_at=now,
        rows=wanted.rows,
        format=wanted.format,
        form=wanted.form,
        document=wanted.document or "",
        language=wanted.language,
        zone=wanted.zone.key,
        question=asking.question[:2000],
        asked=asking.asked[:8192],
        query=write_query(wanted.query),
        columns=write_columns(wanted.columns),
        name=asking.name,
        expires_at=now + KEPT,
    )
    try:
        with writing():
            db.session.add(file)
            db.session.flush()
            file.job_id = enqueue(JobKind.FILE, file.id, staff_id=file.staff_id, now=now).id
            return file
    except IntegrityError:  # it was sent twice at the same moment
        if earlier := _with_key(asking.key, actor):
            return earlier
        raise


def _with_key(key: str, actor: Actor) -> ExportFile | None:
    return db.session.scalar(select(ExportFile).where(ExportFile.staff_id == actor.person, ExportFile.key == key))


# ---- the page of files ----


def find_file(file_id: int, *, actor: Actor) -> ExportFile | None:
    """Give a file that exists for the actor."""
    return db.session.scalar(_visible(actor).where(ExportFile.id == min(file_id, LARGEST_ID)))


def files(*, actor: Actor, skip: int, take: int) -> Sequence[ExportFile]:
    """Give the files that exist for the actor, the newest first."""
    return db.session.scalars(_visible(actor).order_by(ExportFile.id.desc()).offset(skip).limit(take)).all()


def count_files(*, actor: Actor) -> int:
    """Count the files that exist for the actor."""
    counted = select(func.count()).select_from(ExportFile).where(ExportFile.visible_to(actor))
    return db.session.scalar(counted) or 0


def check_scope(file: ExportFile, *, actor: Actor) -> None:
    """Raise OtherScope when a file holds what its reader may not see today."""
    if actor.companies is not None and file.scope != _scope(actor):
        raise OtherScope


def cancel(file: ExportFile, *, actor: Actor, now: datetime) -> None:
    """Let a file not be written. Raises NotAllowed, Gone or Refused."""
    if file.job_id is None:
        raise Refused("There is nothing to cancel any more.")
    jobs.cancel(file.job_id, actor=actor, now=now)


def remove(file_id: int, *, actor: Actor) -> None:
    """Remove a file that is not being written. Raises Gone or Refused."""
    with writing():
        file = db.session.scalar(
            _visible(actor)
            .where(ExportFile.id == min(file_id, LARGEST_ID))
            .with_for_update(of=ExportFile)
            .execution_options(populate_existing=True)
        )
        if file is None:
            raise Gone
        if file.is_open:
            raise Refused("The file is still being written. Cancel it first.")
        stored_as = file.stored_as
        db.session.execute(delete(ExportFile).where(ExportFile.id == file.id))
    if stored_as:
        store.remove(stored_as)


def remove_expired(now: datetime) -> None:
    """Remove the files whose time is over, and those in the store that belong to none; what others put there stays."""
    with writing():
        db.session.execute(delete(ExportFile).where(ExportFile.expires_at <= now - FORGOTTEN))
        db.session.execute(
            update(ExportFile).where(ExportFile.expires_at <= now, ExportFile.stored_as != "").values(stored_as="")
        )
    found = store.names()
    # In this order: a file may end in between, and is then among those that are kept.
    being_written = set(db.session.scalars(select(ExportFile.id).join(ExportFile.job).where(Job.state.in_(OPEN))))
    kept = set(db.session.scalars(select(ExportFile.stored_as).where(ExportFile.stored_as != "")))
    db.session.rollback()
    for name in found:
        if (run := _run_of(name)) and run[0] not in being_written and name not in kept:
            store.remove(name)


def _visible(actor: Actor) -> Select[ExportFile]:
    return (
        select(ExportFile)
        .where(ExportFile.visible_to(actor))
        .options(joinedload(ExportFile.job), joinedload(ExportFile.staff))
    )


def _scope(actor: Actor) -> str:
    """Give what tells whether two people see the same companies."""
    if actor.companies is None:
        return ""
    return hashlib.sha256(",".join(map(str, sorted(actor.companies))).encode()).hexdigest()


# ---- writing ----


def write_file(run: Run) -> None:
    """Write a file with what exists for the person today. Raises NotAllowed, Refused, or what `run.report` does.

    Each attempt writes under a name of its own; the file is that of the worker that has the job when it ends.
    """
    file = db.session.get(ExportFile, run.subject_id or 0)
    if file is None or file.finished_at is not None:
        return
    file_id, actor, wanted = file.id, actor_of(file.staff_id), _wanted(file)
    actor.must(Action.ORDERS_SEE)
    if wanted.query.selection is not None:
        find_selection(wanted.query.selection, actor=actor, now=run.working.clock())
    total = wanted.count(actor)
    db.session.rollback()  # nothing is held open while the file is written
    if wanted.format is FileFormat.XLSX and total > MOST_ROWS:
        raise TooManyRows
    run.report(0, total, silence=timedelta() if writes_beside_reads() else LONGEST_READ)
    _remove_left_over(file_id, run)
    name = f"{file_id}-{run.token}.{wanted.format}"
    told = _RowCounter(run, READ_AT_ONCE if wanted.document else REPORT_EVERY)
    with (
        room(),
        run.renewed(told.may_write),
        closing(wanted.read(actor)) as rows,
        store.writing(name) as written,
    ):
        for piece in wanted.write(told.on_the_way(rows)):
            written.write(piece)
        run.report(told.count)
    try:
        is_kept = _finish(file_id, name, told.count, _scope(actor), run)
    except Taken:
        store.remove(name)
        raise
    if not is_kept:
        store.remove(name)


class _RowCounter:
    """Counts rows on their way into a file, and tells the job how many they are; see `writes_beside_reads`."""

    def __init__(self, run: Run, every: int) -> None:
        self._run, self._every, self.count, self._is_read = run, every, 0, False

    def on_the_way(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        for row in rows:
            yield row
            self.count += 1
            if self.count % self._every == 0:
                self._report()
        self._is_read = True

    def may_write(self) -> bool:
        return self._is_read or writes_beside_reads()

    def _report(self) -> None:
        if self.may_write():
            self._run.report(self.count)
        else:
            self._run.look_up()


def _wanted(file: ExportFile) -> OrderFile:
    return OrderFile(
        read_query(file.query),
        read_columns(file.columns),
        ZoneInfo(file.zone),
        FileRows(file.rows),
        FileFormat(file.format),
        CsvForm(file.form),
        Document(file.document) if file.document else None,
        file.language,
    )


def _finish(file_id: int, name: str, rows: int, scope: str, run: Run) -> bool:
    """Say that a file is there; False when it is not wanted any more. Raises Taken."""
    with run.writing():
        size, now = store.size(name), run.working.clock()
        finished = db.session.scalars(
            update(ExportFile)
            .where(ExportFile.id == file_id, ExportFile.finished_at.is_(None))
            .values(stored_as=name, size=size, row_count=rows, scope=scope, finished_at=now, expires_at=now + KEPT)
            .returning(ExportFile.id)
        ).all()
    return bool(finished)


def _remove_left_over(file_id: int, run: Run) -> None:
    """Remove what earlier runs left; a later one may be writing already."""
    for name in store.names():
        if (made := _run_of(name)) and made[0] == file_id and made[1] < run.token:
            store.remove(name)


def _run_of(name: str) -> tuple[int, int] | None:
    """Give the file, and the token of the run, that a name in the store was made for; None for one of others."""
    made = NAME.fullmatch(name)
    return (int(made[1]), int(made[2])) if made else None
