"""Takes a few frames out of the video on standard input; run by `app.video` as a file, alone, under limits it sets itself.

Arguments: the container's format by FFmpeg's name, and the limits as JSON. Output, per frame: its time in seconds (eight bytes), then
height, width, bytes per row and the quarter turns to the right that set it upright (little-endian, four bytes each), then the rows, BGR. A video that
is refused is exit status 3 or, when it is too long, 4, with the reason, in words of ours alone, on standard error.
"""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

UNREADABLE, TOO_LONG = 3, 4
MEGABYTE = 1024 * 1024
HEAD = struct.Struct("<d4I")

CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "mpeg4"})
"""What phones and browsers record, by FFmpeg's names of the formats."""

_DECODERS = "h264,hevc,vp8,vp9,libdav1d,av1,mpeg4"
"""FFmpeg's decoders of these. It decodes a little of every stream to learn what is in it, sound too, before anybody can ask:
with this list no other decoder is opened."""

EARLY_END = 1.0
"""Seconds by which the pictures may end before the length their stream declares: more, and the file is truncated."""


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """What one video may cost.

    Attributes:
        bytes: of the file.
        seconds: of the video; a liveness video takes 5 to 10.
        frames: decoded; 30 seconds at 60 a second.
        pixels: of one frame: 4K fits.
        decode_seconds: of wall time between the first frame and the last.
        processor_seconds: of everything, the table of contents included, which may name a hundred million frames that are not there.
        patience: of waiting for all of it, seconds.
        megabytes: of the decoding process's memory; sixteen 4K frames that others refer to have 450.
        kept: frames handed on at most, evenly spread.
        side: longer side of a frame handed on, pixels; more than any face model looks at.
    """

    bytes: int = 32 * MEGABYTE
    seconds: float = 30.0
    frames: int = 1800
    pixels: int = 4096 * 2304
    decode_seconds: float = 8.0
    processor_seconds: int = 10
    patience: float = 15.0
    megabytes: int = 1024
    kept: int = 16
    side: int = 720


@dataclass(frozen=True, slots=True)
class Taken:
    """A frame, small, as it is stored; `turns` quarter turns to the right set it upright."""

    seconds: float
    frame: VideoFrame
    turns: int


class Refused(Exception):
    def __init__(self, why: str, status: int = UNREADABLE) -> None:
        super().__init__(why)
        self.status = status


def taken(data: bytes, kind: str, limits: VideoLimits) -> list[Taken]:
    """At least one frame, at most `limits.kept`, in order of time. Raises Refused."""
    import av

    try:
        # Without `max_pixels` a frame of any size is decoded before its size can be asked.
        options = {"codec_whitelist": _DECODERS, "max_pixels": str(limits.pixels)}
        with av.open(io.BytesIO(data), format=kind, mode="r", options=options) as container:
            return _frames(container, limits)
    except Refused:
        raise
    except Exception as error:
        # Demuxers and decoders fail in many ways on hostile bytes; all mean the same to a client.
        raise Refused("not a video we decode") from error


def _frames(container: InputContainer, limits: VideoLimits) -> list[Taken]:
    import av

    if not container.streams.video:
        raise Refused("no pictures in it")
    stream = container.streams.video[0]
    # PyAV's own types forget that a codec FFmpeg does not know has no context.
    context: VideoCodecContext | None = stream.codec_context
    if context is None or context.codec.canonical_name not in CODECS:
        raise Refused("a codec we do not decode")
    if not 0 < context.width * context.height <= limits.pixels:  # 0: not even looked at
        raise Refused("too many pixels")
    own = _seconds(stream)
    declared = own if container.duration is None else container.duration / av.time_base
    if declared is not None and declared > limits.seconds:
        raise _too_long(limits)
    # One core per request, as everywhere. AV1's decoder goes by the count alone: with a thread for each of 32 cores it has no memory left.
    stream.thread_type, context.thread_count = "NONE", 1
    context.options = {"max_pixels": str(limits.pixels)}  # frames may grow on the way
    kept, last = _thinned(_decoded(container, stream, limits), limits)
    if not kept:
        raise Refused("no pictures in it")
    if own is not None and last + EARLY_END < own:
        raise Refused("truncated")
    return kept


