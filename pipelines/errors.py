"""Why a request cannot be answered.

* EkycError
  - BadInput
    x ImageUnreadable      the bytes are no image we decode (or too large, or truncated)
    x ImageMissing         a required image or parameter was not sent, or is empty
    x FormatMismatch       the declared format does not fit what was sent
    x BadParameter         a parameter has a value that makes no sense
    x UnknownFace          no such face, person or fingerprint of this client
    x FaceExists(clash)    a face cannot be enrolled: somebody else's, or another one for the same person
    x VideoUnreadable      no video we decode: no picture in it, truncated before the first, too large
    x VideoTooLong         longer than a liveness video may be
    x ChallengeRefused     the challenge is unknown, expired, answered before, or another client's
  - ImageUnreachable       the URL gave no image
  - NothingFound
    x NoDocument(side)     no identity document in the image
    x NoFace(where)        no face where one is needed
  - NotAllowed
    x BadCredentials
    x QuotaSpent
    x ScopeMissing         the credentials are good, but not for this family of routes
  - Refused
    x Busy(retry_after)    too many requests in flight
    x TooFast(retry_after) more requests than the client's rate
    x DeadlineExceeded     admitted, but not done in time
    x DatabaseUnavailable  the database takes nothing just now, so that no answer could be kept
  - UnknownRoute           no such path or method here
  - Internal               our own fault; details are in the log, never in the answer
    x OtherRecogniser      stored templates were made by another recogniser and do not compare

Leaves are marked x, and so are the childless classes of the first level. A `Concern` (see types.py) is a
warning on an answered request and never appears here.
"""

from __future__ import annotations

from enum import StrEnum


class EkycError(Exception):
    """Base of every failure a client is told about.

    Attributes:
        name: the parameter it is about; empty where it is about none, or about an image nobody named.
    """

    name: str = ""

    def __reduce__(self) -> tuple[object, ...]:
        # By default a copy is made by the constructor, which may take something else than the message.
        return type(self).__new__, (type(self), *self.args), self.__dict__


class BadInput(EkycError): ...


class ImageUnreadable(BadInput): ...


class ImageMissing(BadInput):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is missing or empty")
        self.name = name


class FormatMismatch(BadInput): ...


class BadParameter(BadInput):
    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"{name} must be {expected}")
        self.name = name


class UnknownFace(BadInput):
    """No such face, person or fingerprint in this client's collection; another client's is as unknown as one that
    never was."""

    def __init__(self, what: str) -> None:
        super().__init__(f"there is no such {what}")
        self.what = what


class Clash(StrEnum):
    """Why a face is not enrolled."""

    SAME_FACE_OTHER_PERSON = "same face, another person"
    SAME_PERSON_OTHER_FACE = "same person, another face"


class FaceExists(BadInput):
    """Attributes:
    similarity: to the nearest face of the other person, or of the same one; calibrated, [0, 1].
    threshold: what it was compared with.
    """

    def __init__(self, clash: str, similarity: float = 0.0, threshold: float = 0.0) -> None:
        super().__init__(f"cannot be enrolled: {clash}")
        self.clash = clash
        self.similarity = similarity
        self.threshold = threshold


class VideoUnreadable(BadInput): ...


class VideoTooLong(BadInput): ...


class ChallengeRefused(BadInput): ...


class ImageUnreachable(EkycError): ...


class NothingFound(EkycError): ...


class NoDocument(NothingFound):
    def __init__(self, side: str = "image") -> None:
        super().__init__(f"no identity document on the {side}")
        self.side = side


class NoFace(NothingFound):
    """No face where one is needed; `where` holds "card", "portrait" or both."""

    def __init__(self, *where: str) -> None:
        super().__init__(f"no face on the {' and '.join(where)}")
        self.where = where


class NotAllowed(EkycError): ...


class BadCredentials(NotAllowed): ...


class QuotaSpent(NotAllowed): ...


class ScopeMissing(NotAllowed): ...


class Refused(EkycError):
    """The request was not worked on; `retry_after` is in whole seconds."""

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Busy(Refused): ...


class TooFast(Refused): ...


class DeadlineExceeded(Refused): ...


class DatabaseUnavailable(Refused): ...


class UnknownRoute(EkycError): ...


class Internal(EkycError): ...


class OtherRecogniser(Internal):
    """Faces enrolled with another recogniser cannot be searched: enrol them again, from stored images or anew."""

    def __init__(self, stored: str, ours: str = "") -> None:
        super().__init__(
            f"faces were enrolled with the recogniser {stored}, which this service's ({ours}) cannot compare: "
            "run scripts/reembed, or go back to the pack they were enrolled with"
        )
        self.stored = stored
