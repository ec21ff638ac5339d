"""What every dialect shares: the path of one request, and how an error becomes an answer."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, TypeVar

from fastapi import APIRouter, Depends
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.clients import Scope
from app.credentials import BasicPair, Credentials, Token
from app.service import Call, Service
from app.signing import Signature
from app.store.trouble import trouble
from pipelines.errors import BadInput, DatabaseUnavailable, EkycError, Internal, Refused

Told = TypeVar("Told")
ErrorTable: TypeAlias = Mapping[type[EkycError], tuple[int, str, str]]
"""Error -> HTTP status, code, message."""
Failure: TypeAlias = Callable[[Request, EkycError, str, str], dict[str, Any]]
"""The envelope around a code and a message."""
Handle: TypeAlias = Callable[[Request], Coroutine[Any, Any, Response]]

OK, OK_CODE = "ok", "0"
"""How the log and the record call an answer without an error, and how every vendor does."""

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


class Json(JSONResponse):
    """Says its encoding, though JSON has but one: older clients (Spring before 5.2, .NET's WebClient, Windows PowerShell) read a body
    that does not as Latin-1, and Vietnamese names would arrive garbled."""

    media_type = "application/json; charset=utf-8"


class FamilyRouter(APIRouter):
    """A router whose every failure is answered in one family's own words.

    The order is: the client, a place in the gate, a unit of the quota, then the route itself, which reads the body, and
    the request's record. Only a request that got its answer is counted against the quota, and what cannot be written
    down is not answered.
    """

    def __init__(self, family: Family) -> None:
        super().__init__(route_class=_route_class(family))
        self.family = family

    def told(self, call: Call, content: Mapping[str, Any]) -> JSONResponse:
        """An answer without an error."""
        return Json({**content, **_echo(call.request, self.family)})


def _route_class(family: Family) -> type[APIRoute]:
    class Route(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handle_or_answer(request: Request) -> Response:
                try:
                    return await _worked_on(request, family, handle)
                except Exception as error:
                    return await _refused(request, family, _as_told(request, error))

            return handle_or_answer

    return Route


async def _worked_on(request: Request, family: Family, handle: Handle) -> Response:
    service: Service = request.state.service
    client = await service.door.enter(
        family.credentials(request.headers), family.scope, Signature.of(request)
    )
    async with service.gate.turn() as turn, service.door.paid(client):
        request.state.call = Call(request, client, turn, service)
        response = await handle(request)
        turn.done()  # what it has enrolled or deleted is committed: its time is not what it is refused for by now
        await _record(request, OK, OK_CODE, response)
    note(request, family, OK)
    return response


async def _refused(request: Request, family: Family, error: EkycError) -> Response:
    """The answer to an error; one that somebody was let in for is written down, unless that was what failed."""
    response = answered(request, family, error)
    if isinstance(error, DatabaseUnavailable):
        return response
    try:
        _, code, _ = code_of(family.errors, error)
        await _record(request, type(error).__name__, code, response)
    except Exception as failure:
        return answered(request, family, _as_told(request, failure))
    return response


def _as_told(request: Request, error: Exception) -> EkycError:
    """What a client is told of a failure; what is not its doing is logged."""
    if isinstance(error, EkycError):
        return error
    if isinstance(error, RequestValidationError):
        return BadInput("the request does not fit the route")
    cause = trouble(error) if isinstance(error, SQLAlchemyError) else None
    told = {"id": request.state.request_id}
    if cause is not None:
        log.error("database", exc_info=error, extra={"fields": told | {"cause": cause}})
        return DatabaseUnavailable(cause, DATABASE_RETRY_SECONDS)
    log.error("unexpected", exc_info=error, extra={"fields": told})
    return Internal("our own fault")


async def _record(request: Request, outcome: str, code: str, response: Response) -> None:
    """Writes the request's row, if it was let in; on the disk when this returns, also for one that is cancelled meanwhile.

    What was changed has left a row already, and is told: without the answer in the row sooner than as not done.
    """
    call: Call | None = getattr(request.state, "call", None)
    if call is None:
        return
    writing = asyncio.ensure_future(asyncio.to_thread(_write, call, outcome, code, response))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        # The deadline: its own record must come after this one.
        with contextlib.suppress(Exception):
            await writing
        raise
    except SQLAlchemyError as error:
        if not call.account.kept:
            raise
        told = {"id": request.state.request_id, "cause": trouble(error)}
        log.exception("the record lacks the answer", extra={"fields": told})


def _write(call: Call, outcome: str, code: str, response: Response) -> None:
    answer = bytes(response.body)
    call.service.recorder.write(call.session(outcome, code, response.status_code, answer))


def answered(request: Request, family: Family, error: EkycError) -> Response:
    """The family's answer to an error."""
    note(request, family, type(error).__name__, why=_why(error))
    status, code, message = code_of(family.errors, error)
    content = family.failure(request, error, code, message) | _echo(request, family)
    response = Json(content, status)
    if isinstance(error, Refused):
        response.headers["retry-after"] = str(error.retry_after)
    return response


def _echo(request: Request, family: Family) -> dict[str, str | float]:
    """What the client sent to recognise the answer by, as far as the request has been read."""
    if family.echoed is None:
        return {}
    body = getattr(request.state, "body", None)
    sent = request.query_params.get(family.echoed) or (body and body.get(family.echoed))
    return {family.echoed: sent} if isinstance(sent, str | int | float) else {}


def note(request: Request, family: Family, outcome: str, **more: str) -> None:
    """What the log line of this request says about it."""
    gate = request.state.service.gate
    request.state.notes.update(
        family=family.scope, outcome=outcome, in_flight=gate.in_flight, waiting=gate.waiting, **more
    )


def _why(error: EkycError) -> str:
    """For the log: what a vendor's message has no room for. No error's text has anything in it that a client sent."""
    text = str(error)
    return text if error.name in text else f"{error.name}: {text}"


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
