"""Loads a model pack as the service would: digests, shapes, character set; says what it is and how good."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.choose import ALWAYS_THERE
from models.loader import load
from models.manifest import ModelPack, PackUnusable, pack_names, read_pack
from models.session import CPU, CUDA, ProviderUnavailable


@dataclass(frozen=True, slots=True)
class Unasked:
    """What holds unless the command line says otherwise. `weights_dir` None: var/weights."""

    pack: str = ALWAYS_THERE
    weights_dir: Path | None = None
    accept_noncommercial: bool = False
    cuda: bool = False


WITHOUT_SETTINGS = Unasked()


def main(argv: Sequence[str], unasked: Unasked = WITHOUT_SETTINGS) -> int:
    parser = argparse.ArgumentParser(prog="scripts/verify_pack", description=__doc__)
    parser.add_argument(
        "pack",
        nargs="?",
        default=unasked.pack,
        metavar="PACK",
        help=f"{', '.join(pack_names())} (default: EKYC_PACK, here {unasked.pack})",
    )
    parser.add_argument(
        "--accept-noncommercial",
        action="store_true",
        default=unasked.accept_noncommercial,
        help="yes to a research-only licence",
    )
    parser.add_argument("--cuda", action="store_true", default=unasked.cuda, help="run on the GPU")
    arguments = parser.parse_args(argv)
    started = time.perf_counter()
    try:
        pack = read_pack(arguments.pack)
        load(
            pack,
            weights_dir=unasked.weights_dir,
            accept_noncommercial=arguments.accept_noncommercial,
            providers=(CUDA, CPU) if arguments.cuda else (CPU,),
        )
    except (PackUnusable, ProviderUnavailable) as failure:
        print(failure, file=sys.stderr)
        return 1
    _describe(pack)
    print(f"{pack.name}: loaded, warm and right in {time.perf_counter() - started:.1f} s")
    return 0


def _describe(pack: ModelPack) -> None:
    print(pack.summary)
    print(pack.licence)
    for file in pack.files():
        print(f"  {file.name:44} {file.size / 1e6:7.1f} MB  {file.sha256[:12]}  {file.licence}")
    print(f"  recogniser {pack.recogniser}; measured on {pack.calibration.measured_on}")
    for band in pack.calibration.bands:
        print(
            f"  similarity {band.similarity:4.0%} = cosine {band.cosine:.3f}: "
            f"false match {band.false_match_rate:.2g}, false non-match {band.false_non_match_rate:.2g}"
        )
