"""Writes the averaged weights of a checkpoint as ONNX: `python -m training.card_judge.export`; needs torch and onnx."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch

from models.cards.card_judge import VIEW
from training.card_judge.data import MARKS
from training.card_judge.model import JudgeNet
from training.card_judge.prepare import CACHE
from training.card_judge.train import CHECKPOINT

OPSET = 17
THRESHOLDS = dict.fromkeys(MARKS, 0.0)
"""Logits above which a warning is due; chosen by `python -m training.card_judge.choose` on tuning seeds."""
LARGEST_DIFFERENCE = 2e-3
"""Between torch and ONNX Runtime, in logits."""


def export(checkpoint: Path, out: Path) -> None:
    """Exports, checks that ONNX Runtime agrees with torch, and records names and thresholds.

    Raises:
        ValueError: the exported graph gives other answers.
    """
    net = JudgeNet(len(MARKS))
    net.load_state_dict(torch.load(checkpoint, map_location="cpu")["averaged"])
    net.eval()
    example = torch.randn(1, 3, VIEW[1], VIEW[0])
    torch.onnx.export(
        net,
        (example,),
        str(out),
        input_names=["card"],
        output_names=["marks"],
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(out)
    facts = {
        "marks": ",".join(MARKS),
        "thresholds": ",".join(str(THRESHOLDS[name]) for name in MARKS),
    }
    for key, value in facts.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(model, out)
    session = ort.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    (theirs,) = session.run(None, {"card": example.numpy()})
    with torch.no_grad():
        difference = float(np.abs(net(example).numpy() - theirs).max())
    if difference > LARGEST_DIFFERENCE:
        raise ValueError(f"ONNX Runtime differs from torch by {difference}")
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.card_judge.export", description=__doc__
    )
    parser.add_argument("--checkpoint", type=Path, default=CACHE / CHECKPOINT)
    parser.add_argument("--out", type=Path, default=Path("models/weights/card_judge.onnx"))
    args = parser.parse_args(argv)
    export(args.checkpoint, args.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
