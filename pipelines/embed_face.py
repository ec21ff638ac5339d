"""One portrait -> the template to enrol, to search or to verify with."""

from __future__ import annotations

from dataclasses import dataclass

from models.ports import FaceEmbedder, FaceFinder, SpoofJudge
from models.types import Face, FaceTemplate, Image
from pipelines.errors import NoFace
from pipelines.find_faces import find_faces


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedFace:
    """The largest face of a picture; `image` is that picture, turned upright. `live` is the spoof judge's answer, [0, 1]; None
    where it was not asked or could not say."""

    image: Image
    face: Face
    template: FaceTemplate
    live: float | None = None


class EmbedFace:
    """Makes a template of the largest face.

    Raises:
        NoFace: when called; there is none.
    """

    def __init__(
        self,
        face_finder: FaceFinder,
        face_embedder: FaceEmbedder,
        spoof_judge: SpoofJudge | None = None,
    ) -> None:
        self._finder = face_finder
        self._embedder = face_embedder
        self._judge = spoof_judge

    def __call__(self, image: Image, *, judged: bool = False) -> EmbeddedFace:
        found = find_faces(self._finder, image)
        if found is None:
            raise NoFace("portrait")
        (template,) = self._embedder.embed(found.image, found.faces[:1])
        live = self._judge.judge(found.image, found.faces[0]) if judged and self._judge else None
        return EmbeddedFace(found.image, found.faces[0], template, live)
