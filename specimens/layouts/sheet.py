"""What every layout needs: the data of one card, wrapped values, headings, the portrait slot and the SPECIMEN mark."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from specimens import backdrop
from specimens.canvas import BLACK, MM, RED, Canvas, Colour
from specimens.fonts import sized
from specimens.machine_readable import barcode_picture, qr_picture
from specimens.people import Person
from specimens.truth import Corners, Pixels

LABEL_SIZE, VALUE_SIZE = 21.0, 27.0
RIGHT_EDGE = 988.0
MARK = "SPECIMEN - MẪU"
MARK_OPACITY = 0.1
PORTRAIT_BOX = (30.0, 206.0, 20 * MM, 30 * MM)
"""x, y, w, h of the 20 x 30 mm photo."""
UNDERLINED = 0.7
QUIET_ZONE = 8.0
"""Units of white around the QR code; real cards have little more."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """The data printed on one side; `mrz` is empty on documents without one."""

    person: Person
    portrait: Pixels
    qr: str
    mrz: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """Where the things that are no text went; None where the side has none."""

    portrait_quad: Corners | None = None
    qr_quad: Corners | None = None


def background(canvas: Canvas, stops: tuple[Colour, ...], line: Colour, *, down: float) -> None:
    """A gradient with two families of fine waves."""
    canvas.pixels[:] = backdrop.wash(stops, canvas.pixels.shape[:2], down=down, rng=canvas.rng)
    strength = float(canvas.rng.uniform(0.12, 0.3))
    backdrop.waves(canvas, line, strength, count=int(canvas.rng.integers(50, 90)))
    backdrop.waves(canvas, line, strength * 0.7, count=int(canvas.rng.integers(30, 60)))


def mark_specimen(canvas: Canvas) -> None:
    """The big diagonal word under the print, and the small words at the lower edge."""
    height, width = canvas.pixels.shape[:2]
    font = sized(canvas.style.title.bold, round(150 * canvas.scale))
    tile = Image.new("L", (width, height), 0)
    ImageDraw.Draw(tile).text((width / 2, height / 2), "SPECIMEN", font=font, fill=255, anchor="mm")
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 27, 1.0)
    mask = cv2.warpAffine(np.asarray(tile, np.float32) / 255.0, turn, (width, height))
    canvas.ink(mask.astype(np.float32), (0, 0), (60, 60, 170), MARK_OPACITY)
    canvas.text(MARK, (canvas.width / 2, canvas.height - 8), 13, anchor="ms", colour=(90, 70, 90))


NATIVE_HEADINGS = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
ENGLISH_HEADINGS = ("SOCIALIST REPUBLIC OF VIET NAM", "Independence - Freedom - Happiness")


def headings(
    canvas: Canvas,
    centre: float,
    *,
    top: float,
    widest: float,
    english: bool = True,
    size: float = 25.0,
) -> float:
    """The national headings; returns the baseline below the last."""
    small = size * 0.8
    rows = list(zip(NATIVE_HEADINGS, (size, size - 1), (True, True), strict=True))
    if english:
        rows += zip(ENGLISH_HEADINGS, (small, small - 1), (False, False), strict=True)
    y = top
    for text, tall, bold in rows:
        canvas.text(text, (centre, y), tall, bold=bold, title=True, anchor="ms", widest=widest)
        y += tall * 1.22
    if canvas.rng.random() < UNDERLINED:
        underline(canvas, centre, y - rows[-1][1] * 0.58, 150)
    return y


def underline(canvas: Canvas, centre: float, y: float, width: float) -> None:
    """A thin rule under the headings."""
    mask = np.ones((max(1, round(1.6 * canvas.scale)), round(width * canvas.scale)), np.float32)
    at = (round((centre - width / 2) * canvas.scale), round(y * canvas.scale))
    canvas.ink(mask, at, BLACK, 0.7)


def title(
    canvas: Canvas, native: str, english: str, centre: float, baseline: float, widest: float
) -> None:
    """The red title and its English line."""
    canvas.text(
        native,
        (centre, baseline),
        41,
        bold=True,
        title=True,
        colour=RED,
        anchor="ms",
        widest=widest,
    )
    canvas.text(
        english,
        (centre, baseline + 29),
        23,
        bold=True,
        title=True,
        colour=RED,
        anchor="ms",
        widest=widest,
    )


def leader(canvas: Canvas, start: tuple[float, float], end: float) -> None:
    """The dotted line of a form, under where a value goes."""
    pitch, dot = 7.0, max(1, round(2.2 * canvas.scale))
    row = np.zeros((dot, max(1, round((end - start[0]) * canvas.scale))), np.float32)
    for x in np.arange(0, row.shape[1], pitch * canvas.scale):
        row[:, round(float(x)) : round(float(x)) + dot] = 1.0
    at = tuple(round(v * canvas.scale) for v in start)
    canvas.ink(row, (at[0], at[1]), canvas.style.label, 0.55)


def label(canvas: Canvas, text: str, at: tuple[float, float], size: float = LABEL_SIZE) -> float:
    """A label in the label colour; returns the x where it ends."""
    return canvas.text(text, at, size, colour=canvas.style.label)


def split_to_fit(canvas: Canvas, text: str, size: float, first: float) -> tuple[str, str]:
    """Cuts a text so that its first part is at most `first` units wide: mostly at a comma, else at a space.
    The first part is empty when not even one word fits."""
    bold = canvas.style.bold
    if canvas.width_of(text, size, bold=bold) <= first:
        return text, ""
    words = text.split(" ")
    fits = [
        n
        for n in range(1, len(words))
        if canvas.width_of(" ".join(words[:n]), size, bold=bold) <= first
    ]
    commas = [n for n in fits if words[n - 1].endswith(",")]
    if not fits:
        return "", text
    cut = commas[-1] if commas and canvas.rng.random() < 0.75 else fits[-1]
    return " ".join(words[:cut]), " ".join(words[cut:])


@dataclass(frozen=True, slots=True)
class Flow:
    """How a value may wrap: the first line starts at `first`, further ones at `left`, `pitch` apart."""

    first: tuple[float, float]
    left: float
    pitch: float
    size: float = VALUE_SIZE
    right: float = RIGHT_EDGE


def flow(canvas: Canvas, text: str, field: str, way: Flow) -> float:
    """Prints a value on one or two lines; returns the last baseline."""
    x, y = way.first
    head, rest = split_to_fit(canvas, text, way.size, way.right - x)
    if head:
        canvas.text(head, (x, y), way.size, bold=canvas.style.bold, field=field)
    if rest:
        y += way.pitch
        canvas.text(
            rest,
            (way.left, y),
            way.size,
            bold=canvas.style.bold,
            field=field,
            widest=way.right - way.left,
        )
    return y


@dataclass(frozen=True, slots=True)
class Entry:
    """A value and what it is: `size` and `label_size` in units, `right` where the sheet's print ends."""

    label: str
    value: str
    field: str
    size: float = VALUE_SIZE
    label_size: float = LABEL_SIZE
    right: float = RIGHT_EDGE


