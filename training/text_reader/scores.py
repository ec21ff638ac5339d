"""Error rates and calibration of readings against the truth."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

CALIBRATION_BINS = 15
"""As in Guo et al., "On Calibration of Modern Neural Networks", ICML 2017."""


def _distances(read: str, truth: str) -> NDArray[np.int32]:
    """Levenshtein (1966) distance of every prefix of `read` to every prefix of `truth`."""
    table = np.zeros((len(read) + 1, len(truth) + 1), np.int32)
    table[:, 0] = np.arange(len(read) + 1)
    table[0, :] = np.arange(len(truth) + 1)
    for i, a in enumerate(read, 1):
        row, above = table[i], table[i - 1]
        for j, b in enumerate(truth, 1):
            row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
    return table


def character_errors(read: str, truth: str) -> int:
    """Insertions, deletions and substitutions; divide by len(truth) for the character error rate (CER)."""
    return int(_distances(read, truth)[-1, -1])


def correct_characters(read: str, truth: str) -> list[bool]:
    """For each character of `read`: does the best alignment match it with the same character of `truth`?"""
    table = _distances(read, truth)
    i, j, correct = len(read), len(truth), [False] * len(read)
    while i and j:
        same = read[i - 1] == truth[j - 1]
        if table[i, j] == table[i - 1, j - 1] + (not same):
            i, j = i - 1, j - 1
            correct[i] = same
        elif table[i, j] == table[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return correct


def calibration_error(pairs: Iterable[tuple[float, bool]]) -> float:
    """Expected calibration error of (confidence, correct) pairs, in [0, 1]; 0 without pairs."""
    data = np.array(list(pairs), np.float64).reshape(-1, 2)
    if not len(data):
        return 0.0
    bins = np.minimum((data[:, 0] * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [
        abs(data[bins == b, 0].mean() - data[bins == b, 1].mean()) * (bins == b).sum()
        for b in range(CALIBRATION_BINS)
        if (bins == b).any()
    ]
    return float(sum(gaps) / len(data))
