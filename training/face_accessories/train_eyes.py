"""Trains the network for closed eyes and exports it: `python -m training.face_accessories.train_eyes`; needs torch, onnx."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from models.faces.accessory_net import EYE
from training.face_accessories.data import HEADS, eye_sample, read_heads
from training.face_accessories.model import EyeModel
from training.face_accessories.train import BATCH, DECAY, RATE, SOFT, export
from training.face_accessories.worn import left_out
from training.face_calibration.dataset import kept_back

OUT = Path("models/weights/face_eyes.onnx")


def train(samples: int, epochs: int, seed: int, heads_file: Path) -> EyeModel:
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    random = np.random.default_rng(seed)
    heads = read_heads(heads_file)
    heads = heads.only([n for n in heads.names if not kept_back(n) and n not in left_out()])
    pairs = [eye_sample(heads, random) for _ in tqdm(range(samples), desc="render", mininterval=5)]
    inputs = torch.from_numpy(np.concatenate([eyes for eyes, _ in pairs]))[:, None]
    labels = torch.tensor([closed for _, closed in pairs for _ in range(2)]).float()[:, None]
    net = EyeModel()
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=DECAY)
    steps = epochs * (len(inputs) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, steps, pct_start=0.15)
    for epoch in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(inputs))[: len(inputs) // BATCH * BATCH].split(BATCH):
            wanted = labels[rows] * (1 - 2 * SOFT) + SOFT
            loss = nn.functional.binary_cross_entropy_with_logits(net(inputs[rows]), wanted)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch} loss {total / (len(inputs) // BATCH):.4f}", flush=True)
    return net.eval()


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heads", type=Path, default=HEADS)
    parser.add_argument("--samples", type=int, default=6_000)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args(argv)
    net = train(arguments.samples, arguments.epochs, arguments.seed, arguments.heads)
    export(net, torch.randn(2, 1, *EYE), arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
