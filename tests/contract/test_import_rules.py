"""Each import contract is obeyed, and each one catches a violation planted on purpose."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "pipelines", "models", "specimens")

PLANTS = {
    "app -> pipelines -> models": ("models/types.py", "import pipelines.types"),
    "pipelines know no web, database or runtime": ("pipelines/errors.py", "import fastapi"),
    "dialects do not know each other": (
        "app/dialects/cv1/names.py",
        "import app.dialects.cv2.names",
    ),
    "only the composition root builds models": ("app/gate.py", "import models.loader"),
    "specimens stand alone": ("specimens/__init__.py", "import pipelines.errors"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", tree)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tree / package, ignore=_only_python)
    return tree


def _only_python(folder: str, names: list[str]) -> list[str]:
    return [n for n in names if (Path(folder) / n).is_file() and not n.endswith(".py")]


def kept_and_broken(tree: Path) -> tuple[int, list[str]]:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo"],
        cwd=tree,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin"},
        check=False,
    )
    broken = [n.removesuffix(" BROKEN") for n in done.stdout.splitlines() if n.endswith(" BROKEN")]
    assert done.returncode == (1 if broken else 0), done.stdout + done.stderr
    return done.returncode, broken


def test_every_contract_has_a_plant(copy: Path) -> None:
    text = (copy / "pyproject.toml").read_text()
    assert all(f'name = "{name}"' in text for name in PLANTS)
    assert text.count("[[tool.importlinter.contracts]]") == len(PLANTS)


def test_the_rules_are_obeyed(copy: Path) -> None:
    assert kept_and_broken(copy) == (0, [])


@pytest.mark.parametrize(("name", "plant"), PLANTS.items(), ids=PLANTS)
def test_a_violation_is_caught(copy: Path, name: str, plant: tuple[str, str]) -> None:
    file = copy / plant[0]
    honest = file.read_text()
    file.write_text(f"{honest}\n{plant[1]}\n")
    try:
        _, broken = kept_and_broken(copy)
    finally:
        file.write_text(honest)
    assert name in broken
