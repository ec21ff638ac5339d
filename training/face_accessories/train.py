"""Trains the accessory network on rendered heads and exports it: `python -m training.face_accessories.train`; needs
torch and onnx. `python -m training.face_accessories.heads` makes the file of cut-outs first."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from models.faces.accessory_net import INPUT
from training.face_accessories.data import HEADS, read_heads, training_set
from training.face_accessories.model import AccessoryModel
from training.face_accessories.worn import left_out
from training.face_calibration.dataset import kept_back

BATCH = 64
RATE = 3e-3
DECAY = 1e-3
SOFT = 0.02
"""Labels are this far from 0 and 1: a few pictures hold accessories that nobody listed."""
SHIFT = 3  # pixels each sample is moved by at most, every time it is seen
OPSET = 17
LARGEST_DIFFERENCE = 1e-3  # between torch and ONNX Runtime, in logits
OUT = Path("models/weights/face_accessories.onnx")


def train(samples: int, epochs: int, seed: int, heads_file: Path) -> AccessoryModel:
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    heads = read_heads(heads_file)
    heads = heads.only([n for n in heads.names if not kept_back(n) and n not in left_out()])
    print(f"{len(heads.names)} heads", flush=True)
    inputs, labels = (torch.from_numpy(part) for part in training_set(heads, samples, seed))
    net = AccessoryModel()
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters", flush=True)
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=DECAY)
    steps = epochs * (samples // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, steps, pct_start=0.15)
    started = time.monotonic()
    for epoch in range(epochs):
        total = 0.0
        for rows in torch.randperm(samples)[: samples // BATCH * BATCH].split(BATCH):
            loss = _loss(net(_moved(inputs[rows])), labels[rows])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item()
        minutes = (time.monotonic() - started) / 60
        print(f"epoch {epoch} loss {total / (samples // BATCH):.4f} {minutes:.1f} min", flush=True)
    return net.eval()


def export(net: nn.Module, example: Tensor, out: Path) -> None:
    """Raises:
    ValueError: the exported graph gives other answers.
    """
    import onnxruntime as ort

    torch.onnx.export(
        net,
        (example,),
        str(out),
        input_names=["grey"],
        output_names=["logits"],
        dynamic_axes={"grey": {0: "n"}, "logits": {0: "n"}},
        opset_version=OPSET,
        dynamo=False,
    )
    session = ort.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    (theirs,) = session.run(None, {"grey": example.numpy()})
    with torch.no_grad():
        difference = float(np.abs(net(example).numpy() - theirs).max())
    if difference > LARGEST_DIFFERENCE:
        raise ValueError(f"ONNX Runtime differs from torch by {difference}")
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB")


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heads", type=Path, default=HEADS)
    parser.add_argument("--samples", type=int, default=12_000)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args(argv)
    net = train(arguments.samples, arguments.epochs, arguments.seed, arguments.heads)
    export(net, torch.randn(2, 1, INPUT, INPUT), arguments.out)
    return 0


def _loss(logits: Tensor, labels: Tensor) -> Tensor:
    wanted = labels * (1 - 2 * SOFT) + SOFT
    return nn.functional.binary_cross_entropy_with_logits(logits, wanted)


def _moved(inputs: Tensor) -> Tensor:
    """The batch mirrored or not, and shifted by a few pixels."""
    if torch.rand(()) < 0.5:
        inputs = inputs.flip(3)
    padded = nn.functional.pad(inputs, (SHIFT,) * 4, mode="replicate")
    x, y = torch.randint(0, 2 * SHIFT + 1, (2,)).tolist()
    return padded[:, :, y : y + INPUT, x : x + INPUT]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
