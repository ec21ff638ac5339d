"""Trains the card judge: `nice python -m training.card_judge.train --minutes 20`; torch is needed here and in export only.

Samples are made once by `training.card_judge.prepare` and changed a little every time they are shown.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from models.cards.card_judge import grain_tensor
from models.cards.views import GREY
from training.card_judge.data import MARKS, SCREEN, WHOLE
from training.card_judge.model import JudgeNet, soft_maximum
from training.card_judge.prepare import CACHE, SHARD, Cached, shards_in

BATCH = 32
PEAK_RATE = 3e-3
WARM_UP_STEPS = 60
AVERAGE_DECAY = 0.995
CHECKPOINT = "checkpoint.pt"
WATCHED = 10
"""One sample in so many is kept back, to see how training goes."""
SHIFT = 5
"""Pixels of a view, at most."""
SCALE = (0.8, 1.05)
"""Of the photo in its square, which leaves it whole."""
CELL_WEIGHT, WHOLE_WEIGHT = 0.5, 4.0
GRAIN_NOISE = 0.1
LEFT, TOP, RIGHT, BOTTOM = (WHOLE.index(f"clipped_{side}") for side in ("left", "top", "right", "bottom"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs, and labels as the network answers; `told` is 0 where a label of the whole says nothing."""

    card: Tensor
    photo: Tensor
    grain: Tensor
    marks: Tensor
    masks: Tensor
    whole: Tensor
    told: Tensor


def lit(views: list[NDArray[np.uint8]], light: Tensor) -> Tensor:
    """In other light (B x 1 x 1 x 3 factors), in about [-1, 1]; B x 3 x H x W in the order of channels last."""
    stacked = torch.from_numpy(np.stack(views))
    beyond = (stacked == GREY).all(dim=3, keepdim=True)  # the photo's edge
    field = (stacked.float().mul_(light).clamp_(0, 255).sub_(GREY)).div_(GREY)
    return field.masked_fill_(beyond, 0.0).permute(0, 3, 1, 2)


