"""The real service on a loopback socket, with a window into what its pipelines saw."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import httpx
import uvicorn

from app.clients import Clients
from app.credentials import NewCredentials
from app.main import create_app
from app.runtime import Runtime, build_runtime
from app.settings import Settings
from app.store.database import open_database
from models.types import Image
from pipelines.types import Onboarding

START_SECONDS = 60.0


@dataclass(slots=True)
class Window:
    """The last onboarding, as the pipeline saw it: the picture and the table need more than the wire tells."""

    onboarding: Onboarding | None = None
    images: tuple[Image, Image, Image] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


def watched(runtime: Runtime, window: Window) -> Runtime:
    """The same runtime; what it onboards also shows in the window."""

    def onboard(front: Image, back: Image, face: Image, *, check_rotate: bool = True) -> Onboarding:
        seen = runtime.onboard(front, back, face, check_rotate=check_rotate)
        with window.lock:
            window.onboarding, window.images = seen, (front, back, face)
        return seen

    return replace(runtime, onboard=onboard)


def new_client(settings: Settings) -> NewCredentials:
    """Credentials for one run, under a name of their own."""
    engine = open_database(settings.database_url)
    try:
        return Clients(engine).add(f"demo-{time.time_ns()}")
    finally:
        engine.dispose()


@contextmanager
def running(settings: Settings, window: Window) -> Iterator[str]:
    """The base URL of a service that answers; stopped afterwards.

    Raises:
        CannotStart: the pack's models do not run here.
        RuntimeError: it did not start in time.
    """
    runtime = watched(build_runtime(settings), window)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = create_app(settings, lambda _: runtime)
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, thread)
        yield url
    finally:
        server.should_exit = True
        thread.join(10)


def _wait_until_ready(url: str, thread: threading.Thread) -> None:
    until = time.monotonic() + START_SECONDS
    while thread.is_alive() and time.monotonic() < until:
        try:
            if httpx.get(f"{url}/ready", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the service did not start; its log above says why")
