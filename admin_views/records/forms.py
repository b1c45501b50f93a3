"""The forms of records: which field each kind of column has, and what every field refuses.

The library's converter would take NaN for a price, any sign for a text, and a choice that is none for
nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from flask import current_app
from flask_admin.contrib.sqla.fields import InlineModelFormList, QuerySelectField, QuerySelectMultipleField
from flask_admin.contrib.sqla.form import AdminModelConverter, InlineModelConverter
from flask_admin.form import Select2Field, Select2Widget
from flask_admin.model.fields import AjaxSelectField, AjaxSelectMultipleField
from flask_admin.model.form import InlineFormAdmin, converts
from flask_babel import gettext
from sqlalchemy import Column, select
from sqlalchemy.orm import ColumnProperty
from wtforms import DateField, Field, IntegerField, PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, StopValidation, ValidationError
from wtforms.widgets import TextInput

from admin_views.access import actor
from admin_views.notation import language, notation
from admin_views.values import Unreadable, read_amount, read_day, read_whole
from admin_views.words import COLUMNS, LANGUAGES
from models.base import db, visible
from models.folding import fold
from models.types import Scaled
from services.countries import countries, currency_names

LONG_TEXT = 500
"""Texts that may be longer have room for several lines."""
LONGEST_ADDRESS, LONGEST_SECRET = 2048, 255


def stripped(text: str | None) -> str:
    """Take spaces off both ends; a text that was not sent is empty."""
    return (text or "").strip()


def printable(_form: object, field: Field) -> None:
    """Refuse signs that cannot be shown; a text of several lines may have line breaks and tabs.

    It goes before what asks the database, which would not take all of them.
    """
    text = str(field.data or "")
    if isinstance(field, TextAreaField):
        text = text.replace("\r", "").replace("\n", "").replace("\t", "")
    if not all(sign.isprintable() for sign in text):
        raise StopValidation(gettext("This has line breaks or other characters that cannot be kept."))


class DecimalField(Field):
    """A number with at most so many decimals, within what a column holds."""

    widget = TextInput()

    def __init__(self, label: str = "", validators: Any = None, *, decimals: int = 2, **more: Any) -> None:
        super().__init__(label, validators, **more)
        self.decimals = decimals
        self.render_kw = {"inputmode": "decimal", "class": "num", **(self.render_kw or {})}

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else notation().decimal(self.data)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data: Decimal | None = None
        if not text:
            return
        try:
            self.data = read_amount(text, self.decimals)
        except Unreadable as unreadable:
            raise ValueError(str(unreadable)) from unreadable


class WholeField(IntegerField):
    """A whole number in plain digits, within what a column holds; a blank one is the column's default."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            self.process_data(self.default)
            return
        try:
            self.data = read_whole(text)
        except Unreadable as unreadable:
            raise ValueError(str(unreadable)) from unreadable


class DayField(DateField):
    """A day, as the browser's own date input sends it."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if text:
            try:
                self.data = read_day(text)
            except Unreadable as unreadable:
                raise ValueError(str(unreadable)) from unreadable


class WebAddressField(StringField):
    """An address on the web, in one line however long it may be. What may stand in it is the rule of its record."""

    def __init__(self, label: str = "", **more: Any) -> None:
        super().__init__(label, [ValueRequired(), printable, Length(max=LONGEST_ADDRESS)], [stripped], **more)
        self.render_kw = {"inputmode": "url", **(self.render_kw or {})}


class SecretField(PasswordField):
    """What is set and never shown. Left empty, what is set stays; where nothing is, it is asked for."""

    def __init__(self, label: str = "", **more: Any) -> None:
        super().__init__(label, [printable, Length(max=LONGEST_SECRET)], **more)
        self.render_kw = {"autocomplete": "new-password", **(self.render_kw or {})}

    def process_data(self, value: Any) -> None:
        super().process_data(value)
        if not value:
            self.validators = [ValueRequired(), *self.validators]
        else:
            self.description = gettext("It is set and is not shown. Leave this empty to keep it.")

    def populate_obj(self, obj: Any, name: str) -> None:
        """Set what was typed."""
        if self.data:
            setattr(obj, name, self.data)

    def ask_again(self) -> None:
        """Say that it has to be typed once more: a page never sends it back."""
        if self.raw_data and self.raw_data[0] and not self.errors:
            self.errors = [gettext("Type this again: it is not shown, so it was not kept.")]


class CodeField(Select2Field):
    """One of a few codes, each with its words. `choices` may be a function, asked for every form."""

    def __init__(self, *args: Any, choices: Any = None, **more: Any) -> None:
        super().__init__(*args, choices=choices, coerce=stripped, **more)

    def iter_choices(self) -> Iterator[Any]:
        """Offer the code that a row has as well: a browser would choose the first one in its place."""
        offered, kept = list(super().iter_choices()), self.object_data
        yield from offered
        if kept is not None and all(kept != code for code, *_ in offered):
            yield kept, kept, kept == self.data, {}


class CountryField(CodeField):
    """A country by its ISO code."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, choices=country_choices, **more)

    def pre_validate(self, form: Any) -> None:
        if self.data and self.data not in countries():
            raise ValidationError(gettext("There is no country “%(code)s”.", code=str(self.data)[:40]))


def country_choices() -> list[tuple[str, str]]:
    """Give every country, by its name in the language of the page."""
    return [("", ""), *sorted(countries(language()).items(), key=lambda item: fold(item[1]))]


NOTHING = "__None"
"""What the library calls no choice."""


