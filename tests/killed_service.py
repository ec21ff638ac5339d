"""The real service in a process of its own, under load over HTTP, and what is done to it: killed, its worker killed, its database
restarted, its disk full.

`python -m tests.killed_service URL FOLDER` serves and says its port. Pictures are one flat colour whose 24 bits are the seed of the
template, so that everybody is somebody else.
"""

from __future__ import annotations

import base64
import io
import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import uvicorn
from PIL import Image as Pillow
from sqlalchemy import func, select

from app.credentials import NewCredentials
from app.images import decode
from app.log import log_as_json
from app.main import create_app
from app.runtime import Runtime
from app.settings import Settings
from app.store import projection
from app.store.database import open_database
from app.store.tables import SessionRow
from models.types import Face, Image
from pipelines.embed_face import EmbeddedFace
from tests import killed
from tests.fakes import Seen, pdf, picture, runtime

CLIENTS = 4
ACKNOWLEDGED = (3, 30)
"""Before a kill."""
MOST_SECONDS = 0.05
START_SECONDS = 60
SAVE_AFTER = 3
"""Changes after which the index is saved: kills must meet that."""
SIDE = 8


def portrait(seed: int) -> bytes:
    buffer = io.BytesIO()
    colour = (seed >> 16 & 255, seed >> 8 & 255, seed & 255)
    Pillow.new("RGB", (SIDE, SIDE), colour).save(buffer, "PNG")
    return buffer.getvalue()


class EmbedSeed:
    def __call__(self, image: Image, *, judged: bool = False) -> EmbeddedFace:
        blue, green, red = (int(value) for value in image.pixels[0, 0])
        face: Face = runtime().embed_face(_holder()).face
        return EmbeddedFace(image, face, killed.template(red << 16 | green << 8 | blue))


def _holder() -> Image:
    return decode(picture(Seen.HOLDER), max_pixels=10**6)


def _runtime(_: Settings) -> Runtime:
    return runtime(embed_face=EmbedSeed())


