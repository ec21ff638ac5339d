"""Who is this? Enrols, finds, verifies and forgets faces, over the `Gallery` it declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from models.types import FaceTemplate, Recogniser
from pipelines.errors import BadParameter, Clash, FaceExists, UnknownFace
from pipelines.types import Policy

OWN = ""
"""The collection of a client's own customers; others belong to outside parties of that name."""

IMAGES = ":images"
"""The collection of pictures that stand for themselves: apart from the customers, whose faces would else be duplicates of these.
No outside party's name begins like this."""

RESERVED_KEYS = frozenset({"user", "encoding", "_id"})
"""Metadata keys the published documents keep for the service."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose faces, and which: nothing is ever looked up, shown or deleted beyond one client's one collection."""

    client: int
    collection: str = OWN


@dataclass(frozen=True, slots=True, eq=False)
class NewFingerprint:
    """The picture of a fingerprint, as a file; `finger` is the client's word."""

    finger: str
    image: bytes


@dataclass(frozen=True, slots=True, eq=False)
class NewFace:
    """A face to enrol.

    Attributes:
        person: the client's own id of the person; None for a picture that stands for itself.
        image: the picture as a file, kept (encrypted) only where the installation keeps pictures.
        quality: [0, 1], of the face in that picture, where it was judged.
        source: what kind of picture: "portrait", "card", "video".
        fingerprint: of the same person, kept in the same step: both or neither.
    """

    template: FaceTemplate
    person: str | None = None
    metadata: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    image: bytes | None = None
    quality: float | None = None
    source: str = "portrait"
    fingerprint: NewFingerprint | None = None

    def __post_init__(self) -> None:
        if self.fingerprint is not None and self.person is None:
            raise ValueError("a fingerprint is a person's")


