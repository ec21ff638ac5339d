"""Fetching ends with verified files in the folder, or with one sentence for the operator and no half file."""

from __future__ import annotations

import hashlib
import os
import resource
from pathlib import Path

import httpx
import pytest

from models.choose import choose_pack
from models.commands import fetch_weights
from models.fetch import FetchFailed, fetch, missing
from models.manifest import ModelPack, WeightFile, read_pack

CONTENTS = {"a.onnx": b"a" * 200_000, "b.onnx": b"b" * 10}


def small_pack() -> ModelPack:
    """arcface-mobile with two small files to fetch."""
    pack = read_pack("arcface-mobile")
    finder, embedder = pack.face_finder, pack.face_embedder
    return pack.model_copy(
        update={
            "spoof_judge": None,
            "face_finder": finder.model_copy(update={"weights": entry("a.onnx")}),
            "face_embedder": embedder.model_copy(update={"weights": entry("b.onnx")}),
        }
    )


def entry(name: str) -> WeightFile:
    return WeightFile(
        name=name,
        sha256=hashlib.sha256(CONTENTS[name]).hexdigest(),
        size=len(CONTENTS[name]),
        origin="url",
        url=f"https://weights.example/{name}",
        licence="MIT",
        source="nobody",
    )


class Site:
    """Answers with `contents`, and remembers what was asked for."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self._contents = contents
        self.asked: list[str] = []

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        self.asked.append(name)
        found = self._contents.get(name)
        return httpx.Response(404) if found is None else httpx.Response(200, content=found)


def unreachable() -> httpx.Client:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    return httpx.Client(transport=httpx.MockTransport(refuse))


def quiet(_: str) -> None: ...


def test_what_is_not_there_is_downloaded_and_verified(tmp_path: Path) -> None:
    into, site = tmp_path / "new" / "weights", Site(CONTENTS)
    fetch(small_pack(), into, say=quiet, client=site.client())
    assert {path.name: path.read_bytes() for path in into.iterdir()} == CONTENTS
    assert missing(small_pack(), into) == ()


def test_a_second_run_asks_nobody(tmp_path: Path) -> None:
    fetch(small_pack(), tmp_path, say=quiet, client=Site(CONTENTS).client())
    fetch(small_pack(), tmp_path, say=quiet, client=unreachable())


def test_a_folder_beside_spares_the_download(tmp_path: Path) -> None:
    beside, into, site = tmp_path / "beside", tmp_path / "into", Site(CONTENTS)
    beside.mkdir()
    (beside / "a.onnx").write_bytes(CONTENTS["a.onnx"])
    fetch(small_pack(), into, beside=beside, say=quiet, client=site.client())
    assert site.asked == ["b.onnx"]
    assert (into / "a.onnx").read_bytes() == CONTENTS["a.onnx"]


@pytest.mark.parametrize("sent", [b"a" * 199_999, b"a" * 300_000, b"z" * 200_000, b""])
def test_the_wrong_content_leaves_nothing_behind(tmp_path: Path, sent: bytes) -> None:
    site = Site(CONTENTS | {"a.onnx": sent})
    with pytest.raises(FetchFailed, match="wrong SHA-256"):
        fetch(small_pack(), tmp_path, say=quiet, client=site.client())
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_neither_used_nor_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"precious")
    with pytest.raises(FetchFailed, match="Delete it"):
        fetch(small_pack(), tmp_path, say=quiet, client=Site(CONTENTS).client())
    assert (tmp_path / "a.onnx").read_bytes() == b"precious"


def test_no_way_out_is_told_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match=r"weights\.example.*EKYC_WEIGHTS_DIR"):
        fetch(small_pack(), tmp_path, say=quiet, client=unreachable())
    with pytest.raises(FetchFailed, match="404"):
        fetch(small_pack(), tmp_path, say=quiet, client=Site({}).client())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(FetchFailed, match="cannot be written"):
        fetch(small_pack(), tmp_path / "x", say=quiet, client=Site(CONTENTS).client())


def test_a_full_disk_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(FetchFailed, match=r"a\.onnx cannot be written"):
            fetch(small_pack(), tmp_path, say=quiet, client=Site(CONTENTS).client())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_without_a_way_out_the_embedded_pack_is_chosen_and_said_so(tmp_path: Path) -> None:
    choice = choose_pack(tmp_path, say=quiet, client=unreachable())
    assert choice.pack == "embedded"
    assert "arcface-mobile" in choice.notice


def test_the_command_fails_with_one_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "yunet_n_dynamic.onnx").write_bytes(b"damaged")
    assert fetch_weights.main(["arcface-mobile", "--into", str(tmp_path)]) == 1
    assert "wrong SHA-256" in capsys.readouterr().err
    assert fetch_weights.main(["no-such-pack"]) == 1
    assert "no model pack 'no-such-pack'" in capsys.readouterr().err
