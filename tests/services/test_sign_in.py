"""Passwords, sessions as rows, and the brake on guessing."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from argon2.exceptions import VerifyMismatchError
from flask import Flask
from sqlalchemy import func, select, update

import services.sign_in
from app import create_app
from config import Settings
from models.base import begin_writing, db
from models.staff import SignInFailure, Staff, StaffGrant, StaffSession
from permissions import NEEDS, Action, Grant, Level, Role
from services.errors import Refused
from services.sign_in import (
    FAILURES_IN_A_ROW,
    FAILURES_OF_STRANGERS,
    LIFETIME,
    SESSIONS_KEPT,
    WINDOW,
    Paused,
    SessionEnded,
    SignedIn,
    WrongPassword,
    end_sessions,
    hash_password,
    resume,
    sign_in,
    sign_out,
)
from tests.factories import NOON, PASSWORD, PASSWORD_HASH, change_password, make_company, make_staff

EMAIL = "viewer@seller.example"
IDLE = timedelta(hours=8)
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _viewer(app: Flask) -> Iterator[None]:
    """Somebody who may sign in, and the context to do so."""
    with app.app_context():
        make_staff("viewer", ["order:viewer", "backoffice:viewer"])
        yield


def enter(
    email: str = EMAIL, password: str = PASSWORD, *, now: datetime = NOON, address: str = HERE, device: str = ""
) -> str:
    """Sign in and give the token."""
    return sign_in(email, password, remote_address=address, user_agent="Browser", now=now, known_device=device)


def is_open(token: str, now: datetime = NOON) -> bool:
    """Say whether the token's session can be used at `now`."""
    try:
        resume(token, idle=IDLE, now=now)
    except SessionEnded:
        return False
    return True


def fail(times: int = 1, *, email: str = EMAIL, now: datetime = NOON, address: str = HERE) -> None:
    """Note refused tries, as many wrong passwords would."""
    email_hash = hashlib.sha256(email.encode()).hexdigest()
    begin_writing(db.session)
    db.session.add_all(SignInFailure(email_hash=email_hash, remote_address=address, at=now) for _ in range(times))
    db.session.commit()


def guess(email: str = EMAIL, *, now: datetime = NOON, address: str = HERE, device: str = "") -> type[Refused]:
    """Try a wrong password and give the refusal."""
    with pytest.raises(Refused) as refused:
        enter(email, "not the right password", now=now, address=address, device=device)
    return refused.type


# ---- passwords ----


def test_a_password_is_kept_as_argon2id_at_the_least_costs_that_owasp_names() -> None:
    assert hash_password("fifteen letters").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_equal_passwords_are_kept_as_different_hashes() -> None:
    assert hash_password(PASSWORD) != hash_password(PASSWORD)


def test_a_password_too_short_or_too_long_is_refused() -> None:
    for password in ("", "fourteen chars", "é" * 513, "x" * 1_025):
        with pytest.raises(Refused):
            hash_password(password)


def test_every_sign_of_a_password_counts() -> None:
    for password in ("x" * 64, "é" * 512, "пароль из многих слов", "nul\0in the middle", "🔑" * 15):
        change_password(EMAIL, password, now=NOON)
        assert is_open(enter(password=password)), password
        with pytest.raises(WrongPassword):
            enter(password=password[:-1] + "~")


def test_an_odd_password_is_only_wrong() -> None:
    for password in ("", "\0", "x" * 1_000_000, "é" * 600, " " + PASSWORD, PASSWORD.upper()):
        with pytest.raises(WrongPassword):
            enter(password=password)


def test_an_odd_address_is_only_wrong() -> None:
    for email in ("", "\0", "viewer\0@seller.example", "'; DROP TABLE staff; --", "x" * 10_000, "🙂"):
        with pytest.raises(WrongPassword):
            enter(email, "not the right password")


def test_an_address_is_known_in_any_case_and_with_spaces_around() -> None:
    assert is_open(enter("  Viewer@SELLER.example "))


class CountingHasher:
    """Does what the real hasher does and counts."""

    def __init__(self) -> None:
        self.hasher = services.sign_in._hasher
        self.compared: list[str] = []

    def verify(self, password_hash: str, password: str) -> bool:
        try:
            return self.hasher.verify(password_hash, password)
        except VerifyMismatchError:
            self.compared.append(password_hash.rpartition("$")[0].rpartition("$")[0])
            raise


