"""What the evaluation shows to people: the table, and a picture of the worst mistakes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.types import LineReading
from specimens.fonts import last_resort
from training.text_reader.corpus import SHARES
from training.text_reader.render import LEVELS, Line
from training.text_reader.scores import character_errors

DOCUMENT, ALL = "all but free", "all"
"""Sums over groups: what documents print, and that with the strings no document has."""
WORST = {"scan": 10, "good": 20, "poor": 10}
"""Mistakes shown per noise level."""
ROW, PICTURE_WIDTH = 44, 560
"""Pixels of one mistake's row and of its line."""
LEGEND = ("noise level  what is printed", "what was read")


@dataclass(frozen=True, slots=True)
class Cell:
    """One group at one noise level."""

    errors: int
    letters: int
    exact: int
    lines: int

    @property
    def cer(self) -> float:
        return self.errors / self.letters

    @property
    def exact_rate(self) -> float:
        return self.exact / self.lines


@dataclass(frozen=True, slots=True)
class Scores:
    """Cells by (group, level), each also under ALL, and the groups of documents under DOCUMENT."""

    cells: Mapping[tuple[str, str], Cell]

    @staticmethod
    def of(lines: Sequence[Line], readings: Sequence[LineReading]) -> Scores:
        sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for line, reading in zip(lines, readings, strict=True):
            wrong = character_errors(reading.text, line.text)
            groups = (line.group, ALL) if line.group == "free" else (line.group, DOCUMENT, ALL)
            for key in ((group, level) for group in groups for level in (line.level, ALL)):
                for i, part in enumerate((wrong, len(line.text), wrong == 0, 1)):
                    sums[key][i] += part
        return Scores({key: Cell(*told) for key, told in sums.items()})

    def cer(self, group: str, level: str) -> float:
        return self.cells[group, level].cer

    def exact(self, group: str, level: str) -> float:
        return self.cells[group, level].exact_rate

    def table(self) -> str:
        """Markdown: character error rate and, in brackets, the share of lines without any error."""
        columns = (*LEVELS, ALL)
        rows = ["| | scan | good photo | poor photo | all |", "|---|---|---|---|---|"]
        for group in (*SHARES, DOCUMENT, ALL):
            cells = (self.cells[group, level] for level in columns)
            told = (f"{cell.cer:.2%} ({cell.exact_rate:.1%})" for cell in cells)
            rows.append(f"| {group} | " + " | ".join(told) + " |")
        return "\n".join(rows)


HEIGHTS = (0, 12, 16, 24)
"""Least pixels of height of the bands that poor photos are told apart by."""


def by_height(lines: Sequence[Line], readings: Sequence[LineReading]) -> dict[int, Cell]:
    """Cells of the lines at least as high as each of HEIGHTS, and lower than the next."""
    bands: dict[int, list[tuple[Line, LineReading]]] = defaultdict(list)
    for line, reading in zip(lines, readings, strict=True):
        bands[max(h for h in HEIGHTS if h <= line.pixels.shape[0])].append((line, reading))
    return {
        least: Scores.of(*zip(*bands[least], strict=True)).cells[ALL, ALL]
        for least in sorted(bands)
    }


LOST = 0.5
"""Share of its letters: a line of which more is wrong was hardly read at all."""


def without_lost(lines: Sequence[Line], readings: Sequence[LineReading]) -> tuple[int, float]:
    """(lines hardly read at all, character error rate of the others)."""
    wrong = [
        (character_errors(reading.text, line.text), len(line.text))
        for line, reading in zip(lines, readings, strict=True)
    ]
    read = [(errors, letters) for errors, letters in wrong if errors <= LOST * letters]
    return len(wrong) - len(read), sum(e for e, _ in read) / sum(n for _, n in read)


def mistakes(lines: Sequence[Line], readings: Sequence[LineReading]) -> Image.Image:
    """The worst mistakes of each noise level: the line, what is printed (black), what was read (red)."""
    font = ImageFont.truetype(str(last_resort().regular), 17)
    wrong = [
        (character_errors(reading.text, line.text) / len(line.text), line, reading.text)
        for line, reading in zip(lines, readings, strict=True)
        if reading.text != line.text
    ]
    shown = [
        (line, read)
        for level, count in WORST.items()
        for _, line, read in sorted((w for w in wrong if w[1].level == level), key=lambda w: -w[0])[
            :count
        ]
    ]
    told = [LEGEND, *((f"{line.level}  {line.text}", read or "(nothing)") for line, read in shown)]
    width = PICTURE_WIDTH + 20 + round(max(font.getlength(text) for pair in told for text in pair))
    page = Image.new("RGB", (width, ROW * len(told)), "white")
    draw = ImageDraw.Draw(page)
    for i, (printed, read) in enumerate(told):
        draw.text((PICTURE_WIDTH + 14, i * ROW + 1), printed, "black", font)
        draw.text((PICTURE_WIDTH + 14, i * ROW + 21), read, (190, 0, 0), font)
    for i, (line, _) in enumerate(shown, 1):
        height, width = line.pixels.shape
        scale = min((ROW - 6) / height, PICTURE_WIDTH / width)
        small = cv2.resize(
            line.pixels, (max(1, round(width * scale)), max(1, round(height * scale)))
        )
        page.paste(Image.fromarray(np.asarray(small, np.uint8)), (4, i * ROW + 3))
    return page


def write_section(page: Path, name: str, text: str) -> None:
    """Replaces what stands between `<!-- name -->` and `<!-- /name -->` of a Markdown page.

    Raises:
        ValueError: the page has no such marks.
    """
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    old = page.read_text("utf-8")
    if start not in old or end not in old:
        raise ValueError(f"{page} has no section {name}")
    before, after = old.split(start, 1)[0], old.split(end, 1)[1]
    page.write_text(before + start + text.rstrip("\n") + "\n" + end + after, "utf-8")
