"""What a rendered document carries: the answer sheet of every picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from specimens.places import Units

Pixels = NDArray[np.uint8]
"""Height x width x 3, BGR."""
Corners = NDArray[np.float32]
"""4 x 2 (x, y) pixels, clockwise from the content's own top-left."""


@dataclass(frozen=True, slots=True, eq=False)
class TruthLine:
    """One printed run of text: a label, a value, or the part of a value on one line (`field` tells which)."""

    text: str
    quad: Corners
    field: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Defect:
    """Something wrong, or merely hard, about a document or its photo, put there on purpose.

    Attributes:
        name: a key of `defects.DEFECTS`.
        where: the fields, corner or sides concerned, joined by ", ", or the kind of copy; "" for the whole sheet.
        severity: 0 slight to 1 gross.
        quad: where it stands; None for the whole sheet.
    """

    name: str
    where: str
    severity: float
    quad: Corners | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Everything one side of one document says.

    Attributes:
        side: a key of `layouts.LAYOUTS`.
        fields: only what this side carries, printed or in its QR or MRZ, keyed by field name. Dates are
            dd/mm/yyyy; names are upper case as printed, and without accents on a side that has them in
            the MRZ alone (see `specimens.carried`).
        lines: every printed line.
        qr, mrz: payload and lines, or None where the side has none.
        card_quad: corner 0 is the printed side's top-left.
        font: family of the printed values.
        units: official units of the fields that are addresses.
        defects: what was done to the document or its photo. The fields say what is printed, covered or not.
    """

    side: str
    fields: Mapping[str, str]
    lines: tuple[TruthLine, ...]
    qr: str | None
    qr_quad: Corners | None
    mrz: tuple[str, ...] | None
    portrait_quad: Corners | None
    card_quad: Corners
    font: str
    units: Mapping[str, Units] = field(default_factory=lambda: MappingProxyType({}))
    defects: tuple[Defect, ...] = ()

    def moved(self, homography: NDArray[np.float64]) -> Truth:
        """The same truth after a 3 x 3 projective map of the picture."""

        def move(quad: Corners) -> Corners:
            mapped = cv2.perspectiveTransform(quad.reshape(1, 4, 2).astype(np.float64), homography)
            return np.asarray(mapped.reshape(4, 2), np.float32)

        return replace(
            self,
            lines=tuple(replace(line, quad=move(line.quad)) for line in self.lines),
            qr_quad=None if self.qr_quad is None else move(self.qr_quad),
            portrait_quad=None if self.portrait_quad is None else move(self.portrait_quad),
            card_quad=move(self.card_quad),
            defects=tuple(
                defect if defect.quad is None else replace(defect, quad=move(defect.quad))
                for defect in self.defects
            ),
        )

    def as_json(self) -> dict[str, object]:
        """Plain values for a JSON file beside the picture."""

        def plain(quad: Corners | None) -> list[list[float]] | None:
            return (
                None if quad is None else [[round(float(v), 2) for v in corner] for corner in quad]
            )

        return {
            "side": self.side,
            "font": self.font,
            "fields": dict(self.fields),
            "units": {name: asdict(units) for name, units in self.units.items()},
            "card_quad": plain(self.card_quad),
            "portrait_quad": plain(self.portrait_quad),
            "qr": self.qr,
            "qr_quad": plain(self.qr_quad),
            "mrz": None if self.mrz is None else list(self.mrz),
            "defects": [
                {"name": x.name, "where": x.where, "severity": round(x.severity, 3)}
                | {"quad": plain(x.quad)}
                for x in self.defects
            ],
            "lines": [
                {"text": x.text, "field": x.field, "quad": plain(x.quad)} for x in self.lines
            ],
        }


@dataclass(frozen=True, slots=True, eq=False)
class Specimen:
    """A rendered side, flat and upright, with its truth in pixels of the picture.

    Attributes:
        mask: height x width, [0, 1], where the picture shows a thing and not what lies behind it; None for a whole
            card, which has rounded corners. The picture may be larger than the card (`truth.card_quad`).
    """

    pixels: Pixels
    truth: Truth
    mask: NDArray[np.float32] | None = None


def frozen(fields: dict[str, str]) -> Mapping[str, str]:
    """A read-only copy without empty values."""
    return MappingProxyType({name: text for name, text in fields.items() if text})
