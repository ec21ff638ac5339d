"""Files that are there whole or not at all, whatever is cut off when."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, parts: Iterable[bytes]) -> None:
    """Replace a file: temporary file, fsync, rename, fsync of the folder. Readable by its owner alone.

    The temporary file has one name per process: what a kill leaves behind is overwritten by the next one of that number,
    or removed by `sweep`.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def sweep(path: Path) -> None:
    """Remove what interrupted writes of this file by processes that are gone have left."""
    for left in path.parent.glob(f"{path.name}.*.tmp"):
        number = left.name.removeprefix(f"{path.name}.").removesuffix(".tmp")
        if number.isdigit() and not Path(f"/proc/{number}").exists():
            left.unlink(missing_ok=True)


def flush_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
