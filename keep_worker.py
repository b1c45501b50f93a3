"""Keeps a worker beside the web server: started again when it ends, ended with the server, however that ends.

A small process between the two, started by `gunicorn.conf.py`: gunicorn forks while it runs, so a thread in it
could not start processes safely. It imports nothing of the product, so that it stays small.
"""

import os
import signal
import subprocess  # nosec B404: the worker is a process of its own
import sys
import time

LOOK_EVERY = 0.5
PAUSE = 3
"""Seconds before a worker that has ended is started again."""
FAREWELL = 10
"""Seconds that a worker has to hand its job back; one that it keeps silent about is taken over later."""


def keep_worker(server: int) -> None:
    """Keep a worker running until SIGTERM, or until the web server, our parent, is gone."""
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
    command = [sys.executable, "-m", "flask", "--app", "app", "worker", f"--parent={os.getpid()}"]
    while os.getppid() == server:
        worker = subprocess.Popen(command)  # nosec B603: no input in it
        try:
            while worker.poll() is None and os.getppid() == server:
                time.sleep(LOOK_EVERY)
        finally:
            _end(worker)
        time.sleep(PAUSE)


def _end(worker: "subprocess.Popen[bytes]") -> None:
    worker.terminate()
    try:
        worker.wait(FAREWELL)
    except subprocess.TimeoutExpired:
        worker.kill()


if __name__ == "__main__":
    keep_worker(int(sys.argv[1]))
