"""The machinery under the order list: Flask-Admin's hooks answered by `services.order_pages`.

A view that mixes this in says with class attributes which columns, filters, search fields and sizes
there are. Facts of one request live in `g`, never on the view: threads share it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from typing import Any, ClassVar, cast

from flask import current_app, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.form import BaseForm
from flask_admin.model.base import ViewArgs
from flask_babel import LazyString, gettext
from werkzeug.datastructures import MultiDict

from admin_views.access import actor, zone
from admin_views.base import BackofficeView
from admin_views.formatters import Cell
from admin_views.kept_answers import kept_answer, with_slots
from admin_views.orders.address import Asked, Reader, Vocabulary, opened_view
from admin_views.orders.columns import ShownColumns, kept_columns
from admin_views.orders.filters import OrderFilter, Reading
from admin_views.orders.list_frame import ListFrame, Question, frame_of
from admin_views.orders.list_page import ListPage
from services.list_context import ListContext, list_context
from services.order_pages import Known, page
from services.saved_views import views_of


class FastList(BackofficeView):
    """A Flask-Admin list whose rows, counts and addresses come from one `OrderQuery`.

    A person sees `column_list` until he or she chooses others of those and `more_columns`. The first stays
    first. Only `column_list` can be sorted by.
    """

    column_list: ClassVar[tuple[str, ...]]
    more_columns: ClassVar[tuple[str, ...]] = ()
    list_cells: ClassVar[Mapping[str, Cell]]
    search_fields: ClassVar[Mapping[str, tuple[LazyString, LazyString]]]
    action_icons: ClassVar[Mapping[str, str]] = {}
    default_search_fields: ClassVar[Sequence[str]]

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """Show the list, as it was shown before where nothing has changed."""
        return kept_answer(self._answer)

    def _answer(self) -> ResponseReturnValue:
        """Show the list: a view without what does not fit any more, and the default view when nothing is asked."""
        question = self.question()
        default = next((view for view in question.context.views if view.is_default), None)
        if default and not request.args:
            return redirect(self.get_url(".index_view", view=default.id))
        asked, reading = question.asked, question.reading
        sentences = [*asked.opened.unknown, *asked.left_out.values()] if asked.opened else []
        if asked.opened and sentences and "X-Part" not in request.headers:
            flash(_misfit(asked.opened.view.name, sentences), "warning")
        if asked.left_out:
            return redirect(asked.url(request.path, **self._fitting(asked, reading)))
        shown: ResponseReturnValue = super().index_view()
        return shown

    def _fitting(self, asked: Asked, reading: Reading) -> dict[str, str]:
        """Give what is left of each part of a view that does not fit."""
        return {name: self.vocabulary.fitting(name, asked.values[name], reading) for name in asked.left_out}

    # ---- what the library asks for ----

    def is_valid_filter(self, filter: object) -> bool:
        return isinstance(filter, OrderFilter)

    def get_column_names(
        self, only_columns: Sequence[str] | None, excluded_columns: Sequence[str] | None
    ) -> list[tuple[str, str]]:
        """Take the columns as named: they are no attributes of the model but of the query."""
        return [(name, self.column_labels[name]) for name in only_columns or ()]

    def get_sortable_columns(self) -> dict[str, str]:
        return {name: name for name in self.column_list}

    def scaffold_form(self) -> type[BaseForm]:
        """Orders have no form of the library's."""
        return BaseForm

    def init_search(self) -> bool:
        return True

    def _get_filter_groups(self) -> None:
        """Filters are drawn by the template's own drawer."""

    def action_form(self, obj: Any = None) -> None:
        """The template has a form of its own around the table."""

    def get_actions_list(self) -> tuple[list[tuple[str, str]], dict[str, str]]:
        """The template asks `allowed_actions` when it draws its bar."""
        return [], {}

    def allowed_actions(self) -> list[tuple[str, str]]:
        """Give the batch actions of the person, each with its label."""
        return super().get_actions_list()[0]

    def get_list_row_actions(self) -> list[Any]:
        """A row is a link and a box to tick."""
        return []

    def _get_list_extra_args(self) -> ViewArgs:
        asked = self.asked()
        return ViewArgs(page=asked.page - 1, page_size=asked.page_size, search=asked.search)

    def _get_list_url(self, view_args: ViewArgs) -> str:
        return self.asked().url(request.path)

    def get_list(
        self, page_number: int, *_unused: object, page_size: int | None = None, **_ignored: object
    ) -> tuple[int, Sequence[Any]]:
        """Give the rows of the page; the library's own arguments are read from the address already."""
        asked = self.asked()
        if asked.query is None:
            return 0, []
        columns = self.question().columns.names
        size, everything = asked.page_size, self.question().reading.counted.orders
        known = Known(asked.tab.orders, everything)
        rows, count = page(asked.query, actor(), columns, skip=page_number * size, take=size, known=known)
        return known.matching if count is None else count, rows

    def render(self, template: str, **kwargs: Any) -> str:
        if template != self.list_template:
            return str(super().render(template, **kwargs))
        frame = kwargs["frame"] = self.frame()
        page = kwargs["page"] = ListPage(frame, self.question().context.counted, kwargs["data"], kwargs["count"])
        draw = partial(super().render, template, **kwargs)
        # Bytes, which the library hands on as it does a text, and which alone are kept.
        return cast(str, with_slots((frame.key, page.shape), draw, **page.slots))

    # ---- what was asked ----

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What the address may say, from the view's attributes."""
        name, desc = self.column_default_sort
        return Vocabulary(
            filters=self._filters or (),
            columns=self.column_list,
            search_fields=tuple(self.search_fields),
            default_sort=(name, desc),
            page_sizes=self.page_size_options,
            default_page_size=self.page_size,
            default_fields=self.default_search_fields,
            offered_columns=self.offered_columns,
        )

    def asked(self) -> Asked:
        """Give what the address of this request asks for."""
        return self.question().asked

    def question(self, own: Sequence[str] = ()) -> Question:
        """Read the address of this request, once, with what the page will say of it; `own` as Reader has it."""
        if "question" not in g:
            g.question = self.question_of(request.args, own)
        question: Question = g.question
        return question

    def frame(self) -> ListFrame:
        """Give what stands around the rows."""
        return frame_of(self, self.question())

    def question_of(self, args: MultiDict[str, str], own: Sequence[str] = ()) -> Question:
        """Read what the address of a list says."""
        views = views_of(actor()) if "view" in args else ()
        named = next((view for view in views if str(view.id) == args["view"]), None)
        opened = opened_view(named, self.vocabulary) if named else None
        reader = Reader(args, self.vocabulary, own, opened)
        company, managed_by = reader.company(managed_by=actor().staff_id)
        context = list_context(
            actor(),
            company=company,
            managed_by=managed_by,
            rows_of={key: reader.ids(key) for key in self.vocabulary.found_by_id},
            number=exact_number(reader.values.get("search", "")),
        )
        _check_company(reader, company, context)
        currency = current_app.config["BASE_CURRENCY"]
        today = datetime.now(zone()).date()
        reading = Reading(zone(), today, currency, context.counted, context.names, context.offered)
        remembered = [name for name in context.search_fields if name in self.search_fields]
        asked = reader.read(
            reading,
            company=company,
            managed_by=managed_by,
            remembered=remembered or self.default_search_fields,
            has_default=any(view.is_default for view in context.views),
        )
        if asked.is_changed:
            of_view = Reader(MultiDict({"view": args["view"]}), self.vocabulary, opened=opened)
            its_company, _ = of_view.company(managed_by=None)
            if its_company not in (None, company):
                its_context = list_context(actor(), company=its_company, rows_of={})
                _check_company(of_view, its_company, its_context)
            parts = of_view.read(reading, company=None, managed_by=None, remembered=remembered)
            asked.is_left = asked.is_remnant(self._fitting(parts, reading))
        if asked.columns:
            columns = ShownColumns(asked.columns)
        else:
            columns = kept_columns(context.columns, self.column_list, self.offered_columns)
        return Question(asked, reading, context, columns)

    @cached_property
    def offered_columns(self) -> tuple[str, ...]:
        """Every column that a person may choose."""
        return (*self.column_list, *self.more_columns)

    def layout(self, columns: Sequence[str]) -> tuple[tuple[str, Cell], ...]:
        """Give these columns with how their cells are written."""
        return tuple((name, self.list_cells[name]) for name in columns)


def _check_company(reader: Reader, company: int | None, context: ListContext) -> None:
    if company is not None and context.company is None:
        reader.faults["company"] = gettext("There is no company %(id)d.", id=company)


def _misfit(name: str, sentences: Sequence[str]) -> str:
    return gettext("“%(name)s” does not fit any more. Left out: %(what)s", name=name, what=" ".join(sentences))


def exact_number(search: str) -> int | None:
    """Give the order number that a search is, if it is nothing else."""
    return int(search) if re.fullmatch(r"[1-9][0-9]{0,17}", search) else None
