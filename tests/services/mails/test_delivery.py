"""Mails on their way: whole, once, tried again while it may help, and what became of each one kept."""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select

import services.mails.transport
from models.base import begin_writing, db
from models.delivery import DeliveryState
from models.firm import Firm
from models.job import Job, JobKind, JobState
from models.mail import MailDelivery, OrderMail
from models.order import Order
from models.order_history import OrderHistory
from models.staff import Staff
from models.status import status_next
from permissions import SYSTEM, Action, Actor, Grant, NotAllowed
from services.deletion import purge
from services.errors import Invalid, Refused
from services.job_handlers import HANDLERS
from services.jobs import LEASE, MOST_ATTEMPTS, PAUSES, WorkerContext, cancel, retry, run_due
from services.mails import sending
from services.mails.sending import find_mail, mails_of, send, status_by_sending
from services.mails.transport import outbox
from services.mails.typed import NewMail
from services.unit_of_work import ChangedMeanwhile, Edit, OrderGone, changing_one, setting_many
from services.verify import verify
from tests.batches import person
from tests.factories import NOON, PDF, make_company, make_order, make_staff, status_id
from tests.mail_server import MailServer, mail_server
from tests.people import GRANTS
from tests.servers import free_port

pytestmark = pytest.mark.usefixtures("database", "seller")

NEW = NewMail("mia@buyer.example", "en", "Your order", "Dear Mia,\n\nit is on its way.")
ZONE = ZoneInfo("UTC")
TWO = replace(NEW, recipients="mia@buyer.example, tom@buyer.example")


class Time:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    """It is noon."""
    return Time()


@pytest.fixture
def seller(database: None) -> None:
    """A firm with a name and an address to write from."""
    begin_writing(db.session)
    firm = db.session.get_one(Firm, 1)
    firm.name, firm.email = "Sölle & Co, “Pumps”", "orders@seller.example"
    db.session.commit()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server to which mails go; it is not waited for long."""
    monkeypatch.setattr(services.mails.transport, "PATIENCE", 1)
    with mail_server() as server:
        outbox.connect(server.url, tmp_path)
        yield server
    outbox.connect("", tmp_path / "instance" / "outbox")


def by(who: Actor = SYSTEM) -> Edit:
    return Edit(who, Action.ORDERS_EDIT, NOON)


def ask(new: NewMail = NEW, order: int | None = None) -> int:
    """Ask for a mail and give its id."""
    number = order or make_order()
    mail = send(number, new, seen=read(number).version, zone=ZONE, edit=by())
    return mail.id


def read(number: int) -> Order:
    db.session.rollback()
    return db.session.get_one(Order, number, populate_existing=True)


def work(time: Time) -> None:
    """Let a worker do what is due."""
    db.session.rollback()
    run_due(HANDLERS, WorkerContext(time))


def work_to_the_end(time: Time) -> None:
    """Let the worker try as often as it does."""
    for _try in range(MOST_ATTEMPTS):
        work(time)
        time.now += timedelta(hours=1)


def told(mail_id: int) -> dict[str, Any]:
    """Give what is kept of a mail's delivery, but for what is empty."""
    db.session.rollback()
    row = db.session.get_one(MailDelivery, mail_id, populate_existing=True)
    columns = ("state", "reason", "accepted", "refused", "unanswered", "sent_at")
    return {name: value for name in columns if (value := getattr(row, name))}


def message_id(mail_id: int) -> str:
    return db.session.get_one(OrderMail, mail_id).message_id


def job_of(mail_id: int) -> Job:
    db.session.rollback()
    return db.session.scalars(select(Job).where(Job.kind == JobKind.MAIL, Job.subject_id == mail_id)).one()


def history(number: int) -> list[tuple[int, str, str]]:
    rows = db.session.scalars(select(OrderHistory).where(OrderHistory.order_id == number).order_by(OrderHistory.id))
    return [(row.version, row.field, row.new_value) for row in rows][1:]


# ---- asking ----


