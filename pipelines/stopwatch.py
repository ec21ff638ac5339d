"""Wall time per stage of one request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from pipelines.types import Timing


class Stopwatch:
    """Collects stages in the order they ran; one per request, never shared. A stage run twice is added up."""

    def __init__(self) -> None:
        self._stages: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = perf_counter()
        try:
            yield
        finally:
            self._stages[name] = self._stages.get(name, 0.0) + perf_counter() - started

    @property
    def timing(self) -> Timing:
        return Timing(tuple(self._stages.items()))
