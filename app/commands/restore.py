"""Puts a backup in the place of the database. Services must be stopped; the keys must be at hand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from app.commands.head import in_words
from app.settings import read_settings
from app.store.backup import BackupBad, restore
from app.store.copies import CopyFailed, InUse


@in_words(BackupBad, CopyFailed, InUse)
def main(argv: Sequence[str]) -> int:
    """0 when done, 1 when there is no good backup or the database is in use, 2 when keys or database are unusable."""
    parser = argparse.ArgumentParser(prog="restore", description=__doc__)
    parser.add_argument("folder", type=Path, help="what scripts/backup made")
    asked = parser.parse_args(argv)
    print(f"{asked.folder}: {restore(read_settings(), asked.folder)}")
    print(
        "restored. People erased since are back: `person erase-again` for each receipt since, and `purge run`"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
