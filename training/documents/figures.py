"""From results to figures: rates per class, level and field, and the keys that `docs/accuracy.md` quotes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from training.documents.judging import DATES, FieldResult, Result, slug_of
from training.documents.photos import LEVELS

SURE = 0.9
"""A field told with this confidence or more had better be right."""
QR_WIDTH = 1000.0
"""Pixels of card width from which a QR is expected to be read."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `of`; None as a fraction of nothing."""

    hits: int
    of: int

    @staticmethod
    def over(values: Iterable[bool]) -> Rate:
        told = list(values)
        return Rate(sum(told), len(told))

    @property
    def share(self) -> float | None:
        return round(self.hits / self.of, 5) if self.of else None

    def __str__(self) -> str:
        return "-" if not self.of else f"{self.hits / self.of:.1%}"


def fields_of(results: Iterable[Result], wanted: Callable[[str], bool] = bool) -> list[FieldResult]:
    """The fields that documents carry; those of a photo that was refused count as not read."""
    return [
        field
        for result in results
        for name, field in result.fields.items()
        if field.truth is not None and wanted(name)
    ]


def confident_wrong(results: Sequence[Result]) -> Rate:
    """Of all fields carried or read: told surely and wrong, also where nothing is printed."""
    every = [field for result in results for field in result.fields.values()]
    return Rate.over(f.confidence >= SURE and f.read is not None and not f.same for f in every)


def key_figures(results: Sequence[Result]) -> dict[str, Any]:
    """The figures of the bars: of good photos unless the key says otherwise."""
    good = [r for r in results if r.level == "good"]
    poor = [r for r in results if r.level == "poor"]
    readable = [r for r in results if r.qr or r.mrz_valid]

    def exact(name: str, among: Sequence[Result]) -> float | None:
        return Rate.over(f.exact for f in fields_of(among, name.__eq__)).share

    addresses = [f for f in fields_of(good) if f.ward is not None]
    seconds = sorted(r.seconds for r in results)
    return {
        "class": Rate.over(r.right_class for r in good).share,
        "id": exact("number", good),
        "id_machine_readable": exact("number", readable),
        "name": exact("full_name", good),
        "dates": Rate.over(f.same for f in fields_of(good, DATES.__contains__)).share,
        "ward": Rate.over(f.ward == "right" for f in addresses).share,
        "ward_wrong_confident": Rate.over(f.ward == "wrong" for f in addresses).share,
        "qr": Rate.over(r.qr for r in good if r.qr is not None and r.width >= QR_WIDTH).share,
        "mrz": Rate.over(r.mrz for r in good if r.mrz is not None).share,
        "false_fake": Rate.over(r.called_fake for r in results).share,
        "confident_wrong_poor": confident_wrong(poor).share,
        "confident_wrong_good": confident_wrong(good).share,
        "rejected": {
            level: Rate.over(r.read_as is None for r in results if r.level == level).share
            for level in LEVELS
        },
        "seconds_per_side": seconds[len(seconds) // 2] if seconds else None,
        "photos": len(results),
        "per_class": {
            slug: _of_class([r for r in results if slug_of(r.side) == slug])
            for slug in dict.fromkeys(slug_of(r.side) for r in results)
        },
    }


def _of_class(results: Sequence[Result]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for level in LEVELS:
        part = [r for r in results if r.level == level]
        told[level] = {
            "class": Rate.over(r.right_class for r in part).share,
            "rejected": Rate.over(r.read_as is None for r in part).share,
            "fields": {
                name: {
                    "exact": Rate.over(f.exact for f in of_name).share,
                    "same": Rate.over(f.same for f in of_name).share,
                }
                for name in names_of(part)
                for of_name in [fields_of(part, name.__eq__)]
            },
        }
    return told


def names_of(results: Iterable[Result]) -> list[str]:
    """Fields that any of the documents carries, in their order."""
    return list(
        dict.fromkeys(n for r in results for n, f in r.fields.items() if f.truth is not None)
    )


def confusions(results: Iterable[Result]) -> Counter[tuple[str, str]]:
    """(side, class told or "refused") -> photos, of the wrong ones alone."""
    return Counter((r.side, r.read_as or "refused") for r in results if not r.right_class)
