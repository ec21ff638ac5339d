"""Trains the text reader from rendered lines; checkpoints often and resumes.

    export MALLOC_MMAP_THRESHOLD_=1000000000 MALLOC_TRIM_THRESHOLD_=1000000000 ONEDNN_PRIMITIVE_CACHE_CAPACITY=20000
    nice python -m training.text_reader.train --data var/training/text --out var/training/run --lines 600000

(The variables save half the CPU time or more: else it goes in page faults and recompiled kernels.)

Two processes of one thread use two cores better than one process of two threads does:

    torchrun --nproc-per-node 2 -m training.text_reader.train --data var/training/text --out var/training/run

The same seed and line count give the same lines in the same order, also after a resume. CUDA is used when
there is one. Every `--report-every` lines the moving average of the weights is scored on the validation set
(other fonts than training and evaluation) and kept when it is the best so far. The report has a digest of the
weights: whether a second run goes the same way shows in its first minutes.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import math
import multiprocessing as mp
import os
import random
import time
from pathlib import Path
from queue import Queue
from typing import Any

import cv2
import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import nn

from models.text.charset import CHARSET
from models.text.crnn_ctc import HEIGHT, SQUEEZE, normalise
from models.text.decode import greedy
from training.text_reader.corpus import Corpus, other_script, rare
from training.text_reader.model import Crnn, grown
from training.text_reader.render import LEVELS, MORE_TRAINING, Fonts, Line, render_line
from training.text_reader.scores import character_errors
from training.text_reader.shards import load_crops

BATCH = 64
"""Lines of a step, over all processes."""
CHUNK = 16 * BATCH
MAX_WIDTH = 768
WIDTH_STEP = 64
"""Few distinct widths: oneDNN compiles its kernels anew for every shape, and forgets them past its cache."""
BLANK_SHARE = 0.02
RARE_SHARE = 0.03
"""Of training lines, made of rhymes that the corpus lacks."""
OTHER_SCRIPT_SHARE, UPSIDE_DOWN_SHARE = 0.02, 0.02
"""Lines to say nothing about: another script, and our own print turned round."""
TURNABLE, SHORTEST_TURNED = {"name", "address", "label"}, 10
"""Groups and letters of a line that cannot be read either way, as 6069 can."""
LEVEL_SHARES = (20, 35, 45)
"""Per cent of scans, good and poor photos: the worse, the more there is to learn."""
CROP_SHARE = 0.25
"""Of training lines that come from rendered documents through the real text finder, when `crops` made some."""
CLASS_OF = {c: i + 1 for i, c in enumerate(CHARSET)}


def make_lines(
    corpus: Corpus, fonts: Fonts, seed: int, count: int, *, training: bool = False
) -> list[Line]:
    """`count` lines, a function of the seed alone. For training some are restyled and some have rare rhymes."""
    rng, nr = random.Random(seed), np.random.default_rng(seed)
    lines: list[Line] = []
    while len(lines) < count:
        group, text = corpus.sample(rng)
        if training and rng.random() < RARE_SHARE:
            group, text = "rare", rare(rng)
        if rng.random() < BLANK_SHARE:
            group, text = "blank", ""
        level = rng.choices(LEVELS, LEVEL_SHARES)[0]
        line = _not_ours(fonts, level, rng, nr) if rng.random() < OTHER_SCRIPT_SHARE else None
        if line is None:
            pixels = render_line(text, level, group, fonts, rng, nr, restyle=training)
            turned = group in TURNABLE and len(text) >= SHORTEST_TURNED
            if turned and rng.random() < UPSIDE_DOWN_SHARE:
                line = Line("", "upside_down", level, np.ascontiguousarray(pixels[::-1, ::-1]))
            else:
                line = Line(text, group, level, pixels)
        if _fits(line):
            lines.append(line)
    return lines


def _not_ours(fonts: Fonts, level: str, rng: random.Random, nr: np.random.Generator) -> Line | None:
    """A line in another script, whose truth is no text; None when the split has no font for it."""
    family, words = other_script(rng)
    able = tuple(path for path in fonts.text if path.stem.startswith(family))
    if not able:
        return None
    pixels = render_line(words, level, "other_script", Fonts(able, able), rng, nr)
    return Line("", "other_script", level, pixels)


def _fits(line: Line) -> bool:
    height, width = line.pixels.shape
    return width * HEIGHT * SQUEEZE <= MAX_WIDTH * height


def batches_of(
    lines: list[Line], seed: int, size: int
) -> list[tuple[NDArray[np.float16], list[list[int]]]]:
    """`size` lines of similar width together, batches in random order."""
    ready = sorted(
        ((normalise(line.pixels), line.text) for line in lines),
        key=lambda r: r[0].shape[1],
    )
    batches = []
    for start in range(0, len(ready), size):
        part = ready[start : start + size]
        width = -(-part[-1][0].shape[1] // WIDTH_STEP) * WIDTH_STEP
        x = np.zeros((len(part), 1, HEIGHT, width), np.float16)
        for i, (line, _) in enumerate(part):
            x[i, 0, :, : line.shape[1]] = line
        batches.append((x, [[CLASS_OF[c] for c in text] for _, text in part]))
    random.Random(seed).shuffle(batches)
    return batches


def work(queue: Queue[Any], folder: Path, seed: int, first: int, step: int, ranks: int) -> None:
    """Puts every `step`th chunk from `first` on; `ranks` processes read one chunk each at a time."""
    cv2.setNumThreads(1)
    corpus, fonts = Corpus.load(folder), Fonts.load(folder, "training", MORE_TRAINING)
    crops = [line for line in load_crops(folder / "crops") if _fits(line)]
    cut = round(CHUNK * CROP_SHARE) if crops else 0
    chunk = first
    while True:
        chunk_seed = seed * 1_000_003 + chunk
        lines = make_lines(corpus, fonts, chunk_seed, CHUNK - cut, training=True)
        lines += random.Random(chunk_seed).choices(crops, k=cut) if cut else []
        # One order for all ranks: they wait for each other at every step, so their widths should be alike.
        queue.put(batches_of(lines, seed * 1_000_003 + chunk // ranks, BATCH // ranks))
        chunk += step


@torch.no_grad()
def score(net: nn.Module, lines: list[Line], device: str) -> dict[str, float]:
    """CER over all lines and per level, and the share of exact lines."""
    net.eval()
    errors: dict[str, int] = {}
    letters: dict[str, int] = {}
    exact = 0
    for line in lines:
        x = torch.from_numpy(normalise(line.pixels))[None, None].to(device)
        posteriors = net(x).log_softmax(-1)[0].float().cpu().numpy()
        read = greedy(posteriors, CHARSET).text
        wrong = character_errors(read, line.text)
        exact += wrong == 0
        for key in ("all", line.level):
            errors[key] = errors.get(key, 0) + wrong
            letters[key] = letters.get(key, 0) + len(line.text)
    return {
        **{f"cer_{k}": errors[k] / max(1, letters[k]) for k in errors},
        "exact": exact / len(lines),
    }


def digest(net: nn.Module) -> str:
    """Of all weights: equal in two runs that went the same way to the last bit."""
    told = hashlib.sha256()
    for values in net.state_dict().values():
        told.update(values.cpu().numpy().tobytes())
    return told.hexdigest()[:16]


def share_gradients(net: nn.Module, ranks: int) -> None:
    """Every process goes on with the mean of all gradients."""
    gradients = [p.grad for p in net.parameters() if p.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    flat /= ranks
    for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))


def rate(seen: int, total: int, peak: float) -> float:
    """Warm-up over the first 1 %, then a cosine down to a hundredth."""
    done = min(1.0, seen / total)
    return (
        peak
        * min(1.0, (seen + BATCH) / (0.01 * total))
        * (0.5 * (1 + math.cos(math.pi * done)) + 0.01)
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("var/training/text"))
    parser.add_argument("--out", type=Path, default=Path("var/training/run"))
    parser.add_argument(
        "--lines", type=int, default=600_000, help="the rate falls to nothing there"
    )
    parser.add_argument("--until", type=int, help="stop at this line already")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument(
        "--bfloat16",
        action="store_true",
        help="mixed precision: near twice the pace on a CPU that has it",
    )
    parser.add_argument("--report-every", type=int, default=20_000)
    parser.add_argument(
        "--start-from", type=Path, help="weights to fine-tune instead of random ones"
    )
    args = parser.parse_args()
    ranks, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    if ranks > 1:
        dist.init_process_group("gloo")
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"

    net = Crnn(len(CHARSET) + 1).to(device, memory_format=torch.channels_last)
    if args.start_from:
        net.load_state_dict(grown(net, torch.load(args.start_from, map_location=device)["average"]))
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=1e-3)
    chunk, seen, best = 0, 0, 1e9
    checkpoint = args.out / "last.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device)
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        chunk, seen, best = state["chunk"], state["seen"], state["best"]
        print(f"resuming after {seen} lines", flush=True)

    validation = make_lines(Corpus.load(args.data), Fonts.load(args.data, "validation"), 777, 600)
    spawn = mp.get_context("spawn")  # a fork would inherit OpenCV's locked thread pool
    queues: list[Any] = [spawn.Queue(2) for _ in range(args.workers)]
    for index, queue in enumerate(queues):
        spawn.Process(
            target=work,
            args=(
                queue,
                args.data,
                args.seed,
                ranks * (chunk + index) + rank,
                ranks * args.workers,
                ranks,
            ),
            daemon=True,
        ).start()
    ctc = nn.CTCLoss(zero_infinity=True)
    started, loss_average, reported = time.monotonic(), 0.0, seen
    first_seen = seen
    until = min(args.lines, args.until or args.lines)
    while seen < until:
        for pixels, targets in queues[chunk % args.workers].get():
            net.train()
            x = (
                torch.from_numpy(pixels)
                .float()
                .to(device)
                .contiguous(memory_format=torch.channels_last)
            )
            with torch.autocast(device, torch.bfloat16, enabled=args.bfloat16):
                logits = net(x)
            log_probabilities = logits.float().log_softmax(-1).transpose(0, 1)
            loss = ctc(
                log_probabilities,
                torch.tensor([c for t in targets for c in t], dtype=torch.long, device=device),
                torch.full((len(targets),), log_probabilities.shape[0], dtype=torch.long),
                torch.tensor([len(t) for t in targets]),
            )
            for group in optimiser.param_groups:
                group["lr"] = rate(seen, args.lines, args.rate)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            if ranks > 1:
                share_gradients(net, ranks)
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
            seen += ranks * len(targets)
            decay = min(0.999, 1 - 10 * BATCH / (seen + 10 * BATCH))
            with torch.no_grad():
                for slow, fast in zip(
                    average.state_dict().values(), net.state_dict().values(), strict=True
                ):
                    if slow.is_floating_point():
                        slow.lerp_(fast, 1 - decay)
                    else:
                        slow.copy_(fast)
            loss_average = (
                loss.item() if not loss_average else 0.99 * loss_average + 0.01 * loss.item()
            )
        chunk += 1
        if rank:
            continue
        pace = (seen - first_seen) / (time.monotonic() - started)
        print(f"{seen} lines, {pace:.0f} per second, loss {loss_average:.3f}", flush=True)
        if seen - reported >= args.report_every or seen >= until:
            reported = seen
            scores = score(average, validation, device)
            report: dict[str, Any] = {"lines": seen, "per_s": round(pace, 1)}
            report["loss"] = round(loss_average, 4)
            report |= {k: round(v, 4) for k, v in sorted(scores.items())}
            report["weights"] = digest(average)
            print(json.dumps(report), flush=True)
            if scores["cer_all"] < best:
                best = scores["cer_all"]
                torch.save(
                    {"average": average.state_dict(), "report": report}, args.out / "best.pt"
                )
            state = {
                "net": net.state_dict(),
                "average": average.state_dict(),
                "optimiser": optimiser.state_dict(),
            }
            torch.save({**state, "chunk": chunk, "seen": seen, "best": best}, args.out / "last.tmp")
            (args.out / "last.tmp").replace(checkpoint)


if __name__ == "__main__":
    main()
