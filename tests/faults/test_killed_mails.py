"""A worker is killed while it delivers mails: none is lost, and none is sent twice but for what hung in the air."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from models.base import begin_writing, db
from models.delivery import DeliveryState
from models.firm import Firm
from models.mail import MailDelivery, OrderMail
from permissions import SYSTEM, Action
from services.job_handlers import HANDLERS
from services.jobs import LEASE, WorkerContext, run_due
from services.mails.sending import send
from services.mails.transport import outbox
from services.mails.typed import NewMail
from services.unit_of_work import Edit
from services.verify import verify
from tests.factories import NOON, make_order
from tests.faults.killed import work_and_be_killed
from tests.mail_server import mail_server

MAILS = 12
ZONE = ZoneInfo("UTC")


@pytest.mark.race
def test_a_worker_that_is_killed_loses_no_mail_and_sends_none_twice_unnoticed(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    with app.app_context(), mail_server() as server:
        outbox.connect(server.url, tmp_path)
        mails = _ask()
        some, then = Random().randint(1, MAILS - 2), Random().random() / 50
        work_and_be_killed(database_url, lambda: len(server.log) >= some, then=then, MAIL_URL=server.url)
        later = datetime.now(UTC) + LEASE
        run_due(HANDLERS, WorkerContext(lambda: later))

        db.session.info["actor"] = SYSTEM
        unanswered = dict(
            db.session.execute(select(OrderMail.message_id, MailDelivery.unanswered).join(MailDelivery)).all()
        )
        states = set(db.session.scalars(select(MailDelivery.state)))
        taken = Counter(each.message_id for each in server.log)
        assert (len(mails), states, unanswered.keys()) == (MAILS, {DeliveryState.SENT}, taken.keys())
        assert all(times <= 1 + unanswered[name] for name, times in taken.items())
        assert [check for check in verify() if check.count] == []


def _ask() -> list[int]:
    db.session.info["actor"] = SYSTEM
    begin_writing(db.session)
    db.session.get_one(Firm, 1).email = "orders@seller.example"
    db.session.commit()
    new = NewMail("mia@buyer.example", "en", "Your order", "It is on its way.")
    edit = Edit(SYSTEM, Action.ORDERS_EDIT, NOON)
    return [send(make_order(), new, seen=1, zone=ZONE, edit=edit).id for _mail in range(MAILS)]
