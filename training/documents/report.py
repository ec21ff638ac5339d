"""What an evaluation of documents shows to people: tables, and a picture of the worst photos."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
from PIL import Image, ImageDraw, ImageFont

from specimens.fonts import last_resort
from training.documents.figures import Rate, confusions, fields_of, names_of
from training.documents.judging import Result, slug_of
from training.documents.photos import LEVELS, Task, taken

WORST = 16
_PICTURE, _TEXT, _ROW = 300, 620, 200
"""Pixels: a photo's width, the words beside it, one row."""
_COLUMNS = 2
_MOST_LINES = 9


def class_table(results: Sequence[Result]) -> str:
    """Markdown: per class and level the share told rightly, refused, and of fields right in normal form."""
    rows = [
        "| class | " + " | ".join(f"{level}: class, fields" for level in LEVELS) + " | refused |",
        "|---|" + "---|" * (len(LEVELS) + 1),
    ]
    for slug in [*dict.fromkeys(slug_of(r.side) for r in results), "all"]:
        part = [r for r in results if slug in (slug_of(r.side), "all")]
        cells = []
        for level in LEVELS:
            of_level = [r for r in part if r.level == level]
            told = Rate.over(r.right_class for r in of_level)
            cells.append(f"{told}, {Rate.over(f.same for f in fields_of(of_level))}")
        refused = Rate.over(r.read_as is None for r in part)
        rows.append(f"| {slug} | " + " | ".join(cells) + f" | {refused} |")
    return "\n".join(rows)


def field_table(results: Sequence[Result]) -> str:
    """Markdown: per class and field the exact rate and, in brackets, that of the normal form."""
    rows = ["| class | field | " + " | ".join(LEVELS) + " |", "|---|---|" + "---|" * len(LEVELS)]
    for slug in dict.fromkeys(slug_of(r.side) for r in results):
        part = [r for r in results if slug_of(r.side) == slug]
        for name in names_of(part):
            cells = []
            for level in LEVELS:
                fields = fields_of((r for r in part if r.level == level), name.__eq__)
                exact = Rate.over(f.exact for f in fields)
                cells.append(f"{exact} ({Rate.over(f.same for f in fields)})")
            rows.append(f"| {slug} | {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def confusion_table(results: Sequence[Result]) -> str:
    """Markdown: what was told instead; empty when every class was right."""
    found = confusions(results)
    if not found:
        return ""
    rows = ["| side | told | photos |", "|---|---|---|"]
    return "\n".join(
        [*rows, *(f"| {side} | {told} | {n} |" for (side, told), n in found.most_common())]
    )


def badness(result: Result) -> float:
    """How far a result is from what was due: wrong fields, and most of all a wrong class."""
    wrong = [f for f in result.fields.values() if not f.same]
    return 3.0 * (not result.right_class) + sum(1.0 + f.confidence for f in wrong)


def worst_page(results: Sequence[Result]) -> Image.Image:
    """The worst scans, good and poor photos: each with its class and every wrong field, printed and read."""
    shown: list[Result] = []
    for level, count in zip(LEVELS, (WORST // 4, WORST // 2, WORST // 4), strict=True):
        of_level = [r for r in results if r.level == level and badness(r) > 0]
        shown += sorted(of_level, key=badness, reverse=True)[:count]
    rows = -(-len(shown) // _COLUMNS)
    page = Image.new("RGB", (_COLUMNS * (_PICTURE + _TEXT), max(1, rows) * _ROW), "white")
    for i, result in enumerate(shown):
        _show(page, result, (i % _COLUMNS * (_PICTURE + _TEXT), i // _COLUMNS * _ROW))
    return page


def _show(page: Image.Image, result: Result, at: tuple[int, int]) -> None:
    photo = taken(Task(result.person, result.side, result.level)).pixels
    scale = min(_PICTURE / photo.shape[1], (_ROW - 6) / photo.shape[0])
    size = (round(photo.shape[1] * scale), round(photo.shape[0] * scale))
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    page.paste(Image.fromarray(cv2.cvtColor(small, cv2.COLOR_BGR2RGB)), (at[0], at[1] + 3))
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(str(last_resort().regular), 14)
    x, y = at[0] + _PICTURE + 8, at[1] + 2
    head = f"{result.level}  {result.side} {result.person}  told: {result.read_as or 'refused'}"
    draw.text((x, y), head, "black" if result.right_class else (190, 0, 0), font)
    wrong = [(name, f) for name, f in result.fields.items() if not f.same]
    for name, field in wrong[:_MOST_LINES]:
        y += 20
        draw.text((x, y), f"{name}: {field.truth}", "black", font)
        told = f"{field.read} ({field.confidence:.2f} {field.source})"
        draw.text((x + 310, y), told, (190, 0, 0), font)
