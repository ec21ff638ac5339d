"""Puts a backup in the place of the database. Services must be stopped; the keys must be at hand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from app.settings import read_settings
from app.store.backup import BackupBad, restore
from app.store.copies import CopyFailed, InUse
from app.store.keys import KeysUnusable


def main(argv: Sequence[str]) -> int:
    """0 when done, 1 when there is no good backup or the database is in use, 2 when the keys are unusable."""
    parser = argparse.ArgumentParser(prog="restore", description=__doc__)
    parser.add_argument("folder", type=Path, help="what scripts/backup made")
    asked = parser.parse_args(argv)
    try:
        manifest = restore(read_settings(), asked.folder)
    except KeysUnusable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (BackupBad, CopyFailed, InUse) as error:
        sys.stderr.write(f"no restore: {error}\n")
        return 1
    held = manifest.contents
    print(f"{asked.folder}: {held.faces} faces of {held.people} people, made {manifest.made}")
    print(f"opens with the keys {', '.join(held.keys) or 'none'}; audit head {held.audit}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
