"""The outermost ring around every request: its id, its one log line, and bodies nobody read."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from datetime import UTC, datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID_HEADER = "x-request-id"

DRAIN_SECONDS = 1.0
DRAIN_BYTES = 64 * 1024 * 1024
"""A refusal is answered before the body is read, but most clients read no answer before they have sent all of it,
and closing on them would lose the answer. What they still send is thrown away within these bounds."""

log = logging.getLogger("ekyc.request")


class Edge:
    """ASGI middleware; nothing of the body, the query or a client's credentials reaches the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        # Clients write techainer's routes with and without the last slash.
        scope["path"] = scope["path"].rstrip("/") or "/"
        try:
            await self._app(scope, exchange.receive, exchange.send)
        finally:
            exchange.write_line()


class _Exchange:
    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._began = time.perf_counter()
        self._status = 0
        headers = Headers(scope=scope)
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        # Who waits for "100 Continue" sends nothing once refused.
        self._unread = has_body and "expect" not in headers
        self._notes: dict[str, object] = {}
        self._request_id = str(uuid.uuid4())
        scope.setdefault("state", {}).update(
            notes=self._notes, request_id=self._request_id, began=self._began
        )

    async def receive(self) -> Message:
        message = await self._receive()
        if not message.get("more_body", False):
            self._unread = False
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            MutableHeaders(scope=message)[REQUEST_ID_HEADER] = self._request_id
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if not (last and self._unread):
            await self._send(message)
            return
        await self._send({**message, "more_body": True})
        await self._drain()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _drain(self) -> None:
        thrown_away = 0
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while self._unread and thrown_away < DRAIN_BYTES:
                    thrown_away += len((await self.receive()).get("body", b""))
        except TimeoutError:
            pass

    def write_line(self) -> None:
        log.info(
            "request",
            extra={
                "fields": {
                    "request_id": self._request_id,
                    "method": self._scope["method"],
                    "route": getattr(self._scope.get("route"), "path", None),
                    "status": self._status,
                    "seconds": round(time.perf_counter() - self._began, 4),
                    **self._notes,
                }
            },
        )


class JsonLines(logging.Formatter):
    """One JSON object per line. An exception is told by its type and places, never by its message, which may
    quote what a card says."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
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
    """Send the service's own log lines to standard error as JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    ours = logging.getLogger("ekyc")
    ours.setLevel(logging.INFO)
    ours.propagate = False
    ours.handlers[:] = [handler]
