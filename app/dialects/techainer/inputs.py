"""What Techainer clients send: files, base64 or URLs under one name, and strings where a number is meant."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from app.body import Body, Value
from app.dialects.techainer.names import ABSENT
from app.images import Base64Text, FileBytes, Sent, Url
from pipelines.errors import BadParameter, ImageMissing, UnknownFace

_URL = re.compile(r"[a-z][a-z0-9+.-]{0,30}+://", re.IGNORECASE)
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
LONGEST_NAME, LONGEST_FINGER = 100, 50
"""Characters the database takes."""
MOST_DIGITS = 19
"""Of a number it takes."""


@dataclass(frozen=True, slots=True)
class Registration:
    """`face` is a portrait, or a video."""

    front: Sent
    back: Sent
    face: Sent
    user_id: str
    check_rotate: bool
    threshold: float


def registration(body: Body, *, face: str, default_threshold: float) -> Registration:
    """The parameters of `register_ekyc_front_back_face`, or of its sister for videos.

    Raises:
        ImageMissing: a required parameter is missing or empty.
        BadParameter: one makes no sense.
    """
    return Registration(
        front=image(body, "image_card1"),
        back=image(body, "image_card2"),
        user_id=text(body, "user_id"),
        face=image(body, face),
        check_rotate=boolean(body, "check_rotate", default=True),
        threshold=fraction(body, "threshold", default=default_threshold),
    )


def image(body: Body, name: str) -> Sent:
    """A file, or text that is a URL when it looks like one and base64 otherwise."""
    return _image(name, _value(body, name))


def images(body: Body, *names: str, most: int) -> list[Sent]:
    """All that was sent under the first of these names that was sent at all.

    Raises:
        ImageMissing: nothing.
        BadParameter: more than `most`, each of which would be fetched or decoded, or one that is no image.
    """
    for name in names:
        sent = body.every(name)
        if len(sent) > most:
            raise BadParameter(name, f"at most {most} images")
        if sent:
            return [_image(name, value) for value in sent]
    raise ImageMissing(names[0])


def _image(name: str, value: object) -> Sent:
    match value:
        case FileBytes() as upload if upload.data:
            return replace(upload, name=name)
        case str() as said if said.strip():
            is_url = _URL.match(said.strip())
            return Url(said.strip(), name) if is_url else Base64Text(said, name)
        case None | "" | str() | FileBytes():
            raise ImageMissing(name)
        case _:
            raise BadParameter(name, "a file, base64 or a URL")


def text(body: Body, name: str) -> str:
    match _value(body, name):
        case str() as said if said.strip():
            return said.strip()
        case bool() | FileBytes():
            raise BadParameter(name, "text")
        case int() | float() as number:
            return _digits(number)
        case _:
            raise ImageMissing(name)


def _digits(number: float) -> str:
    """Also of 17.0, which Java's Gson makes of a 17 it has read: another text would be another customer."""
    return str(int(number) if isinstance(number, float) and number.is_integer() else number)


def _value(body: Body, name: str) -> Value:
    """None when nothing was sent. Raises BadParameter for a list or an object: passed over, it would be another request."""
    if isinstance(next(iter(body.values.get(name, ())), None), list | dict):
        raise BadParameter(name, "one value")
    return body.get(name)


def optional_image(body: Body, name: str) -> Sent | None:
    value = _value(body, name)
    return None if value in (None, "", FileBytes(b"")) else _image(name, value)


def optional_text(body: Body, name: str, *, default: str) -> str:
    return default if _value(body, name) in (None, "") else text(body, name)


def party(body: Body, *, default: str | None = None) -> str:
    """The name of an outside party; `default` only where none was sent at all, for an empty name is somebody's mistake, who would search
    or delete among other customers than meant.

    Raises:
        ImageMissing: it is empty, or missing where it must not be.
        BadParameter: it is the service's own, or too long.
    """
    if default is not None and "third_party" not in body.values:
        return default
    name = text(body, "third_party")
    if name.startswith(":") or len(name) > LONGEST_NAME:
        raise BadParameter(
            "third_party", f"a name of up to {LONGEST_NAME} characters, not beginning with a colon"
        )
    return name


def finger(body: Body) -> str:
    """Which one, in the client's words; absent when none was sent. Raises BadParameter for a text that is too long."""
    said = optional_text(body, "finger", default=ABSENT)
    if len(said) > LONGEST_FINGER:
        raise BadParameter("finger", f"a text of up to {LONGEST_FINGER} characters")
    return said


def ids(body: Body, name: str) -> list[int]:
    """Numbers, or texts that are; empty only when the parameter was not sent: to name none is not to mean all.

    Raises:
        UnknownFace: one is no number, and so names nothing; or none is named.
    """
    if name not in body.values:
        return []
    found = [_id(one) for one in body.every(name)]
    if not found or not all(one.isdecimal() and len(one) < MOST_DIGITS for one in found):
        raise UnknownFace("face")
    return [int(one) for one in found]


def _id(one: object) -> str:
    match one:
        case str():
            return one.strip()
        case int() | float() if not isinstance(one, bool):
            return _digits(one)
        case _:
            return ""


def count(body: Body, name: str, *, default: int, most: int) -> int:
    value = optional_text(body, name, default=str(default))
    if not value.isdecimal() or not 1 <= int(value[:MOST_DIGITS]) <= most:
        raise BadParameter(name, f"a number from 1 to {most}")
    return int(value)


def boolean(body: Body, name: str, *, default: bool) -> bool:
    value = _value(body, name)
    if value is None or value == "":
        return default
    word = "" if isinstance(value, FileBytes) else str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise BadParameter(name, "True or False")


def fraction(body: Body, name: str, *, default: float) -> float:
    value = _value(body, name)
    if value is None or value == "":
        return default
    try:
        number = math.nan if isinstance(value, FileBytes | bool) else float(value)
    except (ValueError, OverflowError):
        number = math.nan
    if not 0.0 <= number <= 1.0:
        raise BadParameter(name, "a number from 0 to 1")
    return number
