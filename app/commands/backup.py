"""Backs the database up beside the running service, and proves that the backup restores. The keys are not in it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from app.commands.head import in_words
from app.settings import read_settings
from app.store.backup import BackupBad, back_up
from app.store.copies import CopyFailed


@in_words(BackupBad, CopyFailed)
def main(argv: Sequence[str]) -> int:
    """0 when done, 1 when there is no good backup, 2 when keys or database are unusable."""
    parser = argparse.ArgumentParser(prog="backup", description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder to make")
    asked = parser.parse_args(argv)
    print(f"{asked.folder}: {back_up(read_settings(), asked.folder)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
