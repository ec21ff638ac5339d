"""The Python of the vendors' documents runs against this service, with only the host, the keys and the files changed.

The documents lie beside the repository, or where EKYC_SEEDS says; where they do not, `test_pairs` sends the same requests.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from app.settings import ROOT
from tests.fakes import Seen, picture
from tests.live import Live, Web

SEEDS = Path(os.environ.get("EKYC_SEEDS") or ROOT.parent / "shared" / "seeds")

HOST = "https://cloud.computervision.com.vn"
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)
FLAT = re.compile(r"^Demo Python:\n(import .*)$", re.MULTILINE)
"""One of the documents has lost its line ends."""
HEADS = (
    r"import (?=[a-z])|from PIL|def get_|img_byte_arr =|img\.save|encoded_img =|return |api_key =|api_secret ="
    r"|img_card(?:_path)? =|img_portrait(?:_path)? =|encode_card =|encode_portrait =|response =|print\("
)
PSEUDO = "import request\n"
"""Techainer's one block: no such module exists, and nothing is sent."""

REPAIRS = (
    ('matchingliveness"\n', 'matchingliveness",\n'),
    ("data = payload\n\nprint", "data = payload)\n\nprint"),
)
"""A comma and a bracket that the documents forgot: no Python takes them as they stand."""


def samples() -> Iterator[Any]:
    for file in sorted(SEEDS.glob("*.txt")):
        text = file.read_text("utf-8")
        blocks = CODE.findall(text) + [_broken_into_lines(one) for one in FLAT.findall(text)]
        for place, block in enumerate(blocks, 1):
            if not block.startswith(PSEUDO):
                yield pytest.param(block, id=f"{file.stem}-{place}")


def _broken_into_lines(flat: str) -> str:
    lines = re.sub(rf"(?<!^)(?<![\w.=( ])(?={HEADS})|(?<=[a-z0-9])(?={HEADS})", "\n", flat).split(
        "\n"
    )
    inside = False
    out = []
    for line in lines:
        out.append(f"    {line}" if inside else line)
        inside = line.startswith("def ") or (inside and not line.startswith("return "))
    return "\n".join(out)


@pytest.fixture
def prepared(fresh: Live, site: Web, tmp_path: Path) -> Callable[[str], str]:
    """The sample with our host, keys, files and ids."""

    def prepare(code: str) -> str:
        for wrong, right in REPAIRS:
            code = code.replace(wrong, right)
        encoded = base64.b64encode(picture(Seen.HOLDER)).decode()
        for placeholder, ours in {
            HOST: fresh.url,
            "<replace-with-your-api-key>": fresh.basic[0],
            "<replace-with-your-api-secret>": fresh.basic[1],
            "YOUR_API_KEY": fresh.basic[0],
            "YOUR_API_SECRET": fresh.basic[1],
            "iVBORw0KGgoAAAANSU...": encoded,
        }.items():
            code = code.replace(placeholder, ours)
        if "<image" in code or "123456" in code:
            ids = [_added(fresh, encoded) for _ in range(2)]
            code = code.replace(
                "<image-id-you-want-to-delete>,<image-id-you-want-to-delete>,...",
                f"{ids[0]},{ids[1]}",
            )
            code = code.replace("<image_id>", str(ids[0])).replace("123456", str(ids[0]))
        code = re.sub(r"""(\w+) *= (['"])(/path/[^'"]*|path_img)\2""", file_of, code)
        return re.sub(
            r"""(\w+) = (['"])(link_url[^'"]*|mat \w+ url|https://[^'"]*)\2""", url_of, code
        )

    def file_of(match: re.Match[str]) -> str:
        shown = _shown(match.string, match[1] + match[3])
        suffix = ".pdf" if match[3].endswith(".pdf") else ".jpg"
        path = tmp_path / f"{match[1]}{suffix}"
        path.write_bytes(picture(shown, "PDF" if suffix == ".pdf" else "JPEG"))
        return f"{match[1]} = {str(path)!r}"

    def url_of(match: re.Match[str]) -> str:
        shown = _shown(match.string, match[1])
        return f"{match[1]} = {site.page(f'/{shown.name}.jpg', picture(shown))!r}"

    return prepare


def _added(service: Live, encoded: str) -> int:
    route = "/backend/api/v1/request/face_search/add"
    body = {"image": {"base64": encoded}}
    answer = requests.post(service.url + route, auth=service.basic, json=body, timeout=20)
    return int(answer.json()["result"]["id"])


def _shown(code: str, name: str) -> Seen:
    """What the picture of this variable must show."""
    for word, shown in {
        "get_blx": Seen.LICENCE,
        "get_scan_a4": Seen.PAGE,
        "get_matsau": Seen.CHIP_BACK,
    }.items():
        if word in code:
            return shown
    if re.search("matsau|back", name):
        return Seen.CHIP_BACK
    is_card = "/ocr/" in code or re.search("cmt|card|mattruoc|front", name)
    return Seen.CHIP_FRONT if is_card else Seen.HOLDER


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the vendors' documents are not here")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the samples leave their files open
@pytest.mark.parametrize("code", [*samples()])
def test_sample(code: str, prepared: Callable[[str], str]) -> None:
    printed: list[Any] = []
    exec(compile(prepared(code), "sample", "exec"), {"print": printed.append})
    (answer,) = printed
    code_keys = {"errorCode", "error_code", "status_code"} & set(answer)
    assert [str(answer[key]) for key in code_keys] == ["0"] or answer["result"]
