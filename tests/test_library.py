"""What we rely on inside the libraries, name by name, so that an upgrade shows what moved."""

import inspect
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, ClassVar

import pytest
import werkzeug.exceptions
from flask import Flask, g, request, session
from flask_admin import Admin, BaseView, expose
from flask_admin.actions import ActionsMixin, action
from flask_admin.contrib.sqla import ModelView
from flask_admin.contrib.sqla.fields import InlineModelFormList
from flask_admin.contrib.sqla.form import AdminModelConverter
from flask_admin.contrib.sqla.tools import parse_like_term
from flask_admin.form import BaseForm
from flask_admin.helpers import is_safe_url
from flask_admin.model.base import BaseModelView, ViewArgs
from flask_admin.model.fields import AjaxSelectMultipleField
from flask_babel import Babel
from flask_login import LoginManager, UserMixin, login_user, logout_user
from flask_principal import AnonymousIdentity, Identity, Need, Permission, Principal
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFError
from huey.storage import BaseSqlStorage, PostgresStorage, SqliteStorage
from sqlalchemy import Select, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from admin_views.base import LIBRARY_WRITES
from models.base import SAFE_WAL, db, sqlite_driver
from services.queue import QueueFile

FLOORS = {
    "Flask": "3.1.3",
    "Flask-Login": "0.6.3",
    "Flask-Principal": "0.4.0",
    "gunicorn": "23.0",
    "Jinja2": "3.1.6",
    "SQLAlchemy": "2.0",
    "Werkzeug": "3.1.6",
}
"""The oldest releases without a weakness that is known."""


class Base(DeclarativeBase):
    """The tables of a product that uses the library as it comes."""


class Row(Base):
    """A row of one of two companies."""

    __tablename__ = "row"

    id: Mapped[int] = mapped_column(primary_key=True)
    company: Mapped[str]


class Narrowed(ModelView):
    """A view of one company's rows, written the obvious way."""

    column_filters = ("id",)
    form_columns = ("company",)
    marked: ClassVar[list[str]] = []

    def get_query(self) -> Select[Any]:
        return super().get_query().where(Row.company == "own")

    def get_count_query(self) -> Select[Any]:
        return super().get_count_query().where(Row.company == "own")

    @action("mark", "Mark", "Sure?")
    def mark(self, ids: list[str]) -> None:
        """Remember what the library hands over."""
        Narrowed.marked = ids


class Broken(BaseView):
    """A view whose method has an error of its own."""

    calls = 0

    @expose("/")
    def index(*_self: object, cls: object = None) -> str:
        """Raise TypeError on the first call."""
        Broken.calls += 1
        if cls is None:
            raise TypeError("an error of ours")
        return "as if nothing had happened"


@pytest.fixture
def stock() -> Iterator[Flask]:
    """A product that uses the library as it comes."""
    app, database = Flask("stock", template_folder="none of ours"), SQLAlchemy(model_class=Base)
    app.config.update(SECRET_KEY="x", SQLALCHEMY_DATABASE_URI="sqlite://")
    database.init_app(app)
    Babel(app)  # installed but not initialised, it breaks every form
    admin = Admin(app)
    admin.add_view(Narrowed(Row, database, endpoint="rows"))
    admin.add_view(Broken(endpoint="broken"))
    with app.app_context():
        database.create_all()
        database.session.add_all([Row(id=1, company="own"), Row(id=2, company="foreign")])
        database.session.commit()
    yield app
    with app.app_context():
        database.engine.dispose()


def view_of(app: Flask) -> Any:
    """Give the narrowed view."""
    return next(view for view in app.extensions["admin"][0]._views if view.endpoint == "rows")


# ---- releases ----


def test_flask_admin_is_the_release_whose_inside_is_known() -> None:
    assert version("Flask-Admin") == "2.2.1"


@pytest.mark.parametrize("name", FLOORS)
def test_no_package_is_older_than_its_last_known_weakness(name: str) -> None:
    def parts(text: str) -> list[int]:
        return [int(part) for part in text.split(".")[:3]]

    assert parts(version(name)) >= parts(FLOORS[name])


