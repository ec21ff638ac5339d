"""Error rates in the terms of ISO/IEC 30107-3, and the command for a bank's own recordings."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from tests.heads import customer
from training.anti_spoof.evaluate import main
from training.anti_spoof.own_images import attacks_in
from training.anti_spoof.rates import Rate, report


@pytest.mark.parametrize(
    ("events", "trials", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (3, 400, 0.0026, 0.0218),
    ],
)
def test_wilson_interval(events: int, trials: int, low: float, high: float) -> None:
    assert Rate(events, trials).interval == pytest.approx((low, high), abs=1e-4)


def test_no_trials_say_nothing() -> None:
    assert Rate(0, 0).interval == (0.0, 1.0)


def test_types_are_kept_apart_and_silence_is_neither_error() -> None:
    told = report({"print": [0.9, 0.1, None], "screen": [0.1, 0.2]}, [0.9, 0.2, None, 0.8], 0.5)
    assert (told.apcer["print"].events, told.apcer["print"].trials) == (1, 2)
    assert told.apcer["screen"].value == 0
    assert told.worst == 0.5
    assert (told.bpcer.events, told.bpcer.trials) == (1, 3)
    assert told.silent["print"].value == pytest.approx(1 / 3)
    assert told.acer == pytest.approx((0.5 + 1 / 3) / 2)


def test_folders_are_types_of_attack(tmp_path: Path) -> None:
    for name in ("mask/a.jpg", "mask/deep/b.png", "print/c.webp", "loose.JPG", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    found = {kind: [p.name for p in files] for kind, files in attacks_in(tmp_path).items()}
    assert found == {"mask": ["a.jpg", "b.png"], "print": ["c.webp"], "attack": ["loose.JPG"]}
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(FileNotFoundError):
        attacks_in(empty)


def test_the_command_on_own_recordings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("attacks/print", "genuine"):
        (tmp_path / folder).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / folder / "one.png"), customer().pixels)
        (tmp_path / folder / "broken.jpg").write_bytes(b"no picture")
    where = ["--attacks", str(tmp_path / "attacks"), "--genuine", str(tmp_path / "genuine")]
    assert main([*where, "--pack", "embedded", "--json"]) == 0
    said = capsys.readouterr().out.splitlines()
    told = json.loads(said[-1])
    assert told["pack"] == "embedded"
    assert told["apcer"]["print"]["trials"] == told["bpcer"]["trials"] == 1
    assert (
        told["apcer"]["print"]["events"] + told["bpcer"]["events"] == 1
    )  # one picture, one answer
    assert told["not_assessed"] == {"genuine": 0.5, "print": 0.5}
    assert any(line.startswith("APCER print") for line in said)


def test_one_folder_alone_is_a_mistake(tmp_path: Path) -> None:
    assert main(["--attacks", str(tmp_path), "--pack", "embedded"]) == 2
