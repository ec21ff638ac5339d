"""Made-up customers: a document of both sides, photographed, and a selfie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from specimens.camera import Photo, photograph
from specimens.issuing import CC2024, CHIP
from specimens.people import Person, make_person
from specimens.portraits import Portrait, portraits, selfie_of
from specimens.render import render
from specimens.truth import Pixels

DOCUMENTS = (CHIP, CC2024)
JPEG_QUALITY = 92
WOMEN = frozenset({"astronaut", "group-1", "group-2", "group-6"})
MEN = frozenset({"group-3", "group-4", "portrait-grey"})
"""Of the portraits that dependencies ship, so that a card does not call a woman a man."""
TURNED_AWAY = frozenset({"group-5"})
"""Shipped, but almost a profile: identity photos are taken face-on."""


def card_portraits(folder: Path | None = None) -> list[Portrait]:
    """Portraits fit for an identity card: of a folder, or those that dependencies ship."""
    return [portrait for portrait in portraits(folder) if portrait.name not in TURNED_AWAY]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One customer. `stranger` is a selfie of somebody else."""

    document: str
    front: Photo
    back: Photo
    selfie: Pixels
    stranger: Pixels


def make_case(index: int, seed: int, faces: Sequence[Portrait], level: str) -> Case:
    """Customer `index` of a run; documents and portraits take turns.

    Raises:
        ValueError: fewer than two portraits, so that nobody could be a stranger.
    """
    if len(faces) < 2:
        raise ValueError("the demo needs portraits of at least two people")
    document = DOCUMENTS[index % len(DOCUMENTS)]
    own, other = faces[index % len(faces)], faces[(index + 1) % len(faces)]
    key = seed * 1000 + index
    person = _holder(own, key, document)
    front, back = (
        photograph(render(f"{document}_{side}", person, own.pixels, key), level, key + offset)
        for side, offset in (("front", 0), ("back", 500_000))
    )
    return Case(document, front, back, selfie_of(own, key), selfie_of(other, key + 1))


def _holder(portrait: Portrait, key: int, document: str) -> Person:
    """The first made-up person from `key` on whose sex fits a known portrait."""
    for attempt in range(64):
        person = make_person(key + 10_000_000 * attempt, document)
        if portrait.name not in (MEN if person.sex == "Nữ" else WOMEN):
            break
    return person


def jpeg(pixels: Pixels) -> bytes:
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
