"""The field of a picture: uploaded, looked at, made small, and kept through a form that has to be sent again."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms import FileField
from wtforms.validators import StopValidation

from admin_views.notation import said
from models.product import ProductImage
from services.errors import Refused
from services.images import LARGEST_FILE, Picture, small_picture


class PictureWidget:
    """A file input, the picture that is kept, and a box that takes it away."""

    validation_attrs = ()

    def __call__(self, field: "PictureField", **attributes: Any) -> Markup:
        file = Markup('<input type="file" id="{0}" name="{0}" accept="image/*"{1}>')
        parts = [file.format(field.id, _written(attributes))]
        if field.picture:
            kept = base64.b64encode(field.picture.content).decode()
            parts.append(Markup('<input type="hidden" name="{}-kept" value="{}">').format(field.id, kept))
            parts.append(
                _shown(
                    f"data:{field.picture.media_type};base64,{kept}",
                    Markup('<p class="hint">{}</p>').format(gettext("The picture that you chose is kept.")),
                )
            )
        elif field.is_kept:
            remove = Markup(
                '<label class="check"><input class="form-check-input" type="checkbox" name="{}-remove">'
                "<span>{}</span></label>"
            ).format(field.id, gettext("Remove the picture that is there"))
            parts.append(_shown(url_for(field.endpoint, row_id=request.args.get("id", "")), remove))
        return Markup("").join(parts)


def _shown(url: str, beside: Markup) -> Markup:
    picture = Markup('<div class="picture"><span class="thumb"><img src="{}" alt=""></span>{}</div>')
    return picture.format(url, beside)


def _written(attributes: dict[str, Any]) -> Markup:
    return Markup("").join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items()
    )


class PictureField(FileField):
    """A picture of a row, which `endpoint` sends.

    `picture` is what was uploaded with this form, `is_kept` says whether the row has one.
    """

    widget = PictureWidget()
    picture: Picture | None = None
    is_kept = False
    is_removed = False
    refusal = ""

    def __init__(self, *args: Any, endpoint: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.endpoint = endpoint

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.is_kept = bool(data)
        super().process(formdata, data, extra_filters)
        if formdata is not None:
            self.is_removed = f"{self.name}-remove" in formdata
            if not self.picture and not self.refusal and (kept := formdata.get(f"{self.name}-kept")):
                self._read(_decoded(kept))

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        file = next((value for value in valuelist if isinstance(value, FileStorage) and value.filename), None)
        if file is not None:
            with file.stream:
                self._read(file.stream.read(LARGEST_FILE + 1))

    def _read(self, content: bytes) -> None:
        try:
            self.picture = small_picture(content)
        except Refused as refused:
            self.refusal = said(refused)

    def pre_validate(self, form: Any) -> None:
        if self.refusal:
            raise StopValidation(self.refusal)


class ProductPictureField(PictureField):
    """The picture of a product, in a row of its own."""

    def populate_obj(self, obj: Any, name: str) -> None:
        if self.picture:
            image = obj.image or ProductImage()
            image.media_type, image.content, image.digest = *self.picture, self.picture.digest
            obj.image = image
        elif self.is_removed:
            obj.image = None


class LogoField(PictureField):
    """The seller's logo, in two columns of the firm."""

    def populate_obj(self, obj: Any, name: str) -> None:
        if self.picture:
            obj.logo_type, obj.logo = self.picture
        elif self.is_removed:
            obj.logo_type, obj.logo = "", None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
