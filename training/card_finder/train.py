"""Trains the card finder: `nice python -m training.card_finder.train --minutes 30`; torch is needed here only.

Checkpoints every three minutes; `--resume` goes on from the last one, `--start` begins with another one's weights.
CUDA is used when it is there.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from models.cards.card_corners import STRIDE, corners_of
from models.cards.views import GREY
from training.card_finder.data import CELLS, Scenes, prepare
from training.card_finder.model import CornerNet, corner_targets

BATCH = 32
PEAK_RATE = 2.5e-3
WARM_UP_STEPS = 150
PRESENCE_WEIGHT = 2.0
LARGEST_GRADIENT = 5.0
CHECKPOINT = "checkpoint.pt"
CHECKPOINT_SECONDS = 180.0
CHECK_SEED, CHECK_COUNT = 77, 160
"""Samples of the training kind used to watch progress; the real scores come from `evaluate`."""
AVERAGE_DECAY = 0.998


class _Samples(Dataset[tuple[np.ndarray, np.ndarray, float]]):
    def __init__(self, cache: Path, seed: int) -> None:
        self._cache, self._seed = cache, seed
        self._scenes: Scenes | None = None

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray, float]:
        if self._scenes is None:
            cv2.setNumThreads(1)
            self._scenes = Scenes(self._cache, self._seed)
        sample = self._scenes.sample(index)
        return sample.view.transpose(2, 0, 1).copy(), sample.corners, sample.present


class _From(Sampler[int]):
    """Every index from a start on: a resumed run sees what it would have seen."""

    def __init__(self, start: int) -> None:
        self._start = start

    def __iter__(self) -> Iterator[int]:
        index = self._start
        while True:
            yield index
            index += 1


@dataclass(slots=True)
class State:
    """What a checkpoint holds."""

    step: int
    seconds: float
    net: CornerNet
    averaged: CornerNet
    optimiser: torch.optim.Optimizer

    def save(self, path: Path) -> None:
        whole = {
            "step": self.step,
            "seconds": self.seconds,
            "net": self.net.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        part = path.with_suffix(".part")
        torch.save(whole, part)
        part.replace(path)

    def load(self, path: Path, device: str) -> None:
        whole = torch.load(path, map_location=device)
        self.step, self.seconds = whole["step"], whole["seconds"]
        self.net.load_state_dict(whole["net"])
        self.averaged.load_state_dict(whole["averaged"])
        self.optimiser.load_state_dict(whole["optimiser"])


def normalised(views: Tensor, device: str) -> Tensor:
    """uint8 views -> what `models.cards.card_corners.as_tensor` gives."""
    # Channels last: half the time per step on a CPU.
    return ((views.to(device, torch.float32) - GREY) / GREY).contiguous(
        memory_format=torch.channels_last
    )


def loss_of(
    net: CornerNet, views: Tensor, corners: Tensor, present: Tensor, *, brain_floats: bool
) -> tuple[Tensor, Tensor]:
    """Cross-entropy of the heatmaps where a card is, and of the presence."""
    with torch.autocast(views.device.type, torch.bfloat16, enabled=brain_floats):
        heat, presence = (out.float() for out in net(views))
    flat = heat.flatten(2).log_softmax(dim=2)
    targets = corner_targets(corners, CELLS, STRIDE).flatten(2)
    per_card = -(targets * flat).sum(dim=2).mean(dim=1)
    corner_loss = (per_card * present).sum() / present.sum().clamp(min=1)
    return corner_loss, F.binary_cross_entropy_with_logits(presence[:, 0], present)


def rate(step: int, progress: float, peak: float) -> float:
    """Warm-up, then a cosine to nearly nothing at the end of the time."""
    return (
        peak
        * min(1.0, (step + 1) / WARM_UP_STEPS)
        * (0.5 * (1 + math.cos(math.pi * progress)) + 0.004)
    )


@torch.no_grad()
def check(net: CornerNet, scenes: Scenes, device: str) -> str:
    """One line about samples of the training kind: corner error and orientation after one look, presence."""
    net.eval()
    errors, oriented, told = [], 0, 0
    for start in range(0, CHECK_COUNT, BATCH):
        samples = [scenes.sample(index) for index in range(start, start + BATCH)]
        views = torch.from_numpy(np.stack([s.view.transpose(2, 0, 1) for s in samples]))
        heat, presence = net(normalised(views, device))
        for sample, maps, logit in zip(
            samples, heat.cpu().numpy(), presence.cpu().numpy()[:, 0], strict=True
        ):
            told += int((logit > 0) == bool(sample.present))
            corners = corners_of(maps) if sample.present else None
            if corners is None:
                continue
            diagonal = float(np.linalg.norm(sample.corners[0] - sample.corners[2]))
            turned = [
                np.linalg.norm(np.roll(corners, k, axis=0) - sample.corners, axis=1).mean()
                for k in range(4)
            ]
            oriented += int(np.argmin(turned) == 0)
            errors.append(min(turned) / diagonal)
    net.train()
    return (
        f"corner error {np.mean(errors):.4f} (p95 {np.quantile(errors, 0.95):.4f}) "
        f"orientation {oriented / len(errors):.3f} presence {told / CHECK_COUNT:.3f}"
    )


def _average(state: State) -> None:
    decay = min(AVERAGE_DECAY, (1 + state.step) / (10 + state.step))
    with torch.no_grad():
        for mean, new in zip(
            state.averaged.state_dict().values(), state.net.state_dict().values(), strict=True
        ):
            if mean.dtype.is_floating_point:
                mean.mul_(decay).add_(new, alpha=1 - decay)
            else:
                mean.copy_(new)


def _start(args: argparse.Namespace, device: str) -> State:
    """A fresh state, or the last checkpoint's."""
    net = CornerNet().to(device, memory_format=torch.channels_last)
    if args.start is not None:
        net.load_state_dict(torch.load(args.start, map_location=device)["averaged"])
    averaged = CornerNet().to(device, memory_format=torch.channels_last)
    averaged.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=1e-4)
    state = State(0, 0.0, net, averaged, optimiser)
    checkpoint = args.cache / CHECKPOINT
    if args.resume and checkpoint.exists():
        state.load(checkpoint, device)
    return state


