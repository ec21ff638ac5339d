"""The record of what was done to enrolled people: is it whole, and what does it say."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from app.settings import read_settings
from app.store.audit import Audit, ChainBroken, Head
from app.store.database import open_database
from app.store.keys import KeysUnusable, open_cipher
from app.store.migrate import upgrade


def main(argv: Sequence[str]) -> int:
    """0 when the chain is whole, 1 when it is not, 2 when the keys are unusable."""
    asked = _parser().parse_args(argv)
    settings = read_settings()
    upgrade(settings.database_url)
    engine = open_database(settings.database_url)
    try:
        audit = Audit(engine, open_cipher(settings, engine))
        head = audit.verify(asked.anchor)
        print(f"audit: {head.number} rows, whole")
        print(f"head {head}  (note it elsewhere; later: scripts/audit verify --anchor HEAD)")
    except ChainBroken as error:
        print(f"audit: BROKEN at {error}")
        return 1
    except KeysUnusable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    finally:
        engine.dispose()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="audit", description=__doc__)
    verbs = parser.add_subparsers(dest="command", required=True)
    verify = verbs.add_parser(
        "verify", help="recompute every link; prints the first row that was altered"
    )
    verify.add_argument(
        "--anchor",
        type=Head.read,
        metavar="HEAD",
        help="a head that was printed earlier: also notice rows cut off the end",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
