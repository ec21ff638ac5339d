"""The service's log: JSON lines on standard error, without anything personal."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

OURS = ("ekyc", "py")
"""First words of the loggers whose lines carry no value of a request: the service's own, and ``py.warnings``."""


class JsonLines(logging.Formatter):
    """One JSON object per line. An exception is told by its type and places, never by its message, which may
    quote what a card says; a library's line by its words before any value is put into them, for the same reason, and by the first line of
    these: asyncio tells the error of a task that nobody waited for in the next."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        if record.name.partition(".")[0] in OURS:
            line["event"] = record.getMessage()
        else:
            line |= {
                "event": "library",
                "library": record.name,
                "said": str(record.msg).partition("\n")[0],
            }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line |= fields
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["at"] = _places(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _places(error: BaseException | None) -> list[str]:
    places: list[str] = []
    step = error.__traceback__ if error else None
    while step is not None:
        code = step.tb_frame.f_code
        places.append(f"{code.co_filename}:{step.tb_lineno} {code.co_qualname}")
        step = step.tb_next
    return places


def log_as_json() -> None:
    """Send the service's own log lines, and the warnings of the libraries it uses, to standard error as JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    root.handlers[:] = [handler]
    logging.getLogger("ekyc").setLevel(logging.INFO)
