"""Chooses a pack's knots from its impostors, so that every published similarity is a stated false match rate.

Run `python -m training.face_calibration.calibrate PACK` and put what it prints into the pack's TOML.

Why these rates: "same person" in the v2 document begins at 75 %, and that verdict is what a bank acts on, so it
gets FMR 1e-4, the limit for remote face checks in Circular 50/2024 of the State Bank (FAR < 0.01 %). Techainer's
threshold of 0.5 gets 1e-3, one decade looser; 65 % lies between them on the same straight line of log FMR. The
95 % duplicate rule gets 1e-6, the strictest rate that two million impostor comparisons can show.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from models.commands.fetch_weights import named_weights_dir
from models.loader import load_faces
from models.manifest import read_pack
from training.face_calibration.dataset import faces_dir, lfw
from training.face_calibration.embed import templates
from training.face_calibration.measure import Comparisons, all_comparisons

KNOTS = (
    (0.05, 0.5),  # half of all strangers are below a similarity of 5 %
    (0.30, 1e-2),
    (0.50, 1e-3),
    (0.65, 10**-3.6),
    (0.75, 1e-4),
    (0.85, 1e-5),
    (0.95, 1e-6),
)
"""(similarity, false match rate)."""
BANDS = (0.50, 0.65, 0.75, 0.95)
"""The similarities that the three published documents act on."""


def knots(comparisons: Comparisons) -> list[tuple[float, float]]:
    """(cosine, similarity), from -1 to 1."""
    inner = [(round(comparisons.cosine_at(rate), 4), likeness) for likeness, rate in KNOTS]
    return [(-1.0, 0.0), *inner, (1.0, 1.0)]


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pack", metavar="PACK")
    parser.add_argument("--faces", type=Path, metavar="DIR")
    arguments = parser.parse_args(argv)
    pack = read_pack(arguments.pack)
    pictures = lfw(faces_dir(arguments.faces))
    models = load_faces(pack, weights_dir=named_weights_dir())
    vectors = templates(pack, models, pictures, pictures.pictures())
    comparisons = all_comparisons(vectors)
    chosen = knots(comparisons)
    print("[calibration]")
    print(
        f'measured_on = "LFW, {len(vectors.names)} pictures of 1,211 people: {len(comparisons.genuine):,} '
        f"comparisons of one person, {len(comparisons.impostor):,} of two (one pair of twins left out); "
        'docs/accuracy.md"'
    )
    print("knots = [")
    for cosine, likeness in chosen:
        print(f"    [{cosine}, {likeness}],")
    print("]")
    for cosine, likeness in chosen:
        if likeness in BANDS:
            print("\n[[calibration.bands]]")
            print(f"similarity = {likeness}\ncosine = {cosine}")
            print(f"false_match_rate = {comparisons.false_match_rate(cosine):.2g}")
            print(f"false_non_match_rate = {comparisons.false_non_match_rate(cosine):.3g}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
