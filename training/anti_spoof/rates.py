"""Error rates of ISO/IEC 30107-3 with their confidence intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

Z = 1.959964
"""Of a two-sided interval of 95 %."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`events` of `trials`, with the Wilson score interval of 95 % (Wilson, JASA 1927)."""

    events: int
    trials: int

    @property
    def value(self) -> float:
        return self.events / self.trials if self.trials else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.trials:
            return 0.0, 1.0
        n, p = self.trials, self.value
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        # At 0 and 1 the formula meets them exactly; arithmetic misses by an ulp.
        low = 0.0 if self.events == 0 else max(0.0, middle - half)
        return low, 1.0 if self.events == n else min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:7.2%}  [{low:.2%}, {high:.2%}]  {self.events} of {self.trials}"

    def json(self) -> dict[str, float | int | list[float]]:
        low, high = self.interval
        return {
            "rate": round(self.value, 4),
            "interval": [round(low, 4), round(high, 4)],
            "events": self.events,
            "trials": self.trials,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Attributes:
    apcer: per attack type (presentation attack instrument species), attacks taken for bona fide.
    bpcer: bona fide presentations taken for attacks.
    silent: per set, presentations that were not assessed (no face, or out of the judge's domain); they count in
        neither rate, as the standard's non-response rates (APNRR, BPNRR).
    """

    apcer: Mapping[str, Rate]
    bpcer: Rate
    silent: Mapping[str, Rate]

    @property
    def worst(self) -> float:
        """APCER of the worst type: the standard forbids to average over types."""
        return max((rate.value for rate in self.apcer.values()), default=0.0)

    @property
    def acer(self) -> float:
        """Mean of the worst APCER and BPCER, as papers report it; the standard no longer does."""
        return (self.worst + self.bpcer.value) / 2


def report(
    attacks: Mapping[str, Sequence[float | None]], genuine: Sequence[float | None], limit: float
) -> Report:
    """Rates at `limit` from the judge's answers; None is no answer."""
    silent = {kind: _silent(answers) for kind, answers in {"genuine": genuine, **attacks}.items()}
    apcer = {
        kind: Rate(sum(a >= limit for a in _said(answers)), len(_said(answers)))
        for kind, answers in attacks.items()
    }
    said = _said(genuine)
    return Report(apcer, Rate(sum(a < limit for a in said), len(said)), silent)


def _said(answers: Sequence[float | None]) -> list[float]:
    return [answer for answer in answers if answer is not None]


def _silent(answers: Sequence[float | None]) -> Rate:
    return Rate(sum(answer is None for answer in answers), len(answers))
