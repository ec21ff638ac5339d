"""Measures the text reader on a frozen set: fonts never trained on, a seed never used to choose a checkpoint.

    scripts/evaluate text [--quick] [--json] [--docs] [--seed S]

Fonts come from Debian packages (installed here when this runs as root and they are missing).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from models.session import OnnxSession
from models.text.charset import CHARSET
from models.text.crnn_ctc import HEIGHT, CrnnCtc
from models.text.language import CharacterModel
from models.types import LineReading, Pixels
from training.text_reader import prepare
from training.text_reader.corpus import SAMPLERS, SHARES, Corpus, nfc
from training.text_reader.render import LEVELS, Fonts, Line, render_line
from training.text_reader.report import (
    ALL,
    DOCUMENT,
    Cell,
    Scores,
    by_height,
    mistakes,
    write_section,
)
from training.text_reader.rivals import error_rates, ppocr, tesseract
from training.text_reader.scores import calibration_error, correct_characters

EVALUATION_SEED = 20_260_701
WEIGHTS = Path("models/weights/text_reader.onnx")
LANGUAGE = WEIGHTS.with_name("text_language.npz")
ACCURACY, MISTAKES = Path("docs/accuracy.md"), Path("docs/text_mistakes.png")
FIELDS = 1000
"""Names, and numbers of NUMBER_DIGITS digits, on good photos: the groups' own 120 lines cannot tell 99.8 % from 99."""
NUMBER_DIGITS = 12
SPEED_WIDTHS = (200, 280)
"""Pixels at the reader's height, 240 on average: the lines of the speed measurement."""


def prepared(folder: Path) -> Path:
    """The folder of `prepare`, made on first use."""
    if not prepare.is_prepared(folder):
        if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
            print("Installing the font packages (Debian) ...", flush=True)
            subprocess.run(["apt-get", "update", "-qq"], check=False)
            command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
            command += prepare.FONT_PACKAGES.split()
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        print(prepare.prepare(folder))
    return folder


def evaluation_lines(folder: Path, split: str, per_cell: int, seed: int) -> list[Line]:
    """`per_cell` lines for every group and noise level, from the fonts of `split`."""
    corpus, fonts = Corpus.load(folder), Fonts.load(folder, split)
    rng, nr = random.Random(seed), np.random.default_rng(seed)
    lines: list[Line] = []
    for group in SHARES:
        for level in LEVELS:
            for _ in range(per_cell):
                while True:
                    sampled, text = corpus.sample(rng)
                    if sampled == group:
                        break
                lines.append(
                    Line(text, group, level, render_line(text, level, group, fonts, rng, nr))
                )
    return lines


def field_lines(folder: Path, group: str, count: int, seed: int) -> list[Line]:
    """Names or numbers as they stand in a field: nothing but the value, on good photos, in the evaluation's fonts."""
    fonts = Fonts.load(folder, "evaluation")
    rng, nr = random.Random(seed), np.random.default_rng(seed)
    lines: list[Line] = []
    while len(lines) < count:
        text = nfc(SAMPLERS[group](rng))
        if group == "number" and not (text.isdecimal() and len(text) == NUMBER_DIGITS):
            continue
        if all(c in CHARSET for c in text):
            pixels = render_line(text, "good", group, fonts, rng, nr)
            lines.append(Line(text, group, "good", pixels))
    return lines


def exact_rate(reader: CrnnCtc, lines: Sequence[Line]) -> float:
    readings = read_all(reader, lines, lines[0].group)
    return Scores.of(lines, readings).exact(ALL, ALL)


def opened(weights: Path) -> CrnnCtc:
    return CrnnCtc(OnnxSession(weights), CharacterModel(LANGUAGE.read_bytes()))


def bgr(line: Line) -> Pixels:
    return np.asarray(cv2.cvtColor(line.pixels, cv2.COLOR_GRAY2BGR), np.uint8)


def read_all(reader: CrnnCtc, lines: Sequence[Line], shown: str) -> list[LineReading]:
    readings: list[LineReading] = []
    for start in tqdm(range(0, len(lines), 64), desc=shown, leave=False):
        readings += reader.read([bgr(line) for line in lines[start : start + 64]])
    return readings