def test_sqlite_writes_its_log_ahead_only_where_that_is_safe(tmp_path: Any) -> None:
    app = Flask("journal")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'orders.db'}",
        SQLALCHEMY_ENGINE_OPTIONS={"module": sqlite_driver},
    )
    SQLAlchemy.init_app(db, app)
    with app.app_context():
        with db.engine.connect() as connection:
            found = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        db.engine.dispose()
    is_safe = sqlite_driver.sqlite_version_info >= SAFE_WAL
    assert found == (["wal", 2, 1] if is_safe else ["delete", 3, 1])


# ---- Huey: its storages ----


def test_a_queue_file_is_opened_with_the_sqlite_of_the_database(tmp_path: Any) -> None:
    assert "self._create_connection()" in inspect.getsource(BaseSqlStorage.conn.fget)
    assert [*inspect.signature(SqliteStorage._set_journal_mode).parameters] == ["self", "conn"]
    storage = QueueFile("jobs", filename=str(tmp_path / "queue.db"))
    assert isinstance(storage.conn, sqlite_driver.Connection)
    assert storage.dequeue() is None
    storage.enqueue(b"")
    assert (storage.queue_size(), storage.dequeue(), storage.queue_size()) == (1, b"", 0)
    storage.close()


def test_a_queue_in_postgresql_waits_by_itself_and_a_file_does_not() -> None:
    assert not SqliteStorage.blocking
    options = inspect.signature(PostgresStorage.__init__).parameters
    assert (options["blocking"].default, options["read_timeout"].default) == (True, 1)
    assert "dsn" in options


# ---- Flask-Admin: the private names that we override or read ----


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (BaseView, "_run_view", ["self", "fn", "args", "kwargs"]),
        (BaseView, "_handle_view", ["self", "name", "kwargs"]),
        (BaseModelView, "_get_list_extra_args", ["self"]),
        (BaseModelView, "_get_list_url", ["self", "view_args"]),
        (BaseModelView, "get_one", ["self", "id"]),
        (BaseModelView, "is_valid_filter", ["self", "filter"]),
        (BaseModelView, "get_column_names", ["self", "only_columns", "excluded_columns"]),
        (BaseModelView, "get_sortable_columns", ["self"]),
        (BaseModelView, "scaffold_form", ["self"]),
        (BaseModelView, "init_search", ["self"]),
        (ActionsMixin, "is_action_allowed", ["self", "name"]),
    ],
)
def test_a_hook_is_called_as_we_answer_it(owner: type, name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(owner, name)).parameters) == parameters


def test_the_list_asks_the_hooks_that_we_answer() -> None:
    asked = inspect.getsource(BaseModelView.index_view)
    for name in ("self._get_list_extra_args()", "self.get_list(", "self._get_list_url(", "self.render("):
        assert name in asked


def test_a_list_can_be_told_what_its_address_says() -> None:
    told = ViewArgs(page=1, page_size=25, search="a")
    assert (told.page, told.page_size, told.search, told.sort, told.filters) == (1, 25, "a", None, None)


def test_a_view_lists_its_addresses_with_the_names_of_its_methods(stock: Flask) -> None:
    urls = {name: url for url, name, _methods in view_of(stock)._urls}
    assert urls["index_view"] == "/"
    assert urls["action_view"] == "/action/"
    assert set(urls) >= {*LIBRARY_WRITES, "ajax_lookup", "export"}


def test_every_address_of_a_view_is_an_endpoint_of_its_name_and_its_files_are_one_more(stock: Flask) -> None:
    endpoints = {rule.endpoint for rule in stock.url_map.iter_rules() if rule.endpoint.startswith("rows.")}
    assert endpoints - {"rows.static"} == {f"rows.{name}" for _url, name, _methods in view_of(stock)._urls}


