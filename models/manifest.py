"""Reads a model pack: which files play which role, where they come from, and every constant that belongs to them.

A pack is one TOML file under `models/packs/`. Unknown keys are refused, roles are never guessed from files,
and no file is used before its SHA-256 fits.
"""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.types import FalseMatchRates, Recogniser, SimilarityCalibration

MODELS = Path(__file__).resolve().parent
PACKS = MODELS / "packs"
OWN_WEIGHTS = MODELS / "weights"
FETCHED_WEIGHTS = MODELS.parent / "var" / "weights"
"""Where fetched files lie when no folder is named."""

Fraction = Annotated[float, Field(ge=0, le=1)]
Rgb = tuple[float, float, float]


class PackUnusable(Exception):
    """A pack cannot start; the message is for the operator."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WeightFile(Strict):
    """One file of weights.

    Attributes:
        name: file name; in a weights folder all files lie side by side.
        origin: `repository` = trained by this project, in models/weights; `package` = inside an installed
            Python package, at `path`; `url` = fetched once from the public address `url`; `brought` = put by
            the operator into the weights folder, at `path`.
        source: who made it, for people.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(gt=0)]
    origin: Literal["repository", "package", "url", "brought"]
    package: str | None = None
    path: str | None = None
    url: Annotated[str, Field(pattern=r"^https://")] | None = None
    licence: str
    source: str

    @model_validator(mode="after")
    def _place_fits_origin(self) -> WeightFile:
        named = tuple(key for key in ("package", "path", "url") if getattr(self, key))
        of_origin = {"repository": (), "package": ("package", "path"), "url": ("url",)}
        if named != of_origin.get(self.origin, ("path",)):
            raise ValueError(
                f"{self.name}: `package` and `path` go with origin package, `path` with brought, "
                "`url` with url"
            )
        return self

    def locate(self, weights_dir: Path | None) -> Path:
        """Where the file is, or would be; `weights_dir` None means `FETCHED_WEIGHTS`.

        Raises:
            PackUnusable: the package that carries it is not installed.
        """
        if self.origin == "repository":
            return OWN_WEIGHTS / self.name
        if self.package is not None and self.path is not None:
            spec = importlib.util.find_spec(self.package)  # finds a package without importing it
            if spec is None or not spec.submodule_search_locations:
                raise PackUnusable(
                    f"{self.name} is part of the Python package {self.package}, which is not installed. "
                    "Install the locked requirements again."
                )
            return Path(spec.submodule_search_locations[0]) / self.path
        return (weights_dir or FETCHED_WEIGHTS) / (self.path or self.name)

    def read(self, weights_dir: Path | None) -> bytes:
        """The file's bytes, verified.

        Raises:
            PackUnusable: missing, unreadable, or not the file the pack was measured with.
        """
        path = self.locate(weights_dir)
        try:
            content = path.read_bytes()
        except OSError as error:
            how = {
                "url": "Fetch it with scripts/fetch_weights, or set EKYC_WEIGHTS_DIR to the folder that has it",
                "package": "Install the locked requirements again",
                "repository": "It belongs to this repository: restore it from there",
                "brought": "Put your model there, or set EKYC_WEIGHTS_DIR to the folder that has it",
            }[self.origin]
            raise PackUnusable(
                f"{path} cannot be read ({error.strerror or error}). {how}."
            ) from error
        if (digest := hashlib.sha256(content).hexdigest()) != self.sha256:
            cure = (
                "if it is the model you mean, write its SHA-256 and size into the pack"
                if self.origin == "brought"
                else "delete it and fetch or install it again"
            )
            raise PackUnusable(
                f"{path} is not the file this pack was measured with: its SHA-256 is {digest[:12]}..., "
                f"the manifest wants {self.sha256[:12]}.... It is damaged or of another version; {cure}."
            )
        return content


class PpOcrDbRole(Strict):
    """Keys as in models.text.ppocr_db.DbSettings."""

    architecture: Literal["ppocr-db"]
    weights: WeightFile
    longest_side: int
    mean: Rgb
    deviation: Rgb
    pixel_threshold: Fraction
    box_threshold: Fraction
    unclip: float
    shortest_side: float


class CrnnCtcRole(Strict):
    """The character set and its calibration travel inside the ONNX file; `language` is for the decoder."""

    architecture: Literal["crnn-ctc"]
    weights: WeightFile
    language: WeightFile


class PaddleRole(Strict):
    """A model folder as PaddleOCR exports it: inference.onnx beside inference.yml, which carries pre-processing
    and dictionary. `model_name` is the one in inference.yml; PaddleOCR builds the model by that name."""

    model_name: str
    weights: WeightFile
    settings: WeightFile

    @model_validator(mode="after")
    def _one_folder(self) -> PaddleRole:
        weights, settings = (PurePath(file.path or "") for file in (self.weights, self.settings))
        names = (weights.name, settings.name)
        if names != ("inference.onnx", "inference.yml") or weights.parent != settings.parent:
            raise ValueError("PaddleOCR opens one folder with inference.onnx and inference.yml")
        return self


class PaddleFinderRole(PaddleRole):
    """Keys as in models.text.paddle_ocr.FinderSettings."""

    architecture: Literal["paddleocr-detection"]
    longest_side: int
    pixel_threshold: Fraction
    box_threshold: Fraction
    unclip: float


class PaddleReaderRole(PaddleRole):
    """`batch`: lines that go through the network together."""

    architecture: Literal["paddleocr-recognition"]
    batch: Annotated[int, Field(gt=0)]


class CardCornersRole(Strict):
    """Input size and threshold travel inside the ONNX file."""

    architecture: Literal["card-corners"]
    weights: WeightFile