def calibration_of(lines: Sequence[Line], readings: Sequence[LineReading]) -> float:
    return calibration_error(
        pair
        for line, r in zip(lines, readings, strict=True)
        for pair in zip(
            map(float, r.confidences), correct_characters(r.text, line.text), strict=True
        )
    )


def section(scores: Scores, heights: dict[int, Cell], result: dict[str, Any]) -> str:
    """The figures as docs/accuracy.md shows them."""
    rivals = [("Tesseract 5 `vie`", "tesseract"), ("PP-OCRv6 small", "ppocrv6_small")]
    rows = [
        f"| {title} | {found['cer_good']:.2%} | {found['cer_good_unaccented']:.2%} | {found['lines_per_s']:.0f} |"
        for title, key in rivals
        if (found := result.get(key))
    ]
    speed, own = result["lines_per_s"], result["this_reader"]
    bands = [
        f"| from {least} | {cell.cer:.2%} ({cell.exact_rate:.1%}) | {cell.lines} |"
        for least, cell in heights.items()
    ]
    return "\n".join([
        f"{result['lines']:,} lines in {result['fonts']} font files of nine families never used for training, equally of seven groups and "
        "three noise levels. Character error rate (lines without any error):",
        "",
        scores.table(),
        "",
        "*free* is made of rare syllables and, one in ten, of random signs, as no document prints them: it keeps the reader from guessing.",
        "",
        f"Of {result['fields']:,} numbers of {NUMBER_DIGITS} digits on good photos {result['exact']['number_good']:.1%} were read without any error, "
        f"of {result['fields']:,} names {result['exact']['name_good']:.1%}.",
        "",
        "How high the print must stand in the picture (poor photos; height of the line's box in pixels, each row up to the next):",
        "",
        "| height | character error rate | lines |",
        "|---|---|---|",
        *bands,
        "",
        "| on good photos | character error rate | with accents stripped | lines per second, one thread |",
        "|---|---|---|---|",
        f"| this reader | {own['cer_good']:.2%} | {own['cer_good_unaccented']:.2%} | {speed['1']:.0f} |",
        *rows,
        "",
        f"All three on every fourth of the good photos. Lines per second on two threads: {speed['2']:.0f} (good photos, 240 pixels wide on average, batches of 8). "
        f"Calibration error of the characters' confidences: {result['calibration_error']:.1%}. In fonts it was trained on, good photos: "
        f"{result['seen_fonts_cer_good']:.2%}. Size: {result['size_mb']} MB.",
        "",
        f"The worst mistakes (printed in black, read in red): ![worst mistakes of the text reader]({MISTAKES.name})",
    ])  # fmt: skip


def lines_per_second(path: Path, lines: Sequence[Line], threads: int, seconds: float) -> float:
    """Lines of SPEED_WIDTHS in batches of 8, on `threads` one-thread sessions at once."""
    least, most = SPEED_WIDTHS
    sizes = [(line, line.pixels.shape[1] * HEIGHT / line.pixels.shape[0]) for line in lines]
    crops = [bgr(line) for line, width in sizes if least <= width <= most]
    readers = [opened(path) for _ in range(threads)]

    def count(reader: CrnnCtc) -> int:
        done, until, batch = 0, time.perf_counter() + seconds, 0
        while time.perf_counter() < until:
            done += len(reader.read([crops[(batch + i) % len(crops)] for i in range(8)]))
            batch += 8
        return done

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(count, readers)) / seconds


