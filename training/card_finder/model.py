"""The card finder's network: a small U-shaped net with one heatmap per printed corner and a presence logit."""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDTHS = (16, 32, 64, 96, 128)
"""Channels at strides 2, 4, 8, 16, 32."""
CORNERS = 4


def conv(inside: int, outside: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two plain convolutions: on a CPU they train faster than depthwise ones with a fraction of the weights."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv(channels, channels),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.body(x))


class CornerNet(nn.Module):
    """B x 3 x S x S in [-1, 1] -> heatmap logits B x 4 x S/4 x S/4 and presence logits B x 1."""

    def __init__(self) -> None:
        super().__init__()
        w = WIDTHS
        self.stem = conv(3, w[0], stride=2)
        self.four = nn.Sequential(conv(w[0], w[1], stride=2), Residual(w[1]))
        self.eight = nn.Sequential(conv(w[1], w[2], stride=2), Residual(w[2]), Residual(w[2]))
        self.sixteen = nn.Sequential(conv(w[2], w[3], stride=2), Residual(w[3]), Residual(w[3]))
        self.last = nn.Sequential(conv(w[3], w[4], stride=2), Residual(w[4]), Residual(w[4]))
        self.presence = nn.Linear(w[4], 1)
        self.from_last = nn.Conv2d(w[4], w[2], 1)
        self.from_sixteen = nn.Conv2d(w[3], w[2], 1)
        self.join_sixteen = Residual(w[2])
        self.join_eight = Residual(w[2])
        self.narrow = nn.Conv2d(w[2], w[1], 1)
        self.join_four = Residual(w[1])
        self.heat = nn.Conv2d(w[1], CORNERS, 1)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        four = self.four(self.stem(x))
        eight = self.eight(four)
        sixteen = self.sixteen(eight)
        last = self.last(sixteen)
        presence = self.presence(last.mean(dim=(2, 3)))
        mixed = self.join_sixteen(self.up(self.from_last(last)) + self.from_sixteen(sixteen))
        mixed = self.join_eight(self.up(mixed) + eight)
        mixed = self.join_four(self.up(self.narrow(mixed)) + four)
        return self.heat(mixed), presence


def corner_targets(corners: Tensor, cells: int, stride: int) -> Tensor:
    """Gaussians of one cell around B x 4 x 2 corners (input pixels): B x 4 x cells x cells, each summing to 1."""
    place = (corners / stride - 0.5).clamp(0, cells - 1)
    line = torch.arange(cells, device=corners.device, dtype=corners.dtype)
    columns = torch.exp(-0.5 * (line - place[:, :, 0:1]) ** 2)
    rows = torch.exp(-0.5 * (line - place[:, :, 1:2]) ** 2)
    both = rows[:, :, :, None] * columns[:, :, None, :]
    return both / both.sum(dim=(2, 3), keepdim=True)
