"""The composition root: pack -> models -> pipelines -> Runtime. The only importer of `models.loader`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.settings import Settings
from models.types import Image, Recogniser
from pipelines.embed_face import EmbeddedFace
from pipelines.liveness import Capture, Frame, LivenessDecision, VideoDecision
from pipelines.types import Decision, Onboarding, Policy, Reading, Side


class ReadsDocuments(Protocol):
    def __call__(
        self, image: Image, *, expected: Side | None = None, check_rotate: bool = True
    ) -> Reading: ...


class ReadsAllDocuments(Protocol):
    def __call__(self, image: Image, *, check_rotate: bool = True) -> Sequence[Reading]:
        """Every side of every card in the picture, largest first; raises NoDocument when there is none."""
        ...


class ReadsPages(Protocol):
    def __call__(self, page: Image) -> list[str]: ...


class ComparesFaces(Protocol):
    def __call__(self, left: Image, right: Image, *, left_is_card: bool) -> Decision: ...


class EmbedsFaces(Protocol):
    def __call__(self, image: Image, *, judged: bool = False) -> EmbeddedFace: ...


class Onboards(Protocol):
    def __call__(
        self, front: Image, back: Image, face: Image, *, check_rotate: bool = True
    ) -> Onboarding: ...


class ChecksLiveness(Protocol):
    def __call__(
        self, captures: Sequence[Capture], *, card: Image | None = None
    ) -> LivenessDecision: ...


class WatchesVideos(Protocol):
    def __call__(self, frames: Sequence[Frame]) -> VideoDecision: ...


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a worker can do: one callable per pipeline, the bank's policy, the pack's name, its recogniser and its files, each
    with its SHA-256."""

    read_document: ReadsDocuments
    read_documents: ReadsAllDocuments
    read_page: ReadsPages
    compare_faces: ComparesFaces
    embed_face: EmbedsFaces
    onboard: Onboards
    check_liveness: ChecksLiveness
    watch_video: WatchesVideos
    policy: Policy
    pack: str
    recogniser: Recogniser
    files: Mapping[str, str]


MakeRuntime = Callable[[Settings], Runtime]


log = logging.getLogger("ekyc.start")


class CannotStart(Exception):
    """The models of the chosen pack do not run here; the message is for the operator."""


def build_runtime(settings: Settings) -> Runtime:
    """Load the pack named in the settings; models are verified and warm when this returns.

    The imports are in here so that commands which only need the database start without model code.

    Raises:
        CannotStart: the pack is unknown, incomplete, altered, not licensed, or not for this machine.
    """
    from models.loader import load
    from models.manifest import PackUnusable, read_pack
    from models.session import CPU, CUDA, ProviderUnavailable
    from pipelines.check_liveness import CheckLiveness
    from pipelines.compare_faces import CompareFaces
    from pipelines.embed_face import EmbedFace
    from pipelines.onboard import Onboard
    from pipelines.read_document import ReadDocument
    from pipelines.read_page import ReadPage
    from pipelines.watch_face import FaceWatcher
    from pipelines.watch_video import WatchVideo

    try:
        models = load(
            read_pack(settings.pack),
            weights_dir=settings.weights_dir,
            accept_noncommercial=settings.accept_noncommercial,
            providers=(CUDA, CPU) if settings.device == "cuda" else (CPU,),
        )
    except (PackUnusable, ProviderUnavailable) as error:
        raise CannotStart(str(error)) from error
    if not models.pack.commercial:
        log.warning("pack not for commercial use", extra={"fields": {"pack": settings.pack}})
    policy = Policy()
    read_document = ReadDocument(
        models.card_finder,
        models.text_finder,
        models.text_reader,
        policy,
        card_judge=models.card_judge,
    )
    compare_faces = CompareFaces(
        models.face_finder,
        models.face_embedder,
        models.calibration,
        policy,
        models.spoof_judge,
        models.card_finder,
        models.accessory_judge,
        models.card_judge,
    )
    watcher = FaceWatcher(
        models.face_finder, models.face_embedder, models.calibration, models.spoof_judge
    )
    return Runtime(
        read_document=read_document,
        read_documents=read_document.all,
        read_page=ReadPage(models.text_finder, models.text_reader),
        compare_faces=compare_faces,
        embed_face=EmbedFace(models.face_finder, models.face_embedder, models.spoof_judge),
        onboard=Onboard(read_document, compare_faces, policy),
        check_liveness=CheckLiveness(watcher, compare_faces, policy),
        watch_video=WatchVideo(watcher, policy),
        policy=policy,
        pack=settings.pack,
        recogniser=models.pack.meaning(),
        files={file.name: file.sha256 for file in models.pack.files()},
    )