def test_a_mail_arrives_with_text_html_and_pdf(server: MailServer, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_pdf", lambda *_given: PDF)
    mail_id = ask(replace(TWO, copies="info@bücher.example, MIA@buyer.example", subject="Größe", has_pdf=True))
    work(time)
    (taken,) = server.log
    message, mail = taken.message, db.session.get_one(OrderMail, mail_id)
    assert taken.recipients == ["mia@buyer.example", "tom@buyer.example", "info@xn--bcher-kva.example"]
    assert (message["To"], message["Cc"]) == ("mia@buyer.example, tom@buyer.example", "info@xn--bcher-kva.example")
    assert message["From"].addresses[0].display_name == "Sölle & Co, “Pumps”"
    assert (message["Reply-To"], message["Subject"]) == (message["From"], "Größe")
    assert (message["Message-ID"], message["Auto-Submitted"]) == (mail.message_id, "auto-generated")
    assert message["Date"].datetime == NOON
    text, html, pdf = [part for part in message.walk() if not part.is_multipart()]
    assert "it is on its way" in text.get_content()
    assert "Adapter" in html.get_content()
    assert (pdf.get_filename(), pdf.get_content()) == (f"order-{mail.order_id}.pdf", PDF)
    assert taken.content.isascii()
    assert taken.content.rstrip() == mail.message.rstrip()
    accepted = "mia@buyer.example, tom@buyer.example, info@xn--bcher-kva.example"
    assert told(mail_id) == {"state": DeliveryState.SENT, "accepted": accepted, "sent_at": NOON}
    assert job_of(mail_id).state == JobState.DONE


def test_a_mail_is_told_by_history_and_its_delivery_changes_no_version(server: MailServer, time: Time) -> None:
    mia = make_staff("mia", ["order:editor", "backoffice:viewer"]).id
    number = make_order()
    editor = Actor(mia, "Mia", frozenset(map(Grant.parse, ("order:editor", "backoffice:viewer"))))
    mail = send(number, TWO, seen=1, zone=ZONE, edit=by(editor))
    assert (mail.asked_by_id, job_of(mail.id).staff_id) == (mia, mia)
    work(time)
    assert history(number) == [(2, "mail", "mia@buyer.example, tom@buyer.example")]
    assert (read(number).version, read(number).updated_by_id) == (2, mia)
    assert not [check for check in verify() if check.count]


def test_a_draft_that_is_sent_is_new_from_then_on() -> None:
    number = make_order(status="DRAFT_ORDER")
    ask(order=number)
    assert read(number).status.code == "NEW"
    assert history(number) == [(2, "status", "NEW"), (2, "mail", "mia@buyer.example")]


def test_a_draft_stays_one_where_new_may_not_follow_it() -> None:
    db.session.execute(delete(status_next).where(status_next.c.next_id == status_id("NEW")))
    db.session.commit()
    number = make_order(status="DRAFT_ORDER")
    assert status_by_sending(read(number)) is None
    ask(order=number)
    assert read(number).status.code == "DRAFT_ORDER"


def test_who_saw_another_version_is_told_and_nothing_is_sent() -> None:
    number = make_order()
    with changing_one(number, edit=by()) as order:
        order.reference = "changed"
    with pytest.raises(ChangedMeanwhile):
        send(number, NEW, seen=1, zone=ZONE, edit=by())
    assert (mails_of(read(number), 9), db.session.scalars(select(Job)).all()) == ([], [])


def test_without_the_right_outside_the_scope_and_in_the_bin_nothing_is_sent() -> None:
    number = make_order(company=make_company("Acme"))
    grants = frozenset(map(Grant.parse, ("order:editor", "backoffice:viewer")))
    with pytest.raises(NotAllowed):
        send(number, NEW, seen=1, zone=ZONE, edit=by(Actor(None, "Tom", frozenset())))
    limited = Actor(None, "Tom", grants, frozenset({make_company("Other").id}))
    with pytest.raises(OrderGone):
        send(number, NEW, seen=1, zone=ZONE, edit=by(limited))
    with pytest.raises(OrderGone):
        send(make_order(is_deleted=True), NEW, seen=1, zone=ZONE, edit=by())
    mail_id = ask(order=number)
    assert find_mail(mail_id, limited) is None
    assert find_mail(mail_id, SYSTEM) is not None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"recipients": ""}, "recipients"),
        ({"recipients": "mia@buyer.example\r\nBcc: all@buyer.example"}, "recipients"),
        ({"copies": "nobody"}, "copies"),
        ({"subject": " "}, "subject"),
        ({"subject": "Hi\r\nBcc: all@buyer.example"}, "subject"),
        ({"subject": "Hi\u2028there"}, "subject"),
        ({"subject": "Hi\0"}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"body": "\n"}, "body"),
        ({"body": "\x1b[0m"}, "body"),
        ({"body": "x" * 10_001}, "body"),
        ({"language": "xx"}, "language"),
    ],
)
def test_what_cannot_be_sent_is_told_by_its_field(changes: dict[str, Any], field: str) -> None:
    number = make_order()
    with pytest.raises(Invalid) as raised:
        send(number, replace(NEW, **changes), seen=1, zone=ZONE, edit=by())
    assert raised.value.field == field
    assert read(number).version == 1


