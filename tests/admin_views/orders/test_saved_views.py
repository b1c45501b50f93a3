"""Saved views: what they keep, who sees them, and what happens when they do not fit any more."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.base import begin_writing, db
from models.saved_view import DefaultView, SavedView
from models.staff import Staff
from permissions import SYSTEM
from tests.admin_views.orders.test_statements import asked as statements
from tests.admin_views.reading import FILE, LIST, Page, address, file, file_numbers, page, state
from tests.factories import make_company, make_order, make_staff
from tests.people import GRANTS, client_of, csrf_token, signed_in

VIEWS = f"{LIST}views/"


def send(client: FlaskClient, path: str, **form: Any) -> TestResponse:
    """Send a form."""
    return client.post(path, data={"csrf_token": csrf_token(client, "/admin/account/password/"), **form})


def save(client: FlaskClient, name: str, asked: dict[str, Any] | None = None, **form: Any) -> int:
    """Keep a list under a name; give the number of the view."""
    answer = send(client, address(f"{VIEWS}save", **(asked or {})), name=name, **form)
    assert answer.status_code == 302, answer.text
    return int(state(answer.location)["view"])


def kept(app: Flask, view_id: int) -> SavedView | None:
    """Give what is kept of a view."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        return db.session.get(SavedView, view_id)


def rewrite(app: Flask, view_id: int, asked: str) -> None:
    """Put another question where a view keeps its own."""
    with app.app_context():
        db.session.info["actor"] = SYSTEM
        begin_writing(db.session)
        db.session.get_one(SavedView, view_id).asked = asked
        db.session.commit()


def changed(shown: Page) -> bool:
    """Whether the page says that it shows another list than the view."""
    return bool(list(shown.find("div", **{"class": "list-note view-note"})))


def followed(client: FlaskClient, href: str) -> Page:
    """Follow an address and where it leads."""
    answer = client.get(href, follow_redirects=True)
    assert answer.status_code == 200, href
    return Page(answer.text)


