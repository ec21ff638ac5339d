"""Face search as it is served (sealed rows, index in memory, every hit checked) beside exact numpy, a Python loop as in
DeepFace's find, and pgvector, with the same vectors in one run.

Vectors are random directions; a query is one of them turned to a cosine of 0.6: harder than real faces, since nothing
is nearer than chance. Timings are of single queries, the ways taking turns.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, insert

from app.clients import Clients
from app.settings import Settings
from app.store.cipher import Cipher
from app.store.clock import tick
from app.store.database import open_database
from app.store.faces import Faces, now
from app.store.flat import FlatIndex
from app.store.gallery import RowGallery
from app.store.index_file import IndexFile
from app.store.keys import open_keys
from app.store.migrate import upgrade
from app.store.opening import index_path
from app.store.projection import MemoryProjection
from app.store.tables import FaceRow
from models.types import FaceTemplate, Recogniser, SimilarityCalibration
from pipelines.search_faces import NewFace, Place

Vectors = NDArray[np.float32]

GENUINE_COSINE = 0.6
COUNT = 10
"""Hits asked for."""
LOOP_ROWS = 20_000
"""The Python loop is timed on so many rows at most and scaled up: it is linear."""
BUSY_SECONDS = 8.0
ENROLMENTS = 200
FILL_AT_ONCE = 20_000
BENCH = Recogniser("bench", SimilarityCalibration(((-1.0, 0.0), (1.0, 1.0))))
PLACE = Place(1)


@dataclass(frozen=True, slots=True)
class Size:
    rows: int
    dimension: int
    queries: int

    @property
    def name(self) -> str:
        return str(self.rows) if self.dimension == 128 else f"{self.rows}x{self.dimension}"


FULL = tuple(
    Size(rows, dimension, queries)
    for rows, queries in ((10_000, 300), (100_000, 200), (1_000_000, 60))
    for dimension in (128, 512)
)
QUICK = (Size(10_000, 128, 100), Size(100_000, 128, 60))


@dataclass(frozen=True, slots=True)
class Row:
    """Milliseconds per query unless the name says otherwise.

    Attributes:
        p50_ms, p99_ms: the served way: index, then rows opened and checked.
        index_ms, numpy_ms, loop_ms, pgvector_ms: medians; loop_ms scaled up from fewer rows; pgvector_ms None where it
            was not measured.
        rank1_vs_exact: share of queries whose first hit is numpy's.
        vs_numpy, vs_loop: time of the index in times of numpy's; times it is faster than the loop.
        bytes_per_row: of the index in memory; `of_codes` in times of the bare 16-bit codes.
        busy_p99_ms: p99 while another thread enrols without pause; `busy_vs_idle` in times of the idle one.
        enrolments_per_s: one after the other, each on the disk (duplicate check included).
        from_rows_s, from_file_s: from start to ready.
    """

    p50_ms: float
    p99_ms: float
    index_ms: float
    numpy_ms: float
    loop_ms: float
    pgvector_ms: float | None
    rank1_vs_exact: float
    vs_numpy: float
    vs_loop: float
    bytes_per_row: float
    of_codes: float
    busy_p99_ms: float
    busy_vs_idle: float
    enrolments_per_s: float
    from_rows_s: float
    from_file_s: float


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench search", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--quick", action="store_true", help="fewer and smaller sizes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=int, help="one size only")
    parser.add_argument("--dimension", type=int, default=512, help="with --rows")
    asked = parser.parse_args(argv)
    sizes = QUICK if asked.quick else FULL
    if asked.rows:
        sizes = (Size(asked.rows, asked.dimension, 60),)
    load = os.getloadavg()[0]
    print(f"{_cpu()}, {os.cpu_count()} cores, load before the run {load:.1f}")
    print(HEAD)
    results = {}
    for size in sizes:
        results[size.name] = row = measure(size, asked.seed)
        print(_line(size, row), flush=True)
    if asked.json:
        sizes_json = {name: asdict(row) for name, row in results.items()}
        print(json.dumps({"cpu": _cpu(), "load_before": load, "sizes": sizes_json}))
    return 0


def measure(size: Size, seed: int) -> Row:
    rng = np.random.default_rng(seed)
    vectors = _directions(rng, size.rows, size.dimension)
    queries = _queries(rng, vectors, size.queries)
    with tempfile.TemporaryDirectory(prefix="ekyc-bench-") as folder:
        served = _Served(Path(folder), vectors)
        try:
            return _row(size, served, vectors, queries)
        finally:
            served.close()


class _Served:
    """A database of its own, filled, and a gallery on it."""

    def __init__(self, folder: Path, vectors: Vectors) -> None:
        self.settings = Settings(database_url=f"sqlite:///{folder}/bench.sqlite3")
        upgrade(self.settings.database_url)
        self.engine: Engine = open_database(self.settings.database_url)
        Clients(self.engine).add("bench")
        self._cipher = Cipher(open_keys(self.settings, self.engine))
        _fill(self.engine, Faces(self._cipher), vectors)
        self.from_rows = self._start()
        self.projection.save()
        self.from_file = self._start()
        self.gallery = RowGallery(self.engine, self._cipher, self.projection, BENCH)

    def _start(self) -> float:
        began = time.perf_counter()
        self.index = FlatIndex(threads=os.cpu_count() or 1)
        file = IndexFile(index_path(self.settings), self._cipher, BENCH.id)
        self.projection = MemoryProjection(
            self.engine, Faces(self._cipher), BENCH, self.index, file
        )
        self.projection.catch_up()
        return time.perf_counter() - began

    def search(self, query: Vectors) -> int:
        found = self.gallery.nearest(PLACE, FaceTemplate(query, BENCH.id), COUNT)
        return found[0].face.id

    def close(self) -> None:
        self.index.close()
        self.engine.dispose()


def _row(size: Size, served: _Served, vectors: Vectors, queries: Vectors) -> Row:
    first_id = served.search(vectors[0])
    exact = [int(np.argmax(vectors @ query)) + first_id for query in queries]
    loop_rows = [list(row) for row in vectors[:LOOP_ROWS].astype(float)]
    ways: dict[str, Callable[[Vectors], object]] = {
        "served": served.search,
        "index": lambda query: served.index.nearest(1, query, COUNT),
        "numpy": lambda query: _numpy_nearest(vectors, query),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    right = 0
    for number, query in enumerate(queries):
        for name, way in ways.items():
            began = time.perf_counter()
            found = way(query)
            times[name].append(1000 * (time.perf_counter() - began))
            if name == "served":
                right += found == exact[number]
    median = {name: float(np.median(taken)) for name, taken in times.items()}
    loop = _loop_ms(loop_rows, queries[0]) * size.rows / len(loop_rows)
    idle = _p99(times["served"])
    busy, _ = _while_enrolling(served, queries, size.dimension)
    return Row(
        p50_ms=median["served"],
        p99_ms=idle,
        index_ms=median["index"],
        numpy_ms=median["numpy"],
        loop_ms=loop,
        pgvector_ms=None,
        rank1_vs_exact=right / len(queries),
        vs_numpy=median["index"] / median["numpy"],
        vs_loop=loop / median["index"],
        bytes_per_row=served.index.bytes / len(served.index),
        of_codes=served.index.bytes / len(served.index) / (2 * size.dimension),
        busy_p99_ms=busy,
        busy_vs_idle=busy / idle,
        enrolments_per_s=_enrolments_per_s(served, size.dimension),
        from_rows_s=served.from_rows,
        from_file_s=served.from_file,
    )


def _numpy_nearest(vectors: Vectors, query: Vectors) -> object:
    scores = vectors @ query
    best = np.argpartition(scores, -COUNT)[-COUNT:]
    return best[np.argsort(-scores[best])]


def _loop_ms(rows: list[list[float]], query: Vectors) -> float:
    """Cosine distance of each row in turn, as DeepFace.find does with its pickled list."""
    began = time.perf_counter()
    distances = []
    for row in rows:
        a, b = np.asarray(row), query
        distances.append(1 - np.dot(a, b) / (np.sqrt(np.sum(a * a)) * np.sqrt(np.sum(b * b))))
    np.argsort(distances)
    return 1000 * (time.perf_counter() - began)


def _while_enrolling(served: _Served, queries: Vectors, dimension: int) -> tuple[float, int]:
    """p99 of searches while another thread enrols without pause, and how many it enrolled."""
    stop, done = threading.Event(), [0]

    def enrol() -> None:
        rng = np.random.default_rng(1)
        while not stop.is_set():
            _enrol(served, rng, dimension)
            done[0] += 1

    thread = threading.Thread(target=enrol)
    thread.start()
    taken: list[float] = []
    until = time.perf_counter() + BUSY_SECONDS
    while time.perf_counter() < until or len(taken) < len(queries):
        query = queries[len(taken) % len(queries)]
        began = time.perf_counter()
        served.search(query)
        taken.append(1000 * (time.perf_counter() - began))
    stop.set()
    thread.join()
    return _p99(taken), done[0]


def _enrolments_per_s(served: _Served, dimension: int) -> float:
    rng = np.random.default_rng(2)
    began = time.perf_counter()
    for _ in range(ENROLMENTS):
        _enrol(served, rng, dimension)
    return ENROLMENTS / (time.perf_counter() - began)


def _enrol(served: _Served, rng: np.random.Generator, dimension: int) -> None:
    (vector,) = _directions(rng, 1, dimension)
    template = FaceTemplate(vector, BENCH.id)
    served.gallery.add(
        PLACE, NewFace(template, f"person {rng.integers(2**60)}"), check=lambda _: None
    )


def _fill(engine: Engine, faces: Faces, vectors: Vectors) -> None:
    """Enrol many at once, which no route does: rows as the gallery writes them."""
    for start in range(0, len(vectors), FILL_AT_ONCE):
        some = vectors[start : start + FILL_AT_ONCE]
        with engine.begin() as connection:
            ids = tick(connection, len(some))
            collection = faces.make_collection(connection, PLACE)
            rows = [
                faces.row(NewFace(FaceTemplate(vector, BENCH.id)), new_id, collection, None, now())
                for new_id, vector in zip(ids, some, strict=True)
            ]
            connection.execute(insert(FaceRow), rows)


def _directions(rng: np.random.Generator, rows: int, dimension: int) -> Vectors:
    vectors = rng.standard_normal((rows, dimension), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def _queries(rng: np.random.Generator, vectors: Vectors, count: int) -> Vectors:
    """Some of the vectors, each turned to a cosine of `GENUINE_COSINE`."""
    genuine = vectors[rng.choice(len(vectors), count, replace=False)]
    noise = _directions(rng, count, vectors.shape[1])
    noise -= (noise * genuine).sum(axis=1, keepdims=True) * genuine
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    turned = GENUINE_COSINE * genuine + np.sqrt(1 - GENUINE_COSINE**2) * noise
    return np.ascontiguousarray(turned, np.float32)


def _p99(taken: Sequence[float]) -> float:
    return float(np.percentile(taken, 99))


HEAD = (
    "      rows  dim   served p50   p99 |  index  numpy    loop  pgvector | rank 1  /numpy  xloop | bytes/row  xcodes |"
    " busy p99  xidle | enrol/s | start: rows   file"
)


def _line(size: Size, row: Row) -> str:
    pgvector = f"{row.pgvector_ms:9.1f}" if row.pgvector_ms is not None else "        -"
    return (
        f"{size.rows:>10,} {size.dimension:>4} {row.p50_ms:>9.1f} ms {row.p99_ms:>5.1f} |{row.index_ms:>7.2f}"
        f"{row.numpy_ms:>7.2f}{row.loop_ms:>8.0f} {pgvector} | {row.rank1_vs_exact:>6.1%} {row.vs_numpy:>7.2f}"
        f" {row.vs_loop:>6.0f} |{row.bytes_per_row:>10.0f} {row.of_codes:>7.2f} |{row.busy_p99_ms:>9.1f}"
        f" {row.busy_vs_idle:>6.2f} |{row.enrolments_per_s:>8.0f} |{row.from_rows_s:>10.1f} s {row.from_file_s:>4.1f} s"
    )


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "unknown processor"
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), "?")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
