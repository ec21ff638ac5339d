"""Measures liveness: the judge of spoofing by attack, three poses and videos of flat pictures and of solid heads; or
the judge on a bank's own recordings, with --attacks DIR (one folder per type of attack) and --genuine DIR."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
from numpy.random import Generator
from tqdm import tqdm

from models.choose import ALWAYS_THERE, WANTED
from models.commands.fetch_weights import named_weights_dir
from models.faces.face_patch_net import FacePatchNet
from models.fetch import missing
from models.loader import FaceModels, load_faces
from models.manifest import FETCHED_WEIGHTS, PackUnusable, pack_names, read_pack
from models.types import Face, Image, SimilarityCalibration
from pipelines.check_liveness import CheckLiveness
from pipelines.compare_faces import CompareFaces
from pipelines.errors import NoFace
from pipelines.liveness import Check, Frame, LivenessPolicy
from pipelines.watch_face import FaceWatcher
from pipelines.watch_video import WatchVideo
from training.anti_spoof import sets
from training.anti_spoof.attacks import ATTACKS, attack, genuine
from training.anti_spoof.data import ground_of, part_of
from training.anti_spoof.heads import turned
from training.anti_spoof.own_images import answers, attacks_in, pictures
from training.anti_spoof.rates import Rate, Report, report
from training.face_accessories.data import cut_heads
from training.face_accessories.evaluate import measure
from training.face_accessories.worn import left_out
from training.face_calibration.dataset import (
    FaceSet,
    celebrity,
    central,
    faces_dir,
    kept_back,
    lfw,
    person,
)

LIVE = LivenessPolicy().live
FRAMES = 12
"""Of a made-up video, a third of a second apart."""
TONE = np.array([0.82, 0.94, 1.1], np.float32)
"""Blue, green, red: LFW is grey, and a judge that sees brightness alone is asked about it in a sepia tone."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many of each are tried."""

    famous: int
    people: int
    rounds: int
    flat: int
    bent: int
    same: int
    sitting: int
    sets: int
    videos: int
    heads: int


WHOLE = Sizes(64, 120, 1, 120, 30, 40, 24, 60, 20, 2000)
QUICK = Sizes(12, 12, 1, 10, 4, 4, 3, 5, 1, 40)


@dataclass(frozen=True, slots=True)
class Slides:
    """Photographs shown in turn as a video: how far the head is turned on each, as a share of the farthest, and whether
    their mirror images follow."""

    turns: tuple[float, ...]
    mirrored: bool = False


