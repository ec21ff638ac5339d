"""The face models that travel inside Python packages, on a public-domain portrait."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from skimage.data import astronaut, cat

from models.faces.dlib_faces import five_landmarks
from models.loader import FaceModels, load_faces
from models.manifest import read_pack
from models.types import Image, Pixels


@pytest.fixture(scope="module")
def faces() -> FaceModels:
    return load_faces(read_pack("embedded"), weights_dir=None)


@pytest.fixture(scope="module")
def portrait() -> Image:
    return Image(np.ascontiguousarray(astronaut()[:, :, ::-1]))


def variants(portrait: Image) -> Iterator[Pixels]:
    """The same picture: darker, smaller, slightly turned, mirrored."""
    height, width = portrait.pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 6, 1)
    yield np.asarray(portrait.pixels * 0.6, np.uint8)
    yield np.asarray(cv2.resize(portrait.pixels, (300, 300), interpolation=cv2.INTER_AREA))
    yield np.asarray(cv2.warpAffine(portrait.pixels, turn, (width, height)))
    yield np.ascontiguousarray(portrait.pixels[:, ::-1])


def test_finds_the_face_with_landmarks_where_they_are(faces: FaceModels, portrait: Image) -> None:
    (face,) = faces.finder.find(portrait)
    x0, y0, x1, y1 = face.box
    left_eye, right_eye, nose, left_mouth, right_mouth = face.landmarks
    # read off the picture by eye, to a few pixels
    assert left_eye == pytest.approx((203, 105), abs=8)
    assert right_eye == pytest.approx((246, 107), abs=8)
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < nose[0] < right_mouth[0]
    assert y0 < left_eye[1] < nose[1] < left_mouth[1] < y1
    assert x0 < left_eye[0] < right_eye[0] < x1


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (60, 4000)])
def test_nobody_is_in_a_strip(faces: FaceModels, size: tuple[int, int]) -> None:
    assert faces.finder.find(Image(np.full((*size, 3), 90, np.uint8))) == []


def test_the_same_person_is_alike_and_another_picture_is_not(
    faces: FaceModels, portrait: Image
) -> None:
    pack = read_pack("embedded")
    from models.types import SimilarityCalibration

    similar = SimilarityCalibration(pack.calibration.knots)
    (template,) = faces.embedder.embed(portrait, faces.finder.find(portrait)[:1])
    assert np.linalg.norm(template.vector) == pytest.approx(1, abs=1e-5)
    assert template.recogniser == pack.recogniser
    for pixels in variants(portrait):
        image = Image(pixels)
        (other,) = faces.embedder.embed(image, faces.finder.find(image)[:1])
        assert similar(template.cosine(other)) > 0.75


def test_a_close_up_that_fills_the_frame_is_found(faces: FaceModels, portrait: Image) -> None:
    (face,) = faces.finder.find(portrait)
    x0, y0, x1, y1 = (int(v) for v in face.box)
    close = np.asarray(cv2.resize(portrait.pixels[y0:y1, x0:x1], (700, 700)), np.uint8)
    assert len(faces.finder.find(Image(close))) == 1


def test_a_cat_is_nobody(faces: FaceModels) -> None:
    assert faces.finder.find(Image(np.ascontiguousarray(cat()[:, :, ::-1]))) == []


def test_threads_do_not_see_each_others_faces(faces: FaceModels, portrait: Image) -> None:
    images = [portrait, *(Image(pixels) for pixels in variants(portrait))]

    def work(image: Image) -> tuple[tuple[float, ...], list[float]]:
        (face,) = faces.finder.find(image)
        (template,) = faces.embedder.embed(image, [face])
        return face.box, template.vector.tolist()

    alone = [work(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(work, images * 4))
    assert together == alone * 4


def test_the_package_that_carries_the_files_is_never_imported(faces: FaceModels) -> None:
    assert faces.spoof_judge is not None
    assert "face_recognition_models" not in sys.modules  # it would import pkg_resources


def test_inferred_landmarks_turn_with_the_face() -> None:
    upright = np.array([[70, 40], [60, 40], [30, 40], [40, 40], [50, 60]], np.float32)
    expected = five_landmarks(upright)
    quarter = np.array([[0, 1], [-1, 0]], np.float32)
    assert np.allclose(five_landmarks(upright @ quarter), expected @ quarter, atol=1e-4)
    assert expected[0] == pytest.approx((35, 40))
    assert expected[3][0] < expected[2][0] < expected[4][0]
