"""A pack is read strictly, and no file is used that is not the one it was measured with."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from app.commands.licences import LOCKS, PAGE, data_rows, locked, pack_rows
from models.manifest import (
    PACKS,
    ModelPack,
    PackUnusable,
    WeightFile,
    pack_names,
    read_pack,
)
from training.pin_weights import pinned


def weight_file(content: bytes, **changes: object) -> WeightFile:
    entry: dict[str, object] = {
        "name": "net.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "origin": "url",
        "url": "https://weights.example/net.onnx",
        "licence": "MIT",
        "source": "nobody",
    }
    return WeightFile.model_validate(entry | changes)


@pytest.mark.parametrize("name", pack_names())
def test_every_pack_reads_and_states_what_its_bands_mean(name: str) -> None:
    pack = read_pack(name)
    assert pack.calibration.knots[0][0] == -1
    assert pack.calibration.knots[-1] == (1.0, 1.0)
    if pack.commercial:
        bands = {band.similarity: band for band in pack.calibration.bands}
        assert set(bands) == {0.5, 0.65, 0.75, 0.95}
        assert bands[0.75].false_match_rate <= 1e-4  # Circular 50/2024: FAR < 0.01 %


def test_the_packs_are_the_four_that_are_documented() -> None:
    assert set(pack_names()) == {"embedded", "arcface-mobile", "buffalo-l", "paddleocr"}


def test_embedded_needs_no_download_and_never_the_68_point_predictor() -> None:
    pack = read_pack("embedded")
    assert pack.to_fetch() == ()
    assert not any("68" in file.name for file in pack.files())


@pytest.mark.parametrize("name", pack_names())
def test_files_that_come_with_the_installation_are_the_ones_named(name: str) -> None:
    for file in read_pack(name).files():
        if file.origin not in ("url", "brought"):
            assert len(file.read(None)) == file.size


def test_what_a_pack_says_of_its_licences_stands_on_their_page() -> None:
    assert any("arcface-mobile" in row and "MS-Celeb-1M" in row for row in pack_rows())


def test_every_locked_package_stands_on_the_page_of_licences() -> None:
    page = PAGE.read_text("utf-8")
    absent = {
        name
        for lock in LOCKS
        for name, version in locked(lock)
        if not re.search(rf"^\| {re.escape(name)} \| [^|]*{re.escape(version)}", page, re.MULTILINE)
    }
    assert absent <= {"colorama", "httpx2-jsfetch"}, "run scripts/licences"


def test_what_was_made_from_others_work_stands_on_the_page_of_licences() -> None:
    """What the text reader learned its letters from, too: a bank's lawyers ask under which licences the fonts are."""
    rows = data_rows()
    assert set(rows) <= set(PAGE.read_text("utf-8").splitlines()), "run scripts/licences"
    assert any("text_reader.onnx" in row and "SIL OFL 1.1" in row for row in rows)


def test_only_the_research_pack_is_not_commercial() -> None:
    assert [n for n in pack_names() if not read_pack(n).commercial] == ["buffalo-l"]


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    text = (PACKS / "embedded.toml").read_text("utf-8")
    (tmp_path / "embedded.toml").write_text("thresold = 0.5\n" + text, "utf-8")
    with pytest.raises(PackUnusable, match="thresold"):
        read_pack("embedded", tmp_path)


def test_a_pack_must_carry_its_file_name(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text((PACKS / "embedded.toml").read_text("utf-8"), "utf-8")
    with pytest.raises(PackUnusable, match="embedded"):
        read_pack("other", tmp_path)


def test_an_unknown_pack_names_those_there_are() -> None:
    with pytest.raises(PackUnusable, match="arcface-mobile, buffalo-l, embedded"):
        read_pack("buffalo-s")


def test_knots_that_fall_are_refused(tmp_path: Path) -> None:
    text = (PACKS / "embedded.toml").read_text("utf-8").replace("[1.0, 1.0]", "[0.5, 1.0]")
    (tmp_path / "embedded.toml").write_text(text, "utf-8")
    with pytest.raises(PackUnusable, match="increase"):
        read_pack("embedded", tmp_path)


def test_a_right_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"weights")
    assert weight_file(b"weights").read(tmp_path) == b"weights"


def test_one_changed_byte_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"weightz")
    with pytest.raises(PackUnusable, match=r"net\.onnx is not the file .* SHA-256"):
        weight_file(b"weights").read(tmp_path)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PackUnusable, match=r"scripts/fetch_weights.*EKYC_WEIGHTS_DIR"):
        weight_file(b"weights").read(tmp_path)
    gone = weight_file(b"", size=1, origin="package", url=None, package="no_such_one", path="x")
    with pytest.raises(PackUnusable, match="no_such_one, which is not installed"):
        gone.read(None)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": None},
        {"origin": "package"},
        {"origin": "brought"},
        {"url": "http://weights.example/net.onnx"},
        {"name": "../net.onnx"},
        {"sha256": "0" * 63},
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        weight_file(b"weights", **changes)


def test_what_the_operator_brings_lies_in_a_folder_of_the_weights_folder(tmp_path: Path) -> None:
    file = weight_file(b"own", origin="brought", url=None, path="reader/inference.onnx")
    with pytest.raises(PackUnusable, match="Put your model there"):
        file.read(tmp_path)
    (tmp_path / "reader").mkdir()
    (tmp_path / "reader" / "inference.onnx").write_bytes(b"own")
    assert file.read(tmp_path) == b"own"


@pytest.mark.parametrize("place", ["reader/model.yml", "finder/inference.yml"])
def test_paddleocr_needs_both_files_in_one_folder(tmp_path: Path, place: str) -> None:
    text = (PACKS / "paddleocr.toml").read_text("utf-8")
    moved = text.replace("paddle-recognition/inference.yml", place)
    (tmp_path / "paddleocr.toml").write_text(moved, "utf-8")
    with pytest.raises(PackUnusable, match=r"one folder with inference\.onnx and"):
        read_pack("paddleocr", tmp_path)


def test_pinning_changes_the_named_file_alone() -> None:
    text = (PACKS / "arcface-mobile.toml").read_text("utf-8")
    changed = pinned(text, "text_reader.onnx", "ab" * 32, 123)
    before, after = text.splitlines(), changed.splitlines()
    assert [b for a, b in zip(before, after, strict=True) if a != b] == [
        f'sha256 = "{"ab" * 32}"',
        "size = 123",
    ]


def test_a_pack_lists_each_file_once() -> None:
    pack: ModelPack = read_pack("embedded")
    names = [file.name for file in pack.files()]
    assert len(names) == len(set(names)) == 11


def test_every_pack_judges_spoofing_and_accessories() -> None:
    """Liveness of a pack without a judge would pass on geometry alone."""
    packs = {name: read_pack(name) for name in pack_names()}
    assert not [n for n, pack in packs.items() if not (pack.spoof_judge and pack.accessory_judge)]


def test_faces_of_paddleocr_are_those_of_embedded() -> None:
    ours, brought = read_pack("embedded"), read_pack("paddleocr")
    roles = ("face_finder", "face_embedder", "spoof_judge", "accessory_judge", "calibration")
    for role in roles:
        assert getattr(brought, role) == getattr(ours, role)