@dataclass
class Process:
    """A running service."""

    child: subprocess.Popen[str]
    port: int

    @property
    def pid(self) -> int:
        return self.child.pid

    def kill(self) -> None:
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()
        if self.child.stdout is not None:
            self.child.stdout.close()

    def workers(self) -> list[int]:
        """Processes that draw a PDF just now."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/children")
        return [int(pid) for task in tasks for pid in _read(task).split()]


def start(url: str, folder: Path) -> Process:
    command = [sys.executable, "-m", "tests.killed_service", url, str(folder)]
    log = (folder / "log").open("a")
    child = subprocess.Popen(
        command, cwd=killed.ROOT, stdout=subprocess.PIPE, stderr=log, text=True
    )
    log.close()
    assert child.stdout is not None
    said = child.stdout.readline()
    assert said, (folder / "log").read_text()[-2000:]
    return Process(child, int(said))


@dataclass
class Load:
    """Clients that enrol, delete and have PDF files read, each as fast as it is answered, until the service is gone or they are
    told to stop. `answers` counts what was answered: HTTP status and code."""

    process: Process
    credentials: NewCredentials
    ledger: killed.Ledger
    seeds: Iterator[int]
    answers: Counter[tuple[int, str]] = field(default_factory=Counter)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)
    acknowledged: int = 0

    def __enter__(self) -> Load:
        kinds = [*([self._enrols] * CLIENTS), self._reads]
        self._threads = [threading.Thread(target=kind, args=(n,)) for n, kind in enumerate(kinds)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int) -> None:
        """Until so many more enrolments and deletions were acknowledged."""
        wanted, until = self.acknowledged + more, time.monotonic() + START_SECONDS
        while self.acknowledged < wanted:
            assert time.monotonic() < until, f"nothing is acknowledged any more: {self.answers}"
            time.sleep(0.002)

    def _enrols(self, number: int) -> None:
        chance = random.Random(next(self.seeds))
        mine: list[tuple[str, str]] = []
        with requests.Session() as session:
            while not self._stop.is_set():
                if mine and chance.random() < 0.3:
                    user, face = mine.pop(chance.randrange(len(mine)))
                    self._hear("deleting", face)
                    body = {"user_id": user, "face_id": face}
                    answer = self._ask(session, "delete_user_face", body)
                    if answer is None:
                        return
                    if answer["code"] == "0":
                        self._hear("deleted", face)
                    continue
                seed = next(self.seeds)
                user = f"kh-{seed}"
                image = base64.b64encode(portrait(seed)).decode()
                body = {"user_id": user, "image_general": image}
                answer = self._ask(session, "register_user_face", body)
                if answer is None:
                    return
                if answer["code"] == "0":
                    face = answer["output"]["face_id"]
                    self._hear("enrolled", face, str(seed))
                    mine.append((user, face))

    def _reads(self, _: int) -> None:
        file = base64.b64encode(pdf(Seen.CHIP_FRONT)).decode()
        with requests.Session() as session:
            while not self._stop.is_set():
                if self._ask(session, "predict", {"input": file}) is None:
                    return

    def _ask(self, session: requests.Session, route: str, body: object) -> dict[str, Any] | None:
        """None when the service is gone."""
        try:
            answer = session.post(
                f"http://127.0.0.1:{self.process.port}/call/{route}",
                json=body,
                headers={"x-api-key": self.credentials.token},
                timeout=60,
            )
            told: dict[str, Any] = answer.json()
        except (requests.RequestException, ValueError):
            return None
        with self._lock:
            self.answers[answer.status_code, told["code"]] += 1
        return told

    def _hear(self, *words: str) -> None:
        with self._lock:
            self.ledger.hear(" ".join(words))
            self.acknowledged += words[0] != "deleting"


@dataclass
class Rounds:
    """Kill after kill. `met`: how often each kind of kill met what it was meant to."""

    url: str
    folder: Path
    credentials: NewCredentials
    ledger: killed.Ledger = field(default_factory=killed.Ledger)
    met: Counter[str] = field(default_factory=Counter)
    answers: Counter[tuple[int, str]] = field(default_factory=Counter)
    seeds: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _chance: random.Random = field(default_factory=lambda: random.Random(11))

    def run(self, rounds: int) -> None:
        kinds: list[Callable[[Load], None]] = [self._service, self._worker, self._saving]
        process = start(self.url, self.folder)
        try:
            for number in range(rounds):
                if process.child.poll() is not None:
                    process = start(self.url, self.folder)
                kind = kinds[number % len(kinds)]
                with Load(process, self.credentials, self.ledger, self.seeds) as load:
                    load.wait_for(self._chance.randint(*ACKNOWLEDGED))
                    kind(load)
                self.answers += load.answers
                last = number == rounds - 1
                self.ledger.check(self.url, self.folder, all_of_them=last)
            self._recorded()
        finally:
            process.kill()

    def _recorded(self) -> None:
        """Every answer that arrived was written down before; of those that a kill cut off, some were."""
        engine = open_database(self.url)
        with engine.connect() as connection:
            written = connection.scalar(select(func.count()).where(SessionRow.outcome == "ok"))
        engine.dispose()
        assert written is not None
        assert written >= self.answers[200, "0"]

    def _service(self, load: Load) -> None:
        time.sleep(self._chance.uniform(0, MOST_SECONDS))
        load.process.kill()
        self.met["service"] += 1

    def _worker(self, load: Load) -> None:
        """The service goes on without it."""
        until = time.monotonic() + START_SECONDS
        while not (found := load.process.workers()):
            assert time.monotonic() < until, "no worker was ever seen"
        for pid in found:
            self.met["worker"] += _killed(pid)
        load.wait_for(ACKNOWLEDGED[0])
        assert load.process.child.poll() is None

    def _saving(self, load: Load) -> None:
        until = time.monotonic() + START_SECONDS
        while not list(self.folder.glob("index.*.tmp")):
            assert time.monotonic() < until, "the index was never saved"
        load.process.kill()
        self.met["while saving"] += bool(list(self.folder.glob("index.*.tmp")))
        self.met["save"] += 1


@contextmanager
def serving(url: str, folder: Path) -> Iterator[Process]:
    process = start(url, folder)
    try:
        yield process
    finally:
        process.kill()


def _killed(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _serve(url: str, folder: Path) -> None:
    projection.SAVE_AFTER, projection.SAVE_SHARE = SAVE_AFTER, 0.0
    settings = killed.settings(url, folder).model_copy(
        update={"threads": 2, "max_waiting": 50, "deadline_seconds": 30.0}
    )
    log_as_json()
    config = uvicorn.Config(
        create_app(settings, _runtime), port=0, log_config=None, access_log=False
    )
    server = uvicorn.Server(config)

    def say() -> None:
        while not server.started:
            time.sleep(0.005)
        sys.stdout.write(f"{server.servers[0].sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()

    threading.Thread(target=say, daemon=True).start()
    server.run()


if __name__ == "__main__":
    _serve(sys.argv[1], Path(sys.argv[2]))
