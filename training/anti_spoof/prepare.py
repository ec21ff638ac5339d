"""Renders the looks the judge of spoofing is trained on: `nice python -m training.anti_spoof.prepare --part train`."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from models.choose import WANTED
from models.commands.fetch_weights import named_weights_dir
from models.loader import load_faces
from models.manifest import read_pack
from training.anti_spoof.data import CACHE, samples
from training.face_calibration.dataset import faces_dir, lfw


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.anti_spoof.prepare", description=__doc__
    )
    parser.add_argument("--part", choices=("train", "watch"), required=True)
    parser.add_argument("--faces", type=Path, metavar="DIR", help="folder with lfw/ and celebrity/")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    finder = load_faces(read_pack(WANTED), weights_dir=named_weights_dir()).finder
    seen, kinds = samples(lfw(faces_dir(args.faces)), args.part, finder, args.seed)
    CACHE.mkdir(parents=True, exist_ok=True)
    np.savez(CACHE / f"{args.part}.npz", looks=seen, kinds=kinds)
    print(f"{len(kinds)} looks, {(kinds == 0).sum()} genuine")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
