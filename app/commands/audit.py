"""The record: is what was done to enrolled people whole, and what was one request asked and answered, by which models and why."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from sqlalchemy import Engine

from app.commands.head import database, in_words, sorry
from app.settings import read_settings
from app.store.audit import Act, Audit, ChainBroken, Head
from app.store.cipher import Cipher, KeyMissing, Tampered
from app.store.keys import open_cipher
from app.store.sessions import Sessions


@in_words()
def main(argv: Sequence[str]) -> int:
    """0 when the chain is whole or the request explained, 1 when it is not, 2 when keys or database are unusable."""
    asked = _parser().parse_args(argv)
    settings = read_settings()
    with database(settings) as engine:
        cipher = open_cipher(settings, engine)
        if asked.command == "explain":
            return _explain(engine, cipher, asked.request)
        try:
            head = Audit(engine, cipher).verify(asked.anchor)
        except ChainBroken as error:
            print(f"audit: BROKEN at {error}")
            return 1
        print(f"audit: {head.number} rows, whole")
        print(f"head {head}  (note it elsewhere; later: scripts/audit verify --anchor HEAD)")
    return 0


def _explain(engine: Engine, cipher: Cipher, request: str) -> int:
    try:
        with engine.connect() as connection:
            told = Sessions(cipher).explained(connection, request)
    except (Tampered, KeyMissing) as error:
        return sorry(f"the record of this request does not open: {error}")
    if told is None:
        return sorry("no record of this request: never admitted, erased, or past its time")
    Audit(engine, cipher).note(Act.EXPLAIN)
    print(json.dumps(told, ensure_ascii=False, indent=1))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="audit", description=__doc__)
    verbs = parser.add_subparsers(dest="command", required=True)
    verify = verbs.add_parser(
        "verify", help="recompute every link; prints the first row that was altered"
    )
    verify.add_argument(
        "--anchor",
        type=_head,
        metavar="HEAD",
        help="a head that was printed earlier: also notice rows cut off the end",
    )
    explain = verbs.add_parser(
        "explain", help="what one request was asked and answered, opened, as JSON: keep it safe"
    )
    explain.add_argument("request", metavar="REQUEST_ID", help="as in the answer's x-request-id")
    return parser


def _head(text: str) -> Head:
    try:
        return Head.read(text)
    except ValueError:
        said = f"{text!r} is no head as `audit verify` prints one, NUMBER:HASH"
        raise argparse.ArgumentTypeError(said) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
