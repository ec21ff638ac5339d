"""Credentials of the systems that call this service: add, list, rotate, disable, quota."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from app.clients import ALL_SCOPES, Clients, NameTaken, Scope, UnknownClient
from app.credentials import NewCredentials
from app.settings import read_settings
from app.store.database import open_database
from app.store.keys import KeysUnusable, open_cipher
from app.store.migrate import upgrade

UNLIMITED = "unlimited"
MOST_HOURS = 30 * 24


def main(argv: Sequence[str]) -> int:
    """0 when done, 1 when the name is taken or unknown, 2 when the sealing keys are unusable."""
    asked = _parser().parse_args(argv)
    settings = read_settings()
    upgrade(settings.database_url)
    engine = open_database(settings.database_url)
    try:
        return _do(asked, Clients(engine, lambda: open_cipher(settings, engine)))
    except NameTaken as error:
        return _sorry(f"a client named {error} exists already")
    except UnknownClient as error:
        return _sorry(f"no client is named {error}")
    except KeysUnusable as error:
        _sorry(str(error))
        return 2
    finally:
        engine.dispose()


def _do(asked: argparse.Namespace, clients: Clients) -> int:
    match asked.command:
        case "add":
            new = clients.add(
                asked.name,
                scopes=asked.scopes,
                quota=asked.quota,
                rate=asked.rate,
                expires=asked.expires,
                signed=asked.signed,
            )
            _show(new, as_json=asked.json)
        case "rotate":
            overlap = timedelta(hours=asked.overlap)
            _show(clients.rotate(asked.name, overlap=overlap), as_json=asked.json)
        case "disable":
            clients.disable(asked.name)
            _say(f"{asked.name} is disabled")
        case "quota":
            clients.set_quota(asked.name, asked.quota)
            _say(f"{asked.name}: quota {_quota_text(asked.quota)}, counted from now")
        case _:
            _list(clients, as_json=asked.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="clients", description=__doc__)
    verbs = parser.add_subparsers(dest="command", required=True)
    add = verbs.add_parser("add", help="a new client; prints its credentials once")
    add.add_argument("name")
    add.add_argument(
        "--scopes",
        type=_scopes,
        default=list(ALL_SCOPES),
        help=f"families of routes, comma-separated, of {', '.join(Scope)} (default: all)",
    )
    add.add_argument(
        "--quota", type=_quota, default=None, help="answered requests (default: unlimited)"
    )
    add.add_argument(
        "--rate", type=_rate, default=None, help="requests per minute (default: unlimited)"
    )
    add.add_argument(
        "--expires", type=_day, default=None, help="YYYY-MM-DD, the first day without access"
    )
    add.add_argument(
        "--signed", action="store_true", help="each request must be signed; prints the signing key"
    )
    rotate = verbs.add_parser("rotate", help="new credentials in place of the old ones")
    rotate.add_argument("name")
    rotate.add_argument(
        "--overlap",
        type=_hours,
        default=0.0,
        metavar="HOURS",
        help="how long the old credentials still work (default: not at all)",
    )
    verbs.add_parser("disable", help="refuse this client from now on").add_argument("name")
    quota = verbs.add_parser("quota", help="a new quota, counted from now")
    quota.add_argument("name")
    quota.add_argument("quota", type=_quota, help=f"answered requests, or {UNLIMITED}")
    listing = verbs.add_parser("list", help="every client, without secrets")
    for verb in (add, rotate, listing):
        verb.add_argument("--json", action="store_true", help="one JSON object or array instead")
    return parser


def _show(new: NewCredentials, *, as_json: bool) -> None:
    shown = {"api_key": new.key, "api_secret": new.secret, "x_api_key": new.token}
    if new.signing_key is not None:
        shown["signing_key"] = new.signing_key
    if as_json:
        _say(json.dumps(shown))
        return
    _say("Shown once; only hashes are kept, and a signing key sealed.")
    for name, value in shown.items():
        _say(f"{name:<11} {value}")


def _list(clients: Clients, *, as_json: bool) -> None:
    reports = clients.listing()
    if as_json:
        _say(json.dumps([asdict(report) for report in reports], default=str))
        return
    for r in reports:
        state = (
            "disabled" if r.disabled else f"until {r.expires:%Y-%m-%d}" if r.expires else "active"
        )
        signed = "  signed" if r.signed else ""
        pace = "" if r.rate is None else f"  {r.rate} a minute"
        _say(
            f"{r.name}  {state}  {','.join(r.scopes)}  {r.used} of {_quota_text(r.quota)}{pace}{signed}"
            f"  api_key {' '.join(r.keys)}"
        )
    if not reports:
        _say("no clients yet: clients add NAME")


def _scopes(text: str) -> list[Scope]:
    return [Scope(part.strip()) for part in text.split(",")]


def _quota(text: str) -> int | None:
    if text == UNLIMITED:
        return None
    quota = int(text)
    if quota < 0:
        raise ValueError("a quota is not negative")
    return quota


def _rate(text: str) -> int:
    rate = int(text)
    if rate < 1:
        raise ValueError("at least one request a minute")
    return rate


def _hours(text: str) -> float:
    hours = float(text)
    if not 0 <= hours <= MOST_HOURS:
        raise ValueError("an overlap of up to thirty days")
    return hours


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def _quota_text(quota: int | None) -> str:
    return UNLIMITED if quota is None else str(quota)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _sorry(text: str) -> int:
    sys.stderr.write(text + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
