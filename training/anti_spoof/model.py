"""The network of the judge of spoofing; torch is needed to train it, not to run it."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn

WIDTHS = (16, 24, 40, 64)


class _Block(nn.Module):
    """Depthwise and pointwise convolution with a short cut, after halving the side."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.down = nn.Sequential(
            nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(inplace=True),
        )
        self.refine = nn.Sequential(
            nn.Conv2d(after, after, 3, padding=1, groups=after, bias=False),
            nn.BatchNorm2d(after),
            nn.Conv2d(after, after, 1, bias=False),
            nn.BatchNorm2d(after),
        )

    def forward(self, seen: Tensor) -> Tensor:
        down = self.down(seen)
        return torch.relu(down + self.refine(down))


class PatchNet(nn.Module):
    """Looks N x 2 x 96 x 96 -> logit of "live", N x 1. The near and the far look share no weight: grain is sought in the
    one, edges in the other; mean and greatest answer of each are judged together."""

    def __init__(self) -> None:
        super().__init__()
        self.near, self.far = _tower(), _tower()
        self.head = nn.Sequential(
            nn.Linear(4 * WIDTHS[-1], 64), nn.ReLU(inplace=True), nn.Dropout(0.3), nn.Linear(64, 1)
        )

    def forward(self, looks: Tensor) -> Tensor:
        answers = []
        for tower, look in ((self.near, looks[:, :1]), (self.far, looks[:, 1:])):
            seen = tower(look)
            answers += [seen.mean(dim=(2, 3)), seen.amax(dim=(2, 3))]
        return self.head(torch.cat(answers, dim=1))


def _tower() -> nn.Sequential:
    widths = (1, *WIDTHS)
    return nn.Sequential(*(_Block(a, b) for a, b in itertools.pairwise(widths)))