def test_the_same_work_is_done_whoever_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    make_staff("former", ["order:viewer"]).is_active = False
    make_staff("colleague", []).password_hash = "!"
    make_staff("damaged", []).password_hash = "$argon2id$v=19$m=19456,t=2,p=1$damaged"
    make_staff("tried", []).failures_in_a_row = FAILURES_IN_A_ROW
    usual = update(Staff).where(Staff.password_hash == PASSWORD_HASH)
    db.session.execute(usual.values(password_hash=hash_password(PASSWORD)))
    db.session.commit()
    hasher = CountingHasher()
    monkeypatch.setattr(services.sign_in, "_hasher", hasher)
    refusals = []
    for name in ("viewer", "former", "nobody", "colleague", "damaged", "tried"):
        with pytest.raises(WrongPassword) as refused:
            enter(f"{name}@seller.example", "not the right password")
        refusals.append((str(refused.value), refused.value.sentence, refused.value.values))
    assert len(set(map(repr, refusals))) == 1
    assert hasher.compared == ["$argon2id$v=19$m=19456,t=2,p=1"] * 6


# ---- sessions ----


def test_a_session_keeps_the_hash_of_its_token_and_not_the_token() -> None:
    token = enter()
    row = db.session.scalars(select(StaffSession)).one()
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in repr(db.session.execute(select(*StaffSession.__table__.columns)).all())


def test_every_sign_in_opens_a_session_of_its_own_with_256_bits() -> None:
    tokens = {enter(), enter(), enter()}
    assert len(tokens) == 3
    assert min(map(len, tokens)) == 43
    assert all(is_open(token) for token in tokens)


def test_a_token_that_was_never_given_opens_nothing() -> None:
    assert not any(map(is_open, ("", "x", "\0", "é", "x" * 100_000)))


def test_signing_out_ends_this_session_and_no_other() -> None:
    ended, other = enter(), enter()
    sign_out(resume(ended, idle=IDLE, now=NOON).session_id, now=NOON)
    assert (is_open(ended), is_open(other)) == (False, True)


def test_a_new_password_ends_every_session_of_the_person_and_of_nobody_else() -> None:
    make_staff("editor", ["order:editor"])
    mine, mine_too, hers = enter(), enter(), enter("editor@seller.example")
    change_password(EMAIL, "another fine password", now=NOON)
    assert (is_open(mine), is_open(mine_too), is_open(hers)) == (False, False, True)


def test_ending_sessions_leaves_the_moment_at_which_one_had_ended() -> None:
    enter()
    staff_id = db.session.scalars(select(Staff.id)).one()
    end_sessions(staff_id, now=NOON)
    end_sessions(staff_id, now=NOON + MINUTE)
    assert db.session.scalars(select(StaffSession.ended_at)).one() == NOON


def test_a_deactivated_person_is_out_at_once_and_cannot_come_back() -> None:
    token = enter()
    db.session.execute(update(Staff).values(is_active=False))
    db.session.commit()
    assert not is_open(token)
    with pytest.raises(WrongPassword):
        enter()


def test_grants_and_limits_are_those_of_this_very_moment() -> None:
    token, staff = enter(), db.session.scalars(select(Staff)).one()
    staff.grants = [StaffGrant.of(Grant(Role.ORDER, Level.OWNER))]
    staff.is_limited, staff.companies = True, [company := make_company("Acme")]
    db.session.commit()
    actor = resume(token, idle=IDLE, now=NOON).actor
    assert actor.grants == {Grant(Role.ORDER, Level.OWNER)}
    assert actor.companies == frozenset({company.id})
    assert not actor.may(Action.ORDERS_SEE)


def test_a_person_without_grants_may_sign_in_and_do_nothing() -> None:
    make_staff("stranger", [])
    actor = resume(enter("stranger@seller.example"), idle=IDLE, now=NOON).actor
    assert not any(actor.may(action) for action in NEEDS)


def test_a_person_limited_to_no_company_is_not_unlimited() -> None:
    make_staff("limited", ["order:viewer"], limited_to=[])
    assert resume(enter("limited@seller.example"), idle=IDLE, now=NOON).actor.companies == frozenset()


