"""Whether the process is alive, and whether it can do its work."""

from datetime import UTC, datetime

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
    """Answer 503 until the database is there with the schema that this version needs.

    A missing worker or file store is named and answers 200: a load balancer must not take the pages away for it.
    """
    state: Readiness = readiness(now=datetime.now(UTC))
    return {"status": "ok" if state.is_ready else "not ready", **state.parts}, 200 if state.is_ready else 503