def test_a_firm_without_an_address_cannot_send() -> None:
    begin_writing(db.session)
    db.session.get_one(Firm, 1).email = ""
    db.session.commit()
    with pytest.raises(Refused, match="The firm needs an e-mail address first"):
        ask()


def test_a_purged_order_takes_its_mails_along(server: MailServer, time: Time) -> None:
    number = make_order()
    mail_id = ask(order=number)
    with setting_many(by()) as orders:
        orders.lock([number])
        orders.set({number: {"is_deleted": True}})
    work(time)
    assert told(mail_id)["reason"] == "The order was deleted before the mail was sent."
    retry(job_of(mail_id).id, actor=SYSTEM, now=NOON)
    purge(1, now=NOON + timedelta(days=2))
    work(time)
    assert job_of(mail_id).state == JobState.DONE
    assert (db.session.scalars(select(OrderMail)).all(), db.session.scalars(select(MailDelivery)).all()) == ([], [])
    assert server.log == []


# ---- files ----


def test_without_a_mail_server_mails_become_whole_files(time: Time, tmp_path: Path) -> None:
    mail_id = ask()
    work(time)
    (file,) = (tmp_path / "instance" / "outbox").iterdir()
    mail = db.session.get_one(OrderMail, mail_id)
    assert file.name == f"order-{mail.order_id}-mail-{mail_id}.eml"
    assert (file.read_bytes(), file.stat().st_mode & 0o77) == (mail.message, 0)
    assert told(mail_id)["state"] == DeliveryState.SENT


def test_a_folder_that_cannot_be_written_is_tried_again(time: Time, tmp_path: Path) -> None:
    (tmp_path / "instance" / "outbox").write_text("in the way")
    mail_id = ask()
    work(time)
    assert (told(mail_id)["state"], "unanswered" in told(mail_id)) == (DeliveryState.WAITING, False)
    (tmp_path / "instance" / "outbox").unlink()
    work_to_the_end(time)
    assert told(mail_id)["state"] == DeliveryState.SENT


# ---- servers that fail ----


def test_a_server_that_is_down_is_tried_again_and_then_given_up(time: Time, tmp_path: Path) -> None:
    outbox.connect(f"smtp://127.0.0.1:{free_port()}", tmp_path)
    mail_id = ask()
    work(time)
    assert told(mail_id)["state"] == DeliveryState.WAITING
    assert job_of(mail_id).attempts == 1
    work_to_the_end(time)
    assert (told(mail_id)["state"], job_of(mail_id).state) == (DeliveryState.FAILED, JobState.FAILED)
    assert told(mail_id)["reason"].startswith("The mail server does not answer: %(said)s")
    assert "unanswered" not in told(mail_id)


def test_a_server_that_hangs_is_left_and_the_mail_may_have_arrived(server: MailServer, time: Time) -> None:
    server.hangs = True
    mail_id = ask()
    work(time)
    assert (told(mail_id)["state"], told(mail_id)["unanswered"]) == (DeliveryState.WAITING, 1)
    server.hangs = False
    work_to_the_end(time)
    assert (told(mail_id)["state"], told(mail_id)["unanswered"], len(server.log)) == (DeliveryState.SENT, 1, 1)


