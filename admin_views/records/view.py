"""The base of every page on which owners keep something. A page is configuration of this class."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.actions import action as batch_action
from flask_admin.form import FormOpts
from flask_admin.model.template import TemplateLinkRowAction
from flask_babel import LazyString, gettext, lazy_gettext, ngettext
from werkzeug.exceptions import Forbidden
from wtforms import HiddenField

from admin_views.access import Access, Declared, actor, may
from admin_views.edits import edit_now, seen_version
from admin_views.notation import notation, said
from admin_views.records.forms import PartsConverter, RecordConverter, rows_of
from admin_views.records.history import Conflict, FieldWords, Write, conflict, steps, write_stored, writers
from admin_views.records.links import Link, links_of, uses_of
from admin_views.records.listing import RecordList
from admin_views.values import read_id
from permissions import SYSTEM, Action
from services.errors import Invalid, Refused
from services.record_usage import affected, usage
from services.records import Gone, StaleRecord, changing, creating, deleting, history_of, reorder, switch_rows
from services.rules import refusal_of_creation, refusal_of_deletion

MOST_HISTORY = 50
OF_ONE_ROW = ("details_view", "edit_view", "delete_view", "create_view")


class Switch(NamedTuple):
    """The flag that ticked rows are switched by; `on` is what the first way sets, `off` the second."""

    column: str = "is_active"
    on: LazyString | str = lazy_gettext("Set active")
    off: LazyString | str = lazy_gettext("Set inactive")
    is_on_true: bool = True


class Section(NamedTuple):
    """A table below the facts of a record. A button is a label with the address that it sends to."""

    title: str
    headings: Sequence[str]
    rows: Sequence[tuple[Sequence[str], tuple[str, str] | None]]
    nothing: str


class Button(NamedTuple):
    """Something that is done with a row: its words, its icon, and the address that it sends to, or leads to."""

    label: str
    icon: str
    url: str
    is_link: bool = False


class RecordView(RecordList):
    """A list of kept rows with their pages: to read, create, change and delete, with history.

    `action` is what seeing needs, `edit_action` what changing, `create_action` what creating and deleting.
    `fixed` columns are set once; `history_writers` make what writes the history of what is not one value;
    `links` lead to what refers to a row; `is_ordered` rows have a position that is changed by dragging them.
    """

    edit_action: ClassVar[Action]
    create_action: ClassVar[Action]
    creates = edits = deletes = True
    new_title: ClassVar[LazyString | str] = lazy_gettext("New")
    fixed: ClassVar[Sequence[str]] = ()
    history_writers: ClassVar[Mapping[str, Callable[[], Write]]] = {}
    links: ClassVar[Sequence[Link]] = ()
    switch: ClassVar[Switch | None] = Switch()
    is_ordered = False

    model_form_converter = RecordConverter
    inline_model_form_converter = PartsConverter
    delete_template = "admin/model/delete.html"

    # ---- who may ----

    @property
    def can_create(self) -> bool:
        return self.creates and may(self.create_action) and self._refusal_of_creation() is None

    @property
    def can_edit(self) -> bool:
        return self.edits and may(self.edit_action)

    @property
    def can_delete(self) -> bool:
        return self.deletes and may(self.create_action)

    def _refusal_of_creation(self) -> Refused | None:
        return refusal_of_creation(self.model(**self.only), actor())

    @property
    def batch_actions(self) -> Mapping[str, Action]:  # type: ignore[override]
        """Ticked rows may be switched where there is something to switch."""
        return {"switch_on": self.edit_action, "switch_off": self.edit_action} if self.switch else {}

    def declared(self) -> dict[str, Declared]:
        """Give what each endpoint needs: those that change something need more than the list."""
        offered = {
            "create_view": self.create_action if self.creates else Access.CLOSED,
            "edit_view": self.edit_action if self.edits else Access.CLOSED,
            "delete_view": self.create_action if self.deletes else Access.CLOSED,
            "action_view": self.edit_action if self.switch else Access.CLOSED,
            "reorder": self.edit_action if self.is_ordered else Access.CLOSED,
            "details_view": self.action,
        }
        needed = super().declared()
        needed.update({f"{self.endpoint}.{name}": need for name, need in offered.items()})
        needed.update({f"{self.endpoint}.{name}": need for name, need in self.all_method_actions().items()})
        return needed

    def _handle_view(self, name: str, **kwargs: Any) -> Any:
        """Refuse an address that says what the page of a record does not know; lists read theirs themselves."""
        if name in OF_ONE_ROW:
            known = {"id", "url"} if name != "create_view" else {"url", *self.prefilled}
            if any(key not in known or len(request.args.getlist(key)) > 1 for key in request.args):
                abort(400)
        return super()._handle_view(name, **kwargs)

    @property
    def prefilled(self) -> set[str]:
        """What a link to the form of a new row may choose already: what the row refers to."""
        return set(self.large) & set(self.form_columns or ())

    # ---- the list ----

    def get_list_row_actions(self) -> list[Any]:
        """Give the buttons of a row; the row itself opens its page."""
        offered = [(self.can_edit, "edit_row"), (self.can_delete, "delete_row")]
        return [TemplateLinkRowAction(f"row_actions.{name}") for may_be, name in offered if may_be]

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.list_template:
            asked = self.asked().view_args
            is_whole = kwargs["count"] == len(kwargs["data"])
            is_plain = asked.sort is None and not asked.search and not asked.filters
            kwargs["is_orderable"] = self.is_ordered and self.can_edit and is_plain and is_whole
        return super().render(template, **kwargs)

    # ---- forms ----

    def get_edit_form(self) -> type[Any]:
        """Give the form without what is set once, and with the version that the person sees."""
        form = self.get_form()
        return type("EditForm", (form,), {"version": HiddenField(), **dict.fromkeys(self.fixed)})

    def fill(self, form: Any, row: Any) -> None:
        """Set in the row what was typed, but for fields in which the other person's value was chosen."""
        for name, field in form._fields.items():
            if name != "version" and request.form.get(f"take-{name}") != "theirs":
                field.populate_obj(row, name)

    def _attempt(self, form: Any, write: Callable[[], Any]) -> Conflict | bool:
        """Write; what is refused is told by its field. The one place where refusals become messages."""
        try:
            write()
        except StaleRecord as stale:
            return self._both(form, stale)
        except Gone:
            raise
        except Invalid as invalid:
            self._tell(form, invalid)
        except Refused as refused:
            flash(said(refused), "error")
        else:
            return True
        return False

    def _tell(self, form: Any, invalid: Invalid) -> None:
        sentence = said(invalid)
        places = [form, *(field.form for field in form if hasattr(field, "form"))]
        part_of, _, of_part = invalid.field.partition(".")
        if of_part and part_of in form:
            place, _, name = of_part.partition(".")
            places, part_of = [entry.form for entry in form[part_of].entries[int(place) :][:1]], name
        for within in places:
            if part_of in within:
                field = within[part_of]
                field.errors = [*field.errors, sentence]
                return
        flash(sentence, "error")

    def _both(self, form: Any, stale: StaleRecord) -> Conflict:
        """Show both values, keep what was typed, and take over what the person did not touch."""
        row = self.get_one(request.args.get("id", ""))
        form.version.data = form.version.raw_data = str(stale.version)
        for name, both in stale.fields.items():
            if both.is_mine_untouched and name in form:
                form[name].process(None, getattr(row, name))
        return conflict(stale, self._said(), form)

    def writers(self) -> Mapping[str, Write]:
        """Give what writes the fields of the history, but for those whose texts stand as they are."""
        more = {field: make() for field, make in self.history_writers.items()}
        return writers(self.model.__table__.columns, self.choices) | more

    def _said(self) -> FieldWords:
        written = self.writers()
        return lambda field, text: (str(self.column_name(field)), write_stored(written.get(field), text))

    # ---- pages ----

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        """Show the form of a new row; keep it."""
        if refused := self._refusal_of_creation():
            raise Forbidden(said(refused))
        form = self.create_form()
        row = self.model(**self.only)
        if self.validate_form(form) and self._attempt(form, lambda: self._create(form, row)):
            flash(gettext("%(name)s is created.", name=row), "success")
            another = "_add_another" in request.form
            return redirect(self.get_url(".create_view", url=self.return_url()) if another else self._details(row.id))
        if request.method == "GET":
            for name in self.prefilled & request.args.keys():
                form[name].process(request.args)
        return self._form_page(self.create_template, form)

    def _create(self, form: Any, row: Any) -> None:
        with creating(row, edit=edit_now(self.create_action)):
            self.fill(form, row)

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        """Show the form of a row; keep what was changed unless somebody else changed it meanwhile."""
        row = self.get_one(request.args.get("id", ""))
        row_id, form = row.id, self.edit_form(obj=row)
        outcome = self.validate_form(form) and self._attempt(form, lambda: self._change(form, row_id))
        if outcome is True:
            flash(gettext("%(name)s is saved.", name=row), "success")
            return redirect(self._details(row_id))
        return self._form_page(self.edit_template, form, row, outcome or None)

    def _change(self, form: Any, row_id: int) -> None:
        seen = seen_version()
        with changing(self.model, row_id, edit=edit_now(self.edit_action), seen=seen) as row:
            self.fill(form, row)

    def _form_page(
        self, template: str, form: Any, row: Any = None, told: Any = None, title: str = ""
    ) -> ResponseReturnValue:
        rules = self._form_create_rules if row is None else self._form_edit_rules
        page = self.render(
            template,
            form=form,
            model=row,
            title=title,
            form_opts=FormOpts(widget_args=self.form_widget_args, form_rules=rules),
            conflict=told,
            return_url=self.return_url() if row is None else self._details(row.id),
        )
        return page, 409 if told else 200

    @expose("/details/")
    def details_view(self) -> str:
        """Show a row: its facts, what refers to it, and its history."""
        return self.page_of(self.get_one(request.args.get("id", "")))

    def page_of(self, row: Any, note: str = "") -> str:
        """Give the page of a row, with something to tell above it."""
        return self.render(
            self.details_template,
            model=row,
            note=note,
            buttons=self.buttons(row) if self.can_edit else (),
            is_deletable=self.is_deletable(row),
            details_columns=[(name, self.column_name(name)) for name in self.facts],
            get_value=self.get_detail_value,
            links=links_of(row, self.links_for(row)),
            sections=self.sections(row),
            preview_url=self.preview_url(row),
            history=steps(history_of(row, MOST_HISTORY), self._said()),
            return_url=self.return_url(),
        )

    @property
    def facts(self) -> Sequence[str]:
        """The columns that the page of a row shows."""
        return self.column_details_list or [*(self.form_columns or ()), "created_at", "updated_at"]

    def links_for(self, _row: Any) -> Sequence[Link]:
        """Give the lists of what refers to a row."""
        return self.links

    def is_deletable(self, row: Any) -> bool:
        """Say whether deleting is offered: the person may, and the row need not stay."""
        return self.can_delete and refusal_of_deletion(row) is None

    def buttons(self, _row: Any) -> Sequence[Button]:
        """Give what else can be done with a row."""
        return ()

    def sections(self, _row: Any) -> Sequence[Section]:
        """Give the tables below the facts."""
        return ()

    def preview_url(self, _row: Any) -> str:
        """Give the address of what is made of a row, to be looked at in a frame below the facts."""
        return ""

    @expose("/delete/", methods=("GET", "POST"))
    def delete_view(self) -> ResponseReturnValue:
        """Say what uses a row; delete it when nothing does."""
        row = self.get_one(request.args.get("id", ""))
        row_id, name, form = row.id, str(row), self.deletion_form(row)
        if self.validate_form(form) and self._attempt(form, lambda: self.remove(row_id, form)) is True:
            flash(gettext("%(name)s is deleted.", name=name), "success")
            return redirect(self.return_url())
        uses, links = usage(row, actor()), self.links_for(row)
        return self.render(
            self.delete_template,
            model=row,
            form=form,
            refusal=refusal_of_deletion(row),
            is_used=bool(uses or usage(row, SYSTEM)),
            uses=uses_of(row, uses, links),
            deleted_with=uses_of(row, affected(row, actor(), "CASCADE"), links),
            left_behind=uses_of(row, affected(row, actor(), "SET NULL"), links),
            switches_off=self.switch if self.switch and self.can_edit else None,
            return_url=self.return_url(),
            details_url=self._details(row_id),
        )

    def deletion_form(self, _row: Any) -> Any:
        """Give the form of what has to be said for a deletion: nothing, usually."""
        return self.form_base_class(request.form)

    def remove(self, row_id: int, _form: Any) -> None:
        """Delete the row."""
        deleting(self.model, row_id, edit=edit_now(self.create_action))

    # ---- ticked rows, and their order ----

    def get_actions_list(self) -> tuple[list[tuple[str, str]], dict[str, str]]:
        """Give the buttons for ticked rows, in the words of the switch."""
        if not self.switch or not may(self.edit_action):
            return [], {}
        return [("switch_on", str(self.switch.on)), ("switch_off", str(self.switch.off))], {}

    @batch_action("switch_on", "")
    def switch_on(self, ids: list[int]) -> None:
        """Switch the ticked rows on."""
        self._switch(ids, is_on=True)

    @batch_action("switch_off", "")
    def switch_off(self, ids: list[int]) -> None:
        """Switch the ticked rows off."""
        self._switch(ids, is_on=False)

    def _switch(self, ids: list[int], *, is_on: bool) -> None:
        switch = self.switch or Switch()
        value = is_on == switch.is_on_true
        changed, refused = switch_rows(
            self.model, ids, switch.column, value=value, scope=self.scope(), edit=edit_now(self.edit_action)
        )
        if changed:
            flash(ngettext("%(num)d record is changed.", "%(num)d records are changed.", changed), "success")
        elif not refused:
            flash(gettext("Nothing had to be changed."), "warning")
        for refusal in refused:
            flash(said(refusal), "error")

    @expose("/reorder/", methods=("POST",))
    def reorder(self) -> ResponseReturnValue:
        """Put the rows in the order in which their ids are sent; give the position of each."""
        ids = [read_id(value) or abort(400) for value in request.form.get("ids", "").split(",")]
        try:
            reorder(self.model, ids, edit=edit_now(self.edit_action))
        except Refused as refused:
            return said(refused), 409
        return {row.id: notation().whole(row.position) for row in rows_of(self.model)}

    def _details(self, row_id: int) -> str:
        return self.get_url(".details_view", id=row_id, url=self.return_url())
