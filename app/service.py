"""What a running service is made of, and one admitted request of one known client."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine
from starlette.requests import Request

from app.account import Account, Step
from app.body import Body, can_be_kept, read_body
from app.clients import Client
from app.door import Door
from app.fetch import Fetcher
from app.gate import Gate, Turn
from app.images import Encoded, Limits, Sent, Url, looks_like_pdf
from app.pdf import PdfLimits
from app.runtime import Runtime
from app.settings import Settings
from app.signing import DIGEST_HEADER
from app.store.database import WANTED, Wanted
from app.store.sessions import RECORD, Recorder, Session
from app.workers import Workers
from pipelines.challenge import Challenges
from pipelines.errors import BadInput, EkycError, ImageUnreachable
from pipelines.liveness import Challenge
from pipelines.search_faces import OWN, Place, SearchFaces

P = ParamSpec("P")
T = TypeVar("T")

COMMITTED = "committed"
"""How the record calls a request that has changed something, until it is answered."""


@dataclass(frozen=True, slots=True)
class Service:
    settings: Settings
    runtime: Runtime
    engine: Engine
    door: Door
    gate: Gate
    workers: Workers
    faces: SearchFaces
    """Blocks; routes call it through `asyncio.to_thread`."""
    challenges: Challenges
    """Blocks, as `faces` does."""
    fetcher: Fetcher
    recorder: Recorder
    """Blocks."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request inside the gate. Everything slow that a route does goes through here."""

    request: Request
    client: Client
    turn: Turn
    service: Service
    account: Account = field(default_factory=Account)

    @property
    def query(self) -> Mapping[str, str]:
        """Raises BadInput for characters that are none."""
        sent = self.request.query_params
        if not can_be_kept(sent):
            raise BadInput("characters that are none")
        return sent

    @property
    def limits(self) -> Limits:
        settings = self.service.settings
        pdf = PdfLimits(settings.pdf_pages, settings.pdf_pixels)
        return Limits(settings.max_image_bytes, settings.max_pixels, pdf)

    def place(self, collection: str = OWN) -> Place:
        """This client's own customers, or those of one outside party."""
        return Place(self.client.id, collection)

    def concerns(self, person: str) -> None:
        """The client named this person: the request's record is found, told and erased by that."""
        self.account.people.add(person)

    async def body(self) -> Body:
        signed = self.client.signing_key is not None
        body = await read_body(
            self.request,
            max_bytes=self.service.settings.max_upload_bytes,
            digest=self.request.headers[DIGEST_HEADER] if signed else None,
        )
        self.request.state.body = body
        return body

    async def encoded(self, *sent: Sent) -> list[Encoded]:
        """What was sent, with every URL replaced by what is behind it. A PDF among it gives the request more time.

        Raises:
            ImageUnreachable: a URL gave no image, or URLs are switched off.
        """
        fetching = [asyncio.ensure_future(self._at_hand(one)) for one in sent]
        try:
            at_hand = await asyncio.gather(*fetching)
        finally:
            for one in fetching:  # no download outlives the request, nor its place in the gate
                one.cancel()
        if any(looks_like_pdf(one) for one in at_hand):
            self.has_pages()
        return at_hand

    def has_pages(self) -> None:
        """This request takes as long as pages do."""
        self.turn.allow(self.service.settings.deadline_pages_seconds)

    def has_video(self) -> None:
        """This request takes as long as a video does."""
        self.turn.allow(self.service.settings.deadline_video_seconds)

    async def work(
        self, job: Callable[Concatenate[Runtime, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`job` in a worker; see `Workers.run`."""
        step = self.account.begin(job, args, kwargs)
        return await self._noted(step, self.service.workers.run(self.turn, job, *args, **kwargs))

    async def faces(
        self, ask: Callable[Concatenate[SearchFaces, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`ask` of the faces kept: see `_asked`."""
        step = self.account.begin(ask, args, kwargs)
        return await self._asked(step, ask, self.service.faces, *args, **kwargs)

    async def new_challenge(self) -> Challenge:
        """Of this client, to be answered once."""
        issue = self.service.challenges.issue
        return await self._asked(self.account.begin(issue, (), {}), issue, self.client.id, _now())

    async def challenge(self, nonce: str) -> Challenge:
        """The one of this client that `nonce` names, spent with this. Raises ChallengeRefused."""
        take = self.service.challenges.take
        step = self.account.begin(take, (), {})
        return await self._asked(step, take, self.client.id, nonce, _now())

    def session(
        self, outcome: str, code: str = "", status: int = 0, answer: bytes | None = None
    ) -> Session:
        """This request as far as it has come. Blocks: hashes the files that were sent."""
        request = self.request
        seconds = time.perf_counter() - request.state.began
        told = None
        if answer is not None:
            told = {"sha256": hashlib.sha256(answer).hexdigest(), "bytes": len(answer)}
        return Session(
            request_id=request.state.request_id,
            client=self.client.id,
            at=_now() - timedelta(seconds=seconds),
            milliseconds=round(1000 * seconds),
            method=request.method,
            route=request.scope["route"].path,
            outcome=outcome,
            code=code,
            status=status,
            details=self.account.said() | {"answer": told},
        )

    async def _asked(self, step: Step, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What waits for the database, in a thread. When the caller is cancelled (the gate's deadline does) before the commit, it is
        not committed: who is told that nothing was done may ask again. Once it has begun, its end is waited for and told."""
        wanted = Wanted()

        def asking() -> T:  # in a context of its own
            WANTED.set(wanted)
            beside = _Beside(self.service.recorder, self.session(COMMITTED))
            RECORD.set(beside)
            done = ask(*args, **kwargs)
            self.account.kept |= beside.written
            return done

        asked = asyncio.ensure_future(asyncio.to_thread(asking))
        return await self._noted(step, _unless_given_up(asked, wanted))

    async def _noted(self, step: Step, doing: Awaitable[T]) -> T:
        try:
            done = await doing
        except EkycError as error:
            self.account.end(step, error)
            raise
        self.account.end(step, done)
        return done

    async def _at_hand(self, sent: Sent) -> Encoded:
        if not isinstance(sent, Url):
            return sent
        try:
            if not self.service.settings.fetch_enabled:
                raise ImageUnreachable("URLs are switched off")
            return replace(await self.service.fetcher.get(sent.text), name=sent.name)
        except ImageUnreachable as error:
            error.name = sent.name
            raise


class _Beside:
    """Writes what a request has come to beside what it changes."""

    def __init__(self, recorder: Recorder, session: Session) -> None:
        self._recorder = recorder
        self._session = session
        self.written = False

    def __call__(self, connection: Connection) -> None:
        self._recorder.put(connection, self._session)
        self.written = True


async def _unless_given_up(asked: asyncio.Future[T], wanted: Wanted) -> T:
    try:
        return await asyncio.shield(asked)
    except asyncio.CancelledError:
        if wanted.give_up():
            asked.cancel()
            raise
        return await asked


def _now() -> datetime:
    """UTC without a zone, as the tables keep times."""
    return datetime.now(UTC).replace(tzinfo=None)
