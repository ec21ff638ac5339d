"""Trains the judge of spoofing on the looks made by training.anti_spoof.data, and writes it as ONNX:
`nice python -m training.anti_spoof.train --minutes 25`; torch and onnx are needed here only.

The weights kept are those that tell the people of the part "watch" best; those of "test" are never looked at.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
import torch.nn.functional as F
from torch import Tensor

from models.faces.face_patch_net import MIDDLE, SIDE, SPREAD
from training.anti_spoof.attacks import ATTACKS
from training.anti_spoof.data import CACHE
from training.anti_spoof.model import PatchNet

BATCH = 64
PEAK_RATE = 2e-3
WARM_UP = 100
DECAY = 1e-3
LOOK_EVERY = 100
"""Steps between two looks at the people of the part "watch"."""
WATCHED = 800  # looks
SMOOTH = 0.02  # of the targets: no look is certain
LARGEST_DIFFERENCE = 1e-3
OUT = Path("models/weights/anti_spoof.onnx")


def load(part: str) -> tuple[Tensor, Tensor]:
    whole = np.load(CACHE / f"{part}.npz")
    return torch.from_numpy(whole["looks"]), torch.from_numpy(whole["kinds"])


def tensor(looks: Tensor) -> Tensor:
    """What `models.faces.face_patch_net.as_tensor` gives. Channels last: half the time per step on a CPU."""
    seen = (looks.float() - MIDDLE) / SPREAD
    return seen.contiguous(memory_format=torch.channels_last)


def varied(looks: Tensor, random: torch.Generator) -> Tensor:
    """Mirrored, shifted by a few pixels, brighter or darker, with more or less contrast."""
    seen = tensor(looks)
    mirror = torch.rand(len(seen), generator=random) < 0.5
    seen[mirror] = seen[mirror].flip(3)
    shift = torch.randint(-4, 5, (2,), generator=random).tolist()
    seen = seen.roll(shift, dims=(2, 3))
    gain = 1 + 0.25 * (2 * torch.rand(len(seen), 1, 1, 1, generator=random) - 1)
    offset = 0.4 * (2 * torch.rand(len(seen), 1, 1, 1, generator=random) - 1)
    return (seen * gain + offset).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def answers(net: PatchNet, looks: Tensor) -> np.ndarray:
    net.eval()
    logits = [net(tensor(looks[i : i + 200]))[:, 0] for i in range(0, len(looks), 200)]
    net.train()
    return torch.cat(logits).sigmoid().numpy()


def told(live: np.ndarray, kinds: np.ndarray) -> tuple[float, str]:
    """Mean of both error rates at 0.5, and one line of them by attack."""
    refused = float((live[kinds == 0] < 0.5).mean())
    passed = {a: float((live[kinds == i] >= 0.5).mean()) for i, a in enumerate(ATTACKS, start=1)}
    mean = float((live[kinds > 0] >= 0.5).mean())
    line = " ".join(f"{name} {rate:.3f}" for name, rate in passed.items())
    return (refused + mean) / 2, f"bpcer {refused:.3f} apcer {mean:.3f} ({line})"


def train(minutes: float, seed: int) -> PatchNet:
    """Trains until the time is used up; the learning rate follows the time."""
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    looks, kinds = load("train")
    watch, watch_kinds = load("watch")
    some = torch.randperm(len(watch), generator=random)[:WATCHED]
    watch, watch_kinds = watch[some], watch_kinds[some]
    net = PatchNet().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), lr=PEAK_RATE, weight_decay=DECAY)
    genuine, attacks = (kinds == 0).nonzero()[:, 0], (kinds > 0).nonzero()[:, 0]
    best, kept, step, began = 1.0, net.state_dict(), 0, time.monotonic()
    while (spent := (time.monotonic() - began) / 60) < minutes:
        progress = spent / minutes
        rate = PEAK_RATE * min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * progress))
        for group in optimiser.param_groups:
            group["lr"] = rate
        half = BATCH // 2
        picked = torch.cat(
            [
                genuine[torch.randint(len(genuine), (half,), generator=random)],
                attacks[torch.randint(len(attacks), (half,), generator=random)],
            ]
        )
        live = (kinds[picked] == 0).float()
        # Half again as fast in brain floats where the processor has them.
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = net(varied(looks[picked], random))[:, 0]
        target = live * (1 - 2 * SMOOTH) + SMOOTH
        loss = F.binary_cross_entropy_with_logits(logits.float(), target)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        step += 1
        if step % LOOK_EVERY == 0:
            error, line = told(answers(net, watch), watch_kinds.numpy())
            print(f"{spent:5.1f} min, step {step}, loss {loss.item():.3f}, {line}", flush=True)
            if error < best:
                best = error
                kept = {key: value.clone() for key, value in net.state_dict().items()}
    net.load_state_dict(kept)
    return net


def export(net: PatchNet, out: Path) -> None:
    """Raises:
    ValueError: ONNX Runtime answers otherwise than torch.
    """
    net.eval()
    example = torch.randn(2, 2, SIDE, SIDE)
    torch.onnx.export(
        net,
        (example,),
        str(out),
        input_names=["looks"],
        output_names=["live"],
        dynamic_axes={"looks": {0: "n"}, "live": {0: "n"}},
        opset_version=17,
        dynamo=False,
    )
    session = ort.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    (theirs,) = session.run(None, {"looks": example.numpy()})
    with torch.no_grad():
        difference = float(np.abs(net(example).numpy() - theirs).max())
    if difference > LARGEST_DIFFERENCE:
        raise ValueError(f"ONNX Runtime differs from torch by {difference}")
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.anti_spoof.train", description=__doc__
    )
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    net = train(args.minutes, args.seed)
    torch.save(net.state_dict(), CACHE / "anti_spoof.pt")
    export(net, args.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
