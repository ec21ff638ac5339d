"""Brings a pack's files into a folder: those already there are verified, the rest is copied or downloaded."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import httpx
from tqdm import tqdm

from models.manifest import ModelPack, WeightFile

CONNECT_SECONDS = 3.0
"""A machine without a way out should find that out quickly."""
SILENCE_SECONDS = 20.0
CHUNK = 1 << 16

Say = Callable[[str], None]


class FetchFailed(Exception):
    """A file could not be had; the message is for the operator."""


def fetch(
    pack: ModelPack,
    into: Path,
    *,
    beside: Path | None = None,
    say: Say,
    client: httpx.Client | None = None,
) -> None:
    """Make `into` hold every fetched file of the pack, each verified.

    Args:
        beside: another folder to copy from before anything is downloaded.
        say: tells a person, one line at a time.
        client: another transport, for tests.

    Raises:
        FetchFailed: a file is neither in a folder nor to be downloaded, or not the right one.
    """
    with client or _client() as web:
        for file in pack.to_fetch():
            target = into / file.name
            if target.is_file():
                if digest_of(target) != file.sha256:
                    raise FetchFailed(
                        f"{target} is there but is not the file the pack wants (wrong SHA-256). "
                        "Delete it and run the command again."
                    )
                say(f"{file.name}: there, SHA-256 right")
                continue
            source = beside / file.name if beside else None
            if source and source.is_file() and digest_of(source) == file.sha256:
                with _placed(target) as out, source.open("rb") as content:
                    shutil.copyfileobj(content, out)
                say(f"{file.name}: copied from {beside}")
            else:
                _download(web, file, target)
                say(f"{file.name}: downloaded, SHA-256 right")


def missing(pack: ModelPack, weights_dir: Path) -> tuple[str, ...]:
    """Names of fetched files that are not in the folder. Does not read them."""
    return tuple(f.name for f in pack.to_fetch() if not (weights_dir / f.name).is_file())


def digest_of(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _client() -> httpx.Client:
    timeout = httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
    return httpx.Client(timeout=timeout, follow_redirects=True)


def _download(web: httpx.Client, file: WeightFile, target: Path) -> None:
    if file.url is None:
        raise FetchFailed(f"{file.name} has no public address")
    digest = hashlib.sha256()
    try:
        with _placed(target) as out, web.stream("GET", file.url) as answer:
            answer.raise_for_status()
            bar = tqdm(
                total=file.size,
                unit="B",
                unit_scale=True,
                desc=file.name,
                file=sys.stderr,
                delay=1,
                mininterval=0.5,
            )
            with bar:
                for chunk in answer.iter_bytes(CHUNK):
                    digest.update(chunk)
                    bar.update(len(chunk))
                    if out.write(chunk) and out.tell() > file.size:
                        break
            if digest.hexdigest() != file.sha256:
                raise FetchFailed(
                    f"What {file.url} sends is not {file.name} (wrong SHA-256); nothing was kept."
                )
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise FetchFailed(
            f"{file.name} could not be downloaded from {httpx.URL(file.url).host}: {reason}. "
            "On a machine without Internet access, copy the file into a folder and set EKYC_WEIGHTS_DIR to it."
        ) from error


@contextmanager
def _placed(target: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name whole and on disk, or not at all."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise FetchFailed(
            f"The folder {target.parent} cannot be written ({error.strerror})."
        ) from error
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except OSError as error:
        raise FetchFailed(f"{target} cannot be written ({error.strerror or error}).") from error
    finally:
        Path(name).unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
