"""Writes docs/licences.md: every locked package and every weight file with its licence.

A package whose metadata names no licence, or one of the copyleft family, fails the command: no surprise may slip in.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "licences.md"
LOCKS = {
    "cpu": "service",
    "gpu": "GPU image, in place of onnxruntime",
    "demo": "demo, specimens",
    "dev": "development",
    "paddle": "pack paddleocr",
}
"""What each lock is for; a package is told with the first that has it."""
PADDLE_ENVIRONMENT = ROOT / ".venv-paddle"
LINE = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)(?: ; (.*?))? \\$", re.MULTILINE)

# What the metadata leaves out or is not installed here, read in the project's own licence file.
KNOWN = {
    "onnxruntime-gpu": "MIT License",
    "av": "BSD-3-Clause (the wheel carries FFmpeg, LGPL-3.0, whose x264 and x265 encoders are GPL-2.0 and never called)",
    "insightface": "MIT (the code; InsightFace's own weights are non-commercial)",
    "face-recognition-models": "CC0-1.0 (the files we use; its 68-point predictor is non-commercial and never read)",
}
DATA = (
    (
        "pipelines/parsing/places.tsv",
        "MIT",
        "names and codes of the PyPI package vietnamadminunits 1.0.4",
    ),
    (
        "models/weights/text_reader.onnx, text_reader.pt, text_language.npz",
        "this project's own",
        "lines rendered in fonts of Debian packages (FONT_PACKAGES in training/text_reader/prepare.py: SIL OFL 1.1, Apache-2.0, GUST Font License, "
        "Bitstream Vera, GPL with font exception, public domain) and of npm packages (training/text_reader/fonts: SIL OFL 1.1), addresses by "
        "the PyPI package vietnamadminunits 1.0.4 (MIT); no font is in the repository",
    ),
)
"""Files in the repository that were derived from others' work."""
COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)


def locked(lock: str) -> list[tuple[str, str]]:
    """Package name and version; a package may have two, for two Pythons."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    return [(name, version) for name, version, _ in LINE.findall(text)]


def licence_of(package: str) -> str | None:
    """The licence its metadata names, "" for none, None when it is installed in neither environment."""
    if package in KNOWN:
        return KNOWN[package]
    paddle = [str(path) for path in PADDLE_ENVIRONMENT.glob("lib/python*/site-packages")]
    found = next(iter(distributions(name=package, path=[*sys.path, *paddle])), None)
    if found is None:
        return None
    told = found.metadata
    if told.get_all("License-Expression"):
        return str(told["License-Expression"])
    classifiers = [
        c.rsplit(" :: ", 1)[-1]
        for c in told.get_all("Classifier") or []
        if c.startswith("License ::")
    ]
    if classifiers:
        return ", ".join(classifiers)
    return str((told.get_all("License") or [""])[0]).strip().split("\n")[0]


def weight_rows() -> list[str]:
    rows = []
    for path in sorted((ROOT / "models" / "packs").glob("*.toml")):
        pack = tomllib.loads(path.read_text("utf-8"))
        for file in _files(pack):
            rows.append(
                f"| {path.stem} | {file['name']} | {file.get('licence', '?')} | {file.get('source', '')} |"
            )
    return rows


def pack_rows() -> list[str]:
    """What each pack says of all its files together, its reservations among it."""
    packs = sorted((ROOT / "models" / "packs").glob("*.toml"))
    told = [(path.stem, tomllib.loads(path.read_text("utf-8"))) for path in packs]
    return [
        f"| {name} | {'yes' if pack['commercial'] else '**no**'} | {pack['licence']} |"
        for name, pack in told
    ]


def data_rows() -> list[str]:
    return [f"| {file} | {licence} | {source} |" for file, licence, source in DATA]


def _files(node: object) -> list[dict[str, str]]:
    """Every table of a pack that names a file and its digest."""
    if isinstance(node, dict):
        own = [node] if "sha256" in node and "name" in node else []
        return own + [found for value in node.values() for found in _files(value)]
    if isinstance(node, list):
        return [found for value in node for found in _files(value)]
    return []


def page() -> tuple[str, list[str]]:
    """The text, and what is wrong."""
    use: dict[str, str] = {}
    versions: dict[str, list[str]] = {}
    for lock, for_what in LOCKS.items():
        for name, version in locked(lock):
            use.setdefault(name, for_what)
            known = versions.setdefault(name, [])
            if version not in known:
                known.append(version)
    wrong: list[str] = []
    rows = []
    for name in sorted(use):
        licence = licence_of(name)
        if licence is None:  # for another platform
            continue
        if not licence or (COPYLEFT.search(licence) and name not in KNOWN):
            wrong.append(f"{name}: {licence or 'no licence named'}")
        rows.append(f"| {name} | {', '.join(versions[name])} | {licence} | {use[name]} |")
    text = "\n".join(
        [
            "# Licences", "", "Written by `scripts/licences`; do not edit.", "", "## Packages", "",
            "| package | version | licence | needed by |", "|---|---|---|---|", *rows, "", "## Weights", "",
            "**Non-commercial weights say so in their row and start only with an explicit acknowledgement.**", "",
            "| pack | commercial use | in its own words |", "|---|---|---|", *pack_rows(), "",
            "| pack | file | licence | source |", "|---|---|---|---|", *weight_rows(), "", "## Data", "",
            "| file | licence | derived from |", "|---|---|---|",
            *data_rows(), "",
        ]
    )  # fmt: skip
    return text, wrong


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/licences", description=__doc__)
    parser.parse_args(argv)
    if not PADDLE_ENVIRONMENT.is_dir():
        sys.stderr.write(
            "the environment of the pack paddleocr is missing: scripts/test_paddle makes it\n"
        )
        return 1
    text, wrong = page()
    PAGE.write_text(text, "utf-8")
    for line in wrong:
        sys.stderr.write(f"look at this licence: {line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
