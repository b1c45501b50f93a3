"""The product with a job that lasts until somebody says so, for workers in processes of their own."""

import os
import time
from pathlib import Path

from flask import Flask

import services.worker
from app import create_app
from config import Settings
from models.job import JobKind
from services.job_handlers import HANDLERS
from services.jobs import Run


def slow_app(instance: str, look_every: float) -> Flask:
    """Make the product with its files under `instance`, whose worker looks for jobs so seldom."""
    folder = Path(instance)

    def wait_for_go(run: Run) -> None:
        done = run.done
        while not (folder / "go").exists():
            done += 1
            run.report(done)
            time.sleep(0.02)

    HANDLERS[JobKind.FILE] = wait_for_go
    services.worker.LOOK_EVERY = look_every
    return create_app(Settings.from_environ(os.environ, folder))
