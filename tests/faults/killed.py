"""A worker in a process of its own, killed while it works."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from models.base import db
from tests.servers import PATIENCE, ROOT

WORK = """
from datetime import UTC, datetime

from app import create_app
from services.job_handlers import HANDLERS
from services.jobs import Working, run_due

app = create_app()
with app.app_context():
    run_due(HANDLERS, Working(lambda: datetime.now(UTC)))
"""


def work_and_be_killed(database_url: str, is_reached: Callable[[], bool], *, then: float, **environ: str) -> None:
    """Do what is due until something is reached, or all is done, and be killed that many seconds later."""
    settings = {"DATABASE_URL": database_url, "SECRET_KEY": "only for tests", **environ}
    db.session.remove()
    with subprocess.Popen([sys.executable, "-c", WORK], cwd=ROOT, env={**os.environ, **settings}) as worker:
        until = time.monotonic() + PATIENCE
        while not is_reached() and worker.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.001)
        time.sleep(then)
        worker.send_signal(signal.SIGKILL)
