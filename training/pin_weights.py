"""Writes the size and SHA-256 of our own weights into every pack: run it after an export.

python -m training.pin_weights
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

MODELS = Path(__file__).resolve().parents[1] / "models"
ENTRY = re.compile(
    r'(?P<head>name = "(?P<name>[^"]+)"\nsha256 = )"[0-9a-f]{64}"\nsize = \d+\n(?P<tail>origin = "repository")'
)


def pinned(pack: str) -> str:
    """The pack's text with the digests of the files that are in models/weights now."""

    def entry(match: re.Match[str]) -> str:
        content = (MODELS / "weights" / match["name"]).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        return f'{match["head"]}"{digest}"\nsize = {len(content)}\n{match["tail"]}'

    return ENTRY.sub(entry, pack)


def main() -> None:
    for path in sorted((MODELS / "packs").glob("*.toml")):
        path.write_text(pinned(path.read_text("utf-8")), "utf-8")
        print(f"pinned {path.name}")


if __name__ == "__main__":
    main()
