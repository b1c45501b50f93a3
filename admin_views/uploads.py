"""How large a request may be.

Pages that take files read more, so that a file too large is told by its field; so do pages with very many fields.
"""

from flask import Flask, request

from admin_views.base import BackofficeView

LARGEST_UPLOAD = 64 * 1024 * 1024
LARGEST_FORM = 8 * 1024 * 1024


def init_uploads(app: Flask) -> None:
    """Let the forms of pages that take files be larger; who may send them is known by then."""
    views: tuple[BackofficeView, ...] = app.extensions["backoffice_views"]
    file_forms, large_forms = (
        {f"{view.endpoint}.{name}" for view in views for name in view.all_forms(kind)}
        for kind in ("file_forms", "large_forms")
    )

    @app.before_request
    def widen() -> None:
        if request.endpoint in file_forms:
            request.max_content_length = LARGEST_UPLOAD
        elif request.endpoint in large_forms:
            request.max_form_memory_size = LARGEST_FORM