@dataclass(frozen=True, slots=True)
class EnrolledFace:
    """A face as it is kept, without its template. `enrolled` is UTC without a zone. `fingerprint`: the id of the one that has just
    been kept with it."""

    id: int
    person: str | None
    metadata: Mapping[str, object]
    recogniser: str
    quality: float | None
    source: str
    enrolled: datetime
    has_image: bool
    fingerprint: int | None = None


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A stored picture of a fingerprint: kept, listed and deleted, never matched. `finger` is the client's word."""

    id: int
    person: str
    finger: str
    enrolled: datetime


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An enrolled face and the exact cosine between its template and the one asked about."""

    face: EnrolledFace
    cosine: float


@dataclass(frozen=True, slots=True)
class Match:
    """An enrolled face and how alike it is; calibrated, [0, 1]."""

    face: EnrolledFace
    similarity: float


@dataclass(frozen=True, slots=True)
class Verification:
    """Is this the person of that id? `match` is the most similar of the person's faces."""

    match: Match
    matched: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an enrolment must be weighed against.

    Attributes:
        size: faces in the collection.
        own: the person's faces, nearest first.
        others: the nearest faces of anybody else, nearest first.
    """

    size: int
    own: Sequence[Neighbour]
    others: Sequence[Neighbour]


Check = Callable[[Surroundings], None]
"""Raises to refuse an enrolment."""


class Gallery(Protocol):
    """Keeps faces. What it has acknowledged is on the disk; what it has deleted is never found again, by any process.

    Every method raises OtherRecogniser where templates would have to be compared that do not.
    """

    def add(
        self, place: Place, face: NewFace, *, check: Check | None = None, replace: bool = False
    ) -> EnrolledFace:
        """Enrol. `check` sees every face that was enrolled before, also by other processes at the same moment.

        Args:
            replace: the person's other faces are deleted in the same step.
        """
        ...

    def nearest(self, place: Place, template: FaceTemplate, count: int) -> list[Neighbour]:
        """The `count` nearest faces, nearest first; exact cosines."""
        ...

    def nearest_of(self, place: Place, person: str, template: FaceTemplate) -> list[Neighbour]:
        """All faces of one person, nearest first; empty for nobody."""
        ...

    def faces(
        self, place: Place, *, person: str | None = None, limit: int | None = None, offset: int = 0
    ) -> list[EnrolledFace]:
        """In the order of enrolment; of one person, or of all."""
        ...

    def face(self, place: Place, face: int) -> EnrolledFace:
        """Raises UnknownFace."""
        ...

    def image(self, place: Place, face: int) -> bytes | None:
        """The stored picture, if there is one. Raises UnknownFace."""
        ...

    def set_metadata(self, place: Place, face: int, metadata: Mapping[str, object]) -> EnrolledFace:
        """Replace it. Raises UnknownFace."""
        ...

    def delete(self, place: Place, ids: Sequence[int]) -> None:
        """Faces and fingerprints, all of them or, when one is unknown (UnknownFace), none."""
        ...

    def delete_person(self, place: Place, person: str) -> int:
        """Everything kept of a person; how many faces and fingerprints that were."""
        ...

    def delete_collection(self, place: Place) -> int:
        """Everybody; how many faces and fingerprints that were."""
        ...

    def add_fingerprint(
        self, place: Place, person: str, finger: str, image: bytes
    ) -> Fingerprint: ...

    def fingerprints(self, place: Place, person: str) -> list[Fingerprint]:
        """In the order of enrolment."""
        ...

    def fingerprint_image(self, place: Place, fingerprint: int) -> bytes:
        """Raises UnknownFace."""
        ...

    def size(self, place: Place) -> int:
        """Faces in the collection."""
        ...


class SearchFaces:
    """The rules of enrolment and search. Similarities are calibrated; no caller sees a cosine.

    All methods block: on the database, and on the processor for milliseconds per hundred thousand faces.
    """

    def __init__(
        self, gallery: Gallery, recogniser: Recogniser, policy: Policy | None = None
    ) -> None:
        self.gallery = gallery
        self._recogniser = recogniser
        self._policy = policy or Policy()

    def enrol(
        self, place: Place, face: NewFace, *, replace: bool = False, refuse_duplicates: bool = True
    ) -> EnrolledFace:
        """Keep a face. One that stands for itself (without a person) has no duplicates.

        Args:
            replace: it takes the place of the person's other faces, which need not be alike.

        Raises:
            FaceExists: the face is enrolled for another person, or another face is for this person.
            BadParameter: a metadata key is reserved.
        """
        _check_keys(face.metadata)

        def check(around: Surroundings) -> None:
            if refuse_duplicates:
                self._refuse_other_person(around)
            if not replace:
                self._refuse_other_face(around)

        wanted = check if face.person is not None else None
        return self.gallery.add(place, face, check=wanted, replace=replace)

    def search(
        self,
        place: Place,
        template: FaceTemplate,
        *,
        limit: int = 10,
        threshold: float | None = None,
    ) -> list[Match]:
        """The most similar faces, at or above `threshold` (None: the policy's "same")."""
        least = self._policy.same if threshold is None else threshold
        matches = map(self._match, self.gallery.nearest(place, template, limit))
        return [match for match in matches if match.similarity >= least]

    def verify(
        self, place: Place, person: str, template: FaceTemplate, *, threshold: float | None = None
    ) -> Verification:
        """Compare with the faces of one person, at `threshold` (None: the policy's `match`).

        Raises:
            UnknownFace: nobody is enrolled under this id.
        """
        faces = self.gallery.nearest_of(place, person, template)
        if not faces:
            raise UnknownFace("person")
        match = self._match(faces[0])
        least = self._policy.match if threshold is None else threshold
        return Verification(match, match.similarity >= least)

    def set_metadata(self, place: Place, face: int, metadata: Mapping[str, object]) -> EnrolledFace:
        """Replace a face's metadata.

        Raises:
            UnknownFace: there is no such face.
            BadParameter: a key is reserved.
        """
        _check_keys(metadata)
        return self.gallery.set_metadata(place, face, metadata)

    def duplicate_threshold(self, size: int) -> float:
        """The similarity that makes a new customer a duplicate among `size` faces.

        Among N strangers about N x FMR reach a cosine of that false match rate (NIST: FPIR is about N x FMR), so the rate
        may be `false_duplicates` / N. Below the gallery size at which that matters, the published rule stands.
        """
        policy, rates = self._policy, self._recogniser.rates
        if rates is None or size < 1:
            return policy.duplicate
        cosine = rates.cosine_at(policy.false_duplicates / size)
        return max(policy.duplicate, self._recogniser.calibration(cosine))

    def _refuse_other_person(self, around: Surroundings) -> None:
        threshold = self.duplicate_threshold(around.size)
        for match in map(self._match, around.others[:1]):
            if match.similarity >= threshold:
                raise FaceExists(Clash.SAME_FACE_OTHER_PERSON, match.similarity, threshold)

    def _refuse_other_face(self, around: Surroundings) -> None:
        for match in map(self._match, around.own[:1]):
            if match.similarity < self._policy.match:
                raise FaceExists(Clash.SAME_PERSON_OTHER_FACE, match.similarity, self._policy.match)

    def _match(self, neighbour: Neighbour) -> Match:
        return Match(neighbour.face, self._recogniser.calibration(neighbour.cosine))


def _check_keys(metadata: Mapping[str, object]) -> None:
    if RESERVED_KEYS & metadata.keys():
        raise BadParameter("metadata", f"without the keys {', '.join(sorted(RESERVED_KEYS))}")