def test_a_view_keeps_its_filters_as_made_at_the_start(stock: Flask) -> None:
    view = view_of(stock)
    assert {found.name for found in view._filters} == {"Id"}


def test_a_view_keeps_its_actions_by_name_with_text_and_question(stock: Flask) -> None:
    run, text, question = view_of(stock)._actions_data["mark"]
    assert (run.__name__, text, question) == ("mark", "Mark", "Sure?")


def test_pickers_are_kept_by_name(app: Flask) -> None:
    view = app.extensions["backoffice_views"][0]
    assert set(view._form_ajax_refs) == {"colleague", "company", "country", "currency", "product", "user"}


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (ModelView, "_apply_search", "query count_query joins count_joins search"),
        (ModelView, "_apply_sorting", "query joins sort_column sort_desc"),
        (ModelView, "_process_ajax_references", ""),
        (BaseModelView, "_get_filter_groups", ""),
        (BaseModelView, "_get_filters", "filters"),
        (BaseModelView, "_get_list_extra_args", ""),
        (BaseModelView, "_get_list_url", "view_args"),
        (BaseModelView, "_refresh_filters_cache", ""),
        (BaseView, "_handle_view", "name kwargs"),
        (BaseView, "_run_view", "fn args kwargs"),
        (AdminModelConverter, "_model_select_field", "prop multiple remote_model kwargs"),
        (InlineModelFormList, "populate_obj", "obj name"),
        (InlineModelFormList, "should_delete", "field"),
    ],
)
def test_what_our_views_put_something_else_in_the_place_of_is_still_called_so(
    owner: type[Any], name: str, parameters: str
) -> None:
    assert [*inspect.signature(getattr(owner, name)).parameters][1:] == parameters.split()


def test_what_our_views_read_of_the_library_is_still_kept_so(app: Flask) -> None:
    view = next(view for view in app.extensions["backoffice_views"] if view.endpoint == "products")
    assert {"index_view", "create_view", "export"} <= {name for _url, name, _methods in view._urls}
    assert ("name", view.column_name("name")) in view._list_columns
    assert ("name", view.column_name("name")) in view._export_columns
    assert "_invalid_formdata" in vars(AjaxSelectMultipleField(None).bind(BaseForm(), "companies"))


# ---- Flask-Admin: the traps ----


def test_the_library_calls_a_method_again_after_a_type_error_and_we_do_not(stock: Flask, app: Flask) -> None:
    Broken.calls = 0
    assert stock.test_client().get("/admin/broken/").text == "as if nothing had happened"
    assert Broken.calls == 2
    ours = app.extensions["backoffice_views"][0]
    with pytest.raises(TypeError, match="an error of ours"):
        ours._run_view(inspect.unwrap(Broken.index))
    assert Broken.calls == 3


def test_the_library_gives_one_row_past_the_narrowed_query(stock: Flask) -> None:
    with stock.test_request_context():
        view = view_of(stock)
        assert view.get_list(0, None, None, None, None)[0] == 1
        assert view.get_one("2").company == "foreign"


def test_the_library_is_open_to_everybody(stock: Flask) -> None:
    client, view = stock.test_client(), view_of(stock)
    assert client.get("/admin/rows/").status_code == 200
    assert client.get("/admin/rows/edit/?id=2").status_code == 200
    assert view.is_accessible()
    assert view.is_action_allowed("anything")


def test_the_library_asks_for_no_token(stock: Flask) -> None:
    answer = stock.test_client().post("/admin/rows/edit/?id=2", data={"company": "changed"})
    assert answer.status_code == 302
    assert "csrf_token" not in BaseForm()
    with stock.test_request_context():
        assert view_of(stock).get_one("2").company == "changed"


def test_the_library_hands_over_ids_as_text(stock: Flask) -> None:
    stock.test_client().post("/admin/rows/action/", data={"action": "mark", "rowid": "1 OR 1=1"})
    assert Narrowed.marked == ["1 OR 1=1"]


