"""One request and its answer for every route and format: what OpenAPI, the documents and the Postman collection show, and
what the contract tests send and expect.

A pair is `{"request": {"query", "files", "form", "json"}, "answer"}`, and `given`, the pairs that come before it. In a
request "@name" stands for a picture, however it travels. In an answer a text that ends in "..." is only its beginning.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

Pair: TypeAlias = dict[str, Any]

HERE = Path(__file__).parent
PICTURE = "@"
CUT = "..."


def examples() -> dict[str, Pair]:
    """By "METHOD /path format"."""
    return {key: pair for file in sorted(HERE.glob("*.json")) for key, pair in _read(file)}


def _read(file: Path) -> Iterator[tuple[str, Pair]]:
    pairs: dict[str, Pair] = json.loads(file.read_text("utf-8"))
    yield from pairs.items()
