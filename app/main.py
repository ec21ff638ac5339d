"""The application: create_app(settings) wires the service and includes each family of routes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.clients import Clients
from app.dialects import cv1, cv2, techainer
from app.dialects.base import Family, answered
from app.door import Door
from app.edge import Edge
from app.fetch import Fetcher, FetchRules, Resolve
from app.gate import Gate
from app.openapi import openapi
from app.runtime import MakeRuntime, Runtime, build_runtime
from app.service import Service
from app.settings import Settings
from app.signing import Signatures
from app.store.challenges import StoredChallenges
from app.store.database import open_database
from app.store.keys import open_cipher
from app.store.migrate import is_current
from app.store.opening import open_gallery
from app.store.sessions import Recorder
from app.workers import ThreadWorkers
from pipelines.errors import Internal, UnknownRoute
from pipelines.search_faces import SearchFaces

ROUTERS = (*cv1.ROUTERS, *cv2.ROUTERS, *techainer.ROUTERS)
"""At least one per family."""

WAITING_THREADS = 32
"""For what waits rather than computes: the database."""

STUCK_DEADLINES = 10
"""Ten times the longest deadline at one job: with the default five minutes, which no picture takes. A thread cannot be ended, so that the
process must be."""

log = logging.getLogger("ekyc.start")


def create_app(
    settings: Settings,
    make_runtime: MakeRuntime = build_runtime,
    *,
    resolve: Resolve | None = None,
) -> FastAPI:
    """The service. Models load and the database is checked when it starts, not here.

    Raises (at start):
        RuntimeError: the database lacks the newest migration.
        KeysUnusable: the keys of the enrolled faces are missing.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, object]]:
        try:
            async with serving() as state:
                yield state
        except Exception:  # uvicorn would log no more than that there was one
            log.exception("cannot start, or stop as it should")
            raise

    @asynccontextmanager
    async def serving() -> AsyncIterator[dict[str, object]]:
        asyncio.get_running_loop().set_default_executor(
            ThreadPoolExecutor(WAITING_THREADS, thread_name_prefix="ekyc-waiting")
        )
        engine = open_database(settings.database_url)
        if not is_current(engine):
            raise RuntimeError("the database is not migrated: run app.store.migrate.upgrade")
        runtime = await asyncio.to_thread(make_runtime, settings)
        cipher = await asyncio.to_thread(open_cipher, settings, engine)
        gallery = await asyncio.to_thread(
            open_gallery, settings, engine, runtime.recogniser, cipher
        )
        # A request has one job at a time: more threads than places would never be used, and never all be stuck.
        workers = ThreadWorkers(runtime, threads=min(settings.threads, settings.max_in_flight))
        fetcher = Fetcher(FetchRules.of(settings), resolve=resolve)
        service = Service(
            settings=settings,
            runtime=runtime,
            engine=engine,
            door=Door(await asyncio.to_thread(Clients, engine), Signatures(engine, cipher)),
            gate=Gate(
                in_flight=settings.max_in_flight,
                waiting=settings.max_waiting,
                deadline_seconds=settings.deadline_seconds,
            ),
            workers=workers,
            faces=SearchFaces(gallery, runtime.recogniser, runtime.policy),
            challenges=StoredChallenges(engine),
            fetcher=fetcher,
            recorder=Recorder(engine, cipher, _setup(runtime)),
        )
        log.info("ready", extra={"fields": {"pack": runtime.pack, "threads": settings.threads}})
        largest = await asyncio.to_thread(gallery.largest)
        thresholds = {
            "largest_collection": largest,
            "match_threshold": runtime.policy.match,
            "duplicate_threshold": round(service.faces.duplicate_threshold(largest), 4),
        }
        log.info("faces", extra={"fields": thresholds})
        try:
            yield {"service": service}
        finally:
            workers.close()
            await asyncio.to_thread(gallery.close)
            await fetcher.close()
            engine.dispose()

    # FastAPI's own documentation pages load scripts from the Internet; /openapi.json stays.
    app = FastAPI(
        title="eKYC", lifespan=lifespan, redirect_slashes=False, docs_url=None, redoc_url=None
    )
    app.add_middleware(Edge)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(Exception, _failed)
    unwell: dict[int | str, dict[str, Any]] = {503: {"description": "not well; `status` says why"}}
    for path, how in (("/live", _live), ("/ready", _ready)):
        app.add_api_route(path, how, methods=["GET"], responses=unwell)
        app.add_api_route(
            path, how, methods=["HEAD"], include_in_schema=False
        )  # as load balancers ask
    for router in ROUTERS:
        app.include_router(router)
    document = openapi(app, ROUTERS)
    app.openapi = lambda: document  # type: ignore[method-assign]  # FastAPI's own way to replace it
    return app


def _setup(runtime: Runtime) -> dict[str, object]:
    """What answers here, for the record."""
    return {
        "pack": runtime.pack,
        "recogniser": runtime.recogniser.id,
        "files": dict(runtime.files),
        "policy": asdict(runtime.policy),
    }


async def _live(request: Request) -> Response:
    """The event loop turns, and not every worker is stuck for good."""
    return _well("stuck" if _is_stuck(request) else "live")


async def _ready(request: Request) -> Response:
    """Alive, models are loaded (or nothing would answer) and the database has the schema we need."""
    service: Service = request.state.service
    try:
        current = await asyncio.to_thread(is_current, service.engine)
    except SQLAlchemyError:
        current = False
    status = "stuck" if _is_stuck(request) else "ready" if current else "database"
    return _well(status, pack=service.runtime.pack)


def _is_stuck(request: Request) -> bool:
    service: Service = request.state.service
    return service.workers.stuck(STUCK_DEADLINES * service.settings.longest_deadline)


def _well(status: str, **more: str) -> Response:
    return JSONResponse({"status": status, **more}, 200 if status in ("live", "ready") else 503)


async def _no_route(request: Request, error: Exception) -> Response:
    """No such path or method: the family whose prefix it has answers, else plain JSON."""
    family = _family_of(request.url.path)
    if family is not None:
        return answered(request, family, UnknownRoute("no such route"))
    status = error.status_code if isinstance(error, HTTPException) else 404
    return JSONResponse({"error": "not found"}, status)


async def _failed(request: Request, error: Exception) -> Response:
    """A failure outside the routes, which speak for themselves."""
    log.error("unexpected", exc_info=error)
    family = _family_of(request.url.path)
    if family is not None:
        return answered(request, family, Internal("our own fault"))
    return JSONResponse({"error": "internal error"}, 500)


def _family_of(path: str) -> Family | None:
    """The family with the longest prefix of this path."""
    families = (router.family for router in ROUTERS)
    own = [family for family in families if path.startswith(f"{family.prefix}/")]
    return max(own, key=lambda family: len(family.prefix), default=None)