class CardJudgeRole(Strict):
    """Names of what it judges and their thresholds travel inside the ONNX file."""

    architecture: Literal["card-judge"]
    weights: WeightFile


class ViewEntry(Strict):
    """Keys as in models.faces.views.View."""

    longest: Annotated[int, Field(ge=32)]
    margin: Fraction = 0.0
    enlarge: bool = False


class YuNetRole(Strict):
    """Keys as in models.faces.yunet.YuNet."""

    architecture: Literal["yunet"]
    weights: WeightFile
    views: tuple[ViewEntry, ...]
    last_views: tuple[ViewEntry, ...]
    zooms: tuple[int, ...]
    score_threshold: Fraction
    sure_score: Fraction
    overlap_threshold: Fraction


class DlibFinderRole(Strict):
    """Keys as in models.faces.dlib_faces.DlibFaceFinder."""

    architecture: Literal["dlib-hog"]
    predictor: WeightFile
    network: WeightFile
    views: tuple[ViewEntry, ...]
    last_view: ViewEntry
    score_threshold: float


class ScrfdRole(Strict):
    architecture: Literal["scrfd-insightface"]
    weights: WeightFile
    input_size: int
    score_threshold: Fraction


class MobileFaceNetRole(Strict):
    architecture: Literal["mobilefacenet-arcface"]
    weights: WeightFile
    mean: Rgb
    deviation: Rgb
    flip: bool


class DlibResNetRole(Strict):
    architecture: Literal["dlib-resnet"]
    predictor: WeightFile
    weights: WeightFile


class ArcFaceRole(Strict):
    architecture: Literal["arcface-insightface"]
    weights: WeightFile
    mean: float
    deviation: float


class LookEntry(Strict):
    """One network of the judge, and how many face boxes wide it looks."""

    weights: WeightFile
    scale: float


class MiniFasNetRole(Strict):
    architecture: Literal["minifasnet"]
    looks: tuple[LookEntry, ...]
    least_width: float


class AccessoryNetRole(Strict):
    """`weights` looks at the head, `eyes` at each eye."""

    architecture: Literal["accessory-net"]
    weights: WeightFile
    eyes: WeightFile | None = None


class FacePatchRole(Strict):
    """Keys as in models.faces.face_patch_net.FacePatchNet."""

    architecture: Literal["face-patch"]
    weights: WeightFile
    least_width: float


class Band(Strict):
    """What a published similarity means with this recogniser."""

    similarity: Fraction
    cosine: Annotated[float, Field(ge=-1, le=1)]
    false_match_rate: Fraction
    false_non_match_rate: Fraction


class Calibration(Strict):
    """Cosine -> similarity: piecewise linear through `knots`; `bands` state what that means."""

    measured_on: str
    knots: tuple[tuple[float, float], ...]
    bands: tuple[Band, ...] = ()

    @model_validator(mode="after")
    def _increasing(self) -> Calibration:
        SimilarityCalibration(self.knots)
        return self


class ModelPack(Strict):
    """Attributes:
    recogniser: id stored with every template; another recogniser's templates never compare.
    commercial: False starts only with an explicit acknowledgement.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    summary: str
    licence: str
    commercial: bool
    recogniser: str
    card_finder: CardCornersRole
    text_finder: Annotated[PpOcrDbRole | PaddleFinderRole, Field(discriminator="architecture")]
    text_reader: Annotated[CrnnCtcRole | PaddleReaderRole, Field(discriminator="architecture")]
    face_finder: Annotated[
        YuNetRole | DlibFinderRole | ScrfdRole, Field(discriminator="architecture")
    ]
    face_embedder: Annotated[
        MobileFaceNetRole | DlibResNetRole | ArcFaceRole, Field(discriminator="architecture")
    ]
    spoof_judge: Annotated[
        MiniFasNetRole | FacePatchRole | None, Field(discriminator="architecture")
    ] = None
    card_judge: CardJudgeRole | None = None
    accessory_judge: AccessoryNetRole | None = None
    calibration: Calibration

    def meaning(self) -> Recogniser:
        """Who makes this pack's templates, and what their cosines mean."""
        bands = sorted((band.cosine, band.false_match_rate) for band in self.calibration.bands)
        rates = FalseMatchRates(tuple(bands)) if len(bands) > 1 else None
        return Recogniser(self.recogniser, SimilarityCalibration(self.calibration.knots), rates)

    def files(self) -> tuple[WeightFile, ...]:
        """Every file of the pack, each once."""
        return tuple({file.name: file for file in _files_in(self)}.values())

    def to_fetch(self) -> tuple[WeightFile, ...]:
        """The files that must be in a weights folder."""
        return tuple(file for file in self.files() if file.origin == "url")


def pack_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in PACKS.glob("*.toml")))


def read_pack(name: str, folder: Path = PACKS) -> ModelPack:
    """The pack of that name.

    Raises:
        PackUnusable: no such pack, or its manifest makes no sense.
    """
    path = folder / f"{name}.toml"
    if not path.is_file():
        raise PackUnusable(f"There is no model pack {name!r}; there are {', '.join(pack_names())}.")
    try:
        pack = ModelPack.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise PackUnusable(f"The manifest {path.name} makes no sense: {error}") from error
    if pack.name != name:
        raise PackUnusable(f"The manifest {path.name} calls itself {pack.name!r}.")
    return pack


def _files_in(part: BaseModel) -> Iterator[WeightFile]:
    if isinstance(part, WeightFile):
        yield part
        return
    for key in type(part).model_fields:
        value = getattr(part, key)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, BaseModel):
                yield from _files_in(item)
