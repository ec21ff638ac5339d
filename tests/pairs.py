"""Sends the request of a pair to a running service, and compares what comes back with the pair's answer.

`python -m tests.pairs` rewrites every answer from the service over fake pipelines; read the difference before keeping it.
"""

from __future__ import annotations

import base64
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import requests

from app.dialects.examples import CUT, HERE, PICTURE, Pair, examples
from tests.fakes import Seen, pdf, picture
from tests.live import LOOPBACK, Live, Web, live, web
from tests.videos import video

VIDEO_FRAMES = 15
PUBLIC = "https://ekyc.example"
"""What kept answers call the service."""
LONGEST = 60
"""Characters of a text in a kept answer; base64 of pictures is cut."""
KEPT = 12
MOVING: dict[str, Any] = {
    "time": 0.25,
    "request_id": "d7e51de2-e075-4e9c-976d-bf82b8246e6f",
    "id": 123456,
    "face_id": "123456",
    "fingerprint_id": "123457",
    "enrolled": "2026-01-31T09:30:00Z",
    "nonce": "hB0kDqPVJtvlUu6r0Q7FJbTtG1m8Yz3x",
    "expires": "2026-01-31T09:32:00Z",
    "poses": ["left", "mid", "left", "right"],
    "url": "",
}
"""Differ from answer to answer; of numbers and of what has an own form only the kind is compared."""


def send(
    key: str, pair: Pair, service: Live, site: Web, given: list[Any], *, anonymous: bool = False
) -> requests.Response:
    """The pair's request, with what the answers `given` name; `anonymous`: without credentials."""
    method, path, _ = key.split(" ")
    sent = pair["request"]
    arguments: dict[str, Any] = {}
    for part in ("query", "form", "json"):
        if part in sent:
            name = {"query": "params", "form": "data", "json": "json"}[part]
            by_url = key.endswith("url")
            arguments[name] = filled(sent[part], site if by_url else None, given)
    if "files" in sent:
        arguments["files"] = [
            (name, ("picture", content(one)))
            for name, shown in sent["files"].items()
            for one in (shown if isinstance(shown, list) else [shown])
        ]
    if anonymous:
        pass
    elif path.startswith("/call/"):
        arguments["headers"] = service.token
    else:
        arguments["auth"] = service.basic
    for name, value in _ids(given).items():
        path = path.replace(f"{{{name}}}", str(value))
    return requests.request(method, service.url + path, timeout=20, **arguments)


def content(name: str) -> bytes:
    """The file a pair's "@name" stands for."""
    shown = name.removeprefix(PICTURE)
    if shown.endswith(".pdf"):
        return pdf(*(Seen[one.upper()] for one in shown.removesuffix(".pdf").split("+")))
    if shown.endswith(".mp4"):
        seen = Seen[shown.removesuffix(".mp4").upper()]
        frame = np.full((48, 64, 3), seen.value[::-1], np.uint8)
        return video([frame] * VIDEO_FRAMES)
    return picture(Seen[shown.upper()])


def filled(value: Any, site: Web | None, given: list[Any]) -> Any:
    """With pictures for their names, and what earlier answers gave for "{id}"."""
    if isinstance(value, dict):
        return {name: filled(one, site, given) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, site, given) for one in value]
    if not isinstance(value, str):
        return value
    if value.startswith(PICTURE):
        if site is not None:
            return site.page(f"/{value[1:]}.jpg", content(value))
        return base64.b64encode(content(value)).decode()
    ids = _ids(given)
    return ids[value[1:-1]] if value.startswith("{") and value[1:-1] in ids else value


def _ids(given: list[Any]) -> dict[str, Any]:
    """What answers call an id, of the newest answer that has one."""
    found: dict[str, Any] = {}

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for name, one in value.items():
                if name in ("id", "face_id", "image_id") and isinstance(one, int | str):
                    found[name] = found["image_id"] = found["id"] = one
                if name == "nonce":
                    found[name] = one
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    for answer in given:
        walk(answer)
    return found


def differences(expected: Any, got: Any, at: str = "") -> list[str]:
    """Where the answer is not the pair's; keys are compared with their order."""
    name = at.rpartition(".")[2]
    if name in MOVING and not (name == "id" and isinstance(expected, str)):
        return [] if type(expected) is type(got) else [f"{at}: {got!r}"]
    if isinstance(expected, dict) and isinstance(got, dict):
        if list(expected) != list(got):
            return [f"{at}: keys {list(got)} for {list(expected)}"]
        return [
            d for name in expected for d in differences(expected[name], got[name], f"{at}.{name}")
        ]
    if isinstance(expected, list) and isinstance(got, list):
        if len(expected) != len(got):
            return [f"{at}: {len(got)} elements for {len(expected)}"]
        return [
            d
            for i, (e, g) in enumerate(zip(expected, got, strict=True))
            for d in differences(e, g, f"{at}[{i}]")
        ]
    if isinstance(expected, str) and expected.endswith(CUT) and isinstance(got, str):
        return [] if got.startswith(expected.removesuffix(CUT)) else [f"{at}: {got[:LONGEST]!r}"]
    same = expected == got and type(expected) is type(got)
    return [] if same else [f"{at}: {got!r} for {expected!r}"]


def before(key: str, service: Live, site: Web) -> list[Any]:
    """Answers to the pairs that come before this one."""
    known = examples()
    given: list[Any] = []
    for earlier in known[key].get("given", []):
        given.append(send(earlier, known[earlier], service, site, given).json())
    return given


def _kept(value: Any) -> Any:
    """As it is written down: long texts cut, what moves replaced by an example of it."""
    if isinstance(value, dict):
        return {
            name: (MOVING.get(name) or _kept(one))
            if type(one) is type(MOVING.get(name))
            else _kept(one)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_kept(one) for one in value]
    if isinstance(value, str) and len(value) > LONGEST and not set(" :") & set(value):
        return value[:KEPT] + CUT
    return value


def record() -> None:
    with tempfile.TemporaryDirectory() as folder, web() as site:
        port = int(site.url.rpartition(":")[2])
        rules: dict[str, Any] = {"fetch_networks": (LOOPBACK,), "fetch_ports": {port}}
        with live(Path(folder), keep_images=True, **rules) as service:
            for file in sorted(HERE.glob("*.json")):
                pairs: dict[str, Pair] = json.loads(file.read_text("utf-8"))
                for key, pair in pairs.items():
                    asking = replace(service, credentials=service.clients.add(key))
                    told = send(key, pair, asking, site, before(key, asking, site))
                    pair["answer"] = json.loads(
                        json.dumps(_kept(told.json())).replace(service.url, PUBLIC)
                    )
                text = json.dumps(pairs, ensure_ascii=False, indent=1)
                file.write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    record()
