"""The face pictures that packs are measured on: a part of Labeled Faces in the Wild, and press photographs."""

from __future__ import annotations

import csv
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models.types import Face, Image

FACES_DIR_VARIABLE = "EKYC_FACES_DIR"
BESIDE = Path(__file__).resolve().parents[3] / "shared" / "faces"

ONE_PERSON_TWO_NAMES = {"Hasan_Wirayuda": "Hassan_Wirajuda"}
"""LFW files the Indonesian minister under two spellings."""
TWINS = frozenset({"Carolina_Moraes", "Isabela_Moraes"})
"""Twin sisters. No face recogniser of these sizes tells twins apart; they are left out of the impostors and
said so wherever a rate is stated."""


@dataclass(frozen=True, slots=True)
class Pair:
    left: str
    right: str
    same: bool


@dataclass(frozen=True, slots=True)
class FaceSet:
    """One folder of pictures and its list of pairs."""

    folder: Path
    pairs: tuple[Pair, ...]

    def pictures(self) -> tuple[str, ...]:
        return tuple(sorted(path.name for path in self.folder.glob("*.jpg")))

    def image(self, name: str) -> Image:
        pixels = cv2.imread(str(self.folder / name))
        if pixels is None:
            raise FileNotFoundError(f"{self.folder / name} is missing or no picture")
        return Image(np.asarray(pixels, np.uint8))


def faces_dir(given: Path | None) -> Path:
    """The folder with `lfw/` and `celebrity/`: as given, else EKYC_FACES_DIR, else beside the checkout.

    Raises:
        FileNotFoundError: none of them is there.
    """
    named = os.environ.get(FACES_DIR_VARIABLE)
    folder = given or (Path(named) if named else BESIDE)
    if not (folder / "lfw" / "pairs.csv").is_file():
        raise FileNotFoundError(
            f"No face pictures in {folder}. Name a folder that has lfw/ and celebrity/ with --faces or "
            f"{FACES_DIR_VARIABLE}."
        )
    return folder


def lfw(folder: Path) -> FaceSet:
    rows = _rows(folder / "lfw" / "pairs.csv")
    pairs = (Pair(row["left"], row["right"], row["same"] == "1") for row in rows)
    return FaceSet(folder / "lfw", tuple(pairs))


def celebrity(folder: Path) -> FaceSet:
    rows = _rows(folder / "celebrity" / "pairs.csv")
    pairs = (Pair(row["file_x"], row["file_y"], row["Decision"] == "Yes") for row in rows)
    return FaceSet(folder / "celebrity", tuple(pairs))


def person(name: str) -> str:
    """Whose picture an LFW file is; both spellings of one person give one answer."""
    who = name.rsplit("_", 1)[0]
    return ONE_PERSON_TWO_NAMES.get(who, who)


def kept_back(name: str) -> bool:
    """Is this picture's person kept for measuring? Half of the people, by their names; calibration and training see
    the others."""
    return zlib.crc32(person(name).encode()) % 2 == 1


def central(faces: Iterable[Face], image: Image) -> Face | None:
    """The face an LFW picture is about: that nearest the centre, larger ones counting as nearer."""

    def distance(face: Face) -> float:
        x = (face.box[0] + face.box[2]) / 2 - image.width / 2
        y = (face.box[1] + face.box[3]) / 2 - image.height / 2
        return abs(x) + abs(y) - face.width / 2

    return min(faces, key=distance, default=None)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
