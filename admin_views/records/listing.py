"""The machinery under a record list: the library's hooks, answered strictly and within the person's scope."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from flask import Response, abort, g, request
from flask_admin import expose
from flask_admin.model.base import ViewArgs
from flask_admin.tools import rec_getattr
from flask_babel import LazyString, gettext
from sqlalchemy import Engine, Integer
from sqlalchemy.orm import RelationshipProperty, joinedload, selectinload
from werkzeug.exceptions import BadRequest, NotFound

from admin_views.access import Access, Declared, actor
from admin_views.base import LIBRARY_WRITES, BackofficeView
from admin_views.records.address import Asked, Reader, Vocabulary
from admin_views.records.cells import FACT_FORMATTERS, TYPE_FORMATTERS, exported
from admin_views.records.filters import RecordFilter, Words, filters_for
from admin_views.records.forms import CodeField
from admin_views.records.lookups import RecordLookup
from admin_views.sending import send_csv
from admin_views.values import read_id
from admin_views.words import COLUMNS
from models.base import db, visible
from models.folding import fold
from models.kept import KeptRow
from models.types import Scaled
from services.files.columns import FileColumn
from services.streaming import one_moment

FETCHED_AT_ONCE = 500
LIBRARY_PAGES = (*LIBRARY_WRITES, "action_view", "ajax_lookup", "export", "index_view")


class RecordList(BackofficeView):
    """A Flask-Admin list of kept rows.

    `only` narrows the rows to those with these values. `choices` has the words of columns that hold codes;
    rows of a relation in `large` are found by typing. With `ticks_stay` rows stay ticked on other pages of the list,
    and with `is_stacked` each is a card on a phone instead of a line that scrolls sideways. `name_sort` is the folded
    column that stands for what a row is called.
    """

    only: ClassVar[Mapping[str, Any]] = {}
    choices: ClassVar[Mapping[str, Words]] = {}
    large: ClassVar[Sequence[str]] = ()
    ticks_stay: ClassVar[bool] = False
    is_stacked: ClassVar[bool] = False
    name_sort: ClassVar[str] = "search_text"

    can_create: Any = False
    can_edit: Any = False
    can_delete: Any = False
    can_view_details = True
    can_export = True
    can_set_page_size = True
    page_size = 25
    page_size_options = (10, 25, 100)
    column_default_sort: Any = "search_text"
    column_labels: Any = None
    column_searchable_list: Sequence[str] = ("search_text",)
    column_type_formatters = TYPE_FORMATTERS
    column_type_formatters_detail = FACT_FORMATTERS
    column_formatters_export: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, *args: Any, **more: Any) -> None:
        self.column_choices = {name: list(words.items()) for name, words in self.choices.items()}
        self.form_overrides = dict.fromkeys(self.choices, CodeField)
        self.form_args = {name: {"choices": words} for name, words in self.column_choices.items()}
        self.column_labels = {**COLUMNS, **(self.column_labels or {})}
        for name, field in (self.form_extra_fields or {}).items():
            field.kwargs.setdefault("description", (self.column_descriptions or {}).get(name, ""))
        super().__init__(*args, **more)

    def declared(self) -> dict[str, Declared]:
        """Give what each endpoint needs: of the library's own pages those that the list offers are open here."""
        open_here = {
            "index_view",
            "ajax_lookup" if self._form_ajax_refs else "",
            "export" if self.can_export else "",
            "action_view" if self.batch_actions else "",
        }
        closed = {name for _url, name, _methods in self._urls} & {*LIBRARY_PAGES} - open_here
        needed = super().declared()
        needed.update({f"{self.endpoint}.{name}": Access.CLOSED for name in closed})
        return needed

    # ---- the address ----

    def asked(self) -> Asked:
        """Read the address of this request, once."""
        if "asked" not in g:
            names = [name for name, _label in self._list_columns]
            sortable = [name for name in names if self.is_sortable(name)]
            is_searched = bool(self._search_supported)
            vocabulary = Vocabulary(names, sortable, self._filters or (), self.page_size_options, is_searched)
            g.asked = Reader(request.args, vocabulary).read()
        asked: Asked = g.asked
        return asked

    def _get_list_extra_args(self) -> ViewArgs:
        return self.asked().view_args

    def _get_list_url(self, view_args: ViewArgs) -> str:
        size = self.get_safe_page_size(view_args.page_size)
        return self.get_url(
            ".index_view",
            page=view_args.page + 1 if view_args.page else None,
            page_size=size if size != self.page_size else None,
            sort=None if view_args.sort is None else self._list_columns[view_args.sort][0],
            desc=1 if view_args.sort_desc else None,
            search=view_args.search or None,
            **self._get_filters(view_args.filters),
        )

    def _get_filters(self, filters: Any) -> dict[str, str]:
        return {self._filters[index].parameter: value for index, _name, value in filters or ()}

    # ---- filters and search ----

    def is_valid_filter(self, filter: object) -> bool:
        return isinstance(filter, RecordFilter)

    def scaffold_filters(self, name: str) -> Sequence[RecordFilter]:
        attribute = getattr(self.model, name)
        is_large = name in self.large
        return filters_for(name, self.get_column_name(name), attribute, self.choices.get(name), is_large=is_large)

    def _refresh_filters_cache(self) -> None:
        """Make the filters; the library would also ask for their choices, before there is anybody to choose."""
        self._filters = self.get_filters()

    def get_filter_arg(self, index: int, flt: RecordFilter) -> str:
        return flt.parameter

    def _get_filter_groups(self) -> dict[str, list[dict[str, Any]]]:
        """Give the filters with choices as they are now; the library would read them once, at the start."""
        groups: dict[str, list[dict[str, Any]]] = {}
        for index, listed in enumerate(self._filters or ()):
            drawn = {
                "index": index,
                "arg": listed.parameter,
                "operation": listed.operation(),
                "options": listed.get_options(self),
                "type": listed.data_type,
            }
            groups.setdefault(str(listed.name), []).append(drawn)
        return groups

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        """Find rows that have every word, folded; the library would take `%`, `^` and `=` for operators."""
        for word in fold(search).split():
            found, counted = [], []
            for field, path in self._search_fields:
                query, joins, alias = self._apply_path_joins(query, joins, path, inner_join=False)
                column = field if alias is None else getattr(alias, field.key)
                found.append(column.contains(word, autoescape=True))
                count_query, count_joins, alias = self._apply_path_joins(
                    count_query, count_joins, path, inner_join=False
                )
                column = field if alias is None else getattr(alias, field.key)
                counted.append(column.contains(word, autoescape=True))
            query, count_query = query.where(db.or_(*found)), count_query.where(db.or_(*counted))
        return query, count_query, joins, count_joins

    # ---- rows ----

    def scope(self) -> list[Any]:
        """Give the conditions on the rows that exist here for the person of this request."""
        narrowed = [getattr(self.model, name) == value for name, value in self.only.items()]
        return [visible(self.model, actor()), *narrowed]

    def get_query(self) -> Any:
        return super().get_query().where(*self.scope()).options(*self._shown_relations())

    def get_count_query(self) -> Any:
        return super().get_count_query().where(*self.scope())

    def get_sortable_columns(self) -> dict[str, Any]:
        """Sort by every column of a row and by what it refers to; texts that are folded by their folded form."""
        sortable: list[Any] = []
        for name in self.column_list:
            prop = getattr(getattr(self.model, name, None), "property", None)
            if isinstance(prop, RelationshipProperty):
                if not prop.uselist and issubclass(prop.mapper.class_, KeptRow):
                    sortable.append((name, f"{name}.search_text"))
            elif prop is not None:
                sortable.append(name)
        self.column_sortable_list = sortable
        found: dict[str, Any] = super().get_sortable_columns()
        called = self.model.SEARCHED[:1]
        return {
            name: getattr(self.model, self.name_sort) if (name,) == called else column for name, column in found.items()
        }

    def _apply_sorting(self, query: Any, joins: Any, sort_column: Any, sort_desc: bool) -> Any:  # noqa: FBT001
        """Rows that are equal stand by their id: pages would repeat some and leave out others."""
        query, joins = super()._apply_sorting(query, joins, sort_column, sort_desc)
        return query.order_by(self.model.id), joins

    def scaffold_auto_joins(self) -> list[Any]:
        """Join nothing here: `get_query` reads what is shown, so that a file can be streamed."""
        return []

    def _shown_relations(self) -> Iterator[Any]:
        for name, _label in self._list_columns:
            prop = getattr(getattr(self.model, name, None), "property", None)
            if isinstance(prop, RelationshipProperty):
                read = selectinload if prop.uselist else joinedload
                yield read(getattr(self.model, name))

    def get_list(self, *asked: Any, **more: Any) -> tuple[int, Sequence[Any]]:
        if self.asked().faults:
            return 0, []
        count, rows = super().get_list(*asked, **more)
        return count or 0, rows

    def get_one(self, id: str) -> Any:
        """Read a row that exists here for the person; anything else is not found."""
        row_id = read_id(id) or abort(404)
        return db.first_or_404(db.select(self.model).where(self.model.id == row_id, *self.scope()))

    def _process_ajax_references(self) -> dict[str, Any]:
        """Give the look-ups: those that are configured, and one for each relation with many rows."""
        found = {
            name: RecordLookup(name, getattr(self.model, name).property.mapper.class_)
            for name in self.large
            if name not in (self.form_ajax_refs or {})
        }
        return {**super()._process_ajax_references(), **found}

    # ---- what is shown ----

    def is_number(self, name: str) -> bool:
        """Say whether a column holds numbers, which stand at the right."""
        kind = getattr(getattr(self.model, name, None), "type", None)
        return isinstance(kind, Integer | Scaled) and not name.endswith("id")

    def column_name(self, name: str) -> LazyString | str:
        """Give what a column is called."""
        return self.column_labels.get(name) or self.get_column_name(name)

    def get_list_row_actions(self) -> list[Any]:
        """Give the buttons of a row: none, where there is nothing but to read."""
        return []

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.list_template:
            asked = self.asked()
            kwargs["faults"] = tuple(asked.faults.values())
            kwargs["prefilled"] = {
                name: value for name, value in self._get_filters(asked.view_args.filters).items() if name in self.large
            }
        return str(super().render(template, **kwargs))

    def chosen(self, name: str, value: str) -> list[tuple[int, str]]:
        """Give the row that a filter was set to, as its input shows it."""
        row = self._form_ajax_refs[name].get_one(value)
        return [] if row is None else [self._form_ajax_refs[name].format(row)]

    @property
    def searched(self) -> str:
        """Say what the search looks into."""
        return ", ".join(str(self.column_name(name)) for name in self.model.SEARCHED)

    @expose("/export/<export_type>/")
    def export(self, export_type: str) -> Response:
        """Send every row that matches as CSV, in the list's sort, with its columns."""
        if export_type != "csv":
            raise NotFound
        asked = self.asked()
        if asked.faults:
            raise BadRequest(" ".join(asked.faults.values()))
        names = [name for name, _label in self._export_columns]
        columns = [FileColumn(str(label)) for _name, label in self._export_columns]
        rows = self._rows(asked.view_args, names)
        if self.column_formatters_export:  # they write in the language of the request, and such lists are short
            rows = iter(list(rows))
        return send_csv(self.endpoint, columns, rows)

    def _rows(self, asked: ViewArgs, names: Sequence[str]) -> Iterator[list[Any]]:
        sort = None if asked.sort is None else self._list_columns[asked.sort][0]
        _count, query = super().get_list(
            None, sort, bool(asked.sort_desc), asked.search, asked.filters, execute=False, page_size=0
        )
        return _streamed(db.engine, query, actor(), [self._writer(name) for name in names])

    def _writer(self, name: str) -> Callable[[Any], Any]:
        """Give what writes a column of a row into a file; words of codes and flags are made now."""
        if formatter := self.column_formatters_export.get(name):
            return lambda row: formatter(self, None, row, name)
        codes = {str(code): str(word) for code, word in self.choices.get(name, {}).items()}
        words: Mapping[Any, str] = codes or {True: gettext("Yes"), False: gettext("No")}
        return lambda row: exported(rec_getattr(row, name), words)


def _streamed(engine: Engine, query: Any, person: Any, writers: Sequence[Callable[[Any], Any]]) -> Iterator[list[Any]]:
    """Read as it was at one moment, in a session of its own, which keeps to the person's scope as well."""
    with one_moment(engine, person) as session:
        for row in query.with_session(session).yield_per(FETCHED_AT_ONCE):
            yield [write(row) for write in writers]
