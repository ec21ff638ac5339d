"""Videos become a few upright frames, or a clear refusal, within limits."""

from __future__ import annotations

import base64
import contextlib
import io
import os
import resource
import struct
import time
from collections.abc import Callable
from itertools import pairwise

import av
import av.logging
import numpy as np
import pytest

from app.images import Base64Text, FileBytes
from app.video import container, read_video
from app.video_child import Refused, VideoLimits, _frames, taken
from pipelines.errors import (
    FormatMismatch,
    ImageMissing,
    VideoTooLong,
    VideoUnreadable,
)
from tests.videos import grey_levels, sound, video


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("mp4", "mpeg4"),
        ("mov", "mpeg4"),
        ("webm", "libvpx"),
        ("mp4", "libvpx-vp9"),
        ("webm", "libsvtav1"),
    ],
)
def test_containers_of_phones_and_browsers(container: str, codec: str) -> None:
    frames = read_video(FileBytes(video(grey_levels(30), container=container, codec=codec)))
    assert len(frames) == VideoLimits().kept
    assert frames[0].seconds == 0.0
    assert frames[-1].seconds == pytest.approx(2.8, abs=0.15)
    brightness = [float(f.image.pixels.mean()) for f in frames]
    assert all(a < b for a, b in pairwise(brightness))


def test_one_thread_decodes_on_any_machine() -> None:
    """AV1's decoder takes one for each core otherwise, and on a large machine all the memory there is for it."""
    data = video(grey_levels(5), container="webm", codec="libsvtav1")
    before = len(os.listdir("/proc/self/task"))
    with av.open(io.BytesIO(data), format="matroska") as opened:
        assert _frames(opened, VideoLimits())
        assert len(os.listdir("/proc/self/task")) == before


def test_base64_as_clients_write_it() -> None:
    text = "data:video/mp4;base64," + base64.encodebytes(video(grey_levels(5))).decode()
    assert len(read_video(Base64Text(text))) == 5
    with pytest.raises(FormatMismatch):
        read_video(Base64Text("*not base64*"))


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 31, 32, 33, 100])
def test_frames_are_spread_over_the_whole_video(count: int) -> None:
    limits = VideoLimits()
    frames = read_video(FileBytes(video(grey_levels(count))), limits)
    assert len(frames) == min(count, limits.kept) or len(frames) >= limits.kept // 2
    times = [f.seconds for f in frames]
    assert times == sorted(set(times))
    assert times[-1] >= 0.8 * (count - 1) / 10


def test_large_frames_are_made_smaller() -> None:
    (frame,) = read_video(FileBytes(video(grey_levels(1, (1280, 960)))))
    assert (frame.image.width, frame.image.height) == (720, 540)


@pytest.mark.parametrize(
    ("matrix", "size", "bright"),
    [
        ((1, 0, 0, 1), (96, 64), "top left"),
        ((0, 1, -1, 0), (64, 96), "top right"),
        ((-1, 0, 0, -1), (96, 64), "bottom right"),
        ((0, -1, 1, 0), (64, 96), "bottom left"),
    ],
)
def test_a_phone_says_how_it_was_held(
    matrix: tuple[int, int, int, int], size: tuple[int, int], bright: str
) -> None:
    """Stored as the sensor saw it, with a display matrix: x' = ax + cy, y' = bx + dy."""
    shown = np.full((64, 96, 3), 40, np.uint8)
    shown[:32, :48] = 220
    (frame,) = read_video(FileBytes(with_matrix(video([shown]), matrix)))
    assert (frame.image.width, frame.image.height) == size
    halves = {
        f"{down} {across}": float(half.mean())
        for down, row in zip(("top", "bottom"), np.array_split(frame.image.pixels, 2), strict=True)
        for across, half in zip(("left", "right"), np.array_split(row, 2, axis=1), strict=True)
    }
    assert max(halves, key=lambda place: halves[place]) == bright


def with_matrix(mp4: bytes, matrix: tuple[int, int, int, int]) -> bytes:
    """Written over the one in the track's header (ISO/IEC 14496-12, 8.3.2, version 0)."""
    a, b, c, d = (value << 16 for value in matrix)
    at = mp4.index(b"tkhd") + 44
    written = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    return mp4[:at] + written + mp4[at + len(written) :]


def test_a_video_without_pictures() -> None:
    with pytest.raises(VideoUnreadable, match="no pictures"):
        read_video(FileBytes(sound()))


