"""Images by URL: what may be dialled, and that nothing else is, with a resolver handed in and a server that counts."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from app.fetch import Address, Fetcher, FetchRules, Resolver
from pipelines.errors import ImageMissing, ImageUnreachable
from tests.live import LOOPBACK, Web, web

IMAGE = b"\xff\xd8\xff image"


def rules(site: Web, **changed: object) -> FetchRules:
    port = int(site.url.rpartition(":")[2])
    values: dict[str, object] = {
        "hosts": frozenset(),
        "networks": (LOOPBACK,),
        "ports": frozenset({port}),
        "seconds": 2.0,
        "max_bytes": 100_000,
    }
    return FetchRules(**(values | changed))  # type: ignore[arg-type]


class Names:
    """A resolver in a table; counts, so that a second look-up shows."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, _: int) -> list[Address]:
        self.asked.append(host)
        now = self._answers[min(len(self.asked), len(self._answers)) - 1]
        return [ip_address(a) for a in now]


def get(fetching: FetchRules, url: str, names: Callable[..., object] | None = None) -> bytes:
    async def one() -> bytes:
        fetcher = Fetcher(fetching, resolve=names) if names else Fetcher(fetching)  # type: ignore[arg-type]
        try:
            return (await fetcher.get(url)).data
        finally:
            await fetcher.close()

    return asyncio.run(one())


@pytest.fixture
def own_site() -> object:
    with web() as running:
        yield running


def named(site: Web, host: str) -> str:
    return site.url.replace("127.0.0.1", host)


def test_fetches_from_the_vetted_address(own_site: Web) -> None:
    own_site.page("/a.jpg", IMAGE)
    names = Names(["127.0.0.1"])
    assert get(rules(own_site), named(own_site, "kho.example") + "/a.jpg", names) == IMAGE
    assert names.asked == ["kho.example"]
    # Who serves pictures as mere bytes refuses who takes only pictures.
    assert own_site.accepted == ["*/*"]


FORBIDDEN = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_forbidden_addresses(own_site: Web, address: str) -> None:
    names = Names([address])
    with pytest.raises(ImageUnreachable):
        get(rules(own_site, networks=()), named(own_site, "kho.example"), names)
    assert names.asked == ["kho.example"]
    assert own_site.asked == []


@pytest.mark.parametrize("address", ["8.8.8.8", "113.160.0.1", "2606:4700::1111"])
def test_global_addresses_are_allowed(own_site: Web, address: str) -> None:
    assert rules(own_site, networks=()).allow_address(ip_address(address))


TRICKS = [
    "http://127.0.0.1:{port}/a.jpg",
    "http://localhost:{port}/a.jpg",
    "http://2130706433:{port}/a.jpg",
    "http://0x7f000001:{port}/a.jpg",
    "http://0177.0.0.1:{port}/a.jpg",
    "http://127.1:{port}/a.jpg",
    "http://[::1]:{port}/a.jpg",
    "http://[::ffff:127.0.0.1]:{port}/a.jpg",
    "http://①②⑦.⓪.⓪.①:{port}/a.jpg",
    "http://localhost.:{port}/a.jpg",
    "http://a@127.0.0.1:{port}/a.jpg",
    "http://8.8.8.8@127.0.0.1:{port}/a.jpg",
    "http://127.0.0.1:{port}\\@8.8.8.8/a.jpg",
]


@pytest.mark.parametrize("trick", TRICKS)
def test_no_spelling_of_the_loopback_gets_through(own_site: Web, trick: str) -> None:
    """With the machine's own resolver and no network named."""
    port = own_site.url.rpartition(":")[2]
    own_site.page("/a.jpg", IMAGE)
    with pytest.raises(ImageUnreachable):
        get(rules(own_site, networks=()), trick.format(port=port))
    assert own_site.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://kho.example/a",
        "file:///etc/passwd",
        "gopher://kho.example/",
        "//kho.example/a",
        "kho.example/a",
        "http:///a",
        "http://",
        "http://kho.example:22/",
        "http://user:pw@kho.example/",
        "http://kho.example/" + "a" * 5000,
        "http://[::1",
        "http://kho.example:99999/",
        "javascript:alert(1)",
        "\x00http://kho.example",
    ],
)
def test_urls_that_are_not_even_looked_up(own_site: Web, url: str) -> None:
    names = Names(["127.0.0.1"])
    with pytest.raises(ImageUnreachable):
        get(rules(own_site, ports=frozenset({80, 443})), url, names)
    assert names.asked == []


def test_one_forbidden_address_among_good_ones(own_site: Web) -> None:
    names = Names(["8.8.8.8", "10.0.0.1"])
    with pytest.raises(ImageUnreachable):
        get(rules(own_site, networks=()), named(own_site, "kho.example"), names)


def test_a_name_that_changes_its_mind_gains_nothing(own_site: Web) -> None:
    """Resolved once per dial: the address that was vetted is the one connected to."""
    own_site.page("/a.jpg", IMAGE)
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    assert get(rules(own_site), named(own_site, "kho.example") + "/a.jpg", names) == IMAGE
    assert len(names.asked) == 1


def test_redirects_are_vetted(own_site: Web) -> None:
    inside = named(own_site, "noi-bo.example") + "/secret"
    own_site.page("/secret", IMAGE)
    own_site.page("/a.jpg", b"", 302, location=inside)
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    with pytest.raises(ImageUnreachable):
        get(rules(own_site), named(own_site, "kho.example") + "/a.jpg", names)
    assert names.asked == ["kho.example", "noi-bo.example"]
    assert own_site.asked == ["/a.jpg"]


