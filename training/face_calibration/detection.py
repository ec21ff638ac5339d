"""Is every face found, and found where it is, whatever was done to its photograph?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.geometry import iou
from models.loader import FaceModels
from models.types import Face, Image
from pipelines.find_faces import find_faces
from training.face_calibration.conditions import CONDITIONS, Changed
from training.face_calibration.dataset import FaceSet

SAME_PLACE = 0.4
"""IoU from which the largest face found is the right one: detectors draw close-ups differently."""
SEVERAL = frozenset({"couple.jpg", "selfie-many-people.jpg"})
"""Photographs of several people of like size: which is the largest is no question of finding them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts for one condition. `refused`: found, and yet not taken for the person of the whole photograph."""

    pictures: int
    missed: int
    elsewhere: int
    refused: int


def outcomes(models: FaceModels, pictures: FaceSet, step: int, cosine: float) -> dict[str, Outcome]:
    """Every condition on every `step`th picture of one person; `cosine` is the threshold for being taken for oneself."""
    subjects = list(_subjects(models, pictures, step))
    return {name: _outcome(models, subjects, name, cosine) for name in CONDITIONS}


def _subjects(
    models: FaceModels, pictures: FaceSet, step: int
) -> Iterator[tuple[Image, Face, np.ndarray]]:
    for name in [n for n in pictures.pictures() if n not in SEVERAL][::step]:
        image = pictures.image(name)
        for face in models.finder.find(image)[:1]:
            yield image, face, models.embedder.embed(image, [face])[0].vector


def _outcome(
    models: FaceModels,
    subjects: Sequence[tuple[Image, Face, np.ndarray]],
    name: str,
    cosine: float,
) -> Outcome:
    missed = elsewhere = refused = 0
    for image, face, vector in subjects:
        changed = CONDITIONS[name](image, face)
        found = find_faces(models.finder, changed.image, small=True)
        if found is None:
            missed += 1
        elif iou(found.faces[0].box, _inside(changed, found.image)) < SAME_PLACE:
            elsewhere += 1
        else:
            (again,) = models.embedder.embed(found.image, found.faces[:1])
            refused += float(again.vector @ vector) < cosine
    return Outcome(len(subjects), missed, elsewhere, refused)


def _inside(changed: Changed, upright: Image) -> tuple[float, float, float, float]:
    """The box cut to the picture, as the finders cut theirs."""
    x0, y0, x1, y1 = changed.box
    return (max(x0, 0.0), max(y0, 0.0), min(x1, upright.width), min(y1, upright.height))
