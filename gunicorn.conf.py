import errno
import os
import socket
import subprocess  # nosec B404: the worker is a process of its own
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from config import SettingError, Settings
from keep_worker import FAREWELL

PATIENCE = 30
"""Seconds that a client may take for each piece that it is sent (about 64 KB of a file) or sends."""
LONG = 0.1
"""Seconds after which a request is a long one: most often a file that is being written."""

try:
    settings = Settings.from_environ()
except SettingError as error:
    sys.exit(f"Error: {error}")
bind = f"127.0.0.1:{settings.port}"
workers = 2
worker_class = "gthread"
threads = 8
graceful_timeout = 20
# A page of filters makes a long address.
limit_request_line = 8190
# Each worker opens its own database connections: none is shared over a fork.
preload_app = False
# The heartbeat must not wait for a busy disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # nosec B108: gunicorn makes a private file there
# Nothing but the port is opened.
control_socket_disable = True
accesslog = None
loglevel = "warning"


def on_starting(server: Any) -> None:
    """Say in one sentence that the port is taken; without this gunicorn tries and logs for five seconds."""
    if {"GUNICORN_FD", "LISTEN_FDS"} & os.environ.keys():
        return  # the port is handed over, open
    for address in server.cfg.address:
        if isinstance(address, tuple) and _is_taken(address):
            port = address[1]
            sys.exit(f"Port {port} is in use; set PORT=…, for example PORT={port + 1} make run.")


def _is_taken(address: tuple[str, int]) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def when_ready(server: Any) -> None:
    """Start the worker, and say where the product is, once it can be reached there."""
    _start_worker(server)
    print(f"Orders Backoffice: http://{bind}/  (stop with Ctrl-C)", flush=True)


def on_reload(server: Any) -> None:
    """Let the worker run the new release, too."""
    on_exit(server)
    _start_worker(server)


def on_exit(server: Any) -> None:
    """Stop the worker with the web server."""
    if keeper := getattr(server, "keeper", None):
        keeper.terminate()
        with suppress(subprocess.TimeoutExpired):
            keeper.wait(FAREWELL + 2)


def _start_worker(server: Any) -> None:
    """Start what keeps a worker beside us. Ctrl-C does not reach it: it is ended once, from here."""
    if settings.starts_worker:
        command = [sys.executable, "-m", "keep_worker", str(os.getpid())]
        server.keeper = subprocess.Popen(command, start_new_session=True)  # nosec B603: no input in it


_since: dict[Any, float] = {}
"""When each request that this web process is at work on came."""


def pre_request(_worker: object, request: Any) -> None:
    """Let no client hold a thread by not reading, and none stay beside a long request.

    What is sent to one that does not read ends without its end. Beside a long request the interpreter is
    busy: a connection that is closed after its answer comes back to a web process that has time for it.
    """
    request.unreader.sock.settimeout(PATIENCE)
    now = monotonic()
    if any(now - since > LONG for since in list(_since.values())):
        request.force_close()
    _since[request] = now


def post_request(_worker: object, request: Any, _environ: object, _response: object) -> None:
    """Forget a request that was answered, whether to its end or not."""
    _since.pop(request, None)