SLIDES: Mapping[str, Slides] = MappingProxyType(
    {
        "mirror_image": Slides((1.0,), mirrored=True),
        "two_photographs": Slides((-1.0, 1.0)),
        "three_photographs": Slides((-1.0, 0.0, 1.0)),
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    image: Image
    face: Face


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What is measured, and on what."""

    models: FaceModels
    calibration: SimilarityCalibration
    famous: FaceSet
    people: FaceSet
    sizes: Sizes
    rng: Generator

    def checker(self, *, passive: bool) -> CheckLiveness:
        return CheckLiveness(
            self.watcher(passive=passive),
            CompareFaces(self.models.finder, self.models.embedder, self.calibration),
        )

    def watcher(self, *, passive: bool) -> FaceWatcher:
        judge = self.models.spoof_judge if passive else None
        return FaceWatcher(self.models.finder, self.models.embedder, self.calibration, judge)

    def famous_portraits(self) -> list[Portrait]:
        names = self.famous.pictures()[: self.sizes.famous]
        return [p for name in names if (p := self._portrait(self.famous, name))]

    def people_portraits(self, count: int) -> list[Portrait]:
        """One picture each of people the judge was not trained on."""
        chosen: dict[str, str] = {}
        for name in self.rng.permutation(self.people.pictures()):
            chosen.setdefault(person(str(name)), str(name))
        names = [n for who, n in sorted(chosen.items()) if part_of(who) == "test"]
        picked = self.rng.permutation(len(names))[:count]
        return [p for i in picked if (p := self._portrait(self.people, names[i]))]

    def _portrait(self, pictures: FaceSet, name: str) -> Portrait | None:
        image = pictures.image(name)
        face = central(self.models.finder.find(image), image)
        return Portrait(image, face) if face is not None else None


def passive(bench: Bench) -> dict[str, object]:
    """The judge alone, on pictures of press photographs, and of LFW's people where it sees no colour."""
    judge = bench.models.spoof_judge
    if judge is None:
        return {"apcer": {}, "bpcer": None}
    famous = _judged(bench, bench.famous_portraits(), bench.sizes.rounds)
    told: dict[str, object] = {"passive": _rates(famous)}
    first = famous
    if isinstance(judge, FacePatchNet):
        toned = [
            replace(p, image=_toned(p.image)) for p in bench.people_portraits(bench.sizes.people)
        ]
        first = _judged(bench, toned, 1)
        told["passive_lfw"] = _rates(first)
    told["apcer"] = {kind: round(rate.value, 4) for kind, rate in famous.apcer.items()}
    told["bpcer"] = round(famous.bpcer.value, 4)
    return told


def _judged(bench: Bench, portraits: Sequence[Portrait], rounds: int) -> Report:
    judge = bench.models.spoof_judge
    assert judge is not None
    live: list[float | None] = []
    passed: dict[str, list[float | None]] = {kind: [] for kind in ATTACKS}
    names = bench.people.pictures()
    for portrait in tqdm(list(portraits) * rounds, desc="judge", disable=None):
        live.append(judge.judge(*genuine(portrait.image, portrait.face, bench.rng)))
        for kind, said in passed.items():
            ground = ground_of(bench.people, names, bench.rng)
            tint = _toned(Image(ground)).pixels if ground is not None else None
            said.append(judge.judge(*attack(portrait.image, portrait.face, kind, bench.rng, tint)))
    return report(passed, live, LIVE)


def _rates(told: Report) -> dict[str, object]:
    return {
        "apcer": {kind: rate.json() for kind, rate in told.apcer.items()},
        "bpcer": told.bpcer.json(),
        "acer": round(told.acer, 4),
        "not_assessed": {kind: round(rate.value, 4) for kind, rate in told.silent.items()},
    }


def poses(bench: Bench) -> dict[str, object]:
    """Three captures: whether geometry alone refuses what is flat, and all checks together accept what is not."""
    geometry, whole = bench.checker(passive=False), bench.checker(passive=True)
    limits, rng, sizes = LivenessPolicy(), bench.rng, bench.sizes
    everybody = [*bench.famous_portraits(), *bench.people_portraits(sizes.flat)]
    some = [everybody[i] for i in rng.permutation(len(everybody))]

    def cycle(count: int) -> Iterator[Portrait]:
        return (some[i % len(some)] for i in range(count))

    famous = list(
        sets.photographed(
            bench.famous, sets.people_of(bench.famous), bench.models.finder, limits, rng
        )
    )
    flipped = [[replace(c, image=sets.mirrored(c.image)) for c in one] for one in famous]
    tested = [n for n in bench.people.pictures() if part_of(person(n)) == "test"]
    lfw_sets = list(
        sets.photographed(bench.people, sets.by_name(tested), bench.models.finder, limits, rng)
    )
    picked = [lfw_sets[i] for i in rng.permutation(len(lfw_sets))[: sizes.sets]]
    straight = [p for p in bench.famous_portraits() if _straight(p)][: sizes.sitting]
    tried: dict[str, tuple[CheckLiveness, int, Iterator[sets.Captures]]] = {
        "flat_pose_refused": (
            geometry, sizes.flat, (sets.flat(p.image, p.face, rng) for p in cycle(sizes.flat)),
        ),
        "bent_pose_refused": (
            geometry,
            sizes.bent,
            (sets.flat(p.image, p.face, rng, bent=True) for p in cycle(sizes.bent)),
        ),
        "same_image_refused": (
            geometry, sizes.same, (sets.same(p.image, rng) for p in cycle(sizes.same)),
        ),
        "genuine_pose_accepted": (whole, 2 * len(famous), iter(famous + flipped)),
        "genuine_pose_accepted_geometry": (geometry, 2 * len(famous), iter(famous + flipped)),
        "genuine_pose_accepted_lfw_geometry": (geometry, len(picked), iter(picked)),
        "genuine_pose_accepted_one_sitting": (
            whole, len(straight), (sets.one_sitting(p.image, p.face, rng) for p in straight),
        ),
    }  # fmt: skip
    told: dict[str, object] = {}
    detail: dict[str, object] = {}
    for name, (checker, count, captures) in tried.items():
        refused, why = _refusals(checker, captures, count, name)
        rate = (
            refused
            if name.endswith("refused")
            else Rate(refused.trials - refused.events, refused.trials)
        )
        told[name] = round(rate.value, 4)
        detail[name] = rate.json() | {"failed_checks": why}
    return told | {"poses": detail}


def _straight(portrait: Portrait) -> bool:
    return abs(sets.yaw(portrait.face.landmarks)) < 10


def _refusals(
    checker: CheckLiveness, captures: Iterator[sets.Captures], count: int, name: str
) -> tuple[Rate, dict[str, int]]:
    """How many sets were refused, and how many failed each check."""
    refused, why = 0, dict.fromkeys((str(c) for c in Check), 0)
    for one in tqdm(captures, desc=name, total=count, disable=None):
        decision = checker(one)
        refused += not decision.live
        for check in {str(f.check) for f in decision.reasons}:
            why[check] += 1
    return Rate(refused, count), {check: n for check, n in why.items() if n}


def videos(bench: Bench) -> dict[str, object]:
    """Frames of a still picture that is jerked, zoomed and panned, of photographs shown in turn, and of a head that turns
    to both sides."""
    checks = WatchVideo(bench.watcher(passive=True))
    geometry = WatchVideo(bench.watcher(passive=False))
    some = [p for p in bench.famous_portraits() if _straight(p)][: bench.sizes.videos]
    refused = dict.fromkeys(("still", *SLIDES), 0)
    turns = passes = 0
    for portrait in tqdm(some, desc="videos", disable=None):
        turning = turning_frames(portrait, bench.rng)
        passes += _passes(checks, turning)
        turns += _passes(geometry, turning)
        refused["still"] += not _passes(geometry, still_frames(portrait, bench.rng))
    for portrait in tqdm(some, desc="slides", disable=None):
        for name, slides in SLIDES.items():
            refused[name] += not _passes(geometry, slide_frames(portrait, slides, bench.rng))
    return {
        **{f"video_{name}_refused": Rate(n, len(some)).json() for name, n in refused.items()},
        "video_turning_accepted": Rate(turns, len(some)).json(),
        "video_turning_accepted_all_checks": Rate(passes, len(some)).json(),
    }


def accessories(bench: Bench) -> dict[str, object]:
    """What covers a face, on people the networks were not trained on: drawn on, bare, and really worn."""
    worn = left_out()
    held = [name for name in bench.people.pictures() if kept_back(name)]
    bare = bench.rng.permutation([name for name in held if name not in worn])
    shown = [name for name in held if name in worn][: bench.sizes.heads // 4]
    shown += map(str, bare[: bench.sizes.heads])
    heads = cut_heads(bench.people, bench.models.finder, shown)
    return {"accessories": measure(heads, seed=0)}


PARTS: Mapping[str, Callable[[Bench], dict[str, object]]] = MappingProxyType(
    {"passive": passive, "poses": poses, "videos": videos, "accessories": accessories}
)


def _passes(watch: WatchVideo, frames: Sequence[Frame]) -> bool:
    try:
        return watch(frames).live
    except NoFace:
        return False


def still_frames(portrait: Portrait, rng: Generator) -> list[Frame]:
    """A picture filmed by a hand that shakes, comes nearer and sweeps: every frame a homography of every other."""
    image, tilt = portrait.image, rng.uniform(5, 35)
    frames = []
    for i, swing in enumerate(np.sin(np.linspace(0, 2 * np.pi, FRAMES))):
        seen = sets.tilted(image, portrait.face, float(swing * tilt), float(rng.normal(0, 2)), rng)
        zoom, shift = 1 + 0.25 * i / FRAMES, rng.normal(0, 3, 2)
        matrix = cv2.getRotationMatrix2D(
            (image.width / 2, image.height / 2), float(rng.normal(0, 2)), zoom
        )
        matrix[:, 2] += shift
        moved = cv2.warpAffine(seen.pixels, matrix, (image.width, image.height))
        frames.append(Frame(sets.taken(Image(np.asarray(moved, np.uint8)), rng), i / 3))
    return frames


def slide_frames(portrait: Portrait, slides: Slides, rng: Generator) -> list[Frame]:
    """Photographs one after the other, each held for as long as the others by a hand that shakes."""
    far = rng.uniform(12, 25)
    shots = [turned(portrait.image, portrait.face, far * share) for share in slides.turns]
    if slides.mirrored:
        shots += [sets.mirrored(shot) for shot in shots]
    frames = []
    for i in range(FRAMES):
        shot = shots[i * len(shots) // FRAMES]
        size = (shot.width, shot.height)
        matrix = cv2.getRotationMatrix2D(
            (shot.width / 2, shot.height / 2), float(rng.normal(0, 2)), float(rng.normal(1, 0.02))
        )
        matrix[:, 2] += rng.normal(0, 3, 2)
        moved = Image(np.asarray(cv2.warpAffine(shot.pixels, matrix, size), np.uint8))
        frames.append(Frame(sets.taken(moved, rng), i / 3))
    return frames


def turning_frames(portrait: Portrait, rng: Generator) -> list[Frame]:
    far = rng.uniform(15, 25)
    swings = np.sin(np.linspace(0, 2 * np.pi, FRAMES)) * far
    shown = [
        turned(portrait.image, portrait.face, float(s), float(rng.normal(0, 1))) for s in swings
    ]
    return [Frame(sets.taken(image, rng), i / 3) for i, image in enumerate(shown)]


def own(models: FaceModels, attacks: Path, genuine_dir: Path) -> Report:
    """The judge on a bank's own recordings."""
    attacked = {
        kind: list(tqdm(answers(models, files), total=len(files), desc=kind, disable=None))
        for kind, files in attacks_in(attacks).items()
    }
    files = pictures(genuine_dir)
    live = list(tqdm(answers(models, files), total=len(files), desc="genuine", disable=None))
    return report(attacked, live, LIVE)


def _toned(image: Image) -> Image:
    return Image(np.clip(image.pixels * TONE, 0, 255).astype(np.uint8))


def main(argv: Sequence[str]) -> int:
    arguments = _arguments(argv)
    if (arguments.attacks is None) != (arguments.genuine is None):
        print("--attacks and --genuine go together", file=sys.stderr)
        return 2
    try:
        pack = read_pack(arguments.pack or _default_pack())
        models = load_faces(pack, weights_dir=named_weights_dir())
        if arguments.attacks is not None:
            return _tell_own(arguments, models, pack.name)
        folder = faces_dir(arguments.faces)
    except (FileNotFoundError, NotADirectoryError, PackUnusable) as failure:
        print(failure, file=sys.stderr)
        return 1
    bench = Bench(
        models,
        SimilarityCalibration(pack.calibration.knots),
        celebrity(folder),
        lfw(folder),
        QUICK if arguments.quick else WHOLE,
        np.random.default_rng(arguments.seed),
    )
    result: dict[str, object] = {"pack": pack.name}
    for name, part in PARTS.items():
        if arguments.only in (None, name):
            result |= part(bench)
    print(json.dumps(result, indent=1))
    if arguments.json:
        print(json.dumps(result))
    return 0


def _tell_own(arguments: argparse.Namespace, models: FaceModels, pack: str) -> int:
    if models.spoof_judge is None:
        print(f"The pack {pack} has no judge of spoofing.", file=sys.stderr)
        return 1
    told = own(models, arguments.attacks, arguments.genuine)
    print(f"pack {pack}; rates with the Wilson interval of 95 %, ISO/IEC 30107-3 terms")
    for kind, rate in told.apcer.items():
        print(f"APCER {kind:24} {rate}")
    print(f"BPCER {'':24} {told.bpcer}")
    print(f"ACER  {'(worst APCER + BPCER) / 2':24} {told.acer:7.2%}")
    for kind, rate in told.silent.items():
        print(f"not assessed {kind:17} {rate}")
    if arguments.json:
        print(json.dumps({"pack": pack, **_rates(told)}))
    return 0


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/evaluate liveness", description=__doc__)
    parser.add_argument("--pack", help=f"{', '.join(pack_names())} (default: the best there is)")
    parser.add_argument("--faces", type=Path, metavar="DIR", help="folder with lfw/ and celebrity/")
    parser.add_argument("--attacks", type=Path, metavar="DIR", help="your own pictures of attacks")
    parser.add_argument("--genuine", type=Path, metavar="DIR", help="your own genuine pictures")
    parser.add_argument("--only", choices=[*PARTS], help="one part of what is measured")
    parser.add_argument("--quick", action="store_true", help="a smaller sample")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")
    return parser.parse_args(argv)


def _default_pack() -> str:
    there = not missing(read_pack(WANTED), named_weights_dir() or FETCHED_WEIGHTS)
    return WANTED if there else ALWAYS_THERE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
