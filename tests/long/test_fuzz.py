"""Two thousand broken uploads: no server fault, no growth of memory, every answer in time."""

from __future__ import annotations

import base64
import json
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import requests

from tests.fakes import Seen, pdf, picture
from tests.live import Live, live

UPLOADS = 2_000
DEADLINE = 20.0
"""Seconds. Other than in service: on a busy machine what is refused for its content must not be refused for its time."""
GROWTH = 400 * 1024
"""Kilobytes of the peak: a few decoded pictures at once, not one per upload."""

V1 = "/backend/api/v1/request"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Live]:
    same = {"deadline_pages_seconds": DEADLINE, "deadline_video_seconds": DEADLINE}
    with live(tmp_path, deadline_seconds=DEADLINE, **same) as running:
        yield running


def mutated(random: np.random.Generator, data: bytes) -> bytes:
    """Bytes flipped, cut out, doubled, or the end lost."""
    out = bytearray(data)
    match int(random.integers(5)):
        case 0:
            for at in random.integers(0, len(out), 1 + int(random.integers(20))):
                out[int(at)] = int(random.integers(256))
        case 1:
            del out[int(random.integers(1, len(out))) :]
        case 2:
            at = int(random.integers(len(out)))
            del out[at : at + int(random.integers(1, 200))]
        case 3:
            at = int(random.integers(len(out)))
            out[at:at] = out[at : at + 500] * int(random.integers(1, 20))
        case _:
            at = int(random.integers(len(out)))
            out[at : at + 4] = b"\xff\xff\xff\xff"
    return bytes(out)


def test_broken_uploads(service: Live) -> None:
    random = np.random.default_rng(20)
    files = [picture(Seen.CHIP_FRONT, kind, (300, 200)) for kind in ("JPEG", "PNG", "WEBP")]
    files.append(pdf(Seen.CHIP_FRONT, Seen.CHIP_BACK))
    body = json.dumps(
        {"image": {"base64": base64.b64encode(files[0]).decode()}, "ids": [1, 2]}
    ).encode()
    session = requests.Session()
    statuses: dict[int, int] = {}
    slowest = 0.0
    peak = 0
    for number in range(UPLOADS):
        kind = number % 6
        began = time.perf_counter()
        if kind == 5:
            path, sent = f"{V1}/face_search/search", {"data": mutated(random, body)}
        else:
            # PDF pages are drawn in a process each, so that one in thirty is enough.
            data = mutated(random, files[3] if number % 30 == 4 else files[kind % 3])
            path, sent = f"{V1}/ocr/v1/get_infor", {"files": {"file": data}}
        answer = session.post(service.url + path, auth=service.basic, timeout=60, **sent)
        slowest = max(slowest, time.perf_counter() - began)
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        assert {"errorCode", "status_code"} & set(answer.json()), answer.text
        if number == 200:  # whatever is loaded once has been
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert statuses == {200: UPLOADS}
    assert slowest < DEADLINE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < GROWTH
