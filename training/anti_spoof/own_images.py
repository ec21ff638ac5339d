"""A bank's own recordings: pictures of attacks, one folder per type, and of genuine customers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.images import decode
from models.loader import FaceModels
from pipelines.errors import BadInput
from pipelines.find_faces import find_faces

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
LARGEST = 50_000_000  # pixels
LOOSE = "attack"
"""Type of attacks that lie in no folder of their own."""


def pictures(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)


def attacks_in(folder: Path) -> dict[str, list[Path]]:
    """Attack type -> its pictures: the folder's folders are the types.

    Raises:
        FileNotFoundError: there is no picture at all.
    """
    kinds = {sub.name: pictures(sub) for sub in sorted(folder.iterdir()) if sub.is_dir()}
    kinds[LOOSE] = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    found = {kind: files for kind, files in kinds.items() if files}
    if not found:
        raise FileNotFoundError(f"no pictures in {folder}")
    return found


def answers(models: FaceModels, files: list[Path]) -> Iterator[float | None]:
    """The judge's answer for the largest face of each picture; None: unreadable, no face, or not assessed."""
    for path in files:
        try:
            image = decode(path.read_bytes(), max_pixels=LARGEST)
        except BadInput:
            yield None
            continue
        found = find_faces(models.finder, image)
        judge = models.spoof_judge
        yield judge.judge(found.image, found.faces[0]) if found and judge else None
