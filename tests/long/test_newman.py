"""The Postman collection, sent by newman to the live service."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.clients import Clients
from app.commands.postman import COLLECTION, file_name
from app.credentials import NewCredentials
from app.dialects.examples import PICTURE, examples
from app.store.keys import open_cipher
from tests.live import Live, Web
from tests.pairs import content

pytestmark = pytest.mark.skipif(shutil.which("npx") is None, reason="needs Node")


def pictures(value: object) -> set[str]:
    if isinstance(value, dict):
        return set().union(*(pictures(one) for one in value.values()))
    if isinstance(value, list):
        return set().union(*(pictures(one) for one in value))
    return {value} if isinstance(value, str) and value.startswith(PICTURE) else set()


def sent_by_newman(
    client: NewCredentials, fresh: Live, site: Web, folder: Path, *more: str, **values: str
) -> dict[str, Any]:
    """Newman's report; `more` are options of its own, `values` variables besides those of every run."""
    values |= {
        "base": fresh.url,
        "api_key": client.key,
        "api_secret": client.secret,
        "x_api_key": client.token,
        "images": site.url,
    }
    for shown in pictures([pair["request"] for pair in examples().values()]):
        name, data = file_name(shown), content(shown)
        (folder / name).write_bytes(data)
        site.page(f"/{name}", data)
        values[name] = base64.b64encode(data).decode()
    environment = {"values": [{"key": k, "value": v, "enabled": True} for k, v in values.items()]}
    (folder / "environment.json").write_text(json.dumps(environment))
    report = folder / "report.json"
    done = subprocess.run(
        ["npx", "--yes", "newman@6", "run", str(COLLECTION), "-e", "environment.json", "--working-dir", str(folder),
         "--reporters", "json", "--reporter-json-export", str(report), *more],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )  # fmt: skip
    assert report.exists(), done.stderr[-2000:]
    run: dict[str, Any] = json.loads(report.read_text())["run"]
    failures = [(f["source"]["name"], f["error"]["message"]) for f in run["failures"]]
    assert failures == [], failures
    return run


def test_collection(fresh: Live, site: Web, tmp_path: Path) -> None:
    run = sent_by_newman(fresh.credentials, fresh, site, tmp_path)
    assert run["stats"]["requests"]["total"] >= len(examples())


def test_collection_signs(fresh: Live, site: Web, tmp_path: Path) -> None:
    """Every kind of request but forms, whose files Postman's scripts cannot read."""
    engine = fresh.inside.engine
    clients = Clients(engine, lambda: open_cipher(fresh.settings, engine))
    client = clients.add(f"signed-{tmp_path.name}", signed=True)
    assert client.signing_key is not None
    rows = [
        "GET /backend/api/v1/request/ocr/cmt/get_haimat url",
        "POST /api/v2/ekyc/face_matching base64",
        "POST /api/v2/ekyc/challenge query",
        "POST /call/predict base64",
    ]
    only = [part for row in rows for part in ("--folder", row)]
    run = sent_by_newman(client, fresh, site, tmp_path, *only, signing_key=client.signing_key)
    assert run["stats"]["requests"]["total"] == len(rows)
