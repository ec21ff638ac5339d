"""The gate, seen from outside, over a real socket: refusals come before the body, slots come back only when work ends."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.contract.test_bad_input import CV1, CV2, TECHAINER, Dialect
from tests.fakes import FakeReadDocument, HeldOnboard, runtime
from tests.live import Live, live

IN_FLIGHT, WAITING = 2, 1


def _until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("never came true")


@pytest.fixture
def held() -> HeldOnboard:
    return HeldOnboard()


@pytest.fixture
def full(tmp_path: Path, held: HeldOnboard) -> Iterator[Live]:
    """A service whose two places are taken and whose queue of one is full."""
    sizes = {"max_in_flight": IN_FLIGHT, "max_waiting": WAITING, "threads": 4}
    with (
        live(tmp_path, runtime(onboard=held), **sizes) as service,
        ThreadPoolExecutor(8) as others,
    ):
        going = [others.submit(TECHAINER.post, service) for _ in range(IN_FLIGHT)]
        for _ in going:
            assert held.entered.acquire(timeout=10)
        going.append(others.submit(TECHAINER.post, service))
        _until(lambda: service.inside.gate.waiting == WAITING)
        yield service
        held.go.set()
        assert [answer.result(10).status_code for answer in going] == [200] * 3
    assert held.most == IN_FLIGHT


@pytest.mark.parametrize("dialect", [TECHAINER, CV1, CV2], ids=lambda d: d.name)
def test_refusal_in_the_familys_envelope(full: Live, dialect: Dialect) -> None:
    answer = dialect.post(full)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert tuple(answer.json()) == dialect.envelope
    assert answer.json()[dialect.code_key] == ("busy" if dialect is TECHAINER else "503")


def test_refused_before_the_body_is_sent(full: Live) -> None:
    """Only the headers are sent; the refusal comes without one byte of the 4 MB announced."""
    at = urlsplit(full.url)
    with socket.create_connection((at.hostname, at.port), timeout=5) as wire:
        wire.sendall(
            b"POST /call/register_ekyc_front_back_face HTTP/1.1\r\nhost: x\r\n"
            + f"x-api-key: {full.credentials.token}\r\n".encode()
            + b"content-type: application/json\r\ncontent-length: 4000000\r\n\r\n"
        )
        began = time.perf_counter()
        head = wire.recv(4096)
        assert head.startswith(b"HTTP/1.1 503 ")
        assert time.perf_counter() - began < 1.0


def test_client_that_asks_first_is_refused_at_once(full: Live) -> None:
    """`Expect: 100-continue`: it is not told to go on, and the connection does not wait for a body."""
    at = urlsplit(full.url)
    with socket.create_connection((at.hostname, at.port), timeout=5) as wire:
        wire.sendall(
            b"POST /call/register_ekyc_front_back_face HTTP/1.1\r\nhost: x\r\n"
            + f"x-api-key: {full.credentials.token}\r\n".encode()
            + b"expect: 100-continue\r\ncontent-length: 4000000\r\n\r\n"
        )
        began = time.perf_counter()
        told = b"".join(iter(lambda: wire.recv(4096), b""))
        assert told.startswith(b"HTTP/1.1 503 ")
        assert time.perf_counter() - began < 0.9


def test_refusal_reaches_a_client_that_sends_first(full: Live) -> None:
    """Most clients send all of a large body before they read anything."""
    for _ in range(5):
        assert TECHAINER.send(full, data=bytes(6_000_000)).status_code == 503


def test_health_is_answered_under_load(full: Live) -> None:
    assert requests.get(full.url + "/live", timeout=5).status_code == 200
    assert requests.get(full.url + "/ready", timeout=5).status_code == 200


def test_deadline(tmp_path: Path, held: HeldOnboard) -> None:
    """Answered at the deadline; the place comes back when the thread is done, not before."""
    sizes = {"max_in_flight": 1, "max_waiting": 0, "threads": 2, "deadline_seconds": 0.5}
    with live(tmp_path, runtime(onboard=held), **sizes) as service:
        began = time.perf_counter()
        late = TECHAINER.post(service)
        assert time.perf_counter() - began < 1.5
        assert (late.status_code, late.json()["code"]) == (503, "timeout")
        assert late.headers["retry-after"] == "1"
        assert TECHAINER.post(service).json()["code"] == "busy"
        held.go.set()
        _until(lambda: TECHAINER.post(service).status_code == 200)


@pytest.mark.parametrize("sizes", [{"threads": 1}, {"threads": 64, "max_in_flight": 1}])
def test_a_service_whose_workers_are_stuck_is_not_well(
    tmp_path: Path, held: HeldOnboard, sizes: dict[str, int]
) -> None:
    """The event loop turns and the database answers, but nothing is worked on any more."""
    soon = dict.fromkeys(
        ("deadline_seconds", "deadline_pages_seconds", "deadline_video_seconds"), 0.3
    )
    with live(tmp_path, runtime(onboard=held), **sizes, **soon) as service:
        assert TECHAINER.post(service).json()["code"] == "timeout"
        assert held.entered.acquire(timeout=10)
        for path in ("/live", "/ready"):
            _until(lambda path=path: requests.get(service.url + path, timeout=5).status_code == 503)
            assert requests.get(service.url + path, timeout=5).json()["status"] == "stuck"
        held.go.set()
        _until(lambda: requests.get(service.url + "/live", timeout=5).status_code == 200)


def test_slow_sender_meets_the_deadline(tmp_path: Path) -> None:
    with live(tmp_path, max_in_flight=1, deadline_seconds=0.5) as service:
        at = urlsplit(service.url)
        with socket.create_connection((at.hostname, at.port), timeout=5) as wire:
            wire.sendall(
                b"POST /call/register_ekyc_front_back_face HTTP/1.1\r\nhost: x\r\n"
                + f"x-api-key: {service.credentials.token}\r\n".encode()
                + b"content-type: application/json\r\ncontent-length: 4000000\r\n\r\n{"
            )
            assert wire.recv(4096).startswith(b"HTTP/1.1 503 ")
        assert TECHAINER.post(service).status_code == 200


class SlowReadDocument(FakeReadDocument):
    """Holds its thread for a while, like real inference."""

    def __call__(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
        time.sleep(0.15)
        return super().__call__(*args, **kwargs)  # type: ignore[arg-type]


def test_event_loop_is_free_while_workers_work(tmp_path: Path) -> None:
    slow = runtime(read_document=SlowReadDocument())
    with live(tmp_path, slow, threads=1) as service, ThreadPoolExecutor(3) as others:
        going = [others.submit(CV1.post, service) for _ in range(3)]
        _until(lambda: service.inside.gate.in_flight == 3)
        began = time.perf_counter()
        assert requests.get(service.url + "/live", timeout=5).status_code == 200
        assert time.perf_counter() - began < 0.4
        assert [answer.result(10).json()["errorCode"] for answer in going] == ["0"] * 3
