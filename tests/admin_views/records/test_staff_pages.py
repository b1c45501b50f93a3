"""The people who may sign in: grants, limits, one-time links, sessions, and each person's own account."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.base import db
from models.party import Company
from models.record_history import RecordHistory
from models.staff import PasswordLink, Staff, StaffSession
from permissions import SYSTEM
from services.staff import add_staff
from tests.admin_views.reading import Page, table
from tests.admin_views.records.conftest import Shop
from tests.factories import PASSWORD, make_staff
from tests.forms import errors, opened, saved, send
from tests.people import client_of, csrf_token, signed_in

NEW_PASSWORD = "four words put together"


def staff_of(app: Flask, email: str) -> Staff:
    """Give a person, read afresh."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        person = db.session.scalars(db.select(Staff).where(Staff.email == email)).one()
        _ = person.grants, person.companies, person.managed_companies
        db.session.expunge_all()
        return person


def details(staff_id: int) -> str:
    """Give the address of a person's page."""
    return f"/admin/staff/details/?id={staff_id}"


def post(client: FlaskClient, path: str) -> str:
    """Press a button; give the page that it leads to."""
    answer = client.post(path, data={"csrf_token": csrf_token(client, "/admin/staff/")}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def made(owner: FlaskClient, email: str = "new@seller.example", **more: str) -> int:
    """Add a person who sees orders."""
    grants = {"grants__order": "1", "grants__backoffice": "1"}
    return saved(owner, "/admin/staff/new/", name="Nora New", email=email, **{**grants, **more})


def link_for(owner: FlaskClient, staff_id: int) -> str:
    """Make a link that sets a password; give its path."""
    page = post(owner, f"/admin/staff/password-link/?id={staff_id}")
    found = re.search(r"https?://[^/]+(/password/[\w-]+)", page)
    assert found, page
    return found[1]


def set_password(client: FlaskClient, path: str, password: str = NEW_PASSWORD, again: str | None = None) -> int:
    """Send the form behind a link."""
    data = {"password": password, "again": again or password}
    return client.post(path, data={**data, "csrf_token": csrf_token(client)}).status_code


def signs_in(app: Flask, email: str, password: str) -> FlaskClient | None:
    """Try to sign in."""
    client = app.test_client()
    answer = client.post("/login", data={"email": email, "password": password, "csrf_token": csrf_token(client)})
    return client if answer.status_code == 302 else None


# ---- people ----


def test_a_new_person_has_the_grants_and_the_companies_that_were_chosen(
    owner: FlaskClient, app: Flask, shop: Shop
) -> None:
    made(
        owner,
        email=" New@Seller.Example ",
        grants__user="3",
        is_limited="y",
        companies=str(shop.acme),
        managed_companies=f"{shop.acme},{shop.zeta}",
    )
    person = staff_of(app, "new@seller.example")
    assert sorted(map(str, person.grants)) == ["backoffice:viewer", "order:viewer", "user:owner"]
    assert person.is_limited
    assert [company.id for company in person.companies] == [shop.acme]
    assert sorted(company.id for company in person.managed_companies) == sorted([shop.acme, shop.zeta])
    for path in (details(person.id), "/admin/staff/export/csv/"):
        assert "Order: Viewer, Backoffice: Viewer, User: Owner" in owner.get(path).text


def test_whoever_has_no_password_yet_cannot_sign_in(owner: FlaskClient, app: Flask) -> None:
    made(owner)
    for password in ("", "!", PASSWORD):
        assert signs_in(app, "new@seller.example", password) is None


def test_grants_are_changed_and_taken_away(owner: FlaskClient, app: Flask) -> None:
    person = made(owner)
    saved(owner, f"/admin/staff/edit/?id={person}", grants__order="2", grants__backoffice="0")
    assert [str(grant) for grant in staff_of(app, "new@seller.example").grants] == ["order:editor"]


@pytest.mark.parametrize("level", ["4", "-1", "x", ""])
def test_a_level_that_is_none_is_refused_by_the_grants(owner: FlaskClient, app: Flask, level: str) -> None:
    answer = send(owner, "/admin/staff/new/", name="Nora", email="n@seller.example", grants__order=level)
    assert "grants-order" in errors(answer)
    with app.app_context():
        assert not db.session.scalar(db.select(Staff.id).where(Staff.email == "n@seller.example"))


def test_an_address_that_somebody_has_is_told_by_its_field(owner: FlaskClient) -> None:
    made(owner)
    answer = send(owner, "/admin/staff/new/", name="Again", email="NEW@seller.example")
    assert errors(answer) == {"email": "Another record has this already."}


def test_nobody_is_deleted_not_even_by_who_may_everything(owner: FlaskClient) -> None:
    person = made(owner)
    assert owner.get(f"/admin/staff/delete/?id={person}").status_code == 404
    data = {"csrf_token": csrf_token(owner, "/admin/staff/")}
    assert owner.post(f"/admin/staff/delete/?id={person}", data=data).status_code == 404
    assert "Delete" not in owner.get(details(person)).text


def test_the_last_owner_of_the_staff_is_told_by_the_field_why_not(owner: FlaskClient, app: Flask) -> None:
    own = staff_of(app, "owner@seller.example")
    edit = f"/admin/staff/edit/?id={own.id}"
    sentence = "Nobody else is an owner of Staff. Make somebody else one first."
    assert errors(send(owner, edit, grants__staff="2")) == {"grants": sentence}
    assert errors(send(owner, edit, is_active=None)) == {"is_active": sentence}
    form = {"csrf_token": csrf_token(owner, "/admin/staff/"), "action": "switch_off", "rowid": str(own.id)}
    assert sentence in owner.post("/admin/staff/action/", data=form, follow_redirects=True).text
    made(owner, grants__staff="3")
    assert send(owner, edit, grants__staff="2").status_code == 302


def test_who_is_deactivated_is_out_on_the_next_click_in_every_browser(owner: FlaskClient, app: Flask) -> None:
    clients = [client_of(app, "viewer"), signed_in(app, "viewer@seller.example")]
    assert {client.get("/admin/orders/").status_code for client in clients} == {200}
    person = staff_of(app, "viewer@seller.example")
    saved(owner, f"/admin/staff/edit/?id={person.id}", is_active=None)
    for client in clients:
        assert client.get("/admin/orders/").location.startswith("/login")
    assert signs_in(app, person.email, PASSWORD) is None
    saved(owner, f"/admin/staff/edit/?id={person.id}", is_active="y")
    assert clients[0].get("/admin/orders/").location.startswith("/login")
    assert signs_in(app, person.email, PASSWORD)


def test_a_limit_holds_on_the_next_click(owner: FlaskClient, app: Flask, shop: Shop) -> None:
    client = client_of(app, "viewer")
    assert client.get(f"/admin/orders/{shop.order}/").status_code == 200
    person = staff_of(app, "viewer@seller.example")
    saved(owner, f"/admin/staff/edit/?id={person.id}", is_limited="y", companies=str(shop.zeta))
    assert client.get(f"/admin/orders/{shop.order}/").status_code == 404
    saved(owner, f"/admin/staff/edit/?id={person.id}", companies=f"{shop.zeta},{shop.acme}")
    assert client.get(f"/admin/orders/{shop.order}/").status_code == 200


def test_companies_that_limit_nobody_are_refused(owner: FlaskClient, shop: Shop) -> None:
    sentence = {"is_limited": "Tick this, or take the companies away."}
    new = send(owner, "/admin/staff/new/", name="Nora", email="new@seller.example", companies=str(shop.acme))
    assert errors(new) == sentence
    edit = f"/admin/staff/edit/?id={made(owner, is_limited='y', companies=str(shop.acme))}"
    assert errors(send(owner, edit, is_limited=None)) == sentence


# ---- a limited owner ----


@pytest.fixture
def limited(app: Flask, shop: Shop) -> FlaskClient:
    """Somebody who keeps the staff and is limited to one of the two companies."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        make_staff("limited", ["staff:owner", "user:viewer"], limited_to=[db.session.get_one(Company, shop.acme)])
    return signed_in(app, "limited@seller.example")


def test_companies_of_others_are_not_read_on_any_page_of_people_and_stay_as_they_are(
    owner: FlaskClient, limited: FlaskClient, app: Flask, shop: Shop
) -> None:
    both, own = f"{shop.acme},{shop.zeta}", staff_of(app, "limited@seller.example").id
    person = made(owner, is_limited="y", companies=str(shop.acme), managed_companies=str(shop.acme))
    saved(owner, f"/admin/staff/edit/?id={person}", name="Nora Newer", companies=both, managed_companies=both)
    saved(owner, f"/admin/staff/edit/?id={own}", timezone="Asia/Tokyo", managed_companies=both)
    for company in (shop.zeta, shop.acme):
        saved(owner, f"/admin/contacts/edit/?id={shop.contact}", company=str(company), first_name=f"Ann{company}")
    edit = f"/admin/staff/edit/?id={person}"
    pages = {
        details(person): "Nora Newer",
        edit: "Acme",
        "/admin/staff/": "Nora Newer",
        "/admin/staff/export/csv/": "Nora Newer",
        "/admin/audit-log/": "Nora Newer",
        "/admin/audit-log/export/csv/": "Nora Newer",
        f"/admin/account/details/?id={own}": "Asia/Tokyo",
        f"/admin/contacts/details/?id={shop.contact}": f"Ann{shop.zeta} →",
    }
    for path, shown in pages.items():
        text = limited.get(path).text
        assert shown in text, path
        assert "Zeta" not in text, path
    assert "Zeta" in owner.get(details(person)).text
    saved(limited, edit, name="Nora Newest")
    after = staff_of(app, "new@seller.example")
    for companies in (after.companies, after.managed_companies):
        assert sorted(company.id for company in companies) == sorted([shop.acme, shop.zeta])


def test_who_is_limited_lets_nobody_see_more(owner: FlaskClient, limited: FlaskClient, app: Flask, shop: Shop) -> None:
    sentence = "You work for certain companies only, and so must everybody whom you add or change."
    own = f"/admin/staff/edit/?id={staff_of(app, 'limited@seller.example').id}"
    assert errors(send(limited, own, is_limited=None)) == {"is_limited": sentence}
    assert errors(send(limited, "/admin/staff/new/", name="N", email="n@seller.example")) == {"is_limited": sentence}
    everybodys, wider = made(owner), made(owner, "w@seller.example", is_limited="y", companies=str(shop.zeta))
    assert errors(send(limited, f"/admin/staff/edit/?id={everybodys}", name="Other")) == {"is_limited": sentence}
    token = {"csrf_token": csrf_token(limited, "/admin/staff/")}
    for person, reason in {
        everybodys: sentence,
        wider: "Nora New works for companies that you do not work for.",
    }.items():
        answer = limited.post(f"/admin/staff/password-link/?id={person}", data=token)
        assert (answer.status_code, reason in answer.text) == (409, True)
    mine = saved(
        limited, "/admin/staff/new/", name="M", email="m@seller.example", is_limited="y", companies=str(shop.acme)
    )
    assert link_for(limited, mine)


# ---- one-time links ----


def test_a_link_sets_a_password_once(owner: FlaskClient, app: Flask, client: FlaskClient) -> None:
    path = link_for(owner, made(owner))
    assert "new@seller.example" in client.get(path).text
    assert set_password(client, path) == 302
    assert signs_in(app, "new@seller.example", NEW_PASSWORD)
    assert client.get(path).status_code == 410
    assert set_password(client, path, "another four words here") == 410
    assert signs_in(app, "new@seller.example", NEW_PASSWORD)


def test_a_link_that_was_replaced_or_is_an_hour_old_is_not_good(
    owner: FlaskClient, app: Flask, client: FlaskClient
) -> None:
    person = made(owner)
    older, newer = link_for(owner, person), link_for(owner, person)
    assert client.get(older).status_code == 410
    assert client.get(newer).status_code == 200
    with app.app_context():
        link = db.session.scalars(db.select(PasswordLink)).one()
        assert timedelta(minutes=59) < link.expires_at - datetime.now(UTC) <= timedelta(hours=1)
        assert newer.rpartition("/")[2] not in (link.token_hash, str(link.id))
        link.expires_at = datetime.now(UTC)
        db.session.commit()
    assert client.get(newer).status_code == 410
    assert set_password(client, newer) == 410


def test_the_link_of_a_person_who_was_deactivated_is_not_good(owner: FlaskClient, client: FlaskClient) -> None:
    person = made(owner)
    path = link_for(owner, person)
    saved(owner, f"/admin/staff/edit/?id={person}", is_active=None)
    assert client.get(path).status_code == 410
    shown = list(Page(owner.get(details(person)).text).find("button"))
    assert "New password link" not in [button.text for button in shown]
    token = {"csrf_token": csrf_token(owner, "/admin/staff/")}
    refused = owner.post(f"/admin/staff/password-link/?id={person}", data=token)
    assert refused.status_code == 409
    assert "Nora New is not active, so a link would not work." in refused.text
    saved(owner, f"/admin/staff/edit/?id={person}", is_active="y")
    assert set_password(client, path) == 410


def test_a_link_stands_in_no_history_and_is_shown_once(owner: FlaskClient, app: Flask) -> None:
    person = made(owner)
    token = link_for(owner, person).rpartition("/")[2]
    assert token not in owner.get(details(person)).text
    with app.app_context():
        said = str(db.session.execute(db.select(RecordHistory.__table__)).all())
    assert "password_link" in said
    assert token not in said


@pytest.mark.parametrize("token", ["x", "%00", "a" * 500, "é"])
def test_a_token_that_is_none_is_answered_like_one_that_is_used(client: FlaskClient, token: str) -> None:
    assert client.get(f"/password/{token}").status_code == 410


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("too short", None, "at least 15"),
        (NEW_PASSWORD, "four words put apart", "The passwords do not match."),
        ("x" * 2_000, None, "1024"),
    ],
)
def test_a_password_that_will_not_do_is_told_and_the_link_stays_good(
    owner: FlaskClient, client: FlaskClient, password: str, again: str | None, sentence: str
) -> None:
    path = link_for(owner, made(owner))
    data = {"password": password, "again": again or password, "csrf_token": csrf_token(client)}
    assert sentence in client.post(path, data=data).text
    assert set_password(client, path) == 302


def test_a_new_password_ends_the_sessions_and_lifts_the_pause(owner: FlaskClient, app: Flask) -> None:
    viewer = client_of(app, "viewer")
    person = staff_of(app, "viewer@seller.example")
    for _try in range(11):
        signs_in(app, person.email, "wrong")
    assert signs_in(app, person.email, PASSWORD) is None
    assert set_password(app.test_client(), link_for(owner, person.id)) == 302
    assert viewer.get("/admin/orders/").location.startswith("/login")
    assert signs_in(app, person.email, NEW_PASSWORD)


# ---- sessions ----


def test_a_session_is_ended_from_the_persons_page_and_the_others_go_on(owner: FlaskClient, app: Flask) -> None:
    first, second = client_of(app, "viewer"), signed_in(app, "viewer@seller.example")
    person = staff_of(app, "viewer@seller.example")
    with app.app_context():
        opened_first = min(db.session.scalars(db.select(StaffSession.id).where(StaffSession.staff_id == person.id)))
    shown = post(owner, f"/admin/staff/end-session/?id={person.id}&session={opened_first}")
    assert "The session is ended." in shown
    assert '<td data-label="Session">' in shown
    assert first.get("/admin/orders/").location.startswith("/login")
    assert second.get("/admin/orders/").status_code == 200


def test_a_session_of_somebody_else_is_not_ended_at_the_wrong_address(owner: FlaskClient, app: Flask) -> None:
    viewer, editor = client_of(app, "viewer"), client_of(app, "editor")
    with app.app_context():
        of_viewer = db.session.scalar(
            db.select(StaffSession.id).join(Staff).where(Staff.email == "viewer@seller.example")
        )
    data = {"csrf_token": csrf_token(editor, "/admin/account/password/")}
    editor_id = staff_of(app, "editor@seller.example").id
    for path in (
        f"/admin/account/end-session/?id={editor_id}&session={of_viewer}",
        f"/admin/account/end-session/?id={staff_of(app, 'viewer@seller.example').id}&session={of_viewer}",
        f"/admin/staff/end-session/?id={staff_of(app, 'viewer@seller.example').id}&session={of_viewer}",
    ):
        editor.post(path, data=data)
    assert viewer.get("/admin/orders/").status_code == 200


# ---- my account ----


def test_everybody_has_an_account_with_the_own_data_alone(owner: FlaskClient, app: Flask) -> None:
    stranger = client_of(app, "stranger")
    shown = stranger.get("/admin/account/", follow_redirects=True)
    assert shown.status_code == 200
    assert "stranger@seller.example" in shown.text
    other = staff_of(app, "owner@seller.example").id
    for page in ("details", "edit"):
        assert stranger.get(f"/admin/account/{page}/?id={other}").status_code == 404, page
    assert stranger.get("/admin/account/export/csv/").status_code in (403, 404)


def test_the_own_account_changes_no_right(app: Flask) -> None:
    stranger = client_of(app, "stranger")
    own = staff_of(app, "stranger@seller.example")
    send(
        stranger, f"/admin/account/edit/?id={own.id}", None,
        timezone="Asia/Tokyo", grants__staff="3", email="x@seller.example", is_limited="y", name="X", is_active="",
    )  # fmt: skip
    person = staff_of(app, "stranger@seller.example")
    assert (person.timezone, person.grants, person.name, person.is_active) == ("Asia/Tokyo", [], "Stranger", True)


def test_moments_stand_in_the_zone_and_the_language_that_were_chosen(app: Flask, shop: Shop) -> None:
    viewer = client_of(app, "viewer")
    own = staff_of(app, "viewer@seller.example")
    path = f"/admin/account/edit/?id={own.id}"
    saved(viewer, path, timezone="Asia/Tokyo", language="de")
    page = viewer.get("/admin/orders/").text
    assert '<html lang="de"' in page
    assert "31. März 2026 19:00" in page


@pytest.mark.parametrize(("field", "value"), [("timezone", "Mars/Olympus"), ("language", "tlh"), ("theme", "pink")])
def test_what_is_no_choice_is_told_by_its_field(app: Flask, field: str, value: str) -> None:
    viewer = client_of(app, "viewer")
    path = f"/admin/account/edit/?id={staff_of(app, 'viewer@seller.example').id}"
    assert list(errors(send(viewer, path, None, **{field: value}))) == [field]


def test_the_button_leads_to_a_clean_form_that_asks_for_the_present_password_first(app: Flask) -> None:
    viewer = client_of(app, "viewer")
    account = Page(viewer.get("/admin/account/", follow_redirects=True).text)
    answer = viewer.get(account.link("Change password"))
    assert errors(answer) == {}
    fields = Page(answer.text).find("input", "record-form", type="password")
    assert [field.attributes["name"] for field in fields] == ["current", "password", "again"]


def test_the_own_password_needs_the_present_one_and_ends_the_other_sessions(app: Flask) -> None:
    here, there = client_of(app, "viewer"), signed_in(app, "viewer@seller.example")
    path = "/admin/account/password/"
    wrong = send(here, path, current="not the one", password=NEW_PASSWORD, again=NEW_PASSWORD)
    assert "current" in errors(wrong)
    assert NEW_PASSWORD not in wrong.text
    assert errors(send(here, path, current=PASSWORD, password="short", again="short"))
    assert send(here, path, current=PASSWORD, password=NEW_PASSWORD, again=NEW_PASSWORD).status_code == 302
    assert here.get("/admin/orders/").status_code == 200
    assert there.get("/admin/orders/").location.startswith("/login")
    assert signs_in(app, "viewer@seller.example", NEW_PASSWORD)
    assert signs_in(app, "viewer@seller.example", PASSWORD) is None


def test_the_present_password_cannot_be_guessed_at_leisure(app: Flask) -> None:
    viewer = client_of(app, "viewer")
    form = opened(viewer, "/admin/account/password/")
    for _try in range(10):
        send(viewer, "/admin/account/password/", form, current="wrong", password=NEW_PASSWORD, again=NEW_PASSWORD)
    last = send(viewer, "/admin/account/password/", form, current=PASSWORD, password=NEW_PASSWORD, again=NEW_PASSWORD)
    assert last.status_code != 302
    assert signs_in(app, "viewer@seller.example", NEW_PASSWORD) is None


def test_the_theme_is_kept_for_every_browser(app: Flask) -> None:
    here, there = client_of(app, "viewer"), signed_in(app, "viewer@seller.example")
    headers = {"X-CSRFToken": csrf_token(here, "/admin/account/password/")}
    assert here.post("/admin/account/theme", data={"theme": "dark"}, headers=headers).status_code == 204
    assert 'data-theme="dark"' in there.get("/admin/orders/").text
    assert here.post("/admin/account/theme", data={"theme": "pink"}, headers=headers).status_code == 400
    own = staff_of(app, "viewer@seller.example")
    path = f"/admin/account/edit/?id={own.id}"
    saved(here, path, theme="light")
    assert 'data-theme="light"' in there.get("/admin/orders/").text
    assert (own.version, staff_of(app, "viewer@seller.example").version) == (1, 1)
    assert "No changes yet." in here.get(f"/admin/account/details/?id={own.id}").text
    seen = opened(here, path)
    saved(there, path, timezone="Asia/Tokyo")
    assert send(here, path, seen, timezone="Europe/London", theme="dark").status_code == 409
    assert 'data-theme="light"' in there.get("/admin/orders/").text


# ---- audit log ----


def test_the_audit_log_says_who_changed_what_from_and_to(owner: FlaskClient) -> None:
    person = made(owner)
    saved(owner, f"/admin/staff/edit/?id={person}", grants__order="2")
    rows = table(owner.get("/admin/audit-log/export/csv/").data)
    seen = "Order: Viewer, Backoffice: Viewer"
    assert rows[1][1:7] == ["Owner", "Staff", "Nora New", "Grants", seen, rows[1][6]]
    assert "Order: Editor" in rows[1][6]
    assert rows[2][1:7] == ["Owner", "Staff", "Nora New", "Grants", "", seen]


def test_the_audit_log_says_what_was_done_on_the_command_line(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        add_staff("ann@seller.example", NEW_PASSWORD, grants=["order:viewer"], now=datetime.now(UTC))
    page = owner.get("/admin/audit-log/").text
    assert "on the command line" in page
    assert ">System<" in re.sub(r"\s+", "", page)
    assert table(owner.get("/admin/audit-log/export/csv/").data)[1][1] == "System"
    german, path = {"Accept-Language": "de"}, "/admin/audit-log/"
    assert table(owner.get(f"{path}export/csv/", headers=german).data)[1][-1] == "auf der Befehlszeile"
    assert "auf der Befehlszeile" in owner.get(path, headers=german).text
    person = owner.get("/admin/staff/?email=ann").text.partition('data-row-id="')[2].partition('"')[0]
    assert "auf der Befehlszeile" in owner.get(f"/admin/staff/details/?id={person}", headers=german).text


def test_the_audit_log_finds_what_the_program_did_by_itself(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        add_staff("ann@seller.example", NEW_PASSWORD, grants=["order:viewer"], now=datetime.now(UTC))
    made(owner)
    path = "/admin/audit-log/"
    assert '<option value="SYSTEM">System</option>' in owner.get(path).text
    for who, names in {"": {"Nora New", "ann"}, "?staff=SYSTEM": {"ann"}, "?staff=1": {"Nora New"}}.items():
        assert {row[3] for row in table(owner.get(f"{path}export/csv/{who}").data)[1:]} == names
    assert "“STAFF” is not the number of a record" in owner.get(f"{path}?staff=STAFF").text
