"""Cuts the heads out of LFW's pictures for training: `python -m training.face_accessories.heads --pack arcface-mobile`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from models.commands.fetch_weights import named_weights_dir
from models.loader import load_faces
from models.manifest import read_pack
from training.face_accessories.data import HEADS, make_heads
from training.face_calibration.dataset import faces_dir, lfw


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", default="arcface-mobile")
    parser.add_argument("--faces", type=Path, metavar="DIR")
    parser.add_argument("--out", type=Path, default=HEADS)
    arguments = parser.parse_args(argv)
    models = load_faces(read_pack(arguments.pack), weights_dir=named_weights_dir())
    make_heads(lfw(faces_dir(arguments.faces)), models.finder, arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
