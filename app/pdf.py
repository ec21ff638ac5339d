"""The pages of a PDF as pictures.

PDFium runs in a process of its own that may use so much memory and time and no more: a file that unpacks to gigabytes
or never ends costs that process, not the service.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.types import Image
from pipelines.errors import ImageUnreadable

MARK = b"%PDF-"
MARK_WITHIN = 1024
"""PDF 1.7 annex H, note 13: readers accept the mark anywhere in the first 1,024 bytes."""

CHILD = Path(__file__).with_name("pdf_child.py")
SHAPE_BYTES = 16
"""Height, width, bytes per row and channels, four bytes each, before the rows of a page."""
COLOURS = 3


@dataclass(frozen=True, slots=True)
class PdfLimits:
    """Of one file.

    Attributes:
        pages: more are refused.
        pixels: of one page's picture; a larger page is drawn smaller.
        seconds: of processor time, for all pages.
        patience: of waiting for them, seconds: on a busy machine that is many times the processor's.
        megabytes: of the drawing process's memory.
    """

    pages: int = 10
    pixels: int = 8_000_000
    seconds: int = 2
    patience: float = 15.0
    megabytes: int = 1024


def is_pdf(data: bytes) -> bool:
    """By its content alone. A picture that hides a PDF further on is decoded as the picture it begins as."""
    return MARK in data[:MARK_WITHIN] and not data.startswith(
        (b"\xff\xd8\xff", b"\x89PNG", b"RIFF")
    )


def read_pages(data: bytes, limits: PdfLimits) -> list[Image]:
    """Every page, upright, at 300 dpi or as many as the limit on pixels allows.

    Raises:
        ImageUnreadable: no PDF, encrypted, without pages, or beyond a limit.
    """
    numbers = (limits.pages, limits.pixels, limits.seconds, limits.megabytes)
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD), *map(str, numbers)],
            input=data,
            capture_output=True,
            timeout=limits.patience,
            check=True,
        )
        return _pages(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise ImageUnreadable("not a PDF we draw") from error


def _pages(drawn: bytes) -> list[Image]:
    pages: list[Image] = []
    at = 0
    while at < len(drawn):
        height, width, stride, channels = (int(n) for n in np.frombuffer(drawn, "<u4", 4, at))
        at += SHAPE_BYTES
        rows = np.frombuffer(drawn, np.uint8, height * stride, at).reshape(height, stride)
        pixels = rows[:, : width * channels].reshape(height, width, channels)[:, :, :COLOURS]
        pages.append(Image(np.ascontiguousarray(pixels)))
        at += height * stride
    if not pages:
        raise ValueError("no pages")
    return pages
