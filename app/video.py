"""Bytes or base64 in, a few upright frames out: MP4, MOV and WebM through PyAV, within limits.

FFmpeg opens some hundred formats, among them playlists that name other files and addresses. So the content must first
look like one of the two containers below, which are then opened by name, and only codecs of phones and browsers are
decoded. No file is written and none is opened.

It runs in a process of its own that may use so much memory and time and no more: seven hundred bytes can name frames that take gigabytes to
list, and what crashes a decoder costs that process, not the service.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from app.images import Base64Text, Encoded, from_base64, naming
from app.video_child import HEAD, TOO_LONG, UNREADABLE, VideoLimits
from models.geometry import rotate_quarter
from models.types import Image
from pipelines.errors import ImageMissing, VideoTooLong, VideoUnreadable
from pipelines.liveness import Frame

_MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
"""First box of an MP4 or QuickTime file (ISO/IEC 14496-12; QuickTime File Format)."""
_EBML = b"\x1a\x45\xdf\xa3"
"""First bytes of a WebM file (RFC 8794)."""

CHILD = Path(__file__).with_name("video_child.py")
COLOURS = 3
TOO_SLOW = "takes too long to decode"


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
    with naming(encoded):
        data = from_base64(encoded.text) if isinstance(encoded, Base64Text) else encoded.data
        if not data:
            raise ImageMissing("video")
        if len(data) > limits.bytes:
            raise VideoUnreadable("too many bytes")
        return tuple(_frames(_taken(data, container(data), limits)))


def container(data: bytes) -> str:
    """FFmpeg's name of it. Raises VideoUnreadable."""
    if data.startswith(_EBML):
        return "matroska"
    if data[4:8] in _MP4_BOXES:
        return "mov"
    raise VideoUnreadable("no MP4, MOV or WebM")


def _taken(data: bytes, kind: str, limits: VideoLimits) -> bytes:
    """What `app.video_child` says."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD), kind, json.dumps(asdict(limits))],
            input=data,
            capture_output=True,
            timeout=limits.patience,
        )
    except subprocess.TimeoutExpired as error:
        raise VideoTooLong(TOO_SLOW) from error
    why = done.stderr.decode(errors="replace")  # ours, unless the process was ended by something
    match done.returncode:
        case 0:
            return done.stdout
        case code if code == TOO_LONG:
            raise VideoTooLong(why)
        case code if code == -signal.SIGXCPU:
            raise VideoTooLong(TOO_SLOW)
        case code if code == UNREADABLE and why:
            raise VideoUnreadable(why)
        case _:
            raise VideoUnreadable("not a video we decode")


def _frames(taken: bytes) -> Iterator[Frame]:
    at = 0
    while at < len(taken):
        seconds, height, width, stride, turns = HEAD.unpack_from(taken, at)
        at += HEAD.size
        rows = np.frombuffer(taken, np.uint8, height * stride, at).reshape(height, stride)
        pixels = rows[:, : width * COLOURS].reshape(height, width, COLOURS)
        yield Frame(rotate_quarter(Image(np.ascontiguousarray(pixels)), turns), seconds)
        at += height * stride
