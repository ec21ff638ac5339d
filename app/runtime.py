"""The composition root: pack -> models -> pipelines -> Runtime. The only importer of `models.loader`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.settings import Settings
from models.types import Image
from pipelines.types import Decision, Onboarding, Policy, Reading, Side


class ReadsDocuments(Protocol):
    def __call__(
        self, image: Image, *, expected: Side | None = None, check_rotate: bool = True
    ) -> Reading: ...


class ComparesFaces(Protocol):
    def __call__(self, left: Image, right: Image, *, left_is_card: bool) -> Decision: ...


class Onboards(Protocol):
    def __call__(
        self, front: Image, back: Image, face: Image, *, check_rotate: bool = True
    ) -> Onboarding: ...


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a worker can do: one callable per pipeline, the bank's policy and the pack's name."""

    read_document: ReadsDocuments
    compare_faces: ComparesFaces
    onboard: Onboards
    policy: Policy
    pack: str


MakeRuntime = Callable[[Settings], Runtime]


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
    from pipelines.compare_faces import CompareFaces
    from pipelines.onboard import Onboard
    from pipelines.read_document import ReadDocument

    try:
        models = load(
            read_pack(settings.pack),
            weights_dir=settings.weights_dir,
            accept_noncommercial=settings.accept_noncommercial,
            providers=(CUDA, CPU) if settings.device == "cuda" else (CPU,),
        )
    except (PackUnusable, ProviderUnavailable) as error:
        raise CannotStart(str(error)) from error
    policy = Policy()
    read_document = ReadDocument(models.card_finder, models.text_finder, models.text_reader, policy)
    compare_faces = CompareFaces(
        models.face_finder,
        models.face_embedder,
        models.calibration,
        policy,
        models.spoof_judge,
        models.card_finder,
    )
    return Runtime(
        read_document=read_document,
        compare_faces=compare_faces,
        onboard=Onboard(read_document, compare_faces, policy),
        policy=policy,
        pack=settings.pack,
    )