def _seconds(stream: VideoStream) -> float | None:
    """Its length, as the file says, when it does."""
    if stream.duration is None or stream.time_base is None:
        return None
    return float(stream.duration * stream.time_base)


def _decoded(
    container: InputContainer, stream: VideoStream, limits: VideoLimits
) -> Iterator[tuple[float, VideoFrame]]:
    """Frames with their time from the first one. What the file says of itself is not relied on."""
    stop = time.monotonic() + limits.decode_seconds
    first: float | None = None
    for count, frame in enumerate(_until_broken(container, stream), start=1):
        at = frame.time if frame.time is not None else 0.0
        first = at if first is None else first
        if at - first > limits.seconds or count > limits.frames:
            raise _too_long(limits)
        if time.monotonic() > stop:
            raise Refused("takes too long to decode", TOO_LONG)
        if frame.width * frame.height > limits.pixels:
            raise Refused("too many pixels")
        yield at - first, frame


def _too_long(limits: VideoLimits) -> Refused:
    return Refused(f"longer than {limits.seconds:.0f} seconds", TOO_LONG)


def _until_broken(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """A broken frame in the middle ends the video; whether enough came before is for the caller to say."""
    import av

    frames = container.decode(stream)
    while True:
        try:
            frame = next(frames)
        except (StopIteration, av.FFmpegError):
            return
        yield frame


def _thinned(
    decoded: Iterator[tuple[float, VideoFrame]], limits: VideoLimits
) -> tuple[list[Taken], float]:
    """At most `limits.kept` frames, evenly spread over a length that nobody knows before the end: whenever twice as
    many have gathered, every second one is dropped and only every second is taken from there on. Also the time of
    the very last frame."""
    kept: list[Taken] = []
    step, last = 1, 0.0
    for index, (at, frame) in enumerate(decoded):
        last = at
        if index % step:
            continue
        kept.append(_small(at, frame, limits.side))
        if len(kept) >= 2 * limits.kept:
            kept, step = kept[::2], step * 2
    if len(kept) > limits.kept:
        spread = (len(kept) - 1) / max(1, limits.kept - 1)
        kept = [kept[round(place * spread)] for place in range(limits.kept)]
    return kept, last


def _small(at: float, frame: VideoFrame, side: int) -> Taken:
    """BGR, the longer side at most `side`."""
    scale = min(1.0, side / max(frame.width, frame.height))
    size = max(2, round(frame.width * scale)), max(2, round(frame.height * scale))
    small = frame.reformat(width=size[0], height=size[1], format="bgr24")
    # The display matrix is said in degrees counter-clockwise.
    return Taken(at, small, -round(frame.rotation / 90) % 4)


def main(kind: str, limits: VideoLimits) -> int:
    import av  # noqa: F401  # before there is little memory left for it

    resource.setrlimit(resource.RLIMIT_AS, (limits.megabytes * MEGABYTE,) * 2)
    # At the first the process is told, and ends; at the second it would be killed, and nobody would know why.
    seconds = limits.processor_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        frames = taken(sys.stdin.buffer.read(), kind, limits)
    except Refused as refused:
        sys.stderr.write(str(refused))
        return refused.status
    for one in frames:
        rows = one.frame.planes[0]
        shape = (one.frame.height, one.frame.width, rows.line_size, one.turns)
        sys.stdout.buffer.write(HEAD.pack(one.seconds, *shape))
        sys.stdout.buffer.write(bytes(rows)[: one.frame.height * rows.line_size])
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    try:
        status = main(sys.argv[1], VideoLimits(**json.loads(sys.argv[2])))
    except (Exception, MemoryError):
        status = UNREADABLE
    sys.exit(status)
