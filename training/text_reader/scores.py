"""Character error rate: Levenshtein distance over the length of the truth."""

from __future__ import annotations


def character_errors(read: str, truth: str) -> int:
    """Insertions, deletions and substitutions between two strings (Levenshtein 1966)."""
    previous = list(range(len(truth) + 1))
    for i, a in enumerate(read, 1):
        current = [i]
        for j, b in enumerate(truth, 1):
            current.append(min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (a != b)))
        previous = current
    return previous[-1]
