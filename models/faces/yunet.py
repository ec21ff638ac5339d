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
from models.geometry import iou, non_maximum_suppression, rectify, rotate_quarter
from models.session import OnnxSession, Tensor
from models.types import Face, Image, Quad

STRIDES = (8, 16, 32)  # sides of the input must be multiples of the largest
REFINED_FACES = (
    2  # a portrait has one face, a card a ghost portrait beside it; a crowd must not cost a second
)
ZOOM_ROOM = 2.0  # side of the cut-out over the longer side of the face
SAME_FACE = 0.5  # IoU above which two boxes are surely one face
SURER = 0.01
"""Of scores. Of the 368 LFW photographs that YuNet is not sure of, none was surer by this much when turned."""
MIRRORED = [1, 0, 2, 4, 3]
"""Which landmark each one is in a mirror."""


class YuNet:
    """Finds faces of any size: shows the picture in all `views` and keeps each face once, where the detector is
    surest of it; the `last_views` are tried in order only when the others show no face.

    YuNet's landmarks wander by a few pixels with the scale of the picture, and are poor where a face fills its
    input. So the largest faces are looked at again, each cut out at twice its size, scaled to every side in
    `zooms`, as it is and mirrored, and their landmarks are the mean of what was seen there (measured gain:
    docs/accuracy.md).

    It also finds faces that lie on their side or stand on their head, and draws upright landmarks into them. A face
    of which it is not quite sure is therefore looked at turned as well, and dropped when it is surer of it so: who
    wants the faces of a turned picture turns the picture.

    Args:
        session: graph with input N x 3 x H x W (BGR, 0..255) and outputs cls, obj, bbox, kps per stride.
        score_threshold: faces below it do not count.
        sure_score: a face above it stands upright.
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
        sure_score: float,
        overlap_threshold: float,
    ) -> None:
        self._session = session
        self._views = tuple(views)
        self._last_views = tuple(last_views)
        self._zooms = tuple(zooms)
        self._score = score_threshold
        self._sure = sure_score
        self._overlap = overlap_threshold

    def find(self, image: Image, *, hard: bool = True) -> list[Face]:
        del hard  # every look is a quick one
        by_scale = {
            view.scale(image): view for view in self._views
        }  # a small picture looks alike in many
        faces = self._upright(
            image, [face for view in by_scale.values() for face in self._look(image, view)]
        )
        for view in self._last_views:
            if faces:
                break
            faces = self._upright(image, self._look(image, view))
        return faces

    def _upright(self, image: Image, seen: list[Face]) -> list[Face]:
        """Each face once, largest first, the first ones refined, without those that lie on their side."""
        faces = sorted(self._without_doubles(seen), key=lambda face: -face.width * face.height)
        refined = [self._refined(image, face) for face in faces[:REFINED_FACES]]
        return [face for face in refined if face is not None] + faces[REFINED_FACES:]

    def _refined(self, image: Image, face: Face) -> Face | None:
        """The same face with landmarks averaged over `zooms`; None when it does not stand upright."""
        centre = np.array([face.box[0] + face.box[2], face.box[1] + face.box[3]], np.float32) / 2
        side = max(face.width, face.height) * ZOOM_ROOM
        origin = (centre - side / 2).astype(np.float32)
        x, y = float(origin[0]), float(origin[1])
        around = Quad.of_box(x, y, x + side, y + side)
        crops = [Image(rectify(image.pixels, around, (zoom, zoom))) for zoom in self._zooms]
        seen: list[Face] = []
        for crop in crops:
            scale = side / crop.width
            for again in (
                self._look(crop),
                [_mirrored(f, crop) for f in self._look(_mirror(crop))],
            ):
                seen += _like(face, [_moved(other, origin, scale) for other in again])
        upright = max([face.score, *(other.score for other in seen)])
        if upright < self._sure and any(self._lies(crop, upright) for crop in crops):
            return None
        points = [other.landmarks for other in seen]
        return replace(face, landmarks=np.mean(points, axis=0, dtype=np.float32)) if seen else face

    def _lies(self, crop: Image, upright: float) -> bool:
        """Is the detector surer of the face in the middle of this cut-out when it is turned?"""
        for turns in (1, 2, 3):
            for face in self._look(rotate_quarter(crop, turns)):
                off = max(
                    abs(face.box[0] + face.box[2] - crop.width),
                    abs(face.box[1] + face.box[3] - crop.width),
                )
                if off < crop.width / 2 and face.score > upright + SURER:
                    return True
        return False

    def _without_doubles(self, faces: list[Face]) -> list[Face]:
        boxes = np.array([face.box for face in faces], np.float32).reshape(-1, 4)
        scores = np.array([face.score for face in faces], np.float32)
        return [faces[i] for i in non_maximum_suppression(boxes, scores, self._overlap)]

    def _look(self, image: Image, view: View | None = None) -> list[Face]:
        shown = show(image, view or View(max(image.width, image.height)), grid=STRIDES[-1])
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


def _like(face: Face, others: Sequence[Face]) -> list[Face]:
    """The one of the others that is the same face, if any."""
    overlaps = [iou(other.box, face.box) for other in others]
    return [others[int(np.argmax(overlaps))]] if max(overlaps, default=0.0) >= SAME_FACE else []


def _moved(face: Face, origin: NDArray[np.float32], scale: float) -> Face:
    """From the pixels of a cut-out back to the picture's."""
    x, y = float(origin[0]), float(origin[1])
    x0, y0, x1, y1 = (v * scale for v in face.box)
    points = face.landmarks * np.float32(scale) + origin
    return Face((x0 + x, y0 + y, x1 + x, y1 + y), points.astype(np.float32), face.score)


def _mirror(image: Image) -> Image:
    return Image(np.ascontiguousarray(image.pixels[:, ::-1]))


def _mirrored(face: Face, image: Image) -> Face:
    """A face found in the mirror image, as it lies in the image: left and right change their names."""
    x0, y0, x1, y1 = face.box
    points = face.landmarks[MIRRORED].copy()
    points[:, 0] = image.width - points[:, 0]
    return Face((image.width - x1, y0, image.width - x0, y1), points, face.score)


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
