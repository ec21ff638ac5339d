"""What pipelines ask of models: one verb each. Every adapter is immutable and safe to call from many threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from models.types import (
    Accessories,
    CardLocation,
    CardLooks,
    Face,
    FaceTemplate,
    Image,
    LineReading,
    Pixels,
    Quad,
    TextBox,
)


class CardFinder(Protocol):
    def find(self, image: Image) -> list[CardLocation]:
        """Cards, the largest first; empty when there is none. Corner 0 is the printed side's own
        top-left, so the quad also tells the orientation."""
        ...


class CardJudge(Protocol):
    def judge(self, image: Image, card: Quad) -> CardLooks:
        """Is the card at this quad of the photo a copy, a screen, damaged, covered or tampered with?"""
        ...


class TextFinder(Protocol):
    def find(self, image: Image) -> list[TextBox]:
        """Lines of text in reading order (top to bottom, then left to right)."""
        ...


class TextReader(Protocol):
    def read(self, crops: Sequence[Pixels]) -> list[LineReading]:
        """One reading per upright crop, in the order given, batched inside."""
        ...

    def restricted(
        self, reading: LineReading, alphabet: str, *, pitch_of: int | None = None
    ) -> LineReading:
        """One of its readings again with only `alphabet` allowed, without a second pass; as it was where that cannot be.

        Args:
            pitch_of: characters of the line when it is set in one pitch, so that gaps tell what was lost.
        """
        ...


class FaceFinder(Protocol):
    def find(self, image: Image, *, hard: bool = True) -> list[Face]:
        """Upright faces, largest first; empty when there is none. Who expects a turned picture turns it.

        Args:
            hard: where nothing is seen, also look in ways that cost many times as much, if there are any: for who has
                no other picture to try before.
        """
        ...


class FaceEmbedder(Protocol):
    def embed(self, image: Image, faces: Sequence[Face]) -> list[FaceTemplate]:
        """One template per face, in the order given."""
        ...


class SpoofJudge(Protocol):
    def judge(self, image: Image, face: Face) -> float | None:
        """Probability in [0, 1] that the face is live, or None: outside the judge's domain."""
        ...


class AccessoryJudge(Protocol):
    def judge(self, image: Image, face: Face) -> Accessories:
        """What covers the face."""
        ...
