"""What liveness looks at in one picture: the largest face, which way it is turned, whose it is, and the spoof judge's
word on it."""

from __future__ import annotations

from dataclasses import dataclass

from models.ports import FaceEmbedder, FaceFinder, SpoofJudge
from models.types import Face, FaceTemplate, Image, SimilarityCalibration
from pipelines.find_faces import FoundFaces, face_crop, find_faces
from pipelines.head_pose import yaw
from pipelines.same_picture import FacePatch, patch
from pipelines.types import FaceView


@dataclass(frozen=True, slots=True, eq=False)
class WatchedFace:
    """The upright picture, its largest face, and the second largest when there is one. `yaw` in degrees."""

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
        """The largest face, however the phone was held."""
        found = find_faces(self.finder, image)
        return watched(found) if found is not None else None

    def find_upright(self, image: Image) -> WatchedFace | None:
        """The largest face of a picture that is known to stand upright."""
        faces = self.finder.find(image)
        return watched(FoundFaces(image, faces)) if faces else None

    def template(self, seen: WatchedFace) -> FaceTemplate:
        (template,) = self.embedder.embed(seen.image, [seen.face])
        return template

    def similarity(self, a: FaceTemplate, b: FaceTemplate) -> float:
        return self.calibration(a.cosine(b))

    def live(self, seen: WatchedFace) -> float | None:
        return self.judge.judge(seen.image, seen.face) if self.judge is not None else None