def test_a_session_ends_when_it_was_idle_too_long() -> None:
    token = enter()
    assert is_open(token, NOON + IDLE - SECOND)
    token = enter()
    assert not is_open(token, NOON + IDLE)


def test_use_keeps_a_session_open_but_never_beyond_its_lifetime() -> None:
    token = enter()
    for hours in range(1, 12):
        assert is_open(token, NOON + timedelta(hours=hours))
    assert is_open(token, NOON + LIFETIME - SECOND)
    assert not is_open(token, NOON + LIFETIME)


def test_use_is_written_down_once_a_minute() -> None:
    token = enter()

    def used(now: datetime) -> tuple[SignedIn, datetime]:
        signed_in = resume(token, idle=IDLE, now=now)
        return signed_in, db.session.scalars(select(StaffSession.last_used_at)).one()

    assert used(NOON + 59 * SECOND)[1] == NOON
    assert used(NOON + MINUTE)[1] == NOON + MINUTE
    assert used(NOON + MINUTE + 59 * SECOND)[1] == NOON + MINUTE


def test_signing_in_sweeps_away_sessions_that_ended_long_ago() -> None:
    enter(now=NOON)
    ended = enter(now=NOON + MINUTE)
    sign_out(resume(ended, idle=IDLE, now=NOON + MINUTE).session_id, now=NOON + MINUTE)
    last = NOON + MINUTE + LIFETIME + SESSIONS_KEPT
    enter(now=last)
    opened = select(StaffSession.created_at).order_by(StaffSession.id)
    assert db.session.scalars(opened).all() == [NOON + MINUTE, last]
    enter(now=last + SECOND)
    assert db.session.scalars(opened).all() == [last, last + SECOND]


# ---- the brake ----


def test_the_eleventh_try_has_to_wait_even_with_the_right_password() -> None:
    assert [guess() for _ in range(10)] == [WrongPassword] * 10
    with pytest.raises(Paused) as paused:
        enter()
    assert (paused.value.seconds, paused.value.values["minutes"]) == (15 * 60, 15)
    assert str(paused.value) == "Too many attempts. Signing in pauses for 15 minutes."


def test_an_address_that_nobody_has_is_slowed_down_alike() -> None:
    assert [guess("nobody@seller.example") for _ in range(11)] == [*[WrongPassword] * 10, Paused]


def test_other_people_are_not_slowed_down() -> None:
    make_staff("editor", ["order:editor"])
    fail(10)
    assert is_open(enter("editor@seller.example"))


def test_tries_from_elsewhere_do_not_count_here_until_there_are_many() -> None:
    fail(10)
    assert guess() is Paused
    assert is_open(enter(address=ELSEWHERE))
    for number in range(5):
        fail(10, address=f"198.51.100.{number}")
    assert guess(address=ELSEWHERE) is Paused


def test_strangers_cannot_keep_a_person_out_of_a_known_browser() -> None:
    fail(10)
    for number in range(50):
        fail(20, email=EMAIL if number % 2 else f"person{number}@seller.example", address=f"198.51.100.{number}")
    assert guess(address="203.0.113.7") is Paused
    for address in (HERE, ELSEWHERE):
        assert is_open(enter(address=address, device="the usual browser"))


def test_a_known_browser_has_ten_tries_of_its_own() -> None:
    assert [guess(device="stolen") for _ in range(11)] == [*[WrongPassword] * 10, Paused]
    assert guess(device="stolen", address=ELSEWHERE) is Paused
    assert is_open(enter(device="the usual browser"))


def test_a_known_browser_is_noted_by_its_hash() -> None:
    guess(device="the usual browser")
    assert db.session.scalars(select(SignInFailure.remote_address)).all() == [
        hashlib.sha256(b"the usual browser").hexdigest()
    ]


def failed_in_a_row(failures: int) -> None:
    """Set how often the viewer was tried without success."""
    db.session.execute(update(Staff).values(failures_in_a_row=failures))
    db.session.commit()


def test_strangers_have_eighty_tries_in_a_row_however_slowly() -> None:
    failed_in_a_row(FAILURES_OF_STRANGERS - 1)
    assert guess() is WrongPassword
    with pytest.raises(WrongPassword):
        enter()
    assert db.session.scalars(select(Staff.failures_in_a_row)).one() == 80


