"""ArcFace (Deng et al., CVPR 2019) through the insightface library: a 512-number template per face."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from insightface.model_zoo.arcface_onnx import ArcFaceONNX

from models.geometry import align_face
from models.session import OnnxSession
from models.types import Face, FaceTemplate, Image


class ArcFaceInsightFace:
    """Embeds all faces of a call in one batch.

    Args:
        model: the graph's file; the library reads from it whether normalisation is part of the graph.
        session: the same graph, on the providers wanted.
        mean, deviation: the normalisation the manifest states.
        recogniser: the id written into every template.

    Raises:
        ValueError: the library would normalise otherwise than the manifest states.
    """

    def __init__(
        self,
        model: Path,
        session: OnnxSession,
        *,
        mean: float,
        deviation: float,
        recogniser: str,
    ) -> None:
        self._net = ArcFaceONNX(model_file=str(model), session=session.runtime)
        found = (self._net.input_mean, self._net.input_std)
        if found != (mean, deviation):
            raise ValueError(
                f"the graph wants mean and deviation {found}, the manifest states {(mean, deviation)}"
            )
        self._recogniser = recogniser

    def embed(self, image: Image, faces: Sequence[Face]) -> list[FaceTemplate]:
        if not faces:
            return []
        chips = [align_face(image.pixels, face.landmarks) for face in faces]
        vectors = np.asarray(self._net.get_feat(chips), np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return [FaceTemplate(vector, self._recogniser) for vector in vectors]
