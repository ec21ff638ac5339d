"""Error rates of a recogniser: false match, false non-match, accuracy. Definitions as in ISO/IEC 19795-1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.face_calibration.dataset import TWINS, Pair, person
from training.face_calibration.embed import Templates

FOLDS = 10
Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """Cosines of every picture with every other, sorted upwards.

    A picture without a face matches nobody: its genuine comparisons count as cosine -1, its impostor
    comparisons are left out.
    """

    genuine: Scores
    impostor: Scores

    def cosine_at(self, false_match_rate: float) -> float:
        """The lowest threshold with at most this false match rate (scores >= threshold match)."""
        allowed = int(len(self.impostor) * false_match_rate)
        return float(np.nextafter(self.impostor[len(self.impostor) - 1 - allowed], np.float32(2)))

    def false_match_rate(self, cosine: float) -> float:
        return 1 - float(np.searchsorted(self.impostor, cosine)) / len(self.impostor)

    def false_non_match_rate(self, cosine: float) -> float:
        return float(np.searchsorted(self.genuine, cosine)) / len(self.genuine)


def all_comparisons(
    left: Templates, right: Templates | None = None, same_picture: bool = False
) -> Comparisons:
    """Every picture against every other of the same set, or of `right` (then, of one person, only different
    pictures, or only the same one with `same_picture`). Twins are not impostors of each other."""
    other = right or left
    cosines = left.vectors @ other.vectors.T
    people_left = np.array([person(n) for n in left.names])
    people_right = np.array([person(n) for n in other.names])
    same = people_left[:, None] == people_right[None]
    own = np.array(left.names)[:, None] == np.array(other.names)[None]
    seen = left.found[:, None] & other.found[None]
    twins = np.isin(people_left, list(TWINS))[:, None] & np.isin(people_right, list(TWINS))[None]
    once = np.ones_like(same) if right else np.triu(np.ones_like(same), 1)
    genuine = np.where(seen, cosines, -1)[same & once & (own == same_picture)]
    impostor = cosines[~same & once & seen & ~twins]
    return Comparisons(np.sort(genuine), np.sort(impostor))


def pair_cosines(pairs: tuple[Pair, ...], templates: Templates) -> tuple[Scores, NDArray[np.bool_]]:
    """Cosine (-1 where a face was missed) and truth of each pair."""
    left = templates.at([pair.left for pair in pairs])
    right = templates.at([pair.right for pair in pairs])
    cosines = np.einsum("nd,nd->n", templates.vectors[left], templates.vectors[right])
    seen = templates.found[left] & templates.found[right]
    return np.where(seen, cosines, -1).astype(np.float32), np.array([p.same for p in pairs])


def accuracy(cosines: Scores, same: NDArray[np.bool_], seed: int = 0) -> tuple[float, float]:
    """Mean accuracy over ten folds, each judged at the threshold best on the other nine (the LFW protocol),
    and the mean of those thresholds."""
    order = np.random.default_rng(seed).permutation(len(same))
    right, thresholds = 0, []
    for fold in np.array_split(order, FOLDS):
        rest = np.setdiff1d(order, fold)
        threshold = _best_threshold(cosines[rest], same[rest])
        right += int(((cosines[fold] >= threshold) == same[fold]).sum())
        thresholds.append(threshold)
    return right / len(same), float(np.mean(thresholds))


def _best_threshold(cosines: Scores, same: NDArray[np.bool_]) -> float:
    """Middle of the run of thresholds with the fewest errors."""
    steps = np.linspace(-1, 1, 2001)
    rights = ((cosines[None] >= steps[:, None]) == same[None]).sum(axis=1)
    return float(np.median(steps[rights == rights.max()]))
