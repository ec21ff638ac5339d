"""Bytes or base64 in, a few upright frames out: MP4, MOV and WebM through PyAV, within limits.

FFmpeg opens some hundred formats, among them playlists that name other files and addresses. So the content must first
look like one of the two containers below, which are then opened by name, and only codecs of phones and browsers are
decoded. No file is written and none is opened.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.images import Base64Text, Encoded, from_base64
from models.geometry import rotate_quarter
from models.types import Image
from pipelines.errors import EkycError, ImageMissing, VideoTooLong, VideoUnreadable
from pipelines.liveness import Frame

_MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
"""First box of an MP4 or QuickTime file (ISO/IEC 14496-12; QuickTime File Format)."""
_EBML = b"\x1a\x45\xdf\xa3"
"""First bytes of a WebM file (RFC 8794)."""

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
        decode_seconds: of wall time.
        kept: frames handed on at most, evenly spread.
        side: longer side of a frame handed on, pixels; more than any face model looks at.
    """

    bytes: int = 32 * 1024 * 1024
    seconds: float = 30.0
    frames: int = 1800
    pixels: int = 4096 * 2304
    decode_seconds: float = 8.0
    kept: int = 16
    side: int = 720


def read_video(encoded: Encoded, limits: VideoLimits | None = None) -> tuple[Frame, ...]:
    """Decode what a client sent.

    Returns:
        At least one frame, at most `limits.kept`, in order of time.

    Raises:
        ImageMissing: there are no bytes.
        FormatMismatch: text that should be base64 is not.
        VideoUnreadable: no MP4, MOV or WebM, no pictures in it, another codec, truncated, or too large.
        VideoTooLong: it lasts longer, or has more frames, than the limits, or takes too long to decode.
    """
    limits = limits or VideoLimits()
    data = from_base64(encoded.text) if isinstance(encoded, Base64Text) else encoded.data
    if not data:
        raise ImageMissing("video")
    if len(data) > limits.bytes:
        raise VideoUnreadable("too many bytes")
    kind = _container(data)
    try:
        # Without `max_pixels` a frame of any size is decoded before its size can be asked.
        options = {"codec_whitelist": _DECODERS, "max_pixels": str(limits.pixels)}
        with av.open(io.BytesIO(data), format=kind, mode="r", options=options) as container:
            return _frames(container, limits)
    except EkycError:
        raise
    except Exception as error:
        # Demuxers and decoders fail in many ways on hostile bytes; all mean the same to a client.
        raise VideoUnreadable("not a video we decode") from error


def _container(data: bytes) -> str:
    if data.startswith(_EBML):
        return "matroska"
    if data[4:8] in _MP4_BOXES:
        return "mov"
    raise VideoUnreadable("no MP4, MOV or WebM")


def _frames(container: InputContainer, limits: VideoLimits) -> tuple[Frame, ...]:
    if not container.streams.video:
        raise VideoUnreadable("no pictures in it")
    stream = container.streams.video[0]
    # PyAV's own types forget that a codec FFmpeg does not know has no context.
    context: VideoCodecContext | None = stream.codec_context
    if context is None or context.codec.canonical_name not in CODECS:
        raise VideoUnreadable("a codec we do not decode")
    if not 0 < context.width * context.height <= limits.pixels:  # 0: not even looked at
        raise VideoUnreadable("too many pixels")
    declared = _declared(container, stream)
    if declared is not None and declared > limits.seconds:
        raise VideoTooLong(f"longer than {limits.seconds:.0f} seconds")
    stream.thread_type = "NONE"  # one core per request, as everywhere
    context.options = {"max_pixels": str(limits.pixels)}  # frames may grow on the way
    kept, last = _thinned(_decoded(container, stream, limits), limits)
    if not kept:
        raise VideoUnreadable("no pictures in it")
    own = _seconds(stream)
    if own is not None and last + EARLY_END < own:
        raise VideoUnreadable("truncated")
    return tuple(kept)


def _declared(container: InputContainer, stream: VideoStream) -> float | None:
    """Length in seconds as the file says, when it does."""
    if container.duration is not None:
        return container.duration / av.time_base
    return _seconds(stream)


def _seconds(stream: VideoStream) -> float | None:
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
            raise VideoTooLong(f"longer than {limits.seconds:.0f} seconds")
        if time.monotonic() > stop:
            raise VideoTooLong("takes too long to decode")
        if frame.width * frame.height > limits.pixels:
            raise VideoUnreadable("too many pixels")
        yield at - first, frame


def _until_broken(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """A broken frame in the middle ends the video; whether enough came before is for the caller to say."""
    frames = container.decode(stream)
    while True:
        try:
            frame = next(frames)
        except (StopIteration, av.FFmpegError):
            return
        yield frame


def _thinned(
    decoded: Iterator[tuple[float, VideoFrame]], limits: VideoLimits
) -> tuple[list[Frame], float]:
    """At most `limits.kept` frames, evenly spread over a length that nobody knows before the end: whenever twice as
    many have gathered, every second one is dropped and only every second is taken from there on. Also the time of
    the very last frame."""
    kept: list[Frame] = []
    step, last = 1, 0.0
    for index, (at, frame) in enumerate(decoded):
        last = at
        if index % step:
            continue
        kept.append(Frame(_picture(frame, limits.side), at))
        if len(kept) >= 2 * limits.kept:
            kept, step = kept[::2], step * 2
    if len(kept) > limits.kept:
        at_places = np.linspace(0, len(kept) - 1, limits.kept).round().astype(int)
        kept = [kept[i] for i in at_places]
    return kept, last


def _picture(frame: VideoFrame, side: int) -> Image:
    """Upright BGR, the longer side at most `side`."""
    scale = min(1.0, side / max(frame.width, frame.height))
    size = max(2, round(frame.width * scale)), max(2, round(frame.height * scale))
    small = frame.reformat(width=size[0], height=size[1], format="bgr24")
    pixels = np.ascontiguousarray(small.to_ndarray(), np.uint8)
    # The display matrix is said in degrees counter-clockwise.
    return rotate_quarter(Image(pixels), -round(frame.rotation / 90))