def rivals_beside(lines: Sequence[Line], texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """Tesseract and PP-OCRv6 on a part of the good photos beside our reader's `texts` of them, printed and for the JSON."""
    found = {"tesseract": tesseract(lines), "ppocrv6_small": ppocr(lines)}
    cer, cer_unaccented = error_rates(lines, texts)
    print(f"this reader: CER {cer:.2%}, with accents stripped {cer_unaccented:.2%}")
    told = {
        "this_reader": {"cer_good": round(cer, 5), "cer_good_unaccented": round(cer_unaccented, 5)}
    }
    for name, rival in found.items():
        if rival is None:
            print(f"{name}: not installed (Debian: tesseract-ocr tesseract-ocr-vie)")
            continue
        print(
            f"{name}: CER {rival.cer:.2%}, with accents stripped {rival.cer_unaccented:.2%}, "
            f"{rival.lines_per_s:.0f} lines/s on one thread ({len(lines)} good photos)"
        )
        told[name] = {
            "cer_good": round(rival.cer, 5),
            "cer_good_unaccented": round(rival.cer_unaccented, 5),
            "lines_per_s": round(rival.lines_per_s, 1),
        }
    return told


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer lines, under 50 seconds")
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object as the last line"
    )
    parser.add_argument("--seed", type=int, default=EVALUATION_SEED)
    parser.add_argument(
        "--docs", action="store_true", help="write the figures and the worst mistakes into docs/"
    )
    parser.add_argument("--data", type=Path, default=Path("var/training/text"))
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    folder, per_cell = prepared(args.data), 15 if args.quick else 120
    reader = opened(args.weights)
    lines = evaluation_lines(folder, "evaluation", per_cell, args.seed)
    readings = read_all(reader, lines, "unseen fonts")
    scores = Scores.of(lines, readings)
    print(
        f"{len(lines)} lines in fonts never used for training: character error rate (exact lines)\n"
    )
    print(scores.table() + "\n")
    seen = evaluation_lines(folder, "training", per_cell // 2, args.seed + 1)
    seen = [line for line in seen if line.level == "good"]
    seen_scores = Scores.of(seen, read_all(reader, seen, "seen fonts"))
    poor = [i for i, line in enumerate(lines) if line.level == "poor"]
    heights = by_height([lines[i] for i in poor], [readings[i] for i in poor])
    fields = FIELDS // 10 if args.quick else FIELDS
    exact = {
        group: exact_rate(reader, field_lines(folder, group, fields, args.seed + 2))
        for group in ("number", "name")
    }
    good = [line for line in lines if line.level == "good"]
    texts = [
        reading.text for line, reading in zip(lines, readings, strict=True) if line.level == "good"
    ]
    part = slice(None, None, 3 if args.quick else 4)
    seconds = 1.5 if args.quick else 4
    result = {
        "cer": {level: round(scores.cer(ALL, level), 5) for level in LEVELS},
        "cer_all": round(scores.cer(ALL, ALL), 5),
        "cer_documents": {level: round(scores.cer(DOCUMENT, level), 5) for level in LEVELS},
        "cer_poor_by_height": {str(least): round(cell.cer, 5) for least, cell in heights.items()},
        "exact": {f"{group}_good": round(rate, 4) for group, rate in exact.items()},
        "fields": fields,
        "calibration_error": round(calibration_of(lines, readings), 4),
        "lines_per_s": {str(n): round(lines_per_second(args.weights, good, n, seconds), 1) for n in (1, 2)},
        "size_mb": round((args.weights.stat().st_size + LANGUAGE.stat().st_size) / 1e6, 2),
        "seen_fonts_cer_good": round(seen_scores.cer(ALL, "good"), 5),
        **rivals_beside(good[part], texts[part]),
        "lines": len(lines),
        "fonts": len(Fonts.load(folder, "evaluation").text),
    }  # fmt: skip
    print(
        f"\nexact on good photos, of {fields} numbers of {NUMBER_DIGITS} digits and as many names: {result['exact']}"
        f"\npoor photos by least height of the line in pixels: {result['cer_poor_by_height']}"
        f"\ncalibration error {result['calibration_error']}, lines/s on 1 and 2 threads {result['lines_per_s']}, "
        f"{result['size_mb']} MB, CER on seen fonts (good) {result['seen_fonts_cer_good']:.2%}"
    )
    if args.docs:
        write_section(ACCURACY, "evaluate text", section(scores, heights, result))
        mistakes(lines, readings).quantize(64).save(MISTAKES, optimize=True)
    if args.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
