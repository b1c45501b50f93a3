"""People who may sign in."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from models.base import db
from models.staff import Staff, StaffSession
from services.errors import Refused
from services.records import history_of
from services.sign_in import WrongPassword, sign_in
from services.staff import add_staff
from tests.factories import change_password, make_company

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
PASSWORD = "a long and good password"

pytestmark = pytest.mark.usefixtures("database")


def enter(email: str, password: str) -> str:
    return sign_in(email, password, remote_address="127.0.0.1", user_agent="test", now=NOW)


def test_a_new_person_may_sign_in_and_has_the_grants() -> None:
    add_staff(" Ann@Seller.Example ", PASSWORD, grants=["order:editor", "backoffice:viewer"], name="Ann  Lee", now=NOW)
    staff = db.session.scalars(select(Staff)).one()
    assert (staff.email, staff.name, staff.is_limited) == ("ann@seller.example", "Ann Lee", False)
    assert sorted(str(row.grant) for row in staff.grants) == ["backoffice:viewer", "order:editor"]
    assert enter("ANN@seller.example", PASSWORD)


def test_companies_limit_a_person() -> None:
    make_company("Acme", "17")
    make_company("Acme Outlet", "17")
    make_company("Other", "18")
    add_staff("ann@seller.example", PASSWORD, grants=["order:viewer"], companies=["17"], now=NOW)
    staff = db.session.scalars(select(Staff)).one()
    assert staff.is_limited
    assert sorted(company.name for company in staff.companies) == ["Acme", "Acme Outlet"]
    told = [(row.field, row.new_value, row.note) for row in history_of(staff, 9)]
    assert told == [
        ("companies", "Acme, Acme Outlet", "on the command line"),
        ("grants", "order:viewer", "on the command line"),
        ("", "ann", "on the command line"),
    ]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"email": "known@seller.example"}, "belongs to someone"),
        ({"email": "KNOWN@seller.example"}, "belongs to someone"),
        ({"email": "nobody"}, "not an e-mail address"),
        ({"email": "a b@c.example"}, "not an e-mail address"),
        ({"email": f"{'a' * 250}@b.example"}, "not an e-mail address"),
        ({"grants": []}, "--grant"),
        ({"grants": ["order"]}, "is not a grant"),
        ({"grants": ["order:boss"]}, "is not a grant"),
        ({"grants": ["order:viewer", "order:owner"]}, "granted twice"),
        ({"companies": ["404"]}, "no company"),
        ({"companies": [""]}, "no company"),
        ({"password": "short"}, "at least 15"),
        ({"password": "x" * 2_000}, "at most"),
        ({"name": "x" * 101}, "100 characters"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(changed: dict[str, object], sentence: str) -> None:
    add_staff("known@seller.example", PASSWORD, grants=["order:viewer"], now=NOW)
    asked = {"email": "new@seller.example", "password": PASSWORD, "grants": ["order:viewer"], **changed}
    with pytest.raises(Refused, match=sentence):
        add_staff(now=NOW, **asked)  # type: ignore[arg-type]
    assert db.session.scalar(select(func.count()).select_from(Staff)) == 1


def test_a_new_password_ends_every_session() -> None:
    add_staff("ann@seller.example", PASSWORD, grants=["order:viewer"], now=NOW)
    add_staff("bob@seller.example", PASSWORD, grants=["order:viewer"], now=NOW)
    enter("ann@seller.example", PASSWORD)
    enter("bob@seller.example", PASSWORD)
    change_password("Ann@seller.example", "quite another password", now=NOW)
    ended = select(Staff.email, StaffSession.ended_at).join(Staff, Staff.id == StaffSession.staff_id)
    assert {row.email: row.ended_at for row in db.session.execute(ended)} == {
        "ann@seller.example": NOW,
        "bob@seller.example": None,
    }
    with pytest.raises(WrongPassword):
        enter("ann@seller.example", PASSWORD)
    assert enter("ann@seller.example", "quite another password")


def test_a_password_for_nobody_is_refused() -> None:
    with pytest.raises(Refused, match="Nobody"):
        change_password("ann@seller.example", PASSWORD, now=NOW)
