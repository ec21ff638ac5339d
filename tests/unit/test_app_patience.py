"""Who holds a connection without asking for anything loses it; who is slow with a body does not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import FastAPI, Request

from app.commands import serve
from app.patience import PatientProtocol

POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n"


class Hasty(PatientProtocol):
    header_seconds = 0.6


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = FastAPI()

    @app.post("/")
    async def echo(request: Request) -> str:
        return (await request.body()).decode()

    server = uvicorn.Server(uvicorn.Config(app, port=0, http=Hasty, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def line(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as made:
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
    line.settimeout(0.1)
    line.sendall(POST[:10])
    for byte in POST[10:40]:
        try:
            assert line.recv(1000) == b""
        except TimeoutError:
            line.sendall(bytes([byte]))
        except ConnectionResetError:
            return
        else:
            return
    raise AssertionError("still open after three seconds")


def test_a_slow_body_and_a_pause_between_requests_are(line: socket.socket) -> None:
    for _ in range(2):
        line.sendall(POST)
        for byte in b"abc":
            time.sleep(0.3)
            line.sendall(bytes([byte]))
        assert answered(line)
        time.sleep(1.0)


def test_serve_has_this_patience() -> None:
    config = serve._server(serve._parser().parse_args([]), FastAPI()).config
    assert config.http is PatientProtocol
