"""Measures the accessory networks on people it never saw: rendered accessories, bare heads, and what LFW's people wear.

`scripts/evaluate liveness` prints these figures under `accessories`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from models.faces.accessory_net import INPUT, KINDS, prepared
from models.manifest import OWN_WEIGHTS
from models.session import OnnxSession
from pipelines.types import FaceLimits
from training.face_accessories.data import Heads, eyes_photographed, photographed
from training.face_accessories.render import Head, Random, closed_eyes, hat, mask, sunglasses
from training.face_accessories.worn import WORN, left_out
from training.face_calibration.dataset import kept_back

WEIGHTS = OWN_WEIGHTS / "face_accessories.onnx"
EYES = OWN_WEIGHTS / "face_eyes.onnx"
DRAW: Mapping[str, Callable[[Head, Random], None]] = MappingProxyType(
    {"sunglasses": sunglasses, "hat": hat, "mask": mask}
)
BATCH = 64


def measure(
    heads: Heads, seed: int, count: int | None = None, weights: Path = WEIGHTS, eyes: Path = EYES
) -> dict[str, dict[str, float | str]]:
    """Per kind: `tpr` with it drawn on, `fpr` of bare heads, `worn` of LFW's real ones; all of people kept back.

    Args:
        count: of heads; None: all.
    """
    random = np.random.default_rng(seed)
    held = heads.only([name for name in heads.names if kept_back(name)])
    bare = held.only(sorted(set(held.names) - left_out()))
    picked = random.permutation(len(bare.names))[:count]
    session, limits = OnnxSession(weights), FaceLimits()

    def share(shown: Sequence[Head], kind: str) -> float:
        chances = judged(session, [photographed(head.grey, random) for head in shown])
        return float(np.mean(chances[:, KINDS.index(kind)] >= getattr(limits, kind)))

    def worn(kind: str) -> list[Head]:
        real = held.only([f"{name}.jpg" for name in WORN[kind]])
        return [real.at(i) for i in range(len(real.names))]

    plain = [bare.at(i) for i in picked]
    told: dict[str, dict[str, float | str]] = {}
    for kind in KINDS:
        dressed = [bare.at(i) for i in picked]
        for head in dressed:
            DRAW[kind](head, random)
        told[kind] = {"tpr": round(share(dressed, kind), 4), "fpr": round(share(plain, kind), 4)}
        if real := worn(kind):
            told[kind]["worn"] = f"{round(share(real, kind) * len(real))}/{len(real)}"
    shut = [bare.at(i) for i in picked]
    for head in shut:
        closed_eyes(head, random)
    net, least = OnnxSession(eyes), limits.eyes_closed
    told["eyes_closed"] = {
        "tpr": round(float(np.mean(_closed(net, shut, random) >= least)), 4),
        "fpr": round(float(np.mean(_closed(net, plain, random) >= least)), 4),
    }
    if real := worn("eyes_closed"):
        seen = int((_closed(net, real, random) >= least).sum())
        told["eyes_closed"]["worn"] = f"{seen}/{len(real)}"
    return told


def _closed(net: OnnxSession, shown: Sequence[Head], random: Random) -> NDArray[np.float64]:
    """Of each head, the probability for the eye that looks more open."""
    patches = np.concatenate([eyes_photographed(head, random) for head in shown])
    (logits,) = net.run({net.input_names[0]: patches[:, None]})
    return (1 / (1 + np.exp(-logits.astype(np.float64)))).reshape(-1, 2).min(axis=1)


def judged(session: OnnxSession, greys: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Probabilities, N x 3, of cut-outs INPUT x INPUT."""
    inputs = np.stack([prepared(grey) for grey in greys]).reshape(-1, 1, INPUT, INPUT)
    logits = np.concatenate(
        [
            session.run({session.input_names[0]: inputs[i : i + BATCH]})[0]
            for i in range(0, len(inputs), BATCH)
        ]
    )
    return 1 / (1 + np.exp(-logits.astype(np.float64)))
