"""Templates of many pictures, made once and kept in var/ until the models or their code change."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.loader import FaceModels
from models.manifest import MODELS, ModelPack
from models.types import Face, Image
from training.face_calibration.dataset import FaceSet, central

CACHE = MODELS.parent / "var" / "face_calibration"

MODULES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "yunet": ("faces/yunet.py",),
        "mobilefacenet-arcface": ("faces/mobilefacenet_arcface.py",),
        "dlib-hog": ("faces/dlib_faces.py",),
        "dlib-resnet": ("faces/dlib_faces.py",),
        "scrfd-insightface": ("faces/scrfd_insightface.py",),
        "arcface-insightface": ("faces/arcface_insightface.py",),
    }
)
"""Architecture -> the code that a template depends on."""

Prepare = Callable[[Image, str], Image]


@dataclass(frozen=True, slots=True, eq=False)
class Templates:
    """N unit vectors and whether a face was found (a row of zeros where none was)."""

    names: tuple[str, ...]
    vectors: NDArray[np.float32]
    found: NDArray[np.bool_]

    def at(self, names: Sequence[str]) -> NDArray[np.int64]:
        where = {name: i for i, name in enumerate(self.names)}
        return np.array([where[name] for name in names], np.int64)

    def only(self, wanted: Callable[[str], bool]) -> Templates:
        keep = [i for i, name in enumerate(self.names) if wanted(name)]
        return Templates(tuple(self.names[i] for i in keep), self.vectors[keep], self.found[keep])


def as_it_is(image: Image, _: str) -> Image:
    return image


def templates(
    pack: ModelPack,
    models: FaceModels,
    pictures: FaceSet,
    names: Sequence[str],
    prepare: Prepare = as_it_is,
    kind: str = "plain",
) -> Templates:
    """Templates of the central face of each picture.

    Args:
        prepare: changes a picture before it is searched; `kind` names that change for the cache.
    """
    file = CACHE / f"{pack.name}-{pictures.folder.name}-{kind}-{_fingerprint(pack)}.npz"
    known = _read(file)
    for name in tqdm(
        [n for n in names if n not in known],
        desc=f"{pack.name} {kind}",
        delay=2,
        mininterval=1,
        file=sys.stderr,
    ):
        known[name] = _template(models, prepare(pictures.image(name), name))
        if len(known) % 500 == 0:
            _write(file, known)
    _write(file, known)
    vectors = np.stack([known[name] for name in names])
    return Templates(tuple(names), vectors, np.any(vectors != 0, axis=1))


def _template(models: FaceModels, image: Image) -> NDArray[np.float32]:
    face: Face | None = central(models.finder.find(image), image)
    if face is None:
        landmarks = np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], np.float32)
        anything = Face((10.0, 10.0, 90.0, 90.0), landmarks, 0.0)
        (template,) = models.embedder.embed(image, [anything])
        return np.zeros_like(template.vector)
    (template,) = models.embedder.embed(image, [face])
    return template.vector


def _fingerprint(pack: ModelPack) -> str:
    """Changes with the weights, their constants and the code that runs them."""
    digest = hashlib.sha256()
    digest.update(pack.face_finder.model_dump_json().encode())
    digest.update(pack.face_embedder.model_dump_json().encode())
    roles = {pack.face_finder.architecture, pack.face_embedder.architecture}
    used = {
        module for role in roles for module in (*MODULES[role], "faces/views.py", "geometry.py")
    }
    for source in [
        *(MODELS / name for name in sorted(used)),
        Path(__file__).with_name("portraits.py"),
    ]:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _read(file: Path) -> dict[str, NDArray[np.float32]]:
    if not file.is_file():
        return {}
    with np.load(file) as content:
        return {str(n): v for n, v in zip(content["names"], content["vectors"], strict=True)}


def _write(file: Path, known: dict[str, NDArray[np.float32]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part.npz")
    np.savez(part, names=np.array(list(known)), vectors=np.stack(list(known.values())))
    part.replace(file)