def test_beyond_that_a_known_browser_still_gets_in_and_opens_the_door_again() -> None:
    failed_in_a_row(FAILURES_OF_STRANGERS)
    assert is_open(enter(device="the usual browser"))
    assert is_open(enter())


def test_nobody_gets_in_after_a_hundred_tries_in_a_row_but_with_a_new_password() -> None:
    failed_in_a_row(FAILURES_IN_A_ROW - 1)
    assert guess(device="the usual browser") is WrongPassword
    with pytest.raises(WrongPassword):
        enter(device="the usual browser")
    change_password(EMAIL, "another fine password", now=NOON)
    assert is_open(enter(password="another fine password"))


def test_failures_in_a_row_are_counted_and_cleared_by_a_success() -> None:
    make_staff("editor", [])
    counted = select(Staff.failures_in_a_row).order_by(Staff.id)
    for _try in range(3):
        guess()
    assert db.session.scalars(counted).all() == [3, 0]
    enter()
    assert db.session.scalars(counted).all() == [0, 0]


def test_a_place_is_slowed_down_after_fifty_tries_whoever_is_tried() -> None:
    for number in range(50):
        fail(email=f"person{number}@seller.example")
    with pytest.raises(Paused):
        enter()
    assert is_open(enter(address=ELSEWHERE))


def test_everybody_is_slowed_down_after_a_thousand_tries() -> None:
    for number in range(100):
        fail(10, email=f"person{number}@seller.example", address=f"198.51.100.{number}")
    with pytest.raises(Paused):
        enter()


def test_success_forgets_the_refused_tries_of_the_person() -> None:
    fail(9)
    enter()
    assert [guess() for _ in range(10)] == [WrongPassword] * 10


def test_success_does_not_forget_the_tries_from_elsewhere() -> None:
    fail(10, address=ELSEWHERE)
    enter()
    assert guess(address=ELSEWHERE) is Paused


def test_success_does_not_forget_the_tries_at_others() -> None:
    fail(10, email="editor@seller.example")
    enter()
    assert guess("editor@seller.example") is Paused


def test_time_lets_the_person_in_again() -> None:
    fail(10)
    assert guess(now=NOON + WINDOW - SECOND) is Paused
    assert is_open(enter(now=NOON + WINDOW), NOON + WINDOW)


def test_the_wait_is_that_of_the_tries_that_count() -> None:
    fail(email="nobody@seller.example", now=NOON - 14 * MINUTE)
    fail(10, now=NOON - 5 * MINUTE)
    with pytest.raises(Paused) as paused:
        enter()
    assert paused.value.seconds == 10 * 60


def test_a_try_while_paused_does_not_lengthen_the_pause() -> None:
    fail(10)
    assert guess(now=NOON + 14 * MINUTE) is Paused
    assert is_open(enter(now=NOON + WINDOW), NOON + WINDOW)


def test_old_tries_are_swept_away_by_a_success() -> None:
    fail(3, email="editor@seller.example", now=NOON - WINDOW - SECOND)
    enter()
    assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 0


def test_the_count_holds_across_processes(settings: Settings) -> None:
    assert [guess() for _ in range(10)] == [WrongPassword] * 10
    other = create_app(settings)
    with other.app_context():
        assert guess() is Paused
        db.engine.dispose()


@pytest.mark.race
def test_tries_at_the_same_moment_are_all_counted(app: Flask) -> None:
    def attempt(_number: int) -> type[Refused]:
        with app.app_context():
            return guess()

    db.session.rollback()
    with ThreadPoolExecutor(16) as threads:
        refusals = list(threads.map(attempt, range(16)))
    assert sorted(refusal.__name__ for refusal in refusals) == ["Paused"] * 6 + ["WrongPassword"] * 10
    assert db.session.scalars(select(Staff.failures_in_a_row)).one() == 10


@pytest.mark.race
def test_right_and_wrong_tries_at_the_same_moment_do_not_wait_for_each_other(app: Flask) -> None:
    def attempt(number: int) -> bool:
        with app.app_context():
            try:
                return is_open(enter(password=PASSWORD if number % 2 else "wrong", address=f"192.0.2.{number}"))
            except WrongPassword:
                return False

    db.session.rollback()
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(attempt, range(24))) == [False, True] * 12
