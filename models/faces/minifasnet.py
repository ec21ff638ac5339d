"""MiniFASNet (minivision-ai, Silent-Face-Anti-Spoofing): is this a live face, a print or a screen?

Several networks look at the face with more or less of its surroundings, and their probabilities are averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from models.faces.domain import has_colour
from models.session import OnnxSession
from models.types import Face, Image, Pixels

INPUT = 80  # side of the square input, pixels
LIVE = 1  # index of the live class among print, live, screen


@dataclass(frozen=True, slots=True)
class Look:
    """One network (1 x 3 x 80 x 80 BGR, 0..255, to three logits) and how many face boxes wide it looks."""

    session: OnnxSession
    scale: float


LEAST_ROOM = 1.5
"""Face boxes that the picture must be wide and high. Press photographs cut to 1.5 faces are judged live as often as
whole ones (95 %), cut to 1.3 less (84 %), cut to the box itself seldom (34 %)."""


class MiniFasNet:
    """Judges a face by `looks`; None outside what these networks know: faces narrower than `least_width` pixels (their
    crops would be enlarged), cut too tightly, or in a picture without colour. They go by colour: nearly every grey
    photograph of a live face is judged a spoof (docs/accuracy.md)."""

    def __init__(self, looks: Sequence[Look], *, least_width: float) -> None:
        self._looks = tuple(looks)
        self._least_width = least_width

    def judge(self, image: Image, face: Face) -> float | None:
        room = min(image.width / max(face.width, 1.0), image.height / max(face.height, 1.0))
        if face.width < self._least_width or room < LEAST_ROOM or not has_colour(image, face):
            return None
        return float(np.mean([_live(image.pixels, face, look) for look in self._looks]))


def _live(pixels: Pixels, face: Face, look: Look) -> float:
    crop = cv2.resize(crop_around(pixels, face, look.scale), (INPUT, INPUT))
    blob = np.ascontiguousarray(crop.transpose(2, 0, 1)[None], np.float32)
    (logits,) = look.session.run({look.session.input_names[0]: blob})
    odds = np.exp(logits[0] - logits[0].max())
    return float(odds[LIVE] / odds.sum())


def crop_around(pixels: Pixels, face: Face, scale: float) -> Pixels:
    """The face box scaled about its centre, then shifted, and if need be shrunk, to lie inside the picture:
    the crop these networks were trained on."""
    height, width = pixels.shape[:2]
    scale = min(scale, (width - 1) / face.width, (height - 1) / face.height)
    half_width, half_height = face.width * scale / 2, face.height * scale / 2
    centre_x = np.clip((face.box[0] + face.box[2]) / 2, half_width, width - half_width)
    centre_y = np.clip((face.box[1] + face.box[3]) / 2, half_height, height - half_height)
    left, top = int(centre_x - half_width), int(centre_y - half_height)
    right, bottom = int(centre_x + half_width), int(centre_y + half_height)
    return pixels[top : bottom + 1, left : right + 1]
