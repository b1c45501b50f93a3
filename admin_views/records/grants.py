"""The field of what a person may do: a table of roles and levels."""

from typing import Any

from flask_admin.form import BaseForm, RenderTemplateWidget
from flask_babel import gettext
from wtforms import FormField, RadioField

from admin_views.words import LEVELS, ROLES
from models.staff import StaffGrant
from permissions import Level, Role

NONE = "0"
CHOICES = [(level, level) for level in (NONE, *(str(int(level)) for level in Level))]


def _role(role: Role) -> Any:
    return RadioField(ROLES[role], choices=CHOICES, default=NONE)


GrantsForm: Any = type("GrantsForm", (BaseForm,), {role.value: _role(role) for role in Role})


class GrantsField(FormField):  # type: ignore[type-arg]  # generic in its types only
    """The grants of a person. The page draws a radio button for each role and level."""

    widget = RenderTemplateWidget("admin/staff/_grants.html")

    def __init__(self, label: Any = None, **more: Any) -> None:
        super().__init__(GrantsForm, label, **more)

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        held = data if isinstance(data, list) else []
        super().process(formdata, {grant.role: str(grant.level) for grant in held}, extra_filters)
        self._told: Any = []

    @property
    def errors(self) -> Any:
        """What was told of all grants together, or else what is wrong with each."""
        return self._told or super().errors

    @errors.setter
    def errors(self, told: Any) -> None:
        self._told = told

    def populate_obj(self, obj: Any, name: str) -> None:
        held = {grant.role: grant for grant in getattr(obj, name)}
        wanted = {role: int(level) for role, level in self.form.data.items() if level != NONE}
        for role, level in wanted.items():
            if role in held:
                held[role].level = level
        kept = [grant for role, grant in held.items() if role in wanted]
        new = [StaffGrant(role=role, level=level) for role, level in wanted.items() if role not in held]
        setattr(obj, name, [*kept, *new])

    @property
    def levels(self) -> list[tuple[str, str]]:
        """The columns of the table."""
        return [(NONE, gettext("None")), *((str(int(level)), str(word)) for level, word in LEVELS.items())]
