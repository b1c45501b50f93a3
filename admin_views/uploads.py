"""How large a request may be: pages that take files read more, so that a file too large is told by its field."""

from flask import Flask, request

from admin_views.base import BackofficeView

LARGEST_UPLOAD = 64 * 1024 * 1024


def init_uploads(app: Flask) -> None:
    """Let the forms of pages that take files be larger; who may send them is known by then."""
    views: tuple[BackofficeView, ...] = app.extensions["backoffice_views"]
    forms = {f"{view.endpoint}.{name}" for view in views for name in view.all_file_forms()}

    @app.before_request
    def widen() -> None:
        if request.endpoint in forms:
            request.max_content_length = LARGEST_UPLOAD
