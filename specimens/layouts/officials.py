"""What an office puts under a document: the day in words, its title, seal, signature and a made-up official's name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import numpy as np

from specimens import backdrop, names
from specimens.canvas import Canvas
from specimens.issuing import DEPARTMENT, OLD_DEPARTMENT

ISSUER_ROWS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        OLD_DEPARTMENT: ("CỤC TRƯỞNG CỤC CẢNH SÁT", "ĐKQL CƯ TRÚ VÀ DLQG VỀ DÂN CƯ"),
        DEPARTMENT: ("CỤC TRƯỞNG CỤC CẢNH SÁT", "QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI"),
    }
)


def day_in_words(day: date) -> str:
    """`Ngày 05 tháng 03 năm 2009`."""
    return f"Ngày {day:%d} tháng {day:%m} năm {day:%Y}"


def issued(canvas: Canvas, day: date, at: tuple[float, float], size: float) -> None:
    """The day of issue, centred."""
    canvas.text(day_in_words(day), at, size, field="issue_date", anchor="ms")


def issuer_rows(
    canvas: Canvas, issuer: str, at: tuple[float, float], size: float, widest: float
) -> float:
    """The issuer on two centred lines; returns the last baseline."""
    x, y = at
    for text in ISSUER_ROWS[issuer]:
        canvas.text(text, (x, y), size, bold=True, field="issuer", anchor="ms", widest=widest)
        y += size * 1.26
    return y - size * 1.26


def sign(
    canvas: Canvas, seal: tuple[float, float], name: tuple[float, float], size: float = 21.0
) -> None:
    """Seal, a signature that starts on it, and a name centred at `name`."""
    signer = names.full_name(np.random.default_rng(int(canvas.rng.integers(1 << 30))), male=True)
    backdrop.seal(canvas, seal, 66)
    backdrop.signature(canvas, (seal[0] - 5, seal[1] + 6), 170)
    canvas.text(signer, name, size, bold=True, anchor="ms", widest=330)
