"""One request's images: what is fetched for it ends with it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.clients import Client
from app.images import FileBytes, Url
from app.service import Call
from pipelines.errors import ImageUnreachable


class OneFailsOneHangs:
    """A fetcher whose second download would go on for ever."""

    def __init__(self) -> None:
        self.stopped = False

    async def get(self, url: str) -> FileBytes:
        if url == "fails":
            await asyncio.sleep(0)
            raise ImageUnreachable(url)
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped = True
        return FileBytes(b"")


def test_a_failed_download_ends_the_other() -> None:
    fetcher = OneFailsOneHangs()
    service: Any = SimpleNamespace(fetcher=fetcher, settings=SimpleNamespace(fetch_enabled=True))
    call = Call(cast(Any, None), Client(1), cast(Any, None), service)

    async def both() -> None:
        with pytest.raises(ImageUnreachable):
            await call.encoded(Url("fails"), Url("hangs"))
        await asyncio.sleep(0)
        assert fetcher.stopped  # here: the loop's own end would stop it too

    asyncio.run(both())
