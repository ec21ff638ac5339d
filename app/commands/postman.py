"""Writes docs/api/postman_collection.json: every route and format with its example, ready to be sent.

Variables: `base`, `api_key`, `api_secret`, `x_api_key`, `signing_key` (of a client that signs), `images` (where pictures by URL lie) and, for
base64, one per picture.
Files are looked for in Postman's (or newman's) working directory.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from app.commands.routes import Row, rows
from app.dialects.examples import PICTURE, Pair, examples
from app.openapi import DESCRIPTION
from app.settings import ROOT
from app.signing import DIGEST_HEADER, NONCE_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER

COLLECTION = ROOT / "docs" / "api" / "postman_collection.json"
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"

REMEMBER = """\
const find = (value) => {
  if (value && typeof value === "object") {
    for (const [name, one] of Object.entries(value)) {
      if (name === "nonce") {
        pm.collectionVariables.set("nonce", one);
      }
      if (["id", "face_id"].includes(name) && one !== "N/A" && typeof one !== "object") {
        pm.collectionVariables.set("image_id", one);
        pm.collectionVariables.set("face_id", one);
      }
      find(one);
    }
  }
};
find(pm.response.json());"""
"""What an answer calls an id is what the requests after it ask for."""


SIGN = f"""\
// Signs when the variable signing_key is set (docs/api/signed-requests.md). Postman's scripts cannot read the files of a
// form, so a client that signs sends pictures as base64 or by URL from here.
const key = pm.variables.get("signing_key");
if (key) {{
  const body = pm.request.body && pm.request.body.mode === "raw" ? pm.request.body.raw : "";
  const digest = CryptoJS.SHA256(pm.variables.replaceIn(body)).toString();
  const target = pm.variables.replaceIn(pm.request.url.getPathWithQuery());
  const stamp = String(Math.floor(Date.now() / 1000));
  const nonce = pm.variables.replaceIn("{{{{$guid}}}}");
  const lines = [pm.request.method, target, digest, stamp, nonce].join("\\n");
  pm.request.headers.upsert({{key: "{TIMESTAMP_HEADER}", value: stamp}});
  pm.request.headers.upsert({{key: "{NONCE_HEADER}", value: nonce}});
  pm.request.headers.upsert({{key: "{DIGEST_HEADER}", value: digest}});
  pm.request.headers.upsert({{key: "{SIGNATURE_HEADER}", value: CryptoJS.HmacSHA256(lines, key).toString()}});
}}"""


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="postman", description=__doc__)
    parser.parse_args(argv)
    COLLECTION.write_text(text(), "utf-8")
    sys.stdout.write(f"{COLLECTION.relative_to(ROOT)}\n")
    return 0


def text() -> str:
    return json.dumps(collection(), ensure_ascii=False, indent=1) + "\n"


def collection() -> dict[str, Any]:
    pairs = examples()
    known = {row.key: row for row in rows(pairs)}
    folders: dict[str, list[dict[str, Any]]] = {}
    for row in known.values():
        items = folders.setdefault(row.dialect, [])
        items += [
            _item(known[key], pairs[key], "before: ") for key in pairs[row.key].get("given", [])
        ]
        items.append(_item(row, pairs[row.key]))
    return {
        "info": {"name": "eKYC", "schema": SCHEMA, "description": DESCRIPTION},
        "event": [_script("prerequest", SIGN), _script("test", REMEMBER)],
        "item": [{"name": name, "item": items} for name, items in folders.items()],
        "variable": [{"key": "base", "value": "http://127.0.0.1:8000"}],
    }


def _item(row: Row, pair: Pair, prefix: str = "") -> dict[str, Any]:
    sent: Mapping[str, Any] = pair["request"]
    path = row.path.replace("{image_id}", "{{image_id}}")
    raw = "{{base}}" + path
    if "query" in sent:
        raw += "?" + urlencode(_filled(sent["query"], row.format), safe="{}")
    request: dict[str, Any] = {"method": row.method, "url": raw, "header": []}
    if row.dialect.startswith("techainer"):
        request["header"].append({"key": "x-api-key", "value": "{{x_api_key}}"})
    else:
        pair_of = {"username": "{{api_key}}", "password": "{{api_secret}}"}
        request["auth"] = {
            "type": "basic",
            "basic": [{"key": k, "value": v, "type": "string"} for k, v in pair_of.items()],
        }
    if "json" in sent:
        request["header"].append({"key": "content-type", "value": "application/json"})
        body = json.dumps(_filled(sent["json"], row.format), ensure_ascii=False)
        # Ids of images are numbers; the placeholder of a number has no quotes.
        request["body"] = {"mode": "raw", "raw": body.replace('"{{image_id}}"', "{{image_id}}")}
    elif "files" in sent or "form" in sent:
        request["body"] = {"mode": "formdata", "formdata": [*_parts(sent, row.format)]}
    code = next(
        k for k in ("errorCode", "error_code", "status_code", "code", "time") if k in pair["answer"]
    )
    expected = json.dumps(pair["answer"][code])
    right = f'pm.expect(pm.response.json()["{code}"]).to.eql({expected});' if code != "time" else ""
    script = f'pm.test("answered", () => {{ pm.response.to.have.status(200); {right} }});'
    return {
        "name": f"{prefix}{row.key}",
        "request": request,
        "event": [_script("test", script)],
    }


def _script(listen: str, text: str) -> dict[str, Any]:
    return {"listen": listen, "script": {"exec": text.split("\n")}}


def _parts(sent: Mapping[str, Any], kind: str) -> list[dict[str, str]]:
    said = _filled(sent.get("form", {}), kind)
    parts = [{"key": k, "value": str(v), "type": "text"} for k, v in said.items()]
    for name, shown in sent.get("files", {}).items():
        for one in shown if isinstance(shown, list) else [shown]:
            parts.append({"key": name, "type": "file", "src": file_name(one)})
    return parts


def file_name(picture: str) -> str:
    name = picture.removeprefix(PICTURE)
    return name if Path(name).suffix else f"{name}.jpg"


def _filled(value: Any, kind: str) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, kind) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, kind) for one in value]
    if isinstance(value, str) and value.startswith(PICTURE):
        by_url = kind == "url"
        return f"{{{{images}}}}/{file_name(value)}" if by_url else f"{{{{{file_name(value)}}}}}"
    if isinstance(value, str) and value.startswith("{"):
        return f"{{{value}}}"
    return value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
