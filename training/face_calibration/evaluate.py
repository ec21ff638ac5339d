"""Measures packs' faces on LFW, on press photographs and on card-like portraits, side by side, and draws their ROC."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from models.choose import ALWAYS_THERE, WANTED
from models.commands.fetch_weights import named_weights_dir
from models.fetch import missing
from models.loader import load_faces
from models.manifest import FETCHED_WEIGHTS, PackUnusable, pack_names, read_pack
from training.face_calibration.dataset import FaceSet, celebrity, faces_dir, lfw
from training.face_calibration.embed import CACHE
from training.face_calibration.figures import Measured, Sample, measure

QUICK_PAIRS = 50
QUICK_CELEBRITY_PAIRS = 30
QUICK_STEP = 16
PICTURE = CACHE / "roc.png"
LOWEST_RATE = 1e-5


def main(argv: Sequence[str]) -> int:
    arguments = _arguments(argv)
    measured: dict[str, Measured] = {}
    try:
        folder = faces_dir(arguments.faces)
        sample = _sample(lfw(folder), celebrity(folder), arguments)
        for name in [arguments.pack] if arguments.pack else _packs():
            pack = read_pack(name)
            models = load_faces(pack, weights_dir=named_weights_dir())
            measured[name] = measure(pack, models, sample, arguments.seed)
    except (FileNotFoundError, PackUnusable) as failure:
        print(failure, file=sys.stderr)
        return 1
    _tell([result.figures for result in measured.values()])
    draw(measured, arguments.picture)
    print(f"ROC: {arguments.picture}")
    if arguments.json:
        first, *others = measured.values()
        print(json.dumps(first.figures | {"others": [other.figures for other in others]}))
    return 0


def draw(measured: Mapping[str, Measured], path: Path) -> None:
    """False non-matches against false matches, one curve per pack and kind of portrait."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 5), dpi=120, layout="constrained")
    axes = figure.subplots()
    rates = np.logspace(np.log10(LOWEST_RATE), -1, 60)
    for number, (name, result) in enumerate(measured.items()):
        for comparisons, style, kind in (
            (result.photographs, "-", "photographs"),
            (result.cards, "--", "card-like portraits"),
        ):
            wrong = [comparisons.false_non_match_rate(comparisons.cosine_at(r)) for r in rates]
            axes.plot(
                rates, np.array(wrong) * 100, style, color=f"C{number}", label=f"{name}, {kind}"
            )
    axes.set(
        xscale="log", yscale="log", xlabel="false match rate", ylabel="false non-match rate, %"
    )
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/evaluate faces", description=__doc__)
    parser.add_argument(
        "--pack", help=f"{', '.join(pack_names())} (default: the best there is, and {ALWAYS_THERE})"
    )
    parser.add_argument("--faces", type=Path, metavar="DIR", help="folder with lfw/ and celebrity/")
    parser.add_argument("--picture", type=Path, default=PICTURE, metavar="FILE", help="of the ROC")
    parser.add_argument(
        "--every",
        type=int,
        default=1,
        metavar="N",
        help="seek faces on changed pictures in every N-th photograph only",
    )
    parser.add_argument("--quick", action="store_true", help="a smaller sample, one pack")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")
    arguments = parser.parse_args(argv)
    if arguments.quick and not arguments.pack:
        arguments.pack = _packs()[0]
    return arguments


def _packs() -> list[str]:
    there = not missing(read_pack(WANTED), named_weights_dir() or FETCHED_WEIGHTS)
    return [WANTED, ALWAYS_THERE] if there else [ALWAYS_THERE]


def _sample(people: FaceSet, famous: FaceSet, arguments: argparse.Namespace) -> Sample:
    if not arguments.quick:
        return Sample(people, famous, people.pictures(), arguments.every)
    random = np.random.default_rng(arguments.seed)
    some = [people.pairs[i] for i in random.choice(len(people.pairs), QUICK_PAIRS, replace=False)]
    few = [
        famous.pairs[i]
        for i in random.choice(len(famous.pairs), QUICK_CELEBRITY_PAIRS, replace=False)
    ]
    names = sorted({name for pair in some for name in (pair.left, pair.right)})
    return Sample(
        FaceSet(people.folder, tuple(some)),
        FaceSet(famous.folder, tuple(few)),
        tuple(names),
        QUICK_STEP,
    )


def _tell(results: Sequence[Mapping[str, object]]) -> None:
    """One column per pack."""
    for key, value in results[0].items():
        if not isinstance(value, dict):
            _row(key, [result[key] for result in results])
            continue
        print(key)
        for name in value:
            columns = [result[key] for result in results]
            _row(f"  {name}", [c.get(name, "") if isinstance(c, dict) else "" for c in columns])


def _row(name: str, values: Sequence[object]) -> None:
    told = [
        " ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
        for value in values
    ]
    print(f"{name:36}" + " | ".join(f"{text:50}" for text in told).rstrip())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
