"""Images by URL without server-side request forgery.

Every dial is vetted: the name is resolved once, *all* its addresses must be allowed, and the connection goes to one of
those very addresses (TLS still verifies the name), so a name that changes its mind between check and use gains nothing.
A redirect is a new URL and is vetted like the first. Whatever goes wrong, the client hears the same one answer; the log says why.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any

import httpx

from app.images import FileBytes
from app.settings import Network, Settings
from pipelines.errors import ImageMissing, ImageUnreachable

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]

LookUp = Callable[..., Sequence[tuple[Any, Any, Any, Any, tuple[Any, ...]]]]
"""As `socket.getaddrinfo`."""

LOOK_UPS = 16
"""Names looked up at once."""
MAX_REDIRECTS = 3
MAX_URL_LENGTH = 4096
REDIRECTS = frozenset({301, 302, 303, 307, 308})

_EMBEDDING = tuple(
    IPv6Network(net)
    for net in (
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
    )
)
"""IPv6 ranges that carry an IPv4 address inside (compatible, mapped, NAT64, Teredo, 6to4): a way round the rules for IPv4."""


_NEVER = tuple(
    ip_network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20", "5f00::/16", "100::/48")
)
"""Special-purpose ranges of the IANA registries that `is_global` lets through, in some Python or other: protocol assignments
(one cloud's metadata service is at 192.0.0.192), 6to4 relays, documentation, SRv6, discard."""


@dataclass(frozen=True, slots=True)
class FetchRules:
    """What may be fetched. `hosts` empty means any host; `networks` adds addresses that are not global."""

    hosts: frozenset[str]
    networks: tuple[Network, ...]
    ports: frozenset[int]
    seconds: float
    max_bytes: int
    ca_file: Path | None = None

    @staticmethod
    def of(settings: Settings) -> FetchRules:
        return FetchRules(
            hosts=settings.fetch_hosts,
            networks=settings.fetch_networks,
            ports=settings.fetch_ports,
            seconds=settings.fetch_seconds,
            max_bytes=settings.max_image_bytes,
            ca_file=settings.fetch_ca_file,
        )

    def allow_address(self, address: Address) -> bool:
        """Global unicast only, or inside a network the operator named."""
        if any(address in network for network in self.networks):
            return True
        if any(address in network for network in (*_EMBEDDING, *_NEVER)):
            return False
        return (
            address.is_global
            and not address.is_multicast
            and not address.is_reserved
            and not address.is_unspecified
            and not (isinstance(address, IPv6Address) and address.is_site_local)
        )


class Resolver:
    """Every address of a name, by the machine's own resolver. That may wait half a minute for a name server, whoever has given up meanwhile: it
    does so in threads of its own, so that names which are never answered hold up nothing but other names."""

    def __init__(self, look_up: LookUp = socket.getaddrinfo) -> None:
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(LOOK_UPS, thread_name_prefix="ekyc-names")

    async def __call__(self, host: str, port: int) -> list[Address]:
        look_up = partial(self._look_up, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        # A scope id (fe80::1%eth0) is kept out of ip_address; such addresses are never global anyway.
        return [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


class Fetcher:
    """Downloads one image. `resolve` is handed in by tests; the rules are never patched."""

    def __init__(self, rules: FetchRules, *, resolve: Resolve | None = None) -> None:
        self._rules = rules
        self._resolve = resolve or Resolver()
        # No proxy or netrc of the environment: they would dial in our place, past the rules.
        self._client = httpx.AsyncClient(
            trust_env=False, follow_redirects=False, verify=_trusted(rules.ca_file)
        )

    async def get(self, url: str) -> FileBytes:
        """The body behind `url`.

        Raises:
            ImageMissing: the URL is empty.
            ImageUnreachable: anything else that went wrong; its text is for the log, and quotes nothing of the URL.
        """
        if not url.strip():
            raise ImageMissing("url")
        try:
            async with asyncio.timeout(self._rules.seconds):
                return FileBytes(await self._follow(url.strip()))
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            httpx.StreamError,
            TimeoutError,
            OSError,
            ValueError,
        ) as error:
            raise ImageUnreachable(f"no answer: {type(error).__name__}") from error

    async def close(self) -> None:
        await self._client.aclose()

    async def _follow(self, url: str) -> bytes:
        target = self._parsed(url)
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._dial(target)
            if isinstance(answer, bytes):
                return answer
            target = self._parsed(str(target.join(answer)))
        raise ImageUnreachable("too many redirects")

    def _parsed(self, url: str) -> httpx.URL:
        if len(url) > MAX_URL_LENGTH:
            raise ImageUnreachable("the URL is too long")
        target = httpx.URL(url)
        host = target.host.rstrip(".").lower()
        if target.scheme not in ("http", "https") or not host:
            raise ImageUnreachable("neither an http URL nor an https one")
        if target.userinfo:
            raise ImageUnreachable("a URL with credentials")
        if _port(target) not in self._rules.ports:
            raise ImageUnreachable("the port is not allowed")
        if self._rules.hosts and host not in self._rules.hosts:
            raise ImageUnreachable("the host is not allowed")
        return target

    async def _vetted(self, target: httpx.URL) -> Address:
        """An address of the target's host, when every one of them is allowed."""
        addresses = await self._resolve(target.host, _port(target))
        if not addresses or not all(self._rules.allow_address(a) for a in addresses):
            raise ImageUnreachable("the address is not allowed")
        return addresses[0]

    async def _dial(self, target: httpx.URL) -> bytes | str:
        """The body, or where a redirect points."""
        address = await self._vetted(target)
        request = self._client.build_request(
            "GET",
            target.copy_with(host=str(address), fragment=None),
            headers={
                "host": target.netloc.decode("ascii"),
                # Also a PDF or a video; and who serves pictures as mere bytes would refuse (406) one who takes only pictures.
                "accept": "*/*",
                # An encoded body would be unpacked here: a bomb in a small download.
                "accept-encoding": "identity",
                "user-agent": "ekyc",
                # A connection vetted for one request is never reused for another.
                "connection": "close",
            },
            extensions={"sni_hostname": target.host},
        )
        response = await self._client.send(request, stream=True)
        try:
            if response.status_code in REDIRECTS:
                return str(response.headers.get("location", ""))
            if response.status_code != httpx.codes.OK:
                raise ImageUnreachable(f"the server answered {response.status_code}")
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise ImageUnreachable("the body is encoded")
            return await self._limited(response)
        finally:
            await response.aclose()

    async def _limited(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._rules.max_bytes:
                raise ImageUnreachable("the image is too large")
        return bytes(body)


def _port(target: httpx.URL) -> int:
    return target.port or (443 if target.scheme == "https" else 80)


def _trusted(ca_file: Path | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
