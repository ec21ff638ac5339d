"""A defect must be in the picture where its label says, and nowhere else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from specimens.camera import Photo, photograph
from specimens.defects import DEFECTS, HARDSHIPS, photograph_with
from specimens.defects.forgery import tampered
from specimens.defects.surface import covered, cut_corner, punched
from specimens.people import issued_as, make_person
from specimens.portraits import portraits
from specimens.render import render
from specimens.truth import Specimen

SIZE = (506, 319)


@pytest.fixture(scope="module")
def card() -> Specimen:
    return render("chip_front", make_person(7), portraits()[0].pixels, 7)


def rectified(photo: Photo) -> NDArray[np.uint8]:
    corners = np.array([[0, 0], [SIZE[0], 0], SIZE, [0, SIZE[1]]], np.float32)
    warp = cv2.getPerspectiveTransform(photo.card_quad, corners)
    return np.asarray(cv2.warpPerspective(photo.pixels, warp, SIZE), np.uint8)


def colourfulness(picture: NDArray[np.uint8]) -> float:
    """Spread of the differences between channels, each by its own mean: a cast of the whole counts nothing."""
    field = picture.astype(np.float32)
    blue, green, red = np.moveaxis(field / field.mean(axis=(0, 1)), 2, 0)
    return float((red - blue).std() + (green - blue).std())


@pytest.mark.parametrize("name", [*DEFECTS, *HARDSHIPS])
def test_every_defect_is_labelled_and_repeatable(name: str, card: Specimen) -> None:
    photo, again = (photograph_with(name, card, "poor", 5) for _ in range(2))
    assert np.array_equal(photo.pixels, again.pixels)
    assert [defect.name for defect in photo.truth.defects] == [name]
    assert 0 <= photo.truth.defects[0].severity <= 1
    assert card.truth.defects == ()
    inside = (photo.card_quad >= 0).all() and (photo.card_quad <= photo.pixels.shape[1::-1]).all()
    assert inside == (name != "clipped")


def test_an_ordinary_photo_has_no_defect(card: Specimen) -> None:
    assert photograph(card, "good", 5).truth.defects == ()


def test_photocopies_have_no_colour_and_hard_genuine_cards_keep_some(card: Specimen) -> None:
    for seed in range(4):
        copy, warm = (
            photograph_with(name, card, "scan", seed, severity=1.0)
            for name in ("photocopy", "warm_light")
        )
        assert colourfulness(rectified(copy)) < 0.04
        assert colourfulness(rectified(warm)) > 0.08


def test_a_screen_is_seen_by_its_pixels(card: Specimen) -> None:
    def stripes(photo: Photo) -> float:
        """Differences between channels from one pixel to the next, on the card."""
        field = photo.pixels.astype(np.float32)
        fringe = np.diff(field[:, :, 2] - field[:, :, 0], axis=1)
        mask = np.zeros(fringe.shape, np.uint8)
        cv2.fillPoly(mask, [photo.card_quad.astype(np.int32)], 1)
        return float(np.median(np.abs(fringe[mask > 0])))

    for seed in range(3):
        gross = photograph_with("screen", card, "scan", seed, severity=1.0)
        assert stripes(gross) > 2 * stripes(photograph(card, "scan", seed))


def test_cut_corners_and_holes_show_the_ground(card: Specimen) -> None:
    rng = np.random.default_rng(1)
    height, width = card.pixels.shape[:2]
    cut = cut_corner(card, 0.5, rng)
    corner = {"top": 0, "bottom": height - 1, "left": 0, "right": width - 1}
    vertical, horizontal = cut.truth.defects[0].where.split("-")
    y, x = corner[vertical], corner[horizontal]
    inward = (y + (25 if y == 0 else -25), x + (25 if x == 0 else -25))
    assert cut.mask is not None
    assert cut.mask[inward] == 0
    assert cut.mask[height - 1 - inward[0], width - 1 - inward[1]] == 1
    holed = punched(card, 0.5, rng)
    assert holed.mask is not None
    quad = holed.truth.defects[0].quad
    assert quad is not None
    (x0, y0), (x1, y1) = quad[0].astype(int), quad[2].astype(int)
    assert holed.mask[y0 : y1 + 1, x0 : x1 + 1].min() == 0
    assert holed.mask[height // 2, 20] == 1 or x0 < 40


@pytest.mark.parametrize("seed", range(6))
def test_what_covers_a_field_lies_on_it(seed: int, card: Specimen) -> None:
    hidden = covered(card, 0.8, np.random.default_rng(seed), field="full_name")
    assert "full_name" in hidden.truth.defects[0].where.split(", ")
    before, after = (
        next(x for x in s.truth.lines if x.field == "full_name") for s in (card, hidden)
    )

    def ink(specimen: Specimen, quad: NDArray[np.float32]) -> NDArray[np.uint8]:
        (x0, y0), (x1, y1) = quad[0].astype(int), quad[2].astype(int)
        return specimen.pixels[y0:y1, x0:x1]

    old, new = ink(card, before.quad), ink(hidden, after.quad)
    assert old.shape == new.shape
    changed = np.abs(old.astype(int) - new.astype(int)).max(axis=2) > 12
    assert changed.mean() > 0.25
    with pytest.raises(ValueError, match="prints no religion"):
        covered(card, 0.5, np.random.default_rng(seed), field="religion")


def test_a_forged_number_is_told_as_printed_and_the_code_keeps_the_true_one(card: Specimen) -> None:
    number = issued_as(make_person(7), "chip").number
    told: set[str] = set()
    for seed in range(20):
        forged = tampered(card, 0.5, np.random.default_rng(seed)).truth
        told.add(forged.defects[0].where)
        assert forged.qr == card.truth.qr
        if forged.defects[0].where == "number":
            assert forged.fields["number"] != number
            line = next(x for x in forged.lines if x.field == "number")
            assert line.text == forged.fields["number"]
    assert {"portrait", "number"} <= told


@pytest.mark.parametrize("seed", range(5))
def test_clipped_names_the_sides_of_the_photo(seed: int, card: Specimen) -> None:
    photo = photograph_with("clipped", card, "good", seed)
    height, width = photo.pixels.shape[:2]
    (x0, y0), (x1, y1) = photo.card_quad.min(axis=0), photo.card_quad.max(axis=0)
    beyond = {"left": x0 < 0, "top": y0 < 0, "right": x1 > width, "bottom": y1 > height}
    assert photo.truth.defects[-1].where == ", ".join(k for k, v in beyond.items() if v)


def test_glare_saturates_what_it_is_said_to_hide(card: Specimen) -> None:
    photo = photograph_with("glare", card, "good", 2, severity=1.0, rotation=0)
    hidden = photo.truth.defects[0].where.split(", ")
    assert hidden != [""]
    lines = [x for x in photo.truth.lines if x.field in hidden]
    for line in lines:
        x, y = line.quad.mean(axis=0).astype(int)
        assert photo.pixels[y - 3 : y + 4, x - 9 : x + 10].mean() > 200 or len(lines) > 1


def test_small_and_filling_cards_have_the_size_that_is_asked_for(card: Specimen) -> None:
    tiny = photograph_with("card_too_small", card, "good", 1)
    full = photograph_with("filling", card, "good", 1, rotation=0)
    assert np.linalg.norm(tiny.card_quad[1] - tiny.card_quad[0]) < 350
    assert np.linalg.norm(full.card_quad[1] - full.card_quad[0]) > 0.9 * full.pixels.shape[1]


@pytest.mark.parametrize("side", ["cmnd9_back", "passport_2023", "licence_2013_back"])
def test_sides_of_every_kind_take_every_defect(side: str) -> None:
    sheet = render(side, make_person(3), portraits()[1].pixels, 3, 0.5)
    for seed, name in enumerate(DEFECTS):
        photo = photograph_with(name, sheet, "poor", seed)
        assert photo.truth.defects[-1].name == name