def test_the_library_shows_everything_for_a_filter_that_cannot_be_read(stock: Flask) -> None:
    with stock.test_request_context("/?flt0_0=nonsense"):
        assert view_of(stock)._get_list_extra_args().filters == []


def test_the_library_believes_any_page_number(stock: Flask) -> None:
    with stock.test_request_context("/?page=-1"):
        assert view_of(stock)._get_list_extra_args().page == -1


def test_the_library_reads_signs_in_a_search_as_operators() -> None:
    assert [parse_like_term(term) for term in ("^a", "=a", "%")] == ["a%", "a", "%%%"]


def test_the_library_believes_the_host_and_a_newline_in_a_target(stock: Flask) -> None:
    with stock.test_request_context(headers={"Host": "evil.example"}):
        assert is_safe_url("http://evil.example/")
        assert is_safe_url("/admin/\nx")
        assert not is_safe_url("//other.example/")


# ---- Flask-Principal ----


def test_a_permission_of_several_needs_is_given_to_whoever_has_one() -> None:
    order, backoffice = Need("role", "order"), Need("role", "backoffice")
    person = Identity(1)
    person.provides.add(order)
    assert Permission(order, backoffice).allows(person)
    assert (Permission(order) & Permission(backoffice)).allows(person)
    assert not Permission(backoffice).allows(person)


def test_a_permission_of_no_need_is_given_to_everybody() -> None:
    assert Permission().allows(AnonymousIdentity())


def test_an_identity_is_kept_in_no_session() -> None:
    app = Flask("principal")
    app.secret_key = "x"
    principal = Principal(app, use_sessions=False)
    principal.identity_loader(lambda: Identity("somebody"))
    app.add_url_rule("/", "index", lambda: f"{g.identity.id} {sorted(session)}")
    assert app.test_client().get("/").text == "somebody []"


# ---- Flask-Login, Flask, Flask-WTF ----


class Person(UserMixin):
    """Somebody."""

    id = "token"


def test_flask_login_alone_lets_a_copied_cookie_live_on() -> None:
    app = Flask("login")
    app.secret_key = "x"
    login = LoginManager(app)
    login.session_protection = None
    login.user_loader(lambda _token: Person())
    app.add_url_rule("/in", "in", lambda: str(login_user(Person())))
    app.add_url_rule("/out", "out", lambda: str(logout_user()))
    app.add_url_rule("/who", "who", lambda: str(login._load_user() or g._login_user.is_authenticated))
    client, copy = app.test_client(), app.test_client()
    client.get("/in")
    cookie = client.get_cookie("session")
    assert cookie is not None
    copy.set_cookie("session", cookie.value)
    client.get("/out")
    assert (client.get("/who").text, copy.get("/who").text) == ("False", "True")


def test_flask_login_keeps_the_person_of_a_request_where_a_failed_page_forgets_it(app: Flask) -> None:
    with app.test_request_context():
        app.login_manager._load_user()  # type: ignore[attr-defined]
        assert not g._login_user.is_authenticated


def test_flask_keeps_a_refused_host_for_the_gate_to_raise(app: Flask) -> None:
    with app.test_request_context(headers={"Host": "evil.example"}):
        assert isinstance(request.routing_exception, werkzeug.exceptions.SecurityError)
        assert request.endpoint is None


def test_a_refused_method_says_which_are_taken(app: Flask) -> None:
    with app.test_request_context("/logout", method="GET"):
        refused = request.routing_exception
        assert isinstance(refused, werkzeug.exceptions.MethodNotAllowed)
        assert set(refused.valid_methods or ()) == {"POST", "OPTIONS"}


def test_a_missing_token_is_a_refusal_of_its_own() -> None:
    assert issubclass(CSRFError, werkzeug.exceptions.BadRequest)


def test_the_session_of_the_database_ends_with_its_context_and_what_is_bound_to_it(app: Flask) -> None:
    with app.app_context():
        db.session.info["actor"] = "somebody"
    with app.app_context():
        assert "actor" not in db.session.info
        assert db.session.scalar(select(1)) == 1
