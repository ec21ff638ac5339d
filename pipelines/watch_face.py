"""What liveness looks at in one picture: the largest face, which way it is turned, whose it is, and the spoof judge's
word on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from models.geometry import iou
from models.ports import FaceEmbedder, FaceFinder, SpoofJudge
from models.types import Face, FaceTemplate, Image, SimilarityCalibration
from pipelines.find_faces import FoundFaces, face_crop, find_faces
from pipelines.head_pose import yaw
from pipelines.same_picture import FacePatch, patch
from pipelines.types import FaceView

LARGEST = 2048
"""Pixels of the longer side that are looked at. Phones send 4,000, and every look at a face goes over all of them: four
such pictures took 1.7 s of a core's time. A face a fifth as wide as the picture still has 400."""
SAME_FACE = 0.5  # IoU from which two boxes are one face
_SWAPPED = [1, 0, 2, 4, 3]  # landmarks that change places in a mirror


@dataclass(frozen=True, slots=True, eq=False)
class WatchedFace:
    """The upright picture, scaled down where it was large, its largest face, and the second largest when there is one. `yaw` in
    degrees."""

    image: Image
    face: Face
    second: Face | None
    yaw: float

    def patch(self) -> FacePatch:
        return patch(self.image, self.face)

    def view(self, live: float | None = None) -> FaceView:
        return FaceView(self.face, face_crop(self.image, self.face), live)

    @property
    def crowding(self) -> float:
        """Area of the second face over that of the first, [0, 1]."""
        if self.second is None:
            return 0.0
        return (self.second.width * self.second.height) / (self.face.width * self.face.height)


def watched(found: FoundFaces) -> WatchedFace:
    first = found.faces[0]
    second = found.faces[1] if len(found.faces) > 1 else None
    return WatchedFace(found.image, first, second, yaw(first.landmarks))


@dataclass(frozen=True, slots=True)
class FaceWatcher:
    """The models of a pack that liveness asks."""

    finder: FaceFinder
    embedder: FaceEmbedder
    calibration: SimilarityCalibration
    judge: SpoofJudge | None = None

    def find(self, image: Image) -> WatchedFace | None:
        """The largest face, however the phone was held, its landmarks the mean of what is seen in the picture and in
        its mirror image: a finder differs by up to ten degrees of yaw between the two, and so favours one side."""
        found = find_faces(self.finder, _at_most(LARGEST, image))
        if found is None:
            return None
        first = found.faces[0]
        flipped = Image(np.ascontiguousarray(found.image.pixels[:, ::-1]))
        back = [_mirrored(face, flipped.width) for face in self.finder.find(flipped)]
        again = max(back, key=lambda face: iou(face.box, first.box), default=first)
        if iou(again.box, first.box) >= SAME_FACE:
            first = replace(first, landmarks=(first.landmarks + again.landmarks) / np.float32(2))
        return watched(FoundFaces(found.image, [first, *found.faces[1:]]))

    def find_upright(self, image: Image, *, hard: bool = True) -> WatchedFace | None:
        """The largest face of a picture that is known to stand upright; `hard`: see `FaceFinder`."""
        faces = self.finder.find(image, hard=hard)
        return watched(FoundFaces(image, faces)) if faces else None

    def template(self, seen: WatchedFace) -> FaceTemplate:
        (template,) = self.embedder.embed(seen.image, [seen.face])
        return template

    def similarity(self, a: FaceTemplate, b: FaceTemplate) -> float:
        return self.calibration(a.cosine(b))

    def live(self, seen: WatchedFace) -> float | None:
        return self.judge.judge(seen.image, seen.face) if self.judge is not None else None


def _at_most(side: int, image: Image) -> Image:
    scale = side / max(image.width, image.height)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return Image(np.asarray(cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA), np.uint8))


def _mirrored(face: Face, width: int) -> Face:
    """As it lies in the mirror image of a picture of that width."""
    x0, y0, x1, y1 = face.box
    landmarks = face.landmarks[_SWAPPED].copy()
    landmarks[:, 0] = width - landmarks[:, 0]
    return Face((width - x1, y0, width - x0, y1), landmarks, face.score)
