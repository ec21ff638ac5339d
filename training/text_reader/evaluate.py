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
    without_lost,
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


def calibration_of(
    lines: Sequence[Line], readings: Sequence[LineReading], kind: str = ALL
) -> float:
    """Of the lines of one group or level, or of all."""
    return calibration_error(
        pair
        for line, r in zip(lines, readings, strict=True)
        if kind in (line.group, line.level, ALL)
        for pair in zip(
            map(float, r.confidences), correct_characters(r.text, line.text), strict=True
        )
    )


def section(scores: Scores, heights: dict[int, Cell], result: dict[str, Any]) -> str:
    """The figures as docs/accuracy.md shows them."""
    readers = [
        ("this reader", "this_reader"),
        ("Tesseract 5 `vie`", "tesseract"),
        ("PP-OCRv6 small", "ppocrv6_small"),
    ]
    speed, calibrated = result["lines_per_s"], result["calibration_errors"]
    lost = result["poor_lost"]
    rows = [
        f"| {title} | "
        + " | ".join(
            f"{found[f'cer_{level}']:.2%} ({found[f'cer_{level}_unaccented']:.2%})"
            for level in LEVELS
        )
        + f" | {found.get('lines_per_s', speed['1']):.0f} |"
        for title, key in readers
        if (found := result.get(key))
    ]
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
        f"In {lost['lines']} of the {lost['of']} lines of poor photos more than half of the letters are wrong, mostly where people cannot read them either (the end of the "
        f"picture below); in the others {lost['cer_of_others']:.2%} are.",
        "",
        "| character error rate (with accents stripped) | scan | good photo | poor photo | lines per second, one thread |",
        "|---|---|---|---|---|",
        *rows,
        "",
        f"All three on every fourth line. Paces are those on good photos, ours of lines 240 pixels wide on average in batches of 8; on two threads it is {speed['2']:.0f}. "
        f"Calibration error of the characters' confidences: {result['calibration_error']:.1%} "
        f"({', '.join(f'{kind} {error:.1%}' for kind, error in calibrated.items())}). In fonts it was trained on, good photos: "
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
    """Tesseract and PP-OCRv6 beside our reader's `texts` of the same lines, printed and for the JSON. Paces are those on good photos."""
    told: dict[str, dict[str, float]] = {"this_reader": {}, "tesseract": {}, "ppocrv6_small": {}}
    for level in LEVELS:
        pairs = [
            (line, text) for line, text in zip(lines, texts, strict=True) if line.level == level
        ]
        part = [line for line, _ in pairs]
        _tell(told["this_reader"], level, error_rates(part, [text for _, text in pairs]))
        for name, rival in (("tesseract", tesseract(part)), ("ppocrv6_small", ppocr(part))):
            if rival is None:
                continue
            _tell(told[name], level, (rival.cer, rival.cer_unaccented))
            if level == "good":
                told[name]["lines_per_s"] = round(rival.lines_per_s, 1)
    for name, found in told.items():
        if not found:
            print(f"{name}: not installed (Debian: tesseract-ocr tesseract-ocr-vie)")
            continue
        rates = (
            f"{level} {found[f'cer_{level}']:.2%} ({found[f'cer_{level}_unaccented']:.2%})"
            for level in LEVELS
        )
        pace = (
            f", {found['lines_per_s']:.0f} lines/s on one thread" if "lines_per_s" in found else ""
        )
        print(f"{name}: CER (with accents stripped) {', '.join(rates)}{pace}, {len(lines)} lines")
    return {name: found for name, found in told.items() if found}


def _tell(told: dict[str, float], level: str, rates: tuple[float, float]) -> None:
    told[f"cer_{level}"], told[f"cer_{level}_unaccented"] = (round(rate, 5) for rate in rates)


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
    poor_lines, poor_readings = [lines[i] for i in poor], [readings[i] for i in poor]
    heights = by_height(poor_lines, poor_readings)
    lost, cer_of_others = without_lost(poor_lines, poor_readings)
    fields = FIELDS // 10 if args.quick else FIELDS
    exact = {
        group: exact_rate(reader, field_lines(folder, group, fields, args.seed + 2))
        for group in ("number", "name")
    }
    good = [line for line in lines if line.level == "good"]
    part = slice(None, None, 3 if args.quick else 4)
    seconds = 1.5 if args.quick else 4
    result = {
        "cer": {level: round(scores.cer(ALL, level), 5) for level in LEVELS},
        "cer_all": round(scores.cer(ALL, ALL), 5),
        "cer_documents": {level: round(scores.cer(DOCUMENT, level), 5) for level in LEVELS},
        "cer_poor_by_height": {str(least): round(cell.cer, 5) for least, cell in heights.items()},
        "poor_lost": {"lines": lost, "of": len(poor), "cer_of_others": round(cer_of_others, 5)},
        "exact": {f"{group}_good": round(rate, 4) for group, rate in exact.items()},
        "fields": fields,
        "calibration_error": round(calibration_of(lines, readings), 4),
        "calibration_errors": {kind: round(calibration_of(lines, readings, kind), 4) for kind in (*LEVELS, *SHARES)},
        "lines_per_s": {str(n): round(lines_per_second(args.weights, good, n, seconds), 1) for n in (1, 2)},
        "size_mb": round((args.weights.stat().st_size + LANGUAGE.stat().st_size) / 1e6, 2),
        "seen_fonts_cer_good": round(seen_scores.cer(ALL, "good"), 5),
        **rivals_beside(lines[part], [reading.text for reading in readings[part]]),
        "lines": len(lines),
        "fonts": len(Fonts.load(folder, "evaluation").text),
    }  # fmt: skip
    print(
        f"\nexact on good photos, of {fields} numbers of {NUMBER_DIGITS} digits and as many names: {result['exact']}"
        f"\npoor photos by least height of the line in pixels: {result['cer_poor_by_height']}; more than half of the letters wrong: "
        f"{lost} of {len(poor)} lines, CER of the others {cer_of_others:.2%}"
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
