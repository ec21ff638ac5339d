"""dlib's public-domain (CC0) face detector, five-point predictor and ResNet: faces without any download.

King, "Max-Margin Object Detection" (2015) and the dlib model zoo. dlib's objects keep working memory inside
and are not safe to call from two threads; each is used under a lock. (dlib holds Python's own lock while it
works anyway, so nothing is lost; parallel work belongs in processes.)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import dlib
import numpy as np
from numpy.typing import NDArray

from models.faces.views import Shown, View, inside, show
from models.types import Face, FaceTemplate, Image, Pixels

# An average face: medians over 1,995 LFW faces of where YuNet sees nose tip and mouth corners, in the frame of
# dlib's eye centres (across) and eyes-to-nose-base (down). Spread: 0.07 (nose), 0.16 (mouth) of the same units.
NOSE_TIP = 0.77
MOUTH_DOWN = 1.39
MOUTH_HALF = 0.45

# How far nose tip and mouth follow the nose's base to the side as the head turns: the tip stands further out than the
# base, the mouth hardly at all. Regression over 447 LFW photographs of people of the part "train" of
# training/anti_spoof/data.py, as YuNet marks them: correlation 0.94, spread of what is left 0.06 eye distances.
TIP_FOLLOWS = 1.44
MOUTH_FOLLOWS = 0.39


LEAST_SIDE = 40
"""Pixels: the smallest face that the convolutional detector knows. It fails on pictures of less than ten."""


class DlibFaceFinder:
    """Finds faces with the HOG detector, view by view until one shows a face; then, as a last resort and where it is asked to
    look hard, with the convolutional one, which sees turned and dark faces but takes twice as long as all views together.

    Args:
        predictor: file of the five-point shape predictor.
        network: file of the max-margin convolutional detector.
        views: tried in order with the HOG detector, which knows faces of 80 x 80 pixels and more.
        last_view: shown to the convolutional detector (40 x 40 and more).
        score_threshold: HOG detections below this margin do not count; 0 is dlib's own.
    """

    def __init__(
        self,
        predictor: Path,
        network: Path,
        *,
        views: Sequence[View],
        last_view: View,
        score_threshold: float,
    ) -> None:
        self._lock = Lock()
        self._hog = dlib.get_frontal_face_detector()
        self._network = dlib.cnn_face_detection_model_v1(str(network))
        self._predictor = dlib.shape_predictor(str(predictor))
        self._views = tuple(views)
        self._last_view = last_view
        self._score = score_threshold

    def find(self, image: Image, *, hard: bool = True) -> list[Face]:
        faces: list[Face] = []
        with self._lock:
            for view in self._views:
                faces = faces or self._look(image, view)
            if hard:
                faces = faces or self._look_harder(image)
        return sorted(faces, key=lambda face: -face.width * face.height)

    def _look(self, image: Image, view: View) -> list[Face]:
        shown = show(image, view)
        pixels = _rgb(shown.pixels)
        boxes, scores, _ = self._hog.run(pixels, 0, self._score)
        found = (
            self._face(image, shown, pixels, box, score)
            for box, score in zip(boxes, scores, strict=True)
        )
        return [face for face in found if face is not None]

    def _look_harder(self, image: Image) -> list[Face]:
        shown = show(image, self._last_view)
        if min(shown.pixels.shape[:2]) < LEAST_SIDE:
            return []
        pixels = _rgb(shown.pixels)
        found = (
            self._face(image, shown, pixels, hit.rect, hit.confidence)
            for hit in self._network(pixels, 0)
        )
        return [face for face in found if face is not None]

    def _face(
        self, image: Image, shown: Shown, pixels: Pixels, box: dlib.rectangle, margin: float
    ) -> Face | None:
        corners = np.array([[box.left(), box.top()], [box.right(), box.bottom()]], np.float32)
        cut = inside(shown.back(corners), image)
        if cut is None:
            return None
        points = np.array([(p.x, p.y) for p in self._predictor(pixels, box).parts()], np.float32)
        # a detector's margin is unbounded; s / (1 + s) keeps its order in [0, 1]
        score = max(margin, 0.0)
        return Face(cut, shown.back(five_landmarks(points)), score / (1 + score))


class DlibResNet:
    """dlib's face_recognition_resnet_model_v1: 128 numbers per face, made unit length.

    It wants its own chip (the predictor's eye corners and nose base, padding 0.25), so the predictor runs
    again on the face's box; `Face.landmarks` play no part.
    """

    def __init__(self, predictor: Path, network: Path, *, recogniser: str) -> None:
        self._lock = Lock()
        self._predictor = dlib.shape_predictor(str(predictor))
        self._network = dlib.face_recognition_model_v1(str(network))
        self._recogniser = recogniser

    def embed(self, image: Image, faces: Sequence[Face]) -> list[FaceTemplate]:
        with self._lock:
            return [self._template(image, face) for face in faces]

    def _template(self, image: Image, face: Face) -> FaceTemplate:
        pixels, x, y = _surroundings(image.pixels, face)
        x0, y0, x1, y1 = (round(v) for v in face.box)
        box = dlib.rectangle(x0 - x, y0 - y, x1 - x, y1 - y)
        answer = self._network.compute_face_descriptor(pixels, self._predictor(pixels, box))
        vector = np.array(answer, np.float32)
        return FaceTemplate(vector / np.float32(np.linalg.norm(vector)), self._recogniser)


def five_landmarks(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """dlib's five points -> eyes, nose tip and mouth corners, 5 x 2, in the order of `Face.landmarks`.

    dlib marks both corners of each eye and the base of the nose. The eyes' centres are measured; nose tip
    and mouth corners are inferred from the eyes and the nose base with the proportions of an average face,
    turned as far as the nose's base says.

    Args:
        points: 5 x 2; picture-right eye outer and inner corner, picture-left eye outer and inner, nose base.
    """
    left, right, base = points[2:4].mean(axis=0), points[0:2].mean(axis=0), points[4]
    middle = (left + right) / 2
    across = right - left
    square = max(float(across @ across), 1e-6)
    aside = across * (float((base - middle) @ across) / square)
    down = base - middle - aside
    mouth = middle + MOUTH_FOLLOWS * aside + MOUTH_DOWN * down
    return np.array(
        [
            left,
            right,
            middle + TIP_FOLLOWS * aside + NOSE_TIP * down,
            mouth - MOUTH_HALF * across,
            mouth + MOUTH_HALF * across,
        ],
        np.float32,
    )


def _surroundings(pixels: Pixels, face: Face) -> tuple[Pixels, int, int]:
    """RGB cut-out with a face's size of room on every side (dlib's chip needs less), and its corner."""
    height, width = pixels.shape[:2]
    x0, y0 = max(0, int(face.box[0] - face.width)), max(0, int(face.box[1] - face.height))
    x1, y1 = min(width, int(face.box[2] + face.width)), min(height, int(face.box[3] + face.height))
    return _rgb(pixels[y0:y1, x0:x1]), x0, y0


def _rgb(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels[:, :, ::-1])
