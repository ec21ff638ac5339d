"""After a change of the model pack: moves enrolled faces to its recogniser, from their stored pictures (EKYC_KEEP_IMAGES).
People whose picture was not kept must be enrolled again, or go back to the pack they were enrolled with."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from app.images import FileBytes, Limits, read_image
from app.runtime import CannotStart, MakeRuntime, build_runtime
from app.settings import Settings, read_settings
from app.store.database import open_database
from app.store.keys import KeysUnusable, open_cipher
from app.store.migrate import upgrade
from app.store.reembedding import Reembedding
from models.types import FaceTemplate

REPORT_EVERY = 100


def main(argv: Sequence[str], make_runtime: MakeRuntime = build_runtime) -> int:
    """0 when no face of another recogniser is left, 1 when some are, 2 when keys or models are unusable."""
    parser = argparse.ArgumentParser(prog="reembed", description=__doc__)
    parser.add_argument(
        "--drop-rest",
        action="store_true",
        help="delete the faces that cannot be moved, so that searches go on without them",
    )
    asked = parser.parse_args(argv)
    settings = read_settings()
    upgrade(settings.database_url)
    try:
        return _run(settings, make_runtime, drop_rest=asked.drop_rest)
    except (KeysUnusable, CannotStart) as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _run(settings: Settings, make_runtime: MakeRuntime, *, drop_rest: bool) -> int:
    runtime = make_runtime(settings)
    limits = Limits(settings.max_image_bytes, settings.max_pixels)

    def embed(picture: bytes) -> FaceTemplate:
        return runtime.embed_face(read_image(FileBytes(picture), limits)).template

    engine = open_database(settings.database_url)
    try:
        move = Reembedding(engine, open_cipher(settings, engine), runtime.recogniser.id)
        print(f"{move.waiting()} faces to move to {runtime.recogniser.id}")
        done = move(embed, report=_report)
        print(
            f"moved {done.moved}; left {done.left}: {done.without_picture} without a stored picture, "
            f"{done.without_face} in whose picture no face was found"
        )
        if done.left and drop_rest:
            print(f"deleted {move.drop_rest()}")
            return 0
    finally:
        engine.dispose()
    return 1 if done.left else 0


def _report(moved: int) -> None:
    if moved % REPORT_EVERY == 0:
        print(f"{moved} ...", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
