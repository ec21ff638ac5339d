"""Turns a pack into live models: verified, built explicitly, warmed, checked. Anything wrong: do not start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.cards.card_corners import CardCorners
from models.cards.card_judge import CardJudge as OwnCardJudge
from models.faces.accessory_net import AccessoryNet
from models.faces.face_patch_net import FacePatchNet
from models.faces.minifasnet import Look, MiniFasNet
from models.faces.views import View
from models.manifest import (
    AccessoryNetRole,
    ArcFaceRole,
    CardCornersRole,
    CardJudgeRole,
    CrnnCtcRole,
    DlibFinderRole,
    DlibResNetRole,
    FacePatchRole,
    MiniFasNetRole,
    MobileFaceNetRole,
    ModelPack,
    PackUnusable,
    PaddleFinderRole,
    PaddleReaderRole,
    PpOcrDbRole,
    ScrfdRole,
    ViewEntry,
    WeightFile,
    YuNetRole,
)
from models.ports import (
    AccessoryJudge,
    CardFinder,
    CardJudge,
    FaceEmbedder,
    FaceFinder,
    SpoofJudge,
    TextFinder,
    TextReader,
)
from models.session import CPU, CUDA, OnnxSession, ProviderUnavailable
from models.text.charset import CHARSET
from models.text.crnn_ctc import CPU_BATCH, GPU_BATCH, CrnnCtc
from models.text.language import CharacterModel
from models.text.paddle_ocr import FinderSettings, PaddleModel, open_finder, open_reader
from models.text.ppocr_db import DbSettings, PpOcrDb
from models.types import Face, Image, Quad, SimilarityCalibration


@dataclass(frozen=True, slots=True)
class FaceModels:
    """The part of a pack that sees faces."""

    finder: FaceFinder
    embedder: FaceEmbedder
    spoof_judge: SpoofJudge | None
    accessory_judge: AccessoryJudge | None = None


@dataclass(frozen=True, slots=True)
class DocumentModels:
    """The part of a pack that sees cards and text."""

    card_finder: CardFinder
    text_finder: TextFinder
    text_reader: TextReader
    card_judge: CardJudge | None


@dataclass(frozen=True, slots=True)
class Models:
    """Everything that sees, ready for calls from many threads. The judges are None in a pack without them."""

    card_finder: CardFinder
    text_finder: TextFinder
    text_reader: TextReader
    face_finder: FaceFinder
    face_embedder: FaceEmbedder
    spoof_judge: SpoofJudge | None
    calibration: SimilarityCalibration
    pack: ModelPack
    card_judge: CardJudge | None = None
    accessory_judge: AccessoryJudge | None = None


def load(
    pack: ModelPack,
    *,
    weights_dir: Path | None,
    threads: int = 1,
    accept_noncommercial: bool = False,
    providers: Sequence[str] = (CPU,),
) -> Models:
    """Verify, build, warm and check every model of a pack.

    Args:
        weights_dir: folder with the files that were fetched.
        threads: threads of ONNX Runtime inside one call.
        accept_noncommercial: the operator has read the licence of a research-only pack.
        providers: ONNX Runtime execution providers, most wanted first.

    Raises:
        PackUnusable: with a sentence for the operator.
        models.session.ProviderUnavailable: a wanted provider does not work here.
    """
    check_licence(pack, accept_noncommercial)
    try:
        documents = load_documents(
            pack, weights_dir=weights_dir, threads=threads, providers=providers
        )
        faces = load_faces(pack, weights_dir=weights_dir, threads=threads, providers=providers)
    except (PackUnusable, ProviderUnavailable):
        raise
    except Exception as error:  # whatever a file that is no such model raises
        raise PackUnusable(
            f"The model pack {pack.name!r} cannot be opened: {type(error).__name__}: {error}"
        ) from error
    models = Models(
        card_finder=documents.card_finder,
        text_finder=documents.text_finder,
        text_reader=documents.text_reader,
        face_finder=faces.finder,
        face_embedder=faces.embedder,
        spoof_judge=faces.spoof_judge,
        calibration=SimilarityCalibration(pack.calibration.knots),
        pack=pack,
        card_judge=documents.card_judge,
        accessory_judge=faces.accessory_judge,
    )
    _warm(models)
    return models


def check_licence(pack: ModelPack, accept_noncommercial: bool) -> None:
    """Raises:
    PackUnusable: a research-only pack, and nobody said yes to that.
    """
    if not pack.commercial and not accept_noncommercial:
        raise PackUnusable(
            f"The model pack {pack.name!r} may not be used commercially: {pack.licence} "
            "If you have the right to use it, set EKYC_ACCEPT_NONCOMMERCIAL=true."
        )


def load_faces(
    pack: ModelPack,
    *,
    weights_dir: Path | None,
    threads: int = 1,
    providers: Sequence[str] = (CPU,),
) -> FaceModels:
    """The face models of a pack alone, verified but not warmed: for measuring and calibrating."""
    build = _Builder(weights_dir, tuple(providers), threads)
    return FaceModels(
        finder=build.face_finder(pack.face_finder),
        embedder=build.face_embedder(pack.face_embedder, pack.recogniser),
        spoof_judge=build.spoof_judge(pack.spoof_judge) if pack.spoof_judge else None,
        accessory_judge=build.accessory_judge(pack.accessory_judge)
        if pack.accessory_judge
        else None,
    )


def load_documents(
    pack: ModelPack,
    *,
    weights_dir: Path | None,
    threads: int = 1,
    providers: Sequence[str] = (CPU,),
) -> DocumentModels:
    """The models of a pack that read documents, verified but not warmed: for measuring without faces."""
    build = _Builder(weights_dir, tuple(providers), threads)
    return DocumentModels(
        card_finder=build.card_finder(pack.card_finder),
        text_finder=build.text_finder(pack.text_finder),
        text_reader=build.text_reader(pack.text_reader),
        card_judge=build.card_judge(pack.card_judge) if pack.card_judge else None,
    )


@dataclass(frozen=True, slots=True)
class _Builder:
    """One method per role; each knows the adapter of every architecture the manifest allows."""

    weights_dir: Path | None
    providers: tuple[str, ...]
    threads: int

    def session(self, file: WeightFile) -> OnnxSession:
        content = file.read(self.weights_dir)
        return OnnxSession(content, providers=self.providers, threads=self.threads)

    def verified(self, file: WeightFile) -> Path:
        """For libraries that open the file themselves."""
        file.read(self.weights_dir)
        return file.locate(self.weights_dir)

    def card_finder(self, role: CardCornersRole) -> CardFinder:
        session = self.session(role.weights)
        return CardCorners(
            session,
            presence_threshold=float(session.metadata["presence_threshold"]),
            input_size=int(session.metadata["input_size"]),
        )

    def card_judge(self, role: CardJudgeRole) -> CardJudge:
        return OwnCardJudge(self.session(role.weights))

    def text_finder(self, role: PpOcrDbRole | PaddleFinderRole) -> TextFinder:
        if isinstance(role, PaddleFinderRole):
            keys = role.model_dump(include={*FinderSettings.__dataclass_fields__})
            return open_finder(self.paddle(role), FinderSettings(**keys))
        settings = DbSettings(**role.model_dump(exclude={"architecture", "weights"}))
        return PpOcrDb(self.session(role.weights), settings)

    def text_reader(self, role: CrnnCtcRole | PaddleReaderRole) -> TextReader:
        if isinstance(role, PaddleReaderRole):
            brought = open_reader(self.paddle(role), batch=role.batch)
            check_charset(brought.charset, role.model_name)
            return brought
        batch = GPU_BATCH if CUDA in self.providers else CPU_BATCH
        language = CharacterModel(role.language.read(self.weights_dir))
        reader = CrnnCtc(self.session(role.weights), language, batch=batch)
        check_charset(reader.charset, role.weights.name)
        return reader

    def paddle(self, role: PaddleFinderRole | PaddleReaderRole) -> PaddleModel:
        if self.providers != (CPU,):
            raise PackUnusable(
                "PaddleOCR models run on the CPU only: requirements/paddle.txt holds no CUDA."
            )
        self.verified(role.settings)
        return PaddleModel(role.model_name, self.verified(role.weights).parent, self.threads)

    def face_finder(self, role: YuNetRole | DlibFinderRole | ScrfdRole) -> FaceFinder:
        if isinstance(role, YuNetRole):
            from models.faces.yunet import YuNet

            return YuNet(
                self.session(role.weights),
                views=_views(role.views),
                last_views=_views(role.last_views),
                zooms=role.zooms,
                score_threshold=role.score_threshold,
                sure_score=role.sure_score,
                overlap_threshold=role.overlap_threshold,
            )
        if isinstance(role, DlibFinderRole):
            from models.faces.dlib_faces import DlibFaceFinder

            return DlibFaceFinder(
                self.verified(role.predictor),
                self.verified(role.network),
                views=_views(role.views),
                last_view=_views([role.last_view])[0],
                score_threshold=role.score_threshold,
            )
        from models.faces.scrfd_insightface import ScrfdInsightFace

        return ScrfdInsightFace(
            self.session(role.weights),
            input_size=role.input_size,
            score_threshold=role.score_threshold,
        )

    def face_embedder(
        self, role: MobileFaceNetRole | DlibResNetRole | ArcFaceRole, recogniser: str
    ) -> FaceEmbedder:
        if isinstance(role, MobileFaceNetRole):
            from models.faces.mobilefacenet_arcface import MobileFaceNetArcFace

            return MobileFaceNetArcFace(
                self.session(role.weights),
                mean=role.mean,
                deviation=role.deviation,
                recogniser=recogniser,
                flip=role.flip,
            )
        if isinstance(role, DlibResNetRole):
            from models.faces.dlib_faces import DlibResNet

            return DlibResNet(
                self.verified(role.predictor), self.verified(role.weights), recogniser=recogniser
            )
        from models.faces.arcface_insightface import ArcFaceInsightFace

        return ArcFaceInsightFace(
            self.verified(role.weights),
            self.session(role.weights),
            mean=role.mean,
            deviation=role.deviation,
            recogniser=recogniser,
        )

    def accessory_judge(self, role: AccessoryNetRole) -> AccessoryJudge:
        return AccessoryNet(
            self.session(role.weights), self.session(role.eyes) if role.eyes else None
        )

    def spoof_judge(self, role: MiniFasNetRole | FacePatchRole) -> SpoofJudge:
        if isinstance(role, FacePatchRole):
            return FacePatchNet(self.session(role.weights), least_width=role.least_width)
        looks = [Look(self.session(look.weights), look.scale) for look in role.looks]
        return MiniFasNet(looks, least_width=role.least_width)


def _views(entries: Sequence[ViewEntry]) -> list[View]:
    return [View(entry.longest, entry.margin, entry.enlarge) for entry in entries]


def check_charset(charset: str, name: str) -> None:
    """Raises:
    PackUnusable: the reader cannot print a letter that Vietnamese documents need.
    """
    if missing := "".join(sorted(set(CHARSET) - set(charset))):
        raise PackUnusable(
            f"The text reader {name} cannot print {len(missing)} of the letters this service promises: "
            f"{missing}"
        )


def _warm(models: Models) -> None:
    """One call of every model on a made-up picture; a graph of the wrong shape fails here, not in a request."""
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    image = Image(noise)
    landmarks = np.array([[130, 100], [190, 100], [160, 135], [140, 165], [180, 165]], np.float32)
    face = Face((100.0, 60.0, 220.0, 200.0), landmarks, 1.0)
    try:
        models.card_finder.find(image)
        if models.card_judge:
            models.card_judge.judge(image, Quad.of_box(20, 20, 300, 200))
        models.text_finder.find(image)
        models.text_reader.read([noise[:32, :160]])
        models.face_finder.find(image)
        (template,) = models.face_embedder.embed(image, [face])
        live = models.spoof_judge.judge(image, face) if models.spoof_judge else None
        if models.accessory_judge:
            models.accessory_judge.judge(image, face)
    except Exception as error:  # whatever a wrong graph raises, the service must not start
        raise PackUnusable(
            f"The model pack {models.pack.name!r} does not run: {type(error).__name__}: {error}"
        ) from error
    if template.vector.ndim != 1 or abs(float(np.linalg.norm(template.vector)) - 1) > 1e-3:
        raise PackUnusable(f"{models.pack.recogniser} made a template that is no unit vector")
    if models.spoof_judge and (live is None or not 0 <= live <= 1):
        raise PackUnusable("the spoof judge's answer is no probability")
