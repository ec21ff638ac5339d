"""Chooses the pack of a first run: the better one where its files can be had, else the one that needs none.

The caller pins the choice in the settings file, because stored templates are bound to their recogniser.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx

from models.fetch import FetchFailed, Say, fetch
from models.manifest import FETCHED_WEIGHTS, read_pack

WANTED = "arcface-mobile"
ALWAYS_THERE = "embedded"


@dataclass(frozen=True, slots=True)
class Choice:
    """The pack, and one notice for the person who started the set-up."""

    pack: str
    notice: str


def choose_pack(
    weights_dir: Path | None = None, *, say: Say, client: httpx.Client | None = None
) -> Choice:
    """Fetch `WANTED` into the weights folder (`EKYC_WEIGHTS_DIR`, or None for var/weights) if possible."""
    wanted = read_pack(WANTED)
    try:
        fetch(wanted, weights_dir or FETCHED_WEIGHTS, say=say, client=client)
    except FetchFailed as failure:
        return Choice(
            ALWAYS_THERE,
            f"{failure} Going on with the built-in face models (pack {ALWAYS_THERE!r}): slower, and with "
            f"a weaker spoof judge. People enrolled with one pack must be enrolled again for another; to change now, "
            f"run scripts/fetch_weights {WANTED} and set EKYC_PACK={WANTED}.",
        )
    return Choice(WANTED, f"Using the model pack {WANTED!r}. {wanted.licence}")
