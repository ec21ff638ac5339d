"""Lines cut by the real text finder from rendered, photographed documents: loose, tilted and clipped as in life.

    python -m training.text_reader.crops --into var/training/text/crops --cards 1200 --seed 1

Fonts kept for validation and evaluation are never used. Needs the packages of the `specimens` extra.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.geometry import crop_line, rectify
from models.session import OnnxSession
from models.text.charset import CHARSET
from models.text.ppocr_db import PpOcrDb
from models.types import Image, Quad
from specimens.camera import photograph
from specimens.fonts import FontFamily, card_families
from specimens.layouts import LAYOUTS, SIDES
from specimens.people import make_person
from specimens.portraits import portraits
from specimens.render import render
from specimens.truth import Truth, TruthLine
from training.text_reader.prepare import split_of
from training.text_reader.render import LEVELS, Line
from training.text_reader.shards import save_crops

CARD_WIDTH = 1012
"""Pixels of a rectified card, as the service looks for text on it; lines are then cut from the photo itself."""
SHARES = (25, 45, 30)
"""Per cent of scans, good and poor photos."""
CORNER_ERROR = 0.012
"""Standard deviation of a found corner, share of the card's width: what our card finder leaves."""
INSIDE, COVERED = 0.85, 0.75
"""A truth line belongs to a box when this share of its width is inside; together they must cover this much of the box."""
SHARD = 2000


def training_families() -> tuple[FontFamily, ...]:
    """Those of the cards' typefaces that are not kept for validation or evaluation."""
    return tuple(family for family in card_families() if split_of(family.name) == "training")


def text_finder() -> PpOcrDb:
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise SystemExit(
            "the package rapidocr carries the text finder: install the locked packages"
        )
    return PpOcrDb(OnnxSession(Path(spec.origin).parent / "models" / "PP-OCRv6_det_small.onnx"))


def text_in(box: Quad, lines: Sequence[TruthLine]) -> str | None:
    """What is printed inside a found box, or None when a line is only partly in it."""
    x0, y0, x1, y1 = box.box
    inside: list[tuple[float, str]] = []
    covered = 0.0
    for line in lines:
        quad = Quad(line.quad)
        lx0, ly0, lx1, ly1 = quad.box
        if not y0 < (ly0 + ly1) / 2 < y1:
            continue
        share = (min(x1, lx1) - max(x0, lx0)) / max(1.0, lx1 - lx0)
        if share <= 0.05:
            continue
        if share < INSIDE or (ly1 - ly0) < 0.4 * (y1 - y0):
            return None
        inside.append((lx0, line.text))
        covered += lx1 - lx0
    if not inside or covered < COVERED * (x1 - x0):
        return None
    return " ".join(text for _, text in sorted(inside))


def cut_lines(
    photo: NDArray[np.uint8],
    truth: Truth,
    level: str,
    shape: float,
    finder: PpOcrDb,
    rng: np.random.Generator,
) -> Iterator[Line]:
    """The lines of one photographed side, through a slightly wrong card quad as a finder would give."""
    size = np.linalg.norm(truth.card_quad[1] - truth.card_quad[0])
    found = Quad(
        (truth.card_quad + rng.normal(0, CORNER_ERROR * size / 2, (4, 2))).astype(np.float32)
    )
    frame = (CARD_WIDTH, round(CARD_WIDTH * shape))
    flat = Quad.of_box(0, 0, *frame).corners
    to_photo = cv2.getPerspectiveTransform(flat, found.corners)
    truth = truth.moved(np.asarray(np.linalg.inv(to_photo), np.float64))
    for box in finder.find(Image(rectify(photo, found, frame))):
        text = text_in(box.quad, truth.lines)
        if text and all(c in CHARSET for c in text):
            place = cv2.perspectiveTransform(box.quad.corners[None], to_photo)[0]
            grey = cv2.cvtColor(
                crop_line(photo, Quad(place.astype(np.float32))), cv2.COLOR_BGR2GRAY
            )
            yield Line(text, "crop", level, np.asarray(grey, np.uint8))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--into", type=Path, default=Path("var/training/text/crops"))
    parser.add_argument("--cards", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    finder, faces, fonts = text_finder(), portraits(None), training_families()
    lines: list[Line] = []
    shard = 0
    for index in tqdm(range(args.cards)):
        seed = 7_000_000 + args.seed * 100_000 + index
        rng = np.random.default_rng(seed)
        side, level = (
            SIDES[index % len(SIDES)],
            random.Random(seed).choices(LEVELS, SHARES)[0],
        )
        specimen = render(
            side, make_person(seed), faces[index % len(faces)].pixels, seed, fonts=fonts
        )
        width, height = LAYOUTS[side].size
        photo = photograph(specimen, level, seed, rotation=0)
        lines += cut_lines(photo.pixels, photo.truth, level, height / width, finder, rng)
        if len(lines) >= SHARD or (lines and index == args.cards - 1):
            save_crops(args.into / f"seed{args.seed}-{shard:03d}.npz", lines)
            shard, lines = shard + 1, []


if __name__ == "__main__":
    main()
