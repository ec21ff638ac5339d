"""MobileFaceNet (Chen et al., CCBR 2018) trained with the ArcFace loss: a 128-number template per face."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.geometry import align_face
from models.session import OnnxSession, Tensor
from models.types import Face, FaceTemplate, Image, Pixels


class MobileFaceNetArcFace:
    """Embeds faces cut out on the ArcFace template.

    Args:
        session: graph with a fixed 1 x 3 x 112 x 112 input: RGB / 255, minus `mean`, over `deviation`.
        mean, deviation: per channel, RGB.
        recogniser: the id written into every template.
        flip: also embed the mirror image and add the two vectors: twice the time, slightly fewer errors.
    """

    def __init__(
        self,
        session: OnnxSession,
        *,
        mean: Sequence[float],
        deviation: Sequence[float],
        recogniser: str,
        flip: bool = False,
    ) -> None:
        self._session = session
        self._mean = np.array(mean, np.float32)
        self._deviation = np.array(deviation, np.float32)
        self._recogniser = recogniser
        self._flip = flip

    def embed(self, image: Image, faces: Sequence[Face]) -> list[FaceTemplate]:
        return [self._template(align_face(image.pixels, face.landmarks)) for face in faces]

    def _template(self, chip: Pixels) -> FaceTemplate:
        vector = self._vector(chip)
        if self._flip:
            vector = vector + self._vector(np.ascontiguousarray(chip[:, ::-1]))
        return FaceTemplate(vector / np.linalg.norm(vector), self._recogniser)

    def _vector(self, chip: Pixels) -> Tensor:
        """128 unit-length numbers of one 112 x 112 BGR chip."""
        rgb = (chip[:, :, ::-1].astype(np.float32) / 255 - self._mean) / self._deviation
        blob = np.ascontiguousarray(rgb.transpose(2, 0, 1)[None])
        (answer,) = self._session.run({self._session.input_names[0]: blob})
        vector: Tensor = answer[0]
        return vector / np.float32(np.linalg.norm(vector))
