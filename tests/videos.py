"""Makes videos for tests, with encoders whose patents have run out or that are free (MPEG-4 part 2, VP8)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from models.types import Pixels


def video(
    frames: Iterable[Pixels],
    *,
    container: str = "mp4",
    codec: str = "mpeg4",
    rate: int = 10,
    apart: int = 1,
    pixel_format: str = "yuv420p",
    index_first: bool = False,
) -> bytes:
    """The frames (sides even, all alike) as a file; each is shown for `apart` ticks of `rate` a second.
    `index_first` puts an MP4's table of contents at its start."""
    options = {"movflags": "faststart"} if index_first else {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"video.{container}"
        with av.open(str(path), "w", format=container, options=options) as out:
            stream = out.add_stream(codec, rate=rate)
            stream.pix_fmt, stream.bit_rate = pixel_format, 4_000_000
            for place, pixels in enumerate(frames):
                if place == 0:
                    stream.height, stream.width = pixels.shape[:2]
                shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="bgr24")
                shown.pts, shown.time_base = place * apart, Fraction(1, rate)
                out.mux(stream.encode(shown))
            out.mux(stream.encode())
        return path.read_bytes()


def sound(seconds: float = 1.0) -> bytes:
    """An MP4 with nothing to see."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.mp4"
        with av.open(str(path), "w", format="mp4") as out:
            stream = out.add_stream("aac", rate=16000)
            for _ in range(int(seconds * 16)):
                silence = np.zeros((1, 1000), np.float32)
                frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
                frame.sample_rate = 16000
                out.mux(stream.encode(frame))
            out.mux(stream.encode())
        return path.read_bytes()


def grey_levels(count: int, size: tuple[int, int] = (96, 64)) -> list[Pixels]:
    """Flat frames, each brighter than the one before: its level tells which one it was."""
    levels = np.linspace(20, 235, count)
    return [np.full((size[1], size[0], 3), level, np.uint8) for level in levels]