def test_truncated_before_its_table_of_contents() -> None:
    whole = video(grey_levels(40))
    with pytest.raises(VideoUnreadable):
        read_video(FileBytes(whole[: len(whole) // 2]))


def test_truncated_in_its_pictures() -> None:
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (64, 96, 3), np.uint8) for _ in range(40)]
    whole = video(noise, index_first=True)
    with pytest.raises(VideoUnreadable, match="truncated"):
        read_video(FileBytes(whole[: len(whole) // 2]))


def test_two_hours_are_refused_unread() -> None:
    """One picture a minute: a small file that says it lasts two hours."""
    data = video(grey_levels(121), rate=1, apart=60)
    began = time.monotonic()
    with pytest.raises(VideoTooLong):
        read_video(FileBytes(data))
    assert time.monotonic() - began < 1


def test_a_webm_that_hides_its_length_ends_at_the_limit() -> None:
    whole = video(grey_levels(50), container="webm", codec="libvpx")
    element = b"\x44\x89\x88"  # Duration, a float of eight bytes
    at = whole.index(element)
    hidden = whole[:at] + b"\xec\x88" + bytes(9) + whole[at + 11 :]  # Void in its place
    assert len(hidden) == len(whole)
    with pytest.raises(VideoTooLong):
        read_video(FileBytes(hidden), VideoLimits(seconds=3))


def test_many_frames_in_little_time() -> None:
    with pytest.raises(VideoTooLong):
        read_video(FileBytes(video(grey_levels(100), rate=60)), VideoLimits(frames=50))


def test_decoding_stops_when_its_time_is_up() -> None:
    with pytest.raises(VideoTooLong, match="decode"):
        read_video(FileBytes(video(grey_levels(20))), VideoLimits(decode_seconds=0.0))


@pytest.mark.parametrize(
    "limits", [VideoLimits(pixels=96 * 64 - 1), VideoLimits(bytes=100)], ids=["pixels", "bytes"]
)
def test_too_large(limits: VideoLimits) -> None:
    with pytest.raises(VideoUnreadable, match="too many"):
        read_video(FileBytes(video(grey_levels(3))), limits)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: video(grey_levels(1, (4096, 4096))), "exceeds specified max pixel count"),
        (sound, "not on whitelist"),
    ],
)
def test_nothing_is_decoded_to_learn_what_a_file_holds(
    make: Callable[[], bytes], reason: str
) -> None:
    """FFmpeg looks into every stream before it can be asked what each is and how large; its own log tells what it left."""
    data = make()
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture(local=False) as told, pytest.raises(Refused):
            taken(data, container(data), VideoLimits())
    finally:
        av.logging.set_level(None)
    assert any(reason in message for _, _, message in told)


def with_so_many_frames(mp4: bytes, count: int) -> bytes:
    """A table of contents that names so many, of a byte each (ISO/IEC 14496-12, 8.6.1.2, 8.7.3.2 and 8.7.4), in the file as it is."""
    for box, place, numbers in (
        (b"stsz", 8, (1, count)),
        (b"stsc", 8, (1, 1, count, 1)),
        (b"stts", 8, (1, count, 1)),
    ):
        at = mp4.index(box) + place
        written = struct.pack(f">{len(numbers)}I", *numbers)
        mp4 = mp4[:at] + written + mp4[at + len(written) :]
    return mp4


def test_a_table_of_contents_without_end_costs_the_process_that_reads_it() -> None:
    bomb = with_so_many_frames(video(grey_levels(1)), 20_000_000)
    assert len(bomb) < 4000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(VideoUnreadable):
        read_video(FileBytes(bomb), VideoLimits(megabytes=256))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def test_who_never_ends_is_not_waited_for() -> None:
    with pytest.raises(VideoTooLong, match="too long to decode"):
        read_video(FileBytes(video(grey_levels(1))), VideoLimits(patience=0.0))


@pytest.mark.parametrize(
    "data",
    [
        b"\0" * 100,
        b"\x1a\x45\xdf\xa3" + b"\0" * 50,
        b"\0\0\0\x18ftypmp42" + b"\xff" * 64,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/hostname\n",
        b"ffconcat version 1.0\nfile /etc/hostname\n",
        b"RIFF\0\0\0\0AVI LIST",
        b"GIF89a" + b"\0" * 30,
    ],
)
def test_what_is_no_video(data: bytes) -> None:
    with pytest.raises(VideoUnreadable):
        read_video(FileBytes(data))


def test_nothing_sent() -> None:
    with pytest.raises(ImageMissing):
        read_video(FileBytes(b""))


def test_other_codecs_are_not_decoded() -> None:
    with pytest.raises(VideoUnreadable, match="codec"):
        read_video(
            FileBytes(video(grey_levels(3), container="mov", codec="png", pixel_format="rgb24"))
        )


def test_damaged_bytes_never_escape_the_error_tree() -> None:
    whole = bytearray(video(grey_levels(20)))
    rng = np.random.default_rng(5)
    for _ in range(150):
        broken = bytearray(whole)
        for place in rng.integers(0, len(whole), 12):
            broken[place] = rng.integers(256)
        with contextlib.suppress(Refused):
            taken(bytes(broken), "mov", VideoLimits())
