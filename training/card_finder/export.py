"""Writes the averaged weights of a checkpoint as ONNX: `python -m training.card_finder.export`; needs torch and onnx."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch

from training.card_finder.data import INPUT_SIZE
from training.card_finder.model import CornerNet

OPSET = 17
PRESENCE_THRESHOLD = 0.5
"""Of the score `CardCorners` gives; see the weights' card for the error rates measured with it."""
LARGEST_DIFFERENCE = 2e-3
"""Between torch and ONNX Runtime, in logits."""


def export(checkpoint: Path, out: Path) -> None:
    """Exports, checks that ONNX Runtime agrees with torch, and records what the adapter needs to know.

    Raises:
        ValueError: the exported graph gives other answers.
    """
    net = CornerNet()
    net.load_state_dict(torch.load(checkpoint, map_location="cpu")["averaged"])
    net.eval()
    example = torch.randn(1, 3, INPUT_SIZE, INPUT_SIZE)
    torch.onnx.export(
        net,
        (example,),
        str(out),
        input_names=["view"],
        output_names=["corners", "presence"],
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(out)
    facts = {"input_size": str(INPUT_SIZE), "presence_threshold": str(PRESENCE_THRESHOLD)}
    for key, value in facts.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(model, out)
    session = ort.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    theirs = session.run(None, {"view": example.numpy()})
    with torch.no_grad():
        ours = net(example)
    for left, right in zip(ours, theirs, strict=True):
        difference = float(np.abs(left.numpy() - right).max())
        if difference > LARGEST_DIFFERENCE:
            raise ValueError(f"ONNX Runtime differs from torch by {difference}")
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.card_finder.export", description=__doc__
    )
    parser.add_argument("--checkpoint", type=Path, default=Path("var/card_finder/checkpoint.pt"))
    parser.add_argument("--out", type=Path, default=Path("models/weights/card_finder.onnx"))
    args = parser.parse_args(argv)
    export(args.checkpoint, args.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