def _step(
    state: State, batch: list[Tensor], speed: float, device: str, *, brain_floats: bool
) -> tuple[float, float]:
    """One step of the optimiser at a learning rate; returns the two losses."""
    views, corners, present = batch
    for group in state.optimiser.param_groups:
        group["lr"] = speed
    place, presence = loss_of(
        state.net,
        normalised(views, device),
        corners.to(device),
        present.to(device, torch.float32),
        brain_floats=brain_floats,
    )
    state.optimiser.zero_grad(set_to_none=True)
    (place + PRESENCE_WEIGHT * presence).backward()
    torch.nn.utils.clip_grad_norm_(state.net.parameters(), LARGEST_GRADIENT)
    state.optimiser.step()
    state.step += 1
    _average(state)
    return place.item(), presence.item()


def train(args: argparse.Namespace) -> None:
    """Trains until the time is used up."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    cv2.setNumThreads(1)
    prepare(args.cache, args.negatives)
    state = _start(args, device)
    samples = _Samples(args.cache, args.seed)
    loader = DataLoader(samples, BATCH, sampler=_From(state.step * BATCH), num_workers=args.workers)
    watched = Scenes(args.cache, CHECK_SEED)
    budget, saved, last = args.minutes * 60.0, time.monotonic(), time.monotonic()
    for batch in loader:
        speed = rate(state.step, min(1.0, state.seconds / budget), args.rate)
        losses = _step(state, batch, speed, device, brain_floats=args.bfloat16)
        now = time.monotonic()
        state.seconds += now - last
        last = now
        done = state.seconds >= budget
        if done or now - saved > CHECKPOINT_SECONDS:
            state.save(args.cache / CHECKPOINT)
            scores = check(state.averaged, watched, device)
            print(
                f"step {state.step} {state.seconds / 60:.1f} min "
                f"loss {losses[0]:.3f} {losses[1]:.4f} {scores}",
                flush=True,
            )
            saved = time.monotonic()
        if done:
            return


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.card_finder.train", description=__doc__
    )
    parser.add_argument("--cache", type=Path, default=Path("var/card_finder"))
    parser.add_argument(
        "--negatives", type=Path, help="folder of pictures without cards (optional)"
    )
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--start", type=Path, help="a checkpoint whose weights to begin with")
    parser.add_argument("--rate", type=float, default=PEAK_RATE, help="highest learning rate")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument(
        "--bfloat16",
        action="store_true",
        help="mixed precision: half the time per step on a CPU that has it",
    )
    train(parser.parse_args(argv))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
