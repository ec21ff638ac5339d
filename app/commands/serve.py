"""Start the service: bring the database up to date, load and warm the models, answer HTTP."""

from __future__ import annotations

import argparse
import contextlib
import logging
import math
import os
import socket
import ssl
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from cryptography.x509 import load_pem_x509_certificate
from fastapi import FastAPI

from app.commands.head import Refusal, in_words, whole
from app.first_run import make_ready
from app.log import log_as_json
from app.main import create_app
from app.patience import PatientProtocol
from app.runtime import build_runtime
from app.settings import Settings

log = logging.getLogger("ekyc.start")

KEEP_ALIVE_SECONDS = 20
"""Longer than a client's pause between two requests, shorter than a load balancer's idle limit."""

STOP_SECONDS = 5
"""Beyond the longest deadline, for answers to be taken: so long a service that is told to stop waits for what it has begun."""

LAST_PORT = 65535

RENEW_WITHIN = timedelta(days=30)
"""How long before its end a certificate is warned of: the time a bank's authority may take for another."""

SWITCH_SECONDS = 0.0005
"""For how long one thread may keep Python to itself while others wait. A search lets go of it some twenty times, at each row it
reads: beside a thread that only computes, the interpreter's 5 ms made that 125 ms, this 19."""


@in_words()
def main(argv: Sequence[str]) -> int:
    """Runs until it is told to stop; 1 when it cannot listen there or its certificate is none; 2 when settings, keys or database are
    not to be used or the models do not run."""
    asked = _parser().parse_args(argv)
    _check_tls(asked.tls_cert, asked.tls_key)
    _check_port(asked.host, asked.port)
    settings = make_ready(say=_say)
    if asked.workers is not None:
        settings = settings.model_copy(update={"threads": asked.workers})
    log_as_json()
    _tell_end(asked.tls_cert)
    sys.setswitchinterval(SWITCH_SECONDS)
    runtime = build_runtime(settings)
    _server(asked, settings, create_app(settings, lambda _: runtime)).run()
    return 0


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


class _Server(uvicorn.Server):
    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        await super().serve(sockets)
        # What it had begun is answered and its index saved. By SIGTERM it has ended in there; Python, which ends it by Ctrl-C and as a
        # container's first process, would wait for every thread: for a job that hangs without end.
        os._exit(0)


def _server(asked: argparse.Namespace, settings: Settings, app: FastAPI) -> uvicorn.Server:
    # One process owns the gate, so uvicorn's own workers stay at one; its access log would quote URLs.
    config = uvicorn.Config(
        app,
        host=asked.host,
        port=asked.port,
        http=PatientProtocol,
        ssl_certfile=asked.tls_cert,
        ssl_keyfile=asked.tls_key,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=math.ceil(settings.longest_deadline) + STOP_SECONDS,
    )
    return _Server(config)


def _check_tls(cert: Path | None, key: Path | None) -> None:
    """Raises Refusal. Here and not when the service begins to listen: models take a while to load."""
    if cert is None and key is None:
        return
    if cert is None or key is None:
        raise Refusal("--tls-cert and --tls-key go together")

    def ask() -> str:
        # OpenSSL would, on a terminal that a service has not, and wait there.
        raise Refusal(
            f"{key} has a password: nobody is there to type it. Without one, for this service's user alone to read: openssl pkey -in {key} -out NEW"
        )

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, ask)
    except OSError as error:
        why = getattr(error, "reason", None) or error.strerror
        raise Refusal(f"{cert} and {key} are no certificate and its key: {why}") from None


def _check_port(host: str, port: int) -> None:
    """Raises Refusal. Before the database is brought up to date, under a service that already listens there."""
    try:
        for family, kind, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                probe = socket.socket(family, kind)
            except OSError:  # a kernel without IPv6: the server passes it over too
                continue
            with probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "no such host"
        raise Refusal(f"cannot listen on {host} port {port}: {why}") from None


def _tell_end(cert: Path | None) -> None:
    """Clients refuse a certificate whose time is over, and nothing here would say why nobody comes."""
    if cert is None:
        return
    with contextlib.suppress(ValueError):  # OpenSSL has taken it, however odd it is
        ends = load_pem_x509_certificate(cert.read_bytes()).not_valid_after_utc
        left = ends - datetime.now(UTC)
        level = logging.WARNING if left < RENEW_WITHIN else logging.INFO
        fields = {"ends": ends.isoformat(), "days_left": left.days}
        log.log(level, "certificate", extra={"fields": fields})


def _port(text: str) -> int:
    return whole(text, 1, LAST_PORT)


def _positive(text: str) -> int:
    return whole(text, 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="serve", description=__doc__)
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="where to listen: 127.0.0.1 unless told; 0.0.0.0 for every address",
    )
    parser.add_argument("--port", type=_port, default=8000, help="8000 unless told")
    parser.add_argument(
        "--workers", type=_positive, help="inference jobs at once (default: the settings')"
    )
    parser.add_argument(
        "--tls-cert", type=Path, metavar="FILE", help="certificate and its chain, PEM"
    )
    parser.add_argument(
        "--tls-key", type=Path, metavar="FILE", help="its key, PEM, without a password"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
