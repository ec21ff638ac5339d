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

from models.cards.views import GREY
from training.card_judge.data import MARKS
from training.card_judge.model import JudgeNet, soft_maximum
from training.card_judge.prepare import CACHE, Cached

BATCH = 16
PEAK_RATE = 4e-3
WARM_UP_STEPS = 30
AVERAGE_DECAY = 0.99
CHECKPOINT = "checkpoint.pt"
GREY_SHARE = 0.15
"""Of samples shown without their colour: a grey photo of a genuine card is no photocopy."""
SHIFT = 3.0
"""Pixels of the view, at most."""
CELL_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Batch:
    """Views, labels of marks, masks of marks."""

    view: Tensor
    marks: Tensor
    masks: Tensor


def shown(view: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """A view in other light, a little shifted, sometimes grey; in about [-1, 1], 3 x H x W."""
    field = view.astype(np.float32)
    turn = cv2.getRotationMatrix2D((field.shape[1] / 2, field.shape[0] / 2), float(rng.normal(0, 0.5)), float(rng.uniform(0.985, 1.015)))  # fmt: skip
    turn[:, 2] += rng.uniform(-SHIFT, SHIFT, 2)
    size = (field.shape[1], field.shape[0])
    field = np.asarray(cv2.warpAffine(field, turn, size, borderMode=cv2.BORDER_REPLICATE), np.float32)  # fmt: skip
    if rng.random() < GREY_SHARE:
        field = np.repeat(cv2.cvtColor(field, cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2)
    if rng.random() < 0.7:
        middle = float(field.mean())
        field = (field - middle) * float(rng.uniform(0.8, 1.15)) + middle * float(rng.uniform(0.75, 1.15))  # fmt: skip
        field = field * rng.uniform(0.93, 1.07, 3).astype(np.float32)
    field = np.clip(field, 0, 255)
    return np.ascontiguousarray(((field - GREY) / GREY).transpose(2, 0, 1), np.float32)


def batch_of(cached: Cached, chosen: NDArray[np.int64], rng: np.random.Generator) -> Batch:
    views = np.stack([shown(cached.view[i], rng) for i in chosen])
    return Batch(
        torch.from_numpy(views).contiguous(memory_format=torch.channels_last),
        torch.from_numpy(cached.marks[chosen].astype(np.float32)),
        torch.from_numpy(cached.masks[chosen].astype(np.float32)),
    )


def loss_of(net: JudgeNet, batch: Batch) -> Tensor:
    """Of the strongest place of each kind, and of every place."""
    maps = net(batch.view)
    of_image = F.binary_cross_entropy_with_logits(soft_maximum(maps), batch.marks)
    cells = F.binary_cross_entropy_with_logits(maps, batch.masks, reduction="none")
    inside = (cells * batch.masks).sum() / batch.masks.sum().clamp(min=1)
    outside = (cells * (1 - batch.masks)).mean()
    return of_image + CELL_WEIGHT * (inside + outside)


def train(args: argparse.Namespace) -> None:
    """Trains until the time is used up."""
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    cv2.setNumThreads(1)
    rng = np.random.default_rng(args.seed)
    cached = Cached.load(args.cache)
    net = JudgeNet(len(MARKS)).to(memory_format=torch.channels_last)
    averaged = JudgeNet(len(MARKS))
    if args.start is not None:
        net.load_state_dict(torch.load(args.start)["averaged"])
    averaged.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=1e-4)
    begun = said = time.monotonic()
    step, order = 0, np.empty(0, np.int64)
    while (progress := (time.monotonic() - begun) / (60 * args.minutes)) < 1:
        if len(order) < BATCH:
            order = rng.permutation(len(cached.view))
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
        if time.monotonic() - said > 60 or step in (1, 10):
            said = time.monotonic()
            torch.save({"averaged": averaged.state_dict(), "step": step}, args.cache / CHECKPOINT)
            print(f"step {step} loss {loss.item():.4f}", flush=True)
    torch.save({"averaged": averaged.state_dict(), "step": step}, args.cache / CHECKPOINT)


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
