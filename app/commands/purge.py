"""How long faces, fingerprints and sessions are kept, and deleting what is older: `purge run`, once a day."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from app.clients import UnknownClient
from app.settings import read_settings
from app.store.database import open_database
from app.store.keys import KeysUnusable, open_cipher
from app.store.migrate import upgrade
from app.store.retention import Retention

FOREVER = "forever"


def main(argv: Sequence[str]) -> int:
    """0 when done, 1 when the client is unknown, 2 when the keys are unusable."""
    asked = _parser().parse_args(argv)
    settings = read_settings()
    upgrade(settings.database_url)
    engine = open_database(settings.database_url)
    try:
        retention = Retention(engine, open_cipher(settings, engine))
        if asked.command == "keep" and asked.sessions:
            retention.keep_sessions(asked.client, asked.days)
        elif asked.command == "keep":
            retention.keep(asked.client, asked.collection, asked.days)
        elif asked.command == "run":
            print(f"deleted {retention.purge()} faces and fingerprints")
            print(f"deleted {retention.purge_sessions()} sessions")
        else:
            for kept in retention.collections():
                print(f"{kept.client}  {kept.name or '(own customers)'}  {_said(kept.days)}")
            for _, client, days in retention.sessions():
                print(f"{client}  (sessions)  {_said(days)}")
    except UnknownClient as error:
        sys.stderr.write(f"no client is named {error}\n")
        return 1
    except KeysUnusable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    finally:
        engine.dispose()
    return 0


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
    keep.add_argument(
        "--collection", default="", metavar="PARTY", help="an outside party's (default: one's own)"
    )
    keep.add_argument("--sessions", action="store_true", help="the client's sessions instead")
    return parser


def _said(days: int | None) -> str:
    return FOREVER if days is None else f"{days} days"


def _days(text: str) -> int | None:
    if text == FOREVER:
        return None
    days = int(text)
    if days < 1:
        raise ValueError("at least a day")
    return days


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
