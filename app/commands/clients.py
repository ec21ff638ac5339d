"""Credentials of the systems that call this service: add, list, rotate, disable, enable, quota, change."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from app.clients import ALL_SCOPES, ClientReport, Clients, NameTaken, Scope, UnknownClient
from app.commands.head import Refusal, database, in_words, whole
from app.credentials import NewCredentials
from app.settings import read_settings
from app.store.keys import open_cipher

UNLIMITED = "unlimited"
NEVER = "never"
CHANGEABLE = ("scopes", "rate", "expires")
MOST_HOURS = 30 * 24
LONGEST_NAME = 100
"""Characters the database takes."""


@in_words(NameTaken, UnknownClient)
def main(argv: Sequence[str]) -> int:
    """0 when done, 1 when the name is taken or unknown or nothing is to change, 2 when the sealing keys or the database are unusable."""
    asked = _parser().parse_args(argv)
    settings = read_settings()
    with database(settings, may_be_new=True) as engine:
        return _do(asked, Clients(engine, lambda: open_cipher(settings, engine)))


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
        case "enable":
            clients.enable(asked.name)
            _say(f"{asked.name} is let in again")
        case "quota":
            clients.set_quota(asked.name, asked.quota)
            _say(f"{asked.name}: quota {_quota_text(asked.quota)}, counted from now")
        case "change":
            given = {name: value for name, value in vars(asked).items() if name in CHANGEABLE}
            if not given:
                raise Refusal("what is to change? name --scopes, --rate or --expires")
            clients.change(asked.name, **given)
            _list(clients, as_json=False, name=asked.name)
        case _:
            _list(clients, as_json=asked.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="clients", description=__doc__)
    verbs = parser.add_subparsers(dest="command", required=True)
    add = verbs.add_parser("add", help="a new client; prints its credentials once")
    add.add_argument("name", type=_name)
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
    verbs.add_parser("enable", help="let a disabled client in again").add_argument("name")
    quota = verbs.add_parser("quota", help="a new quota, counted from now")
    quota.add_argument("name")
    quota.add_argument("quota", type=_quota, help=f"answered requests, or {UNLIMITED}")
    change = verbs.add_parser(
        "change",
        help="other scopes, another pace or another last day; what it has enrolled stays its own",
        argument_default=argparse.SUPPRESS,
    )
    change.add_argument("name")
    change.add_argument("--scopes", type=_scopes, help="in place of those it has")
    change.add_argument("--rate", type=_pace, help=f"requests per minute, or {UNLIMITED}")
    change.add_argument(
        "--expires", type=_end, help=f"YYYY-MM-DD, the first day without access, or {NEVER}"
    )
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


def _list(clients: Clients, *, as_json: bool, name: str | None = None) -> None:
    reports = [report for report in clients.listing() if name in (None, report.name)]
    if as_json:
        _say(json.dumps([asdict(report) for report in reports], default=str))
        return
    for r in reports:
        signed = "  signed" if r.signed else ""
        pace = "" if r.rate is None else f"  {r.rate} a minute"
        _say(
            f"{r.name}  {_state(r)}  {','.join(r.scopes)}  {r.used} of {_quota_text(r.quota)}{pace}{signed}"
            f"  api_key {' '.join(r.keys)}"
        )
    if not reports:
        _say("no clients yet: clients add NAME")


def _state(report: ClientReport) -> str:
    if report.disabled:
        return "disabled"
    if report.expires is None:
        return "active"
    first_without = report.expires.replace(tzinfo=UTC).astimezone()  # the day as it was typed
    over = first_without <= datetime.now(UTC)
    return f"{'expired' if over else 'until'} {first_without:%Y-%m-%d}"


def _name(text: str) -> str:
    if not 1 <= len(text) <= LONGEST_NAME:
        raise argparse.ArgumentTypeError(f"a name has 1 to {LONGEST_NAME} characters")
    return text


def _scopes(text: str) -> list[Scope]:
    named = [part.strip() for part in text.split(",")]
    for one in named:
        if one not in [*Scope]:
            raise argparse.ArgumentTypeError(f"{one!r} is none of {', '.join(Scope)}")
    return sorted(Scope(one) for one in named)


def _quota(text: str) -> int | None:
    return None if text == UNLIMITED else whole(text, 0)


def _rate(text: str) -> int:
    return whole(text, 1)


def _pace(text: str) -> int | None:
    return None if text == UNLIMITED else _rate(text)


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = math.nan
    if not 0 <= hours <= MOST_HOURS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of hours from 0 to {MOST_HOURS}")
    return hours


def _day(text: str) -> datetime:
    try:
        day = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is no day as YYYY-MM-DD") from None
    if day <= datetime.now(UTC):
        raise argparse.ArgumentTypeError(f"{text!r} has come already")
    return day.replace(tzinfo=None)


def _end(text: str) -> datetime | None:
    return None if text == NEVER else _day(text)


def _quota_text(quota: int | None) -> str:
    return UNLIMITED if quota is None else str(quota)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
