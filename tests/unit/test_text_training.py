"""What the text reader is trained and measured on: texts, pictures, and fonts kept apart."""

from __future__ import annotations

import json
import random
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageFont

from models.text.charset import CHARSET, MRZ_ALPHABET
from models.types import Quad
from specimens.fonts import last_resort, sized
from specimens.truth import TruthLine
from training.text_reader import prepare
from training.text_reader.corpus import (
    RARE_RHYMES,
    RHYMES,
    SHARES,
    Corpus,
    free,
    mrz,
    rare,
    with_tone,
)
from training.text_reader.crops import text_in
from training.text_reader.render import LEVELS, MORE_TRAINING, Fonts, render_line

UNITS = Corpus(
    (("Phường Bến Nghé", "Quận 1", "Thành phố Hồ Chí Minh"), ("Xã Nậm Cắn", "", "Tỉnh Nghệ An"))
)


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Fonts:
    folder = tmp_path_factory.mktemp("text")
    (folder / "fonts" / "training").mkdir(parents=True)
    shutil.copy(last_resort().regular, folder / "fonts" / "training")
    return Fonts.load(folder, "training")


def test_lines_are_of_every_group_and_a_reader_can_print_them() -> None:
    rng = random.Random(1)
    lines = [UNITS.sample(rng) for _ in range(2000)]
    assert {group for group, _ in lines} == set(SHARES)
    for _, text in lines:
        assert text
        assert set(text) <= set(CHARSET)
        assert text == unicodedata.normalize("NFC", text) == " ".join(text.split())
    again = random.Random(1)
    assert lines == [UNITS.sample(again) for _ in range(2000)]


def test_a_line_is_laid_out_alike_on_every_machine(fonts: Fonts) -> None:
    """Pillow prefers another engine where the machine has FriBiDi: measured lines and documents were not the same there."""
    assert sized(fonts.text[0], 20).layout_engine is ImageFont.Layout.BASIC


def test_rare_words_have_the_rhymes_that_other_lines_lack_and_can_be_printed() -> None:
    rng = random.Random(1)
    words = " ".join(rare(rng) for _ in range(3000))
    assert set(words) <= set(CHARSET)
    assert not set(RARE_RHYMES) & set(RHYMES)
    assert all(rhyme in words for rhyme in RARE_RHYMES if not rhyme.endswith(("c", "ch", "p", "t")))


def test_every_character_of_the_charset_is_met() -> None:
    rng = random.Random(1)
    assert set("".join(free(rng) for _ in range(8000))) == set(CHARSET)


@pytest.mark.parametrize(
    ("rhyme", "tone", "spelled"),
    [
        ("oa", "\u0300", "òa"), ("uy", "\u0301", "úy"), ("oan", "\u0323", "oạn"), ("oai", "\u0309", "oải"),
        ("uyên", "\u0303", "uyễn"), ("ươ", "\u0301", "ướ"), ("uynh", "\u0300", "uỳnh"), ("ia", "\u0300", "ìa"),
        ("uya", "\u0301", "uýa"), ("iêu", "\u0323", "iệu"), ("a", "", "a"),
    ],
)  # fmt: skip
def test_tones_stand_where_spelling_puts_them(rhyme: str, tone: str, spelled: str) -> None:
    assert with_tone(rhyme, tone) == spelled


def test_machine_readable_lines_have_their_length_and_alphabet() -> None:
    rng = random.Random(1)
    lines = [mrz(rng) for _ in range(500)]
    assert {len(line) for line in lines} == {30, 44}
    assert set("".join(lines)) <= set(MRZ_ALPHABET)


@pytest.mark.parametrize("level", LEVELS)
def test_a_picture_of_a_line_is_a_function_of_its_seed(fonts: Fonts, level: str) -> None:
    def rendered(text: str, seed: int) -> np.ndarray:
        rng, nr = random.Random(seed), np.random.default_rng(seed)
        return render_line(text, level, "name", fonts, rng, nr, restyle=True)

    first = rendered("ĐẶNG THỊ ÁNH", 1)
    assert first.dtype == np.uint8
    assert first.shape[1] > 2 * first.shape[0]
    assert np.array_equal(first, rendered("ĐẶNG THỊ ÁNH", 1))
    assert not np.array_equal(first, rendered("ĐẶNG THỊ ÁNH", 2))
    assert rendered("", 3).size  # blank paper


def line(text: str, x0: float, x1: float, y0: float = 10, y1: float = 30) -> TruthLine:
    return TruthLine(text, Quad.of_box(x0, y0, x1, y1).corners)


def test_a_found_box_is_given_the_lines_wholly_inside_it() -> None:
    lines = [line("Nam", 110, 150), line("Giới tính:", 10, 100), line("Nữ", 10, 40, 50, 70)]
    assert text_in(Quad.of_box(5, 8, 155, 32), lines) == "Giới tính: Nam"
    assert text_in(Quad.of_box(5, 8, 130, 32), lines) is None  # cuts a word
    assert text_in(Quad.of_box(5, 8, 400, 32), lines) is None  # something else beside it
    assert text_in(Quad.of_box(5, 80, 155, 99), lines) is None  # nothing there


@pytest.mark.parametrize(
    ("family", "split"),
    [
        ("Roboto", "training"), ("Andika", "validation"), ("Yrsa", "evaluation"), ("M PLUS 1", "evaluation"),
        ("M PLUS 2", None), ("Rasa", None),
    ],
)  # fmt: skip
def test_families_are_kept_apart(family: str, split: str | None) -> None:
    assert prepare.split_of(family) == split


def test_a_folder_prepared_by_another_recipe_is_made_anew(tmp_path: Path) -> None:
    assert not prepare.is_prepared(tmp_path)
    (tmp_path / "recipe").write_text(prepare.recipe(), "utf-8")
    assert prepare.is_prepared(tmp_path)
    (tmp_path / "recipe").write_text("another", "utf-8")
    assert not prepare.is_prepared(tmp_path)


def test_fonts_made_anew_leave_those_of_a_training_alone(tmp_path: Path) -> None:
    for split in ("training", "evaluation", MORE_TRAINING):
        (tmp_path / split).mkdir()
        (tmp_path / split / "a.ttf").touch()
    prepare.clear(tmp_path)
    assert [path.name for path in tmp_path.rglob("*.ttf")] == ["a.ttf"]
    assert (tmp_path / MORE_TRAINING / "a.ttf").exists()


def test_no_family_of_an_evaluation_is_among_the_fonts_trained_with_besides() -> None:
    names = json.loads((prepare.MORE_FONTS / "package.json").read_text("utf-8"))["dependencies"]
    families = [" ".join(name.rpartition("/")[2].split("-")).title() for name in names]
    assert len(families) > 100
    kept_out = [
        family
        for name in families
        for family in (name, name.replace("Plus", "PLUS"), name.replace("M Plus", "Mplus"))
        if prepare.split_of(family) != "training"
    ]
    assert kept_out == []


def test_a_split_without_fonts_is_told(fonts: Fonts) -> None:
    folder = fonts.text[0].parents[2]
    with pytest.raises(FileNotFoundError, match=MORE_TRAINING):
        Fonts.load(folder, "training", MORE_TRAINING)
