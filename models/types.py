"""What a model sees and says. No document, customer or HTTP words here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
"""Height x width x 3, BGR, uint8."""


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """Upright pixels, H x W x 3 BGR uint8, checked once. Never empty.

    Raises:
        ValueError: the array has another shape or type, or no pixels.
    """

    pixels: Pixels

    def __post_init__(self) -> None:
        shape_ok = self.pixels.ndim == 3 and self.pixels.shape[2] == 3 and self.pixels.size > 0
        if not shape_ok or self.pixels.dtype != np.uint8:
            raise ValueError(
                f"expected a non-empty HxWx3 uint8 array, got {self.pixels.shape} {self.pixels.dtype}"
            )

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Quad:
    """Four corners, clockwise from the content's own top-left, in pixels (x, y); float32, 4 x 2.

    Raises:
        ValueError: the corners are not a finite 4 x 2 array.
    """

    corners: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.corners.shape != (4, 2) or not bool(np.isfinite(self.corners).all()):
            raise ValueError("a quad has four finite (x, y) corners")

    @property
    def width(self) -> float:
        """Mean length of the top and bottom sides, pixels."""
        tl, tr, br, bl = self._points()
        return (math.dist(tl, tr) + math.dist(bl, br)) / 2

    @property
    def height(self) -> float:
        """Mean length of the left and right sides, pixels."""
        tl, tr, br, bl = self._points()
        return (math.dist(tl, bl) + math.dist(tr, br)) / 2

    @property
    def centre(self) -> tuple[float, float]:
        xs, ys = zip(*self._points(), strict=True)
        return sum(xs) / len(xs), sum(ys) / len(ys)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1 of the upright bounding box, pixels."""
        xs, ys = zip(*self._points(), strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    def _points(self) -> list[list[float]]:
        """Plain numbers: on four points NumPy takes ten times as long, and a card's lines ask thousands of times."""
        points: list[list[float]] = self.corners.tolist()
        return points

    @staticmethod
    def of_box(x0: float, y0: float, x1: float, y1: float) -> Quad:
        return Quad(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class CardLocation:
    """One card in an image: its quad (corner 0 is the top-left of the *printed side*) and a score in [0, 1]."""

    quad: Quad
    score: float


@dataclass(frozen=True, slots=True)
class Mark:
    """One kind of defect: chance in [0, 1], 0.5 at the model's own threshold, and the likeliest place, x, y in fractions
    of the card; None where it is of the whole picture."""

    kind: str
    chance: float
    place: tuple[float, float] | None

    @property
    def due(self) -> bool:
        """Is this worth a warning?"""
        return self.chance > 0.5


@dataclass(frozen=True, slots=True)
class CardLooks:
    """What a judge makes of a card, one mark for each kind it knows."""

    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TextBox:
    """Where a line of text is, before anybody has read it. Score in [0, 1]."""

    quad: Quad
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class LineReading:
    """What a reader saw in one crop.

    Attributes:
        text: NFC text, possibly empty.
        confidences: one probability per character of `text`, float32, calibrated.
        log_posteriors: T x (1 + charset) float32 CTC log-probabilities (blank first), kept so that a
            field-aware decode needs no second pass; None when the runtime gives none.
        steps: per character of `text`, the row of `log_posteriors` in which it is surest.
    """

    text: str
    confidences: NDArray[np.float32]
    log_posteriors: NDArray[np.float32] | None = None
    steps: NDArray[np.intp] | None = None

    def __post_init__(self) -> None:
        if len(self.text) != len(self.confidences):
            raise ValueError("one confidence per character")

    @property
    def confidence(self) -> float:
        """Mean character confidence; 0 for an empty line."""
        return float(self.confidences.mean()) if len(self.confidences) else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class TextLine:
    """A reading and the quad it was cut from, in the pixels of the image it was found in."""

    reading: LineReading
    quad: Quad

    @property
    def text(self) -> str:
        return self.reading.text

    @property
    def confidence(self) -> float:
        return self.reading.confidence


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face: box x0, y0, x1, y1 and five landmarks (eyes left, right in the picture, nose, mouth
    corners left, right), 5 x 2 float32, all in pixels of the searched image; score in [0, 1]."""

    box: tuple[float, float, float, float]
    landmarks: NDArray[np.float32]
    score: float

    def __post_init__(self) -> None:
        if self.landmarks.shape != (5, 2):
            raise ValueError("a face has five (x, y) landmarks")

    @property
    def width(self) -> float:
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def eye_distance(self) -> float:
        return float(np.linalg.norm(self.landmarks[1] - self.landmarks[0]))


@dataclass(frozen=True, slots=True)
class Accessories:
    """What covers a face: probabilities in [0, 1]. `eyes_closed` is None where nobody can tell."""

    sunglasses: float
    hat: float
    mask: float
    eyes_closed: float | None


@dataclass(frozen=True, slots=True, eq=False)
class FaceTemplate:
    """A unit vector and the recogniser that made it; templates of two recognisers never compare."""

    vector: NDArray[np.float32]
    recogniser: str

    def cosine(self, other: FaceTemplate) -> float:
        """Cosine in [-1, 1].

        Raises:
            ValueError: the templates come from two recognisers.
        """
        if self.recogniser != other.recogniser:
            raise ValueError(f"{self.recogniser} and {other.recogniser} templates do not compare")
        return float(np.clip(self.vector @ other.vector, -1.0, 1.0))


@dataclass(frozen=True, slots=True)
class SimilarityCalibration:
    """Monotone map from cosine to a similarity in [0, 1]: piecewise linear through `knots`.

    The knots are measured per pack so that published bands keep their meaning when the recogniser
    changes; they are (cosine, similarity) pairs, both strictly increasing.

    Raises:
        ValueError: fewer than two knots, or knots not increasing.
    """

    knots: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        pairs = list(zip(self.knots, self.knots[1:], strict=False))
        if not pairs or any(a[0] >= b[0] or a[1] > b[1] for a, b in pairs):
            raise ValueError("calibration knots must increase")

    def __call__(self, cosine: float) -> float:
        xs, ys = zip(*self.knots, strict=True)
        return float(np.interp(cosine, xs, ys))


@dataclass(frozen=True, slots=True)
class FalseMatchRates:
    """How often strangers reach a cosine: (cosine, false match rate) pairs, cosine up, rate down.

    Between and beyond the measured pairs log10(rate) is a straight line of the cosine: the upper tail of impostor
    scores falls at least that fast (it is about Gaussian), so that a threshold from beyond the last pair is on the
    strict side. It is an extrapolation all the same, not a measurement.

    Raises:
        ValueError: fewer than two pairs, or not in order.
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        pairs = list(zip(self.points, self.points[1:], strict=False))
        if not pairs or any(a[0] >= b[0] or not a[1] > b[1] > 0 for a, b in pairs):
            raise ValueError("false match rates must fall as cosines rise")

    def cosine_at(self, rate: float) -> float:
        """The cosine that strangers reach with this rate (above 0); at most 1."""
        wanted = math.log10(rate)
        known = [(cosine, math.log10(r)) for cosine, r in self.points]
        at = next((i for i, (_, r) in enumerate(known) if r <= wanted), len(known) - 1)
        (c0, r0), (c1, r1) = known[max(at - 1, 0) : max(at - 1, 0) + 2]
        return min(1.0, c0 + (wanted - r0) * (c1 - c0) / (r1 - r0))


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Who makes templates, and what their cosines mean. `rates` is None for a pack that does not state them."""

    id: str
    calibration: SimilarityCalibration
    rates: FalseMatchRates | None = None
