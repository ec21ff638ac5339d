"""Who holds a connection without asking for anything, or without taking the answer, loses it; who is only slow does not."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse

from app.commands import serve
from app.patience import PatientProtocol
from app.settings import Settings

POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n"

LARGE = 16 * 1024 * 1024
"""Bytes; more than the kernel takes by itself."""


class Hasty(PatientProtocol):
    header_seconds = 0.6
    answer_seconds = 1.5


@contextlib.contextmanager
def serving(**options: Any) -> Iterator[uvicorn.Server]:
    app = FastAPI()

    @app.post("/")
    async def echo(request: Request) -> str:
        return (await request.body()).decode()

    @app.post("/unread")
    async def unread() -> str:
        return "abc"

    @app.get("/large")
    async def large() -> PlainTextResponse:
        return PlainTextResponse(bytes(LARGE))

    config = uvicorn.Config(app, port=0, log_config=None, **{"http": Hasty, **options})
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield server
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def server() -> Iterator[uvicorn.Server]:
    with serving() as running:
        yield running


@pytest.fixture
def line(server: uvicorn.Server) -> Iterator[socket.socket]:
    address = server.servers[0].sockets[0].getsockname()
    with socket.create_connection(address, timeout=5) as made:
        yield made


def closed(line: socket.socket) -> bool:
    try:
        return line.recv(1000) == b""
    except ConnectionResetError:
        return True


def answered(line: socket.socket) -> bool:
    said = b""
    while not said.endswith(b'"abc"'):
        said += line.recv(1000) or b"closed"
        assert b"closed" not in said
    return True


def test_silence_is_not_waited_for(line: socket.socket) -> None:
    assert closed(line)


@pytest.mark.parametrize("earlier", [b"", POST + b"abc"], ids=["first", "later"])
def test_half_a_header_is_not_waited_for_however_it_trickles(
    earlier: bytes, line: socket.socket
) -> None:
    if earlier:
        line.sendall(earlier)
        assert answered(line)
    line.sendall(POST[:10])
    assert cut_off(line, POST[10:40])


def test_nor_is_a_body_after_its_answer(line: socket.socket) -> None:
    line.sendall(POST.replace(b"/", b"/unread", 1).replace(b"3", b"100"))
    assert answered(line)
    assert cut_off(line, bytes(30))


def cut_off(line: socket.socket, trickle: bytes) -> bool:
    """Before so much has been sent, a byte every tenth of a second."""
    line.settimeout(0.1)
    for byte in trickle:
        try:
            assert line.recv(1000) == b""
        except TimeoutError:
            line.sendall(bytes([byte]))
        except ConnectionResetError:
            return True
        else:
            return True
    return False


def test_an_answer_nobody_takes_is_given_up(server: uvicorn.Server, line: socket.socket) -> None:
    line.sendall(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
    assert line.recv(10)
    given_up = time.monotonic() + 10
    while server.server_state.connections:
        assert time.monotonic() < given_up
        time.sleep(0.05)


def test_one_that_is_taken_slowly_is_not(line: socket.socket) -> None:
    line.sendall(b"GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    taken = 0
    while some := line.recv(LARGE // 10, socket.MSG_WAITALL):
        taken += len(some)
        time.sleep(0.2)
    assert taken > LARGE


def test_a_slow_body_and_a_pause_between_requests_are(line: socket.socket) -> None:
    for _ in range(2):
        line.sendall(POST)
        for byte in b"abc":
            time.sleep(0.3)
            line.sendall(bytes([byte]))
        assert answered(line)
        time.sleep(1.0)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_tls_is_written_and_taken_as_well(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost"
        f" -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {certificate}".split(),
        check=True,
        capture_output=True,
    )
    tls = {"ssl_certfile": certificate, "ssl_keyfile": key, "http": PatientProtocol}
    with serving(**tls) as secure, requests.Session() as client:
        host, port = secure.servers[0].sockets[0].getsockname()
        for _ in range(2):
            answer = client.get(f"https://{host}:{port}/large", verify=certificate, timeout=20)
            assert len(answer.content) == LARGE


def test_serve_has_this_patience() -> None:
    settings = Settings(deadline_video_seconds=60.5)
    config = serve._server(serve._parser().parse_args([]), settings, FastAPI()).config
    assert config.http is PatientProtocol
    assert config.timeout_graceful_shutdown == 61 + serve.STOP_SECONDS
