"""A connection is kept only for whoever uses it: without a whole header it is closed after a while, however slowly one trickles in,
and so it is when its answer is not taken, or a body goes on that nobody reads any more."""

from __future__ import annotations

import asyncio
import re

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 10.0
"""From the connection, or the first byte of a later header, to its last: a slow mobile network needs one. The pauses between requests are
uvicorn's to measure (`timeout_keep_alive`), and bodies have the deadline of their request, or these seconds once it has been answered."""

ANSWER_SECONDS = 30.0
"""In which something of an answer is taken: who takes nothing would hold it in memory, and a service that is told to stop, for as long as the
connection lasts. asyncio closes a TLS connection as long after the last of an answer (`ssl_shutdown_timeout`); there it does not show
how much of it has been taken."""

_NOT_ASCII = re.compile(rb"[\x80-\xff]")


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with the clocks it lacks, and with ears for what clients write that h11 refuses."""

    header_seconds = HEADER_SECONDS
    answer_seconds = ANSWER_SECONDS
    _clock: asyncio.TimerHandle | None = None
    _taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Whatever the client has yet to take pauses writing; with 0, which TLS is never below, so would nothing.
        transport.set_write_buffer_limits(high=1)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(self._with_escaped_target(data))
        self._watch()

    def _with_escaped_target(self, data: bytes) -> bytes:
        """PHP and curl put a URL whose file name has tone marks into the query as it is: as bytes, which h11 refuses."""
        if data.isascii() or self.conn.their_state is not h11.IDLE:
            return data
        if b"\n" in self.conn.trailing_data[0].lstrip():  # the request's first line is over
            return data
        line, end, rest = data.partition(b"\n")
        return _NOT_ASCII.sub(lambda found: b"%%%02X" % ord(found[0]), line) + end + rest

    def _should_upgrade(self) -> bool:
        """To nothing. Java's HttpClient offers HTTP/2 with each first request, which is answered as it is and is no reason to warn."""
        return False

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait_for_taking()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._taken()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop()
        self._taken()

    def _watch(self) -> None:
        """One clock runs from the beginning of a header to its end; further bytes of it do not wind it up again. So for a body whose
        request has been answered."""
        if not self._owes():
            self._stop()
        elif self._clock is None:
            self._clock = self.loop.call_later(self.header_seconds, self._give_up)

    def _owes(self) -> bool:
        """Is it the client's turn, and nothing but its bytes waited for?"""
        return self.conn.their_state is h11.IDLE or self.conn.our_state is h11.DONE

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _give_up(self) -> None:
        self._clock = None
        if self._owes():
            self.transport.close()

    def _wait_for_taking(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._taking = self.loop.call_later(self.answer_seconds, self._hurry, left)

    def _hurry(self, before: int) -> None:
        if self.transport.get_write_buffer_size() >= before:
            self.transport.abort()
        else:
            self._wait_for_taking()

    def _taken(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None