@pytest.mark.parametrize("answer", ["250 OK", "451 later"])
def test_what_a_worker_that_slept_over_its_lease_was_answered_is_not_kept(
    server: MailServer, time: Time, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    mail_id, post = ask(), outbox.post

    def post_and_sleep(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(outbox, "post", post)
        server.to_message = answer
        try:
            return post(*given, **more)
        finally:
            server.to_message = "250 OK"
            time.now += LEASE
            work(time)

    monkeypatch.setattr(outbox, "post", post_and_sleep)
    work(time)
    sent = {"state": DeliveryState.SENT, "accepted": "mia@buyer.example", "unanswered": 1, "sent_at": time.now}
    assert (told(mail_id), job_of(mail_id).state) == (sent, JobState.DONE)


@pytest.mark.parametrize("answer", ["550 no such mailbox", "554 spam"])
def test_a_refusal_for_good_fails_at_once(server: MailServer, time: Time, answer: str) -> None:
    server.to_address["mia@buyer.example"] = answer
    refused = ask()
    server.to_message = answer
    spam = ask(replace(NEW, recipients="tom@buyer.example"))
    work(time)
    assert [told(mail)["state"] for mail in (refused, spam)] == [DeliveryState.FAILED] * 2
    assert answer in told(refused)["reason"]
    assert answer in told(spam)["reason"]
    assert told(refused)["refused"] == f"mia@buyer.example: {answer}"
    assert (job_of(spam).attempts, "unanswered" in told(spam), server.log) == (1, False, [])


def test_what_the_server_takes_not_now_it_is_asked_again(server: MailServer, time: Time) -> None:
    server.to_message = "451 later"
    later = ask()
    server.to_address["tom@buyer.example"] = "450 greylisted"
    grey = ask(replace(NEW, recipients="tom@buyer.example"))
    work(time)
    assert [told(mail)["state"] for mail in (later, grey)] == [DeliveryState.WAITING] * 2
    assert "unanswered" not in told(later)
    server.to_message, server.to_address = "250 OK", {}
    work_to_the_end(time)
    assert [told(mail)["state"] for mail in (later, grey)] == [DeliveryState.SENT] * 2
    assert Counter(taken.message_id for taken in server.log) == {message_id(later): 1, message_id(grey): 1}


def test_of_several_who_is_refused_is_told_and_who_must_wait_gets_it_alone(server: MailServer, time: Time) -> None:
    server.to_address = {"tom@buyer.example": "450 greylisted", "old@buyer.example": "550 gone"}
    mail_id = ask(replace(TWO, copies="old@buyer.example"))
    work(time)
    assert told(mail_id)["accepted"] == "mia@buyer.example"
    assert told(mail_id)["refused"] == "old@buyer.example: 550 gone"
    assert "tom@buyer.example: 450 greylisted" in told(mail_id)["reason"]
    server.to_address = {}
    work_to_the_end(time)
    assert [taken.recipients for taken in server.log] == [["mia@buyer.example"], ["tom@buyer.example"]]
    assert (told(mail_id)["state"], told(mail_id)["accepted"]) == (
        DeliveryState.SENT,
        "mia@buyer.example, tom@buyer.example",
    )


def test_who_was_refused_stays_so_when_the_next_worker_is_stopped(server: MailServer, time: Time) -> None:
    server.to_address = {"tom@buyer.example": "450 greylisted", "old@buyer.example": "550 gone"}
    mail_id = ask(replace(TWO, copies="old@buyer.example"))
    work(time)
    server.to_address = {}
    time.now += PAUSES[0]
    stopping = iter((False, True))
    run_due(HANDLERS, WorkerContext(time, is_stopping=lambda: next(stopping, True)))
    assert (job_of(mail_id).state, told(mail_id)["state"], len(server.log)) == (
        JobState.WAITING,
        DeliveryState.WAITING,
        1,
    )
    work_to_the_end(time)
    assert [taken.recipients for taken in server.log] == [["mia@buyer.example"], ["tom@buyer.example"]]
    assert told(mail_id)["refused"] == "old@buyer.example: 550 gone"


def test_a_server_that_dies_with_the_mail_gets_the_same_one_again(server: MailServer, time: Time) -> None:
    server.dies = True
    mail_id = ask()
    work(time)
    assert (told(mail_id)["state"], told(mail_id)["unanswered"]) == (DeliveryState.WAITING, 1)
    server.dies = False
    work_to_the_end(time)
    assert [taken.message_id for taken in server.log] == [message_id(mail_id)] * 2
    assert server.log[0].content == server.log[1].content
    assert (told(mail_id)["state"], told(mail_id)["unanswered"]) == (DeliveryState.SENT, 1)


def test_what_is_sent_is_not_sent_again_whoever_runs_the_job_once_more(server: MailServer, time: Time) -> None:
    mail_id = ask()
    work(time)
    job_id = job_of(mail_id).id
    begin_writing(db.session)
    job = db.session.get_one(Job, job_id)
    job.state, job.finished_at = JobState.WAITING, None
    db.session.commit()
    work(time)
    assert (len(server.log), job_of(mail_id).state, told(mail_id)["state"]) == (1, JobState.DONE, DeliveryState.SENT)


def test_a_failed_mail_is_sent_when_its_job_is_tried_again(server: MailServer, time: Time) -> None:
    server.to_address["mia@buyer.example"] = "550 not today"
    mail_id = ask()
    work(time)
    server.to_address = {}
    retry(job_of(mail_id).id, actor=SYSTEM, now=NOON)
    assert told(mail_id) == {"state": DeliveryState.WAITING}
    work(time)
    assert told(mail_id)["state"] == DeliveryState.SENT


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_active": False}, "Whoever asked for it may no longer do this."),
        ({"is_limited": True}, "There is no order %(number)s any more."),
    ],
)
def test_who_lost_the_right_or_the_order_meanwhile_sends_nothing(
    server: MailServer, time: Time, change: dict[str, bool], reason: str
) -> None:
    mia, number = person("mia", GRANTS["editor"]), make_order(company=make_company("Acme"))
    mail_id = send(number, NEW, seen=1, zone=ZONE, edit=by(mia)).id
    staff = db.session.get_one(Staff, mia.staff_id)
    for name, value in change.items():
        setattr(staff, name, value)
    db.session.commit()
    work(time)
    assert (told(mail_id)["state"], told(mail_id)["reason"].partition("\n")[0]) == (DeliveryState.FAILED, reason)
    assert (job_of(mail_id).attempts, server.log) == (1, [])


