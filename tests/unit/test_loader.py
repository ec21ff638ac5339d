"""The loader starts what is whole and refuses the rest with a sentence."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from models.commands import verify_pack
from models.loader import check_charset, load
from models.manifest import PackUnusable, read_pack
from models.session import ProviderUnavailable
from models.text.charset import CHARSET, VIETNAMESE_ACCENTED


def test_the_embedded_pack_starts_without_any_weights_folder() -> None:
    models = load(read_pack("embedded"), weights_dir=None)
    assert models.spoof_judge is not None
    assert models.pack.name == "embedded"
    assert models.calibration(1.0) == 1.0


def test_a_research_pack_needs_an_acknowledgement(tmp_path: Path) -> None:
    pack = read_pack("buffalo-l")
    with pytest.raises(PackUnusable, match="EKYC_ACCEPT_NONCOMMERCIAL"):
        load(pack, weights_dir=tmp_path)
    with pytest.raises(PackUnusable, match=r"det_10g\.onnx cannot be read"):
        load(pack, weights_dir=tmp_path, accept_noncommercial=True)


def test_a_damaged_file_stops_the_start(tmp_path: Path) -> None:
    for file in read_pack("arcface-mobile").to_fetch():
        (tmp_path / file.name).write_bytes(b"\0" * file.size)
    with pytest.raises(PackUnusable, match="SHA-256"):
        load(read_pack("arcface-mobile"), weights_dir=tmp_path)


def test_a_missing_provider_stops_the_start() -> None:
    with pytest.raises(ProviderUnavailable):
        load(read_pack("embedded"), weights_dir=None, providers=("NoSuchExecutionProvider",))


def test_a_graph_in_the_wrong_role_stops_the_start() -> None:
    pack = read_pack("embedded")
    finder = pack.text_finder
    swapped = pack.model_copy(
        update={"text_finder": finder.model_copy(update={"weights": pack.card_finder.weights})}
    )
    with pytest.raises(PackUnusable, match="does not run"):
        load(swapped, weights_dir=None)


def test_a_reader_that_lacks_one_letter_is_named_with_the_letter() -> None:
    check_charset(CHARSET, "reader.onnx")
    for letter in VIETNAMESE_ACCENTED:
        with pytest.raises(PackUnusable, match=f"reader.onnx cannot print 1 .*: {letter}"):
            check_charset(CHARSET.replace(letter, ""), "reader.onnx")


def test_another_graph_in_the_place_of_the_text_reader_stops_the_start() -> None:
    pack = read_pack("embedded")
    swapped = pack.model_copy(
        update={
            "text_reader": pack.text_reader.model_copy(update={"weights": pack.card_finder.weights})
        }
    )
    with pytest.raises(PackUnusable, match=r"cannot be opened: .* carries no charset"):
        load(swapped, weights_dir=None)


def test_the_packs_reader_is_asked_for_every_letter(tmp_path: Path) -> None:
    pack = read_pack("embedded")
    graph, letters = pack.text_reader.weights.read(None), json.dumps(CHARSET, ensure_ascii=False)
    poorer = graph.replace(letters.encode(), letters.replace("Ễ", "ễ").encode())
    (tmp_path / "poorer.onnx").write_bytes(poorer)
    file = pack.text_reader.weights.model_copy(
        update={
            "origin": "brought",
            "path": "poorer.onnx",
            "sha256": hashlib.sha256(poorer).hexdigest(),
        }
    )
    lacking = pack.model_copy(
        update={"text_reader": pack.text_reader.model_copy(update={"weights": file})}
    )
    with pytest.raises(PackUnusable, match=r"text_reader\.onnx cannot print 1 .*: Ễ$"):
        load(lacking, weights_dir=tmp_path)


def test_the_command_says_what_a_pack_is_worth(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_pack.main(["embedded"]) == 0
    said = capsys.readouterr().out
    assert "dlib_face_recognition_resnet_model_v1.dat" in said
    assert "similarity  75%" in said
    assert verify_pack.main(["buffalo-l"]) == 1
    assert "may not be used commercially" in capsys.readouterr().err