@pytest.mark.parametrize("target", ["ftp://kho.example/", "file:///etc/passwd", "http://a:b@c/"])
def test_redirect_to_another_scheme(own_site: Web, target: str) -> None:
    own_site.page("/a.jpg", b"", 302, location=target)
    with pytest.raises(ImageUnreachable):
        get(rules(own_site), own_site.url + "/a.jpg")


def test_redirects_end(own_site: Web) -> None:
    own_site.page("/1", b"", 302, location="/2")
    own_site.page("/2", b"", 307, location="3")
    own_site.page("/3", IMAGE)
    assert get(rules(own_site), own_site.url + "/1") == IMAGE
    own_site.page("/round", b"", 302, location="/round")
    with pytest.raises(ImageUnreachable):
        get(rules(own_site), own_site.url + "/round")
    assert own_site.asked.count("/round") == 4


def test_limits(own_site: Web) -> None:
    own_site.page("/large", bytes(200_000))
    own_site.page("/gzip", b"\x1f\x8b", **{"content-encoding": "gzip"})
    own_site.page("/error", IMAGE, 500)
    why = {"/large": "large", "/gzip": "encoded", "/error": "500", "/absent": "404"}
    for path, told in why.items():
        with pytest.raises(ImageUnreachable, match=told):
            get(rules(own_site), own_site.url + path)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://kho.example/", "neither an http URL"),
        ("http://kho.example:22/", "the port"),
        ("http://user:bi-mat@kho.example/", "with credentials"),
        ("http://khac.example/", "the host"),
        ("http://kho.example:1/", "no answer: ConnectError"),
    ],
)
def test_the_log_is_told_why_and_nothing_of_the_url(own_site: Web, url: str, why: str) -> None:
    allowed = rules(own_site, ports=frozenset({1, 80}), hosts=frozenset({"kho.example"}))
    with pytest.raises(ImageUnreachable, match=why) as refused:
        get(allowed, url, Names(["127.0.0.1"]))
    assert "kho" not in str(refused.value)
    assert "bi-mat" not in str(refused.value)


def test_slow_name_server(own_site: Web) -> None:
    async def never(_: str, __: int) -> list[Address]:
        await asyncio.sleep(30)
        return []

    began = time.monotonic()
    with pytest.raises(ImageUnreachable):
        get(rules(own_site, seconds=0.3), own_site.url, never)
    assert time.monotonic() - began < 3


def test_names_that_are_never_answered_hold_up_nothing_else(own_site: Web) -> None:
    """The machine's own resolver cannot be told to stop: it goes on waiting for more names than there are threads."""
    answered = threading.Event()

    def look_up(*_: object, **__: object) -> list[Any]:
        answered.wait(30)
        return []

    async def many() -> float:
        fetcher = Fetcher(rules(own_site, seconds=0.3), resolve=Resolver(look_up))
        told = await asyncio.gather(
            *(fetcher.get(own_site.url) for _ in range(40)), return_exceptions=True
        )
        assert {type(one) for one in told} == {ImageUnreachable}
        began = time.monotonic()
        await asyncio.to_thread(time.monotonic)
        answered.set()
        return time.monotonic() - began

    assert asyncio.run(many()) < 5


def test_dripping_server() -> None:
    """Each byte comes in time, the whole never would."""

    async def drip() -> None:
        gone = asyncio.Event()

        async def handle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
            with contextlib.suppress(OSError):
                while not writer.is_closing():
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.02)
            writer.close()
            gone.set()

        listening = await asyncio.start_server(handle, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        fetcher = Fetcher(FetchRules(frozenset(), (LOOPBACK,), frozenset({port}), 0.4, 100_000))
        began = time.monotonic()
        with pytest.raises(ImageUnreachable):
            await fetcher.get(f"http://127.0.0.1:{port}/")
        assert time.monotonic() - began < 3
        async with asyncio.timeout(5):
            await gone.wait()
        await fetcher.close()
        listening.close()
        await listening.wait_closed()

    asyncio.run(drip())


def test_allow_list(own_site: Web) -> None:
    own_site.page("/a.jpg", IMAGE)
    only = rules(own_site, hosts=frozenset({"kho.example"}))
    assert get(only, named(own_site, "KHO.example.") + "/a.jpg", Names(["127.0.0.1"])) == IMAGE
    names = Names(["127.0.0.1"])
    with pytest.raises(ImageUnreachable):
        get(only, named(own_site, "a.kho.example") + "/a.jpg", names)
    assert names.asked == []


def test_named_network_opens_only_itself(own_site: Web) -> None:
    bank = rules(own_site, networks=(ip_network("10.20.0.0/16"),))
    assert bank.allow_address(ip_address("10.20.3.4"))
    assert not bank.allow_address(ip_address("10.21.0.1"))
    assert not bank.allow_address(ip_address("::ffff:10.20.3.4"))


def test_proxies_of_the_environment_are_ignored(
    own_site: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    own_site.page("/a.jpg", IMAGE)
    assert get(rules(own_site), own_site.url + "/a.jpg") == IMAGE


def test_empty(own_site: Web) -> None:
    with pytest.raises(ImageMissing):
        get(rules(own_site), "  ")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_tls_verifies_the_name_though_an_address_is_dialled(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "kho.pem"
    subprocess.run(
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=kho.example"
        f" -addext subjectAltName=DNS:kho.example -keyout {key} -out {certificate}".split(),
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with web(context) as secure:
        secure.page("/a.jpg", IMAGE)
        trusting = rules(secure, ca_file=certificate)
        good, other = (f"{named(secure, name)}/a.jpg" for name in ("kho.example", "la.example"))
        assert get(trusting, good, Names(["127.0.0.1"])) == IMAGE
        for fetching, url in ((trusting, other), (rules(secure), good)):
            with pytest.raises(ImageUnreachable):
                get(fetching, url, Names(["127.0.0.1"]))
    assert secure.asked == ["/a.jpg"]
