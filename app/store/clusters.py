"""Approximate search for collections too large to be scanned whole: rows near one another stand in one segment, and a
query looks only into the segments whose centres are nearest. How many it needs is measured on the rows themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

SAMPLE_PER_CENTRE = 64
"""Rows k-means learns each centre from."""
ITERATIONS = 8
ASK = 200
"""Queries the recall is measured with."""
ASK_COSINE = 0.6
"""Of those queries to the row they are made from: a hard genuine match (docs/accuracy.md)."""
WANTED_RECALL = 0.99


@dataclass(frozen=True, slots=True)
class Clusters:
    """Attributes:
    centres: K x dimension.
    probes: how many of the K segments a query looks into.
    recall: share of queries that found in them what a scan of all finds first.
    """

    centres: Vectors
    probes: int
    recall: float

    def nearest(self, query: Vectors) -> NDArray[np.int64]:
        """Numbers of the segments to look into."""
        return nearest_centres(self.centres, query, self.probes)


def nearest_centres(centres: Vectors, query: Vectors, count: int) -> NDArray[np.int64]:
    """Without order; `query` is one vector."""
    if count >= len(centres):
        return np.arange(len(centres))
    return np.argpartition(-(centres @ query), count)[:count]


def train(sample: Vectors, count: int) -> Vectors:
    """`count` centres, unit vectors."""
    kmeans = faiss.Kmeans(sample.shape[1], count, niter=ITERATIONS, spherical=True, seed=1)
    kmeans.cp.min_points_per_centroid = 1
    kmeans.train(sample)
    return np.asarray(kmeans.centroids, np.float32)


def assign(centres: Vectors, vectors: Vectors) -> NDArray[np.int64]:
    """The nearest centre of each."""
    return np.asarray(np.argmax(vectors @ centres.T, axis=1), np.int64)


def hard_queries(rows: Vectors) -> Vectors:
    """Each row turned to a cosine of `ASK_COSINE`, in a random direction."""
    noise = np.random.default_rng(1).standard_normal(rows.shape).astype(np.float32)
    noise -= (noise * rows).sum(axis=1, keepdims=True) * rows
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    return np.asarray(ASK_COSINE * rows + np.sqrt(1 - ASK_COSINE**2) * noise, np.float32)


def measured(
    centres: Vectors, queries: Vectors, first: Callable[[Vectors, Sequence[int]], int]
) -> Clusters:
    """The fewest probes, doubling, that reach the wanted recall.

    Args:
        first: id of the nearest row to a query in the segments of these numbers.
    """
    everywhere = range(len(centres))
    right = [first(query, everywhere) for query in queries]
    probes = max(1, len(centres) // 64)
    while True:
        probes = min(probes, len(centres))
        found = [
            first(query, nearest_centres(centres, query, probes).tolist()) for query in queries
        ]
        recall = float(np.mean(np.array(found) == np.array(right)))
        if recall >= WANTED_RECALL or probes == len(centres):
            return Clusters(centres, probes, recall)
        probes *= 2
