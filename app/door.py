"""The door in front of the gate: who is asking, not too fast, and paid for. Nobody unknown takes a place inside."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.clients import Client, Clients, Scope
from app.credentials import Credentials
from app.signing import Signature, Signatures
from pipelines.errors import BadCredentials, Busy, TooFast

PROVING = 1
"""Secrets hashed at once. A flood of wrong ones keeps one core busy; clients who were here within the last minute
(`REMEMBERED_SECONDS`) pass by without hashing, and those with an `x-api-key` always do."""
WAITING_FOR_PROOF = 20
PROOF_SECONDS = 1.0
"""How long a client may wait to be proved: twenty hashes at some 30 ms each fit."""

AT_THE_DOOR = 500
"""Who is being looked up takes some two milliseconds. While the database does not answer it takes seconds, and everybody who has long given up
would still be looked up before those who come when it does."""


log = logging.getLogger("ekyc.door")


class Door:
    """Lives in the event loop's thread."""

    def __init__(self, clients: Clients, signatures: Signatures) -> None:
        self._clients = clients
        self._signatures = signatures
        self._proving = asyncio.Semaphore(PROVING)
        self._strangers = 0
        self._asking = 0
        self._paces: dict[int, Pace] = {}
        self._giving_back: set[asyncio.Task[None]] = set()

    async def enter(
        self, credentials: Credentials | None, scope: Scope, signature: Signature | None = None
    ) -> Client:
        """The client, when it may call this family now.

        Raises:
            BadCredentials, ScopeMissing: see `Clients.identify` and, for clients that sign, `Signatures.check`.
            Busy: too many at once, or too many unproved credentials.
            TooFast: more requests than the client's rate.
        """
        if credentials is None:
            raise BadCredentials("no credentials")
        if self._asking >= AT_THE_DOOR:
            raise Busy("too many at the door")
        self._asking += 1
        try:
            client = await self._known(credentials, scope, signature)
        finally:
            self._asking -= 1
        if client.rate is not None:
            pace = self._paces.get(client.id)
            if pace is None or pace.per_minute != client.rate:
                pace = self._paces[client.id] = Pace(client.rate)
            pace.step()
        return client

    async def _known(
        self, credentials: Credentials, scope: Scope, signature: Signature | None
    ) -> Client:
        client = await asyncio.to_thread(
            self._clients.identify, credentials, scope, at_length=False
        )
        if client is None:
            client = await self._proved(credentials, scope)
        if client.signing_key is not None:
            await asyncio.to_thread(
                self._signatures.check, client.id, client.signing_key, signature
            )
        return client

    @asynccontextmanager
    async def paid(self, client: Client) -> AsyncIterator[None]:
        """Costs one unit of the quota, unless the body raises: only an answer is paid for.

        Raises:
            QuotaSpent: nothing is left, and nothing was done.
        """
        charging = asyncio.ensure_future(asyncio.to_thread(self._clients.charge, client))
        try:
            await asyncio.shield(charging)
        except asyncio.CancelledError:
            # Refused at its deadline while a busy database was still to count it: its thread does so all the same.
            giving_back = asyncio.ensure_future(self._give_back(charging, client))
            self._giving_back.add(giving_back)
            giving_back.add_done_callback(self._giving_back.discard)
            raise
        try:
            yield
        except BaseException:
            # Also when the client or the deadline has cancelled the request.
            await asyncio.shield(asyncio.to_thread(self._clients.refund, client))
            raise

    async def _give_back(self, charging: asyncio.Future[None], client: Client) -> None:
        """When a charge nobody waits for any more is done: one that has failed took nothing."""
        try:
            await charging
        except Exception:
            return
        try:
            await asyncio.to_thread(self._clients.refund, client)
        except Exception:
            log.exception("a request that was not answered was paid for")

    async def _proved(self, credentials: Credentials, scope: Scope) -> Client:
        if self._strangers >= WAITING_FOR_PROOF:
            raise Busy("too many unproved credentials")
        self._strangers += 1
        try:
            async with asyncio.timeout(PROOF_SECONDS) as clock, self._proving:
                client = await asyncio.to_thread(self._clients.identify, credentials, scope)
        except TimeoutError:
            if not clock.expired():
                raise
            raise Busy("too many unproved credentials") from None
        finally:
            self._strangers -= 1
        assert client is not None  # at length, there is a client or an error
        return client


class Pace:
    """A token bucket of one minute's requests: a burst of that many, then one every 60 / `per_minute` seconds."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._left = float(per_minute)
        self._at = time.monotonic()

    def step(self) -> None:
        """Raises TooFast, which does not count as a step."""
        now = time.monotonic()
        self._left = min(
            float(self.per_minute), self._left + (now - self._at) * self.per_minute / 60
        )
        self._at = now
        if self._left < 1.0:
            wait = (1.0 - self._left) * 60 / self.per_minute
            raise TooFast("more requests than agreed", math.ceil(wait))
        self._left -= 1.0
