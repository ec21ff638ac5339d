"""Writes size and SHA-256 of the weights in models/weights into every pack. Run it after an export."""

from __future__ import annotations

import argparse
import hashlib
import re
import sys

from models.manifest import OWN_WEIGHTS, PACKS


def pinned(manifest: str, name: str, sha256: str, size: int) -> str:
    """The manifest's text with the entry of the file `name` brought up to date."""
    entry = re.compile(rf'(name = "{re.escape(name)}"\n)sha256 = "[0-9a-f]*"\nsize = \d+\n')
    return entry.sub(rf'\g<1>sha256 = "{sha256}"\nsize = {size}\n', manifest)


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_args()
    weights = sorted([*OWN_WEIGHTS.glob("*.onnx"), *OWN_WEIGHTS.glob("*.npz")])
    for path in sorted(PACKS.glob("*.toml")):
        text = path.read_text("utf-8")
        for file in weights:
            content = file.read_bytes()
            text = pinned(text, file.name, hashlib.sha256(content).hexdigest(), len(content))
        path.write_text(text, "utf-8")
    print(f"pinned {', '.join(file.name for file in weights) or 'nothing'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
