"""Lays the PP-OCRv6 files of the rapidocr wheel out as PaddleOCR expects: inference.onnx beside inference.yml.

The wheel has no inference.yml. What it must say is known: the model name, the normalisation RapidOCR publishes, and the
dictionary, which travels in the metadata of the ONNX file. JSON is YAML, and its bytes depend on no library's version.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from models.session import OnnxSession

DETECTION, RECOGNITION = "paddle-detection", "paddle-recognition"
_DECODE = {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}}


def dictionary() -> list[str]:
    """The characters PP-OCRv6 small prints, in the order of its classes, without blank and space."""
    session = OnnxSession(_wheel() / "PP-OCRv6_rec_small.onnx")
    return session.metadata["character"].splitlines()


def lay_out(root: Path, characters: Sequence[str]) -> Path:
    """Make `root` a weights folder for the pack paddleocr."""
    normalise = {"mean": [0.5] * 3, "std": [0.5] * 3, "scale": 1 / 255, "order": "hwc"}
    steps = [
        _DECODE,
        {"DetResizeForTest": None},
        {"NormalizeImage": normalise},
        {"ToCHWImage": None},
    ]
    _write(root / DETECTION, "det", steps, {"name": "DBPostProcess"})
    steps = [_DECODE, {"RecResizeImg": {"image_shape": [3, 48, 320]}}]
    decode = {"name": "CTCLabelDecode", "character_dict": list(characters)}
    _write(root / RECOGNITION, "rec", steps, decode)
    return root


def _wheel() -> Path:
    spec = importlib.util.find_spec("rapidocr")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "models"


def _write(folder: Path, kind: str, steps: Sequence[object], after: object) -> None:
    folder.mkdir(parents=True)
    shutil.copy(_wheel() / f"PP-OCRv6_{kind}_small.onnx", folder / "inference.onnx")
    said = {
        "Global": {"model_name": f"PP-OCRv6_small_{kind}"},
        "PreProcess": {"transform_ops": steps},
        "PostProcess": after,
    }
    (folder / "inference.yml").write_text(json.dumps(said, ensure_ascii=False), "utf-8")
