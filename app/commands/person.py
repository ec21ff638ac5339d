"""One person's record: export it, or erase it everywhere with a signed receipt. PERSON is the id the client enrolled, or, of
sessions, a number that was read from a document."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.clients import UnknownClient
from app.commands.head import Refusal, database, in_words, sorry
from app.settings import read_settings
from app.store.files import write_whole
from app.store.keys import open_cipher
from app.store.person import ReceiptInvalid, Record


@in_words(ReceiptInvalid, UnknownClient)
def main(argv: Sequence[str]) -> int:
    """0 when done, 1 when nobody has this id, the client is unknown or the receipt is not good, 2 when keys or database are unusable."""
    asked = _parser().parse_args(argv)
    settings = read_settings()
    with database(settings) as engine:
        return _do(asked, Record(engine, open_cipher(settings, engine)))


def _do(asked: argparse.Namespace, record: Record) -> int:
    if asked.command == "verify":
        if record.named(_receipt(record, asked.receipt)):
            return sorry("the receipt is genuine, but the person is here again: erase-again")
        print("the receipt is genuine, and nothing of the person is here")
        return 0
    _room_for(asked.out)  # before anything is erased
    if asked.command == "erase-again":
        found = record.named(_receipt(record, asked.receipt))
    else:
        found = record.find(asked.person, client=asked.client)
        if not found:
            return sorry("nothing is kept under this id")
    said = record.export(found) if asked.command == "export" else record.erase(found)
    return _write(asked.out, said)


def _receipt(record: Record, path: Path) -> dict[str, Any]:
    """Raises ReceiptInvalid."""
    try:
        receipt = json.loads(path.read_text("utf-8"))
    except ValueError:
        raise ReceiptInvalid(f"{path} is no receipt") from None
    record.check(receipt)
    return dict(receipt)


def _room_for(path: Path | None) -> None:
    if path is None:
        return
    if path.exists():
        raise Refusal(f"{path} is there already, and perhaps a receipt: name another file")
    if not path.parent.is_dir():
        raise Refusal(f"there is no folder {path.parent}")


def _write(path: Path | None, said: dict[str, Any]) -> int:
    """To a file of its owner's alone, or to standard output: also when the file cannot be written, since what was erased cannot
    be erased once more for another receipt."""
    text, status = json.dumps(said, ensure_ascii=False, indent=1) + "\n", 0
    if path is not None:
        try:
            write_whole(path, [text.encode()])
            print(f"written: {path}")
            return 0
        except OSError as error:
            status = sorry(f"{path} cannot be written ({error.strerror}): here it is instead")
    sys.stdout.write(text)
    return status


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
