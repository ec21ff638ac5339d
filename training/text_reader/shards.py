"""Files of lines cut from pictures: written by `crops`, read by `train`, which knows nothing of specimens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.text_reader.render import Line


def save_crops(path: Path, lines: Sequence[Line]) -> None:
    """One file: all pixels end to end, with sizes, texts and levels."""
    sizes = np.array([line.pixels.shape for line in lines], np.int32)
    pixels = np.concatenate([line.pixels.ravel() for line in lines])
    texts, levels = (
        np.array([line.text for line in lines]),
        np.array([line.level for line in lines]),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, pixels=pixels, sizes=sizes, texts=texts, levels=levels)


def load_crops(folder: Path) -> list[Line]:
    lines: list[Line] = []
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as shard:
            pixels, texts, levels = shard["pixels"], shard["texts"], shard["levels"]
            at = 0
            for (height, width), text, level in zip(shard["sizes"], texts, levels, strict=True):
                cut = pixels[at : at + height * width].reshape(height, width)
                at += height * width
                lines.append(Line(str(text), "crop", str(level), cut))
    return lines
