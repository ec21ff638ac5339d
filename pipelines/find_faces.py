"""One picture -> the faces in it, upright, however the phone was held and however small the face is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from models.geometry import rotate_quarter
from models.ports import FaceFinder
from models.types import Face, Image, Pixels

_SMALL_SIDE = 1200
"""Pixels: a smaller picture of a card is enlarged once before its portrait is given up; finders want faces of
some 20 pixels, and a card's portrait is a twentieth of a picture's width."""
_ENLARGEMENT = 2.0
_TILE = 0.6
"""Of a large picture's sides: four overlapping tiles, since finders scale large pictures down."""
_CROP_MARGIN = 0.35
"""Of the face's box, on each side, in the crop shown to the client: hair and chin."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundFaces:
    """The picture, turned so that faces stand upright, and its faces, largest first."""

    image: Image
    faces: list[Face]


def find_faces(finder: FaceFinder, image: Image, *, small: bool = False) -> FoundFaces | None:
    """Faces of the picture as it is, else of its quarter turns (phones lose the EXIF orientation), else of
    enlargements and tiles when the face may be small. Hard is looked once, at the picture as it is: a picture without a
    face is looked at from every side, and would take longer than a client waits."""
    for turns in range(4):
        turned = rotate_quarter(image, turns)
        faces = finder.find(turned, hard=False)
        if faces:
            return FoundFaces(turned, faces)
    faces = finder.find(image)
    if faces:
        return FoundFaces(image, faces)
    if small:
        for crop, scale, shift in _closer(image):
            faces = [_moved(face, scale, shift) for face in finder.find(crop, hard=False)]
            if faces:
                return FoundFaces(image, faces)
    return None


def face_crop(image: Image, face: Face) -> Pixels:
    """The face with a margin, cut at the picture's edges; never empty."""
    dx, dy = _CROP_MARGIN * face.width, _CROP_MARGIN * face.height
    x0, y0, x1, y1 = face.box
    left, top = (
        int(np.clip(x0 - dx, 0, image.width - 1)),
        int(np.clip(y0 - dy, 0, image.height - 1)),
    )
    right = int(np.clip(np.ceil(x1 + dx), left + 1, image.width))
    bottom = int(np.clip(np.ceil(y1 + dy), top + 1, image.height))
    return np.ascontiguousarray(image.pixels[top:bottom, left:right])


def _closer(image: Image) -> Iterator[tuple[Image, float, tuple[float, float]]]:
    """Nearer looks: the picture, its scale and the place of its corner in the original."""
    if max(image.width, image.height) <= _SMALL_SIDE:
        large = cv2.resize(
            image.pixels, None, fx=_ENLARGEMENT, fy=_ENLARGEMENT, interpolation=cv2.INTER_CUBIC
        )
        yield Image(np.asarray(large, np.uint8)), _ENLARGEMENT, (0.0, 0.0)
        return
    wide, tall = round(_TILE * image.width), round(_TILE * image.height)
    for top in (0, image.height - tall):
        for left in (0, image.width - wide):
            tile = np.ascontiguousarray(image.pixels[top : top + tall, left : left + wide])
            yield Image(tile), 1.0, (float(left), float(top))


def _moved(face: Face, scale: float, shift: tuple[float, float]) -> Face:
    """Back to the coordinates of the original picture."""
    x0, y0, x1, y1 = (v / scale for v in face.box)
    dx, dy = shift
    landmarks = (face.landmarks / scale + np.array(shift)).astype(np.float32)
    return Face((x0 + dx, y0 + dy, x1 + dx, y1 + dy), landmarks, face.score)
