"""Packs whose files are fetched, run for real. Asked for by `scripts/test --all`: a missing file fails.

Set EKYC_WEIGHTS_DIR to a folder with the files of arcface-mobile, and with InsightFace's scrfd_2.5g_kps.onnx, on
which the SCRFD adapter is tested because det_10g.onnx may not be had everywhere.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut, cat

from models.fetch import digest_of
from models.loader import FaceModels, load, load_faces
from models.manifest import FETCHED_WEIGHTS, read_pack
from models.session import OnnxSession
from models.types import Face, Image, SimilarityCalibration

WEIGHTS = Path(os.environ.get("EKYC_WEIGHTS_DIR") or FETCHED_WEIGHTS)
SCRFD = "scrfd_2.5g_kps.onnx"
SCRFD_SHA256 = "32d20c77b9e2dc1d07e94c2ab9d25bdd5cd05eddbe0b46e7b38e7a1eca22e99a"


@pytest.fixture(scope="module")
def faces() -> FaceModels:
    return load_faces(read_pack("arcface-mobile"), weights_dir=WEIGHTS)


@pytest.fixture(scope="module")
def portrait() -> Image:
    return Image(np.ascontiguousarray(astronaut()[:, :, ::-1]))


@pytest.fixture(scope="module")
def crowd() -> Image:
    """Six faces: a picture that travels inside insightface."""
    from insightface.data import get_image

    return Image(np.asarray(get_image("t1"), np.uint8))


def close_up(image: Image, face: Face, share: float) -> Image:
    """A square cut-out, 900 pixels wide, in which the face takes `share` of the frame."""
    side = max(face.width, face.height) / share
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    x0, y0 = max(0, round(x - side / 2)), max(0, round(y - side / 2))
    cut = image.pixels[y0 : round(y + side / 2), x0 : round(x + side / 2)]
    return Image(np.asarray(cv2.resize(cut, (900, 900)), np.uint8))


def test_the_whole_pack_starts() -> None:
    assert load(read_pack("arcface-mobile"), weights_dir=WEIGHTS).spoof_judge is not None


def test_landmarks_are_where_they_are(faces: FaceModels, portrait: Image) -> None:
    face = faces.finder.find(portrait)[0]
    # read off the picture by eye, to a few pixels
    assert face.landmarks[0] == pytest.approx((203, 105), abs=8)
    assert face.landmarks[1] == pytest.approx((246, 107), abs=8)


def test_everybody_in_a_crowd_is_found_largest_first(faces: FaceModels, crowd: Image) -> None:
    found = faces.finder.find(crowd)
    assert len(found) == 6
    sizes = [face.width * face.height for face in found]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("share", [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1])
def test_close_ups_are_found_and_recognised(
    faces: FaceModels, portrait: Image, share: float
) -> None:
    similar = SimilarityCalibration(read_pack("arcface-mobile").calibration.knots)
    face = faces.finder.find(portrait)[0]
    (template,) = faces.embedder.embed(portrait, [face])
    near = close_up(portrait, face, share)
    (other,) = faces.embedder.embed(near, faces.finder.find(near)[:1])
    assert similar(template.cosine(other)) > 0.95


def test_six_people_are_six_people(faces: FaceModels, crowd: Image) -> None:
    similar = SimilarityCalibration(read_pack("arcface-mobile").calibration.knots)
    made = faces.embedder.embed(crowd, faces.finder.find(crowd))
    for i, one in enumerate(made):
        assert all(similar(one.cosine(other)) < 0.65 for other in made[:i])


def test_a_real_photograph_is_judged_live(faces: FaceModels, portrait: Image) -> None:
    assert faces.spoof_judge is not None
    live = faces.spoof_judge.judge(portrait, faces.finder.find(portrait)[0])
    assert live is not None
    assert live > 0.5


def test_a_picture_without_colour_is_not_assessed(faces: FaceModels, portrait: Image) -> None:
    assert faces.spoof_judge is not None
    grey = cv2.cvtColor(cv2.cvtColor(portrait.pixels, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    face = faces.finder.find(portrait)[0]
    assert faces.spoof_judge.judge(Image(np.asarray(grey, np.uint8)), face) is None


def test_a_cat_is_nobody(faces: FaceModels) -> None:
    assert faces.finder.find(Image(np.ascontiguousarray(cat()[:, :, ::-1]))) == []


def test_threads_do_not_see_each_others_faces(
    faces: FaceModels, portrait: Image, crowd: Image
) -> None:
    images = [portrait, crowd, Image(np.ascontiguousarray(portrait.pixels[:, ::-1]))]

    def work(image: Image) -> list[list[float]]:
        templates = faces.embedder.embed(image, faces.finder.find(image))
        return [template.vector.tolist() for template in templates]

    alone = [work(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, images * 6)) == alone * 6


def test_scrfd_through_insightface_agrees_with_yunet(
    faces: FaceModels, portrait: Image, crowd: Image
) -> None:
    from models.faces.scrfd_insightface import ScrfdInsightFace

    assert digest_of(WEIGHTS / SCRFD) == SCRFD_SHA256
    scrfd = ScrfdInsightFace(OnnxSession(WEIGHTS / SCRFD), input_size=640, score_threshold=0.5)
    assert len(scrfd.find(crowd)) == 6
    face, other = scrfd.find(portrait)[0], faces.finder.find(portrait)[0]
    apart = np.linalg.norm(face.landmarks - other.landmarks, axis=1).mean()
    assert apart < 0.12 * face.eye_distance
    near = close_up(portrait, face, 1.0)
    assert len(scrfd.find(near)) == 1