def test_a_view_keeps_the_whole_list(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        acme = make_company("Acme")
        found = make_order(company=acme, reference="blue")
        make_order(company=acme, reference="red")
        make_order(reference="blue")
        company = acme.id
    asked = {
        "tab": "NEW", "company": company, "search": "blue", "fields": "reference", "status": "NEW",
        "created_from": "2026-01-01", "sort": "total", "desc": "1", "page_size": "25",
    }  # fmt: skip
    send(viewer, f"{LIST}columns", column=["order_number", "reference"])
    view = save(viewer, "Blue", asked)
    send(viewer, f"{LIST}columns", column=["order_number", "email", "total"])
    shown = page(viewer, view=view)
    assert shown.numbers == [found]
    assert shown.headings == ["Order number", "Reference"]
    assert not changed(shown)
    assert [e.attributes["value"] for e in shown.find("input", name="search")] == ["blue"]
    assert file(viewer, view=view) == [["Order number", "Reference"], [str(found), "blue"]]
    assert page(viewer).headings == ["Order number", "E-mail", "Total, EUR"]


def test_what_stands_beside_a_view_goes_before_it(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        new, sent = make_order(status="NEW", reference="a"), make_order(status="SHIPPED", reference="b")
    view = save(viewer, "New", {"status": "NEW", "sort": "total", "desc": "1"})
    assert page(viewer, view=view).numbers == [new]
    other = page(viewer, view=view, status="SHIPPED")
    assert (other.numbers, changed(other)) == ([sent], True)
    assert file_numbers(viewer, view=view, status="SHIPPED") == [sent]
    without = page(viewer, view=view, status="", sort="order_number")
    assert without.numbers == [new, sent]
    assert changed(without)
    assert not changed(page(viewer, view=view, status="NEW", page=1))


def test_every_link_of_an_open_view_keeps_it(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        company = make_company("Acme").id
        for _ in range(6):
            make_order(status="NEW")
        make_order(status="SHIPPED")
    view = save(viewer, "New", {"tab": "NEW", "status": "NEW", "page_size": "5", "company": "mine"})
    own = page(viewer, view=view, company="")
    assert len(own.numbers) == 5
    assert state(own.link("Next page")) == {"view": str(view), "company": "", "page": "2"}
    assert state(own.link("Clear filters"))["status"] == ""
    assert state(own.tabs["All orders"][1])["tab"] == "all"
    assert len(followed(viewer, own.tabs["All orders"][1]).numbers) == 5
    (picker,) = (e for e in own.find("div") if "data-choose-url" in e.attributes)
    assert picker.attributes["data-choose-url"].endswith("company=")
    assert state(f"{picker.attributes['data-choose-url']}{company}")["company"] == str(company)
    hidden = {e.attributes["name"]: e.attributes["value"] for e in own.find("input", "search", type="hidden")}
    assert hidden["view"] == str(view)
    assert FILE in own.link("Export")


def test_relative_days_stay_relative(app: Flask, viewer: FlaskClient) -> None:
    view = save(viewer, "Week", {"created_from": "-7d"})
    row = kept(app, view)
    assert row
    assert "created_from=-7d" in row.asked
    (chip,) = page(viewer, view=view).find("span", "chips", **{"class": "chip"})
    assert chip.text == "Date Createdlast 7 days"
    assert chip.attributes["title"].startswith("from ")


def test_the_default_view_opens_when_nothing_is_asked(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order(status="NEW")
        make_order(status="SHIPPED")
    view = save(viewer, "Sent", {"status": "SHIPPED"}, default="1")
    answer = viewer.get(LIST)
    assert (answer.status_code, answer.location) == (302, f"{LIST}?view={view}")
    shown = page(viewer, view=view)
    assert len(shown.numbers) == 1
    plain = followed(viewer, shown.link("Close this view"))
    assert len(plain.numbers) == 2
    assert plain.tabs["All orders"][1] == f"{LIST}?tab=all"
    send(viewer, f"{VIEWS}{view}/default", on="0")
    assert viewer.get(LIST).status_code == 200


def test_deleting_a_default_view_falls_back_to_all_orders(app: Flask, owner: FlaskClient, viewer: FlaskClient) -> None:
    view = save(owner, "Everybody's", {"status": "NEW"}, shared="1", default="1")
    assert send(viewer, f"{VIEWS}{view}/default", on="1").status_code == 302
    assert viewer.get(LIST).status_code == 302
    assert send(owner, f"{VIEWS}{view}/delete", version="1").status_code == 302
    for client in (owner, viewer):
        assert client.get(LIST).status_code == 200
    with app.app_context():
        assert db.session.query(DefaultView).count() == 0


def test_a_view_that_is_not_shared_any_more_is_nobodys_default(owner: FlaskClient, viewer: FlaskClient) -> None:
    view = save(owner, "Everybody's", {"status": "NEW"}, shared="1", default="1")
    send(viewer, f"{VIEWS}{view}/default", on="1")
    assert send(owner, f"{VIEWS}{view}/share", version="1", on="0").status_code == 302
    assert viewer.get(LIST).status_code == 200
    assert owner.get(LIST).status_code == 302
    gone = page(viewer, view=view)
    assert f"There is no view “{view}”" in gone.faults
    assert not gone.numbers


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Give the view a name."),
        ("  ", "Give the view a name."),
        ("x" * 61, "A name may have at most 60 characters."),
        ("a\x07b", "The name has characters that cannot be read."),
        ("MINE", "There is a view of this name already."),
        ("míne ", "There is a view of this name already."),
    ],
)
def test_a_name_that_cannot_be_kept_is_told_by_its_field(viewer: FlaskClient, name: str, sentence: str) -> None:
    first = save(viewer, "Mine")
    second = save(viewer, "Other")
    for path in (f"{VIEWS}save?tab=NEW", f"{VIEWS}{second}/rename"):
        answer = send(viewer, path, name=name, version="1")
        assert answer.status_code == 200
        shown = Page(answer.text)
        assert [e.text for e in shown.find("p", id="name-error")] == [sentence]
        (field,) = shown.find("input", name="name")
        assert field.attributes["aria-describedby"] == "name-error"
    assert send(viewer, f"{VIEWS}{first}/rename", name="MINE", version="1").status_code == 302


def test_names_are_a_persons_own_or_everybodys(app: Flask, owner: FlaskClient, viewer: FlaskClient) -> None:
    save(viewer, "Mine")
    save(owner, "Mine")
    save(owner, "Ours", shared="1")
    with app.app_context():
        email = make_staff("second", GRANTS["owner"]).email
    second = signed_in(app, email)
    answer = send(second, f"{VIEWS}save", name="ours", shared="1")
    assert "There is a shared view of this name already." in answer.text
    own = save(second, "ours")
    assert send(second, f"{VIEWS}{own}/share", version="1", on="1").location == LIST
    assert "There is a shared view of this name already." in page(second).text
    row = kept(app, own)
    assert row
    assert not row.is_shared


def test_only_owners_of_orders_share(app: Flask, owner: FlaskClient, editor: FlaskClient) -> None:
    own = save(editor, "Own")
    assert send(editor, f"{VIEWS}{own}/share", version="1", on="1").status_code == 403
    assert send(editor, f"{VIEWS}save", name="Shared", shared="1").status_code == 403
    assert "Share with everybody" not in page(editor, view=own).text
    shared = save(owner, "Shared", shared="1")
    assert page(editor, view=shared).text.count("Shared")
    for path, form in (
        ("update", {}),
        ("rename", {"name": "x"}),
        ("delete", {}),
        ("share", {"on": "0"}),
    ):
        assert send(editor, f"{VIEWS}{shared}/{path}", version="1", **form).status_code == 403, path
    assert editor.get(f"{VIEWS}{shared}/rename").status_code == 403
    row = kept(app, shared)
    assert row
    assert (row.name, row.version, row.is_shared) == ("Shared", 1, True)


def test_somebody_elses_private_view_does_not_exist(app: Flask, owner: FlaskClient, viewer: FlaskClient) -> None:
    view = save(viewer, "Secret", {"status": "NEW"})
    for path, form in (
        ("update", {}),
        ("rename", {"name": "x"}),
        ("delete", {}),
        ("share", {"on": "1"}),
        ("default", {"on": "1"}),
    ):
        assert send(owner, f"{VIEWS}{view}/{path}", version="1", **form).status_code == 404, path
    assert owner.get(f"{VIEWS}{view}/rename").status_code == 404
    assert "Secret" not in page(owner, view=view).text
    assert owner.get(address(FILE, view=view)).status_code == 400
    row = kept(app, view)
    assert row
    assert (row.name, row.version) == ("Secret", 1)


def test_forms_without_their_token_change_nothing(app: Flask, viewer: FlaskClient) -> None:
    view = save(viewer, "Mine")
    for path in ("save", *(f"{view}/{verb}" for verb in ("update", "rename", "default", "delete"))):
        assert viewer.post(f"{VIEWS}{path}", data={"name": "x", "version": "1", "on": "1"}).status_code == 400
    assert kept(app, view)


def test_a_view_is_updated_on_the_version_that_was_seen(app: Flask, owner: FlaskClient) -> None:
    view = save(owner, "Ours", {"status": "NEW"}, shared="1")
    shown = page(owner, view=view, status="SHIPPED")
    action = next(e.attributes["formaction"] for e in shown.find("button", "view-note"))
    assert send(owner, action, version="1").status_code == 302
    row = kept(app, view)
    assert row
    assert "status=SHIPPED" in row.asked
    for verb, form in (("update?status=NEW", {}), ("share", {"on": "0"}), ("delete", {})):
        for seen in ("1", "", "x", "9" * 30):
            answer = send(owner, f"{VIEWS}{view}/{verb}", version=seen, **form)
            assert (answer.status_code, "Somebody has changed or deleted this view" in answer.text) == (409, True)
    again = send(owner, f"{VIEWS}{view}/rename", version="1", name="Open ones")
    assert "It is called “Ours” now." in again.text
    assert 'name="version" value="2"' in again.text
    assert 'value="Open ones"' in again.text
    row = kept(app, view)
    assert row
    assert (row.name, row.version, row.is_shared) == ("Ours", 2, True)
    send(owner, f"{VIEWS}{view}/rename", version="2", name="Open ones")
    row = kept(app, view)
    assert row
    assert row.name == "Open ones"


def test_a_view_that_does_not_fit_opens_with_what_was_left_out(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        new, _sent = make_order(status="NEW"), make_order(status="SHIPPED")
    view = save(viewer, "Old")
    rewrite(
        app,
        view,
        "tab=set-99&company=999&status=NEW,GONE&user_id=77&created_from=nonsense&fields=email,gone&sort=gone"
        "&desc=1&page_size=7&columns=order_number,gone,email&colour=red",
    )
    shown = followed(viewer, address(view=view))
    assert shown.numbers == [new]
    assert shown.headings == ["Order number", "E-mail"]
    for words in (
        "“Old” does not fit any more",
        "There is no tab “set-99”",
        "There is no company 999.",
        "There is no order status “GONE”.",
        "There is no user 77.",
        "“nonsense” is not a day",
        "There is no search field “gone”.",
        "There is no column “gone” to sort by.",
        "A page may have",
        "There is no column “gone”.",
        "a part “colour”",
    ):
        assert words in shown.text, words
    assert changed(shown)
    assert viewer.get(address(FILE, view=view)).status_code == 400
    action = next(e.attributes["action"] for e in shown.find("form", **{"class": "batch"}))
    ticked = send(viewer, action, action="select")
    assert ticked.status_code == 302
    assert "1 order chosen" in Page(viewer.get(ticked.location).text).text
    update = next(e.attributes["formaction"] for e in shown.find("button", "view-note"))
    assert send(viewer, update, version="2").status_code == 302
    mended = page(viewer, view=view)
    assert (mended.numbers, changed(mended), "does not fit" in mended.text) == ([new], False, False)


def test_a_view_that_lost_a_part_is_not_called_changed(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        new = make_order(status="NEW")
    view = save(viewer, "Old")
    rewrite(app, view, "status=NEW,GONE&user_id=77&created_from=2020-01-01&sort=created&desc=1")
    lost = followed(viewer, address(view=view))
    assert lost.numbers == [new]
    assert "A part of “Old” does not fit any more." in lost.text
    assert "“Old” is changed." not in lost.text
    for more in ({"created_from": ""}, {"status": "NEW,SHIPPED"}, {"user_id": "", "page_size": "5"}):
        assert "“Old” is changed." in page(viewer, **{"view": view, "status": "NEW", "user_id": ""} | more).text


@pytest.mark.parametrize("company", ["999", "nonsense"])
def test_a_view_whose_company_is_gone_is_not_called_changed(app: Flask, viewer: FlaskClient, company: str) -> None:
    with app.app_context():
        new, other = make_order(), make_company("Other").id
    view = save(viewer, "Old")
    rewrite(app, view, f"company={company}&status=NEW")
    lost = followed(viewer, address(view=view))
    assert lost.numbers == [new]
    assert "A part of “Old” does not fit any more." in lost.text
    assert "“Old” is changed." not in lost.text
    assert "“Old” is changed." in page(viewer, view=view, company=other).text
    rewrite(app, view, f"company={other}")
    assert "“Old” is changed." in page(viewer, view=view, company="").text


@pytest.mark.parametrize("lost", ["status=GONE", "formerly=1"])
def test_a_script_that_looks_at_a_view_leaves_no_message_about_it(app: Flask, viewer: FlaskClient, lost: str) -> None:
    view = save(viewer, "Old")
    rewrite(app, view, lost)
    page(viewer)  # takes the message of saving
    viewer.get(address(view=view), headers={"X-Part": "rows"})
    assert "does not fit any more" not in page(viewer).text
    assert "does not fit any more" in followed(viewer, address(view=view)).text


def test_a_view_shows_nobody_more_than_exists_for_him(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        mine, other = make_company("Mine"), make_company("Hidden Ltd")
        seen, _unseen = make_order(company=mine), make_order(company=other)
        company, email = other.id, make_staff("limited", GRANTS["viewer"], limited_to=[mine]).email
    view = save(owner, "Theirs", {"company": company}, shared="1")
    several = save(owner, "Several", {"companies": company}, shared="1")
    limited = signed_in(app, email)
    for number in (view, several):
        shown = followed(limited, address(view=number))
        assert shown.numbers == [seen]
        assert f"There is no company {company}." in shown.text
        assert "Hidden" not in shown.text
        assert limited.get(address(FILE, view=number)).status_code == 400


def test_columns_of_an_open_view_stand_in_the_address(app: Flask, viewer: FlaskClient) -> None:
    with app.app_context():
        make_order()
    view = save(viewer, "Mine", {"status": "NEW"})
    answer = send(viewer, f"{LIST}columns", column=["order_number", "email"], url=address(view=view, tab="NEW"))
    assert state(answer.location) == {"view": str(view), "tab": "NEW", "columns": "order_number,email"}
    shown = followed(viewer, answer.location)
    assert shown.headings == ["Order number", "E-mail"]
    assert changed(shown)
    assert len(page(viewer).headings) == 15
    for wrong in ("order_number,gone", "email", ",", "order_number,email,email"):
        assert page(viewer, view=view, columns=wrong).faults
    assert page(viewer, columns="order_number").faults


def test_a_list_that_cannot_be_read_is_not_saved(viewer: FlaskClient) -> None:
    for query in ({"status": "GONE"}, {"view": "999"}, {"created_from": "x"}):
        assert send(viewer, address(f"{VIEWS}save", **query), name="x").status_code == 400
        assert viewer.get(address(f"{VIEWS}save", **query)).status_code == 400


def test_views_cost_one_statement_however_many_there_are(app: Flask, viewer: FlaskClient) -> None:
    view = save(viewer, "First", {"status": "NEW"})
    before = statements(app, viewer, address(view=view))
    with app.app_context():
        staff = db.session.scalars(db.select(Staff.id)).one()
        for place in range(30):
            db.session.add(SavedView(staff_id=staff, name=f"V{place}", name_folded=f"v{place}", asked="sort=total"))
        db.session.commit()
    assert statements(app, viewer, address(view=view)) == before == 4


def test_no_more_than_a_hundred_views_are_kept(app: Flask, viewer: FlaskClient) -> None:
    save(viewer, "First")
    with app.app_context():
        staff = db.session.scalars(db.select(Staff.id)).one()
        for place in range(99):
            db.session.add(SavedView(staff_id=staff, name=f"V{place}", name_folded=f"v{place}", asked=""))
        db.session.commit()
    answer = send(viewer, f"{VIEWS}save", name="One more")
    assert (answer.status_code, "At most 100 views" in answer.text) == (409, True)


def test_another_person_has_other_views(app: Flask, viewer: FlaskClient) -> None:
    save(viewer, "Viewer's")
    assert "Viewer's" not in page(client_of(app, "editor")).text