def test_a_mail_that_nobody_would_send_is_found() -> None:
    mail_id = ask()
    job_id = job_of(mail_id).id
    begin_writing(db.session)
    db.session.delete(db.session.get_one(Job, job_id))
    db.session.commit()
    assert [check.examples for check in verify() if check.count] == [[f"mail {mail_id}"]]


def test_a_mail_whose_worker_was_lost_too_often_fails_and_says_so(time: Time) -> None:
    mail_id = ask()
    job_id = job_of(mail_id).id
    begin_writing(db.session)
    job = db.session.get_one(Job, job_id)
    job.state, job.attempts, job.lease_until = JobState.RUNNING, MOST_ATTEMPTS, NOON
    db.session.commit()
    work(time)
    assert told(mail_id) == {"state": DeliveryState.FAILED, "reason": job_of(mail_id).error}


def test_a_cancelled_mail_says_so_and_stays(server: MailServer, time: Time) -> None:
    mail_id = ask()
    cancel(job_of(mail_id).id, actor=SYSTEM, now=NOON)
    work(time)
    assert (told(mail_id), server.log) == ({"state": DeliveryState.CANCELLED}, [])


def test_passwords_do_not_reach_log_or_row(time: Time, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    outbox.connect(f"smtp://mia:s3cret@127.0.0.1:{free_port()}", tmp_path)
    mail_id = ask()
    with caplog.at_level(logging.DEBUG):
        work(time)
    assert "s3cret" not in caplog.text + told(mail_id)["reason"] + job_of(mail_id).error
