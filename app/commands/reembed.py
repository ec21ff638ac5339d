"""After a change of the model pack: moves enrolled faces to its recogniser, from their stored pictures (EKYC_KEEP_IMAGES).
People whose picture was not kept must be enrolled again, or go back to the pack they were enrolled with."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from sqlalchemy import Engine

from app.commands.head import database, in_words
from app.images import FileBytes, Limits, read_image
from app.runtime import MakeRuntime, Runtime, build_runtime
from app.settings import Settings, read_settings
from app.store.cipher import Cipher
from app.store.keys import open_cipher
from app.store.reembedding import Reembedding
from models.types import FaceTemplate

REPORT_EVERY = 100


@in_words()
def main(argv: Sequence[str], make_runtime: MakeRuntime = build_runtime) -> int:
    """0 when no face of another recogniser is left, 1 when some are, 2 when keys, models or database are unusable."""
    parser = argparse.ArgumentParser(prog="reembed", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--drop-rest",
        action="store_true",
        help="delete the faces that cannot be moved, so that searches go on without them",
    )
    asked = parser.parse_args(argv)
    settings = read_settings()
    with database(settings) as engine:
        cipher = open_cipher(settings, engine)
        return _run(settings, engine, cipher, make_runtime(settings), drop_rest=asked.drop_rest)


def _run(
    settings: Settings, engine: Engine, cipher: Cipher, runtime: Runtime, *, drop_rest: bool
) -> int:
    limits = Limits(settings.max_image_bytes, settings.max_pixels)

    def embed(picture: bytes) -> FaceTemplate:
        return runtime.embed_face(read_image(FileBytes(picture), limits)).template

    move = Reembedding(engine, cipher, runtime.recogniser.id)
    print(f"{move.waiting()} faces to move to {runtime.recogniser.id}")
    done = move(embed, report=_report)
    print(
        f"moved {done.moved}; left {done.left}: {done.without_picture} without a stored picture, "
        f"{done.without_face} in whose picture no face was found, {done.altered} that were altered and do not open"
    )
    if done.left and drop_rest:
        print(f"deleted {move.drop_rest()}")
        return 0
    return 1 if done.left else 0


def _report(moved: int) -> None:
    if moved % REPORT_EVERY == 0:
        print(f"{moved} ...", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
