"""QR and machine readable zone of a card, read from the photo's own pixels before any scaling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from types import MappingProxyType

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from models.geometry import crop_line
from models.ports import TextReader
from models.text.charset import MRZ_ALPHABET
from models.types import Image, Quad, TextLine
from pipelines.documents.layout import FRAME, Run, columns_of_rows
from pipelines.mrz_chances import Row, chances, nearest
from pipelines.parsing.mrz import parse_td1
from pipelines.parsing.qr import parse_qr, payload_text
from pipelines.parsing.td1 import FILLER
from pipelines.parsing.td3 import parse_td3
from pipelines.parsing.zone import Mrz
from pipelines.straighten import on_photo
from pipelines.types import DocumentClass, MrzForm

QR_SECONDS = 1.0
"""Most time spent on one card's QR; the zone's ladder takes 5-60 ms, the rest is for cards found badly."""
LADDER = (1.0, 2.0, 3.0, 4.0)
"""Enlargements, cubic, sharpened above 1: on 864 synthetic codes .85 were read, against .58 without the ladder
(facts sheet of Vietnamese documents, section 5)."""
_SHORT_LADDER = (1.0, 2.0)
_LARGEST_SIDE = 3200
"""Pixels; no enlargement goes beyond it."""
_SHARPEN, _SHARPEN_SIGMA = 1.0, 1.5
"""Unsharp mask: strength, and blur in pixels per step of enlargement."""

_MRZ_LEFT, _MRZ_RIGHT = 0.01, 0.99


@dataclass(frozen=True, slots=True)
class _Form:
    """How a zone is printed: where its rows stand when the finder missed some and how high they are (fractions of
    the height; text y .66-.93 on cards, facts sheet section 1.4), how many characters a row has, which of them holds the
    name, and how to parse it."""

    rows: tuple[float, ...]
    row_height: float
    length: int
    name_row: int
    parse: Callable[[Sequence[str]], Mrz | None]


_FORMS = MappingProxyType(
    {
        MrzForm.TD1: _Form((0.685, 0.785, 0.885), 0.075, 30, 2, parse_td1),
        MrzForm.TD3: _Form((0.845, 0.918), 0.055, 44, 0, parse_td3),
    }
)
_MRZ_SLACK = 0.1
"""Of the card's height: lines this far outside the zone are looked at too; what is no MRZ is told by its form."""
_MRZ_PADDING = 0.25
"""Of a row's height, above and below: finders cut the tops of OCR-B."""
_SHORTEST_ROW = 0.5
"""Of the card's width; a narrower row in the zone is an MRZ line only when it has fillers side by side."""
_MISCOUNTED_CONFIDENCE = 0.5
"""Upper bound for the name of a line with a character too many or too few: however sure the others, one is not there."""
_LIKELIER_RIGHT = 0.5
"""Least chance of every group of a zone that is certain. Of 3,542 made-up TD3 and 3,616 TD1 zones in poor print whose checks all
fit, some of them repaired, 12 and 27 were wrong; among those that are certain 3 and 1."""


@dataclass(frozen=True, slots=True)
class MrzReading:
    """A zone and how surely it was read.

    Attributes:
        name_confidence: the chance that no character of the name line is wrong; no check digit guards it.
        chances: per check digit but the composite, the chance that it and what it guards are right, given that it fits.
    """

    mrz: Mrz
    name_confidence: float
    chances: Mapping[str, float]


def read_qr(image: Image, card: Quad, zone: tuple[float, float, float, float]) -> str | None:
    """The payload of the identity QR on a card: the printed zone first, then the card, then the whole picture.

    Args:
        card: in pixels of `image`.
        zone: x0, y0, x1, y1 in fractions of the card.
    """
    started = perf_counter()
    for grey, ladder in _searches(image, card, zone):
        for factor in ladder:
            if perf_counter() - started > QR_SECONDS:
                return None
            if factor > 1 and factor * max(grey.shape) > _LARGEST_SIDE:
                break
            payload = _decoded(_enlarged(grey, factor))
            if payload is not None:
                return payload
    return None


