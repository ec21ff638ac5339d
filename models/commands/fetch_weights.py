"""Fetches or finds the files of a model pack and verifies their digests."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from models.fetch import FetchFailed, fetch
from models.manifest import FETCHED_WEIGHTS, PackUnusable, pack_names, read_pack

WEIGHTS_DIR_VARIABLE = "EKYC_WEIGHTS_DIR"


def named_weights_dir() -> Path | None:
    """The folder that `EKYC_WEIGHTS_DIR` names, if it is set."""
    value = os.environ.get(WEIGHTS_DIR_VARIABLE)
    return Path(value).resolve() if value else None


def main(argv: Sequence[str], named: Path | None = None) -> int:
    """`named`: the weights folder of the settings, if they name one."""
    parser = argparse.ArgumentParser(prog="scripts/fetch_weights", description=__doc__)
    parser.add_argument("pack", metavar="PACK", help=", ".join(pack_names()))
    parser.add_argument(
        "--into",
        type=Path,
        metavar="DIR",
        help=f"the weights folder (default: {WEIGHTS_DIR_VARIABLE} if set, else var/weights)",
    )
    arguments = parser.parse_args(argv)
    into = arguments.into or named or FETCHED_WEIGHTS
    try:
        pack = read_pack(arguments.pack)
        fetch(pack, into, beside=named, say=print)
        for file in pack.files():
            if file.origin != "url":
                file.read(into)
                came = "brought" if file.origin == "brought" else f"comes with the {file.origin}"
                print(f"{file.name}: {came}, SHA-256 right")
    except (FetchFailed, PackUnusable) as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"{pack.name}: {len(pack.to_fetch())} files in {into}. {pack.licence}")
    return 0
