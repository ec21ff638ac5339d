"""A connection is kept only for whoever asks: without a whole header it is closed after a while, however slowly one trickles in."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 10.0
"""From the connection, or the first byte of a later header, to its last: a slow mobile network needs one. The pauses between requests are
uvicorn's to measure (`timeout_keep_alive`), and bodies have the deadline of their request."""


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with the clock it lacks."""

    header_seconds = HEADER_SECONDS
    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop()

    def _watch(self) -> None:
        """One clock runs from the beginning of a header to its end; further bytes of it do not wind it up again."""
        if self.conn.their_state is not h11.IDLE:
            self._stop()
        elif self._clock is None:
            self._clock = self.loop.call_later(self.header_seconds, self._give_up)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _give_up(self) -> None:
        self._clock = None
        if self.conn.their_state is h11.IDLE:
            self.transport.close()
