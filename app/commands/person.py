"""One person's record: export it, or erase it everywhere with a signed receipt. PERSON is the id the client enrolled, or, of
sessions, a number that was read from a document."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.settings import read_settings
from app.store.database import open_database
from app.store.files import write_whole
from app.store.keys import KeysUnusable, open_cipher
from app.store.migrate import upgrade
from app.store.person import ReceiptInvalid, Record


def main(argv: Sequence[str]) -> int:
    """0 when done, 1 when nobody has this id or the receipt is not good, 2 when the keys are unusable."""
    asked = _parser().parse_args(argv)
    settings = read_settings()
    upgrade(settings.database_url)
    engine = open_database(settings.database_url)
    try:
        return _do(asked, Record(engine, open_cipher(settings, engine)))
    except KeysUnusable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except ReceiptInvalid as error:
        return _sorry(str(error))
    finally:
        engine.dispose()


def _do(asked: argparse.Namespace, record: Record) -> int:
    if asked.command in ("verify", "erase-again"):
        receipt = json.loads(asked.receipt.read_text("utf-8"))
        record.check(receipt)
        back = record.named(receipt)
        if asked.command == "erase-again":
            _write(asked.out, record.erase(back))
        elif back:
            return _sorry("the receipt is genuine, but the person is here again: erase-again")
        else:
            print("the receipt is genuine, and nothing of the person is here")
        return 0
    found = record.find(asked.person, client=asked.client)
    if not found:
        return _sorry("nothing is kept under this id")
    _write(asked.out, record.export(found) if asked.command == "export" else record.erase(found))
    return 0


def _write(path: Path | None, said: dict[str, Any]) -> None:
    """To a file of its owner's alone, or to standard output."""
    text = json.dumps(said, ensure_ascii=False, indent=1) + "\n"
    if path is None:
        sys.stdout.write(text)
    else:
        write_whole(path, [text.encode()])


def _sorry(text: str) -> int:
    sys.stderr.write(text + "\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="person", description=__doc__)
    verbs = parser.add_subparsers(dest="command", required=True)
    export = verbs.add_parser("export", help="everything kept of a person, opened, as JSON")
    erase = verbs.add_parser("erase", help="delete it everywhere; prints the signed receipt")
    for verb in (export, erase):
        verb.add_argument("person", metavar="PERSON")
        verb.add_argument("--client", help="only what this client enrolled (default: all clients)")
    verify = verbs.add_parser("verify", help="is a receipt genuine, and is the person still gone")
    again = verbs.add_parser(
        "erase-again", help="after restoring an older backup: erase whom a receipt names"
    )
    for verb in (verify, again):
        verb.add_argument("receipt", type=Path)
    for verb in (export, erase, again):
        verb.add_argument("--out", type=Path, metavar="FILE", help="instead of standard output")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
