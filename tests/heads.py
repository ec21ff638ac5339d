"""One sitting of a person who turns the head: a photograph that travels inside scikit-image, turned as a solid head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import cv2
import numpy as np
from insightface.data import get_image
from skimage.data import astronaut

from models.loader import FaceModels, load_faces
from models.manifest import read_pack
from models.ports import FaceEmbedder, FaceFinder
from models.types import Face, FaceTemplate, Image, SimilarityCalibration
from pipelines.watch_face import FaceWatcher
from training.anti_spoof.heads import turned


@dataclass(frozen=True)
class Remembering:
    """A finder that looks at the same picture once: many tests look at few pictures."""

    finder: FaceFinder
    seen: dict[tuple[Image, bool], list[Face]] = field(default_factory=dict)

    def find(self, image: Image, *, hard: bool = True) -> list[Face]:
        if (image, hard) not in self.seen:
            self.seen[image, hard] = self.finder.find(image, hard=hard)
        return self.seen[image, hard]


@dataclass(frozen=True)
class Knowing:
    """The same of an embedder: one that has seen a face knows it the next time."""

    embedder: FaceEmbedder
    seen: dict[tuple[Image, Face], FaceTemplate] = field(default_factory=dict)

    def embed(self, image: Image, faces: Sequence[Face]) -> list[FaceTemplate]:
        for face in faces:
            if (image, face) not in self.seen:
                (self.seen[image, face],) = self.embedder.embed(image, [face])
        return [self.seen[image, face] for face in faces]


@cache
def models() -> FaceModels:
    """Of the pack that is always there."""
    loaded = load_faces(read_pack("embedded"), weights_dir=None)
    finder, embedder = Remembering(loaded.finder), Knowing(loaded.embedder)
    return replace(loaded, finder=finder, embedder=embedder)


@cache
def watcher() -> FaceWatcher:
    """Without a judge of spoofing."""
    calibration = SimilarityCalibration(read_pack("embedded").calibration.knots)
    return FaceWatcher(models().finder, models().embedder, calibration)


@cache
def customer() -> Image:
    return Image(np.ascontiguousarray(astronaut()[:340, 60:400, ::-1]))


@cache
def stranger() -> Image:
    """One of the six people of a picture that travels inside InsightFace."""
    crowd = Image(np.asarray(get_image("t1"), np.uint8))
    face = models().finder.find(crowd)[1]
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    side = 1.6 * face.height
    x0, y0 = round(max(0, x - side / 2)), round(max(0, y - side / 2))
    cut = crowd.pixels[y0 : round(y0 + side), x0 : round(x0 + side)]
    return Image(np.asarray(cv2.resize(cut, (340, 340)), np.uint8))


def the_face(image: Image) -> Face:
    return models().finder.find(image)[0]


@cache
def customer_turned(degrees: float) -> Image:
    """Further by so much from the photograph, in which the head is a little turned already."""
    return turned(customer(), the_face(customer()), degrees)


def mirrored(image: Image) -> Image:
    return Image(np.ascontiguousarray(image.pixels[:, ::-1]))


def encoded_again(image: Image, quality: int = 60) -> Image:
    _, file = cv2.imencode(".jpg", image.pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return Image(np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8))
