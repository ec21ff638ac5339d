"""What it takes to describe one side of one document: its labels, its marks, and how to read each value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import inf
from types import MappingProxyType

import numpy as np

from models.types import TextLine
from pipelines.documents.labels import Anchor, Label, find_labels, likeness
from pipelines.documents.layout import FRAME, Place, Run, Zone, columns_of_rows
from pipelines.documents.values import Read, Value
from pipelines.parsing.dates import parse_date
from pipelines.parsing.text import squash
from pipelines.types import (
    DocumentClass,
    DocumentKind,
    Field,
    FieldName,
    MrzForm,
    Side,
    Source,
)

HEADINGS = Label.of(
    None,
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "SOCIALIST REPUBLIC OF VIET NAM",
    "Independence - Freedom - Happiness",
    "SPECIMEN",
    "SPECIMEN - MẪU",
)
"""Printed on every card; never a value."""

_ENOUGH = 5.0
"""Weight of marks that makes a side certain; the rest may be unreadable. A title weighs 2, a label 1 to 1.5."""
_FOREIGN_NUMBER = 2.0
"""Weight of a number of another document against a side: as much as a title."""
_DIGIT_RUN, _PARTED = re.compile(r"[0-9](?:[ .]?[0-9])*"), re.compile(r"[ .]")
_LABEL_LIKE = re.compile(r"\s/|/\s")
"""Two languages parted by a slash: a label however garbled, never the second row of a value."""
_IN_ZONE = 15.0
"""0-100, added to a label's score where its value stands in the field's zone: "Ngày, tháng, năm cấp" and "Ngày,
tháng, năm hết hạn" are four letters apart."""
_DOUBTFUL_LABEL, _SURE_LABEL, _LABEL_ROWS = 80.0, 95.0, 2.0
"""0-100: a label found as badly as the first is an accident where the same field's is found as well as the second, more
than so many rows' heights away: a side prints it once, though in two languages on two rows. "Quận N..." of an address
holds 73 of "Quê quán"."""
_ROW_GAP = 1.6
"""Rows of one value are nearer than this times their height; rows of different blocks are farther."""
_ZONE_SLACK = 0.03
"""Of the card's height: a value never goes on below its zone, as known to this."""
_SIDE_SLACK = 0.02
"""Of the card's width: a value may begin this far to the left of the label above it."""
_COLUMN_GAP = 0.08
"""Of the card's width: so wide a blank parts two values, the left one of which has lost its label."""
_UNLABELLED_CONFIDENCE = 0.85
"""Upper bound, below what may contradict: of two dates side by side it may be the other."""
_SURE, _ABSENT = 90.0, 65.0
"""0-100 likeness of a mark: from here it counts in full; below, not at all. Unrelated Vietnamese text of a card's
length reaches 60."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """How one field is found.

    Attributes:
        labels: as printed, "Tiếng Việt / English". None: found by zone and content, also in pre-printed text.
        zone: where its value stands. A prior: a labelled value is believed outside it too.
        most_rows: of the value, the label's own row included.
        optional: not on every document of the kind; without its label it is not there.
        anywhere: nothing else on the side reads like it, so it is also looked for outside its zone.
    """

    name: FieldName
    read: Read
    zone: Zone
    labels: tuple[str, ...] = ()
    most_rows: int = 2
    optional: bool = False
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class Marks:
    """Printed words that tell a side from the others, with their weights; `against` belong to other sides.

    `issued` is the weight of a day in the text: for it inside the kind's window of issue, against it outside. It
    tells apart sides that print the same words. `foreign_run` is a number of digits that no number of the side has.
    """

    of_side: Mapping[str, float]
    against: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    issued: float = 0.0
    foreign_run: int = 0

    def score(
        self, letters: str, in_window: bool | None = None, *, foreign_number: bool = False
    ) -> float:
        """How much squashed text looks like the side, in [0, 1]; `in_window` is None where no day was read."""
        found = sum(w * _presence(text, letters) for text, w in self.of_side.items())
        denied = sum(w * _presence(text, letters) for text, w in self.against.items())
        denied += _FOREIGN_NUMBER * foreign_number
        if in_window is not None and found >= self.issued:  # a day alone makes no document
            found += self.issued * in_window
            denied += self.issued * (not in_window)
        enough = min(_ENOUGH, sum(self.of_side.values()))
        return min(1.0, max(0.0, (found - denied) / enough))


@dataclass(frozen=True, slots=True)
class SideSpec:
    """One side of one document.

    Attributes:
        edges: fractions of the width that part columns of print.
        cuts: see `DocumentClass`.
        boilerplate: printed words that are never a value, beside the national headings.
        qr_zone, mrz_zone: where the codes stand; text in the MRZ zone is no field.
    """

    slug: str
    kind: DocumentKind
    side: Side
    marks: Marks
    fields: tuple[FieldSpec, ...]
    edges: tuple[float, ...] = ()
    cuts: tuple[tuple[float, float, float], ...] = ()
    boilerplate: tuple[str, ...] = ()
    qr_zone: Zone | None = None
    mrz_zone: Zone | None = None
    mrz_form: MrzForm = MrzForm.TD1

    def document(self) -> DocumentClass:
        labels = (
            HEADINGS,
            Label.of(None, *self.boilerplate),
            *(
                Label.of(spec.name, *spec.labels, home=spec.zone)
                for spec in self.fields
                if spec.labels
            ),
        )
        marks = Marks(
            MappingProxyType({squash(k): v for k, v in self.marks.of_side.items()}),
            MappingProxyType({squash(k): v for k, v in self.marks.against.items()}),
            self.marks.issued,
            self.marks.foreign_run,
        )

        def looks_like(lines: Sequence[TextLine]) -> float:
            letters = "".join(squash(line.text) for line in lines)
            foreign = bool(marks.foreign_run) and any(
                len(_PARTED.sub("", run)) == marks.foreign_run
                for line in lines
                for run in _DIGIT_RUN.findall(line.text)
            )
            if not marks.issued:
                return marks.score(letters, foreign_number=foreign)
            rows = [row for column in columns_of_rows(lines, self.edges) for row in column]
            return marks.score(letters, _in_window(rows, self.kind), foreign_number=foreign)

        def parse(lines: Sequence[TextLine]) -> Mapping[FieldName, Field]:
            zone = self.mrz_zone
            printed = [line for line in lines if zone is None or not zone.holds(line.quad)]
            page = _Page.of(columns_of_rows(printed, self.edges), labels)
            return _fields(page, self.fields)

        return DocumentClass(
            slug=self.slug,
            kind=self.kind,
            side=self.side,
            fields=tuple(spec.name for spec in self.fields),
            optional=frozenset(spec.name for spec in self.fields if spec.optional),
            looks_like=looks_like,
            parse=parse,
            qr_zone=_corners(self.qr_zone),
            mrz_zone=_corners(self.mrz_zone),
            mrz_form=self.mrz_form,
            cuts=self.cuts,
        )


@dataclass(frozen=True, slots=True)
class _Page:
    """Rows of each column with the labels found in them."""

    columns: tuple[tuple[tuple[Run, tuple[Anchor, ...]], ...], ...]

    @staticmethod
    def of(columns: Sequence[Sequence[Run]], labels: Sequence[Label]) -> _Page:
        found = [[(run, find_labels(run, labels)) for run in rows] for rows in columns]
        sure = [
            (anchor.label.field, run)
            for rows in found
            for run, anchors in rows
            for anchor in anchors
            if anchor.score >= _SURE_LABEL
        ]

        def stands(anchor: Anchor, run: Run) -> bool:
            if anchor.score >= _DOUBTFUL_LABEL:
                return True
            far = _LABEL_ROWS * run.height
            return not any(
                field is anchor.label.field and abs(other.top - run.top) > far
                for field, other in sure
            )

        return _Page(
            tuple(
                tuple((run, tuple(a for a in anchors if stands(a, run))) for run, anchors in rows)
                for rows in found
            )
        )

    def labelled(self, spec: FieldSpec) -> list[list[Run]]:
        """The rows that belong to each label of the field, the surest label first."""
        found: list[tuple[float, list[Run]]] = []
        for rows in self.columns:
            for i, (_, anchors) in enumerate(rows):
                for k, anchor in enumerate(anchors):
                    if anchor.label.field is spec.name:
                        runs = _after(rows, i, k, spec)
                        at_home = any(spec.zone.holds(run.quad) for run in runs)
                        found.append((anchor.score + _IN_ZONE * at_home, runs))
        return [runs for _, runs in sorted(found, key=lambda pair: -pair[0])]

    def rows(self) -> list[Run]:
        """Every row without a field's label."""
        return [
            run
            for rows in self.columns
            for run, anchors in rows
            if not any(anchor.label.field for anchor in anchors)
        ]

    def unlabelled(self, spec: FieldSpec) -> list[Run]:
        """Rows in the zone that hold no label, nor boilerplate unless the value is itself pre-printed."""
        return [
            run
            for rows in self.columns
            for run, anchors in rows
            if spec.zone.holds(run.quad)
            and not any(spec.labels or anchor.label.field for anchor in anchors)
        ]


