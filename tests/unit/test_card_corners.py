"""The card finder on photos and scenes, and its decoding on maps drawn by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import models.cards
from models.cards.card_corners import STRIDE, CardCorners, corners_of
from models.cards.views import card_view, frame_view
from models.session import OnnxSession
from models.types import Image
from specimens.camera import Photo, photograph, scene_without_card
from specimens.layouts import CARD_SIDES
from specimens.people import make_person
from specimens.portraits import portraits, selfie_of
from specimens.render import render

WEIGHTS = Path(models.cards.__file__).parents[1] / "weights" / "card_finder.onnx"
CELLS = 48
LARGEST_ERROR, USUAL_ERROR = 0.05, 0.012
"""Of the diagonal, for any photo and for the median one; the mean over many is measured by `evaluate cards`."""


@pytest.fixture(scope="module")
def finder() -> CardCorners:
    session = OnnxSession(WEIGHTS)
    return CardCorners(
        session,
        presence_threshold=float(session.metadata["presence_threshold"]),
        input_size=int(session.metadata["input_size"]),
    )


@pytest.fixture(scope="module")
def photos() -> list[Photo]:
    face = portraits()[1].pixels
    cards = [render(side, make_person(k), face, k) for k, side in enumerate(CARD_SIDES)]
    return [photograph(card, "good", k, rotation=90 * (k % 4)) for k, card in enumerate(cards)]


def error(photo: Photo, corners: NDArray[np.float32]) -> float:
    """Mean over the corners, share of the diagonal: what `scripts/evaluate cards` reports."""
    diagonal = float(np.linalg.norm(photo.card_quad[0] - photo.card_quad[2]))
    return float(np.linalg.norm(corners - photo.card_quad, axis=1).mean()) / diagonal


def test_finds_every_side_in_every_turn(finder: CardCorners, photos: list[Photo]) -> None:
    errors = []
    for photo in photos:
        found = finder.find(Image(photo.pixels))
        assert len(found) == 1
        assert 0.5 <= found[0].score <= 1.0
        errors.append(error(photo, found[0].quad.corners))
        assert errors[-1] < LARGEST_ERROR, photo.truth.side
    assert np.median(errors) < USUAL_ERROR


def test_finds_a_card_that_fills_the_picture(finder: CardCorners) -> None:
    card = render("chip_front", make_person(9), portraits()[1].pixels, 9)
    found = finder.find(Image(card.pixels))
    assert len(found) == 1
    assert np.abs(found[0].quad.corners - card.truth.card_quad).max() < 0.04 * card.pixels.shape[1]


def test_finds_nothing_where_nothing_is(finder: CardCorners) -> None:
    rng = np.random.default_rng(0)
    empty = [
        np.full((300, 400, 3), 127, np.uint8),
        rng.integers(0, 256, (480, 640, 3)).astype(np.uint8),
        scene_without_card(1),
        selfie_of(portraits()[1], 1),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((3, 900, 3), np.uint8),
    ]
    assert [finder.find(Image(pixels)) for pixels in empty] == [[]] * len(empty)


def test_many_threads_do_not_mix_up_their_cards(finder: CardCorners, photos: list[Photo]) -> None:
    alone = [finder.find(Image(p.pixels))[0].quad.corners for p in photos]
    with ThreadPoolExecutor(8) as pool:
        together = list(
            pool.map(lambda p: finder.find(Image(p.pixels))[0].quad.corners, photos * 6)
        )
    for k, corners in enumerate(together):
        assert np.array_equal(corners, alone[k % len(photos)])


def drawn(places: list[tuple[int, int]], *, torn: int | None = None) -> NDArray[np.float32]:
    """Logits with one blob per corner at (x, y) cells; map `torn` also has a blob at the opposite corner."""
    rows, columns = np.mgrid[0:CELLS, 0:CELLS]
    logits = np.full((4, CELLS, CELLS), -8.0, np.float32)
    for k, (x, y) in enumerate(places):
        logits[k] += 14 * np.exp(-0.5 * ((columns - x) ** 2 + (rows - y) ** 2))
        if torn == k:
            x, y = places[(k + 2) % 4]
            logits[k] += 14.3 * np.exp(-0.5 * ((columns - x) ** 2 + (rows - y) ** 2))
    return logits


UPSIDE_DOWN = [(38, 30), (8, 30), (8, 12), (38, 12)]


@pytest.mark.parametrize("torn", [None, 0, 2])
def test_all_four_maps_decide_which_corner_is_the_first(torn: int | None) -> None:
    corners = corners_of(drawn(UPSIDE_DOWN, torn=torn))
    assert corners is not None
    expected = (np.array(UPSIDE_DOWN) + 0.5) * STRIDE
    assert np.abs(corners - expected).max() < STRIDE / 2


def test_four_blobs_in_a_row_are_no_card() -> None:
    assert corners_of(drawn([(5, 20), (15, 20), (25, 20), (40, 20)])) is None


@pytest.mark.parametrize("shape", [(300, 500), (500, 300), (40, 40)])
def test_views_map_corners_there_and_back(shape: tuple[int, int]) -> None:
    height, width = shape
    pixels = np.zeros((height, width, 3), np.uint8)
    view = frame_view(pixels, 192)
    far = view.to_view @ np.array([width, height, 1.0])
    near = view.to_view @ np.array([0.0, 0.0, 1.0])
    assert view.pixels.shape == (192, 192, 3)
    assert np.allclose((far + near)[:2] / 2, 96, atol=1)
    assert max(far[:2] - near[:2]) == pytest.approx(0.9 * 192, abs=1)


def test_a_closer_look_turns_the_card_upright() -> None:
    pixels = np.zeros((400, 600, 3), np.uint8)
    corners = np.array([[500, 300], [100, 300], [100, 50], [500, 50]], np.float32)
    pixels[250:300, 450:500] = 255  # the printed top-left
    view = card_view(pixels, corners, 192)
    first = view.to_view @ np.array([500.0, 300.0, 1.0])
    x, y = (first[:2] / first[2]).round().astype(int)
    assert (x, y) < (60, 80)
    assert view.pixels[y + 5, x + 5].min() > 200
