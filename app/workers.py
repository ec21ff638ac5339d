"""Where decoding and inference run: never in the event loop. A bounded thread pool now; a pool of processes,
which can be killed, takes its place behind the same port."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from app.gate import Turn
from app.runtime import Runtime

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger("ekyc.workers")


class Workers(Protocol):
    async def run(
        self,
        turn: Turn,
        job: Callable[Concatenate[Runtime, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """`job(runtime, *args, **kwargs)` in a worker. `job` is a module-level function and its arguments and
        result are plain values, so that they can cross a process border. Cancelling the caller (the
        gate's deadline does) drops a job that waits; one that runs keeps `turn` until it ends."""
        ...

    def stuck(self, seconds: float) -> bool:
        """Has every worker been at one job for longer than that? Then nothing is worked on, until the process is begun anew."""
        ...

    def close(self) -> None:
        """Takes no more jobs and waits for none."""
        ...


class ThreadWorkers:
    """At most `threads` jobs at once. A thread cannot be killed: a hung job costs its place until it ends."""

    def __init__(self, runtime: Runtime, *, threads: int) -> None:
        self._runtime = runtime
        self._threads = threads
        self._began: dict[int, float] = {}
        """Thread -> when its job began."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="ekyc-worker")

    async def run(
        self,
        turn: Turn,
        job: Callable[Concatenate[Runtime, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        loop = asyncio.get_running_loop()

        def let_go(_: Future[T]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody counts any more
                loop.call_soon_threadsafe(turn.let_go)

        def timed() -> T:
            self._began[threading.get_ident()] = time.monotonic()
            try:
                return job(self._runtime, *args, **kwargs)
            finally:
                del self._began[threading.get_ident()]

        future = self._pool.submit(timed)
        turn.hold()
        future.add_done_callback(let_go)
        return await asyncio.wrap_future(future)

    def stuck(self, seconds: float) -> bool:
        began = list(self._began.values())
        return len(began) == self._threads and time.monotonic() - max(began) > seconds

    def close(self) -> None:
        began = list(self._began.values())
        if began:
            seconds = round(time.monotonic() - min(began), 1)
            told = {"jobs": len(began), "longest_seconds": seconds}
            log.warning("jobs are not waited for any more", extra={"fields": told})
        self._pool.shutdown(wait=False, cancel_futures=True)