def entry(canvas: Canvas, what: Entry, at: tuple[float, float]) -> float:
    """A label and its value on one line; returns the x where the value ends. An empty value leaves the label alone."""
    end = label(canvas, what.label, at, what.label_size)
    if not what.value:
        return end
    return canvas.text(
        what.value,
        (end + 12, at[1] + 1),
        what.size,
        bold=canvas.style.bold,
        field=what.field,
        widest=what.right - end - 12,
    )


def place_entry(canvas: Canvas, what: Entry, at: tuple[float, float], pitch: float) -> float:
    """A label whose value starts on its line and goes on below it; returns the last baseline."""
    end = label(canvas, what.label, at, what.label_size)
    way = Flow((end + 12, at[1] + 1), at[0], pitch, what.size, what.right)
    return flow(canvas, what.value, what.field, way)


def portrait(
    canvas: Canvas, picture: Pixels, box: tuple[float, float, float, float] = PORTRAIT_BOX
) -> Corners:
    """The photo in its slot, as soft as card print; what is too high for the slot is cut off below."""
    x, y, w, h = box
    picture = picture[: round(picture.shape[1] * h / w)]
    moved = (x + canvas.style.dx, y + canvas.style.dy, w, h)
    return canvas.picture(picture, moved, softness=0.5 * canvas.scale)


def barcode(canvas: Canvas, box: tuple[float, float, float, float]) -> None:
    """A PDF417 symbol in x, y, w, h: what real ones say is not published, so it holds letters without meaning."""
    letters = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
    text = "SPECIMEN" + "".join(canvas.rng.choice(letters, 120))
    bars = barcode_picture(text)
    x, y = (
        round((box[0] + canvas.style.dx) * canvas.scale),
        round((box[1] + canvas.style.dy) * canvas.scale),
    )
    w, h = round(box[2] * canvas.scale), round(box[3] * canvas.scale)
    ink = 1.0 - cv2.resize(bars, (w, h), interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    canvas.ink(ink, (x, y), (24, 22, 20), 0.92)


def qr(canvas: Canvas, payload: str, at: tuple[float, float], side_mm: float) -> Corners:
    """The QR code on a pale quiet zone."""
    side = side_mm * MM
    x, y = at[0] + canvas.style.dx, at[1] + canvas.style.dy
    edge = round(QUIET_ZONE * canvas.scale)
    pixels = round(side * canvas.scale)
    pale = np.ones((pixels + 2 * edge, pixels + 2 * edge), np.float32)
    corner = (round(x * canvas.scale) - edge, round(y * canvas.scale) - edge)
    canvas.ink(pale, corner, (246, 248, 248), 0.85)
    ink = 1.0 - qr_picture(payload, pixels).astype(np.float32) / 255.0
    canvas.ink(ink, (corner[0] + edge, corner[1] + edge), (24, 22, 20), 0.95)
    x0, y0 = corner[0] + edge, corner[1] + edge
    return np.array(
        [[x0, y0], [x0 + pixels, y0], [x0 + pixels, y0 + pixels], [x0, y0 + pixels]], np.float32
    )
