"""The CRNN: plain convolutions (fast on a CPU), two bidirectional LSTMs, one CTC head that sees both.

Input N x 1 x 48 x W float32, each line scaled to height 48 and normalised to zero mean and unit deviation
(see `models.text.crnn_ctc.normalise`). Output N x W/4 x (1 + charset) logits; class 0 is the blank.

`grown` starts it from a smaller one of the same kind without losing what that one knows.
"""

from __future__ import annotations

import re

import torch
from torch import Tensor, nn

CHANNELS = (32, 48, 96, 160)
BLOCKS = 4
"""Residual blocks of every stage."""
HEAD = "head.weight"


def _conv(i: int, o: int, stride: tuple[int, int] = (1, 1), kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(i, o, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(o),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _conv(channels, channels)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.second(self.first(x)))


def _stage(channels: int) -> nn.Sequential:
    return nn.Sequential(*(Residual(channels) for _ in range(BLOCKS)))


class Crnn(nn.Module):
    def __init__(
        self, classes: int, channels: tuple[int, int, int, int] = CHANNELS, hidden: int = 128
    ) -> None:
        super().__init__()
        a, b, c, d = channels
        self.features = nn.Sequential(
            _conv(1, a, (2, 2), 5),
            _conv(a, b, (2, 2)),
            _stage(b),
            _conv(b, c, (2, 1)),
            _stage(c),
            _conv(c, d, (2, 1)),
            _stage(d),
        )
        self.neck = nn.Sequential(
            nn.Conv2d(d, 192, (3, 1), bias=False), nn.BatchNorm2d(192), nn.ReLU(inplace=True)
        )
        self.drop = nn.Dropout(0.1)
        self.lstm = nn.LSTM(192, hidden, 1, batch_first=True, bidirectional=True)
        self.context = nn.LSTM(2 * hidden, hidden, 1, batch_first=True, bidirectional=True)
        self.head = nn.Linear(4 * hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.neck(self.features(x)).squeeze(2).transpose(1, 2)
        near = self.drop(self.lstm(self.drop(x))[0])
        far = self.drop(self.context(near)[0])
        return self.head(torch.cat((near, far), 2))


def grown(net: Crnn, old: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights for `net` that compute what `old` computed: those of the same network, or of one before it, with fewer
    blocks a stage or one LSTM, whose every addition starts without a say (Chen et al. 2016, Net2Net)."""
    old = {
        re.sub(r"^(features\.[246])\.(first|second)", r"\1.0.\2", key): x for key, x in old.items()
    }
    weights = net.state_dict()
    for key, x in weights.items():
        if key not in old and key.endswith("second.1.weight"):
            x.zero_()  # the block adds nothing
    head = old.pop(HEAD)
    weights[HEAD][:, head.shape[1] :] = 0
    weights[HEAD][:, : head.shape[1]] = head
    return weights | old
