"""The accessory network: a few convolutions over a grey head, one logit per kind."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.faces.accessory_net import KINDS

WIDTHS = (16, 24, 40, 64, 96)
"""Channels at strides 2, 4, 8, 16, 16."""


def _conv(
    inside: int, outside: int, stride: int, kernel: int = 3, groups: int = 1
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Look around (depthwise), mix, add."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _conv(channels, channels, 1, 5, channels),
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.body(x))


class AccessoryModel(nn.Module):
    """B x 1 x 80 x 80 -> logits B x 3. Where a thing is matters, so the last map is not averaged away."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d, e = WIDTHS
        self.body = nn.Sequential(
            _conv(1, a, 2),
            _conv(a, b, 2),
            Residual(b),
            _conv(b, c, 2),
            Residual(c),
            Residual(c),
            _conv(c, d, 2),
            Residual(d),
            Residual(d),
            _conv(d, e // 4, 1, 1),
        )
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(e // 4 * 25, e),
            nn.ReLU(inplace=True),
            nn.Linear(e, len(KINDS)),
        )

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.body(x))
        return logits


class EyeModel(nn.Module):
    """B x 1 x 24 x 36 -> logits B x 1."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _conv(1, 16, 1),
            _conv(16, 24, 2),
            _conv(24, 32, 2),
            _conv(32, 32, 1),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(32 * 6 * 9, 48),
            nn.ReLU(inplace=True),
            nn.Linear(48, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.body(x)
        return logits
