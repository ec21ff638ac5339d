"""The gate and the workers without HTTP: order, counts and what survives cancellation."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable

import pytest

from app.gate import Gate
from app.runtime import Runtime
from app.workers import ThreadWorkers
from pipelines.errors import Busy, DeadlineExceeded
from tests.fakes import runtime


def gate(in_flight: int = 1, waiting: int = 1, deadline: float = 5.0) -> Gate:
    return Gate(in_flight=in_flight, waiting=waiting, deadline_seconds=deadline)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.005)


def run(main: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await main()

    asyncio.run(whole())


def test_first_come_first_served() -> None:
    async def main() -> None:
        one, order = gate(waiting=5), []

        async def visit(name: int) -> None:
            async with one.turn():
                order.append(name)
                await asyncio.sleep(0.01)

        async with asyncio.TaskGroup() as visits:
            for name in range(5):
                visits.create_task(visit(name))
        assert order == [0, 1, 2, 3, 4]
        assert (one.in_flight, one.waiting) == (0, 0)

    run(main)


def test_full_queue_refuses_at_once() -> None:
    async def main() -> None:
        one, done = gate(), asyncio.Event()

        async def stay() -> None:
            async with one.turn():
                await done.wait()

        inside, queued = asyncio.create_task(stay()), asyncio.create_task(stay())
        await until(lambda: (one.in_flight, one.waiting) == (1, 1))
        with pytest.raises(Busy) as refusal:
            async with one.turn():
                raise AssertionError("let in")
        assert refusal.value.retry_after == 5
        done.set()
        await asyncio.gather(inside, queued)
        async with one.turn():
            assert one.in_flight == 1

    run(main)


def test_waiting_in_vain_is_busy_and_working_too_long_is_late() -> None:
    async def main() -> None:
        one = gate(deadline=0.1)

        async def stay() -> None:
            async with one.turn():
                await asyncio.sleep(10)

        inside, queued = asyncio.create_task(stay()), asyncio.create_task(stay())
        results = await asyncio.gather(inside, queued, return_exceptions=True)
        # Both run out at the same moment; the second may have got the place just then.
        assert isinstance(results[0], DeadlineExceeded)
        assert isinstance(results[1], Busy | DeadlineExceeded)
        assert one.in_flight == 0

    run(main)


def test_own_timeouts_of_the_body_pass_through() -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with gate().turn():
                raise TimeoutError

    run(main)


def test_a_longer_kind_of_work_has_its_own_deadline() -> None:
    async def main() -> None:
        one = gate(deadline=0.1)
        async with one.turn() as turn:
            turn.allow(0.5)
            turn.allow(0.05)  # never less than it had
            await asyncio.sleep(0.3)

        async def long() -> None:
            async with one.turn() as turn:
                turn.allow(0.4)
                await asyncio.sleep(5)

        async def waits() -> None:
            async with one.turn():
                pass

        began = time.perf_counter()
        going = asyncio.gather(long(), waits(), return_exceptions=True)
        assert [type(one) for one in await going] == [DeadlineExceeded, Busy]
        assert 0.35 < time.perf_counter() - began < 2

    run(main)


def test_place_is_kept_until_the_thread_ends() -> None:
    async def main() -> None:
        one, go = gate(deadline=0.1), threading.Event()
        workers = ThreadWorkers(runtime(), threads=1)

        def hang(_: Runtime) -> None:
            go.wait(10)

        with pytest.raises(DeadlineExceeded):
            async with one.turn() as turn:
                await workers.run(turn, hang)
        assert one.in_flight == 1
        assert workers.stuck(0.05)
        assert not workers.stuck(60)
        go.set()
        await until(lambda: one.in_flight == 0)
        assert not workers.stuck(0.05)
        workers.close()

    run(main)


def test_job_that_waits_is_dropped_at_the_deadline() -> None:
    async def main() -> None:
        one, go, ran = gate(in_flight=2, deadline=0.1), threading.Event(), []
        workers = ThreadWorkers(runtime(), threads=1)

        def hang(_: Runtime) -> None:
            go.wait(10)

        async def visit(job: Callable[[Runtime], None]) -> None:
            with pytest.raises(DeadlineExceeded):
                async with one.turn() as turn:
                    await workers.run(turn, job)

        await asyncio.gather(visit(hang), visit(lambda _: ran.append(1)))
        assert one.in_flight == 1
        go.set()
        await until(lambda: one.in_flight == 0)
        time.sleep(0.05)
        assert ran == []
        workers.close()

    run(main)


def test_jobs_get_the_runtime_and_their_errors_come_back() -> None:
    async def main() -> None:
        made = runtime()
        workers = ThreadWorkers(made, threads=2)

        def job(given: Runtime, number: int, *, scale: int) -> int:
            assert given is made
            return 10 // number * scale

        async with gate().turn() as turn:
            assert await workers.run(turn, job, 5, scale=3) == 6
            with pytest.raises(ZeroDivisionError):
                await workers.run(turn, job, 0, scale=1)
        workers.close()

    run(main)