def read_mrz(
    image: Image, card: Quad, lines: Sequence[TextLine], document: DocumentClass, reader: TextReader
) -> MrzReading | None:
    """The zone from the lines already read; when its check digits do not fit them, from strips cut anew. None where the
    document has none, or none is found.

    Args:
        lines: of the rectified card, quads in pixels of the frame.
    """
    if document.mrz_zone is None:
        return None
    form = _FORMS[document.mrz_form]
    x0, y0, x1, y1 = document.mrz_zone
    inside = [
        TextLine(reader.restricted(line.reading, MRZ_ALPHABET, pitch_of=form.length), line.quad)
        for line in lines
        if x0 <= line.quad.centre[0] / FRAME[0] <= x1
        and y0 - _MRZ_SLACK <= line.quad.centre[1] / FRAME[1] <= y1 + _MRZ_SLACK
    ]
    rows = columns_of_rows(inside)[0]
    first = _parsed([(row.text, row.ink[:, 0]) for row in rows], form)
    if first is not None and first.mrz.valid and not first.mrz.repairs:
        return first
    quads = [on_photo(strip, card) for strip in _strips(rows, form)]
    again = [
        reader.restricted(reading, MRZ_ALPHABET, pitch_of=form.length)
        for reading in reader.read([crop_line(image.pixels, quad) for quad in quads])
    ]
    second = _parsed([(r.text, r.confidences) for r in again], form)
    return max((x for x in (first, second) if x), key=_soundness, default=None)


def _searches(
    image: Image, card: Quad, zone: tuple[float, float, float, float]
) -> Iterator[tuple[NDArray[np.uint8], tuple[float, ...]]]:
    x0, y0, x1, y1 = zone
    wide, tall = FRAME
    printed = Quad.of_box(x0 * wide, y0 * tall, x1 * wide, y1 * tall)
    yield _cut(image, on_photo(printed, card)), LADDER
    yield _cut(image, card), _SHORT_LADDER
    yield _grey(image.pixels), _SHORT_LADDER


def _cut(image: Image, quad: Quad) -> NDArray[np.uint8]:
    """The upright box around a quad, without resampling: the decoder undoes the perspective itself."""
    x0, y0, x1, y1 = quad.box
    left, top = max(0, int(x0)), max(0, int(y0))
    right, bottom = min(image.width, int(x1) + 1), min(image.height, int(y1) + 1)
    if right - left < 2 or bottom - top < 2:
        return np.zeros((2, 2), np.uint8)
    return _grey(image.pixels[top:bottom, left:right])


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)


def _enlarged(grey: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    if factor <= 1:
        return grey
    large = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(large, (0, 0), _SHARPEN_SIGMA * factor / 2)
    return np.asarray(cv2.addWeighted(large, 1 + _SHARPEN, soft, -_SHARPEN, 0), np.uint8)


def _decoded(grey: NDArray[np.uint8]) -> str | None:
    for code in zxingcpp.read_barcodes(
        grey, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    ):
        text = payload_text(bytes(code.bytes))
        if text is not None and parse_qr(text) is not None:
            return text
    return None


def _parsed(rows: Sequence[Row], form: _Form) -> MrzReading | None:
    mrz = form.parse([text for text, _ in rows])
    if mrz is None:
        return None
    text, confidences = nearest(rows, mrz.lines[form.name_row])
    named = float(np.prod(confidences, dtype=np.float64))
    if len(text) != form.length:
        named = min(named, _MISCOUNTED_CONFIDENCE)
    told = chances(rows, mrz)
    certain = mrz.certain and min(told.values()) >= _LIKELIER_RIGHT
    return MrzReading(replace(mrz, certain=certain), named, told)


def _strips(rows: Sequence[Run], form: _Form) -> list[Quad]:
    """The full width of each row of the zone, in pixels of the frame; the usual places when rows are missing."""
    wide, tall = FRAME
    long = [row.quad.box for row in rows if row.quad.width > _SHORTEST_ROW * wide]
    if len(long) < len(form.rows):  # the finder often sees no more than a row's end
        long = [row.quad.box for row in rows if 2 * FILLER in row.text]
    if len(long) >= len(form.rows):
        spans = [
            (y0 - _MRZ_PADDING * (y1 - y0), y1 + _MRZ_PADDING * (y1 - y0)) for _, y0, _, y1 in long
        ]
    else:
        half = form.row_height / 2
        spans = [((y - half) * tall, (y + half) * tall) for y in form.rows]
    return [Quad.of_box(_MRZ_LEFT * wide, y0, _MRZ_RIGHT * wide, y1) for y0, y1 in spans]


def _soundness(reading: MrzReading) -> tuple[bool, int, int]:
    mrz = reading.mrz
    return mrz.valid, sum(mrz.checks.values()), -mrz.repairs
