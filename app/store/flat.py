"""Exact nearest neighbours in memory: FAISS flat codes in 16-bit floats, in segments that are read without a lock.

One writer at a time changes codes in place; readers never wait. What makes that safe: an unused or deleted slot holds NaN,
which no comparison lets into a result, and whoever asked checks every hit against its row, exact cosine included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import faiss
import numpy as np
from numpy.typing import NDArray

from app.store.changes import SUMMED, Ids
from app.store.clusters import (
    ASK,
    SAMPLE_PER_CENTRE,
    Clusters,
    assign,
    hard_queries,
    measured,
    train,
)

Codes = NDArray[np.float16]
"""Rows x dimension."""

NOBODY = -1
FIRST_SEGMENT, SMALL_SEGMENT, LARGEST_SEGMENT = 4, 256, 65_536
GROWTH = 8
"""A new segment is an eighth of what is there: at most 12.5 % of the memory is unused, and there are few segments. Up to `SMALL_SEGMENT`
it is as large as what is there: a client may have a collection for each of very many outside parties."""
MOST_DEAD = 0.2
"""Above this share of deleted slots the segments are packed anew."""
PARALLEL_ROWS = 50_000
"""Fewer are searched faster by one thread than they are handed out to several."""


class _Segment:
    """A fixed number of slots. `codes` is a view of the memory of `index`."""

    def __init__(self, slots: int, dimension: int) -> None:
        self.index = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self.index.codes.resize(slots * self.index.code_size)
        self.index.ntotal = slots
        memory = faiss.rev_swig_ptr(self.index.codes.data(), slots * self.index.code_size)
        self.codes: Codes = memory.view(np.float16).reshape(slots, dimension)
        self.codes[:] = np.nan
        self.ids: Ids = np.full(slots, NOBODY, np.int64)
        self.used = 0

    @property
    def room(self) -> int:
        return len(self.ids) - self.used

    def append(self, ids: Ids, codes: Codes) -> None:
        """Ids first: a reader that finds a code must find whose it is."""
        part = slice(self.used, self.used + len(ids))
        self.ids[part] = ids
        self.codes[part] = codes
        self.used += len(ids)

    def nearest(self, query: NDArray[np.float32], count: int) -> tuple[Ids, NDArray[np.float32]]:
        # One query is one thread's work; OpenMP would start a team for it. The setting is the calling thread's own.
        faiss.omp_set_num_threads(1)
        scores, slots = self.index.search(query, min(count, len(self.ids)))
        found = slots[0] >= 0
        return self.ids[slots[0][found]], scores[0][found]


@dataclass(slots=True)
class _Partition:
    """One collection. Readers take `segments` once; the writer replaces the tuple."""

    segments: tuple[_Segment, ...] = ()
    live: int = 0
    used: int = 0
    expected: int = 0
    """Rows to make room for at once."""
    clusters: Clusters | None = None
    """Of a collection above the exact limit: the first segments are one cluster each, later ones hold newer rows."""
    newest: int = NOBODY
    """The highest id ever put in: a higher one is certainly not there."""


@dataclass(slots=True)
class FlatIndex:
    """Collections of unit vectors. Methods that change anything are called by one thread at a time."""

    threads: int = 1
    _partitions: dict[int, _Partition] = field(default_factory=dict)
    _pool: ThreadPoolExecutor | None = None

    def __post_init__(self) -> None:
        if self.threads > 1:
            self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="ekyc-index")

    def nearest(
        self, collection: int, vector: NDArray[np.float32], count: int
    ) -> list[tuple[int, float]]:
        """(id, cosine to 16-bit precision), nearest first; fewer than `count` where there are fewer."""
        partition = self._partitions.get(collection)
        if partition is None or count < 1:
            return []
        query = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
        segments = _looked_into(partition, query[0])
        if self._pool is not None and partition.used >= PARALLEL_ROWS:
            found = list(self._pool.map(lambda s: s.nearest(query, count), segments))
        else:
            found = [segment.nearest(query, count) for segment in segments]
        if not found:
            return []
        return _merged(found, count)

    def put(self, collection: int, ids: Ids, vectors: NDArray[np.float32]) -> None:
        """Add or replace rows; `ids` are unlike one another."""
        newest = self._partitions.setdefault(collection, _Partition()).newest
        known = ids[ids <= newest]
        if len(known):
            self.remove(collection, known)
        self._append(self._partitions[collection], ids, vectors.astype(np.float16))

    def reserve(self, collection: int, rows: int) -> None:
        """So many will come: make segments that hold them without unused slots."""
        self._partitions.setdefault(collection, _Partition()).expected = rows

    def load(self, collection: int, ids: Ids, codes: Codes) -> None:
        """Add rows that are not there yet."""
        self._append(self._partitions.setdefault(collection, _Partition()), ids, codes)

    def remove(self, collection: int, ids: Ids) -> None:
        """Forget rows; unknown ids are no error. Their codes are overwritten at once."""
        partition = self._partitions.get(collection)
        if partition is None:
            return
        for segment in partition.segments:
            slots = np.flatnonzero(np.isin(segment.ids[: segment.used], ids))
            if len(slots):
                segment.codes[slots] = np.nan
                segment.ids[slots] = NOBODY
                partition.live -= len(slots)
        dead = partition.used - partition.live
        if dead > max(SMALL_SEGMENT, MOST_DEAD * partition.used):
            self._pack(collection, partition)

    def cluster(self, collection: int) -> Clusters:
        """Order a collection by clusters, for approximate search; how well that finds what is there."""
        partition = self._partitions[collection]
        rng = np.random.default_rng(0)
        count = max(1, round(partition.live**0.5))
        sampled = min(partition.live, SAMPLE_PER_CENTRE * count)
        sample = np.concatenate(
            [
                codes[rng.random(len(codes)) < sampled / partition.live].astype(np.float32)
                for _, codes in _live_rows(partition.segments)
            ]
        )
        centres = train(sample, min(count, len(sample)))
        ordered = _Partition(newest=partition.newest)
        ordered.segments = _by_cluster(partition.segments, centres)
        ordered.used = ordered.live = partition.live
        queries = hard_queries(sample[rng.permutation(len(sample))[:ASK]])

        def first(query: NDArray[np.float32], numbers: Sequence[int]) -> int:
            rows = query.reshape(1, -1)
            near = _merged([ordered.segments[i].nearest(rows, 1) for i in numbers], 1)
            return near[0][0] if near else NOBODY

        ordered.clusters = measured(centres, queries, first)
        self._partitions[collection] = ordered
        return ordered.clusters

    def take(self, other: FlatIndex) -> None:
        """Become what `other` is, which is not used any more."""
        self._partitions = other._partitions

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def sizes(self) -> dict[int, tuple[int, int]]:
        """Of each collection that has any: how many rows, and the sum of their ids modulo `SUMMED`."""
        found = {
            collection: (partition.live, sum(_sum_of_live(s) for s in partition.segments))
            for collection, partition in self._partitions.items()
        }
        return {collection: size for collection, size in found.items() if size[0]}

    def rows(self) -> Iterator[tuple[int, Ids, Codes]]:
        """Copies of all rows, a segment at a time: collection, ids, codes."""
        for collection, partition in list(self._partitions.items()):
            for ids, codes in _live_rows(partition.segments):
                yield collection, ids, codes

    def size(self, collection: int) -> int:
        partition = self._partitions.get(collection)
        return 0 if partition is None else partition.live

    def __len__(self) -> int:
        return sum(partition.live for partition in self._partitions.values())

    @property
    def dimension(self) -> int:
        """Of the vectors; 0 while there are none."""
        segments = (s for p in self._partitions.values() for s in p.segments)
        return next((segment.codes.shape[1] for segment in segments), 0)

    @property
    def bytes(self) -> int:
        """Memory of the codes and ids."""
        segments = (s for p in self._partitions.values() for s in p.segments)
        return sum(segment.codes.nbytes + segment.ids.nbytes for segment in segments)

    def _append(self, partition: _Partition, ids: Ids, codes: Codes) -> None:
        done = 0
        while done < len(ids):
            if not partition.segments or partition.segments[-1].room == 0:
                wanted = partition.expected - partition.used
                if wanted <= 0:
                    small = min(max(partition.used, FIRST_SEGMENT), SMALL_SEGMENT)
                    wanted = max(partition.used // GROWTH, len(ids) - done, small)
                new = _Segment(min(wanted, LARGEST_SEGMENT), codes.shape[1])
                partition.segments = (*partition.segments, new)
            last = partition.segments[-1]
            part = slice(done, done + min(last.room, len(ids) - done))
            last.append(ids[part], codes[part])
            partition.used += part.stop - part.start
            partition.live += part.stop - part.start
            done = part.stop
        partition.newest = max(partition.newest, int(ids.max(initial=NOBODY)))

    def _pack(self, collection: int, partition: _Partition) -> None:
        """The live rows in fresh segments; readers of the old ones finish with them."""
        fresh = FlatIndex()
        fresh.reserve(collection, partition.live)
        for ids, codes in _live_rows(partition.segments):
            fresh.load(collection, ids, codes)
        packed = fresh._partitions[collection]
        packed.newest = partition.newest
        self._partitions[collection] = packed


def _looked_into(partition: _Partition, query: NDArray[np.float32]) -> Sequence[_Segment]:
    segments, clusters = partition.segments, partition.clusters
    if clusters is None:
        return segments
    near = [segments[number] for number in clusters.nearest(query)]
    return [*near, *segments[len(clusters.centres) :]]


def _merged(
    found: Sequence[tuple[Ids, NDArray[np.float32]]], count: int
) -> list[tuple[int, float]]:
    """(id, score), best first."""
    ids = np.concatenate([ids for ids, _ in found])
    scores = np.concatenate([scores for _, scores in found])
    order = np.argsort(-scores, kind="stable")
    order = order[ids[order] != NOBODY][:count]
    return [(int(ids[i]), float(scores[i])) for i in order]


def _by_cluster(segments: Sequence[_Segment], centres: NDArray[np.float32]) -> tuple[_Segment, ...]:
    """The live rows, those of each centre in a segment of their own."""
    labels = [assign(centres, codes.astype(np.float32)) for _, codes in _live_rows(segments)]
    sizes = np.bincount(np.concatenate(labels), minlength=len(centres))
    made = tuple(_Segment(max(1, int(size)), centres.shape[1]) for size in sizes)
    for (ids, codes), label in zip(_live_rows(segments), labels, strict=True):
        for number in np.unique(label):
            made[number].append(ids[label == number], codes[label == number])
    for one in made:
        one.used = len(one.ids)  # newer rows belong to no cluster: not even into one that is empty
    return made


def _sum_of_live(segment: _Segment) -> int:
    ids = segment.ids[: segment.used]
    return int((ids[ids != NOBODY] % SUMMED).sum())


def _live_rows(segments: Sequence[_Segment]) -> Iterable[tuple[Ids, Codes]]:
    for segment in segments:
        live = np.flatnonzero(segment.ids[: segment.used] != NOBODY)
        if len(live):
            yield segment.ids[live], segment.codes[live]
