"""Admission control: so many requests at once, a few waiting, one deadline. It decides before a body is read."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from pipelines.errors import Busy, DeadlineExceeded


class Turn:
    """One of the gate's places. It is given back when its request is answered *and* its last job has ended,
    so that a thread nobody waits for any more still counts. Lives in the event loop's thread."""

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back = give_back
        self._holders = 1

    def hold(self) -> None:
        self._holders += 1

    def let_go(self) -> None:
        self._holders -= 1
        if self._holders == 0:
            self._give_back()


class Gate:
    """Admits `in_flight` requests at once and lets `waiting` more queue, first come first served.

    The deadline runs from arrival; `retry_after` is the deadline in whole seconds, because by then
    everything that is in flight now has been answered.
    """

    def __init__(self, *, in_flight: int, waiting: int, deadline_seconds: float) -> None:
        self._places = asyncio.Semaphore(in_flight)
        self._max_waiting = waiting
        self._deadline = deadline_seconds
        self._retry_after = math.ceil(deadline_seconds)
        self._waiting = 0
        self._in_flight = 0

    @property
    def in_flight(self) -> int:
        return self._in_flight

    @property
    def waiting(self) -> int:
        return self._waiting

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """A place for the body of the `async with`, which is cancelled at the deadline.

        Raises:
            Busy: no place now and the queue is full, or none in time.
            DeadlineExceeded: admitted, but not done in time.
        """
        if self._places.locked() and self._waiting >= self._max_waiting:
            raise Busy("too many requests", self._retry_after)
        admitted = False
        try:
            async with asyncio.timeout(self._deadline) as clock:
                turn = await self._next_turn()
                admitted = True
                try:
                    yield turn
                finally:
                    turn.let_go()
        except TimeoutError:
            if not clock.expired():
                raise
            if not admitted:
                raise Busy("no place in time", self._retry_after) from None
            raise DeadlineExceeded("not done in time", self._retry_after) from None

    async def _next_turn(self) -> Turn:
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        self._in_flight += 1
        return Turn(self._give_back)

    def _give_back(self) -> None:
        self._in_flight -= 1
        self._places.release()