def moved(view: NDArray[np.uint8], scale: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Shifted a little, and scaled about its middle."""
    height, width = view.shape[:2]
    move = cv2.getRotationMatrix2D((width / 2, height / 2), 0.0, scale)
    move[:, 2] += rng.integers(-SHIFT, SHIFT + 1, 2)
    beyond = (GREY, GREY, GREY)
    return np.asarray(cv2.warpAffine(np.ascontiguousarray(view), move, (width, height), borderValue=beyond), np.uint8)  # fmt: skip


def turned(photo: NDArray[np.uint8], whole: NDArray[np.float32], rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:  # fmt: skip
    """Mirrored and turned by quarters, its sides with it."""
    whole = whole.copy()
    if rng.random() < 0.5:
        photo, whole[[LEFT, RIGHT]] = photo[:, ::-1], whole[[RIGHT, LEFT]]
    if rng.random() < 0.5:
        photo, whole[[TOP, BOTTOM]] = photo[::-1], whole[[BOTTOM, TOP]]
    if rng.random() < 0.5:
        photo = photo.transpose(1, 0, 2)
        whole[[LEFT, TOP, RIGHT, BOTTOM]] = whole[[TOP, LEFT, BOTTOM, RIGHT]]
    return photo, whole


def batch_of(cached: Cached, chosen: NDArray[np.int64], rng: np.random.Generator | None) -> Batch:
    """Samples as they are without a generator, a little changed with one."""
    cards, photos, grains, wholes = [], [], [], []
    light = np.ones((len(chosen), 1, 1, 3), np.float32)
    for k, i in enumerate(chosen):
        view, photo = cached.view[i], cached.photo[i]
        whole = cached.whole[i].astype(np.float32)
        grain = grain_tensor(cached.grain[i].astype(np.float32))
        if rng is not None:
            photo, whole = turned(photo, whole, rng)
            if rng.random() < 0.7:
                gain = float(rng.uniform(0.75, 1.15))
                light[k] = gain * rng.uniform(0.95, 1.05, 3)
                grain = grain + np.float32(math.log(gain) / 2)
            view = moved(view, 1.0, rng)
            photo = moved(photo, float(rng.uniform(*SCALE)), rng)
            grain = grain + GRAIN_NOISE * rng.standard_normal(grain.shape, np.float32)
        cards.append(view)
        photos.append(photo)
        grains.append(grain)
        wholes.append(whole)
    told = np.ones((len(chosen), len(WHOLE)), np.float32)
    told[:, SCREEN] = cached.full_size[chosen]
    factors = torch.from_numpy(light)
    return Batch(
        lit(cards, factors),
        lit(photos, factors),
        torch.from_numpy(np.stack(grains)).contiguous(memory_format=torch.channels_last),
        torch.from_numpy(cached.marks[chosen].astype(np.float32)),
        torch.from_numpy(cached.masks[chosen].astype(np.float32)),
        torch.from_numpy(np.stack(wholes)),
        torch.from_numpy(told),
    )


def answers(net: JudgeNet, batch: Batch) -> tuple[Tensor, Tensor]:
    """Maps and logits of the whole, computed in brain floats."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        maps, whole = net(batch.card, batch.photo, batch.grain)
    return maps.float(), whole.float()


def loss_of(net: JudgeNet, batch: Batch) -> Tensor:
    """Of the strongest place of each kind, of every place, and of the whole."""
    maps, whole = answers(net, batch)
    of_image = F.binary_cross_entropy_with_logits(soft_maximum(maps), batch.marks)
    cells = F.binary_cross_entropy_with_logits(maps, batch.masks, reduction="none")
    inside = (cells * batch.masks).sum() / batch.masks.sum().clamp(min=1)
    outside = (cells * (1 - batch.masks)).mean()
    of_whole = F.binary_cross_entropy_with_logits(whole, batch.whole, reduction="none")
    told = (of_whole * batch.told).sum() / batch.told.sum()
    return of_image + CELL_WEIGHT * (inside + outside) + WHOLE_WEIGHT * told


@torch.no_grad()
def watched(net: JudgeNet, cached: Cached, kept_back: NDArray[np.int64]) -> str:
    """Caught share of each label at a false alarm rate of 2 %, on samples kept back."""
    net.eval()
    logits, labels, told = [], [], []
    for first in range(0, len(kept_back), BATCH):
        batch = batch_of(cached, kept_back[first : first + BATCH], None)
        maps, whole = answers(net, batch)
        logits.append(torch.cat([maps.amax(dim=(2, 3)), whole], dim=1))
        labels.append(torch.cat([batch.marks, batch.whole], dim=1))
        told.append(torch.cat([torch.ones_like(batch.marks), batch.told], dim=1))
    net.train()
    x, y, known = (torch.cat(parts).numpy() for parts in (logits, labels, told))
    said = []
    for k, name in enumerate((*MARKS, *WHOLE)):
        bad, good = x[(y[:, k] > 0) & (known[:, k] > 0), k], x[(y[:, k] == 0) & (known[:, k] > 0), k]  # fmt: skip
        if len(bad) and len(good):
            said.append(f"{name} {float((bad > np.quantile(good, 0.98)).mean()):.2f}")
    return ", ".join(said)


def train(args: argparse.Namespace) -> None:
    """Trains until the time is used up."""
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    cv2.setNumThreads(1)
    rng = np.random.default_rng(args.seed)
    cached = Cached.load(args.cache)
    net = JudgeNet(len(MARKS), len(WHOLE)).to(memory_format=torch.channels_last)
    averaged = JudgeNet(len(MARKS), len(WHOLE)).to(memory_format=torch.channels_last)
    if args.start is not None:
        net.load_state_dict(torch.load(args.start)["averaged"])
    averaged.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=1e-3)
    begun = said = time.monotonic()
    step, order = 0, np.empty(0, np.int64)
    while (progress := (time.monotonic() - begun) / (60 * args.minutes)) < 1:
        if len(order) < BATCH:
            if shards_in(args.cache) * SHARD > len(cached.view):  # more have come since
                cached = Cached.load(args.cache)
            everything = np.arange(len(cached.view))
            kept_back = everything[::WATCHED]
            order = rng.permutation(np.delete(everything, kept_back))
        chosen, order = order[:BATCH], order[BATCH:]
        speed = args.rate * min(1.0, (step + 1) / WARM_UP_STEPS) * 0.5 * (1 + math.cos(math.pi * progress))  # fmt: skip
        for group in optimiser.param_groups:
            group["lr"] = speed
        loss = loss_of(net, batch_of(cached, chosen, rng))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        step += 1
        _average(averaged, net, min(AVERAGE_DECAY, (1 + step) / (10 + step)))
        if time.monotonic() - said > 120 or step in (1, 10):
            said = time.monotonic()
            torch.save({"averaged": averaged.state_dict(), "step": step}, args.cache / CHECKPOINT)
            print(f"step {step} of {len(cached.view)} samples loss {loss.item():.4f} {watched(averaged, cached, kept_back)}", flush=True)  # fmt: skip
    torch.save({"averaged": averaged.state_dict(), "step": step}, args.cache / CHECKPOINT)
    print(f"step {step} {watched(averaged, cached, kept_back)}", flush=True)


@torch.no_grad()
def _average(averaged: JudgeNet, net: JudgeNet, decay: float) -> None:
    for mean, new in zip(averaged.state_dict().values(), net.state_dict().values(), strict=True):
        if mean.dtype.is_floating_point:
            mean.mul_(decay).add_(new, alpha=1 - decay)
        else:
            mean.copy_(new)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.card_judge.train", description=__doc__)  # fmt: skip
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=PEAK_RATE, help="highest learning rate")
    parser.add_argument("--start", type=Path, help="a checkpoint whose weights to begin with")
    train(parser.parse_args(argv))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
