"""A service that is told to stop ends by itself, also when one of its threads never does; one that cannot start says why.

`python -m tests.contract.test_stopping FOLDER PORT` serves and prints an x-api-key; its worker hangs at any card.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn

from app.clients import Clients
from app.commands import serve
from app.log import JsonLines
from app.main import create_app
from app.settings import ROOT, Settings
from app.store.database import open_database
from app.store.migrate import upgrade
from models.types import Image
from tests.fakes import Seen, picture, runtime

DEADLINE = 1.0
START_SECONDS, STOP_SECONDS = 60, 20


@contextmanager
def hanging(folder: Path, *, first_process: bool) -> Iterator[subprocess.Popen[str]]:
    """A service whose worker hangs. The first process of a container is not ended by a signal that it does not catch."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN) if first_process else None
    try:
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.contract.test_stopping", str(folder), port],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        if first_process:
            signal.signal(signal.SIGTERM, before)
    try:
        assert child.stdout is not None
        headers = {"x-api-key": child.stdout.readline().strip()}
        url, until = f"http://127.0.0.1:{port}", time.monotonic() + START_SECONDS
        while True:
            try:
                requests.get(f"{url}/live", timeout=5)
                break
            except requests.ConnectionError:
                assert time.monotonic() < until
                time.sleep(0.1)
        files = {"input": picture(Seen.CHIP_FRONT)}
        answer = requests.post(f"{url}/call/predict", files=files, headers=headers, timeout=20)
        assert answer.json()["code"] == "timeout"
        yield child
    finally:
        child.kill()
        child.communicate()


@pytest.mark.parametrize(
    ("told", "first_process", "status"),
    [
        (signal.SIGTERM, False, -signal.SIGTERM),
        (signal.SIGTERM, True, 0),
        (signal.SIGINT, False, 0),
    ],
    ids=["service", "container", "terminal"],
)
def test_a_thread_that_hangs_keeps_no_service_from_ending(
    told: signal.Signals, first_process: bool, status: int, tmp_path: Path
) -> None:
    with hanging(tmp_path, first_process=first_process) as child:
        child.send_signal(told)
        _, said = child.communicate(timeout=STOP_SECONDS)
    assert child.returncode == status
    lines = [json.loads(line) for line in said.splitlines()]
    (unfinished,) = [line for line in lines if line["event"] == "jobs are not waited for any more"]
    assert unfinished["jobs"] == 1


def test_a_service_that_cannot_start_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/empty.sqlite3")
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_config=None))
    with pytest.raises(SystemExit):
        server.run()
    (told,) = [line for line in caplog.records if line.name == "ekyc.start"]
    line = json.loads(JsonLines().format(told))
    assert (line["event"], line["exception"]) == (
        "cannot start, or stop as it should",
        "RuntimeError",
    )


def _hang(_: Image, **__: Any) -> Any:
    threading.Event().wait()


def _serve(folder: str, port: str) -> None:
    settings = Settings(
        database_url=f"sqlite:///{folder}/ekyc.sqlite3",
        deadline_seconds=DEADLINE,
        deadline_pages_seconds=DEADLINE,
        deadline_video_seconds=DEADLINE,
    )
    upgrade(settings.database_url)
    engine = open_database(settings.database_url)
    sys.stdout.write(f"{Clients(engine).add('bank').token}\n")
    sys.stdout.flush()
    engine.dispose()
    serve.make_ready = lambda **_: settings
    serve.build_runtime = lambda _: runtime(read_documents=_hang)
    sys.exit(serve.main(["--port", port]))


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2])
