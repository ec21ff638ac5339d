"""The outermost ring around every request: its id, its one log line, and bodies nobody read."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID_HEADER = "x-request-id"

DRAIN_SECONDS = 1.0
DRAIN_BYTES = 64 * 1024 * 1024
"""A refusal is answered before the body is read, but most clients read no answer before they have sent all of it,
and closing on them would lose the answer. What they still send is thrown away within these bounds."""

_SLASHES = re.compile("//+")

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
        # Clients write techainer's routes with and without the last slash, and put any route behind a base URL that ends in one.
        scope["path"] = _SLASHES.sub("/", scope["path"]).rstrip("/") or "/"
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
        self._unread = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        self._sending = "expect" not in headers
        self._notes: dict[str, object] = {}
        self._request_id = str(uuid.uuid4())
        scope.setdefault("state", {}).update(
            notes=self._notes, request_id=self._request_id, began=self._began
        )

    async def receive(self) -> Message:
        self._sending = True  # who waits for "100 Continue" is told to go on by this
        message = await self._receive()
        if not message.get("more_body", False):
            self._unread = False
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[REQUEST_ID_HEADER] = self._request_id
            # What is asked by GET is a person's data too: phones' libraries and proxies keep answers on their disks.
            headers["cache-control"] = "no-store"
            if self._unread and not self._sending:
                headers["connection"] = "close"
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if not (last and self._unread and self._sending):
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
