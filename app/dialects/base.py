"""What every dialect shares: the path of one request, and how an error becomes an answer."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, TypeVar

from fastapi import APIRouter, Depends
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import OperationalError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.clients import Scope
from app.credentials import BasicPair, Credentials, Token
from app.service import Call, Service
from app.signing import Signature
from pipelines.errors import BadInput, Busy, EkycError, Internal, Refused

Told = TypeVar("Told")
ErrorTable: TypeAlias = Mapping[type[EkycError], tuple[int, str, str]]
"""Error -> HTTP status, code, message."""
Failure: TypeAlias = Callable[[Request, EkycError, str, str], dict[str, Any]]
"""The envelope around a code and a message."""

DATABASE_RETRY_SECONDS = 10
"""A PostgreSQL server that restarts is back by then; a full disk is not, and asking less often does no harm."""

log = logging.getLogger("ekyc.failure")


@dataclass(frozen=True, slots=True)
class Family:
    """Endpoints that share a path prefix, an envelope, an error table and a kind of credentials.

    The vendors' documents number the same causes differently from family to family, even inside one version.
    `echoed` names what a client may send to find it again in the answer.
    """

    prefix: str
    scope: Scope
    credentials: Callable[[Headers], Credentials | None]
    errors: ErrorTable
    failure: Failure
    echoed: str | None = None


class FamilyRouter(APIRouter):
    """A router whose every failure is answered in one family's own words.

    The order is: the client, a place in the gate, a unit of the quota, then the route itself, which reads the body.
    Only a request that got its answer is counted against the quota.
    """

    def __init__(self, family: Family) -> None:
        super().__init__(route_class=_route_class(family))
        self.family = family

    def told(self, call: Call, content: Mapping[str, Any]) -> JSONResponse:
        """An answer without an error."""
        return JSONResponse({**content, **_echo(call.request, self.family)})


def _route_class(family: Family) -> type[APIRoute]:
    class Route(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handle_or_answer(request: Request) -> Response:
                service: Service = request.state.service
                try:
                    client = await service.door.enter(
                        family.credentials(request.headers), family.scope, Signature.of(request)
                    )
                    async with service.gate.turn() as turn, service.door.paid(client):
                        request.state.call = Call(request, client, turn, service)
                        response = await handle(request)
                    note(request, family, "ok")
                    return response
                except EkycError as error:
                    return answered(request, family, error)
                except RequestValidationError:
                    return answered(request, family, BadInput("the request does not fit the route"))
                except OperationalError:
                    # Its disk is full or read-only, it restarts, or another writer holds it: nothing was kept.
                    log.exception("database", extra={"fields": {"id": request.state.request_id}})
                    busy = Busy("the database cannot be used", DATABASE_RETRY_SECONDS)
                    return answered(request, family, busy)
                except Exception:
                    log.exception("unexpected", extra={"fields": {"id": request.state.request_id}})
                    return answered(request, family, Internal("our own fault"))

            return handle_or_answer

    return Route


def answered(request: Request, family: Family, error: EkycError) -> Response:
    """The family's answer to an error."""
    note(request, family, type(error).__name__)
    status, code, message = code_of(family.errors, error)
    content = family.failure(request, error, code, message) | _echo(request, family)
    response = JSONResponse(content, status)
    if isinstance(error, Refused):
        response.headers["retry-after"] = str(error.retry_after)
    return response


def _echo(request: Request, family: Family) -> dict[str, str]:
    """What the client sent to recognise the answer by, as far as the request has been read."""
    if family.echoed is None:
        return {}
    body = getattr(request.state, "body", None)
    sent = request.query_params.get(family.echoed) or (body and body.get(family.echoed))
    return {family.echoed: sent} if isinstance(sent, str) else {}


def note(request: Request, family: Family, outcome: str) -> None:
    """What the log line of this request says about it."""
    gate = request.state.service.gate
    request.state.notes.update(
        family=family.scope, outcome=outcome, in_flight=gate.in_flight, waiting=gate.waiting
    )


def code_of(table: Mapping[type[EkycError], Told], error: EkycError) -> Told:
    """The entry of the nearest ancestor, as `except` would choose."""
    return next(table[kind] for kind in type(error).__mro__ if kind in table)


def basic(headers: Headers) -> BasicPair | None:
    """RFC 7617: api_key and api_secret; None when the header is absent or makes no sense."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    key, colon, secret = pair.partition(":")
    # PostgreSQL takes no NUL in a text, so that no key can have one.
    return BasicPair(key, secret) if colon and "\0" not in key else None


def api_key(headers: Headers) -> Token | None:
    token = headers.get("x-api-key", "").strip()
    return Token(token) if token else None


def _the_call(request: Request) -> Call:
    call: Call = request.state.call
    return call


TheCall = Annotated[Call, Depends(_the_call)]
"""What a route asks for: the admitted request of a known client."""
