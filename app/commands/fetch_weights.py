"""Fetches or finds the files of a model pack and verifies their digests: by default in the settings' weights folder."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from app.commands.head import in_words, settings_unless_help
from models.commands import fetch_weights


@in_words()
def main(argv: Sequence[str]) -> int:
    """0 when every file is there and right, 1 when not, 2 when the settings are not to be used."""
    settings = settings_unless_help(argv)
    return fetch_weights.main(argv, settings.weights_dir if settings else None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
