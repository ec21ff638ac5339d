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

    def __init__(self, give_back: Callable[[], None], clock: asyncio.Timeout, began: float) -> None:
        self._give_back = give_back
        self._clock = clock
        self._began = began
        self._holders = 1

    def allow(self, seconds: float) -> None:
        """The request may take so long, from its arrival, if that is more than it may by now."""
        when = self._clock.when()
        if when is not None and when < self._began + seconds and not self._clock.expired():
            self._clock.reschedule(self._began + seconds)

    def done(self) -> None:
        """The request's work is done: the deadline does not cut off its answer any more."""
        if not self._clock.expired():
            self._clock.reschedule(None)

    def hold(self) -> None:
        self._holders += 1

    def let_go(self) -> None:
        self._holders -= 1
        if self._holders == 0:
            self._give_back()


class Gate:
    """Admits `in_flight` requests at once and lets `waiting` more queue, first come first served.

    The deadline runs from arrival. A request that turns out to be of a longer kind moves its own (`Turn.allow`), but waits
    for its place no longer than others. `retry_after` is the deadline in whole seconds, because by then
    everything that is in flight now has been answered, unless it is of a longer kind.
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
        admitted, began = False, asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._deadline) as clock:
                turn = await self._next_turn(clock, began)
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

    async def _next_turn(self, clock: asyncio.Timeout, began: float) -> Turn:
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        self._in_flight += 1
        return Turn(self._give_back, clock, began)

    def _give_back(self) -> None:
        self._in_flight -= 1
        self._places.release()
