"""The real application behind a real loopback socket."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import uvicorn

from app.clients import Clients
from app.credentials import NewCredentials
from app.main import create_app
from app.patience import PatientProtocol
from app.runtime import Runtime
from app.service import Service
from app.settings import Settings
from app.store.database import open_database
from app.store.migrate import upgrade
from tests.fakes import runtime

LOOPBACK = ip_network("127.0.0.0/8")


@dataclass(frozen=True)
class Live:
    url: str
    settings: Settings
    clients: Clients
    credentials: NewCredentials
    inside: Service

    @property
    def basic(self) -> tuple[str, str]:
        return self.credentials.key, self.credentials.secret

    @property
    def token(self) -> dict[str, str]:
        return {"x-api-key": self.credentials.token}


@contextlib.contextmanager
def live(
    folder: Path, made: Runtime | None = None, *, url: str | None = None, **settings: Any
) -> Iterator[Live]:
    """The service on a free port, with one client that may call everything; on a SQLite database of its own or that of `url`."""
    settings.setdefault("deadline_seconds", 10.0)
    chosen = Settings(database_url=url or f"sqlite:///{folder}/ekyc.sqlite3", **settings)
    upgrade(chosen.database_url)
    engine = open_database(chosen.database_url)
    clients = Clients(engine)
    app = create_app(chosen, lambda _: made or runtime())
    config = uvicorn.Config(app, port=0, http=PatientProtocol, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        inside = server.lifespan.state["service"]
        yield Live(f"http://127.0.0.1:{port}", chosen, clients, clients.add("bank"), inside)
    finally:
        server.should_exit = True
        thread.join(10)
        engine.dispose()


@dataclass
class Web:
    """A web server under test control: path -> (status, headers, body); remembers what was asked of it, and what would be accepted."""

    url: str
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    accepted: list[str | None] = field(default_factory=list)

    def page(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        self.pages[path] = (status, headers, body)
        return self.url + path


@contextlib.contextmanager
def web(tls: ssl.SSLContext | None = None) -> Iterator[Web]:
    site = Web("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.accepted.append(self.headers["accept"])
            status, headers, body = site.pages.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a refused handshake is a test's wish
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
