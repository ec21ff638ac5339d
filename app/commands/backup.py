"""Backs the database up beside the running service, and proves that the backup restores. The keys are not in it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from app.settings import read_settings
from app.store.backup import BackupBad, back_up
from app.store.copies import CopyFailed
from app.store.keys import KeysUnusable


def main(argv: Sequence[str]) -> int:
    """0 when done, 1 when there is no good backup, 2 when the keys are unusable."""
    parser = argparse.ArgumentParser(prog="backup", description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder to make")
    asked = parser.parse_args(argv)
    try:
        manifest = back_up(read_settings(), asked.folder)
    except KeysUnusable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (BackupBad, CopyFailed, FileExistsError) as error:
        sys.stderr.write(f"no backup: {error}\n")
        return 1
    held = manifest.contents
    print(f"{asked.folder}: {held.faces} faces of {held.people} people, made {manifest.made}")
    print(f"opens with the keys {', '.join(held.keys) or 'none'}; audit head {held.audit}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
