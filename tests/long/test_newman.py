"""The Postman collection, sent by newman to the live service."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from app.commands.postman import COLLECTION, file_name
from app.dialects.examples import PICTURE, examples
from tests.live import Live, Web
from tests.pairs import content


def pictures(value: object) -> set[str]:
    if isinstance(value, dict):
        return set().union(*(pictures(one) for one in value.values()))
    if isinstance(value, list):
        return set().union(*(pictures(one) for one in value))
    return {value} if isinstance(value, str) and value.startswith(PICTURE) else set()


@pytest.mark.skipif(shutil.which("npx") is None, reason="needs Node")
def test_collection(fresh: Live, site: Web, tmp_path: Path) -> None:
    values = {
        "base": fresh.url,
        "api_key": fresh.basic[0],
        "api_secret": fresh.basic[1],
        "x_api_key": fresh.credentials.token,
        "images": site.url,
    }
    for shown in pictures([pair["request"] for pair in examples().values()]):
        name, data = file_name(shown), content(shown)
        (tmp_path / name).write_bytes(data)
        site.page(f"/{name}", data)
        values[name] = base64.b64encode(data).decode()
    environment = {"values": [{"key": k, "value": v, "enabled": True} for k, v in values.items()]}
    (tmp_path / "environment.json").write_text(json.dumps(environment))
    report = tmp_path / "report.json"
    done = subprocess.run(
        ["npx", "--yes", "newman@6", "run", str(COLLECTION), "-e", "environment.json", "--working-dir", str(tmp_path),
         "--reporters", "json", "--reporter-json-export", str(report)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )  # fmt: skip
    assert report.exists(), done.stderr[-2000:]
    run = json.loads(report.read_text())["run"]
    failures = [(f["source"]["name"], f["error"]["message"]) for f in run["failures"]]
    assert failures == [], failures
    assert run["stats"]["requests"]["total"] >= len(examples())
