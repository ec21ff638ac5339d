"""YuNet (Wu et al., Machine Intelligence Research 2023): a small anchor-free face detector with five landmarks.

Decoding follows the published head: per stride 8, 16, 32 one prior per cell; box centre and landmarks are
offsets in cells from the cell's top-left, box sides are exponentials in cells, and the score is the geometric
mean of class and object probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.faces.views import View, inside, show
from models.geometry import Box, iou, non_maximum_suppression, rectify
from models.session import OnnxSession, Tensor
from models.types import Face, Image, Quad

STRIDES = (8, 16, 32)  # sides of the input must be multiples of the largest
REFINED_FACES = (
    2  # a portrait has one face, a card a ghost portrait beside it; a crowd must not cost a second
)
ZOOM_ROOM = 2.0  # side of the cut-out over the longer side of the face
SAME_FACE = 0.5  # IoU above which two boxes are surely one face


class YuNet:
    """Finds faces of any size: shows the picture in all `views` and keeps each face once, where the detector is
    surest of it; the `last_views` are tried in order only when the others show no face.

    YuNet's landmarks wander by a few pixels with the scale of the picture, and are poor where a face fills its
    input. So the largest faces are looked at again, each cut out at twice its size and scaled to every side in
    `zooms`, and their landmarks are the mean of what was seen there (measured gain: docs/accuracy.md).

    Args:
        session: graph with input N x 3 x H x W (BGR, 0..255) and outputs cls, obj, bbox, kps per stride.
        score_threshold: faces below it do not count.
        overlap_threshold: of two faces that overlap more (IoU), the less certain one is dropped.
    """

    def __init__(
        self,
        session: OnnxSession,
        *,
        views: Sequence[View],
        last_views: Sequence[View],
        zooms: Sequence[int],
        score_threshold: float,
        overlap_threshold: float,
    ) -> None:
        self._session = session
        self._views = tuple(views)
        self._last_views = tuple(last_views)
        self._zooms = tuple(zooms)
        self._score = score_threshold
        self._overlap = overlap_threshold

    def find(self, image: Image) -> list[Face]:
        by_scale = {
            view.scale(image): view for view in self._views
        }  # a small picture looks alike in many
        faces = self._without_doubles(
            [face for view in by_scale.values() for face in self._look(image, view)]
        )
        for view in self._last_views:
            if faces:
                break
            faces = self._look(image, view)
        faces = sorted(faces, key=lambda face: -face.width * face.height)
        return [self._refined(image, f) for f in faces[:REFINED_FACES]] + faces[REFINED_FACES:]

    def _refined(self, image: Image, face: Face) -> Face:
        """The same face with landmarks averaged over `zooms`."""
        centre = np.array([face.box[0] + face.box[2], face.box[1] + face.box[3]], np.float32) / 2
        side = max(face.width, face.height) * ZOOM_ROOM
        origin = (centre - side / 2).astype(np.float32)
        x, y = float(origin[0]), float(origin[1])
        around = Quad.of_box(x, y, x + side, y + side)
        seen = []
        for zoom in self._zooms:
            crop = Image(rectify(image.pixels, around, (zoom, zoom)))
            again = self._look(crop, View(zoom))
            overlaps = [iou(_moved(other.box, origin, side / zoom), face.box) for other in again]
            if overlaps and max(overlaps) >= SAME_FACE:
                best = again[int(np.argmax(overlaps))]
                seen.append(best.landmarks * np.float32(side / zoom) + origin)
        return replace(face, landmarks=np.mean(seen, axis=0, dtype=np.float32)) if seen else face

    def _without_doubles(self, faces: list[Face]) -> list[Face]:
        boxes = np.array([face.box for face in faces], np.float32).reshape(-1, 4)
        scores = np.array([face.score for face in faces], np.float32)
        return [faces[i] for i in non_maximum_suppression(boxes, scores, self._overlap)]

    def _look(self, image: Image, view: View) -> list[Face]:
        shown = show(image, view, grid=STRIDES[-1])
        blob = np.ascontiguousarray(shown.pixels.transpose(2, 0, 1)[None], np.float32)
        answers = self._session.run({self._session.input_names[0]: blob})
        outputs = dict(zip(self._session.output_names, answers, strict=True))
        boxes, landmarks, scores = _decode(outputs, shown.pixels.shape[1], self._score)
        faces = []
        for i in non_maximum_suppression(boxes, scores, self._overlap):
            box = inside(shown.back(boxes[i].reshape(2, 2)), image)
            if box is not None:
                faces.append(Face(box, shown.back(landmarks[i]), float(scores[i])))
        return faces


def _moved(box: Box, origin: NDArray[np.float32], scale: float) -> Box:
    x, y = float(origin[0]), float(origin[1])
    return (box[0] * scale + x, box[1] * scale + y, box[2] * scale + x, box[3] * scale + y)


def _decode(
    outputs: dict[str, Tensor], width: int, threshold: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Boxes N x 4 (x0 y0 x1 y1), landmarks N x 5 x 2, scores N, in pixels of the network's input."""
    boxes, landmarks, scores = [], [], []
    for stride in STRIDES:
        across = width // stride
        product = outputs[f"cls_{stride}"][0, :, 0] * outputs[f"obj_{stride}"][0, :, 0]
        score = np.sqrt(np.clip(product, 0.0, 1.0))
        (found,) = np.nonzero(score >= threshold)
        cell = np.stack([found % across, found // across], axis=1).astype(np.float32)
        box = outputs[f"bbox_{stride}"][0, found]
        centre = (cell + box[:, :2]) * stride
        half = np.exp(box[:, 2:]) * stride / 2
        boxes.append(np.concatenate([centre - half, centre + half], axis=1))
        points = outputs[f"kps_{stride}"][0, found].reshape(-1, 5, 2)
        landmarks.append((points + cell[:, None]) * stride)
        scores.append(score[found])
    return np.concatenate(boxes), np.concatenate(landmarks), np.concatenate(scores)
