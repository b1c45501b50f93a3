"""Whether the process is alive, and whether it can do its work."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from admin_views.access import Access
from services.health import Readiness, readiness

health = Blueprint("health", __name__)
DECLARED = {"health.alive": Access.PUBLIC, "health.ready": Access.PUBLIC}


@health.route("/healthz")
def alive() -> ResponseReturnValue:
    """Answer as long as the process does."""
    return {"status": "ok"}


@health.route("/readyz")
def ready() -> ResponseReturnValue:
    """Answer 503 until the database is there with the schema that this version needs."""
    state: Readiness = readiness()
    return {"status": "ok" if state.is_ready else "not ready", **state.parts}, 200 if state.is_ready else 503
