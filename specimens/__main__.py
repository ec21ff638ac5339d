"""`python -m specimens`: writes made-up documents, or photos of them, each with its truth as JSON."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2

from specimens.camera import LEVELS, photograph
from specimens.defects import DEFECTS, HARDSHIPS, photograph_with
from specimens.layouts import SIDES
from specimens.people import make_person
from specimens.portraits import portraits
from specimens.render import render

FLAT = "flat"
"""Level that means: no camera."""


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m specimens", description=__doc__)
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for pictures and truth files"
    )
    parser.add_argument("--count", type=int, default=10, help="people")
    parser.add_argument("--seed", type=int, default=0, help="first person")
    parser.add_argument("--side", choices=SIDES, action="append", help="sides, all by default")
    parser.add_argument("--level", choices=[FLAT, *LEVELS], default=FLAT)
    parser.add_argument(
        "--defect", choices=[*DEFECTS, *HARDSHIPS], help="what is wrong with each photo"
    )
    parser.add_argument("--faces", type=Path, help="folder of portraits")
    asked = parser.parse_args(argv)
    if asked.defect and asked.level == FLAT:
        parser.error("a defect needs a photo: give --level too")
    return asked


def main(argv: list[str] | None = None) -> int:
    """Writes PNG (flat) or JPEG (photo) plus JSON; returns the exit code."""
    asked = _arguments(argv)
    asked.out.mkdir(parents=True, exist_ok=True)
    faces = portraits(asked.faces)
    for seed in range(asked.seed, asked.seed + asked.count):
        person, face = make_person(seed), faces[seed % len(faces)]
        for side in asked.side or SIDES:
            specimen = render(side, person, face.pixels, seed)
            pixels, truth, suffix = specimen.pixels, specimen.truth, "png"
            if asked.level != FLAT:
                photo = (
                    photograph_with(asked.defect, specimen, asked.level, seed)
                    if asked.defect
                    else photograph(specimen, asked.level, seed)
                )
                pixels, truth, suffix = photo.pixels, photo.truth, "jpg"
            stem = asked.out / f"{seed:06d}_{side}"
            cv2.imwrite(f"{stem}.{suffix}", pixels)
            answer = truth.as_json() | {"seed": seed, "level": asked.level, "portrait": face.name}
            stem.with_suffix(".json").write_text(
                json.dumps(answer, ensure_ascii=False, indent=1) + "\n"
            )
    print(f"{asked.count} people in {asked.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