class _Checked:
    """A choice that is none is told: the library would take it for an empty one."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Remember whether something was chosen at all."""
        chosen = [value for value in valuelist if value not in ("", NOTHING)]
        super().process_formdata(chosen or [NOTHING])  # type: ignore[misc]
        self._is_chosen = bool(chosen)

    def pre_validate(self, form: Any) -> None:
        """Refuse what was chosen and is not there, or not for this person."""
        if getattr(self, "_is_chosen", False) and not self.data:  # type: ignore[attr-defined]
            raise ValidationError(gettext("This does not exist or is not available to you. Choose another one."))
        super().pre_validate(form)  # type: ignore[misc]


class RowField(_Checked, QuerySelectField):
    """One row out of a few."""

    def iter_choices(self) -> Any:
        for value, label, *more in super().iter_choices():
            yield "" if value == NOTHING else value, label, *more


class RowsField(QuerySelectMultipleField):
    """Some rows out of a few."""

    widget = Select2Widget(multiple=True)


class FoundField(_Checked, AjaxSelectField):
    """One row, found by typing."""


class FoundRowsField(AjaxSelectMultipleField):
    """Some rows, found by typing."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Where nothing is chosen there is nothing: the library would keep the rows that were there."""
        self.data: Any = []
        super().process_formdata([value for value in valuelist if value])

    def pre_validate(self, form: Any) -> None:
        """Refuse what was chosen and is not there, or not for this person; the library looks only when it is read."""
        if self.data is None or self._invalid_formdata:
            raise ValidationError(gettext("This does not exist or is not available to you. Choose another one."))


class ValueRequired(InputRequired):
    """Something must be there when all spaces are taken off."""

    def __call__(self, _form: object, field: Field) -> None:
        if (not field.raw_data or field.data in (None, "")) and not field.errors:
            raise StopValidation(field.gettext("This field is required."))


class RecordConverter(AdminModelConverter):
    """Makes the field of each column and relation."""

    def convert(self, model: Any, mapper: Any, name: str, prop: Any, field_args: Any, hidden_pk: bool) -> Any:  # noqa: FBT001
        """Require a value of a column; the library would be content with a space."""
        field = super().convert(model, mapper, name, prop, field_args, hidden_pk)
        if field is not None and isinstance(prop, ColumnProperty):
            asked = field.kwargs.get("validators", ())
            field.kwargs["validators"] = [ValueRequired() if isinstance(one, InputRequired) else one for one in asked]
        return field

    def _model_select_field(self, prop: Any, multiple: Any, remote_model: Any, **kwargs: Any) -> Any:
        loader = self.view._form_ajax_refs.get(prop.key)  # noqa: SLF001  as the library keeps it
        if loader:
            return (FoundRowsField if multiple else FoundField)(loader, **kwargs)
        kwargs.setdefault("query_factory", lambda: rows_of(remote_model))
        return (RowsField if multiple else RowField)(**kwargs)

    @converts("String")
    def conv_String(self, column: Column[Any], field_args: Any, **_extra: Any) -> Field:  # noqa: N802
        return text_field(column, field_args)

    @converts("Text")
    def conv_Text(self, column: Column[Any], field_args: Any, **_extra: Any) -> Field:  # noqa: N802
        return text_field(column, field_args)

    @converts("Integer")
    def handle_integer_types(self, field_args: Any, **_extra: Any) -> Field:
        return WholeField(**field_args)

    @converts("Scaled")
    def conv_scaled(self, column: Column[Any], field_args: Any, **_extra: Any) -> Field:
        kind = column.type
        assert isinstance(kind, Scaled)  # nosec B101: the converter is found by this name
        return DecimalField(decimals=kind.decimals, **field_args)

    @converts("Date")
    def convert_date(self, field_args: Any, **_extra: Any) -> Field:
        return DayField(**field_args)


def text_field(column: Column[Any], field_args: Mapping[str, Any]) -> Field:
    """Give the field of a text: of one line, or of several where there is much room."""
    length = getattr(column.type, "length", None) or LONG_TEXT
    field = TextAreaField if length > LONG_TEXT else StringField
    validators = [printable, *field_args["validators"], Length(max=length)]
    return field(**{**field_args, "validators": validators, "filters": [*field_args["filters"], stripped]})


def rows_of(model: type[Any]) -> Any:
    """Give all rows of a model that exist for the person, by name or in their own order."""
    order = model.position if hasattr(model, "position") else model.search_text
    return db.session.scalars(select(model).where(visible(model, actor())).order_by(order, model.id)).all()


class PartsField(InlineModelFormList):
    """Rows that are parts of another."""

    entries: list[Any]

    def populate_obj(self, obj: Any, name: str) -> None:
        """Take out what was ticked; the library would delete it behind the row's back."""
        leaving = {field.get_pk() for field in self.entries if self.should_delete(field)}
        setattr(obj, name, [part for part in getattr(obj, name) if str(part.id) not in leaving])
        self.entries = [field for field in self.entries if not self.should_delete(field)]
        super().populate_obj(obj, name)


class PartsConverter(InlineModelConverter):
    """Makes the fields of parts."""

    inline_field_list_type = PartsField


class Parts(InlineFormAdmin):
    """Rows that are parts of another and are edited with it."""

    column_labels = COLUMNS


def language_choices() -> list[tuple[str, str]]:
    """Give the languages of customers."""
    return list(LANGUAGES.items())


def currency_choices() -> list[tuple[str, str]]:
    """Give every currency that a country uses and amounts can be kept in, by its code."""
    return [("", ""), *((code, f"{code} · {name}") for code, name in currency_names(language()).items())]


def timezone_choices() -> list[tuple[str, str]]:
    """Give every time zone; the empty one is that of the settings."""
    default = current_app.config["TIMEZONE"]
    everybodys = gettext("Same as everybody (%(zone)s)", zone=default)
    return [("", everybodys), *((name, name) for name in sorted(available_timezones()))]