def _after(
    rows: Sequence[tuple[Run, tuple[Anchor, ...]]], i: int, k: int, spec: FieldSpec
) -> list[Run]:
    """The rest of the label's row, then what belongs to it of the rows below."""
    run, anchors = rows[i]
    end = anchors[k + 1].start if k + 1 < len(anchors) else None
    rest = run.part(anchors[k].end, end)
    parts = [rest if any(c.isalnum() for c in rest.text) else rest.part(0, 0)]
    begin, until = _beneath(run, anchors, k)
    above = run
    for below, others in rows[i + 1 :]:
        too_far = below.top - above.bottom > _ROW_GAP * below.height
        if len(parts) >= spec.most_rows + 1 or too_far:
            break
        if others and others[0].label.field is not spec.name:
            break
        if _LABEL_LIKE.search(below.text) and any(part.text for part in parts):
            break
        beyond = below.quad.centre[1] > (spec.zone.y1 + _ZONE_SLACK) * FRAME[1]
        if beyond and any(part.text for part in parts):
            break
        if others:  # the label's other language, on a row of its own
            parts.append(below.part(others[0].end, others[1].start if len(others) > 1 else None))
        else:
            parts.append(below.within(begin if k else _column_start(below, begin), until))
        above = below
    filled = [part for part in parts if part.text]
    return filled[: spec.most_rows]


