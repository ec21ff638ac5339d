"""The account of one request, written down while it is worked on: each step, what it was given and what it found."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from app.findings import Json, found, people_in, reason_of
from app.images import Base64Text, Encoded, FileBytes, from_base64
from pipelines.errors import EkycError, FormatMismatch
from pipelines.search_faces import NewFace, Place

PERSON = "person"
"""What every step calls its argument that is a client's id of a person."""


@dataclass(slots=True)
class Step:
    """`what`: the job's or rule's name; `asked`: its arguments by name, so far as they say something."""

    what: str
    asked: dict[str, Json] = field(default_factory=dict)
    files: list[tuple[str, Encoded]] = field(default_factory=list)
    found: Json = None
    _digests: list[Json] | None = None

    def said(self) -> dict[str, Json]:
        """Hashes the files that were sent, which takes a while the first time."""
        if self._digests is None:
            self._digests = [{"name": name, **_digest(file)} for name, file in self.files]
        return {"step": self.what, "asked": self.asked, "files": self._digests, "found": self.found}


@dataclass(slots=True)
class Account:
    """Lives in the event loop's thread until the request is answered.

    Attributes:
        people: whom it concerns: ids the client gave, numbers that were read.
        collection: whose faces were asked about; None: nobody's.
        kept: something was changed, and this account with it, as it was then.
    """

    steps: list[Step] = field(default_factory=list)
    people: set[str] = field(default_factory=set)
    collection: str | None = None
    kept: bool = False

    def begin(self, do: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Step:
        """A step that calls `do(_, *args, **kwargs)`; without `args`, one whose arguments say nothing."""
        step = Step(do.__name__.lstrip("_"))
        self.steps.append(step)
        for name, value in _named(do, args, kwargs) if args else ():
            self._note(step, name, value)
        return step

    def end(self, step: Step, result: object) -> None:
        """Notes what came of it: a result, or the error that was raised."""
        if isinstance(result, EkycError):
            step.found = reason_of(result)
        else:
            step.found = found(result)
            self.people |= people_in(result)

    def said(self) -> dict[str, Json]:
        """What is kept of it. Blocks; see `Step.said`."""
        return {
            "collection": self.collection,
            "people": sorted(self.people),
            "steps": [step.said() for step in self.steps],
        }

    def _note(self, step: Step, name: str, value: object) -> None:
        match value:
            case FileBytes() | Base64Text():
                step.files.append((name, value))
            case Place():
                self.collection = value.collection
            case NewFace():
                self._concerns(value.person)
            case str() if name == PERSON:
                self._concerns(value)
            case Enum():
                step.asked[name] = str(value.value)
            case None | bool() | int() | float():
                step.asked[name] = value
            case list() | tuple() if all(isinstance(one, int | Enum) for one in value):
                step.asked[name] = [one.value if isinstance(one, Enum) else one for one in value]
            case Mapping():
                step.asked[name] = sorted(map(str, value))  # the values may be anything

    def _concerns(self, person: str | None) -> None:
        if person is not None:
            self.people.add(person)


def _named(
    do: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Iterator[tuple[str, object]]:
    """Each argument with the name of its parameter; those of a `*parameter` numbered."""
    signature = inspect.signature(do)
    bound = signature.bind(None, *args, **kwargs)
    for name, value in bound.arguments.items():
        if signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL:
            yield from ((f"{name}[{number}]", one) for number, one in enumerate(value))
        elif value is not None:
            yield name, value


def _digest(file: Encoded) -> dict[str, Json]:
    """Of the file's bytes, however they travelled, so that a client can tell which of its files this was."""
    try:
        content = from_base64(file.text) if isinstance(file, Base64Text) else file.data
    except FormatMismatch:
        return {"sha256": None, "bytes": len(file.text) if isinstance(file, Base64Text) else 0}
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
