"""The field of an address: a form of its own inside another, which makes a new row of what is written."""

from dataclasses import fields
from typing import Any

from flask_admin.form import BaseForm
from flask_admin.model.fields import InlineFormField
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from admin_views.records.forms import CountryField, printable, stripped
from admin_views.words import ADDRESS_PARTS
from models.party import Address, AddressText
from services.countries import countries


def _part(name: str) -> Any:
    if name == "country":
        return CountryField(ADDRESS_PARTS[name])
    length = Address.__table__.columns[name].type.length  # type: ignore[attr-defined]
    field = TextAreaField if name == "notes" else StringField
    return field(ADDRESS_PARTS[name], validators=[Length(max=length), printable], filters=[stripped])


AddressForm: Any = type("AddressForm", (BaseForm,), {field.name: _part(field.name) for field in fields(AddressText)})


class AddressField(InlineFormField):
    """An address of a party. A country that is chosen is written by its name as well."""

    def __init__(self, label: Any = None, **more: Any) -> None:
        super().__init__(AddressForm, label, **more)

    def populate_obj(self, obj: Any, name: str) -> None:
        said = {part: str(value or "") for part, value in self.form.data.items()}
        written = AddressText(**{**said, "country_name": countries().get(said["country"], said["country_name"])})
        setattr(obj, name, Address.of(written))
