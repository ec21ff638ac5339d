"""The CRNN: plain convolutions (fast on a CPU), one bidirectional LSTM, one CTC head.

Input N x 1 x 32 x W float32, each line scaled to height 32 and normalised to zero mean and unit deviation
(see `models.text.crnn_ctc.normalise`). Output N x W/4 x (1 + charset) logits; class 0 is the blank.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

CHANNELS = (32, 48, 96, 160)


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


class Crnn(nn.Module):
    def __init__(
        self, classes: int, channels: tuple[int, int, int, int] = CHANNELS, hidden: int = 128
    ) -> None:
        super().__init__()
        a, b, c, d = channels
        self.features = nn.Sequential(
            _conv(1, a, (2, 2), 5),
            _conv(a, b, (2, 2)),
            Residual(b),
            _conv(b, c, (2, 1)),
            Residual(c),
            _conv(c, d, (2, 1)),
            Residual(d),
        )
        self.neck = nn.Sequential(
            nn.Conv2d(d, 192, (3, 1), bias=False), nn.BatchNorm2d(192), nn.ReLU(inplace=True)
        )
        self.drop = nn.Dropout(0.1)
        self.lstm = nn.LSTM(192, hidden, 1, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.neck(self.features(x)).squeeze(2).transpose(1, 2)
        return self.head(self.drop(self.lstm(self.drop(x))[0]))
