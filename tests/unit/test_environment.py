"""What the scripts make of a virtual environment that is not whole."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from app.settings import ROOT

PYTHON = """#!/bin/sh
[ "$2" = venv ] || exit 0
mkdir -p "$3/bin" && ln -sf "$(command -v true)" "$3/bin/python"
"""
"""Passes for a Python of ours; the environment it makes has one that finds every module."""

RUN = """
source scripts/environment
install_lock() { echo installed; }
ensure_environment cpu
"""


@pytest.mark.parametrize("left", ["cut off", "of a Python that is gone", "whole"])
def test_an_environment_that_is_not_whole_is_made_again(tmp_path: Path, left: str) -> None:
    """After `apt install python3-venv`, or an upgrade of the system, the same command goes on by itself."""
    stub, venv = tmp_path / "python", tmp_path / "venv"
    stub.write_text(PYTHON)
    stub.chmod(0o755)
    (venv / "bin").mkdir(parents=True)
    target = {"cut off": "/bin/false", "of a Python that is gone": "/no/such", "whole": "/bin/true"}
    (venv / "bin" / "python").symlink_to(target[left])
    lock = hashlib.sha256((ROOT / "requirements" / "cpu.txt").read_bytes()).hexdigest()
    if left != "cut off":
        (venv / ".lock").write_text(f"cpu {lock}  -\n")
    given = {"EKYC_VENV": str(venv), "EKYC_PYTHON": str(stub)}
    done = subprocess.run(
        ["bash", "-c", RUN, "scripts/x"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ("" if left == "whole" else "installed\n")
    assert (str((venv / "bin" / "python").readlink()) == target[left]) == (left == "whole")
    assert (venv / ".lock").read_text() == f"cpu {lock}  -\n"
