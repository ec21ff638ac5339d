"""The card judge's network: a map of logits per kind of mark over the upright card."""

from __future__ import annotations

from torch import Tensor, nn

from training.card_finder.model import Residual, conv

CARD_WIDTHS = (16, 24, 40)
"""Channels at strides 2, 4, 8."""
SHARPNESS = 4.0
"""Of the soft maximum over a map, in training: near a true maximum, but every place learns."""


class JudgeNet(nn.Module):
    """Card B x 3 x H x W in [-1, 1] -> logits of marks B x marks x H/8 x W/8."""

    def __init__(self, marks: int) -> None:
        super().__init__()
        w = CARD_WIDTHS
        self.near = nn.Sequential(conv(3, w[0], 3, 2), conv(w[0], w[1], 3, 2), Residual(w[1], 3))
        self.far = nn.Sequential(conv(w[1], w[2], 3, 2), Residual(w[2]), Residual(w[2]))
        self.marks = nn.Conv2d(w[2], marks, 1)

    def forward(self, card: Tensor) -> Tensor:
        found: Tensor = self.marks(self.far(self.near(card)))
        return found


def soft_maximum(maps: Tensor) -> Tensor:
    """B x M x H x W -> B x M: smooth, at most the maximum."""
    flat = maps.flatten(2) * SHARPNESS
    weight = flat.softmax(dim=2)
    return (weight * maps.flatten(2)).sum(dim=2)
