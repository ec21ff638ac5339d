"""The card judge's network: one trunk over the upright card, one over a mean spectrum, two heads."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.card_finder.model import Residual, conv

CARD_WIDTHS = (16, 24, 40, 64)
"""Channels at strides 2, 4, 8, 16."""
SPECTRUM_WIDTHS = (12, 24, 32)
SHARPNESS = 4.0
"""Of the soft maximum over a map, in training: near a true maximum, but every place learns."""


class JudgeNet(nn.Module):
    """Card B x 3 x H x W in [-1, 1] and spectrum B x 1 x S x S -> sheet logits B x sheet and mark logits
    B x marks x H/16 x W/16."""

    def __init__(self, sheet: int, marks: int) -> None:
        super().__init__()
        w, s = CARD_WIDTHS, SPECTRUM_WIDTHS
        self.near = nn.Sequential(
            conv(3, w[0], 3, 2), conv(w[0], w[1], 3, 2), Residual(w[1], 3), conv(w[1], w[2], 3, 2)
        )
        self.far = nn.Sequential(
            Residual(w[2]), Residual(w[2]), conv(w[2], w[3], 3, 2), Residual(w[3]), Residual(w[3])
        )
        self.marks = nn.Conv2d(w[3], marks, 1)
        self.spectrum = nn.Sequential(
            conv(1, s[0], 5, 2), conv(s[0], s[1], 3, 2), Residual(s[1], 3), conv(s[1], s[2], 3, 2)
        )
        self.sheet = nn.Sequential(
            nn.Linear(2 * (w[2] + w[3] + s[2]), 48), nn.ReLU(inplace=True), nn.Linear(48, sheet)
        )

    def forward(self, card: Tensor, spectrum: Tensor) -> tuple[Tensor, Tensor]:
        near = self.near(card)
        far = self.far(near)
        seen = [near, far, self.spectrum(spectrum)]
        pooled = [p for x in seen for p in (x.mean(dim=(2, 3)), x.amax(dim=(2, 3)))]
        return self.sheet(torch.cat(pooled, dim=1)), self.marks(far)


def soft_maximum(maps: Tensor) -> Tensor:
    """B x M x H x W -> B x M: smooth, at most the maximum."""
    flat = maps.flatten(2) * SHARPNESS
    weight = flat.softmax(dim=2)
    return (weight * maps.flatten(2)).sum(dim=2)
