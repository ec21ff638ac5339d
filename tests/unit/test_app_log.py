"""Every line that reaches standard error is JSON and says nothing personal, whoever wrote it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

NAME = "NGUYỄN THỊ MINH ÁNH"
WRITTEN_BY = {
    "a library": "logging.getLogger('library.pool').error('no cursor for %s', NAME, exc_info=error)",
    "the server": "logging.getLogger('uvicorn.error').error('Exception in ASGI application', exc_info=error)",
    "the event loop": "asyncio.new_event_loop().call_exception_handler(dict(message='x', future=error))",
    "the service": "logging.getLogger('ekyc.failure').error('failed', exc_info=error)",
    "a warning": "warnings.warn('old call')",
}
SCRIPT = """
import asyncio, logging, warnings
from app.log import log_as_json
NAME = {name!r}
log_as_json()
logging.getLogger("library").info("chatter")
try:
    raise ValueError(NAME)
except ValueError as caught:
    error = caught
{line}
"""


@pytest.mark.parametrize("writer", WRITTEN_BY)
def test_one_json_line_without_a_name(writer: str) -> None:
    script = SCRIPT.format(name=NAME, line=WRITTEN_BY[writer])
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    (line,) = said.stderr.splitlines()
    told = json.loads(line)
    assert told["level"] in {"error", "warning"}
    assert all(part not in line for part in NAME.split())


def test_a_library_is_named() -> None:
    script = SCRIPT.format(name=NAME, line=WRITTEN_BY["a library"])
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    told = json.loads(said.stderr)
    assert (told["event"], told["library"], told["said"]) == (
        "library",
        "library.pool",
        "no cursor for %s",
    )
    assert told["exception"] == "ValueError"
