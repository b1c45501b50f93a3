"""Saved views: the pages that keep the list under a name, rename, share and delete it. Opening one is `fast_list`."""

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from werkzeug.exceptions import BadRequest

from admin_views.access import actor, may
from admin_views.edits import seen_version
from admin_views.notation import said
from admin_views.orders.fast_list import FastList
from permissions import Action
from services import saved_views
from services.errors import Invalid
from services.saved_views import KeptView, ViewChanged, views_of


class SavedViews(FastList):
    """The addresses below the list at which its views are kept."""

    method_actions = {"share_view": Action.VIEWS_SHARE}

    @expose("/views/save", methods=("GET", "POST"))
    def save_view(self) -> ResponseReturnValue:
        """Keep the list under a name."""
        kept, form, fault = self._kept(), request.form, ""
        if request.method == "POST":
            flags = {"is_shared": "shared" in form, "is_default": "default" in form}
            try:
                view_id = saved_views.save_view(form.get("name", ""), kept, **flags, actor=actor())
            except Invalid as invalid:
                fault = said(invalid)
            else:
                flash(gettext("The view is saved."), "success")
                return redirect(self.get_url(".index_view", view=view_id))
        return self.render(
            "admin/orders/view_form.html",
            title=gettext("Save as a new view"),
            name=form.get("name", ""),
            fault=fault,
            longest=saved_views.LONGEST_NAME,
            list_url=self.asked().url(self.get_url(".index_view")),
            conditions=self.frame().conditions,
            may_share=may(Action.VIEWS_SHARE),
        )

    @expose("/views/<int:view_id>/update", methods=("POST",))
    def update_view(self, view_id: int) -> ResponseReturnValue:
        """Let a view show the list as it is."""
        view = _found(view_id)
        saved_views.update_view(view.id, self._kept(), seen=seen_version(), actor=actor())
        flash(gettext("“%(name)s” shows this list from now on.", name=view.name), "success")
        return redirect(self.get_url(".index_view", view=view.id))

    @expose("/views/<int:view_id>/rename", methods=("GET", "POST"))
    def rename_view(self, view_id: int) -> ResponseReturnValue:
        """Call a view something else."""
        view, fault, list_url = _changeable(view_id), "", self.get_url(".index_view", view=view_id)
        if request.method == "POST":
            try:
                saved_views.rename_view(view.id, request.form.get("name", ""), seen=seen_version(), actor=actor())
            except ViewChanged:
                fault = gettext("Meanwhile this view was changed. It is called “%(name)s” now.", name=view.name)
            except Invalid as invalid:
                fault = said(invalid)
            else:
                return redirect(list_url)
        return self.render(
            "admin/orders/view_form.html",
            title=gettext("Rename the view"),
            name=request.form.get("name", view.name),
            fault=fault,
            longest=saved_views.LONGEST_NAME,
            list_url=list_url,
            view=view,
        )

    @expose("/views/<int:view_id>/share", methods=("POST",))
    def share_view(self, view_id: int) -> ResponseReturnValue:
        """Share a view with everybody, or leave it to its maker."""
        view, is_shared = _found(view_id), _is_on()
        try:
            saved_views.share_view(view.id, is_shared=is_shared, seen=seen_version(), actor=actor())
        except Invalid as invalid:
            flash(said(invalid), "error")
            return redirect(self.return_url())
        if is_shared:
            flash(gettext("Everybody who sees orders sees “%(name)s” now.", name=view.name), "success")
            return redirect(self.return_url())
        flash(gettext("Only %(person)s sees “%(name)s” now.", person=view.owner, name=view.name), "success")
        return redirect(self.return_url() if view.is_own else self.get_url(".index_view", tab="all"))

    @expose("/views/<int:view_id>/default", methods=("POST",))
    def prefer_view(self, view_id: int) -> ResponseReturnValue:
        """Let a view open first, or none."""
        view, is_default = _found(view_id), _is_on()
        saved_views.make_default(view.id, is_default=is_default, actor=actor())
        words = gettext("Orders opens with “%(name)s” now.", name=view.name)
        flash(words if is_default else gettext("Orders opens with all orders now."), "success")
        return redirect(self.return_url())

    @expose("/views/<int:view_id>/delete", methods=("GET", "POST"))
    def remove_view(self, view_id: int) -> ResponseReturnValue:
        """Ask whether a view shall be deleted, then do it."""
        view = _changeable(view_id)
        if request.method != "POST":
            list_url = self.get_url(".index_view", view=view.id)
            return self.render("admin/orders/view_delete.html", view=view, list_url=list_url)
        saved_views.delete_view(view.id, seen=seen_version(), actor=actor())
        flash(gettext("“%(name)s” is deleted.", name=view.name), "success")
        return redirect(self.get_url(".index_view", tab="all"))

    def _kept(self) -> str:
        """Give the question of this address as a view keeps it. Raises BadRequest."""
        asked = self.asked()
        if asked.query is None:
            raise BadRequest(" ".join(asked.faults.values()))
        return asked.kept(self.question().columns.names)


def _found(view_id: int) -> KeptView:
    return next((view for view in views_of(actor()) if view.id == view_id), None) or abort(404)


def _changeable(view_id: int) -> KeptView:
    """Find a view that the person may change. Raises NotFound or NotAllowed."""
    view = _found(view_id)
    if view.is_shared:
        actor().must(Action.VIEWS_SHARE)
    return view


def _is_on() -> bool:
    return request.form.get("on") == "1"
