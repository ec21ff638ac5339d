"""Chooses a pack's knots from its impostors, so that every published similarity is a stated false match rate.

Run `python -m training.face_calibration.calibrate PACK` and put what it prints into the pack's TOML.

Why these rates: "same person" in the v2 document begins at 75 %, and that verdict is what a bank acts on, so it
gets FMR 1e-4, the limit for remote face checks in Circular 50/2024 of the State Bank (FAR < 0.01 %). Techainer's
threshold of 0.5 gets 1e-3, one decade looser; 65 % lies between them on the same straight line of log FMR. The
95 % duplicate rule gets 1e-6.

Only the half of the people that is not kept for measuring is used. Their half a million impostor comparisons show no
rate below 1e-4 well, so the two strictest knots lie on a straight line: impostors' cosines are close to normal, and a
line through the measured rates of `FITTED` in normal quantiles gives the cosine of a rarer one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist

import numpy as np

from models.commands.fetch_weights import named_weights_dir
from models.loader import load_faces
from models.manifest import read_pack
from training.face_calibration.dataset import faces_dir, kept_back, lfw
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
"""The similarities that the published documents act on."""
RAREST = 1e-4
"""The lowest rate that is counted; below it the line is used."""
FITTED = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4)


def knots(comparisons: Comparisons) -> list[tuple[float, float]]:
    """(cosine, similarity), from -1 to 1."""
    inner = [(round(cosine_at(comparisons, rate), 4), likeness) for likeness, rate in KNOTS]
    return [(-1.0, 0.0), *inner, (1.0, 1.0)]


def cosine_at(comparisons: Comparisons, rate: float) -> float:
    """Counted where there is enough to count, on the fitted line below."""
    if rate >= RAREST:
        return comparisons.cosine_at(rate)
    quantiles = [_quantile(fitted) for fitted in FITTED]
    slope, start = np.polyfit(quantiles, [comparisons.cosine_at(fitted) for fitted in FITTED], 1)
    return float(start + slope * _quantile(rate))


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pack", metavar="PACK")
    parser.add_argument("--faces", type=Path, metavar="DIR")
    arguments = parser.parse_args(argv)
    pack = read_pack(arguments.pack)
    pictures = lfw(faces_dir(arguments.faces))
    models = load_faces(pack, weights_dir=named_weights_dir())
    vectors = templates(pack, models, pictures, pictures.pictures())
    seen = all_comparisons(vectors.only(lambda name: not kept_back(name)))
    others = all_comparisons(vectors.only(kept_back))
    chosen = knots(seen)
    print("[calibration]")
    print(
        f'measured_on = "one half of 1,211 people of LFW: {len(seen.impostor):,} comparisons of two people; '
        f"false non-match rates on the other half, {len(others.genuine):,} comparisons of one person; "
        'docs/accuracy.md"'
    )
    print("knots = [")
    for cosine, likeness in chosen:
        print(f"    [{cosine}, {likeness}],")
    print("]")
    for likeness, rate in KNOTS:
        if likeness in BANDS:
            cosine = next(c for c, s in chosen if s == likeness)
            print("\n[[calibration.bands]]")
            print(f"similarity = {likeness}\ncosine = {cosine}")
            print(f"false_match_rate = {rate:.2g}")
            print(f"false_non_match_rate = {others.false_non_match_rate(cosine):.3g}")
    return 0


def _quantile(rate: float) -> float:
    """Deviations above the mean that a normal variable exceeds at this rate."""
    return -NormalDist().inv_cdf(rate)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
