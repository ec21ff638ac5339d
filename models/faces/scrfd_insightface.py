"""SCRFD (Guo et al., ICLR 2022) through the insightface library: a face detector with five landmarks."""

from __future__ import annotations

import numpy as np
from insightface.model_zoo.scrfd import SCRFD

from models.faces.views import View, inside, show
from models.session import OnnxSession
from models.types import Face, Image

OVERLAP = 0.4  # SCRFD's published suppression threshold, insightface's default


class ScrfdInsightFace:
    """Finds faces at one input size; faces that fill the frame are looked for again with room around them.

    Args:
        session: the detector's graph with nine outputs (score, box, landmarks for strides 8, 16, 32).
        input_size: side of the square input, pixels.
        score_threshold: faces below it do not count.
    """

    def __init__(self, session: OnnxSession, *, input_size: int, score_threshold: float) -> None:
        # After this nothing writes to the object but its cache of anchor positions, whose values never change.
        # static_shape_sessions would make a second session per size, with providers of its own choice
        self._net = SCRFD(session=session.runtime, static_shape_sessions=False)
        self._net.prepare(0, nms_thresh=OVERLAP, det_thresh=score_threshold)
        self._size = input_size
        self._views = (View(input_size), View(input_size // 2, margin=0.5, enlarge=True))

    def find(self, image: Image, *, hard: bool = True) -> list[Face]:
        del hard  # every look is a quick one
        faces: list[Face] = []
        for view in self._views:
            faces = faces or self._look(image, view)
        return sorted(faces, key=lambda face: -face.width * face.height)

    def _look(self, image: Image, view: View) -> list[Face]:
        shown = show(image, view)
        boxes, landmarks = self._net.detect(shown.pixels, input_size=(self._size, self._size))
        faces = []
        for box, points in zip(boxes, landmarks, strict=True):
            cut = inside(shown.back(box[:4].astype(np.float32).reshape(2, 2)), image)
            if cut is not None:
                score = float(np.clip(box[4], 0, 1))
                faces.append(Face(cut, shown.back(points.astype(np.float32)), score))
        return faces
