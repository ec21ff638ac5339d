"""Specimens must be what their truth says: a wrong answer sheet would hide every mistake of the product."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from specimens import fonts, places
from specimens.__main__ import main
from specimens.camera import photograph, scene_without_card
from specimens.fonts import CARD_CUTS, VIETNAMESE_LETTERS, card_families, draws_vietnamese
from specimens.issuing import CC2024, CHIP, DOCUMENTS, MERGER, TERMS, birthday, expiry
from specimens.layouts import LAYOUTS, SIDES
from specimens.layouts.sheet import MARK
from specimens.machine_readable import check_digit, mrz_lines, qr_payload
from specimens.people import issued_as, make_person
from specimens.portraits import portraits, selfie_of
from specimens.render import render
from specimens.truth import Specimen

SEEDS = range(300)


@pytest.fixture(scope="module")
def cards() -> dict[str, Specimen]:
    face = portraits()[0].pixels
    return {side: render(side, make_person(7), face, 7) for side in SIDES}


def inside(quad: np.ndarray, width: float, height: float) -> bool:
    slack = 1.0  # pixels: anti-aliased edges
    return bool(
        (quad >= -slack).all()
        and (quad[:, 0] <= width + slack).all()
        and (quad[:, 1] <= height + slack).all()
    )


def test_a_seed_always_gives_the_same_person() -> None:
    assert make_person(5) == make_person(5)
    assert len({make_person(seed).number for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS[::10])
def test_number_birth_sex_and_province_agree(seed: int) -> None:
    person = make_person(seed)
    century_and_sex = int(person.number[3])
    assert len(person.number) == 12
    assert (century_and_sex % 2 == 0) == (person.sex == "Nam")
    assert 1900 + 100 * (century_and_sex // 2) + int(person.number[4:6]) == person.birth_date.year
    assert person.home.code == person.number[:3]
    assert person.home.province.removeprefix("TP. ") in person.origin
    assert person.home.province.removeprefix("TP. ") in person.birth_place


def test_addresses_are_of_the_system_in_force_when_the_card_was_issued() -> None:
    merged = 0
    for seed in SEEDS:
        person = make_person(seed, CC2024)
        units = person.living.units
        system = places.CURRENT if person.issue_date >= MERGER else places.LEGACY
        assert units.system == system
        assert (units.district == "") == (system == places.CURRENT)
        assert person.living.ward in person.residence
        assert person.living.province.removeprefix("TP. ") in person.residence
        merged += system == places.CURRENT
    assert 20 < merged < len(SEEDS) - 20


def test_every_ward_of_both_systems_can_be_printed() -> None:
    assert len(places.places()) > 9_900
    assert {len(place.units.ward) for place in places.places()} == {5}
    assert len({place.code for place in places.places()}) == 63
    now = [place for wards in places.current_places().values() for place in wards]
    assert len({place.units.ward for place in now}) == 3_321
    assert len({place.units.province for place in now}) == 34
    assert set(places.current_places()) == {place.code for place in places.places()}


def test_official_units_are_told_for_every_address_a_side_carries(
    cards: dict[str, Specimen],
) -> None:
    for side, card in cards.items():
        asked = {"origin", "residence", "birth_place"} & set(card.truth.fields)
        if side.startswith("passport"):
            asked.discard("birth_place")
        assert set(card.truth.units) == asked


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_are_issued_in_their_window_to_people_old_enough(document: str) -> None:
    terms = TERMS[document]
    for seed in SEEDS:
        person = make_person(seed, document)
        assert terms.first <= person.issue_date <= terms.last
        assert person.issue_date >= birthday(person.birth_date, terms.youngest)
        assert person.number[4:6] == f"{person.birth_date:%y}"
        assert int(person.number[3]) // 2 == person.birth_date.year // 100 - 19


def test_a_person_too_young_for_a_document_is_the_same_on_both_its_sides() -> None:
    young = next(p for p in map(make_person, SEEDS) if p.birth_date.year > 2005)
    holder = issued_as(young, "cmnd12")
    assert holder.birth_date.year < 2002
    assert issued_as(holder, "cmnd12") == holder


def test_licence_numbers_tell_province_sex_and_year_of_the_test() -> None:
    for seed in SEEDS[::10]:
        person = make_person(seed, "licence_2013")
        assert person.passed_date is not None
        assert birthday(person.birth_date, 18) <= person.passed_date < person.issue_date
        assert person.document_number[:2] == person.number[1:3]
        assert person.document_number[3:5] == f"{person.passed_date:%y}"
        assert (person.document_number[2] == "0") == (person.sex == "Nam")


def test_expiry_follows_the_law() -> None:
    born = date(1990, 8, 25)
    assert expiry(born, date(2021, 4, 25)) == date(2030, 8, 25)  # the vendor's own sample
    assert expiry(born, date(2028, 8, 25)) == date(2050, 8, 25)  # two years before 40: runs to 60
    assert expiry(born, date(2048, 8, 25)) is None
    assert expiry(date(2004, 2, 29), date(2021, 5, 1)) == date(2029, 2, 28)


def test_mrz_of_a_known_card() -> None:
    person = replace(
        make_person(0),
        number="001190000017",
        birth_date=date(1990, 8, 25),
        expiry_date=date(2030, 8, 25),
        sex="Nữ",
        full_name="Nguyễn Thị Minh Ánh",
    )
    assert mrz_lines(person) == (
        "IDVNM1900000174001190000017<<5",
        "9008250F3008258VNM<<<<<<<<<<<2",
        "NGUYEN<<THI<MINH<ANH<<<<<<<<<<",
    )
    assert check_digit("L898902C3") == "6"  # ICAO 9303 part 3, appendix A


def test_qr_has_seven_fields_on_the_chip_card_and_eleven_on_the_new_one() -> None:
    person = make_person(3)
    for document, count in ((CHIP, 7), (CC2024, 11)):
        fields = qr_payload(issued_as(person, document)).split("|")
        assert len(fields) == count
        assert fields[0] == person.number
        assert fields[2] == person.full_name


def test_every_family_draws_every_vietnamese_letter() -> None:
    assert len(VIETNAMESE_LETTERS) == 146
    assert len(set(VIETNAMESE_LETTERS)) == 146
    for family in card_families():
        assert draws_vietnamese(family.regular), family.name
        assert draws_vietnamese(family.bold), family.name


def test_a_machine_without_fonts_draws_the_same_places_of_the_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "FONT_ROOTS", ())
    for kept in (fonts._installed, fonts._file, card_families):
        kept.cache_clear()
    bare = card_families()
    missing = fonts.missing_packages()
    monkeypatch.undo()
    for kept in (fonts._installed, fonts._file, card_families):
        kept.cache_clear()
    assert len(bare) == len(CARD_CUTS) + 1
    assert {family.name for family in bare} == {"DejaVu Sans", "DejaVu Serif"}
    assert [family.serif for family in bare] == [cut.serif for cut in CARD_CUTS] + [False]
    assert missing == fonts.FONT_PACKAGES


@pytest.mark.parametrize("side", SIDES)
def test_fields_are_printed_where_the_truth_says(side: str, cards: dict[str, Specimen]) -> None:
    card = cards[side]
    truth = card.truth
    printed: dict[str, str] = {}
    for line in truth.lines:
        assert inside(line.quad, card.pixels.shape[1], card.pixels.shape[0]), line.text
        if line.field and line.field != "mrz":
            printed[line.field] = f"{printed.get(line.field, '')} {line.text}".strip()
        x0, y0, x1, y1 = (*line.quad.min(axis=0), *line.quad.max(axis=0))
        ink = card.pixels[int(y0) : int(y1) + 1, int(x0) : int(x1) + 1]
        assert float(ink.max()) - float(ink.min()) > 60, f"nothing printed at {line.text!r}"
    assert printed
    assert {name: truth.fields[name] for name in printed} == {
        name: as_truth(name, text) for name, text in printed.items()
    }


def as_truth(name: str, text: str) -> str:
    """What a printed value is called in the truth: dates in one form, one of two languages."""
    if name.endswith("_date") and text != "Không thời hạn":
        day, month, year = re.findall(r"\d+", text)
        return f"{day}/{month}/{year}"
    if name in ("sex", "nationality"):
        return text.split(" / ")[0].title()
    return text


@pytest.mark.parametrize("side", SIDES)
def test_lines_stay_on_the_card_and_do_not_overlap(side: str) -> None:
    face = np.full((480, 320, 3), 128, np.uint8)
    # Each side in every third face, each face on a third of the sides: all of both would take half a minute.
    families = list(dict.fromkeys(card_families()))[SIDES.index(side) % 3 :: 3]
    for seed, family in enumerate(families):
        card = render(side, make_person(seed), face, seed, 0.5, fonts=[family])
        height, width = card.pixels.shape[:2]
        boxes = [(*x.quad.min(axis=0), *x.quad.max(axis=0), x.text) for x in card.truth.lines]
        for i, (ax0, ay0, ax1, ay1, a) in enumerate(boxes):
            assert inside(card.truth.lines[i].quad, width, height), (family.name, seed, a)
            for bx0, by0, bx1, by1, b in boxes[i + 1 :]:
                wide = min(ax1, bx1) - max(ax0, bx0)
                tall = min(ay1, by1) - max(ay0, by0)
                crossing = wide > 3 and tall > 0.4 * min(ay1 - ay0, by1 - by0)
                assert not crossing, (family.name, seed, a, b)


@pytest.mark.parametrize("side", SIDES)
def test_every_card_says_specimen(side: str, cards: dict[str, Specimen]) -> None:
    assert MARK in [line.text for line in cards[side].truth.lines]


def test_render_is_deterministic_and_scales() -> None:
    face = portraits()[0].pixels
    once, again = (render("chip_front", make_person(1), face, 1, 0.5) for _ in range(2))
    other = render("chip_front", make_person(1), face, 2, 0.5)
    assert np.array_equal(once.pixels, again.pixels)
    assert not np.array_equal(once.pixels, other.pixels)
    assert once.pixels.shape == (319, 506, 3)


def test_a_side_tells_only_what_it_carries(cards: dict[str, Specimen]) -> None:
    assert "residence" not in cards["cc2024_front"].truth.fields
    assert cards["cc2024_front"].truth.qr is None
    assert "origin" not in cards["chip_back"].truth.fields
    assert cards["chip_back"].truth.fields["full_name"].isascii()
    assert cards["chip_front"].truth.mrz is None
    assert cards["cc2024_back"].truth.mrz is not None


@pytest.mark.parametrize("side", ["chip_front", "cc2024_back"])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_qr_decodes_from_a_good_photo_where_the_truth_says(
    side: str, rotation: int, cards: dict[str, Specimen]
) -> None:
    photo = photograph(cards[side], "good", 3, rotation=rotation)
    codes = zxingcpp.read_barcodes(photo.pixels, zxingcpp.BarcodeFormat.QRCode)
    assert [code.text for code in codes] == [cards[side].truth.qr]
    assert cards[side].truth.qr == qr_payload(issued_as(make_person(7), LAYOUTS[side].document))
    seen = codes[0].position
    found = np.array(
        [[p.x, p.y] for p in (seen.top_left, seen.top_right, seen.bottom_right, seen.bottom_left)]
    )
    assert photo.truth.qr_quad is not None
    assert np.abs(found - photo.truth.qr_quad).max() < 12


@pytest.mark.parametrize("level", ["scan", "good", "poor"])
def test_photos_are_deterministic_and_keep_the_card_in_the_frame(
    level: str, cards: dict[str, Specimen]
) -> None:
    photo = photograph(cards["chip_back"], level, 11)
    again = photograph(cards["chip_back"], level, 11)
    assert np.array_equal(photo.pixels, again.pixels)
    height, width = photo.pixels.shape[:2]
    assert inside(photo.card_quad, width, height)
    for line in photo.truth.lines:
        assert inside(line.quad, width, height)


def test_the_first_corner_is_the_printed_top_left(cards: dict[str, Specimen]) -> None:
    upright = photograph(cards["chip_front"], "scan", 2, rotation=0).card_quad
    turned = photograph(cards["chip_front"], "scan", 2, rotation=180).card_quad
    quarter = photograph(cards["chip_front"], "scan", 2, rotation=90).card_quad
    assert (upright[0] < upright[2]).all()
    assert (turned[0] > turned[2]).all()
    assert quarter[0, 0] > quarter[2, 0]
    assert quarter[0, 1] < quarter[2, 1]


def test_poor_photos_show_the_card_smaller_than_scans(cards: dict[str, Specimen]) -> None:
    scan, poor = (
        photograph(cards["chip_back"], level, 4, rotation=0) for level in ("scan", "poor")
    )
    widths = [float(np.linalg.norm(p.card_quad[1] - p.card_quad[0])) for p in (scan, poor)]
    assert widths[1] < widths[0]


def test_scenes_without_card_are_deterministic() -> None:
    assert np.array_equal(scene_without_card(3), scene_without_card(3))
    assert not np.array_equal(scene_without_card(3).mean(), scene_without_card(4).mean())


def test_a_selfie_is_another_picture_of_the_same_portrait() -> None:
    portrait = portraits()[0]
    selfie = selfie_of(portrait, 1)
    assert np.array_equal(selfie, selfie_of(portrait, 1))
    assert selfie.shape != portrait.pixels.shape


def test_portraits_come_from_a_folder_when_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        portraits(tmp_path)


def test_the_command_writes_pictures_with_their_truth(tmp_path: Path) -> None:
    argv = [
        "--out",
        str(tmp_path),
        "--count",
        "1",
        "--seed",
        "9",
        "--side",
        "chip_front",
        "--level",
        "good",
    ]
    assert main(argv) == 0
    answer = json.loads((tmp_path / "000009_chip_front.json").read_text())
    assert answer["fields"]["number"] == make_person(9).number
    assert (tmp_path / "000009_chip_front.jpg").stat().st_size > 10_000
