"""Loads a model pack as the service would, with the service's settings."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from app.commands.head import in_words, settings_unless_help
from models.commands import verify_pack


@in_words()
def main(argv: Sequence[str]) -> int:
    """0 when the pack would start, 1 when not, 2 when the settings are not to be used."""
    settings = settings_unless_help(argv)
    if settings is None:
        return verify_pack.main(argv)
    return verify_pack.main(
        argv,
        verify_pack.Unasked(
            pack=settings.pack,
            weights_dir=settings.weights_dir,
            accept_noncommercial=settings.accept_noncommercial,
            cuda=settings.device == "cuda",
        ),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
