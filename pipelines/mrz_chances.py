"""The chance that each part of a machine readable zone is right: its check digits weighed with how surely its letters were read.

A check digit tells every single misread character, but fits one in ten groups with more of them by chance; and after a repair
it proves nothing, for each place of a group has one digit that makes it fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from pipelines.parsing.mrz import TD1_GUARDED
from pipelines.parsing.td1 import FILLER, forced
from pipelines.parsing.td3 import TD3_GUARDED
from pipelines.parsing.zone import Mrz, cleaned
from pipelines.types import MrzForm

Row: TypeAlias = tuple[str, NDArray[np.floating[Any]]]
"""Text as read, and a confidence per character."""

_GUARDED = MappingProxyType({MrzForm.TD1: TD1_GUARDED, MrzForm.TD3: TD3_GUARDED})
_FITS_BY_CHANCE = 0.1
_SUREST = 0.9999
"""No character is surer: the doubts of a whole line would vanish otherwise."""
_LOST = 0.5
"""Confidence of a digit or letter that was not read and that the check digit put there."""


def chances(rows: Sequence[Row], mrz: Mrz) -> Mapping[str, float]:
    """Per check digit but the composite: the chance that it and what it guards are right, given that it fits.

    Args:
        rows: that the zone was parsed from.
    """
    read = [_Reading(rows, line) for line in mrz.lines]
    guarded = _GUARDED[mrz.form]
    last = read[1]
    whole = last.chance(slice(0, len(last.line))) if last.repaired[-1] else 1.0
    return MappingProxyType(
        {check: min(read[line].chance(part), whole) for check, (line, part) in guarded.items()}
    )


def nearest(rows: Sequence[Row], line: str) -> Row:
    """The row most like a line of a zone, cleaned."""
    bare = [[(cleaned(c), sure) for c, sure in zip(*row, strict=True)] for row in rows]
    kept = [[(c, sure) for c, sure in row if c] for row in bare]
    ready = [("".join(c for c, _ in row), np.array([sure for _, sure in row])) for row in kept]
    return max(ready, key=lambda row: fuzz.ratio(row[0], line))


class _Reading:
    """A line of the zone beside the row it was read from: per character its confidence, and whether it was repaired."""

    def __init__(self, rows: Sequence[Row], line: str) -> None:
        text, confidences = nearest(rows, line)
        self.line = line
        self.sure = np.full(len(line), _SUREST)
        self.repaired = np.zeros(len(line), bool)
        for step in Levenshtein.opcodes(line, text):
            told = range(step.src_start, step.src_end)
            if step.tag == "delete":
                for at in told:
                    self.repaired[at] = line[at] != FILLER
                    self.sure[at] = _LOST if self.repaired[at] else _SUREST
            for at, seen in zip(told, range(step.dest_start, step.dest_end), strict=False):
                self.sure[at] = np.clip(confidences[seen], 1 - _SUREST, _SUREST)
                self.repaired[at] = not forced(text[seen], line[at])

    def chance(self, part: slice) -> float:
        """By Bayes: read rightly a group surely fits its check digit, misread by chance; of a repaired one, that the misread
        character was this and no other."""
        sure, repaired = self.sure[part], self.repaired[part]
        if not repaired.any():
            right = float(sure.prod())
            return right / (right + (1 - right) * _FITS_BY_CHANCE)
        odds = (1 - sure) / sure
        return float(np.prod(odds[repaired] / (odds[repaired] + odds[~repaired].sum())))
