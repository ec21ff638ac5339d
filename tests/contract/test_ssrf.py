"""No URL a client sends makes the service connect to an address it must not: not by name, number, redirect or rebinding."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Sequence
from ipaddress import ip_address

import pytest

from app.fetch import Address, Fetcher, FetchRules
from pipelines.errors import ImageUnreachable
from tests.live import Web, web

FORBIDDEN = {
    "loopback": ["127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "::1"],
    "this host": ["0.0.0.0", "0.1.2.3", "::"],
    "private": [
        "10.0.0.1",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "192.168.255.254",
    ],
    "carrier": ["100.64.0.1", "100.127.255.254"],
    "link-local": ["169.254.0.1", "169.254.255.254", "fe80::1", "fe80::1%eth0"],
    "metadata": [
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd20:ce::254",
    ],
    "protocol": ["192.0.0.1", "192.0.0.8", "192.0.0.170"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "benchmark": ["198.18.0.1", "198.19.255.254", "2001:2::1"],
    "multicast": ["224.0.0.1", "239.255.255.250", "ff02::1", "ff05::2"],
    "reserved": ["240.0.0.1", "255.255.255.255"],
    "unique local": ["fc00::1", "fd12:3456:789a::1"],
    "site local": ["fec0::1"],
    "discard": ["100::1"],
    "relay": ["192.88.99.1"],
    "SRv6": ["5f00::1"],
    "mapped": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8"],
    "compatible": ["::127.0.0.1", "::8.8.8.8"],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1"],
    "6to4": ["2002:7f00:1::", "2002:a9fe:a9fe::"],
    "Teredo": ["2001:0:7f00:1::1"],
}
ADDRESSES = [address for group in FORBIDDEN.values() for address in group]

TRICKS = [
    "http://127.0.0.1:{port}/a.jpg",
    "http://localhost:{port}/a.jpg",
    "http://LOCALHOST.:{port}/a.jpg",
    "http://[::1]:{port}/a.jpg",
    "http://[::ffff:127.0.0.1]:{port}/a.jpg",
    "http://[::ffff:7f00:1]:{port}/a.jpg",
    "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/a.jpg",
    "http://2130706433:{port}/a.jpg",
    "http://0x7f000001:{port}/a.jpg",
    "http://0x7f.0.0.1:{port}/a.jpg",
    "http://017700000001:{port}/a.jpg",
    "http://0177.0.0.1:{port}/a.jpg",
    "http://127.1:{port}/a.jpg",
    "http://127.0.1:{port}/a.jpg",
    "http://0:{port}/a.jpg",
    "http://0.0.0.0:{port}/a.jpg",
    "http://１２７.０.０.１:{port}/a.jpg",
    "http://①②⑦.⓪.⓪.①:{port}/a.jpg",
    "http://127。0。0。1:{port}/a.jpg",
    "http://a.vn@127.0.0.1:{port}/a.jpg",
    "http://a.vn:80@127.0.0.1:{port}/a.jpg",
    "http://127.0.0.1:{port}@a.vn/a.jpg",
    "http://127.0.0.1:{port}#@a.vn/a.jpg",
    "http://127.0.0.1:{port}?@a.vn/a.jpg",
    "http://127.0.0.1:{port}\\@a.vn/a.jpg",
    "http://a.vn\\@127.0.0.1:{port}/a.jpg",
    "http:\\\\127.0.0.1:{port}\\a.jpg",
    "http:///127.0.0.1:{port}/a.jpg",
    "http:127.0.0.1:{port}/a.jpg",
    "//127.0.0.1:{port}/a.jpg",
    "http://127.0.0.1%00.a.vn:{port}/a.jpg",
    "http://127.0.0.1%2ea.vn:{port}/a.jpg",
    "http://127.0.0.1\t:{port}/a.jpg",
    "http://127.0.0.1\r\nHost: a.vn\r\n:{port}/a.jpg",
    "HTTP://127.0.0.1:{port}/a.jpg",
    "https://127.0.0.1:{port}/a.jpg",
    "ftp://127.0.0.1:{port}/a.jpg",
    "file:///etc/passwd",
    "file://127.0.0.1:{port}/a.jpg",
    "gopher://127.0.0.1:{port}/_GET%20/a.jpg",
    "dict://127.0.0.1:{port}/a",
    "data:image/png;base64,iVBORw0KGgo=",
    "jar:http://127.0.0.1:{port}/a.jpg!/b",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/images",
    "http://[fe80::1%25lo]:{port}/a.jpg",
    "http://[::]:{port}/a.jpg",
    "http://[::1%25lo]:{port}/a.jpg",
    "http://127.0.0.1:22/a.jpg",
    "http://127.0.0.1:0/a.jpg",
    "http://127.0.0.1:99999/a.jpg",
    "http://127.0.0.1:{port}/" + "a" * 5000,
]


@pytest.fixture(scope="module")
def inside() -> Iterator[Web]:
    """What must not be reached."""
    with web() as running:
        running.page("/a.jpg", b"secret")
        yield running


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every address anybody in this process connects to."""
    seen: list[object] = []

    def connect(self: socket.socket, address: object) -> None:
        seen.append(address)
        raise OSError("caught by the test")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect)

    async def sock_connect(self: object, sock: socket.socket, address: object) -> None:
        seen.append(address)
        raise OSError("caught by the test")

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", sock_connect)
    return seen


def fetch(url: str, port: int, answers: Sequence[str] | None = None) -> None:
    rules = FetchRules(frozenset(), (), frozenset({80, 443, port}), 1.0, 100_000)

    async def known(_: str, __: int) -> list[Address]:
        return [ip_address(one.partition("%")[0]) for one in answers or ()]

    async def main() -> None:
        fetcher = Fetcher(rules, resolve=known) if answers is not None else Fetcher(rules)
        try:
            await fetcher.get(url)
        finally:
            await fetcher.close()

    asyncio.run(main())


def test_there_are_enough_of_them() -> None:
    assert len(ADDRESSES) + len(TRICKS) >= 60


@pytest.mark.parametrize("address", ADDRESSES)
def test_names_of_forbidden_addresses(address: str, dialled: list[object]) -> None:
    """Alone, and beside a good address in either order: one bad answer is enough to refuse."""
    for answers in ([address], [address, "93.184.216.34"], ["93.184.216.34", address]):
        with pytest.raises(ImageUnreachable):
            fetch("http://kho.example/a.jpg", 80, answers)
    assert dialled == []


@pytest.mark.parametrize("url", TRICKS)
def test_tricks(url: str, inside: Web) -> None:
    """With the machine's own resolver and a real server that would answer."""
    port = int(inside.url.rpartition(":")[2])
    with pytest.raises(ImageUnreachable):
        fetch(url.replace("{port}", str(port)), port)
    assert inside.asked == []


def test_the_trap_works(dialled: list[object]) -> None:
    """A good address is dialled, and the trap sees it: else the tests above would prove nothing."""
    with pytest.raises(ImageUnreachable):
        fetch("http://kho.example/a.jpg", 80, ["93.184.216.34"])
    assert dialled