def _beneath(run: Run, anchors: Sequence[Anchor], k: int) -> tuple[float, float]:
    """From which x to which the value below a label may stand, where labels stand side by side."""

    def left(anchor: Anchor) -> float:
        return float(run.ink[anchor.start, 1]) - _SIDE_SLACK * FRAME[0]

    return left(anchors[k]), left(anchors[k + 1]) if k + 1 < len(anchors) else inf


def _column_start(below: Run, left: float) -> float:
    """Where the column under a row's first label begins: a row may begin left of its label, unless a wide blank shows that
    something else does."""
    blanks = below.ink[1:, 1] - below.ink[:-1, 3] > _COLUMN_GAP * FRAME[0]
    starts = below.ink[1:, 1][blanks]
    return left if bool((np.abs(starts - left) < _COLUMN_GAP * FRAME[0]).any()) else -inf


def _fields(page: _Page, specs: Sequence[FieldSpec]) -> Mapping[FieldName, Field]:
    """Values beside their labels first; what is left of the print goes by its place to fields whose label was not found."""
    values = {spec.name: _by_label(page, spec) for spec in specs}
    for spec in specs:
        if values[spec.name] is None and spec.labels and not spec.optional:
            taken = frozenset(place for v in values.values() if v for place in v.run.places)
            values[spec.name] = _by_place(page, spec, taken)
    return MappingProxyType({name: _field(name, value) for name, value in values.items()})


def _field(name: FieldName, value: Value | None) -> Field:
    if value is None:
        return Field(name, None, 0.0, Source.OCR)
    return Field(
        name=name,
        text=value.text,
        confidence=value.confidence,
        source=Source.OCR,
        normal=value.normal,
        quad=value.run.quad,
    )


def _by_label(page: _Page, spec: FieldSpec) -> Value | None:
    """The value beside its label; of a field printed without one, the value in its zone."""
    for runs in page.labelled(spec):
        value = spec.read(runs)
        if value is not None:
            return value
    return None if spec.labels or spec.optional else _by_place(page, spec, frozenset())


def _by_place(page: _Page, spec: FieldSpec, taken: frozenset[Place]) -> Value | None:
    """A value in the field's zone, print that is another field's left out. Without a label that should be there it is
    never sure: only what reads like nothing else is."""
    value = spec.read([run.without(taken) for run in page.unlabelled(spec)])
    if value is None and spec.anywhere:
        value = spec.read([run.without(taken) for run in page.rows()])
    if value is None or spec.anywhere or not spec.labels:
        return value
    return replace(value, confidence=min(value.confidence, _UNLABELLED_CONFIDENCE))


def _in_window(rows: Sequence[Run], kind: DocumentKind) -> bool | None:
    """Was it issued when such documents were, by the last day printed? None when no day is read."""
    days = [day for row in rows if (day := parse_date(row.text))]
    first, last = kind.issued
    return (first or date.min) <= max(days) <= (last or date.max) if days else None


def _presence(mark: str, letters: str) -> float:
    likely = likeness(mark, letters, _ABSENT)
    return min(1.0, max(0.0, (likely - _ABSENT) / (_SURE - _ABSENT)))


def _corners(zone: Zone | None) -> tuple[float, float, float, float] | None:
    return None if zone is None else (zone.x0, zone.y0, zone.x1, zone.y1)
