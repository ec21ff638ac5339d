"""How long faces, fingerprints and sessions are kept, and deleting what is older: `purge run`, once a day."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from app.clients import UnknownClient
from app.commands.head import database, in_words, whole
from app.settings import read_settings
from app.store.keys import open_cipher
from app.store.retention import Retention
from pipelines.search_faces import IMAGES, OWN

FOREVER = "forever"
MOST_DAYS = 100 * 366
"""Further back than a calendar may go, a purge would fail."""
CALLED = {OWN: "(own customers)", IMAGES: f"{IMAGES} (image search)"}


@in_words(UnknownClient)
def main(argv: Sequence[str]) -> int:
    """0 when done, 1 when the client is unknown, 2 when keys or database are unusable."""
    asked = _parser().parse_args(argv)
    settings = read_settings()
    with database(settings) as engine:
        retention = Retention(engine, open_cipher(settings, engine))
        if asked.command == "keep":
            _keep(retention, asked)
        elif asked.command == "run":
            print(f"deleted {retention.purge()} faces and fingerprints")
            print(f"deleted {retention.purge_sessions()} sessions")
        else:
            for kept in retention.collections():
                print(f"{kept.client}  {_called(kept.name)}  {_said(kept.days)}")
            for _, client, days in retention.sessions():
                print(f"{client}  (sessions)  {_said(days)}")
    return 0


def _keep(retention: Retention, asked: argparse.Namespace) -> None:
    if asked.sessions:
        retention.keep_sessions(asked.client, asked.days)
        print(f"{asked.client}  (sessions)  {_said(asked.days)}")
        return
    known = {(one.client, one.name) for one in retention.collections()}
    retention.keep(asked.client, asked.collection, asked.days)
    new = "" if (asked.client, asked.collection) in known else "  (nobody is enrolled there yet)"
    print(f"{asked.client}  {_called(asked.collection)}  {_said(asked.days)}{new}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="purge", description=__doc__)
    verbs = parser.add_subparsers(dest="command", required=True)
    verbs.add_parser("run", help="delete what is older than it is kept")
    verbs.add_parser("list", help="how long everything is kept")
    keep = verbs.add_parser(
        "keep", help="how long one collection, or a client's sessions, are kept"
    )
    keep.add_argument("client")
    keep.add_argument("days", type=_days, help=f"days, or {FOREVER}")
    what = keep.add_mutually_exclusive_group()
    what.add_argument(
        "--collection",
        default=OWN,
        metavar="PARTY",
        help=f"an outside party's, or {IMAGES} for image search (default: one's own customers)",
    )
    what.add_argument("--sessions", action="store_true", help="the client's sessions instead")
    return parser


def _said(days: int | None) -> str:
    return FOREVER if days is None else f"{days} days"


def _called(name: str) -> str:
    return CALLED.get(name, name)


def _days(text: str) -> int | None:
    return None if text == FOREVER else whole(text, 1, MOST_DAYS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
