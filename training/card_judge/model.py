"""The card judge's network: three towers of plain convolutions, maps of marks over the upright card, logits of the whole."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.card_finder.model import conv

CARD_WIDTHS = (24, 40)
"""Channels at strides 4, 8."""
PHOTO_WIDTHS = (16, 32, 48, 64, 96)
"""Channels at strides 2 to 32."""
GRAIN_WIDTHS = (16, 24, 32, 48)
HIDDEN, EDGES, DROPPED = 64, 12, 0.2
LAST_CELLS = 6 * 6
"""Of the photo tower's map; what is cut off is told by place."""
SIDES = 4
SHARPNESS = 4.0
"""Of the soft maximum over a map, in training: near a true maximum, but every place learns."""


class JudgeNet(nn.Module):
    """Card B x 3 x 224 x 336, photo B x 3 x 192 x 192 in [-1, 1], grain B x 2 x 128 x 64 -> logits of marks
    B x marks x 28 x 42, and of the whole B x whole, of which the last four are the photo's sides."""

    def __init__(self, marks: int, whole: int) -> None:
        super().__init__()
        c, p, g = CARD_WIDTHS, PHOTO_WIDTHS, GRAIN_WIDTHS
        self.card = nn.Sequential(
            conv(3, c[0], 7, 4),
            conv(c[0], c[0]),
            conv(c[0], c[1], 3, 2),
            conv(c[1], c[1]),
            conv(c[1], c[1]),
        )
        self.marks = nn.Conv2d(c[1], marks, 1)
        self.photo = nn.Sequential(
            conv(3, p[0], 3, 2),
            conv(p[0], p[1], 3, 2),
            conv(p[1], p[2], 3, 2),
            conv(p[2], p[3], 3, 2),
            conv(p[3], p[3]),
            conv(p[3], p[4], 3, 2),
        )
        self.grain = nn.Sequential(
            conv(2, g[0]),
            conv(g[0], g[1], 3, 2),
            conv(g[1], g[2], 3, 2),
            conv(g[2], g[3], 3, 2),
        )
        self.whole = nn.Sequential(
            nn.Linear(2 * (c[1] + p[4] + g[3]), HIDDEN),
            nn.ReLU(inplace=True),
            nn.Dropout(DROPPED),
            nn.Linear(HIDDEN, whole - SIDES),
        )
        self.edges = nn.Conv2d(p[4], EDGES, 1)
        self.sides = nn.Linear(EDGES * LAST_CELLS, SIDES)

    def forward(self, card: Tensor, photo: Tensor, grain: Tensor) -> tuple[Tensor, Tensor]:
        towers = [self.card(card), self.photo(photo), self.grain(grain)]
        pooled = [pool for x in towers for pool in (x.mean(dim=(2, 3)), x.amax(dim=(2, 3)))]
        sides = self.sides(self.edges(towers[1]).relu().flatten(1))
        whole = torch.cat([self.whole(torch.cat(pooled, dim=1)), sides], dim=1)
        return self.marks(towers[0]), whole


def soft_maximum(maps: Tensor) -> Tensor:
    """B x M x H x W -> B x M: smooth, at most the maximum."""
    flat = maps.flatten(2) * SHARPNESS
    weight = flat.softmax(dim=2)
    return (weight * maps.flatten(2)).sum(dim=2)
